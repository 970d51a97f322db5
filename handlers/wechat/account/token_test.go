package account

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// source gives out the tokens T1, T2, … ; the present one lasts until it is forced to the next.
type source struct {
	n, asked, forced int
	life             time.Duration
	err              error
}

func (s *source) fetch(_ context.Context, force bool) (grant, error) {
	s.asked++
	if force {
		s.n++
		s.forced++
	}
	return grant{fmt.Sprint("T", s.n), s.life}, s.err
}

func want(t *testing.T, tokens *tokens, refused, token string) {
	t.Helper()
	got, err := tokens.get(t.Context(), refused)
	if err != nil || got != token {
		t.Errorf("got %q, %v, want %q", got, err, token)
	}
}

// The copy is used for a minute; then the cache is looked at, where another instance may have put the next.
func TestCopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wechat, shared := &source{n: 1, life: 2 * time.Hour}, newShelf()
		tokens := newTokens("key", shared, wechat.fetch)
		want(t, tokens, "", "T1")
		_ = shared.Set("key", "T2", 0)
		time.Sleep(copyLife - time.Second)
		want(t, tokens, "", "T1")
		time.Sleep(time.Second)
		want(t, tokens, "", "T2")
		if wechat.asked != 1 {
			t.Errorf("WeChat was asked %d times, want once", wechat.asked)
		}
	})
}

// Without a cache each minute costs a call, which brings the same token.
func TestWithoutCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wechat := &source{n: 1, life: 2 * time.Hour}
		tokens := newTokens("key", nil, wechat.fetch)
		for range 3 {
			want(t, tokens, "", "T1")
			time.Sleep(copyLife)
		}
		if wechat.asked != 3 || wechat.forced != 0 {
			t.Errorf("asked %d times, forced %d", wechat.asked, wechat.forced)
		}
	})
}

// A token near its end is not put where others would find it too late.
func TestTokenNearItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wechat, shared := &source{n: 1, life: time.Minute}, newShelf()
		tokens := newTokens("key", shared, wechat.fetch)
		want(t, tokens, "", "T1")
		if shared.IsExist("key") {
			t.Error("it is in the cache")
		}
		time.Sleep(30 * time.Second)
		want(t, tokens, "", "T1")
		if wechat.asked != 2 {
			t.Errorf("asked %d times, want again after half its life", wechat.asked)
		}
	})
}

// Another instance may have replaced a refused token: then nobody is asked.
func TestRefusedButReplaced(t *testing.T) {
	wechat, shared := &source{n: 1, life: 2 * time.Hour}, newShelf()
	tokens := newTokens("key", shared, wechat.fetch)
	want(t, tokens, "", "T1")
	_ = shared.Set("key", "T2", 0)
	want(t, tokens, "T1", "T2")
	want(t, tokens, "T1", "T2") // a slow caller of before
	want(t, tokens, "", "T2")
	if wechat.asked != 1 {
		t.Errorf("WeChat was asked %d times, want once", wechat.asked)
	}
}

// Where no new token can be had, the refused one is not left for others.
func TestRefusedAndNotReplaced(t *testing.T) {
	wechat, shared := &source{n: 1, life: 2 * time.Hour}, newShelf()
	tokens := newTokens("key", shared, wechat.fetch)
	want(t, tokens, "", "T1")
	wechat.err = errors.New("no network")
	if token, err := tokens.get(t.Context(), "T1"); err == nil {
		t.Errorf("got %q", token)
	}
	if shared.IsExist("key") {
		t.Error("the refused token is still in the cache")
	}
}

// Who waits for a renewal in progress waits no longer than the context.
func TestWaitEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(context.Context, bool) (grant, error) {
			time.Sleep(time.Hour)
			return grant{"T1", 2 * time.Hour}, nil
		}
		tokens := newTokens("key", nil, slow)
		go func() { _, _ = tokens.get(context.Background(), "") }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if _, err := tokens.get(ctx, ""); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		time.Sleep(time.Hour)
	})
}
