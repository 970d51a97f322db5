package wechat_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"zizhi/handlers/wechat"
	"zizhi/handlers/wechat/wechattest"
)

// refused says whether err is one of the three that callers tell apart.
func refused(err error) bool {
	return errors.Is(err, wechat.ErrForged) || errors.Is(err, wechat.ErrStale) || errors.Is(err, wechat.ErrGarbled)
}

// FuzzOpen gives strangers' bodies to the door: unsigned, signed in plain, as the
// ciphertext, and inside a proper ciphertext. Nothing panics; what is opened can be
// answered, and the answer reaches who sent it.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("<xml>"+head+"</xml>"), "signature=1&timestamp=1700000000&nonce=2")
	f.Add(plain("直播 ]]>"), "")
	f.Add(wechattest.Scan(user, "直播").XML(account), "msg_signature=1")
	f.Add(wechattest.Location(user, "x").XML(account), "encrypt_type=aes")
	f.Add(wrap("AAAA"), "timestamp=99999999999999999999")
	f.Add([]byte(`<?xml version="1.0"?><xml><a/>&#x41;<![CDATA[`), "%zz")
	f.Fuzz(func(t *testing.T, body []byte, raw string) {
		q, _ := url.ParseQuery(raw)
		if e, err := door(wechat.Plain).Open(q, body, now); err == nil {
			t.Fatalf("unsigned, but opened: %+v", e)
		} else if !refused(err) {
			t.Fatalf("%v is none of the three errors", err)
		}
		opened(t, wechat.Plain, query(stamp, nonce, ""), body)
		opened(t, wechat.Compat, query(stamp, nonce, ""), body)
		sealed := strings.ToValidUTF8(string(body), "")
		opened(t, wechat.Safe, query(stamp, nonce, sealed), wrap(sealed))
		sealed = encrypt(t, body, appID, key)
		opened(t, wechat.Safe, query(stamp, nonce, sealed), wrap(sealed))
	})
}

// opened checks what comes out of a signed request.
func opened(t *testing.T, mode wechat.Mode, q url.Values, body []byte) {
	d := door(mode)
	e, err := d.Open(q, body, now)
	if err != nil {
		if !refused(err) {
			t.Fatalf("%v: %v is none of the three errors", mode, err)
		}
		return
	}
	m := e.Message
	if m.FromUserName == "" || m.ToUserName == "" || m.MsgType == "" || e.Key() == "" || e.Signature == "" {
		t.Fatalf("%v: opened without identity: %+v", mode, m)
	}
	answer, err := d.Seal(e, wechat.Reply{Text: "ok"}, now)
	if err != nil {
		t.Fatalf("%v: %v", mode, err)
	}
	sender := &wechattest.Sender{Token: token, AppID: appID, Key: key, Mode: mode, Account: string(m.ToUserName)}
	if r, err := sender.Judge(wechattest.Message{From: string(m.FromUserName)}, http.StatusOK, answer); err != nil || r.Text != "ok" {
		t.Fatalf("%v: answered %s\nWeChat read %+v, %v", mode, answer, r, err)
	}
}

// FuzzVerify gives strangers' queries to the door.
func FuzzVerify(f *testing.F) {
	f.Add("signature=&timestamp=&nonce=&echostr=")
	f.Add("signature=0&timestamp=1700000000&nonce=1&echostr=x&timestamp=2")
	f.Add(query(stamp, nonce, "x").Encode())
	f.Fuzz(func(t *testing.T, raw string) {
		q, _ := url.ParseQuery(raw)
		echo, err := door(wechat.Safe).Verify(q, now)
		if err != nil && (!refused(err) || echo != "") {
			t.Fatalf("%q, %v is none of the three errors", echo, err)
		}
		if err == nil && (echo != q.Get("echostr") || len(q.Get("signature")) != 40) {
			t.Fatalf("let in: %q answered with %q", raw, echo)
		}
	})
}

// FuzzSeal writes any text; WeChat reads the same without what XML cannot carry.
func FuzzSeal(f *testing.F) {
	f.Add("直播\n需要")
	f.Add("]]>]]]]>]]\x00>\xff]>")
	f.Add("\xed\xa0\x80\ufffe\r\n\u2028")
	f.Fuzz(func(t *testing.T, text string) {
		want := strings.Map(func(r rune) rune {
			if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
				return -1
			}
			return r
		}, strings.ToValidUTF8(text, ""))
		want = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(want)

		d := door(wechat.Plain)
		e, err := d.Open(query(stamp, nonce, ""), plain("hi"), now)
		if err != nil {
			t.Fatal(err)
		}
		body, err := d.Seal(e, wechat.Reply{Text: text}, now)
		if empty := strings.TrimSpace(want) == ""; empty || err != nil {
			if empty != errors.Is(err, wechat.ErrEmpty) {
				t.Fatalf("%q: error %v, empty %v", text, err, empty)
			}
			return
		}
		r, err := (&wechattest.Sender{Mode: wechat.Plain}).Judge(wechattest.Message{From: user}, http.StatusOK, body)
		switch tooLong := len(want) > wechattest.MaxText; {
		case tooLong && !errors.Is(err, wechattest.ErrFault):
			t.Fatalf("%d bytes were taken", len(want))
		case !tooLong && (err != nil || r.Text != want || !utf8.Valid(body)):
			t.Fatalf("wrote %q, WeChat read %+v, %v, expected %q", text, r, err, want)
		}
	})
}
