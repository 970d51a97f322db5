package handlers_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"zizhi/bot"
	"zizhi/handlers/wechat"
)

// broken is a memory that fails while it is told to.
type broken struct {
	bot.Memory
	fails atomic.Bool
}

func (b *broken) Begin(ctx context.Context, c bot.Claim) (bot.Begun, error) {
	if b.fails.Load() {
		return bot.Begun{}, errors.New("the store is full")
	}
	return b.Memory.Begin(ctx, c)
}

// An operator sees in the log why and when the memory began to fail and when it
// was well again, and for each answer whether it was kept; and in the metrics how many were not.
func TestMemoryFailureIsSeen(t *testing.T) {
	a := newAccount(t, wechat.Safe)
	memory, log := &broken{Memory: a.service.Bot.Memory}, &logged{}
	a.service.Bot.Memory = memory
	a.service.Log = slog.New(slog.NewTextHandler(log, nil))
	a.service.Bot.Events = a.service.Metrics.Events(a.service.Log)
	for round := range 2 {
		for _, fails := range []bool{false, true, false} {
			memory.fails.Store(fails)
			for range 3 {
				a.say(t, "somebody", "直播")
			}
			if got := gauge(t, a.service, "zizhi_degraded") == 1; got != fails {
				t.Errorf("round %d: degraded is %v while the memory fails: %v", round, got, fails)
			}
		}
	}
	for part, want := range map[string]int{
		`error="the store is full"`: 2, "keeps answers again": 2, "msg=answered": 18, "unkept=true": 6,
	} {
		if n := strings.Count(log.String(), part); n != want {
			t.Errorf("the log says %s %d times, want %d:\n%s", part, n, want, log)
		}
	}
	if n := total(t, a.service, "zizhi_memory_failures_total", "begin"); n != 6 {
		t.Errorf("%v failures are counted, want 6", n)
	}
}
