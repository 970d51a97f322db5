package wechattest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/util"

	"zizhi/handlers/wechat"
	"zizhi/handlers/wechat/wechattest"
)

const (
	token = "spamtest"
	appID = "wx2c2769f8efd9abc2"
	key   = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	user  = "oUser_0123456789ABCDEFGHIJK"
)

var modes = []wechat.Mode{wechat.Plain, wechat.Compat, wechat.Safe}

// echo is a right server: it answers with what was written.
func echo(mode wechat.Mode) http.HandlerFunc {
	d := &wechat.Door{Token: token, AppID: appID, Keys: []string{key}, Mode: mode}
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			answer, err := d.Verify(r.URL.Query(), time.Now())
			if err != nil {
				http.Error(w, err.Error(), http.StatusForbidden)
			}
			io.WriteString(w, answer)
			return
		}
		body, _ := io.ReadAll(r.Body)
		e, err := d.Open(r.URL.Query(), body, time.Now())
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		answer, err := d.Seal(e, wechat.Reply{Text: e.Message.Content, Transfer: e.Message.Content == "人工"}, time.Now())
		if err != nil {
			answer = []byte("success")
		}
		w.Write(answer)
	}
}

func sender(mode wechat.Mode, url string) *wechattest.Sender {
	return &wechattest.Sender{URL: url, Token: token, AppID: appID, Key: key, Mode: mode}
}

func TestSendToARightServer(t *testing.T) {
	for _, mode := range modes {
		server := httptest.NewServer(echo(mode))
		s := sender(mode, server.URL+"/wechat?account=1")
		if err := s.Verify(context.Background()); err != nil {
			t.Errorf("%v: %v", mode, err)
		}
		for sent, want := range map[string]wechattest.Reply{
			"直播 ]]>\n😀": {Type: "text", Text: "直播 ]]>\n😀"},
			"人工":        {Type: "transfer_customer_service"},
			"":          {None: true},
		} {
			r, err := s.Send(context.Background(), wechattest.Text(user, sent))
			if err != nil || r.Type != want.Type || r.Text != want.Text || r.None != want.None || r.Deliveries != 1 || r.Took <= 0 {
				t.Errorf("%v: sent %q, got %+v, %v", mode, sent, r, err)
			}
		}
		server.Close()
	}
}

func TestVerifyFails(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"another token": func(w http.ResponseWriter, r *http.Request) {
			d := wechat.Door{Token: "other"}
			if _, err := d.Verify(r.URL.Query(), time.Now()); err != nil {
				w.WriteHeader(http.StatusForbidden)
			}
		},
		"a newline behind": func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, r.FormValue("echostr")) },
		"a page":           func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<html></html>") },
	} {
		server := httptest.NewServer(h)
		if err := sender(wechat.Plain, server.URL).Verify(context.Background()); err == nil {
			t.Errorf("%s: no error", name)
		}
		server.Close()
	}
}

// reply is a right reply's XML with one part exchanged.
func reply(old, new string) []byte {
	const right = "<xml><ToUserName><![CDATA[" + user + "]]></ToUserName><FromUserName><![CDATA[" + wechattest.DefaultAccount +
		"]]></FromUserName><CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[hi]]></Content></xml>"
	if !strings.Contains(right, old) {
		panic("nothing to exchange: " + old)
	}
	return []byte(strings.Replace(right, old, new, 1))
}

