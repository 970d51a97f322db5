package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/silenceper/wechat/v2/cache"
	"github.com/silenceper/wechat/v2/officialaccount/menu"
	"github.com/silenceper/wechat/v2/util"

	"zizhi/handlers/wechat/wechattest"
)

const (
	appID  = "wx0123456789abcdef"
	secret = "0123456789abcdef0123456789abcdef"

	tokenPath = "/cgi-bin/stable_token"
	menuPath  = "/cgi-bin/menu/get"
	sendPath  = "/cgi-bin/message/custom/send"
)

// startAPI starts WeChat's stand-in and leads the SDK to it.
func startAPI(t *testing.T) *wechattest.API {
	t.Helper()
	api, err := wechattest.NewAPI(appID, secret)
	if err != nil {
		t.Fatal(err)
	}
	util.SetURIModifier(api.Rewrite)
	t.Cleanup(func() {
		util.SetURIModifier(nil)
		api.Close()
	})
	return api
}

func newAccount(c cache.ContextCache) *Account {
	return New(Config{AppID: appID, Secret: secret, Cache: c})
}

// code is the errcode of an error; 0 where there is none, -2 where it is no *Error.
func code(err error) int {
	var e *Error
	switch {
	case err == nil:
		return 0
	case errors.As(err, &e):
		return e.Code
	}
	return -2
}

func TestMenu(t *testing.T) {
	api, ctx := startAPI(t), t.Context()
	a := newAccount(nil)
	if err := a.MenuRight(ctx); err != nil {
		t.Errorf("an account that may have a menu and has none: %v", err)
	}
	if live, err := a.Menu(ctx); live != nil || err != nil {
		t.Errorf("without a menu: %v, %v", live, err)
	}
	pushed := []*menu.Button{
		{Name: "内容", SubButtons: []*menu.Button{{Type: "click", Name: "社交", Key: "k:社交"}, {Type: "view", Name: "网页", URL: "https://example.com/a?b=1&c=2"}}},
		{Type: "click", Name: "目录", Key: "k:目录"},
	}
	if err := a.PushMenu(ctx, pushed); err != nil {
		t.Fatal(err)
	}
	live, err := a.Menu(ctx)
	if diff := cmp.Diff(pushed, live); err != nil || diff != "" {
		t.Errorf("what was pushed (-) and what is live (+) differ (%v):\n%s", err, diff)
	}
	if err := a.DeleteMenu(ctx); err != nil || api.Menu() != nil {
		t.Errorf("after deletion (%v) there is a menu: %s", err, api.Menu())
	}
	if err := a.PushMenu(ctx, []*menu.Button{{Type: "click", Name: strings.Repeat("长", 6), Key: "k"}}); code(err) != 40018 {
		t.Errorf("a button with too long a name: %v, want 40018", err)
	}
	api.Change(func(c *wechattest.Conditions) { c.Unverified = true })
	if err := a.MenuRight(ctx); code(err) != NoRight || !strings.Contains(err.Error(), "目录") {
		t.Errorf("an account without the right: %v", err)
	}
}

