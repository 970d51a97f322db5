package handlers

import (
	"context"

	"zizhi/bot"
)

// gate bounds the messages in work. The first come are answered with their
// conversation, those on top without (which costs microseconds and waits for
// nobody), and only what exceeds even that is shed: WeChat gets success.
type gate struct {
	stateful, stateless chan struct{}
	metrics             *Metrics
}

func newGate(l Limits, m *Metrics) *gate {
	return &gate{stateful: make(chan struct{}, l.Stateful), stateless: make(chan struct{}, l.Stateless), metrics: m}
}

func (g *gate) reply(ctx context.Context, b *bot.Bot, m bot.Message) (bot.Reply, error) {
	if m.Kind == bot.Unfollow {
		return g.forget(ctx, b, m)
	}
	select {
	case g.stateful <- struct{}{}:
		defer func() { <-g.stateful }()
		return b.Reply(ctx, m)
	default:
	}
	select {
	case g.stateless <- struct{}{}:
		defer func() { <-g.stateless }()
		g.metrics.overload.WithLabelValues("stateless").Inc()
		return b.Stateless(m), nil
	default:
		g.metrics.overload.WithLabelValues("shed").Inc()
		return bot.Reply{}, nil
	}
}

// forget waits for its turn: nobody reads the reply, and what is stored about
// somebody who has left must not stay because many are asking.
func (g *gate) forget(ctx context.Context, b *bot.Bot, m bot.Message) (bot.Reply, error) {
	select {
	case g.stateful <- struct{}{}:
		defer func() { <-g.stateful }()
		return b.Reply(ctx, m)
	case <-ctx.Done():
		g.metrics.overload.WithLabelValues("shed").Inc()
		return bot.Reply{}, nil
	}
}
