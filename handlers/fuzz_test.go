package handlers_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"zizhi/handlers/wechat"
	"zizhi/handlers/wechat/wechattest"
)

// refusals are the statuses that a stranger may get from the webhook.
var refusals = []int{
	http.StatusBadRequest, http.StatusForbidden, http.StatusMethodNotAllowed,
	http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
}

// FuzzWebhook sends whole requests through every layer, in each mode: any
// message that WeChat could sign, whose answer WeChat must take, and what a
// stranger makes up, who gets no further than a refusal.
func FuzzWebhook(f *testing.F) {
	f.Add("text", "我要做直播需要什么证", "", "", "", []byte("<xml></xml>"))
	f.Add("text", "]]>\x00\xff", "", "", "signature=a&timestamp=1&nonce=2&echostr=3", []byte(""))
	f.Add("event", "", "CLICK", "zizhi:社交/直播", "%zz&&==", []byte("<!DOCTYPE x>"))
	f.Add("event", "", "subscribe", "qrscene_教育", "encrypt_type=aes&msg_signature=x", []byte("<xml><Encrypt>AAAA</Encrypt></xml>"))
	f.Add("voice", "1", "", "", "signature=a;b", []byte("{}"))
	f.Add("image", "", "", "", "", bytes.Repeat([]byte("<a>"), 1000))
	var accounts []*account
	for _, mode := range modes {
		accounts = append(accounts, newAccount(f, mode))
	}
	var serial atomic.Int64
	f.Fuzz(func(t *testing.T, kind, text, event, key, query string, body []byte) {
		n := serial.Add(1)
		m := wechattest.Message{From: fmt.Sprint("fuzz", n), Type: kind, ID: n, Created: time.Now().Unix(), Fields: []wechattest.Field{
			{Name: "Content", Value: text}, {Name: "Recognition", Value: text}, {Name: "Event", Value: event}, {Name: "EventKey", Value: key},
		}}
		for _, a := range accounts {
			handler := a.service.Handler()
			w := direct(t, handler, a.Sender, m)
			if _, err := a.Judge(m, w.Code, w.Body.Bytes()); err != nil && !slices.Contains(refusals, w.Code) {
				t.Errorf("%s: %v", a.Mode, err)
			}
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				r := httptest.NewRequest(method, "/wechat", bytes.NewReader(body))
				r.URL.RawQuery = query
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if !slices.Contains(refusals, w.Code) {
					t.Errorf("%s: %s of a stranger: status %d, %q", a.Mode, method, w.Code, w.Body)
				}
			}
			if panics := total(t, a.service, "zizhi_panics_total", ""); panics > 0 {
				t.Fatalf("%s: a panic", a.Mode)
			}
		}
	})
}

// FuzzAsk is what staff, or somebody at this machine, posts.
func FuzzAsk(f *testing.F) {
	for _, seed := range []string{`{"q":"直播"}`, `{"q":"1","history":["医院要什么证"]}`, `{"q":"","history":null}`, `{"q":1}`, `[`, `{"q":"\ud800"}`} {
		f.Add([]byte(seed))
	}
	handler := newAccount(f, wechat.Safe).service.Handler()
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "http://localhost/api/ask", bytes.NewReader(body))
		r.RemoteAddr = "127.0.0.1:1"
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
	})
}
