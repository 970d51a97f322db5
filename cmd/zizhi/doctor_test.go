package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"zizhi/bot/redis"
	"zizhi/bot/redis/redistest"
	"zizhi/handlers/wechat/wechattest"
)

const appSecret = "secretsecretsecret"

// nobody listens there: port 1 is tcpmux's, and no test is given it as a free one.
const nobody = "127.0.0.1:1"

// examine runs the doctor with the settings of an account, and others on top,
// and returns what it writes and how it exits.
func examine(t *testing.T, api *wechattest.API, settings ...string) (string, int) {
	t.Helper()
	c := exec.Command("zizhi", "doctor")
	c.Env = append([]string{"PATH=", "ZIZHI_TEST_API=" + api.URL, "WECHAT_TOKEN=" + accountToken,
		"WECHAT_APP_ID=" + accountID, "WECHAT_APP_SECRET=" + appSecret}, settings...)
	out, _ := c.CombinedOutput() // the exit is looked at below
	text := string(out)
	for _, secret := range []string{appSecret, "TOKEN_0"} {
		if strings.Contains(text, secret) {
			t.Errorf("a secret is shown:\n%s", text)
		}
	}
	return text, c.ProcessState.ExitCode()
}

func startWeChat(t *testing.T) *wechattest.API {
	t.Helper()
	api, err := wechattest.NewAPI(accountID, appSecret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	return api
}

func TestDoctorFindsNothing(t *testing.T) {
	store := "REDIS_URL=redis://" + redistest.Start(t).Addr
	s := start(t, "WECHAT_TOKEN="+accountToken, store)
	api := startWeChat(t)
	text, status := examine(t, api, store, "ZIZHI_PUBLIC_URL=http://"+s.address+"/wechat")
	if status != 0 || strings.Contains(text, "✗") || strings.Contains(text, "–") {
		t.Errorf("exit %d:\n%s", status, text)
	}
	for _, what := range []string{"设置", "Redis 127.0.0.1:", "时钟", "凭证", "IP 白名单", "调用接口", "自定义菜单", "公网地址"} {
		if !strings.Contains(text, "✓ "+what) {
			t.Errorf("%s was not found in order:\n%s", what, text)
		}
	}
	// The token is where the service finds it.
	examine(t, api, store)
	if n := len(api.Calls("/cgi-bin/stable_token")); n != 3 {
		t.Errorf("%d requests for a token, want one for each examination and one to keep", n)
	}
}

// What is not set up is not a fault.
func TestDoctorWithoutSettings(t *testing.T) {
	text, status := examine(t, startWeChat(t), "WECHAT_TOKEN=", "WECHAT_APP_ID=", "WECHAT_APP_SECRET=")
	if status != 0 || strings.Count(text, "\n– ") != 3 || strings.Contains(text, "✗") {
		t.Errorf("exit %d:\n%s", status, text)
	}
}

// site answers everything with a status and a text.
func site(t *testing.T, status int, text string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status == http.StatusMovedPermanently {
			w.Header().Set("Location", "http://"+r.Host+"/elsewhere")
		}
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}))
	t.Cleanup(server.Close)
	return "ZIZHI_PUBLIC_URL=" + server.URL + "/wechat"
}

