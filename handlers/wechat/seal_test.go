package wechat_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"zizhi/handlers/wechat"
	"zizhi/handlers/wechat/wechattest"
)

func TestSealPlain(t *testing.T) {
	d := door(wechat.Plain)
	e, err := d.Open(query(stamp, nonce, ""), plain("hi"), now)
	if err != nil {
		t.Fatal(err)
	}
	const frame = "<xml><ToUserName><![CDATA[" + user + "]]></ToUserName><FromUserName><![CDATA[" + account +
		"]]></FromUserName><CreateTime>1700000003</CreateTime><MsgType><![CDATA[%]]></MsgType></xml>"
	cases := []struct {
		name  string
		reply wechat.Reply
		want  string // of MsgType and what follows
	}{
		{"text", wechat.Reply{Text: "直播\n需要"}, "text]]></MsgType><Content><![CDATA[直播\n需要]]></Content></xml>"},
		{"a link", wechat.Reply{Text: `<a href="x">1</a>`}, `text]]></MsgType><Content><![CDATA[<a href="x">1</a>]]></Content></xml>`},
		{"]]>", wechat.Reply{Text: "a]]>b"}, "text]]></MsgType><Content><![CDATA[a]]]]><![CDATA[>b]]></Content></xml>"},
		{"]]> twice", wechat.Reply{Text: "]]>]]]>"}, "text]]></MsgType><Content><![CDATA[]]]]><![CDATA[>]]]]]><![CDATA[>]]></Content></xml>"},
		{"]] and > apart", wechat.Reply{Text: "]] >"}, "text]]></MsgType><Content><![CDATA[]] >]]></Content></xml>"},
		{"]]> around a forbidden character", wechat.Reply{Text: "]\x00]\xff>"}, "text]]></MsgType><Content><![CDATA[]]]]><![CDATA[>]]></Content></xml>"},
		{"forbidden characters", wechat.Reply{Text: "a\x00\x08\x1f\xff\xed\xa0\x80\ufffe\uffffb\t\n"}, "text]]></MsgType><Content><![CDATA[ab\t\n]]></Content></xml>"},
		{"only brackets", wechat.Reply{Text: "]"}, "text]]></MsgType><Content><![CDATA[]]]></Content></xml>"},
		{"transfer", wechat.Reply{Transfer: true}, "transfer_customer_service]]></MsgType></xml>"},
		{"transfer with a text", wechat.Reply{Transfer: true, Text: "x"}, "transfer_customer_service]]></MsgType></xml>"},
	}
	for _, c := range cases {
		got, err := d.Seal(e, c.reply, now.Add(3*time.Second+time.Millisecond))
		if want := strings.Replace(frame, "%]]></MsgType></xml>", c.want, 1); err != nil || string(got) != want {
			t.Errorf("%s: %v\n got %s\nwant %s", c.name, err, got, want)
		}
	}
}

func TestSealNothing(t *testing.T) {
	for _, mode := range []wechat.Mode{wechat.Plain, wechat.Safe} {
		d := door(mode)
		sender := &wechattest.Sender{Token: token, AppID: appID, Key: key, Mode: mode}
		e := openSent(t, sender, d, wechattest.Text(user, "hi"))
		for _, text := range []string{"", " \n\t", "　", "\x00", "\xff"} {
			if body, err := d.Seal(e, wechat.Reply{Text: text}, now); !errors.Is(err, wechat.ErrEmpty) || body != nil {
				t.Errorf("%v: %q: %s, %v, expected ErrEmpty", mode, text, body, err)
			}
		}
	}
	for _, e := range []*wechat.Envelope{nil, {}} {
		if _, err := door(wechat.Plain).Seal(e, wechat.Reply{Text: "x"}, now); err == nil {
			t.Errorf("no message to reply to: no error")
		}
	}
}

// The key that opened a message seals its reply, whatever the order of the keys.
func TestSealWithTheKeyThatOpened(t *testing.T) {
	for _, used := range []string{key, oldKey} {
		for _, mode := range []wechat.Mode{wechat.Compat, wechat.Safe} {
			sender := &wechattest.Sender{Token: token, AppID: appID, Key: used, Mode: mode}
			m := wechattest.Text(user, "hi")
			body, err := door(mode).Seal(openSent(t, sender, door(mode), m), wechat.Reply{Text: "ok"}, now)
			if err != nil || !bytes.Contains(body, []byte("<Encrypt>")) {
				t.Fatalf("%v: not encrypted: %s, %v", mode, body, err)
			}
			if r, err := sender.Judge(m, http.StatusOK, body); err != nil || r.Text != "ok" {
				t.Errorf("%v, key %.3s…: WeChat read %+v, %v", mode, used, r, err)
			}
		}
	}
}

// In Safe mode nothing leaves unencrypted, even for an envelope that came in plain.
func TestSafeAlwaysEncrypts(t *testing.T) {
	m := wechattest.Text(user, "hi")
	e, err := door(wechat.Plain).Open(query(stamp, nonce, ""), m.XML(account), now)
	if err != nil {
		t.Fatal(err)
	}
	body, err := door(wechat.Safe).Seal(e, wechat.Reply{Text: "ok"}, now)
	if err != nil {
		t.Fatal(err)
	}
	sender := &wechattest.Sender{Token: token, AppID: appID, Key: key, Mode: wechat.Safe}
	if r, err := sender.Judge(m, http.StatusOK, body); err != nil || r.Text != "ok" {
		t.Errorf("WeChat read %+v, %v", r, err)
	}
	for _, keys := range [][]string{nil, {"short"}} {
		if body, err := (&wechat.Door{Token: token, Mode: wechat.Safe, Keys: keys}).Seal(e, wechat.Reply{Text: "ok"}, now); err == nil {
			t.Errorf("keys %v: sealed without a key: %s", keys, body)
		}
	}
}

// Every delivery of a message gets the same bytes; another message gets others,
// not even with the same beginning.
func TestSealIsRepeatable(t *testing.T) {
	d := door(wechat.Safe)
	sender := &wechattest.Sender{Token: token, AppID: appID, Key: key, Mode: wechat.Safe}
	m := wechattest.Text(user, "hi")
	seal := func(m wechattest.Message, text string) string {
		sealed, err := d.Seal(openSent(t, sender, d, m), wechat.Reply{Text: text}, now)
		if err != nil {
			t.Fatal(err)
		}
		return string(sealed)
	}
	if one, two := seal(m, "ok"), seal(m, "ok"); one != two {
		t.Errorf("two deliveries got\n%s\n%s", one, two)
	}
	const start = len("<xml><Encrypt><![CDATA[") + 24 // of the ciphertext
	if one, two := seal(m, "ok"), seal(m, "no"); one[:start] == two[:start] {
		t.Errorf("different replies begin alike:\n%s\n%s", one, two)
	}
}
