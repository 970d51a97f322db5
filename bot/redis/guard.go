package redis

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrResting is the error of calls that were not even tried, since Redis has
// just failed to answer several. One call in each rest is tried.
var ErrResting = errors.New("not tried: Redis does not answer at present")

const (
	failuresToRest = 3 // in a row
	rest           = 200 * time.Millisecond
)

// Stats counts since Open.
type Stats struct {
	Trips  uint64 // to Redis: commands and pipelines
	Errors uint64 // trips without an answer or with an error
	Spared uint64 // trips not tried, see ErrResting
}

// Stats returns the counts, for metrics.
func (m *Memory) Stats() Stats {
	return Stats{Trips: m.counts.trips.Load(), Errors: m.counts.errors.Load(), Spared: m.counts.spared.Load()}
}

type counts struct{ trips, errors, spared atomic.Uint64 }

// guard stands before one node: it counts the trips, and while the node does
// not answer it fails calls at once, so that not every message waits in vain.
type guard struct {
	counts   *counts
	born     time.Time    // times below are since then, untouched by changes of the clock
	failures atomic.Int64 // in a row
	restEnds atomic.Int64 // 0: at work
}

func newGuard(c *counts) *guard { return &guard{counts: c, born: time.Now()} }

// inside marks the context of a trip: the library greets a new connection in
// the middle of one, through the same hooks.
type inside struct{}

func (g *guard) trip(ctx context.Context, do func(context.Context) error) error {
	if ctx.Value(inside{}) != nil {
		return do(ctx)
	}
	if !g.admits() {
		g.counts.spared.Add(1)
		return ErrResting
	}
	err := do(context.WithValue(ctx, inside{}, true))
	g.judge(err)
	return err
}

// admits reports whether a call may be tried: any while at work, the first after each rest.
func (g *guard) admits() bool {
	ends := g.restEnds.Load()
	if ends == 0 {
		return true
	}
	now := int64(time.Since(g.born))
	return now >= ends && g.restEnds.CompareAndSwap(ends, now+int64(rest))
}

func (g *guard) judge(err error) {
	g.counts.trips.Add(1)
	switch {
	case err == nil, err == redis.Nil, redis.HasErrorPrefix(err, "NOSCRIPT"):
		g.restore()
	case answered(err): // such as OOM
		g.counts.errors.Add(1)
		g.restore()
	case errors.Is(err, context.Canceled): // says nothing about Redis
	default:
		g.counts.errors.Add(1)
		if g.failures.Add(1) >= failuresToRest {
			g.restEnds.Store(int64(time.Since(g.born) + rest))
		}
	}
}

// answered reports whether an error is what Redis said, and not the want of an answer.
func answered(err error) bool {
	var answer redis.Error
	return errors.As(err, &answer)
}

func (g *guard) restore() {
	g.failures.Store(0)
	g.restEnds.Store(0)
}

// DialHook implements redis.Hook.
func (g *guard) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessHook implements redis.Hook.
func (g *guard) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		return g.trip(ctx, func(ctx context.Context) error { return next(ctx, cmd) })
	}
}

// ProcessPipelineHook implements redis.Hook.
func (g *guard) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := g.trip(ctx, func(ctx context.Context) error { return next(ctx, cmds) })
		if err == ErrResting {
			for _, cmd := range cmds {
				cmd.SetErr(err)
			}
		}
		return err
	}
}