func TestJudge(t *testing.T) {
	const content = "<Content><![CDATA[hi]]></Content>"
	cases := []struct {
		name   string
		status int
		body   []byte
		why    string // part of the error; "" = taken
	}{
		{"right", 200, reply("hi", "hi"), ""},
		{"2047 bytes", 200, reply("hi", strings.Repeat("证", 682)+"x"), ""},
		{"2048 bytes", 200, reply("hi", strings.Repeat("证", 682)+"xx"), "2048 bytes"},
		{"success", 200, []byte("success"), ""},
		{"nothing", 200, nil, ""},
		{"Success", 200, []byte("Success"), "not XML"},
		{"success with a newline", 200, []byte("success\n"), "not XML"},
		{"an image", 200, reply("text]]></MsgType>"+content, "image]]></MsgType><Image><MediaId>1</MediaId></Image>"), ""},
		{"an image without an image", 200, reply("text]]>", "image]]>"), "without Image"},
		{"status 500", 500, reply("hi", "hi"), "status 500"},
		{"status 403", 403, nil, "status 403"},
		{"JSON", 200, []byte(`{"errcode":0}`), "not XML"},
		{"a page", 200, []byte("<!DOCTYPE html><html></html>"), "not XML"},
		{"text in front", 200, append([]byte("ok "), reply("hi", "hi")...), "not XML"},
		{"text behind", 200, append(reply("hi", "hi"), 'x'), "after the end"},
		{"cut off", 200, reply("</xml>", ""), "not XML"},
		{"]]> in CDATA", 200, reply("hi", "a]]>b"), "not XML"},
		{"a control character", 200, reply("hi", "a\x08"), "not XML"},
		{"half a character", 200, reply("hi", "\xe7\x9b"), "not XML"},
		{"not swapped", 200, reply(user, wechattest.DefaultAccount), "expected from"},
		{"to somebody else", 200, reply(user, "other"), "expected from"},
		{"time with a fraction", 200, reply("1700000000", "1.7e9"), "number of seconds"},
		{"no time", 200, reply("1700000000", ""), "number of seconds"},
		{"unknown type", 200, reply("text]]>", "markdown]]>"), "unknown MsgType"},
		{"no type", 200, reply("<MsgType><![CDATA[text]]></MsgType>", ""), "unknown MsgType"},
		{"no content", 200, reply(content, ""), "without Content"},
		{"empty content", 200, reply("hi", ""), "empty text"},
		{"only blanks", 200, reply("hi", " \n"), "empty text"},
		{"two contents", 200, reply(content, content+content), "a second Content"},
		{"encrypted", 200, []byte("<xml><Encrypt>x</Encrypt></xml>"), "mode is plain"},
	}
	for _, c := range cases {
		_, err := sender(wechat.Plain, "").Judge(wechattest.Message{From: user}, c.status, c.body)
		if c.why == "" && err != nil || c.why != "" && (!errors.Is(err, wechattest.ErrFault) || !strings.Contains(err.Error(), c.why)) {
			t.Errorf("%s: %v, expected an error with %q", c.name, err, c.why)
		}
	}
}

func TestJudgeEncrypted(t *testing.T) {
	sealed := func(body []byte, id, k, stamp, nonce string, sign string) []byte {
		encrypted, err := util.EncryptMsg(make([]byte, 16), body, id, k)
		if err != nil {
			t.Fatal(err)
		}
		if sign == "" {
			sign = util.Signature(token, stamp, nonce, string(encrypted))
		}
		return fmt.Appendf(nil, "<xml><Encrypt>%s</Encrypt><MsgSignature>%s</MsgSignature><TimeStamp>%s</TimeStamp><Nonce>%s</Nonce></xml>",
			encrypted, sign, stamp, nonce)
	}
	cases := []struct {
		name string
		mode wechat.Mode
		body []byte
		why  string
	}{
		{"right", wechat.Safe, sealed(reply("hi", "hi"), appID, key, "1", "2", ""), ""},
		{"right in compat", wechat.Compat, sealed(reply("hi", "hi"), appID, key, "1", "2", ""), ""},
		{"plain in compat", wechat.Compat, reply("hi", "hi"), ""},
		{"success", wechat.Safe, []byte("success"), ""},
		{"plain", wechat.Safe, reply("hi", "hi"), "mode is safe"},
		{"wrong signature", wechat.Safe, sealed(reply("hi", "hi"), appID, key, "1", "2", "0"), "MsgSignature"},
		{"another key", wechat.Safe, sealed(reply("hi", "hi"), appID, strings.Repeat("Z", 43), "1", "2", ""), "decrypted"},
		{"another app id", wechat.Safe, sealed(reply("hi", "hi"), "wx", key, "1", "2", ""), "decrypted"},
		{"no time", wechat.Safe, sealed(reply("hi", "hi"), appID, key, "", "2", ""), "TimeStamp"},
		{"no nonce", wechat.Safe, sealed(reply("hi", "hi"), appID, key, "1", "", ""), "Nonce"},
		{"empty message inside", wechat.Safe, sealed(nil, appID, key, "1", "2", ""), "not the XML"},
		{"success inside", wechat.Safe, sealed([]byte("success"), appID, key, "1", "2", ""), "not the XML"},
		{"empty text inside", wechat.Safe, sealed(reply("hi", ""), appID, key, "1", "2", ""), "empty text"},
	}
	for _, c := range cases {
		_, err := sender(c.mode, "").Judge(wechattest.Message{From: user}, 200, c.body)
		if c.why == "" && err != nil || c.why != "" && (!errors.Is(err, wechattest.ErrFault) || !strings.Contains(err.Error(), c.why)) {
			t.Errorf("%s: %v, expected an error with %q", c.name, err, c.why)
		}
	}
}

