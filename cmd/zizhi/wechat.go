package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"zizhi/bot/redis"
	"zizhi/config"
	"zizhi/handlers/wechat/account"
)

// accountSettings are the settings of commands that call WeChat.
type accountSettings struct {
	config.Settings
}

// open returns the account. done closes what it opened.
func (c *accountSettings) open(std streams) (a *account.Account, done func(), err error) {
	if err := c.Check(); err != nil {
		return nil, nil, fmt.Errorf("these settings must be mended first:\n%w", err)
	}
	if c.AppSecret == "" {
		return nil, nil, errors.New("WECHAT_APP_ID and WECHAT_APP_SECRET are missing: copy them from WeChat's console (设置与开发 → 基本配置)")
	}
	log := slog.New(slog.NewTextHandler(std.err, nil))
	if c.Redis == "" {
		return newAccount(c.Settings, nil, log, nil), func() {}, nil
	}
	store, err := redis.Open(c.Redis)
	if err != nil {
		return nil, nil, fmt.Errorf("REDIS_URL: %w", err)
	}
	return newAccount(c.Settings, store, log, nil), closing(store), nil
}

func closing(c io.Closer) func() { return func() { c.Close() } }

// newAccount is the account of the settings. All instances share its token
// where they share a store; nil: there is none. renewed may be nil.
func newAccount(s config.Settings, store *redis.Memory, log *slog.Logger, renewed func(error)) *account.Account {
	c := account.Config{AppID: s.AppID, Secret: s.AppSecret, Renewed: renewed}
	if store != nil {
		c.Cache = store.Tokens(log)
	}
	return account.New(c)
}
