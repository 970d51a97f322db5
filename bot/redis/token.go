package redis

import (
	"context"
	"crypto/rand"
	_ "embed"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	lockLife  = 15 * time.Second // longer than a renewal takes; then the lock of a dead instance no longer counts
	lockPause = 50 * time.Millisecond
)

//go:embed unlock.lua
var unlockSource string

var unlockScript = redis.NewScript(unlockSource)

// Tokens keeps WeChat's access tokens where all instances find them. It is a
// cache.ContextCache of the SDK github.com/silenceper/wechat/v2, and safe for
// concurrent use. While Redis is away it is an empty cache, never an error: the
// SDK would fail every call to WeChat for one.
type Tokens struct {
	client   redis.UniversalClient
	log      *slog.Logger
	patience time.Duration
}

// Tokens returns the cache. What goes wrong with it is logged to log, without
// keys' values.
func (m *Memory) Tokens(log *slog.Logger) *Tokens { return &Tokens{m.client, log, m.patience} }

// Get is GetContext without a context.
func (t *Tokens) Get(key string) any { return t.GetContext(context.Background(), key) }

// Set is SetContext without a context.
func (t *Tokens) Set(key string, val any, timeout time.Duration) error {
	return t.SetContext(context.Background(), key, val, timeout)
}

// IsExist is IsExistContext without a context.
func (t *Tokens) IsExist(key string) bool { return t.IsExistContext(context.Background(), key) }

// Delete is DeleteContext without a context.
func (t *Tokens) Delete(key string) error { return t.DeleteContext(context.Background(), key) }

// GetContext returns the string stored under key, or nil: none, or Redis is away.
func (t *Tokens) GetContext(ctx context.Context, key string) any {
	ctx, cancel := context.WithTimeout(ctx, t.patience)
	defer cancel()
	val, err := t.client.Get(ctx, tokenKey(key)).Result()
	if err == nil {
		return val
	}
	if err != redis.Nil {
		t.log.Warn("access token not read from Redis", "key", key, "err", err)
	}
	return nil // and not "": the SDK takes what is not nil for a token
}

// SetContext stores a string for a time. A time of zero or less stores
// nothing: Redis would keep it for ever. The error is always nil.
func (t *Tokens) SetContext(ctx context.Context, key string, val any, timeout time.Duration) error {
	text, ok := val.(string)
	if !ok || timeout <= 0 {
		t.log.Warn("access token not stored: it must be a string with a time to live", "key", key, "ttl", timeout)
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, t.patience)
	defer cancel()
	if err := t.client.Set(ctx, tokenKey(key), text, timeout).Err(); err != nil {
		t.log.Warn("access token not stored in Redis", "key", key, "err", err)
	}
	return nil
}

// IsExistContext reports whether there is something under key.
func (t *Tokens) IsExistContext(ctx context.Context, key string) bool {
	return t.GetContext(ctx, key) != nil
}

// DeleteContext deletes what is stored under key, such as a token that WeChat
// has refused. An error means that it may still be there.
func (t *Tokens) DeleteContext(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, t.patience)
	defer cancel()
	return failed("delete token", t.client.Del(ctx, tokenKey(key)).Err())
}

// Lock waits until the caller is the only instance, of all that use this
// Redis, to renew what is stored under key, and returns the function that ends
// that; it ends by itself after 15 s. Look again with Get once it is held:
// another may have renewed meanwhile. With an error (ctx is over, Redis is
// away) nothing is held, and renewing all the same does no harm but a wasted call.
func (t *Tokens) Lock(ctx context.Context, key string) (unlock func(), err error) {
	lock, mine := "zizhi:lock:"+key, rand.Text()
	for {
		held, err := t.tryLock(ctx, lock, mine)
		if err != nil {
			return nil, failed("lock", err)
		}
		if held {
			return func() { t.unlock(ctx, lock, mine) }, nil
		}
		select {
		case <-ctx.Done():
			return nil, failed("lock", ctx.Err())
		case <-time.After(lockPause):
		}
	}
}

func (t *Tokens) tryLock(ctx context.Context, lock, mine string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, t.patience)
	defer cancel()
	return t.client.SetNX(ctx, lock, mine, lockLife).Result()
}

// unlock works after the end of ctx too: others wait.
func (t *Tokens) unlock(ctx context.Context, lock, mine string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.patience)
	defer cancel()
	if err := unlockScript.Run(ctx, t.client, []string{lock}, mine).Err(); err != nil {
		t.log.Warn("lock not released, it lapses by itself", "key", lock, "err", err)
	}
}

func tokenKey(key string) string { return "zizhi:t:" + key }
