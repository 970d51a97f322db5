package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"zizhi/bot/redis"
	"zizhi/config"
	"zizhi/handlers/wechat/account"
	"zizhi/handlers/wechat/wechattest"
)

type doctorCommand struct {
	config.Settings
	URL string `name:"url" env:"ZIZHI_PUBLIC_URL" placeholder:"URL" help:"The service's address as in WeChat's console, https://host/wechat: it is asked as WeChat would."`
}

// checkUp bounds the whole examination.
const checkUp = time.Minute

func (c *doctorCommand) Run(std streams) error {
	ctx, cancel := context.WithTimeout(context.Background(), checkUp)
	defer cancel()
	d := &doctor{doctorCommand: c, Context: ctx, out: std.out}
	d.settings()
	store := d.redis()
	if store != nil {
		defer store.Close()
	}
	d.wechat(store)
	d.publicURL()
	if d.faults > 0 {
		fmt.Fprintf(d.out, "\n有 %d 处要改。%d to mend.\n", d.faults, d.faults)
		return errReported
	}
	fmt.Fprintln(d.out, "\n没有要改的。All well.")
	return nil
}

// doctor examines one set-up and writes a line for each thing that it looks at.
type doctor struct {
	*doctorCommand
	context.Context
	out    io.Writer
	faults int
}

func (d *doctor) well(what, found string) { fmt.Fprintf(d.out, "✓ %s：%s\n", what, found) }

// unseen notes what was not looked at, or cannot be called a fault.
func (d *doctor) unseen(what, why string) { fmt.Fprintf(d.out, "– %s：%s\n", what, why) }

func (d *doctor) fault(what, found, todo string) {
	d.faults++
	fmt.Fprintf(d.out, "✗ %s：%s\n  → %s\n", what, found, todo)
}

func (d *doctor) settings() {
	err := d.Check()
	if err == nil {
		d.well("设置 settings", "都看得懂，加密方式 "+d.ModeOrDefault())
		return
	}
	for fault := range strings.SplitSeq(err.Error(), "\n") {
		variable, todo, _ := strings.Cut(fault, ": ")
		d.fault("设置 settings", variable+" 不对", todo)
	}
}

// redis examines the store, and returns it if it can be used.
func (d *doctor) redis() *redis.Memory {
	const what = "Redis"
	if d.Redis == "" {
		d.unseen(what, "没有设 REDIS_URL：对话记在服务自己的内存里，重启就忘，也只能运行一个实例")
		return nil
	}
	store, err := redis.Open(d.Redis)
	if err != nil {
		d.fault(what, "REDIS_URL 看不懂", err.Error())
		return nil
	}
	if err := store.Ping(d); err != nil {
		d.fault(what, "不能用："+err.Error(), "请检查 REDIS_URL 的地址和密码、防火墙，以及 Redis 是否已满、只读或版本低于 7")
		return store
	}
	facts, err := store.Facts(d)
	if err != nil {
		d.unseen(what, "能读写；版本和内存看不到（"+err.Error()+"）")
		return store
	}
	for _, f := range facts {
		d.server(f)
	}
	return store
}

// server examines one Redis server.
func (d *doctor) server(f redis.Facts) {
	what := "Redis " + f.Addr
	faults := judgeRedis(f)
	for _, fault := range faults {
		d.fault(what, fault.found, fault.todo)
	}
	if len(faults) == 0 {
		limit := "内存不设上限"
		if f.MaxMemory > 0 {
			limit = fmt.Sprintf("内存上限 %d MB，%s", f.MaxMemory>>20, f.Policy)
		}
		d.well(what, fmt.Sprintf("版本 %s，往返 %.1f 毫秒，已用 %d MB，%s", f.Version, f.Latency.Seconds()*1000, f.Used>>20, limit))
	}
}

type finding struct{ found, todo string }

const (
	slowRedis   = 50 * time.Millisecond // a message takes two trips, and 300 ms is the end of patience
	leastMemory = 256 << 20             // bytes: the journal at its full length and 100,000 conversations
)