// flaky fails the first deliveries in a given way and notes them all.
type flaky struct {
	fail  func(w http.ResponseWriter, r *http.Request)
	times int

	mu      sync.Mutex
	queries []string
	keys    []string
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	d := &wechat.Door{Token: token, AppID: appID, Keys: []string{key}, Mode: wechat.Safe}
	e, err := d.Open(r.URL.Query(), body, time.Now())
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	f.mu.Lock()
	f.queries, f.keys = append(f.queries, r.URL.RawQuery), append(f.keys, e.Key())
	n := len(f.keys)
	f.mu.Unlock()
	if n <= f.times {
		f.fail(w, r)
		return
	}
	answer, _ := d.Seal(e, wechat.Reply{Text: "ok"}, time.Now())
	w.Write(answer)
}

// Ways to fail.

func hang(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func dribble(w http.ResponseWriter, r *http.Request) {
	io.WriteString(w, "<xml>")
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

func broken(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusInternalServerError) }

func cut(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }

func garbage(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "{}") }

func TestRetries(t *testing.T) {
	cases := []struct {
		name       string
		fail       http.HandlerFunc
		times      int
		same       bool
		deliveries int
		answered   bool
	}{
		{"hangs once", hang, 1, false, 2, true},
		{"hangs twice", hang, 2, true, 3, true},
		{"hangs always", hang, 9, false, 3, false},
		{"half an answer", dribble, 1, false, 2, true},
		{"500 twice", broken, 2, false, 3, true},
		{"500 always", broken, 9, true, 3, false},
		{"connection cut twice", cut, 2, false, 3, true},
		{"garbage is not retried", garbage, 1, false, 1, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &flaky{fail: c.fail, times: c.times}
			server := httptest.NewServer(f)
			defer server.Close()
			s := sender(wechat.Safe, server.URL)
			s.SameSignature, s.Wait, s.Pause = c.same, time.Second, time.Millisecond
			r, err := s.Send(context.Background(), wechattest.Text(user, "hi"))
			server.CloseClientConnections()
			f.mu.Lock()
			defer f.mu.Unlock()
			deliveries, messages, queries := len(f.keys), distinct(f.keys), distinct(f.queries)
			if deliveries != c.deliveries || messages != 1 {
				t.Errorf("%d deliveries of %d messages, expected %d of 1", deliveries, messages, c.deliveries)
			}
			if c.answered && (err != nil || r.Text != "ok" || r.Deliveries != c.deliveries) || !c.answered && !errors.Is(err, wechattest.ErrFault) {
				t.Errorf("%+v, %v", r, err)
			}
			if want := map[bool]int{true: 1, false: c.deliveries}[c.same]; queries != want {
				t.Errorf("%d different queries, expected %d", queries, want)
			}
		})
	}
}

func distinct(list []string) int {
	set := map[string]bool{}
	for _, s := range list {
		set[s] = true
	}
	return len(set)
}

func TestSendStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // else the server does not notice that the connection ends
		cancel()
		<-r.Context().Done()
	}))
	defer server.Close()
	if r, err := sender(wechat.Plain, server.URL).Send(ctx, wechattest.Text(user, "hi")); err == nil {
		t.Errorf("cancelled, but got %+v", r)
	}
}

func TestSenderNamesWrongSettings(t *testing.T) {
	s := sender(wechat.Safe, "http://127.0.0.1:1")
	s.Key = "short"
	if _, err := s.Send(context.Background(), wechattest.Text(user, "hi")); err == nil || !strings.Contains(err.Error(), "encrypt") {
		t.Errorf("a short key: %v", err)
	}
	if _, err := sender(wechat.Plain, "http://[").Send(context.Background(), wechattest.Text(user, "hi")); err == nil || !strings.Contains(err.Error(), "address") {
		t.Errorf("no address: %v", err)
	}
	if err := sender(wechat.Plain, "http://[").Verify(context.Background()); err == nil {
		t.Error("no address: Verify went on")
	}
}

// Every message has its own id, also across constructors and goroutines.
func TestIDs(t *testing.T) {
	var seen sync.Map
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 1000 {
				if m := wechattest.Text(user, "x"); m.ID == 0 {
					t.Error("no id")
				} else if _, twice := seen.LoadOrStore(m.ID, true); twice {
					t.Errorf("id %d twice", m.ID)
				}
			}
		})
	}
	wait.Wait()
}