// Each fault alone: it is named, with what to do, and the exit is 1.
func TestDoctorFindsFaults(t *testing.T) {
	small := redistest.Start(t, "--maxmemory", "64mb")
	other := start(t, "WECHAT_TOKEN=another")
	at := func(offset time.Duration) func(*wechattest.API) {
		return func(api *wechattest.API) {
			api.Answer("/cgi-bin/getcallbackip", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Date", time.Now().Add(offset).UTC().Format(http.TimeFormat))
				fmt.Fprint(w, `{"ip_list":["192.0.2.1"]}`)
			})
		}
	}
	for _, test := range []struct {
		name     string
		change   func(*wechattest.API)
		settings string
		found    string // after ✗
		todo     string // after →
	}{
		{"settings", nil, "WECHAT_MODE=secret", "设置 settings：WECHAT_MODE 不对", "write plain, compat or safe"},
		{"wrong AppID", nil, "WECHAT_APP_ID=wxffffffffffffffff", "凭证 token：微信返回 40013", "WECHAT_APP_ID 不对"},
		{"wrong AppSecret", nil, "WECHAT_APP_SECRET=another", "凭证 token：微信返回 40125", "重置 AppSecret"},
		{"allow-list", conditions(func(c *wechattest.Conditions) { c.Allowed = []string{"192.0.2.1"} }), "", "IP 白名单 allow-list：微信返回 40164", "把 127.0.0.1 加进"},
		{"quota", conditions(func(c *wechattest.Conditions) { c.Quotas = map[string]int{"/cgi-bin/menu/get": 0} }), "", "自定义菜单 menu：微信返回 45009", "明天"},
		{"a token that is not taken", func(api *wechattest.API) { api.Fail("/cgi-bin/getcallbackip", 40001, -1) }, "", "调用接口 API：微信返回 40001", "强制刷新"},
		{"clock ahead", at(-2 * time.Minute), "", "时钟 clock：本机比微信快 1", "timedatectl"},
		{"clock behind", at(2 * time.Minute), "", "时钟 clock：本机比微信慢 1", "timedatectl"},
		{"no way to WeChat", nil, "ZIZHI_TEST_API=" + "http://" + nobody, "连接微信 network", "HTTPS_PROXY"},
		{"Redis is gone", nil, "REDIS_URL=redis://" + nobody, "Redis：不能用", "REDIS_URL"},
		{"Redis is small", nil, "REDIS_URL=redis://" + small.Addr, "Redis " + small.Addr + "：内存上限只有 64 MB", "256 MB"},
		{"Redis address", nil, "REDIS_URL=redis://h/x", "REDIS_URL 看不懂", "must be a number"},
		{"another token", nil, "ZIZHI_PUBLIC_URL=http://" + other.address + "/wechat", "status 403", "WECHAT_TOKEN 是不是同一个"},
		{"wrong path", nil, "ZIZHI_PUBLIC_URL=http://" + other.address + "/elsewhere", "status 404", "以 /wechat 结尾"},
		{"no token there", nil, site(t, 503, "no WECHAT_TOKEN"), "status 503", "服务没有 WECHAT_TOKEN"},
		{"another site", nil, site(t, 200, "<html>welcome"), "token验证失败", "别的网站"},
		{"moved", nil, site(t, 301, ""), "status 301", "不跟随跳转"},
		{"broken proxy", nil, site(t, 502, ""), "status 502", "反向代理连不到服务"},
		{"nobody there", nil, "ZIZHI_PUBLIC_URL=http://" + nobody + "/wechat", "公网地址 URL：连不上", "域名解析"},
		{"odd port", nil, "ZIZHI_PUBLIC_URL=https://example.com:8443/wechat", "不能填进", "80 和 443"},
		{"no scheme", nil, "ZIZHI_PUBLIC_URL=example.com/wechat", "不能填进", "https://域名/wechat"},
	} {
		t.Run(test.name, func(t *testing.T) {
			api := startWeChat(t)
			if test.change != nil {
				test.change(api)
			}
			text, status := examine(t, api, test.settings)
			_, after, faulty := strings.Cut(text, "✗ ")
			found, rest, _ := strings.Cut(after, "\n  → ")
			todo, _, _ := strings.Cut(rest, "\n")
			if status != 1 || !faulty || !strings.Contains(found, test.found) || !strings.Contains(todo, test.todo) || !strings.Contains(text, "有 1 处要改") {
				t.Errorf("exit %d, found %q, to do %q, want %q and %q:\n%s", status, found, todo, test.found, test.todo, text)
			}
		})
	}
}

// An account that never had the right to a menu is in order.
func TestDoctorOfAnUnverifiedAccount(t *testing.T) {
	api := startWeChat(t)
	api.Change(func(c *wechattest.Conditions) { c.Unverified = true })
	text, status := examine(t, api)
	if status != 0 || !strings.Contains(text, "– 自定义菜单") || !strings.Contains(text, "目录") {
		t.Errorf("exit %d:\n%s", status, text)
	}
}

func TestJudgeRedis(t *testing.T) {
	good := redis.Facts{Addr: "a:1", Version: "7.0.15", Latency: time.Millisecond, Used: 1 << 20, MaxMemory: 512 << 20, Policy: "noeviction"}
	for _, test := range []struct {
		name   string
		change func(*redis.Facts)
		want   []string
	}{
		{"good", func(*redis.Facts) {}, nil},
		{"no limit, so nothing is ever evicted", func(f *redis.Facts) { f.MaxMemory, f.Policy = 0, "allkeys-lru" }, nil},
		{"newer", func(f *redis.Facts) { f.Version = "10.1" }, nil},
		{"old", func(f *redis.Facts) { f.Version = "6.2.14" }, []string{"6.2.14"}},
		{"without a version", func(f *redis.Facts) { f.Version = "" }, []string{"版本"}},
		{"far away", func(f *redis.Facts) { f.Latency = 80 * time.Millisecond }, []string{"80 毫秒"}},
		{"evicts", func(f *redis.Facts) { f.Policy = "allkeys-lru" }, []string{"allkeys-lru"}},
		{"evicts what expires, and everything does", func(f *redis.Facts) { f.Policy = "volatile-ttl" }, []string{"volatile-ttl"}},
		{"small", func(f *redis.Facts) { f.MaxMemory = 255 << 20 }, []string{"255 MB"}},
		{"just large enough", func(f *redis.Facts) { f.MaxMemory = 256 << 20 }, nil},
		{"nearly full", func(f *redis.Facts) { f.Used = 500 << 20 }, []string{"快满了"}},
		{"several", func(f *redis.Facts) { f.Version, f.Policy, f.MaxMemory = "6.0.1", "allkeys-lfu", 1<<20 }, []string{"6.0.1", "allkeys-lfu", "1 MB", "快满了"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := good
			test.change(&f)
			got := judgeRedis(f)
			if len(got) != len(test.want) {
				t.Fatalf("got %v, want %q", got, test.want)
			}
			for i, want := range test.want {
				if !strings.Contains(got[i].found, want) || got[i].todo == "" {
					t.Errorf("got %+v, want %q", got[i], want)
				}
			}
		})
	}
}

func conditions(change func(*wechattest.Conditions)) func(*wechattest.API) {
	return func(api *wechattest.API) { api.Change(change) }
}