// judgeRedis finds what is wrong with a server. Everything stored has an expiry,
// so whatever evicts may evict it: the mark that a message has been answered, or
// a signature that may not come twice, is then gone without a sign. A full server
// that refuses writes is seen, in /readyz and metrics; so noeviction is right.
func judgeRedis(f redis.Facts) (faults []finding) {
	add := func(bad bool, found, todo string) {
		if bad {
			faults = append(faults, finding{found, todo})
		}
	}
	major, _, _ := strings.Cut(f.Version, ".")
	n, err := strconv.Atoi(major)
	add(err != nil || n < 7, "版本 "+f.Version+" 太旧", "请升级到 Redis 7 以上，或 Valkey")
	add(f.Latency > slowRedis, fmt.Sprintf("往返要 %d 毫秒，每条消息要两次", f.Latency.Milliseconds()), "请把 Redis 和服务放在同一个机房")
	if f.MaxMemory == 0 {
		return faults
	}
	add(f.Policy != "noeviction", "淘汰策略是 "+f.Policy+"：内存满时会悄悄丢掉去重记录和会话，同一条消息可能答两次",
		"请用：CONFIG SET maxmemory-policy noeviction（云 Redis 在控制台的参数设置里改）")
	add(f.MaxMemory < leastMemory, fmt.Sprintf("内存上限只有 %d MB，写满后对话记不住", f.MaxMemory>>20), fmt.Sprintf("请把 maxmemory 调到 %d MB 以上", leastMemory>>20))
	add(f.Used > f.MaxMemory/10*9, fmt.Sprintf("内存用了 %d MB，快满了（上限 %d MB）", f.Used>>20, f.MaxMemory>>20), "请调大 maxmemory，或给它一个单独的 Redis")
	return faults
}

// wechat examines the clock and what needs the account's credentials.
func (d *doctor) wechat(store *redis.Memory) {
	if !d.clock() {
		return
	}
	if d.AppID == "" || d.AppSecret == "" {
		d.unseen("凭证 token", "没有 WECHAT_APP_ID 和 WECHAT_APP_SECRET，没有查。问答不需要它们；菜单和客服消息需要")
		return
	}
	a := newAccount(d.Settings, store, slog.New(slog.DiscardHandler), nil)
	if !d.token(a) {
		return
	}
	ips, err := a.CallbackIPs(d)
	if err != nil {
		d.refused("调用接口 API", err)
		return
	}
	d.well("调用接口 API", fmt.Sprintf("正常；微信从 %d 个地址或网段推送消息", len(ips)))
	d.menuRight(a)
}

// mostSkew is less than the minute that the service allows WeChat's clock to be ahead.
const mostSkew = 30 * time.Second

// clock compares the clocks, and reports whether WeChat can be reached.
func (d *doctor) clock() bool {
	const what = "时钟 clock"
	began := time.Now()
	theirs, err := account.Clock(d)
	if err != nil {
		d.refused("连接微信 network", err)
		return false
	}
	ours := began.Add(time.Since(began) / 2)
	ahead := ours.Sub(theirs).Truncate(time.Second) // theirs is in whole seconds
	if ahead.Abs() <= mostSkew {
		d.well(what, fmt.Sprintf("与微信相差 %.0f 秒", ahead.Abs().Seconds()))
		return true
	}
	direction := "快"
	if ahead < 0 {
		direction = "慢"
	}
	d.fault(what, fmt.Sprintf("本机比微信%s %.0f 秒，消息会被当成过期的拒收", direction, ahead.Abs().Seconds()), "请打开时间同步：timedatectl set-ntp true")
	return true
}

// token looks at AppID, AppSecret and allow-list, and reports whether they are in order.
func (d *doctor) token(a *account.Account) bool {
	err := a.Check(d)
	var refused *account.Error
	switch {
	case err == nil:
		d.well("凭证 token", "AppID 和 AppSecret 正确")
		d.well("IP 白名单 allow-list", "本机在名单里")
		return true
	case errors.As(err, &refused) && refused.Code == account.NotAllowed:
		d.refused("IP 白名单 allow-list", err)
	default:
		d.refused("凭证 token", err)
	}
	return false
}

