package account

import (
	"context"
	"sync"
	"time"

	"github.com/silenceper/wechat/v2/cache"
)

const (
	// WeChat brings the next token five minutes before the end of one, and takes
	// both in between.
	margin   = 5 * time.Minute
	copyLife = time.Minute     // how long the copy in this process is used without a look into the cache
	lockWait = 8 * time.Second // longer than another instance needs to renew
)

// grant is a token and how long it is good for.
type grant struct {
	token string
	life  time.Duration
}

// locker is what a cache can have so that one instance at a time renews.
type locker interface {
	Lock(ctx context.Context, key string) (unlock func(), err error)
}

// tokens finds the token: in this process, else in the cache that instances
// share, else at WeChat, where one caller at a time asks.
type tokens struct {
	key   string
	cache cache.ContextCache // nil: none
	fetch func(ctx context.Context, force bool) (grant, error)
	turn  chan struct{} // holds one element while somebody in this process looks beyond it

	mu    sync.Mutex
	held  string    // the copy
	until time.Time // how long it is used
}

func newTokens(key string, c cache.ContextCache, fetch func(context.Context, bool) (grant, error)) *tokens {
	return &tokens{key: key, cache: c, fetch: fetch, turn: make(chan struct{}, 1)}
}

// get returns a token other than refused, which WeChat has just refused; "" = any.
func (t *tokens) get(ctx context.Context, refused string) (string, error) {
	if token := t.copied(refused); token != "" {
		return token, nil
	}
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if token := t.copied(refused); token != "" { // somebody had the turn before
		return token, nil
	}
	if token := t.shared(ctx, refused); token != "" {
		return token, nil
	}
	defer t.lock(ctx)()
	if token := t.shared(ctx, refused); token != "" { // another instance had the lock before
		return token, nil
	}
	return t.renew(ctx, refused)
}

// copied returns the copy, and drops it once it has been refused.
func (t *tokens) copied(refused string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held == refused || !time.Now().Before(t.until) {
		t.held = ""
	}
	return t.held
}

func (t *tokens) keep(token string, life time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held, t.until = token, time.Now().Add(life)
}

// shared returns what the cache has, and copies it.
func (t *tokens) shared(ctx context.Context, refused string) string {
	if t.cache == nil {
		return ""
	}
	token, _ := t.cache.GetContext(ctx, t.key).(string)
	if token == "" || token == refused {
		return ""
	}
	t.keep(token, copyLife)
	return token
}

// lock waits until this instance alone renews. Where that cannot be had, it goes
// on without: a second renewal brings the same token.
func (t *tokens) lock(ctx context.Context) (unlock func()) {
	if l, ok := t.cache.(locker); ok {
		wait, cancel := context.WithTimeout(ctx, lockWait)
		defer cancel()
		if unlock, err := l.Lock(wait, t.key); err == nil {
			return unlock
		}
	}
	return func() {}
}

// renew asks WeChat. If it brings the refused token again it is asked to take that one back.
func (t *tokens) renew(ctx context.Context, refused string) (string, error) {
	g, err := t.fetch(ctx, false)
	if err == nil && g.token == refused {
		g, err = t.fetch(ctx, true)
	}
	if err != nil {
		t.forget(ctx, refused)
		return "", err
	}
	t.keep(g.token, min(copyLife, g.life/2))
	if t.cache != nil && g.life > margin {
		_ = t.cache.SetContext(ctx, t.key, g.token, g.life-margin) // without it the others ask WeChat themselves
	}
	return g.token, nil
}

// forget deletes a refused token from the cache, unless another stands there by now.
func (t *tokens) forget(ctx context.Context, refused string) {
	if t.cache != nil && refused != "" && t.cache.GetContext(ctx, t.key) == refused {
		_ = t.cache.DeleteContext(ctx, t.key) // it may still be there: then it is refused once more
	}
}
