package wechattest

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// API stands in for api.weixin.qq.com, for one account: tokens, the menu,
// customer-service messages and WeChat's addresses, with the errors that the documents
// name (全局返回码). As there, every answer has status 200 and an errcode in its JSON.
//
// Change alters the conditions of the account at any time. The SDK
// github.com/silenceper/wechat/v2 is led to it by util.SetURIModifier(api.Rewrite).
type API struct {
	URL    string // http://127.0.0.1:port, without a slash at the end
	AppID  string
	Secret string

	server *http.Server

	mu         sync.Mutex
	conditions Conditions
	calls      []Call
	answers    map[string]http.HandlerFunc
	failures   map[string]*failure
	tokens     tokens
	menu       json.RawMessage
	sent       []Sent
	windows    map[string]*window
}

// Conditions are what an account meets at WeChat. The zero value is a verified
// account without limits.
type Conditions struct {
	Allowed    []string         // the account's address allow-list (40164); nil = everybody
	Unverified bool             // the account has neither menu nor customer-service rights (48001)
	Now        func() time.Time // the clock that lets tokens and reply windows run out; nil = time.Now
	Quotas     map[string]int   // how often a path may be called (45009), such as "/cgi-bin/menu/create": 1000; others without limit
}

// Change alters the conditions for all calls from now on.
func (a *API) Change(change func(*Conditions)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(&a.conditions)
}

// Call is one request that the API received.
type Call struct {
	Method string
	Path   string
	Query  url.Values
	Body   []byte
}

type failure struct{ code, times int }

// messages are the texts that come with the error codes.
var messages = map[int]string{
	-1:    "system error",
	0:     "ok",
	40001: "invalid credential, access_token is invalid or not latest",
	40002: "invalid grant_type",
	40003: "invalid openid",
	40008: "invalid message type",
	40013: "invalid appid",
	40014: "invalid access_token",
	40016: "invalid button size",
	40017: "invalid button type",
	40018: "invalid button name size",
	40019: "invalid button key size",
	40020: "invalid button url size",
	40023: "invalid sub button size",
	40024: "invalid sub button type",
	40025: "invalid sub button name size",
	40026: "invalid sub button key size",
	40027: "invalid sub button url size",
	40054: "invalid sub button url domain",
	40055: "invalid button url domain",
	40125: "invalid appsecret",
	41001: "access_token missing",
	41002: "appid missing",
	41004: "appsecret missing",
	42001: "access_token expired",
	43001: "require GET method",
	43002: "require POST method",
	44004: "empty content",
	45002: "content size out of limit",
	45009: "reach max api daily quota limit",
	45015: "response out of time limit or subscription is canceled",
	45047: "out of response count limit",
	46003: "menu no exist",
	47001: "data format error",
	48001: "api unauthorized",
}

// NewAPI starts a stand-in on a free port of this machine. Close ends it.
func NewAPI(appID, secret string) (*API, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("wechattest: %w", err)
	}
	a := &API{URL: "http://" + listener.Addr().String(), AppID: appID, Secret: secret}
	a.server = &http.Server{Handler: a, ReadHeaderTimeout: 10 * time.Second}
	go a.server.Serve(listener) // ends with Close
	return a, nil
}

// Close ends the stand-in and cuts its connections.
func (a *API) Close() { a.server.Close() }

// Rewrite leads a URL of api.weixin.qq.com to the stand-in and leaves others alone.
func (a *API) Rewrite(uri string) string {
	if rest, ok := strings.CutPrefix(uri, "https://api.weixin.qq.com/"); ok {
		return a.URL + "/" + rest
	}
	return uri
}

// Fail makes the next calls of path (such as "/cgi-bin/menu/create") answer with an
// errcode, as often as times says; times < 0 means until Fail(path, 0, 0).
func (a *API) Fail(path string, code, times int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failures == nil {
		a.failures = map[string]*failure{}
	}
	a.failures[path] = &failure{code, times}
}

// Answer puts h in the place of what path does, for answers that are no JSON, that
// hang, or that cut the connection. The call is recorded first; its body is read.
func (a *API) Answer(path string, h http.HandlerFunc) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.answers == nil {
		a.answers = map[string]http.HandlerFunc{}
	}
	a.answers[path] = h
}

