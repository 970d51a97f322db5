package wechat_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zizhi/handlers/wechat"
	"zizhi/handlers/wechat/wechattest"
)

// vector is a message or reply made by an independent implementation of WeChat's
// crypto; testdata/vectors.mjs makes them.
type vector struct {
	By           string `json:"by"`
	Direction    string `json:"direction"` // message (WeChat to us) or reply
	Token        string `json:"token"`
	Key          string `json:"key"`
	AppID        string `json:"appid"`
	Timestamp    string `json:"timestamp"`
	Nonce        string `json:"nonce"`
	Text         string `json:"text"`
	Plaintext    string `json:"plaintext"`
	Encrypt      string `json:"encrypt"`
	Signature    string `json:"signature"`
	MsgSignature string `json:"msg_signature"`
}

func readVectors(t *testing.T, data []byte) []vector {
	t.Helper()
	var vectors []vector
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, direction := range []string{"message", "reply"} {
		for _, by := range []string{"@wecom/crypto", "wechat-crypto"} {
			if !slices.ContainsFunc(vectors, func(v vector) bool { return v.By == by && v.Direction == direction }) {
				t.Fatalf("no vector of %s by %s", direction, by)
			}
		}
	}
	return vectors
}

func TestVectors(t *testing.T) {
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	checkVectors(t, readVectors(t, data))
}

func checkVectors(t *testing.T, vectors []vector) {
	for i, v := range vectors {
		if v.Direction == "message" {
			checkMessage(t, i, v)
		} else {
			checkReply(t, i, v)
		}
	}
}

// checkMessage opens a message in every mode that it can come in.
func checkMessage(t *testing.T, i int, v vector) {
	q := url.Values{"timestamp": {v.Timestamp}, "nonce": {v.Nonce}, "signature": {v.Signature}}
	check := func(mode wechat.Mode, q url.Values, body []byte) {
		d := &wechat.Door{Token: v.Token, AppID: v.AppID, Mode: mode, Keys: []string{strings.Repeat("Z", 43), v.Key}}
		e, err := d.Open(q, body, now)
		if err != nil || e.Message.Content != v.Text || string(e.Message.FromUserName) != user {
			t.Errorf("vector %d by %s, %v: read %+v, %v, expected %q", i, v.By, mode, e, err, v.Text)
		}
	}
	check(wechat.Plain, q, []byte(v.Plaintext))
	q.Set("msg_signature", v.MsgSignature)
	check(wechat.Safe, q, wrap(v.Encrypt))
	check(wechat.Compat, q, both([]byte(v.Plaintext), v.Encrypt))
}

// checkReply lets wechattest read a reply, so that its judgement can be trusted.
func checkReply(t *testing.T, i int, v vector) {
	body, err := xml.Marshal(struct {
		XMLName      struct{} `xml:"xml"`
		Encrypt      string
		MsgSignature string
		TimeStamp    string
		Nonce        string
	}{Encrypt: v.Encrypt, MsgSignature: v.MsgSignature, TimeStamp: v.Timestamp, Nonce: v.Nonce})
	if err != nil {
		t.Fatal(err)
	}
	sender := &wechattest.Sender{Token: v.Token, AppID: v.AppID, Key: v.Key, Mode: wechat.Safe}
	r, err := sender.Judge(wechattest.Message{From: user}, http.StatusOK, body)
	if long := len(v.Text) > wechattest.MaxText; long != (err != nil) || !long && (r.Text != v.Text || string(r.XML) != v.Plaintext) {
		t.Errorf("vector %d by %s: WeChat read %+v, %v, expected %q", i, v.By, r, err, v.Text)
	}
}

// TestCrossCheck runs the independent implementations themselves: what they make now
// is opened, and what Seal writes is read by them.
func TestCrossCheck(t *testing.T) {
	script := installNode(t)
	checkVectors(t, readVectors(t, runNode(t, script, nil)))

	var sealed []map[string]string
	var want []string
	for _, mode := range []wechat.Mode{wechat.Compat, wechat.Safe} {
		for i, text := range []string{"直播", "a]]>b", "两行\n文字", strings.Repeat("证", 600)} {
			by := []string{"@wecom/crypto", "wechat-crypto"}[i%2]
			s, plain := sealFor(t, mode, text)
			s["by"] = by
			sealed, want = append(sealed, s), append(want, plain)
		}
	}
	input, err := json.Marshal(sealed)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := json.Unmarshal(runNode(t, script, input, "read"), &got); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("they read\n%q\nexpected\n%q", got, want)
	}
}

// sealFor seals a reply and returns its parts and the plain XML that must be inside.
func sealFor(t *testing.T, mode wechat.Mode, text string) (parts map[string]string, plainXML string) {
	t.Helper()
	m := wechattest.Text(user, "hi")
	d := door(mode)
	body, err := d.Seal(openSent(t, &wechattest.Sender{Token: token, AppID: appID, Key: key, Mode: mode}, d, m), wechat.Reply{Text: text}, now)
	if err != nil {
		t.Fatal(err)
	}
	e, err := door(wechat.Plain).Open(query(stamp, nonce, ""), m.XML(account), now)
	if err != nil {
		t.Fatal(err)
	}
	want, err := door(wechat.Plain).Seal(e, wechat.Reply{Text: text}, now)
	if err != nil {
		t.Fatal(err)
	}
	var outer struct{ Encrypt, MsgSignature, TimeStamp, Nonce string }
	if err := xml.Unmarshal(body, &outer); err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"token": token, "key": key, "appid": appID, "timestamp": outer.TimeStamp, "nonce": outer.Nonce,
		"encrypt": outer.Encrypt, "msg_signature": outer.MsgSignature,
	}, string(want)
}

// installNode puts the two npm packages and the script into a folder of its own and
// returns the script. Without Node.js or a registry the test is skipped; where
// CI=true and Node.js is there, a failing installation is a failure.
func installNode(t *testing.T) (script string) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("no Node.js to cross-check with: install the package nodejs")
	}
	missing := t.Skipf
	if os.Getenv("CI") == "true" {
		missing = t.Fatalf
	}
	if _, err := exec.LookPath("npm"); err != nil {
		missing("no npm to install the implementations to cross-check with: install the package npm")
	}
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	install := exec.CommandContext(ctx, "npm", "install", "--prefix", dir, "--ignore-scripts", "--no-audit", "--no-fund",
		"@wecom/crypto@1.0.1", "wechat-crypto@0.0.2")
	if out, err := install.CombinedOutput(); err != nil {
		missing("npm could not install the implementations to cross-check with: %v\n%s", err, out)
	}
	code, err := os.ReadFile("testdata/vectors.mjs")
	if err != nil {
		t.Fatal(err)
	}
	script = filepath.Join(dir, "vectors.mjs")
	if err := os.WriteFile(script, code, 0o600); err != nil {
		t.Fatal(err)
	}
	return script
}

func runNode(t *testing.T, script string, input []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("node", append([]string{script}, args...)...)
	cmd.Stdin = strings.NewReader(string(input))
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node %s: %v\n%s", script, err, complaints.String())
	}
	return out
}
