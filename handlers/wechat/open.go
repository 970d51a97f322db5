package wechat

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/silenceper/wechat/v2/officialaccount/message"
	"github.com/silenceper/wechat/v2/util"
)

// Envelope is a message that has been proved and opened, with what is needed to
// seal the answer to it.
type Envelope struct {
	Message   *message.MixMessage
	Signature string // the one that proved the delivery: msg_signature if it came encrypted, else signature

	timestamp, nonce string
	key              []byte // the AES key that opened it; nil if it came in plain
	appID            string // the app id found inside
}

// Open proves and reads the body of a POST request. The caller bounds its size.
//
//   - Plain: a body with an Encrypt element is ErrGarbled, since there is nothing to open it with.
//   - Compat: if there is an Encrypt element, it alone counts; a query that announces
//     encryption with a body that has none is ErrForged.
//   - Safe: a body without an Encrypt element is ErrForged.
//
// A ciphertext that no key opens is ErrGarbled, one for another app id ErrForged.
func (d *Door) Open(q url.Values, body []byte, now time.Time) (*Envelope, error) {
	e, err := d.prove(q, now)
	if err != nil {
		return nil, err
	}
	sealed, encrypted, err := findEncrypt(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrGarbled, err)
	}
	switch announced := q.Get("msg_signature") != "" || q.Get("encrypt_type") == "aes"; {
	case encrypted && d.Mode == Plain:
		return nil, fmt.Errorf("%w: the message is encrypted, but this server's mode is plain", ErrGarbled)
	case encrypted:
		body, err = d.unlock(e, q.Get("msg_signature"), sealed)
	case d.Mode != Plain && d.Mode != Compat:
		err = fmt.Errorf("%w: the message is not encrypted, but this server's mode is safe", ErrForged)
	case d.Mode == Compat && announced:
		err = fmt.Errorf("%w: the query announces an encrypted message, the body has none", ErrForged)
	}
	if err != nil {
		return nil, err
	}
	if e.Message, err = parse(body); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrGarbled, err)
	}
	return e, nil
}

// unlock checks msg_signature over the ciphertext, decrypts it with the first key
// that fits and notes in e what did.
func (d *Door) unlock(e *Envelope, signature, sealed string) ([]byte, error) {
	if !same(signature, util.Signature(d.Token, e.timestamp, e.nonce, sealed)) {
		return nil, fmt.Errorf("%w: msg_signature does not fit the encrypted message", ErrForged)
	}
	cipher, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return nil, fmt.Errorf("%w: Encrypt is not base64", ErrGarbled)
	}
	for _, encoded := range d.Keys {
		key, err := decodeKey(encoded)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrGarbled, err)
		}
		body, appID, err := decrypt(cipher, key)
		if err != nil {
			continue
		}
		if d.AppID != "" && appID != d.AppID {
			return nil, fmt.Errorf("%w: encrypted for another app id than this server's", ErrForged)
		}
		e.key, e.appID, e.Signature = key, appID, signature
		return body, nil
	}
	return nil, fmt.Errorf("%w: none of the %d EncodingAESKeys opens the message", ErrGarbled, len(d.Keys))
}

// decrypt turns a panic of the SDK into an error: where an int has 32 bits, a huge
// length inside the ciphertext makes it slice out of bounds.
func decrypt(cipher, key []byte) (body []byte, appID string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decrypt: %v", p)
		}
	}()
	_, body, id, err := util.AESDecryptMsg(cipher, key)
	return body, string(id), err
}

// decodeKey reads an EncodingAESKey. It is done for each message, since it takes
// some 50 ns and spares Door any state.
func decodeKey(encoded string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(encoded + "=")
	if err != nil || len(encoded) != 43 || len(key) != 32 {
		return nil, fmt.Errorf("an EncodingAESKey of this server is not 43 characters of base64 (it has %d)", len(encoded))
	}
	return key, nil
}

// Key is the identity of the message across deliveries: all retries of one message
// have the same key, no two messages do. It is no secret and not for display.
//
// The fields are joined with a character that XML cannot carry, so none of them can
// imitate another. MsgId alone is not enough: it has collided across users. Events
// have none; two of one person in one second differ in Event or EventKey.
func (e *Envelope) Key() string {
	const sep = "\x1f"
	m := e.Message
	from, created := string(m.FromUserName), strconv.FormatInt(m.CreateTime, 10)
	switch {
	case m.MsgType == message.MsgTypeEvent:
		return "event" + sep + from + sep + created + sep + string(m.Event) + sep + m.EventKey
	case m.MsgID == 0: // WeChat always sends one; a sender that does not must not be answered with another's reply
		return string(m.MsgType) + sep + from + sep + created + sep + m.Content
	}
	return strconv.FormatInt(m.MsgID, 10) + sep + from + sep + created
}
