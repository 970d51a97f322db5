package account

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/silenceper/wechat/v2/util"
)

// Error is what went wrong with a call to WeChat. It holds no secret.
type Error struct {
	Code    int    // WeChat's errcode (全局返回码); 0: WeChat was not reached, or its answer not understood
	Text    string // WeChat's own words, or what happened
	Advice  string // what to do, in Chinese, for the account's operator
	Address string // with Code 40164: this server's address, as WeChat sees it

	ended error // of a context
}

// Error gives the code, WeChat's words and the advice.
func (e *Error) Error() string {
	if e.Code == 0 {
		return fmt.Sprintf("wechat: %s；%s", e.Text, e.Advice)
	}
	return fmt.Sprintf("wechat: errcode %d, %s；%s", e.Code, e.Text, e.Advice)
}

// Unwrap returns context.Canceled or context.DeadlineExceeded if that ended the
// call. Other causes are not kept: they hold the address with the token in it.
func (e *Error) Unwrap() error { return e.ended }

// Codes that callers and this package tell apart.
const (
	NoRight    = 48001 // the account may not use this part of the API
	NotAllowed = 40164 // this server's address is not on the account's allow-list

	noMenu = 46003
)

// refusesToken reports whether the token is what WeChat does not take.
func (e *Error) refusesToken() bool {
	return e.Code == 40001 || e.Code == 40014 || e.Code == 42001
}

// advice says what to do about a code. {address} is the server's address.
var advice = map[int]string{
	0:          "请检查这台服务器能否访问 https://api.weixin.qq.com（出网、DNS、代理 HTTPS_PROXY）",
	-1:         "微信系统繁忙，请过一会儿再试",
	40001:      "access_token 换新后仍不被接受：请检查是否有别的程序在强制刷新同一个账号的 token，以及 WECHAT_APP_SECRET 是否正确",
	40003:      "openid 不属于这个公众号：请检查 WECHAT_APP_ID 是不是收消息的那个账号",
	40013:      "WECHAT_APP_ID 不对：请从公众号后台“设置与开发 → 基本配置”复制 AppID",
	40125:      "WECHAT_APP_SECRET 不对：请从公众号后台“设置与开发 → 基本配置”重置 AppSecret，再填新的",
	NotAllowed: "请把 {address} 加进公众号后台“设置与开发 → 基本配置 → IP白名单”，几分钟后生效",
	40243:      "AppSecret 已被冻结：请在公众号后台“设置与开发 → 基本配置”解冻",
	45002:      "文字超过 2048 字节",
	45009:      "今天的调用次数已用完：明天零点恢复，也可以在公众号后台清零",
	45011:      "调用太频繁：请过一分钟再试",
	45015:      "对方 48 小时内没有发过消息，或已取消关注：只能等对方再发消息",
	45047:      "客服消息条数已到上限：等对方再发消息后才能继续发",
	noMenu:     "账号现在没有自定义菜单",
	NoRight:    "账号没有这个接口的权限（未认证的账号没有自定义菜单和客服消息）：用户回复“目录”一样能找到每个类目，长回答回复“继续”",
	50002:      "账号的接口被限制：请看公众号后台的通知",
	50007:      "账号已被冻结：请看公众号后台的通知",
	89503:      "这次调用要管理员确认：请管理员在微信里确认，然后再试",
	89506:      "管理员拒绝了这个地址，24 小时内不能再试",
	89507:      "管理员拒绝了这个地址，1 小时内不能再试",
}

func init() {
	advice[40014], advice[42001] = advice[40001], advice[40001]
	advice[89501] = advice[89503]
}

const otherAdvice = "请在微信开发者文档“全局返回码”里查这个代码"

// explain reads an error of the SDK; nil stays nil, an *Error as it is. The
// secrets are blanked wherever they stand.
func explain(err error, secrets ...string) error {
	var known *Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	e := &Error{}
	e.Code, e.Text = read(err)
	e.Text = scrub(e.Text, secrets)
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, end) {
			e.ended = end
		}
	}
	var found bool
	if e.Advice, found = advice[e.Code]; !found {
		e.Advice = otherAdvice
	}
	if e.Code == NotAllowed {
		e.Address = address(e.Text)
		e.Advice = strings.ReplaceAll(e.Advice, "{address}", orElse(e.Address, "这台服务器的出口地址"))
	}
	return e
}

// sdkText is how the SDK writes an errcode where it gives no typed error.
var sdkText = regexp.MustCompile(`(?s)errcode=(-?\d+) , err(?:or)?msg=(.*)`)

// read finds the errcode and WeChat's words in an error of the SDK.
func read(err error) (code int, text string) {
	var common *util.CommonError
	if errors.As(err, &common) {
		return int(common.ErrCode), common.ErrMsg
	}
	if match := sdkText.FindStringSubmatch(err.Error()); match != nil {
		if code, err := strconv.Atoi(match[1]); err == nil {
			return code, match[2]
		}
	}
	return 0, err.Error()
}

// secretField finds secret=…, access_token=…, "access_token":"…" and their like.
var secretField = regexp.MustCompile(`(?i)((?:app)?secret|(?:access_)?token)(\\?"?\s*[=:]\s*\\?"?)[^&\s"'\\,}]+`)

// scrub blanks secrets, those that are known and those that look like one.
func scrub(text string, secrets []string) string {
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return secretField.ReplaceAllString(text, "$1$2***")
}

var callerAddress = regexp.MustCompile(`invalid ip ([0-9A-Fa-f.:]+)`)

// address finds this server's address in WeChat's words for 40164:
// "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist".
func address(text string) string {
	match := callerAddress.FindStringSubmatch(text)
	if match == nil {
		return ""
	}
	addr, err := netip.ParseAddr(match[1])
	if err != nil {
		return ""
	}
	return addr.Unmap().String()
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
