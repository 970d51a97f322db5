package handlers_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/silenceper/wechat/v2/util"

	"zizhi/handlers/wechat"
	wechataccount "zizhi/handlers/wechat/account"
	"zizhi/handlers/wechat/wechattest"
)

// pushing is an account that sends customer-service messages, WeChat's API, and what is logged.
func pushing(t *testing.T) (*account, *wechattest.API, *logged) {
	t.Helper()
	api, err := wechattest.NewAPI(testAppID, "the secret")
	if err != nil {
		t.Fatal(err)
	}
	util.SetURIModifier(api.Rewrite)
	a := newAccount(t, wechat.Safe)
	t.Cleanup(func() {
		a.service.Settle(context.Background()) // or its parts would reach the next test's API
		util.SetURIModifier(nil)
		api.Close()
	})
	log := &logged{}
	a.service.Log = slog.New(slog.NewTextHandler(log, nil))
	a.service.Account = wechataccount.New(wechataccount.Config{AppID: testAppID, Secret: "the secret"})
	server := httptest.NewServer(a.service.Handler())
	t.Cleanup(server.Close)
	a.Sender.URL = server.URL + "/wechat"
	return a, api, log
}

type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// outcomes waits until so many messages have come to an outcome.
func outcomes(t *testing.T, a *account, outcome string, want int) {
	t.Helper()
	got := 0
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		families, err := a.service.Metrics.Registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		got = 0
		for _, family := range families {
			for _, metric := range family.GetMetric() {
				if family.GetName() == "zizhi_customer_messages_total" && metric.GetLabel()[0].GetValue() == outcome {
					got = int(metric.GetCounter().GetValue())
				}
			}
		}
		if got >= want {
			break
		}
	}
	if got != want {
		t.Fatalf("%d messages %s, want %d", got, outcome, want)
	}
}

// longAnswer asks for all rows of a category at once, and returns the first part.
func longAnswer(t *testing.T, a *account, user string) string {
	t.Helper()
	a.say(t, user, "医疗")
	first := a.say(t, user, "全部")
	if !strings.Contains(first, "（1/") {
		t.Fatalf("the answer is not a long one: %s", first)
	}
	return first
}

// The further parts arrive by themselves, in order, once; 继续 brings the same.
func TestFurtherPartsArePushed(t *testing.T) {
	a, api, _ := pushing(t)
	api.Hear("reader")
	first := longAnswer(t, a, "reader")
	if !strings.Contains(first, "马上发来") {
		t.Errorf("the first part does not say that more follows: %s", first)
	}
	var want []string
	for part := "继续"; strings.Contains(part, "继续"); {
		part = a.say(t, "reader", "继续")
		want = append(want, strings.TrimSuffix(part, "回复“继续”看下一部分。"))
	}
	outcomes(t, a, "sent", len(want))
	var got []string
	for _, sent := range api.Sent() {
		if sent.To != "reader" || sent.Type != "text" {
			t.Errorf("sent: %+v", sent)
		}
		got = append(got, sent.Text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("by 继续 (-), pushed (+):\n%s", diff)
	}
}

// A retry of WeChat's gets the first part again and pushes nothing.
func TestRetriesPushNothing(t *testing.T) {
	a, api, _ := pushing(t)
	api.Hear("repeater")
	a.say(t, "repeater", "医疗")
	m := wechattest.Text("repeater", "全部")
	first := a.raw(t, m)
	for range 3 {
		if again := a.raw(t, m); again != first {
			t.Errorf("a retry got other bytes:\n%s", again)
		}
	}
	longAnswer(t, a, "marker") // nobody has heard of this person: their parts fail, after those of the other
	outcomes(t, a, "sent", len(api.Sent()))
	if len(api.Sent()) == 0 {
		t.Error("nothing was sent")
	}
	seen := map[string]bool{}
	for _, sent := range api.Sent() {
		if seen[sent.Text] {
			t.Errorf("sent twice: %.80s", sent.Text)
		}
		seen[sent.Text] = true
	}
}

// What cannot be sent is counted and logged without a secret or a person's id, and 继续 brings it.
func TestPushFails(t *testing.T) {
	a, api, log := pushing(t)
	longAnswer(t, a, "unheard") // nobody has heard of this person: 45015
	second := a.say(t, "unheard", "继续")
	parts := int(second[strings.Index(second, "（2/")+len("（2/")] - '0')
	outcomes(t, a, "failed", parts-1)
	if n := len(api.Calls("/cgi-bin/message/custom/send")); n != 1 {
		t.Errorf("%d messages tried, want one", n)
	}
	text := log.String()
	if !strings.Contains(text, "45015") || strings.Contains(text, "TOKEN_0") || strings.Contains(text, "the secret") || strings.Contains(text, "unheard") {
		t.Errorf("logged:\n%s", text)
	}
}

// WeChat's API may hang: replies go on, and no more than 32 people's parts wait for it.
func TestPushHangs(t *testing.T) {
	a, api, _ := pushing(t)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	var waiting, most atomic.Int64
	api.Answer("/cgi-bin/message/custom/send", func(_ http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), waiting.Add(1))) // the answers begin one by one: one person at a time asks
		select {
		case <-release:
		case <-r.Context().Done(): // the caller's patience has ended
		}
		waiting.Add(-1)
	})
	for i := range 40 {
		began := time.Now()
		longAnswer(t, a, fmt.Sprint("person ", i))
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("person %d waited %v", i, took)
		}
	}
	if n := most.Load(); n < 1 || n > 32 {
		t.Errorf("%d wait at once, want 1 to 32", n)
	}
}

// The page takes WeChat's place, but no customer-service message reaches it.
func TestPageIsNotPushedTo(t *testing.T) {
	a, api, _ := pushing(t)
	server := httptest.NewServer(a.service.Handler())
	defer server.Close()
	jar := http.Header{}
	for _, text := range []string{"医疗", "全部"} {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, server.URL+"/chat", strings.NewReader(`{"text":"`+text+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = jar.Clone()
		r.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, cookie := range answer.Cookies() {
			jar.Add("Cookie", cookie.String())
		}
		var body bytes.Buffer
		if _, err := body.ReadFrom(answer.Body); err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if strings.Contains(body.String(), "马上发来") {
			t.Errorf("the page is promised a push: %s", body.String())
		}
		if text == "全部" && !strings.Contains(body.String(), "（1/") {
			t.Errorf("the answer is not a long one: %s", body.String())
		}
	}
	if n := len(api.Calls("")); n != 0 {
		t.Errorf("%d calls to WeChat", n)
	}
}
