package redis

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/silenceper/wechat/v2/cache"
	"github.com/silenceper/wechat/v2/credential"

	"zizhi/bot/redis/redistest"
)

var _ cache.ContextCache = (*Tokens)(nil)

func openTokens(t *testing.T, addr string) (*Tokens, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	return openPatient(t, "redis://"+addr).Tokens(slog.New(slog.NewTextHandler(&log, nil))), &log
}

func TestTokens(t *testing.T) {
	tokens, log := openTokens(t, redistest.Start(t).Addr)
	if got := tokens.Get("key"); got != nil {
		t.Errorf("an empty cache returned %#v, want nil", got)
	}
	for _, bad := range []struct {
		val any
		ttl time.Duration
	}{{"text", 0}, {"text", -time.Second}, {[]byte("text"), time.Hour}, {nil, time.Hour}} {
		if err := tokens.Set("key", bad.val, bad.ttl); err != nil {
			t.Errorf("Set(%v, %v): %v", bad.val, bad.ttl, err)
		}
		if tokens.IsExist("key") {
			t.Errorf("Set(%v, %v) stored it", bad.val, bad.ttl)
		}
	}
	if lines := strings.Count(log.String(), "\n"); lines != 4 {
		t.Errorf("%d lines logged for 4 mistakes:\n%s", lines, log)
	}
	if err := tokens.Set("key", "text", time.Hour); err != nil {
		t.Error(err)
	}
	if got := tokens.Get("key"); got != "text" || !tokens.IsExist("key") {
		t.Errorf("got %#v, want the string that was stored", got)
	}
	if left := must(tokens.client.TTL(t.Context(), tokenKey("key")).Result()); left <= 0 || left > time.Hour {
		t.Errorf("it ends in %v, want an hour", left)
	}
	if err := tokens.Delete("key"); err != nil || tokens.IsExist("key") {
		t.Errorf("after Delete (%v) it is still there", err)
	}
}

// The SDK takes from the cache what another instance has stored, without asking WeChat.
func TestTokensServeTheSDK(t *testing.T) {
	tokens, _ := openTokens(t, miniredis.RunT(t).Addr())
	if err := tokens.Set("official_stable_access_token_wx1", "text", time.Hour); err != nil {
		t.Fatal(err)
	}
	got, err := credential.NewStableAccessToken("wx1", "secret", "official", tokens).GetAccessToken()
	if got != "text" || err != nil {
		t.Errorf("the SDK got %q, %v", got, err)
	}
}

func TestTokensWithoutRedis(t *testing.T) {
	server := redistest.Start(t)
	tokens, log := openTokens(t, server.Addr)
	server.Stop()
	if err := tokens.Set("key", "the token itself", time.Hour); err != nil {
		t.Errorf("Set: %v; the SDK would fail the call to WeChat", err)
	}
	if got := tokens.Get("key"); got != nil {
		t.Errorf("Get returned %#v", got)
	}
	if err := tokens.Delete("key"); err == nil {
		t.Error("Delete returned no error, though it may still be there")
	}
	if _, err := tokens.Lock(t.Context(), "key"); err == nil {
		t.Error("Lock returned no error")
	}
	if text := log.String(); strings.Count(text, "\n") != 2 || strings.Contains(text, "the token itself") {
		t.Errorf("logged, for a Set and a Get:\n%s", text)
	}
}

// Of thirty who find the cache empty, on two instances, one renews.
func TestLock(t *testing.T) {
	addr := redistest.Start(t).Addr
	one, _ := openTokens(t, addr)
	two, _ := openTokens(t, addr)
	var renewed atomic.Int64
	var wg sync.WaitGroup
	for i := range 30 {
		tokens := []*Tokens{one, two}[i%2]
		wg.Go(func() {
			unlock, err := tokens.Lock(t.Context(), "key")
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			if tokens.Get("key") == nil {
				renewed.Add(1)
				time.Sleep(10 * time.Millisecond) // a call to WeChat, in which others could come in
				_ = tokens.Set("key", "text", time.Hour)
			}
		})
	}
	wg.Wait()
	if n := renewed.Load(); n != 1 {
		t.Errorf("renewed %d times, want once", n)
	}
}

func TestLockOfTheDead(t *testing.T) {
	tokens, _ := openTokens(t, redistest.Start(t).Addr)
	unlockDead, err := tokens.Lock(t.Context(), "key")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*lockPause)
	defer cancel()
	if _, err := tokens.Lock(ctx, "key"); err == nil {
		t.Fatal("two hold one lock")
	}
	age(t, tokens.client, lockLife)
	unlock, err := tokens.Lock(t.Context(), "key")
	if err != nil {
		t.Fatalf("after the lock has lapsed: %v", err)
	}
	unlockDead() // it was only slow; the lock is another's now
	if held := must(tokens.client.Exists(t.Context(), "zizhi:lock:key").Result()); held != 1 {
		t.Error("the former owner released the lock of another")
	}
	unlock()
	if held := must(tokens.client.Exists(t.Context(), "zizhi:lock:key").Result()); held != 0 {
		t.Error("the lock was not released")
	}
}
