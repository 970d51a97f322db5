package wechat_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/officialaccount/message"
	"github.com/silenceper/wechat/v2/util"

	"zizhi/handlers/wechat"
	"zizhi/handlers/wechat/wechattest"
)

const stamp, nonce = "1700000000", "1372623149"

func plain(content string) []byte { return wechattest.Text(user, content).XML(account) }

// encrypt seals body for the given account; the SDK's crypto is itself held against
// independent vectors in vectors_test.go.
func encrypt(t testing.TB, body []byte, appID, key string) string {
	t.Helper()
	sealed, err := util.EncryptMsg([]byte("0123456789abcdef"), body, appID, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(sealed)
}

func wrap(sealed string) []byte {
	return fmt.Appendf(nil, "<xml><ToUserName><![CDATA[%s]]></ToUserName><Encrypt><![CDATA[%s]]></Encrypt></xml>", account, sealed)
}

// both is a body in Compat mode.
func both(body []byte, sealed string) []byte {
	return []byte(strings.Replace(string(body), "</xml>", "<Encrypt><![CDATA["+sealed+"]]></Encrypt></xml>", 1))
}

func TestOpenModes(t *testing.T) {
	sealed := encrypt(t, plain("sealed"), appID, key)
	cases := []struct {
		name   string
		mode   wechat.Mode
		q      url.Values
		body   []byte
		want   string // the text that is read
		refuse error
	}{
		{"plain to plain", wechat.Plain, query(stamp, nonce, ""), plain("open"), "open", nil},
		{"encrypted to plain", wechat.Plain, query(stamp, nonce, sealed), wrap(sealed), "", wechat.ErrGarbled},
		{"both to plain", wechat.Plain, query(stamp, nonce, sealed), both(plain("open"), sealed), "", wechat.ErrGarbled},
		{"plain to compat", wechat.Compat, query(stamp, nonce, ""), plain("open"), "open", nil},
		{"encrypted to compat", wechat.Compat, query(stamp, nonce, sealed), wrap(sealed), "sealed", nil},
		{"both to compat: the sealed part counts", wechat.Compat, query(stamp, nonce, sealed), both(plain("open"), sealed), "sealed", nil},
		{"both to compat, unsigned", wechat.Compat, query(stamp, nonce, ""), both(plain("open"), sealed), "", wechat.ErrForged},
		{"stripped to compat", wechat.Compat, query(stamp, nonce, sealed), plain("open"), "", wechat.ErrForged},
		{"empty Encrypt to compat", wechat.Compat, query(stamp, nonce, ""), both(plain("open"), ""), "", wechat.ErrForged},
		{"plain to safe", wechat.Safe, query(stamp, nonce, ""), plain("open"), "", wechat.ErrForged},
		{"encrypted to safe", wechat.Safe, query(stamp, nonce, sealed), wrap(sealed), "sealed", nil},
		{"both to safe: the sealed part counts", wechat.Safe, query(stamp, nonce, sealed), both(plain("open"), sealed), "sealed", nil},
		{"plain to an unknown mode", wechat.Mode(9), query(stamp, nonce, ""), plain("open"), "", wechat.ErrForged},
	}
	for _, c := range cases {
		e, err := door(c.mode).Open(c.q, c.body, now)
		if !errors.Is(err, c.refuse) || c.refuse == nil && (err != nil || e.Message.Content != c.want) {
			t.Errorf("%s: error %v, expected %v; envelope %+v, expected the text %q", c.name, err, c.refuse, e, c.want)
		}
	}
}

// The request never chooses how it is checked.
func TestEncryptTypeIsIgnored(t *testing.T) {
	sealed := encrypt(t, plain("sealed"), appID, key)
	for _, kind := range []string{"", "raw", "aes", "none"} {
		q := query(stamp, nonce, sealed)
		q.Set("encrypt_type", kind)
		if _, err := door(wechat.Safe).Open(q, plain("open"), now); !errors.Is(err, wechat.ErrForged) {
			t.Errorf("encrypt_type=%q, plain body: %v, expected ErrForged", kind, err)
		}
		if _, err := door(wechat.Safe).Open(q, wrap(sealed), now); err != nil {
			t.Errorf("encrypt_type=%q, encrypted body: %v", kind, err)
		}
	}
}

func TestOpenSealedBody(t *testing.T) {
	raw := func(n int) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }
	good := encrypt(t, plain("hi"), appID, key)
	cases := []struct {
		name, sealed string
		want         error
	}{
		{"another account's key", encrypt(t, plain("hi"), appID, strings.Repeat("Z", 43)), wechat.ErrGarbled},
		{"another app id", encrypt(t, plain("hi"), "wx0000000000000000", key), wechat.ErrForged},
		{"an app id that begins the same", encrypt(t, plain("hi"), appID+"0", key), wechat.ErrForged},
		{"no base64", "%%%", wechat.ErrGarbled},
		{"truncated", good[:len(good)-44], wechat.ErrGarbled},
		{"half a block", raw(40), wechat.ErrGarbled},
		{"one block", raw(32), wechat.ErrGarbled},
		{"bad padding", raw(320), wechat.ErrGarbled},
		{"an empty message", encrypt(t, nil, appID, key), wechat.ErrGarbled},
		{"no XML", encrypt(t, []byte("hi"), appID, key), wechat.ErrGarbled},
		{"an encrypted message inside", encrypt(t, both(plain("hi"), good), appID, key), wechat.ErrGarbled},
		{"an encrypted event inside", encrypt(t, both(wechattest.Event(user, "x", "", wechattest.Field{Name: "New", Raw: "<a/>"}).XML(account), good), appID, key), wechat.ErrGarbled},
	}
	for _, c := range cases {
		for _, mode := range []wechat.Mode{wechat.Compat, wechat.Safe} {
			if _, err := door(mode).Open(query(stamp, nonce, c.sealed), wrap(c.sealed), now); !errors.Is(err, c.want) {
				t.Errorf("%s, %v: %v, expected %v", c.name, mode, err, c.want)
			}
		}
	}
	q := query(stamp, nonce, good)
	q.Set("msg_signature", q.Get("signature"))
	if _, err := door(wechat.Safe).Open(q, wrap(good), now); !errors.Is(err, wechat.ErrForged) {
		t.Errorf("msg_signature of something else: %v, expected ErrForged", err)
	}
}

