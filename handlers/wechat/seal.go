package wechat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/silenceper/wechat/v2/officialaccount/message"
	"github.com/silenceper/wechat/v2/util"
)

// Reply is what a person gets: a text, or the account's human agents.
type Reply struct {
	Text     string
	Transfer bool // hand over to the agents (transfer_customer_service); the text is then not sent
}

// ErrEmpty: there is nothing to send. WeChat shows an error to people who are sent
// an empty text; answer "success" instead, which means "no reply".
var ErrEmpty = errors.New("wechat: the reply is empty")

// Seal writes the complete body of the answer to e: from and to swapped, now as its
// time, encrypted with the key that opened e if it came encrypted, and in Safe mode
// always. Bytes that are no UTF-8 and characters that XML cannot carry are left out.
// It does not cut: WeChat takes 2047 bytes of text at most.
//
// The same message, reply and time give the same bytes.
func (d *Door) Seal(e *Envelope, r Reply, now time.Time) ([]byte, error) {
	if e == nil || e.Message == nil {
		return nil, errors.New("wechat: no message to reply to")
	}
	body, err := write(e.Message, r, now)
	if err != nil {
		return nil, err
	}
	key, appID := e.key, e.appID
	if key == nil {
		if d.Mode == Plain || d.Mode == Compat {
			return body, nil
		}
		if len(d.Keys) == 0 {
			return nil, errors.New("wechat: safe mode, but this server has no EncodingAESKey to encrypt a reply with")
		}
		if key, err = decodeKey(d.Keys[0]); err != nil {
			return nil, fmt.Errorf("wechat: %w", err)
		}
		appID = d.AppID
	}
	return d.encrypt(body, key, appID, now), nil
}

// write makes the plain XML.
func write(m *message.MixMessage, r Reply, now time.Time) ([]byte, error) {
	out := make([]byte, 0, 320+len(r.Text))
	out = append(out, "<xml><ToUserName>"...)
	out, _ = appendCDATA(out, string(m.FromUserName))
	out = append(out, "</ToUserName><FromUserName>"...)
	out, _ = appendCDATA(out, string(m.ToUserName))
	out = append(out, "</FromUserName><CreateTime>"...)
	out = strconv.AppendInt(out, now.Unix(), 10)
	if r.Transfer {
		return append(out, "</CreateTime><MsgType><![CDATA[transfer_customer_service]]></MsgType></xml>"...), nil
	}
	out = append(out, "</CreateTime><MsgType><![CDATA[text]]></MsgType><Content>"...)
	out, visible := appendCDATA(out, r.Text)
	if !visible {
		return nil, ErrEmpty
	}
	return append(out, "</Content></xml>"...), nil
}

// encrypt wraps body in the XML of encrypted replies.
func (d *Door) encrypt(body, key []byte, appID string, now time.Time) []byte {
	// What WeChat's protocol wants at random follows from key and body here, so
	// that every delivery of a message gets the same bytes, from any instance.
	mac := hmac.New(sha256.New, key)
	mac.Write(body)
	random := mac.Sum(nil)
	nonce := hex.EncodeToString(random[16:24])
	cipher := util.AESEncryptMsg(random[:16], body, appID, key)
	sealed := base64.StdEncoding.EncodeToString(cipher)
	stamp := strconv.FormatInt(now.Unix(), 10)

	out := make([]byte, 0, 240+len(sealed)+len(nonce))
	out = append(out, "<xml><Encrypt><![CDATA["...)
	out = append(out, sealed...)
	out = append(out, "]]></Encrypt><MsgSignature><![CDATA["...)
	out = append(out, util.Signature(d.Token, stamp, nonce, sealed)...)
	out = append(out, "]]></MsgSignature><TimeStamp>"...)
	out = append(out, stamp...)
	out = append(out, "</TimeStamp><Nonce>"...)
	out = append(out, nonce...)
	return append(out, "</Nonce></xml>"...)
}

// appendCDATA writes s as a CDATA section without what XML cannot carry; ]]> is
// split over two sections. It says whether anything but blanks was written.
func appendCDATA(out []byte, s string) (_ []byte, visible bool) {
	out = append(out, cdataOpen...)
	brackets := 0 // how many ] stand last in what is written, whatever was left out between them
	done := 0     // s[:done] is dealt with; what follows up to i is copied in one piece
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1 || !allowed(r):
			out = append(out, s[done:i]...)
			done = i + size
		case r == ']':
			brackets, visible = brackets+1, true
		case r == '>' && brackets >= 2:
			out = append(append(out, s[done:i]...), "]]><![CDATA["...)
			done, brackets = i, 0
		default:
			brackets = 0
			visible = visible || !unicode.IsSpace(r)
		}
		i += size
	}
	out = append(out, s[done:]...)
	return append(out, cdataClose...), visible
}
