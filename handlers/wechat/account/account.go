// Package account calls WeChat's API for one official account: its menu, its
// customer-service messages, and the access token that they need.
//
// Its one rule: no secret leaves it. What goes wrong comes out as an *Error,
// without tokens and AppSecret, and with what to do about it.
//
// The calls are those of github.com/silenceper/wechat/v2 (officialaccount/…,
// credential). The API is described in WeChat's developer documents under
// 自定义菜单, 客服消息, 获取稳定版接口调用凭据 and 全局返回码.
package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/silenceper/wechat/v2/cache"
	"github.com/silenceper/wechat/v2/credential"
	"github.com/silenceper/wechat/v2/officialaccount/basic"
	"github.com/silenceper/wechat/v2/officialaccount/config"
	sdk "github.com/silenceper/wechat/v2/officialaccount/context"
	"github.com/silenceper/wechat/v2/officialaccount/menu"
	"github.com/silenceper/wechat/v2/officialaccount/message"
	"github.com/silenceper/wechat/v2/util"
)

// Config says which account, and how its token is kept.
type Config struct {
	AppID, Secret string

	// Cache is where all instances find the token; nil: this process keeps it
	// alone. If it has a method Lock(ctx, key) (unlock func(), err error) too,
	// only one instance at a time asks WeChat for a new one.
	Cache cache.ContextCache

	// Renewed is called after each request for a token, with its error or nil; may be nil.
	Renewed func(error)
}

// Account calls WeChat. It is safe for concurrent use. Every error of its
// methods is an *Error. A call takes five seconds at most, and with a new token
// three times that; the end of ctx ends the wait for a token, not a call under way.
type Account struct {
	config *config.Config
	tokens *tokens
}

// New returns the account. It calls nobody.
func New(c Config) *Account {
	a := &Account{config: &config.Config{AppID: c.AppID, AppSecret: c.Secret}}
	a.tokens = newTokens("access_token:"+c.AppID, c.Cache, func(ctx context.Context, force bool) (grant, error) {
		g, err := a.requestToken(ctx, force)
		if c.Renewed != nil {
			c.Renewed(err)
		}
		return g, err
	})
	return a
}

// Check asks WeChat for the token itself, whatever is cached: an error says
// what is wrong with AppID, AppSecret, allow-list or network.
func (a *Account) Check(ctx context.Context) error {
	_, err := a.requestToken(ctx, false)
	return err
}

// requestToken asks the stable endpoint, which gives every instance the same
// token. Force takes that one back and brings another, at most 20 times a day.
func (a *Account) requestToken(ctx context.Context, force bool) (grant, error) {
	stable := credential.NewStableAccessToken(a.config.AppID, a.config.AppSecret, "", noCache{}).(*credential.StableAccessToken)
	answer, err := stable.GetAccessTokenDirectly(ctx, force)
	if err == nil && answer.AccessToken == "" {
		err = errors.New("there is no access_token in the answer")
	}
	if err != nil {
		return grant{}, a.explain(err, "")
	}
	return grant{answer.AccessToken, time.Duration(answer.ExpiresIn) * time.Second}, nil
}

// noCache satisfies the SDK, which demands a cache even where it does not use it.
type noCache struct{}

func (noCache) Get(string) any                       { return nil }
func (noCache) Set(string, any, time.Duration) error { return nil }
func (noCache) IsExist(string) bool                  { return false }
func (noCache) Delete(string) error                  { return nil }

// call makes a call with the token, and once more with a new one if WeChat does not take the first.
func (a *Account) call(ctx context.Context, do func(*sdk.Context) error) error {
	token, err := a.tokens.get(ctx, "")
	if err != nil {
		return a.explain(err, "")
	}
	err = a.explain(do(a.with(token)), token)
	var refused *Error
	if !errors.As(err, &refused) || !refused.refusesToken() {
		return err
	}
	fresh, err := a.tokens.get(ctx, token)
	if err != nil {
		return a.explain(err, token)
	}
	return a.explain(do(a.with(fresh)), fresh)
}