// refused notes a fault that a call to WeChat met.
func (d *doctor) refused(what string, err error) {
	var e *account.Error
	if !errors.As(err, &e) {
		d.fault(what, err.Error(), "请稍后再试")
		return
	}
	found := e.Text
	if e.Code != 0 {
		found = fmt.Sprintf("微信返回 %d（%s）", e.Code, e.Text)
	}
	d.fault(what, found, e.Advice)
}

func (d *doctor) menuRight(a *account.Account) {
	const what = "自定义菜单 menu"
	err := a.MenuRight(d)
	var refused *account.Error
	switch {
	case err == nil:
		d.well(what, "有权限（zizhi menu push 推送）")
	case errors.As(err, &refused) && refused.Code == account.NoRight:
		d.unseen(what, "这个账号没有权限（未认证），不影响使用：用户回复“目录”能找到每个类目")
	default:
		d.refused(what, err)
	}
}

// publicURL asks the service as WeChat's console does when an address is saved.
func (d *doctor) publicURL() {
	const what = "公网地址 URL"
	switch {
	case d.URL == "":
		d.unseen(what, "没有给 --url https://域名/wechat（或 ZIZHI_PUBLIC_URL），没有查")
		return
	case d.Token == "":
		d.fault(what, "没有 WECHAT_TOKEN，无法验证", "请把公众号后台“服务器配置”里的令牌填进 WECHAT_TOKEN")
		return
	}
	if todo := unusable(d.URL); todo != "" {
		d.fault(what, d.URL+" 不能填进公众号后台", todo)
		return
	}
	d.verify(what)
}

func (d *doctor) verify(what string) {
	client := &http.Client{Timeout: 5 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	sender := wechattest.Sender{URL: d.URL, Token: d.Token, Client: client}
	err := sender.Verify(d)
	if err == nil {
		d.well(what, d.URL+" 通过了服务器验证")
		return
	}
	var failed *url.Error
	if errors.As(err, &failed) {
		d.fault(what, "连不上："+failed.Err.Error(), "请检查域名解析、证书、防火墙和反向代理；微信要求 5 秒内答复")
		return
	}
	d.fault(what, err.Error(), verificationAdvice(err.Error()))
}

// unusable says why WeChat would not deliver to an address; empty: it would.
func unusable(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "请写成 https://域名/wechat"
	}
	ip := net.ParseIP(u.Hostname())
	if port := u.Port(); port != "" && port != "80" && port != "443" && !(ip != nil && ip.IsLoopback()) {
		return "微信只推送到 80 和 443 端口：请在前面放一个反向代理"
	}
	return ""
}

var statusOf = regexp.MustCompile(`status (\d+)`)

// verificationAdvice says what to do about an answer that was not the echostr.
func verificationAdvice(text string) string {
	status := 0
	if match := statusOf.FindStringSubmatch(text); match != nil {
		status, _ = strconv.Atoi(match[1]) // it is digits
	}
	switch {
	case status == http.StatusForbidden:
		return "服务不认这个签名：请检查服务用的 WECHAT_TOKEN 是不是同一个、服务那台机器的时钟准不准、前面有没有防火墙拦截"
	case status == http.StatusServiceUnavailable:
		return "服务没有 WECHAT_TOKEN，或没有启动：请看它的日志"
	case status == http.StatusNotFound:
		return "路径不对：地址要以 /wechat 结尾，反向代理要原样转发"
	case status >= 300 && status < 400:
		return "微信不跟随跳转：请直接写最终的地址"
	case status >= 500:
		return "反向代理连不到服务：请检查 ZIZHI_LISTEN 和反向代理的转发地址"
	}
	return "答的不是 echostr：域名指到了别的网站，或反向代理改了内容"
}
