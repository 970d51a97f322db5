package redis

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// channel is where instances tell each other that their table has changed.
const channel = "zizhi:reload"

// healthCheck is how often an idle connection that listens is tried.
const healthCheck = time.Second

// Announce tells all instances, this one included, to look at their tables. An
// error says that nobody was told.
func (m *Memory) Announce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.patience)
	defer cancel()
	return failed("announce", m.client.Publish(ctx, channel, "").Err())
}

// Announcements yields a value after each Announce of any instance, or one
// after several, until ctx ends; then it is closed. While Redis is away it waits
// for it. Each time that it listens (again) it yields a value too, for what it
// may have missed. What a user of Redis with rights of its own needs is &zizhi:*.
func (m *Memory) Announcements(ctx context.Context) <-chan struct{} {
	heard := make(chan struct{}, 1)
	go func() {
		defer close(heard)
		subscription := m.client.Subscribe(ctx, channel) // without Redis it goes on trying below
		defer subscription.Close()
		messages := subscription.ChannelWithSubscriptions(redis.WithChannelHealthCheckInterval(healthCheck))
		for {
			select {
			case <-ctx.Done():
				return
			case <-messages: // closed by nobody but us
			}
			select {
			case heard <- struct{}{}:
			default: // one is waiting to be taken
			}
		}
	}()
	return heard
}