// The console writes its own kinds of buttons, which have a value and no key.
func TestMenuOfTheConsole(t *testing.T) {
	api := startAPI(t)
	api.Answer("/cgi-bin/get_current_selfmenu_info", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"is_menu_open":1,"selfmenu_info":{"button":[{"type":"text","name":"电话","value":"请拨 10000"},
			{"name":"更多","sub_button":{"list":[{"type":"news","name":"图文","value":"KQb_w","news_info":{"list":[]}}]}}]}}`)
	})
	want := []*menu.Button{{Type: "text", Name: "电话", Key: "请拨 10000"}, {Name: "更多", SubButtons: []*menu.Button{{Type: "news", Name: "图文", Key: "KQb_w"}}}}
	live, err := newAccount(nil).Menu(t.Context())
	if diff := cmp.Diff(want, live); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestSendText(t *testing.T) {
	api, ctx := startAPI(t), t.Context()
	a := newAccount(nil)
	if err := a.SendText(ctx, "somebody", "在吗"); code(err) != 45015 {
		t.Errorf("to somebody who never wrote: %v, want 45015", err)
	}
	api.Hear("somebody")
	for i := range 5 {
		if err := a.SendText(ctx, "somebody", fmt.Sprintf("第 %d 条 <a href=\"x\">&</a>", i+1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.SendText(ctx, "somebody", "第 6 条"); code(err) != 45047 {
		t.Errorf("a sixth message: %v, want 45047", err)
	}
	sent := api.Sent()
	if len(sent) != 5 || sent[4].Text != `第 5 条 <a href="x">&</a>` || sent[4].To != "somebody" {
		t.Errorf("sent: %+v", sent)
	}
}

func TestCallbackIPs(t *testing.T) {
	startAPI(t)
	if ips, err := newAccount(nil).CallbackIPs(t.Context()); err != nil || len(ips) != 3 {
		t.Errorf("%v, %v", ips, err)
	}
}

func TestClock(t *testing.T) {
	api := startAPI(t)
	if at, err := Clock(t.Context()); err != nil || time.Since(at).Abs() > 5*time.Second {
		t.Errorf("%v, %v, want about now", at, err)
	}
	api.Answer("/cgi-bin/getcallbackip", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", "Tue, 24 Nov 2026 09:00:00 GMT")
		w.WriteHeader(http.StatusBadGateway)
	})
	if at, err := Clock(t.Context()); err != nil || !at.Equal(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("of an answer that is an error: %v, %v", at, err)
	}
	api.Close()
	if _, err := Clock(t.Context()); code(err) != 0 || err == nil {
		t.Errorf("without WeChat: %v", err)
	}
}

// The token is asked for once; a refused one is replaced once, by the next one or by force.
func TestRefusedToken(t *testing.T) {
	for _, test := range []struct {
		name   string
		refuse func(*wechattest.API)
		forced bool
	}{
		{"taken back", (*wechattest.API).RevokeTokens, false},
		{"ended", (*wechattest.API).ExpireTokens, false},
		{"refused though it stands", func(api *wechattest.API) { api.Fail(menuPath, 40014, 1) }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			api := startAPI(t)
			renewals := 0
			a := New(Config{AppID: appID, Secret: secret, Renewed: func(err error) {
				renewals++
				if err != nil {
					t.Error(err)
				}
			}})
			for range 3 {
				if err := a.MenuRight(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if renewals != 1 {
				t.Fatalf("three calls asked for %d tokens, want one", renewals)
			}
			test.refuse(api)
			if err := a.MenuRight(t.Context()); err != nil {
				t.Fatalf("with a refused token: %v", err)
			}
			asked := api.Calls(tokenPath)
			if forced := strings.Contains(string(asked[len(asked)-1].Body), `"force_refresh":true`); forced != test.forced {
				t.Errorf("forced: %v, want %v", forced, test.forced)
			}
			if renewals != len(asked) {
				t.Errorf("%d renewals told of, %d made", renewals, len(asked))
			}
			if n := len(api.Calls(menuPath)); n != 5 {
				t.Errorf("%d calls, want 5: one of the four was made twice", n)
			}
		})
	}
}

// A token that is refused again and again costs two calls, not a loop.
func TestTokenRefusedForEver(t *testing.T) {
	api := startAPI(t)
	api.Fail(menuPath, 42001, -1)
	if err := newAccount(nil).MenuRight(t.Context()); code(err) != 42001 {
		t.Errorf("got %v", err)
	}
	if n := len(api.Calls(menuPath)); n != 2 {
		t.Errorf("%d calls, want 2", n)
	}
}

// shelf is a cache that several accounts share, with a lock.
type shelf struct {
	mu    sync.Mutex
	on    map[string]string
	locks chan struct{}
}

func newShelf() *shelf { return &shelf{on: map[string]string{}, locks: make(chan struct{}, 1)} }

func (s *shelf) GetContext(_ context.Context, key string) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if val, ok := s.on[key]; ok {
		return val
	}
	return nil
}

func (s *shelf) SetContext(_ context.Context, key string, val any, _ time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on[key] = val.(string)
	return nil
}

func (s *shelf) DeleteContext(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.on, key)
	return nil
}

func (s *shelf) Lock(context.Context, string) (func(), error) {
	s.locks <- struct{}{}
	return func() { <-s.locks }, nil
}

func (s *shelf) IsExistContext(ctx context.Context, key string) bool {
	return s.GetContext(ctx, key) != nil
}
func (s *shelf) Get(key string) any      { return s.GetContext(context.Background(), key) }
func (s *shelf) Delete(key string) error { return s.DeleteContext(context.Background(), key) }
func (s *shelf) IsExist(key string) bool { return s.Get(key) != nil }
func (s *shelf) Set(key string, val any, d time.Duration) error {
	return s.SetContext(context.Background(), key, val, d)
}

// Of sixty callers on three instances one asks WeChat; so it is when the token is taken back.
func TestOneRenewal(t *testing.T) {
	api := startAPI(t)
	shared := newShelf()
	var renewals atomic.Int64
	var instances []*Account
	for range 3 {
		instances = append(instances, New(Config{AppID: appID, Secret: secret, Cache: shared, Renewed: func(error) { renewals.Add(1) }}))
	}
	crowd := func() {
		var wg sync.WaitGroup
		for i := range 60 {
			wg.Go(func() {
				if err := instances[i%3].MenuRight(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	crowd()
	if n := renewals.Load(); n != 1 {
		t.Errorf("%d renewals, want one", n)
	}
	api.RevokeTokens()
	crowd()
	if n := renewals.Load(); n != 2 {
		t.Errorf("%d renewals after the token was taken back, want one more", n)
	}
}
