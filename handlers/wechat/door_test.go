package wechat_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/util"

	"zizhi/handlers/wechat"
)

const (
	token   = "spamtest"
	appID   = "wx2c2769f8efd9abc2"
	key     = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	oldKey  = "0KqPsy8fFRcaPSGpWBuVGD1XeLlSBCrIlKLo6OAiPNT"
	account = "gh_0123456789ab"
	user    = "oUser_0123456789ABCDEFGHIJK"
)

var now = time.Unix(1_700_000_000, 0)

func door(mode wechat.Mode) *wechat.Door {
	d := &wechat.Door{Token: token, AppID: appID, Mode: mode}
	if mode != wechat.Plain {
		d.Keys = []string{key, oldKey}
	}
	return d
}

// query signs as WeChat does; sealed is the Encrypt text of the body, if it has one.
func query(stamp, nonce, sealed string) url.Values {
	q := url.Values{"timestamp": {stamp}, "nonce": {nonce}, "signature": {util.Signature(token, stamp, nonce)}}
	if sealed != "" {
		q.Set("encrypt_type", "aes")
		q.Set("msg_signature", util.Signature(token, stamp, nonce, sealed))
	}
	return q
}

func TestMode(t *testing.T) {
	for _, m := range []wechat.Mode{wechat.Plain, wechat.Compat, wechat.Safe} {
		if got, err := wechat.ParseMode(m.String()); got != m || err != nil {
			t.Errorf("ParseMode(%q) = %v, %v", m, got, err)
		}
	}
	for _, word := range []string{"", "Safe", "raw", "明文"} {
		if _, err := wechat.ParseMode(word); err == nil || !strings.Contains(err.Error(), "plain, compat or safe") {
			t.Errorf("ParseMode(%q): error %v, expected the words to write", word, err)
		}
	}
	if got := wechat.Mode(7).String(); got != "mode 7" {
		t.Errorf("Mode(7) = %q", got)
	}
}

func TestVerify(t *testing.T) {
	for _, mode := range []wechat.Mode{wechat.Plain, wechat.Compat, wechat.Safe} {
		q := query("1700000000", "123", "")
		q.Set("echostr", "5887")
		if echo, err := door(mode).Verify(q, now); echo != "5887" || err != nil {
			t.Errorf("%v: Verify = %q, %v", mode, echo, err)
		}
		q.Del("echostr")
		if echo, err := door(mode).Verify(q, now); echo != "" || !errors.Is(err, wechat.ErrGarbled) {
			t.Errorf("%v: without echostr: %q, %v", mode, echo, err)
		}
	}
}

func TestSignature(t *testing.T) {
	good := query("1700000000", "123", "").Get("signature")
	cases := []struct {
		name, stamp, nonce, signature string
	}{
		{"wrong", "1700000000", "123", strings.Repeat("0", 40)},
		{"missing", "1700000000", "123", ""},
		{"cut", "1700000000", "123", good[:39]},
		{"in capitals", "1700000000", "123", strings.ToUpper(good)},
		{"of another nonce", "1700000000", "124", good},
		{"of another time", "1700000001", "123", good},
		{"without nonce", "1700000000", "", util.Signature(token, "1700000000", "")},
		{"nonce with a blank", "1700000000", "1 2", util.Signature(token, "1700000000", "1 2")},
		{"nonce too long", "1700000000", strings.Repeat("1", 129), util.Signature(token, "1700000000", strings.Repeat("1", 129))},
		{"without time", "", "123", util.Signature(token, "", "123")},
		{"time with a sign", "+1700000000", "123", util.Signature(token, "+1700000000", "123")},
		{"time with a zero in front", "01700000000", "123", util.Signature(token, "01700000000", "123")},
		{"time in words", "now", "123", util.Signature(token, "now", "123")},
		{"time past 64 bits", "99999999999999999999", "123", util.Signature(token, "99999999999999999999", "123")},
	}
	for _, c := range cases {
		q := url.Values{"timestamp": {c.stamp}, "nonce": {c.nonce}, "signature": {c.signature}, "echostr": {"x"}}
		if _, err := door(wechat.Plain).Verify(q, now); !errors.Is(err, wechat.ErrForged) {
			t.Errorf("signature %s: Verify: %v, expected ErrForged", c.name, err)
		}
		if _, err := door(wechat.Plain).Open(q, plain("hi"), now); !errors.Is(err, wechat.ErrForged) {
			t.Errorf("signature %s: Open: %v, expected ErrForged", c.name, err)
		}
	}
}

// Without a token everybody could sign.
func TestNoToken(t *testing.T) {
	q := url.Values{"timestamp": {"1700000000"}, "nonce": {"1"}, "signature": {util.Signature("", "1700000000", "1")}, "echostr": {"x"}}
	if _, err := (&wechat.Door{}).Verify(q, now); !errors.Is(err, wechat.ErrForged) {
		t.Errorf("no token: %v, expected ErrForged", err)
	}
}

func TestFreshness(t *testing.T) {
	cases := []struct {
		name   string
		window time.Duration
		stamp  string
		now    time.Time
		stale  bool
	}{
		{"now", 0, "1700000000", now, false},
		{"5 min old", 0, "1699999700", now, false},
		{"5 min 1 s old", 0, "1699999699", now, true},
		{"1 min ahead", 0, "1700000060", now, false},
		{"61 s ahead", 0, "1700000061", now, true},
		{"narrow window, old", 10 * time.Second, "1699999989", now, true},
		{"narrow window, ahead", 10 * time.Second, "1700000011", now, true},
		{"wide window, old", time.Hour, "1699996400", now, false},
		{"wide window, ahead", time.Hour, "1700000061", now, true},
		{"the year 2100", 0, "4102444800", time.Unix(4102444800, 0), false},
		{"the greatest number", 0, "9223372036854775807", now, true},
		{"the smallest number", 0, "1", now, true},
	}
	for _, c := range cases {
		d := door(wechat.Plain)
		d.Window = c.window
		q := query(c.stamp, "123", "")
		q.Set("echostr", "x")
		if _, err := d.Verify(q, c.now); errors.Is(err, wechat.ErrStale) != c.stale || !c.stale && err != nil {
			t.Errorf("%s: %v, expected stale %v", c.name, err, c.stale)
		}
	}
}

// What is wrong with the proof is found before what is wrong with the body.
func TestProofComesFirst(t *testing.T) {
	q := query("1700000000", "123", "")
	q.Set("signature", "0")
	if _, err := door(wechat.Safe).Open(q, []byte("<"), now); !errors.Is(err, wechat.ErrForged) {
		t.Errorf("forged and garbled: %v, expected ErrForged", err)
	}
	if _, err := door(wechat.Safe).Open(query("1600000000", "123", ""), []byte("<"), now); !errors.Is(err, wechat.ErrStale) {
		t.Errorf("stale and garbled: %v, expected ErrStale", err)
	}
}
