package handlers_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"zizhi/handlers"
	"zizhi/handlers/wechat"
	"zizhi/handlers/wechat/wechattest"
)

const (
	testToken = "zizhitoken"
	testAppID = "wx0123456789abcdef"
	testKey   = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	otherKey  = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
)

var modes = []wechat.Mode{wechat.Plain, wechat.Compat, wechat.Safe}

// account is a running service with WeChat on its other side.
type account struct {
	*wechattest.Sender
	service *handlers.Service
	server  *httptest.Server
}

func newAccount(t testing.TB, mode wechat.Mode) *account {
	t.Helper()
	service := pageService(t)
	service.Door = &wechat.Door{Token: testToken, AppID: testAppID, Mode: mode}
	if mode != wechat.Plain {
		service.Door.Keys = []string{testKey}
	}
	server := httptest.NewServer(service.Handler())
	t.Cleanup(server.Close)
	sender := &wechattest.Sender{URL: server.URL + "/wechat", Token: testToken, AppID: testAppID, Key: testKey, Mode: mode}
	return &account{Sender: sender, service: service, server: server}
}

// say sends a text and returns what the person reads.
func (a *account) say(t testing.TB, user, text string) string {
	t.Helper()
	reply, err := a.Send(context.Background(), wechattest.Text(user, text))
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return reply.Text
}

func TestVerification(t *testing.T) {
	for _, mode := range modes {
		if err := newAccount(t, mode).Verify(context.Background()); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
	}
}

// Every row by its name and by a question, in every mode: all its documents are in the reply.
func TestEveryRow(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode.String(), func(t *testing.T) {
			a := newAccount(t, mode)
			for _, row := range a.service.Bot.Expert().Edition.Rows {
				name := strings.TrimPrefix(row.Key, row.First()+"/")
				for _, text := range []string{name, "我要做" + name + "需要什么证"} {
					reply := a.say(t, row.Key, text)
					for _, doc := range row.Need.Documents() {
						if !strings.Contains(reply, doc.Title()) {
							t.Errorf("%q: %s is missing in\n%s", text, doc.Title(), reply)
						}
					}
				}
			}
		})
	}
}

func TestKindsOfMessages(t *testing.T) {
	a := newAccount(t, wechat.Safe)
	tests := []struct {
		name    string
		message wechattest.Message
		want    string // in the reply; empty: success
	}{
		{"voice", wechattest.Voice("v", "我要做直播需要什么证"), "《网络文化经营许可证》"},
		{"voice without words", wechattest.Voice("v", ""), "没听清"},
		{"image", wechattest.Image("v"), "看不了图片"},
		{"video", wechattest.Video("v"), "看不了图片"},
		{"short video", wechattest.ShortVideo("v"), "看不了图片"},
		{"location", wechattest.Location("v", "北京"), "位置"},
		{"link", wechattest.Link("v", "t", "https://example.com"), "链接"},
		{"mini program", wechattest.MiniProgramPage("v", "t"), "链接"},
		{"subscribe", wechattest.Subscribe("v", ""), "欢迎"},
		{"subscribe by QR code", wechattest.Subscribe("v", "社交/直播"), "《网络文化经营许可证》"},
		{"scan", wechattest.Scan("v", "教育"), "驾校培训"},
		{"click", wechattest.Click("v", "zizhi:社交/直播"), "《网络文化经营许可证》"},
		{"click on a category", wechattest.Click("v", "富媒体"), "动漫"},
		{"view", wechattest.View("v", "https://example.com"), ""},
		{"unsubscribe", wechattest.Unsubscribe("v"), ""},
		{"unknown event", wechattest.Event("v", "TEMPLATESENDJOBFINISH", ""), ""},
		{"tap on a choice", wechattest.Tap("v", "直播", 101), "《网络文化经营许可证》"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			reply, err := a.Send(context.Background(), test.message)
			switch {
			case err != nil:
				t.Fatal(err)
			case test.want == "" && !reply.None:
				t.Fatalf("got %q, want no reply", reply.Text)
			case !strings.Contains(reply.Text, test.want):
				t.Fatalf("got %+v, want %q in it", reply, test.want)
			}
		})
	}
}

// What people can type that is no question. Each gets an answer that WeChat takes.
func TestOddTexts(t *testing.T) {
	a := newAccount(t, wechat.Safe)
	for name, text := range map[string]string{
		"spaces": "   ", "long": strings.Repeat("我要做直播", 400), "emoji": "😀😀😀", "control characters": "\x01直播\x02要什么证\x00",
		"end of CDATA": "直播]]>要什么证", "markup": "<script>alert(1)</script>", "number": "7", "invalid UTF-8": "直播\xff\xfe要什么证",
	} {
		t.Run(name, func(t *testing.T) {
			if reply := a.say(t, name, text); reply == "" {
				t.Error("no reply")
			}
		})
	}
}