// A length field of more than the text must neither read past the end nor panic.
func TestLengthInsideCiphertext(t *testing.T) {
	rawKey, err := base64.StdEncoding.DecodeString(key + "=")
	if err != nil {
		t.Fatal(err)
	}
	for _, length := range []string{"\x00\x00\x10\x00", "\x7f\xff\xff\xff", "\x80\x00\x00\x00", "\xff\xff\xff\xff"} {
		// EncryptMsg writes random, length and text; a second length is put where the text
		// begins and the first two blocks are cut off, so that it becomes the first.
		inner := append([]byte("0123456789ab"+"0123456789abcdef"), length...)
		cipher := util.AESEncryptMsg(make([]byte, 16), append(inner, plain("hi")...), appID, rawKey)
		sealed := base64.StdEncoding.EncodeToString(cipher[32:])
		if _, err := door(wechat.Safe).Open(query(stamp, nonce, sealed), wrap(sealed), now); !errors.Is(err, wechat.ErrGarbled) {
			t.Errorf("length %x: %v, expected ErrGarbled", length, err)
		}
	}
}

func TestKeys(t *testing.T) {
	sealed := encrypt(t, plain("hi"), appID, oldKey)
	for _, c := range []struct {
		name string
		keys []string
		want error
	}{
		{"current and previous", []string{key, oldKey}, nil},
		{"only the previous", []string{oldKey}, nil},
		{"only the current", []string{key}, wechat.ErrGarbled},
		{"none", nil, wechat.ErrGarbled},
		{"too short", []string{"abc"}, wechat.ErrGarbled},
		{"no base64", []string{strings.Repeat("!", 43)}, wechat.ErrGarbled},
	} {
		d := door(wechat.Safe)
		d.Keys = c.keys
		if _, err := d.Open(query(stamp, nonce, sealed), wrap(sealed), now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, expected %v", c.name, err, c.want)
		}
	}
	d := door(wechat.Safe)
	d.AppID = "" // unknown: any is taken, and the reply carries the same
	e, err := d.Open(query(stamp, nonce, sealed), wrap(sealed), now)
	if err != nil {
		t.Fatal(err)
	}
	body, err := d.Seal(e, wechat.Reply{Text: "ok"}, now)
	if err != nil {
		t.Fatal(err)
	}
	sender := &wechattest.Sender{Token: token, AppID: appID, Key: oldKey, Mode: wechat.Safe}
	if r, err := sender.Judge(wechattest.Message{From: user}, http.StatusOK, body); err != nil || r.Text != "ok" {
		t.Errorf("reply with the previous key and an unknown app id: %+v, %v", r, err)
	}
}

