package wechattest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/credential"
	"github.com/silenceper/wechat/v2/officialaccount/basic"
	"github.com/silenceper/wechat/v2/officialaccount/config"
	sdk "github.com/silenceper/wechat/v2/officialaccount/context"
	"github.com/silenceper/wechat/v2/officialaccount/menu"
	"github.com/silenceper/wechat/v2/officialaccount/message"
	"github.com/silenceper/wechat/v2/util"

	"zizhi/handlers/wechat/wechattest"
)

const secret = "0123456789abcdef0123456789abcdef"

func newAPI(t *testing.T) *wechattest.API {
	t.Helper()
	a, err := wechattest.NewAPI(appID, secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// call posts body (or gets, if it is "") and returns the errcode and the whole answer.
func call(t *testing.T, a *wechattest.API, path, body string) (int, map[string]any) {
	t.Helper()
	method := http.MethodPost
	if body == "" {
		method = http.MethodGet
	}
	return request(t, a, method, path, body)
}

func request(t *testing.T, a *wechattest.API, method, path, body string) (int, map[string]any) {
	t.Helper()
	r, err := http.NewRequest(method, a.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", path, response.StatusCode, err)
	}
	code, _ := answer["errcode"].(float64)
	return int(code), answer
}

func stableBody(appID, secret string, force bool) string {
	body, _ := json.Marshal(map[string]any{"grant_type": "client_credential", "appid": appID, "secret": secret, "force_refresh": force})
	return string(body)
}

func stable(t *testing.T, a *wechattest.API, force bool) string {
	t.Helper()
	_, answer := call(t, a, "/cgi-bin/stable_token", stableBody(appID, secret, force))
	token, _ := answer["access_token"].(string)
	return token
}

const ips = "/cgi-bin/getcallbackip?access_token="

func TestTokenErrors(t *testing.T) {
	a := newAPI(t)
	const classic = "/cgi-bin/token?"
	cases := []struct {
		name, path, body string
		code             int
	}{
		{"right", classic + "grant_type=client_credential&appid=" + appID + "&secret=" + secret, "", 0},
		{"wrong secret", classic + "grant_type=client_credential&appid=" + appID + "&secret=x", "", 40125},
		{"no secret", classic + "grant_type=client_credential&appid=" + appID, "", 41004},
		{"wrong app id", classic + "grant_type=client_credential&appid=x&secret=x", "", 40013},
		{"no app id", classic + "grant_type=client_credential", "", 41002},
		{"wrong grant type", classic + "grant_type=x", "", 40002},
		{"stable", "/cgi-bin/stable_token", stableBody(appID, secret, false), 0},
		{"stable, wrong secret", "/cgi-bin/stable_token", stableBody(appID, "x", false), 40125},
		{"stable by GET", "/cgi-bin/stable_token", "", 43002},
		{"stable, no JSON", "/cgi-bin/stable_token", "{", 47001},
		{"no token", "/cgi-bin/getcallbackip", "", 41001},
		{"a made-up token", ips + "x", "", 40014},
		{"an unknown path", "/cgi-bin/unknown", "", 40066},
		{"menu/create by GET", "/cgi-bin/menu/create", "", 43002},
		{"menu/get by POST", "/cgi-bin/menu/get", "{}", 43001},
	}
	for _, c := range cases {
		if code, answer := call(t, a, c.path, c.body); code != c.code {
			t.Errorf("%s: %v, expected errcode %d", c.name, answer, c.code)
		}
	}
}

func TestStableToken(t *testing.T) {
	a := newAPI(t)
	clock := time.Unix(1_700_000_000, 0)
	a.Change(func(c *wechattest.Conditions) { c.Now = func() time.Time { return clock } })
	first := stable(t, a, false)
	if again := stable(t, a, false); first == "" || again != first {
		t.Errorf("normal mode gave %q, then %q", first, again)
	}
	second := stable(t, a, true)
	if code, _ := call(t, a, ips+first, ""); second == first || code != 40001 {
		t.Errorf("forced: %q after %q, the old one answers %d, expected 40001", second, first, code)
	}
	if soon := stable(t, a, true); soon != second {
		t.Errorf("forced again within 30 s: %q, expected %q still", soon, second)
	}
	clock = clock.Add(115 * time.Minute)
	third := stable(t, a, false)
	if code, _ := call(t, a, ips+second, ""); third == second || code != 0 {
		t.Errorf("5 minutes before the end: %q after %q, which answers %d, expected 0", third, second, code)
	}
	clock = clock.Add(5 * time.Minute)
	if code, _ := call(t, a, ips+second, ""); code != 42001 {
		t.Errorf("after its end a token answers %d, expected 42001", code)
	}
	for range 19 {
		clock = clock.Add(time.Minute)
		stable(t, a, true)
	}
	clock = clock.Add(time.Minute)
	if code, _ := call(t, a, "/cgi-bin/stable_token", stableBody(appID, secret, true)); code != 45009 {
		t.Errorf("the 21st forced renewal of a day answers %d, expected 45009", code)
	}
}

func TestClassicToken(t *testing.T) {
	a := newAPI(t)
	clock := time.Unix(1_700_000_000, 0)
	a.Change(func(c *wechattest.Conditions) { c.Now = func() time.Time { return clock } })
	get := func() string {
		_, answer := call(t, a, "/cgi-bin/token?grant_type=client_credential&appid="+appID+"&secret="+secret, "")
		token, _ := answer["access_token"].(string)
		return token
	}
	first, second, other := get(), get(), stable(t, a, false)
	if first == second || other == first || other == second {
		t.Errorf("tokens are not told apart: %q, %q, stable %q", first, second, other)
	}
	for _, c := range []struct {
		after time.Duration
		code  int
	}{{0, 0}, {5 * time.Minute, 42001}} {
		clock = clock.Add(c.after)
		if code, _ := call(t, a, ips+first, ""); code != c.code {
			t.Errorf("%v after the next was given out, a token answers %d, expected %d", c.after, code, c.code)
		}
	}
	if code, _ := call(t, a, ips+second, ""); code != 0 {
		t.Errorf("the latest token answers %d", code)
	}
}

func TestVoidTokens(t *testing.T) {
	a := newAPI(t)
	for _, c := range []struct {
		do   func()
		code int
	}{{a.ExpireTokens, 42001}, {a.RevokeTokens, 40001}} {
		token := stable(t, a, false)
		c.do()
		if code, _ := call(t, a, ips+token, ""); code != c.code {
			t.Errorf("errcode %d, expected %d", code, c.code)
		}
		if code, _ := call(t, a, ips+stable(t, a, false), ""); code != 0 {
			t.Errorf("a new token answers %d", code)
		}
	}
}

func TestAllowListQuotaRightsAndFail(t *testing.T) {
	a := newAPI(t)
	token := stable(t, a, false)
	a.Fail("/cgi-bin/getcallbackip", 45009, 2)
	for i, want := range []int{45009, 45009, 0} {
		if code, _ := call(t, a, ips+token, ""); code != want {
			t.Errorf("call %d after Fail twice: %d, expected %d", i, code, want)
		}
	}
	a.Fail("/cgi-bin/getcallbackip", -1, -1)
	for range 3 {
		if code, _ := call(t, a, ips+token, ""); code != -1 {
			t.Errorf("after Fail for ever: %d", code)
		}
	}
	a.Fail("/cgi-bin/getcallbackip", 0, 0)
	if code, _ := call(t, a, ips+token, ""); code != 0 {
		t.Errorf("after Fail was ended: %d", code)
	}
	if n := len(a.Calls("/cgi-bin/getcallbackip")); n != 7 || len(a.Calls("")) != 8 {
		t.Errorf("%d and %d calls noted, expected 7 and 8", n, len(a.Calls("")))
	}

	b := newAPI(t)
	b.Change(func(c *wechattest.Conditions) {
		c.Allowed, c.Unverified, c.Quotas = []string{"192.0.2.7"}, true, map[string]int{"/cgi-bin/stable_token": 2}
	})
	code, answer := call(t, b, "/cgi-bin/stable_token", stableBody(appID, secret, false))
	if text, _ := answer["errmsg"].(string); code != 40164 || !strings.Contains(text, "invalid ip 127.0.0.1 ") {
		t.Errorf("not on the allow-list: %v", answer)
	}
	b.Change(func(c *wechattest.Conditions) { c.Allowed = []string{"127.0.0.1"} })
	token = stable(t, b, false)
	if code, _ := call(t, b, "/cgi-bin/stable_token", stableBody(appID, secret, false)); code != 45009 {
		t.Errorf("the third call of two: %d, expected 45009", code)
	}
	for _, path := range []string{"/cgi-bin/menu/get", "/cgi-bin/menu/delete"} {
		if code, _ := call(t, b, path+"?access_token="+token, ""); code != 48001 {
			t.Errorf("%s of an unverified account: %d, expected 48001", path, code)
		}
	}
	b.Fail("/cgi-bin/stable_token", 40164, 1)
	if code, answer = call(t, b, "/cgi-bin/stable_token", "{}"); code != 40164 || !strings.Contains(answer["errmsg"].(string), "127.0.0.1") {
		t.Errorf("Fail with 40164: %v, expected the address", answer)
	}
}

// sub is n times the same button.
func sub(n int, b *menu.Button) []*menu.Button { return slices.Repeat([]*menu.Button{b}, n) }

var (
	click = menu.NewClickButton
	ok    = click("直播", "k")
)

var menus = []struct {
	name    string
	buttons []*menu.Button
	code    int
}{
	{"three with five each", sub(3, menu.NewSubButton("类目", sub(5, ok))), 0},
	{"none", nil, 40016},
	{"four", sub(4, ok), 40016},
	{"six sub-buttons", sub(1, menu.NewSubButton("类目", sub(6, ok))), 40023},
	{"three levels", sub(1, menu.NewSubButton("a", sub(1, menu.NewSubButton("b", sub(1, ok))))), 40023},
	{"no name", sub(1, click("", "k")), 40018},
	{"name of 16 bytes", sub(1, click(strings.Repeat("x", 16), "k")), 0},
	{"name of 17 bytes", sub(1, click(strings.Repeat("x", 17), "k")), 40018},
	{"group name of 18 bytes", sub(1, menu.NewSubButton("六个汉字的名", sub(1, ok))), 40018},
	{"sub-name of 60 bytes", sub(1, menu.NewSubButton("a", sub(1, click(strings.Repeat("证", 20), "k")))), 0},
	{"sub-name of 61 bytes", sub(1, menu.NewSubButton("a", sub(1, click(strings.Repeat("x", 61), "k")))), 40025},
	{"key of 128 bytes", sub(1, click("a", strings.Repeat("k", 128))), 0},
	{"key of 129 bytes", sub(1, click("a", strings.Repeat("k", 129))), 40019},
	{"no key", sub(1, click("a", "")), 40019},
	{"sub-key of 129 bytes", sub(1, menu.NewSubButton("a", sub(1, click("a", strings.Repeat("k", 129))))), 40026},
	{"unknown type", sub(1, &menu.Button{Type: "x", Name: "a"}), 40017},
	{"unknown sub-type", sub(1, menu.NewSubButton("a", sub(1, &menu.Button{Name: "a"}))), 40024},
	{"view", sub(1, menu.NewViewButton("a", "https://example.com/")), 0},
	{"view without url", sub(1, menu.NewViewButton("a", "")), 40020},
	{"view elsewhere", sub(1, menu.NewViewButton("a", "javascript:alert(1)")), 40055},
	{"long sub-url", sub(1, menu.NewSubButton("a", sub(1, menu.NewViewButton("a", "https://"+strings.Repeat("x", 1017))))), 40027},
	{"sub-view elsewhere", sub(1, menu.NewSubButton("a", sub(1, menu.NewViewButton("a", "x")))), 40054},
}

func TestMenuLimits(t *testing.T) {
	a := newAPI(t)
	token := stable(t, a, false)
	for _, c := range menus {
		body, err := json.Marshal(map[string]any{"button": c.buttons})
		if err != nil {
			t.Fatal(err)
		}
		before := a.Menu()
		code, _ := call(t, a, "/cgi-bin/menu/create?access_token="+token, string(body))
		if code != c.code {
			t.Errorf("%s: errcode %d, expected %d", c.name, code, c.code)
		}
		if want := map[bool][]byte{true: body, false: before}[c.code == 0]; !bytes.Equal(a.Menu(), want) {
			t.Errorf("%s: the menu is now %s", c.name, a.Menu())
		}
	}
	for _, body := range []string{"{", `{"button":[null]}`, `{"button":[{"name":"a","sub_button":[null]}]}`} {
		if code, _ := call(t, a, "/cgi-bin/menu/create?access_token="+token, body); code == 0 {
			t.Errorf("%s was taken", body)
		}
	}
}

// custom returns a function that posts a customer-service message and returns its errcode.
func custom(t *testing.T, a *wechattest.API) func(to, kind, content string) int {
	return func(to, kind, content string) int {
		body, _ := json.Marshal(map[string]any{"touser": to, "msgtype": kind, "text": map[string]string{"content": content}})
		code, _ := call(t, a, "/cgi-bin/message/custom/send?access_token="+stable(t, a, false), string(body))
		return code
	}
}

func TestReplyWindows(t *testing.T) {
	a := newAPI(t)
	clock := time.Unix(1_700_000_000, 0)
	a.Change(func(c *wechattest.Conditions) { c.Now = func() time.Time { return clock } })
	send := custom(t, a)
	expect := func(what string, want ...int) {
		t.Helper()
		for i, code := range want {
			if got := send(user, "text", "hi"); got != code {
				t.Errorf("%s: message %d: errcode %d, expected %d", what, i+1, got, code)
			}
		}
	}
	expect("to a stranger", 45015)
	a.Tapped(user)
	expect("after a tap", 0, 0, 0, 45047)
	clock = clock.Add(time.Minute)
	expect("a minute later", 45015)
	a.Hear(user)
	expect("after a message", 0, 0, 0)
	a.Tapped(user)
	expect("a tap keeps the longer window", 0, 0, 0, 45047)
	clock = clock.Add(48*time.Hour - time.Second)
	expect("shortly before its end", 45047)
	clock = clock.Add(time.Second)
	expect("after its end", 45015)
}

func TestCustomMessages(t *testing.T) {
	a := newAPI(t)
	a.Hear(user)
	send := custom(t, a)
	for _, c := range []struct {
		to, kind, text string
		code           int
	}{
		{user, "text", "hi", 0}, {"", "text", "x", 40003}, {user, "fax", "x", 40008}, {user, "text", "", 44004},
		{user, "text", strings.Repeat("x", 2049), 45002}, {user, "msgmenu", "", 0},
	} {
		if code := send(c.to, c.kind, c.text); code != c.code {
			t.Errorf("to %q, type %s, %d bytes: errcode %d, expected %d", c.to, c.kind, len(c.text), code, c.code)
		}
	}
	if code, _ := call(t, a, "/cgi-bin/message/custom/send?access_token="+stable(t, a, false), "{"); code != 47001 {
		t.Errorf("no JSON: errcode %d, expected 47001", code)
	}
	sent := a.Sent()
	if len(sent) != 2 || sent[0].To != user || sent[0].Text != "hi" || sent[1].Type != "msgmenu" {
		t.Errorf("reached people: %+v, expected a text and a msgmenu", sent)
	}
}

func TestAnswer(t *testing.T) {
	a := newAPI(t)
	a.Answer("/cgi-bin/token", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "busy", http.StatusBadGateway) })
	response, err := http.Get(a.URL + "/cgi-bin/token")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusBadGateway || string(body) != "busy\n" || len(a.Calls("/cgi-bin/token")) != 1 {
		t.Errorf("status %d, %q, %d calls noted", response.StatusCode, body, len(a.Calls("/cgi-bin/token")))
	}
}

