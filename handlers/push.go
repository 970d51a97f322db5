package handlers

import (
	"context"
	"time"
)

const (
	pushesAtOnce = 32               // people to whom further parts are being sent
	pushWithin   = 20 * time.Second // for all parts of one answer
)

// pusher sends the further parts of a long answer as customer-service messages,
// in order, once the first has gone out as the reply. What cannot be sent is
// only counted and logged: 继续 brings it as well.
type pusher struct {
	*Service
	places chan struct{}
}

// newPusher returns nil where the account sends no customer-service messages.
func (s *Service) newPusher() *pusher {
	if s.Account == nil {
		return nil
	}
	return &pusher{Service: s, places: make(chan struct{}, pushesAtOnce)}
}

// push returns at once: the connection is WeChat's, which may need it for the next message.
func (p *pusher) push(openID string, parts []string) {
	if p == nil || len(parts) == 0 {
		return
	}
	select {
	case p.places <- struct{}{}:
		p.pushes.Go(func() { p.send(openID, parts) })
	default:
		p.Metrics.pushed.WithLabelValues("too many").Add(float64(len(parts)))
	}
}

// Settle waits until the parts under way have been sent, or ctx ends; 继续 then brings the rest.
func (s *Service) Settle(ctx context.Context) {
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		s.pushes.Wait()
	}()
	select {
	case <-sent:
	case <-ctx.Done():
	}
}

func (p *pusher) send(openID string, parts []string) {
	defer func() {
		<-p.places
		if broken := recover(); broken != nil {
			p.Metrics.panics.Inc()
			p.Log.Error("sending customer-service messages panicked", "panic", broken)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), pushWithin)
	defer cancel()
	for i, part := range parts {
		if err := p.Account.SendText(ctx, openID, part); err != nil {
			p.Metrics.pushed.WithLabelValues("failed").Add(float64(len(parts) - i))
			p.Log.Warn("a customer-service message was not sent; 继续 brings it", "part", i+2, "error", err)
			return // without this part the next makes no sense
		}
		p.Metrics.pushed.WithLabelValues("sent").Inc()
	}
}