// fixed is one token, for one call of the SDK.
type fixed string

func (f fixed) GetAccessToken() (string, error) { return string(f), nil }

func (a *Account) with(token string) *sdk.Context {
	return &sdk.Context{Config: a.config, AccessTokenHandle: fixed(token)}
}

// SendText sends a customer-service message (客服消息) to a person who has
// written within 48 hours: at most 5 then, of at most 2048 bytes each.
func (a *Account) SendText(ctx context.Context, openID, text string) error {
	return a.call(ctx, func(c *sdk.Context) error {
		return message.NewMessageManager(c).Send(message.NewCustomerTextMessage(openID, text))
	})
}

// CallbackIPs lists the addresses and networks from which WeChat delivers messages.
func (a *Account) CallbackIPs(ctx context.Context) (addresses []string, err error) {
	err = a.call(ctx, func(c *sdk.Context) (err error) {
		addresses, err = basic.NewBasic(c).GetCallbackIP()
		return err
	})
	return addresses, err
}

// MenuRight returns nil if the account may have a custom menu. An unverified
// subscription account may not: *Error with Code 48001.
func (a *Account) MenuRight(ctx context.Context) error {
	err := a.call(ctx, func(c *sdk.Context) error {
		_, err := menu.NewMenu(c).GetMenu()
		return err
	})
	var none *Error
	if errors.As(err, &none) && none.Code == noMenu {
		return nil
	}
	return err
}

// Menu returns the buttons that people see, whoever made them, an API or the
// console; none where there is no menu.
func (a *Account) Menu(ctx context.Context) (buttons []*menu.Button, err error) {
	err = a.call(ctx, func(c *sdk.Context) error {
		live, err := menu.NewMenu(c).GetCurrentSelfMenuInfo()
		if err == nil && live.IsMenuOpen != 0 {
			buttons = fromConsole(live.SelfMenuInfo.Button)
		}
		return err
	})
	return buttons, err
}

// fromConsole reads the form in which WeChat tells of the live menu. The
// console's own kinds (text, news, …) carry a value, shown here as the key.
func fromConsole(list []menu.SelfMenuButton) []*menu.Button {
	var buttons []*menu.Button
	for _, b := range list {
		button := &menu.Button{Type: b.Type, Name: b.Name, Key: b.Key, URL: b.URL, SubButtons: fromConsole(b.SubButton.List)}
		if button.Key == "" {
			button.Key = b.Value
		}
		buttons = append(buttons, button)
	}
	return buttons
}

// PushMenu replaces the menu. People see it within five minutes.
func (a *Account) PushMenu(ctx context.Context, buttons []*menu.Button) error {
	return a.call(ctx, func(c *sdk.Context) error { return menu.NewMenu(c).SetMenu(buttons) })
}

// DeleteMenu takes the menu away.
func (a *Account) DeleteMenu(ctx context.Context) error {
	return a.call(ctx, func(c *sdk.Context) error { return menu.NewMenu(c).DeleteMenu() })
}

// Clock returns WeChat's time, from the head of an answer, in whole seconds. It needs no credentials.
func Clock(ctx context.Context) (time.Time, error) {
	var head http.Header
	ctx = context.WithValue(ctx, headKey{}, &head)
	_, err := util.HTTPGetContext(ctx, "https://api.weixin.qq.com/cgi-bin/getcallbackip")
	if head == nil { // otherwise there is an answer, whatever it says
		return time.Time{}, explain(err)
	}
	at, err := http.ParseTime(head.Get("Date"))
	if err != nil {
		return time.Time{}, explain(fmt.Errorf("the answer has no readable Date: %w", err))
	}
	return at, nil
}

// explain turns what the SDK returns into an *Error that holds no secret.
func (a *Account) explain(err error, token string) error {
	return explain(err, a.config.AppSecret, token)
}