// Calls returns what was received on path so far, oldest first; "" = on any path.
func (a *API) Calls(path string) []Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	var calls []Call
	for _, c := range a.calls {
		if path == "" || c.Path == path {
			calls = append(calls, c)
		}
	}
	return calls
}

// endpoint is one path of the API. do runs with the lock held and returns what to
// answer with: an int is an errcode, anything else is written as JSON.
type endpoint struct {
	method  string // "" = any
	open    bool   // needs no access_token
	granted bool   // needs a verified account
	do      func(a *API, c Call) any
}

var endpoints = map[string]endpoint{
	"/cgi-bin/token":                     {method: http.MethodGet, open: true, do: (*API).classicToken},
	"/cgi-bin/stable_token":              {method: http.MethodPost, open: true, do: (*API).stableToken},
	"/cgi-bin/menu/create":               {method: http.MethodPost, granted: true, do: (*API).createMenu},
	"/cgi-bin/menu/get":                  {method: http.MethodGet, granted: true, do: (*API).getMenu},
	"/cgi-bin/menu/delete":               {method: http.MethodGet, granted: true, do: (*API).deleteMenu},
	"/cgi-bin/get_current_selfmenu_info": {method: http.MethodGet, do: (*API).currentMenu},
	"/cgi-bin/message/custom/send":       {method: http.MethodPost, granted: true, do: (*API).sendCustom},
	"/cgi-bin/getcallbackip":             {method: http.MethodGet, do: (*API).addresses},
	"/cgi-bin/get_api_domain_ip":         {method: http.MethodGet, do: (*API).addresses},
}

// ServeHTTP records the call and answers it.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		return
	}
	call := Call{Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Body: body}
	a.mu.Lock()
	a.calls = append(a.calls, call)
	if h := a.answers[call.Path]; h != nil {
		a.mu.Unlock()
		h(w, r)
		return
	}
	answer := a.answer(call, r.RemoteAddr)
	a.mu.Unlock()
	if code, isCode := answer.(int); isCode {
		answer = status(code, messages[code])
	}
	w.Header().Set("Content-Type", "application/json; encoding=utf-8")
	json.NewEncoder(w).Encode(answer)
}

type result struct {
	Code    int    `json:"errcode"`
	Message string `json:"errmsg"`
}

// status is the answer to calls that return nothing but an errcode.
func status(code int, text string) result {
	if code != 0 {
		text += " rid: 00000000-00000000-00000000"
	}
	return result{code, text}
}

func (a *API) answer(c Call, remote string) any {
	e, known := endpoints[c.Path]
	switch {
	case !known:
		return status(40066, "invalid url")
	case e.method == http.MethodGet && c.Method != http.MethodGet:
		return 43001
	case e.method == http.MethodPost && c.Method != http.MethodPost:
		return 43002
	}
	if f := a.failures[c.Path]; f != nil && f.times != 0 {
		f.times--
		if f.code == 40164 {
			return notAllowed(remote)
		}
		return f.code
	}
	if quota, limited := a.conditions.Quotas[c.Path]; limited && a.count(c.Path) > quota {
		return 45009
	}
	if host, _, _ := net.SplitHostPort(remote); a.conditions.Allowed != nil && !slices.Contains(a.conditions.Allowed, host) {
		return notAllowed(remote)
	}
	if !e.open {
		if code := a.authorize(c.Query.Get("access_token")); code != 0 {
			return code
		}
	}
	if e.granted && a.conditions.Unverified {
		return 48001
	}
	return e.do(a, c)
}

// notAllowed names the caller's address, as WeChat does.
func notAllowed(remote string) result {
	host, _, _ := net.SplitHostPort(remote)
	return status(40164, fmt.Sprintf("invalid ip %s ipv6 ::ffff:%s, not in whitelist", host, host))
}

// count says how often path was called so far, this call included.
func (a *API) count(path string) (n int) {
	for _, c := range a.calls {
		if c.Path == path {
			n++
		}
	}
	return n
}

func (a *API) now() time.Time {
	if a.conditions.Now == nil {
		return time.Now()
	}
	return a.conditions.Now()
}

// addresses answers with addresses reserved for documentation.
func (a *API) addresses(Call) any {
	return map[string][]string{"ip_list": {"192.0.2.1", "192.0.2.0/28", "2001:db8::1"}}
}