// fetched is an access token as the SDK wants it, fetched anew each time.
type fetched struct{ *credential.StableAccessToken }

func (f fetched) GetAccessToken() (string, error) {
	answer, err := f.GetAccessTokenDirectly(context.Background(), false)
	return answer.AccessToken, err
}

// nowhere satisfies the SDK, which does not start without a cache.
type nowhere struct{}

func (nowhere) Get(string) interface{}                       { return nil }
func (nowhere) Set(string, interface{}, time.Duration) error { return nil }
func (nowhere) IsExist(string) bool                          { return false }
func (nowhere) Delete(string) error                          { return nil }

// The SDK itself finds everything where it expects it.
func TestSDK(t *testing.T) {
	a := newAPI(t)
	util.SetURIModifier(a.Rewrite)
	t.Cleanup(func() { util.SetURIModifier(nil) })
	stable := credential.NewStableAccessToken(appID, secret, "", nowhere{}).(*credential.StableAccessToken)
	ctx := &sdk.Context{Config: &config.Config{AppID: appID}, AccessTokenHandle: fetched{stable}}

	m := menu.NewMenu(ctx)
	if _, err := m.GetMenu(); err == nil || !strings.Contains(err.Error(), "46003") {
		t.Errorf("no menu yet: %v", err)
	}
	if err := m.SetMenu([]*menu.Button{menu.NewSubButton("类目", []*menu.Button{menu.NewClickButton("直播", "k1")})}); err != nil {
		t.Error(err)
	}
	if got, err := m.GetMenu(); err != nil || got.Menu.Button[0].SubButtons[0].Key != "k1" {
		t.Errorf("menu/get: %+v, %v", got, err)
	}
	if got, err := m.GetCurrentSelfMenuInfo(); err != nil || got.IsMenuOpen != 1 || got.SelfMenuInfo.Button[0].SubButton.List[0].Name != "直播" {
		t.Errorf("get_current_selfmenu_info: %+v, %v", got, err)
	}
	if err := m.DeleteMenu(); err != nil || a.Menu() != nil {
		t.Errorf("menu/delete: %v, left %s", err, a.Menu())
	}
	if got, err := m.GetCurrentSelfMenuInfo(); err != nil || got.IsMenuOpen != 0 {
		t.Errorf("get_current_selfmenu_info without a menu: %+v, %v", got, err)
	}
	for name, get := range map[string]func() ([]string, error){
		"getcallbackip": basic.NewBasic(ctx).GetCallbackIP, "get_api_domain_ip": basic.NewBasic(ctx).GetAPIDomainIP,
	} {
		if got, err := get(); err != nil || len(got) == 0 {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	a.Hear(user)
	if err := message.NewMessageManager(ctx).Send(message.NewCustomerTextMessage(user, "你好")); err != nil || a.Sent()[0].Text != "你好" {
		t.Errorf("custom/send: %v, sent %+v", err, a.Sent())
	}
	a.Fail("/cgi-bin/menu/create", 45009, 1)
	var wrong *util.CommonError
	if err := m.SetMenu(nil); !errors.As(err, &wrong) || wrong.ErrCode != 45009 {
		t.Errorf("after Fail: %v", err)
	}
}

func TestRewriteLeavesOthersAlone(t *testing.T) {
	a := newAPI(t)
	for uri, want := range map[string]string{
		"https://api.weixin.qq.com/cgi-bin/token?a=b": a.URL + "/cgi-bin/token?a=b",
		"https://example.com/api.weixin.qq.com/":      "https://example.com/api.weixin.qq.com/",
	} {
		if got := a.Rewrite(uri); got != want {
			t.Errorf("Rewrite(%q) = %q, expected %q", uri, got, want)
		}
	}
}