// deliver posts a request as it is and returns status and body.
func deliver(t *testing.T, r *http.Request) (int, string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestRefused(t *testing.T) {
	build := func(a *account, change func(*wechattest.Sender)) func(*testing.T) *http.Request {
		return func(t *testing.T) *http.Request {
			sender := *a.Sender
			change(&sender)
			r, err := sender.Request(context.Background(), wechattest.Text("stranger", "直播"))
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
	}
	safe, plain := newAccount(t, wechat.Safe), newAccount(t, wechat.Plain)
	body := func(a *account, xml string) func(*testing.T) *http.Request {
		return func(t *testing.T) *http.Request {
			r := build(a, func(*wechattest.Sender) {})(t)
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(xml)), int64(len(xml))
			return r
		}
	}
	header := func(a *account, name, value string) func(*testing.T) *http.Request {
		return func(t *testing.T) *http.Request {
			r := build(a, func(*wechattest.Sender) {})(t)
			r.Header.Set(name, value)
			return r
		}
	}
	tests := []struct {
		name    string
		request func(*testing.T) *http.Request
		want    int
	}{
		{"wrong token", build(plain, func(s *wechattest.Sender) { s.Token = "wrong" }), 403},
		{"wrong token, safe", build(safe, func(s *wechattest.Sender) { s.Token = "wrong" }), 403},
		{"old", build(safe, func(s *wechattest.Sender) { s.Now = func() time.Time { return time.Now().Add(-10 * time.Minute) } }), 403},
		{"from the future", build(safe, func(s *wechattest.Sender) { s.Now = func() time.Time { return time.Now().Add(10 * time.Minute) } }), 403},
		{"plain text to a safe server", build(safe, func(s *wechattest.Sender) { s.Mode = wechat.Plain }), 403},
		{"wrong key", build(safe, func(s *wechattest.Sender) { s.Key = otherKey }), 400},
		{"wrong app id", build(safe, func(s *wechattest.Sender) { s.AppID = "wxffffffffffffffff" }), 403},
		{"encrypted to a plain server", build(plain, func(s *wechattest.Sender) { s.Mode = wechat.Safe }), 400},
		{"empty body", body(plain, ""), 400},
		{"not XML", body(plain, "hello"), 400},
		{"broken XML", body(plain, "<xml><ToUserName>"), 400},
		{"DOCTYPE", body(plain, `<!DOCTYPE x [<!ENTITY a "b">]><xml><ToUserName>a</ToUserName></xml>`), 400},
		{"nested deeply", body(plain, strings.Repeat("<a>", 10_000)), 400},
		{"10 MB", body(plain, strings.Repeat("x", 10<<20)), 413},
		{"JSON", header(plain, "Content-Type", "application/json"), 415},
		{"form with files", header(plain, "Content-Type", "multipart/form-data; boundary=x"), 415},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, text := deliver(t, test.request(t))
			if status != test.want {
				t.Errorf("status %d, want %d: %s", status, test.want, text)
			}
		})
	}
}

func TestMethods(t *testing.T) {
	a := newAccount(t, wechat.Plain)
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions} {
		r, err := http.NewRequest(method, a.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		if status, _ := deliver(t, r); status != http.StatusMethodNotAllowed {
			t.Errorf("%s: status %d", method, status)
		}
	}
}

func TestWithoutToken(t *testing.T) {
	a := newAccount(t, wechat.Plain)
	a.service.Door = nil
	server := httptest.NewServer(a.service.Handler())
	defer server.Close()
	r, _ := http.NewRequest(http.MethodGet, server.URL+"/wechat", nil)
	status, body := deliver(t, r)
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "WECHAT_TOKEN") {
		t.Errorf("%d %s", status, body)
	}
}

// The same message three times, and fifty times at once: the same bytes, and one line in the journal.
func TestRetriesGetTheSameBytes(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode.String(), func(t *testing.T) {
			a := newAccount(t, mode)
			m := wechattest.Text("repeater", "我要做直播需要什么证")
			first := a.raw(t, m)
			for range 2 {
				if again := a.raw(t, m); again != first {
					t.Fatalf("a retry got other bytes:\n%s\n%s", first, again)
				}
			}
			var wg sync.WaitGroup
			other := wechattest.Text("crowd", "音乐要什么证")
			bodies := make([]string, 50)
			for i := range bodies {
				wg.Go(func() { bodies[i] = a.raw(t, other) })
			}
			wg.Wait()
			for _, body := range bodies {
				if body != bodies[0] || body == "success" {
					t.Fatalf("deliveries at once got other bytes:\n%s\n%s", bodies[0], body)
				}
			}
			if lines, err := a.service.Bot.Memory.Journal(context.Background(), 10); err != nil || len(lines) != 2 {
				t.Errorf("the journal has %d lines, want 2 (%v)", len(lines), err)
			}
		})
	}
}

func (a *account) raw(t *testing.T, m wechattest.Message) string {
	r, err := a.Request(context.Background(), m)
	if err != nil {
		t.Error(err)
		return ""
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	fmt.Fprint(&b, resp.StatusCode, "\n")
	io.Copy(&b, resp.Body)
	return b.String()
}

// A signature does not cover the message in plain mode, so it may not come with a second one.
func TestSignatureOfAnotherMessage(t *testing.T) {
	a := newAccount(t, wechat.Plain)
	first, err := a.Request(context.Background(), wechattest.Text("victim", "直播"))
	if err != nil {
		t.Fatal(err)
	}
	forged, err := a.Request(context.Background(), wechattest.Text("victim", "转人工"))
	if err != nil {
		t.Fatal(err)
	}
	forged.URL.RawQuery = first.URL.RawQuery
	if status, _ := deliver(t, first); status != http.StatusOK {
		t.Fatal(status)
	}
	if status, _ := deliver(t, forged); status != http.StatusForbidden {
		t.Errorf("status %d, want 403", status)
	}
}

// While the key is being changed, WeChat may still use the one before.
func TestPreviousKey(t *testing.T) {
	a := newAccount(t, wechat.Safe)
	a.service.Door.Keys = []string{otherKey, testKey}
	if reply := a.say(t, "keyholder", "直播"); !strings.Contains(reply, "《网络文化经营许可证》") {
		t.Error(reply)
	}
}