func TestEnvelopeSignature(t *testing.T) {
	sealed := encrypt(t, plain("hi"), appID, key)
	q := query(stamp, nonce, sealed)
	e, err := door(wechat.Safe).Open(q, wrap(sealed), now)
	if err != nil || e.Signature != q.Get("msg_signature") {
		t.Errorf("encrypted: %v, %v, expected msg_signature", e, err)
	}
	e, err = door(wechat.Plain).Open(q, plain("hi"), now)
	if err != nil || e.Signature != q.Get("signature") {
		t.Errorf("plain: %v, %v, expected signature", e, err)
	}
}

// openSent lets a Sender build m and opens it as a server would.
func openSent(t testing.TB, s *wechattest.Sender, d *wechat.Door, m wechattest.Message) *wechat.Envelope {
	t.Helper()
	r, err := s.Request(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	e, err := d.Open(r.URL.Query(), body, time.Now())
	if err != nil {
		t.Fatalf("%s: %v\n%s", m.Type, err, body)
	}
	return e
}

// Every type that WeChat sends arrives in every mode with all its fields, and the
// reply to it is taken by WeChat.
func TestRoundTrips(t *testing.T) {
	cases := []struct {
		sent wechattest.Message
		want func(*message.MixMessage) bool
	}{
		{wechattest.Text(user, "直播 ]]> <b>&amp;</b>\n😀"), func(m *message.MixMessage) bool { return m.Content == "直播 ]]> <b>&amp;</b>\n😀" }},
		{wechattest.Text(user, ""), func(m *message.MixMessage) bool { return m.Content == "" && m.MsgID != 0 }},
		{wechattest.Text(user, strings.Repeat("证", 20000)), func(m *message.MixMessage) bool { return len(m.Content) == 60000 }},
		{wechattest.Tap(user, "直播", 101), func(m *message.MixMessage) bool { return m.Content == "直播" && m.BizMsgMenuID == 101 }},
		{wechattest.Voice(user, "我要做直播"), func(m *message.MixMessage) bool { return m.Recognition == "我要做直播" && m.Format == "amr" }},
		{wechattest.Voice(user, ""), func(m *message.MixMessage) bool { return m.Recognition == "" && m.MediaID != "" }},
		{wechattest.Image(user), func(m *message.MixMessage) bool { return m.PicURL != "" && m.MediaID != "" }},
		{wechattest.Video(user), func(m *message.MixMessage) bool { return m.ThumbMediaID != "" }},
		{wechattest.ShortVideo(user), func(m *message.MixMessage) bool { return m.MsgType == message.MsgTypeShortVideo }},
		{wechattest.Location(user, "广州"), func(m *message.MixMessage) bool { return m.LocationX == 23.134521 && m.Label == "广州" }},
		{wechattest.Link(user, "标题", "https://example.com/?a=1&b=2"), func(m *message.MixMessage) bool { return m.URL == "https://example.com/?a=1&b=2" }},
		{wechattest.MiniProgramPage(user, "卡片"), func(m *message.MixMessage) bool { return m.Title == "卡片" && m.AppID != "" }},
		{wechattest.Subscribe(user, ""), func(m *message.MixMessage) bool {
			return m.Event == message.EventSubscribe && m.EventKey == "" && m.MsgID == 0
		}},
		{wechattest.Subscribe(user, "社交/直播"), func(m *message.MixMessage) bool { return m.EventKey == "qrscene_社交/直播" && m.Ticket != "" }},
		{wechattest.Unsubscribe(user), func(m *message.MixMessage) bool { return m.Event == message.EventUnsubscribe }},
		{wechattest.Scan(user, "直播"), func(m *message.MixMessage) bool { return m.Event == message.EventScan && m.EventKey == "直播" }},
		{wechattest.Click(user, "row:1"), func(m *message.MixMessage) bool { return m.Event == message.EventClick && m.EventKey == "row:1" }},
		{wechattest.View(user, "https://example.com/"), func(m *message.MixMessage) bool { return m.Event == message.EventView && m.MenuID == "1" }},
		{wechattest.Event(user, "debug_demo", "", wechattest.Field{Name: "debug_str", Raw: "<a><b>1</b><b>2</b></a>"}),
			func(m *message.MixMessage) bool { return m.Event == "debug_demo" }},
	}
	for _, mode := range []wechat.Mode{wechat.Plain, wechat.Compat, wechat.Safe} {
		sender := &wechattest.Sender{Token: token, AppID: appID, Key: key, Mode: mode}
		for _, c := range cases {
			e := openSent(t, sender, door(mode), c.sent)
			if m := e.Message; !c.want(m) || string(m.FromUserName) != user || m.CreateTime != c.sent.Created {
				t.Errorf("%v: sent %+v, read %+v", mode, c.sent, m)
			}
			body, err := door(mode).Seal(e, wechat.Reply{Text: "好 ]]> \n" + user}, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if r, err := sender.Judge(c.sent, http.StatusOK, body); err != nil || r.Text != "好 ]]> \n"+user {
				t.Errorf("%v: %s: WeChat read %+v, %v", mode, c.sent.Type, r, err)
			}
		}
	}
}

func TestKey(t *testing.T) {
	sender := &wechattest.Sender{Token: token, Mode: wechat.Plain}
	keyOf := func(m wechattest.Message) string { return openSent(t, sender, door(wechat.Plain), m).Key() }
	text := wechattest.Message{From: user, Type: "text", ID: 7, Created: 9}
	click := func(from, event, key string, created int64) wechattest.Message {
		m := wechattest.Event(from, event, key)
		m.Created = created
		return m
	}
	different := []wechattest.Message{
		text,
		{From: user + "2", Type: "text", ID: 7, Created: 9},
		{From: user, Type: "text", ID: 8, Created: 9},
		{From: user, Type: "text", ID: 7, Created: 10},
		click(user, "CLICK", "a", 9),
		click(user, "CLICK", "b", 9),
		click(user, "VIEW", "a", 9),
		click(user, "CLICK", "a", 10),
		click(user+"2", "CLICK", "a", 9),
		click(user, "CLICKa", "", 9),
		{From: user, Type: "text", Created: 9, Fields: []wechattest.Field{{Name: "Content", Value: "a"}}},
		{From: user, Type: "text", Created: 9, Fields: []wechattest.Field{{Name: "Content", Value: "b"}}},
	}
	seen := map[string]int{}
	for i, m := range different {
		k := keyOf(m)
		if j, twice := seen[k]; twice {
			t.Errorf("messages %d and %d have the same key %q", i, j, k)
		}
		seen[k] = i
		if again := keyOf(m); again != k {
			t.Errorf("message %d: a retry has the key %q, the first delivery %q", i, again, k)
		}
	}
}
