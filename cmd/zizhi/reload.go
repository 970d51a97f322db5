package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"zizhi/bot"
	"zizhi/bot/redis"
	"zizhi/bot/reload"
	"zizhi/handlers"
)

// lookEvery is how often the folder is looked at though nothing has been heard of it.
const lookEvery = 15 * time.Second

// expert builds what the service knows.
func (c *serveCommand) expert() (*bot.Expert, error) {
	x, err := knowledgeFlags{Account: c.Edition, Data: c.Data}.expert()
	if err != nil {
		return nil, err
	}
	x.Handoff, x.Contact = c.HumanAgents, c.Contact
	return x, nil
}

// readyExpert is an expert that needs no time for the first question about another edition.
func (c *serveCommand) readyExpert() (*bot.Expert, error) {
	x, err := c.expert()
	if err != nil {
		return nil, err
	}
	for _, other := range x.Others {
		other.Reader()
	}
	return x, nil
}

// follow has the service's bot follow ZIZHI_DATA, together with all instances
// that share a Redis, until end is called.
func (c *serveCommand) follow(s *handlers.Service, log *slog.Logger) (end func()) {
	s.Reloader = &reload.Reloader{Bot: s.Bot, Folder: c.Data, Build: c.readyExpert, Tried: s.Metrics.Reloaded, Log: log}
	ctx, cancel := context.WithCancel(context.Background())
	var told <-chan struct{}
	if shared, ok := s.Bot.Memory.(*redis.Memory); ok && c.Data != "" {
		s.Reloader.Announce, told = shared.Announce, shared.Announcements(ctx)
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	var following sync.WaitGroup
	following.Go(func() { s.Reloader.Follow(ctx, hangup, told, lookEvery) })
	return func() {
		signal.Stop(hangup)
		cancel()
		following.Wait()
	}
}
