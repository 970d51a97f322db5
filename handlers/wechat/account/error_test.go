package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/util"

	"zizhi/handlers/wechat/wechattest"
)

func TestErrors(t *testing.T) {
	for _, test := range []struct {
		name string
		set  func(*wechattest.API)
		code int
		want string // in the text
	}{
		{"wrong AppID", func(api *wechattest.API) { api.AppID = "wxffffffffffffffff" }, 40013, "WECHAT_APP_ID"},
		{"wrong AppSecret", func(api *wechattest.API) { api.Secret = "x" }, 40125, "WECHAT_APP_SECRET"},
		{"not on the allow-list", conditions(func(c *wechattest.Conditions) { c.Allowed = []string{"192.0.2.1"} }), NotAllowed, "把 127.0.0.1 加进"},
		{"unverified", conditions(func(c *wechattest.Conditions) { c.Unverified = true }), NoRight, "目录"},
		{"quota", conditions(func(c *wechattest.Conditions) { c.Quotas = map[string]int{menuPath: 0} }), 45009, "明天"},
		{"busy", func(api *wechattest.API) { api.Fail(menuPath, -1, 1) }, -1, "过一会儿"},
		{"a code without advice", func(api *wechattest.API) { api.Fail(menuPath, 47001, 1) }, 47001, "全局返回码"},
	} {
		t.Run(test.name, func(t *testing.T) {
			api := startAPI(t)
			test.set(api)
			err := newAccount(nil).MenuRight(t.Context())
			if code(err) != test.code || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %d and %q", err, test.code, test.want)
			}
		})
	}
}

// Whatever WeChat or the network does: in time, an *Error, and no secret in it.
func TestErrorsHoldNoSecrets(t *testing.T) {
	before := util.DefaultHTTPClient
	util.DefaultHTTPClient = newClient(200 * time.Millisecond)
	t.Cleanup(func() { util.DefaultHTTPClient = before })
	elsewhere := "" // where a redirect leads
	for name, answer := range map[string]http.HandlerFunc{
		"HTML":  func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") },
		"502":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"cut":   func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"hang":  func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"empty": func(http.ResponseWriter, *http.Request) {},
		"no end": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"errmsg":"`+strings.Repeat("x", 2*largestAnswer))
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere+"/cgi-bin/getcallbackip?"+r.URL.RawQuery, http.StatusFound)
		},
		"echo": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"errcode":40066,"errmsg":"no such page: %s secret=%s"}`, r.URL.RequestURI(), secret)
		},
	} {
		for _, path := range []string{tokenPath, menuPath, sendPath} {
			t.Run(name+path, func(t *testing.T) {
				api := startAPI(t)
				elsewhere = api.URL
				a := newAccount(nil)
				if err := a.MenuRight(t.Context()); err != nil {
					t.Fatal(err)
				}
				if path == tokenPath {
					api.RevokeTokens()
				}
				api.Answer(path, answer)
				err := a.MenuRight(t.Context())
				if path == sendPath {
					err = a.SendText(t.Context(), "somebody", "text")
				}
				if code(err) < 0 || err == nil {
					t.Fatalf("got %v, want an *Error", err)
				}
				for _, part := range []string{secret, "TOKEN_0"} {
					if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), part) {
						t.Errorf("%s stands in %v", part, err)
					}
				}
				if n := len(api.Calls("/cgi-bin/getcallbackip")); n != 0 {
					t.Error("a redirect was followed")
				}
			})
		}
	}
}

func TestScrub(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		"api unauthorized rid: 1-2": "api unauthorized rid: 1-2",
		`Get "https://h/p?access_token=a_B-1&x=2": EOF`: `Get "https://h/p?access_token=***&x=2": EOF`,
		"?appid=wx1&secret=abc&grant_type=x":            "?appid=wx1&secret=***&grant_type=x",
		`{"access_token":"abc","expires_in":1}`:         `{"access_token":"***","expires_in":1}`,
		`{"secret": "abc"}`:                             `{"secret": "***"}`,
		`{\"secret\":\"abc\"}`:                          `{\"secret\":\"***\"}`,
		"uri=https://h?ACCESS_TOKEN=abc , code=1":       "uri=https://h?ACCESS_TOKEN=*** , code=1",
		"the known one: hunter2":                        "the known one: ***",
		"access_token missing":                          "access_token missing",
	} {
		if got := scrub(text, []string{"", "hunter2"}); got != want {
			t.Errorf("scrub(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestAddress(t *testing.T) {
	for text, want := range map[string]string{
		"invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 1": "203.0.113.7",
		"invalid ip 2001:db8::1, not in whitelist":                                "2001:db8::1",
		"invalid ip ::ffff:203.0.113.7 ipv6 ::ffff:203.0.113.7":                   "203.0.113.7",
		"invalid ip 999.1.1.1": "",
		"not in whitelist":     "",
	} {
		if got := address(text); got != want {
			t.Errorf("address(%q) = %q, want %q", text, got, want)
		}
	}
	err := explain(util.NewCommonError("x", NotAllowed, "not in whitelist"))
	if strings.Contains(err.Error(), "{") {
		t.Errorf("the advice is not filled: %v", err)
	}
}

func TestErrorsTellOfEndedContexts(t *testing.T) {
	startAPI(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newAccount(nil).MenuRight(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func conditions(change func(*wechattest.Conditions)) func(*wechattest.API) {
	return func(api *wechattest.API) { api.Change(change) }
}
