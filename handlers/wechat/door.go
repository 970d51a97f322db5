// Package wechat is the wire between WeChat and an official account's server:
// it opens what WeChat posts and seals what is answered.
//
// Its one rule: nothing is believed before it is proved. The signature, its age
// and the mode fixed by configuration are checked first; the request itself never
// chooses how it is checked. The package does no I/O and keeps no state.
//
// The message model and the crypto are those of github.com/silenceper/wechat/v2
// (packages officialaccount/message and util). The protocol is described in
// WeChat's developer documents under 消息加解密说明 and 接收普通消息.
package wechat

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/silenceper/wechat/v2/util"
)

// What can be wrong with a request. Errors of Verify and Open wrap one of these
// and say in their text what was wrong; no error repeats a secret or a signature.
var (
	// ErrForged: not proved to come from WeChat for this account. Answer 403.
	ErrForged = errors.New("wechat: forged request")
	// ErrStale: properly signed, but too old or from the future. Answer 403.
	ErrStale = errors.New("wechat: stale request")
	// ErrGarbled: signed and fresh, but not readable as a message. Answer 400.
	ErrGarbled = errors.New("wechat: garbled message")
)

// Mode says how bodies travel, as set in WeChat's console under 消息加解密方式.
type Mode uint8

const (
	Plain  Mode = iota // 明文模式: nothing is encrypted
	Compat             // 兼容模式: the message comes in plain and encrypted; the encrypted one counts
	Safe               // 安全模式: everything is encrypted
)

var modeNames = [...]string{Plain: "plain", Compat: "compat", Safe: "safe"}

// ParseMode reads "plain", "compat" or "safe".
func ParseMode(s string) (Mode, error) {
	for m, name := range modeNames {
		if s == name {
			return Mode(m), nil
		}
	}
	return Safe, fmt.Errorf("wechat: unknown mode %q: write plain, compat or safe", s)
}

// String returns the word that ParseMode reads.
func (m Mode) String() string {
	if int(m) < len(modeNames) {
		return modeNames[m]
	}
	return "mode " + strconv.Itoa(int(m))
}

const (
	defaultWindow = 5 * time.Minute
	maxAhead      = time.Minute // how far WeChat's clock may be ahead of ours
)

// Door is the front door's lock: what is checked before a byte of a message is
// believed. Its methods may be called from many goroutines at once.
type Door struct {
	Token  string        // as in the console; without one every request is refused
	AppID  string        // compared with the one inside encrypted messages; "" = not checked (unknown)
	Keys   []string      // EncodingAESKey, 43 characters each: the current one, then the previous one; used in Compat and Safe
	Mode   Mode          // fixed by configuration, never chosen by the request
	Window time.Duration // how old a timestamp may be; 0 = 5 minutes. At most one minute of it may lie in the future
}

// Verify checks the GET request with which the console tries out a server address.
// It returns the text to answer with, in plain text and without a newline. Official
// accounts get a plain echostr in every mode.
func (d *Door) Verify(q url.Values, now time.Time) (echo string, err error) {
	if _, err := d.prove(q, now); err != nil {
		return "", err
	}
	if echo = q.Get("echostr"); echo == "" {
		return "", fmt.Errorf("%w: no echostr in the query", ErrGarbled)
	}
	return echo, nil
}

// prove checks the signature over token, timestamp and nonce, then the timestamp's age.
func (d *Door) prove(q url.Values, now time.Time) (*Envelope, error) {
	e := &Envelope{
		Signature: q.Get("signature"),
		timestamp: q.Get("timestamp"),
		nonce:     q.Get("nonce"),
	}
	if d.Token == "" {
		return nil, fmt.Errorf("%w: this server has no token to check it with", ErrForged)
	}
	// Without a nonce, or with signs and blanks in the timestamp, one signature would
	// fit several readings of the same characters.
	ts, ok := seconds(e.timestamp)
	if !ok || !printable(e.nonce) {
		return nil, fmt.Errorf("%w: timestamp or nonce is missing or malformed", ErrForged)
	}
	if !same(e.Signature, util.Signature(d.Token, e.timestamp, e.nonce)) {
		return nil, fmt.Errorf("%w: the signature does not fit this server's token", ErrForged)
	}
	return e, d.fresh(ts, now)
}

// fresh compares in whole seconds, where no timestamp can overflow.
func (d *Door) fresh(ts int64, now time.Time) error {
	window := d.Window
	if window <= 0 {
		window = defaultWindow
	}
	age := now.Unix() - ts
	if age > int64(window/time.Second) {
		return fmt.Errorf("%w: signed %d s ago, allowed are %s", ErrStale, age, window)
	}
	if ahead := min(window, maxAhead); -age > int64(ahead/time.Second) {
		return fmt.Errorf("%w: signed %d s in the future, allowed are %s: is this machine's clock right?", ErrStale, -age, ahead)
	}
	return nil
}

// seconds reads a Unix timestamp of 64 bits: digits only, no leading zero.
func seconds(s string) (int64, bool) {
	if s == "" || s[0] < '1' || s[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// printable says whether a nonce is one: 1 to 128 visible ASCII characters, so that it
// can be sent back in XML. WeChat's own are digits.
func printable(nonce string) bool {
	for i := range len(nonce) {
		if nonce[i] <= ' ' || nonce[i] > '~' {
			return false
		}
	}
	return nonce != "" && len(nonce) <= 128
}

// same compares in a time that does not tell where the two differ.
func same(got, want string) bool {
	return subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1
}
