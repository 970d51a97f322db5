package main

import (
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/silenceper/wechat/v2/util"

	"zizhi/bot/redis"
	"zizhi/bot/redis/redistest"
	"zizhi/config"
	"zizhi/handlers/wechat"
	"zizhi/handlers/wechat/account"
	"zizhi/handlers/wechat/wechattest"
)

// Of sixty calls at once on three instances, one asks for a token, over a real
// Redis; so it is after the token was taken back, and none fails without Redis.
func TestOneTokenForAllInstances(t *testing.T) {
	server := redistest.Start(t)
	api := startWeChat(t)
	util.SetURIModifier(api.Rewrite)
	t.Cleanup(func() { util.SetURIModifier(nil) })
	var instances []*account.Account
	for range 3 {
		store, err := redis.Open("redis://" + server.Addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(closing(store))
		instances = append(instances, newAccount(config.Settings{AppID: accountID, AppSecret: appSecret}, store, slog.New(slog.DiscardHandler), nil))
	}
	crowd := func() {
		t.Helper()
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
	if n := len(api.Calls("/cgi-bin/stable_token")); n != 1 {
		t.Errorf("%d requests for a token, want one", n)
	}
	api.RevokeTokens()
	crowd()
	if n := len(api.Calls("/cgi-bin/stable_token")); n != 2 {
		t.Errorf("%d requests for a token, want one more", n)
	}
	server.Kill()
	api.ExpireTokens()
	crowd()
}

// With WECHAT_CUSTOMER_MESSAGES the further parts of a long answer follow by themselves.
func TestServePushesFurtherParts(t *testing.T) {
	api := startWeChat(t)
	s := start(t, "ZIZHI_TEST_API="+api.URL, "WECHAT_TOKEN="+accountToken, "WECHAT_APP_ID="+accountID, "WECHAT_AES_KEY="+accountKey,
		"WECHAT_APP_SECRET="+appSecret, "WECHAT_CUSTOMER_MESSAGES=true", "REDIS_URL=redis://"+redistest.Start(t).Addr)
	sender := &wechattest.Sender{URL: "http://" + s.address + "/wechat", Token: accountToken, AppID: accountID, Key: accountKey, Mode: wechat.Safe}
	api.Hear("reader")
	var reply *wechattest.Reply
	for _, text := range []string{"医疗", "全部"} {
		var err error
		if reply, err = sender.Send(t.Context(), wechattest.Text("reader", text)); err != nil {
			t.Fatal(err)
		}
	}
	_, after, long := strings.Cut(reply.Text, "（1/")
	if !long {
		t.Fatalf("the answer is not a long one: %s", reply.Text)
	}
	further := int(after[0]-'0') - 1
	redistest.Eventually(t, patiently, "the further parts are sent", func() bool { return len(api.Sent()) == further })
	for i, sent := range api.Sent() {
		if number := "（" + string(rune('2'+i)) + "/"; sent.To != "reader" || !strings.Contains(sent.Text, number) || strings.Contains(sent.Text, "继续") {
			t.Errorf("part %d: %+v", i+2, sent)
		}
	}
	if n := s.metric("zizhi_token_renewals_total"); n != 1 {
		t.Errorf("%v requests for a token counted, want one", n)
	}
}
