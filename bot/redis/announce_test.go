package redis

import (
	"context"
	"strings"
	"testing"
	"time"

	"zizhi/bot/redis/redistest"
)

// listen returns announcements that end with the test.
func listen(t *testing.T, m *Memory) <-chan struct{} {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	heard := m.Announcements(ctx)
	t.Cleanup(func() {
		cancel()
		for range heard { // until it is closed
		}
	})
	return heard
}

// wantHeard waits for an announcement.
func wantHeard(t *testing.T, heard <-chan struct{}, within time.Duration, what string) {
	t.Helper()
	select {
	case <-heard:
	case <-time.After(within):
		t.Fatalf("nothing heard within %v: %s", within, what)
	}
}

// wantSilence checks that nothing has been announced.
func wantSilence(t *testing.T, heard <-chan struct{}) {
	t.Helper()
	select {
	case <-heard:
		t.Error("heard something, though nothing was said")
	case <-time.After(healthCheck + Patience): // a health check is no announcement
	}
}

func TestAnnouncements(t *testing.T) {
	address := "redis://" + redistest.Start(t).Addr
	one, two := open(t, address), open(t, address)
	hears, alsoHears := listen(t, one), listen(t, two)
	for _, heard := range []<-chan struct{}{hears, alsoHears} {
		wantHeard(t, heard, healed, "it listens")
		wantSilence(t, heard)
	}
	for range 3 {
		if err := one.Announce(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantHeard(t, alsoHears, healed, "the other's announcement")
		wantHeard(t, hears, healed, "its own announcement")
	}
}

// Redis comes late, and comes back: what was missed is made good by one value.
func TestAnnouncementsWithoutRedis(t *testing.T) {
	server := redistest.Start(t)
	m := open(t, "redis://"+server.Addr)
	server.Stop()
	heard := listen(t, m)
	wantSilence(t, heard)
	for _, end := range []func(){server.Stop, server.Kill} {
		server.Restart()
		wantHeard(t, heard, 10*time.Second, "it listens, for Redis is there")
		redistest.Eventually(t, healed, "an announcement is made", func() bool { return m.Announce(t.Context()) == nil })
		wantHeard(t, heard, healed, "the announcement")
		end()
		if err := m.Announce(t.Context()); err == nil {
			t.Error("Announce without Redis returned no error")
		}
		wantSilence(t, heard)
	}
}

func TestAnnouncementsOfACluster(t *testing.T) {
	cluster := redistest.StartCluster(t)
	address := "redis://" + strings.Join(cluster.Addrs(), ",")
	one, two := open(t, address), open(t, address)
	heard := listen(t, one)
	wantHeard(t, heard, 10*time.Second, "it listens")
	redistest.Eventually(t, 10*time.Second, "an announcement is made", func() bool { return two.Announce(t.Context()) == nil })
	wantHeard(t, heard, 10*time.Second, "the announcement at another node")
	for _, node := range cluster.Nodes[:1] { // perhaps that which it listens to
		node.Kill()
	}
	cluster.WaitHealthy(30 * time.Second)
	redistest.Eventually(t, 10*time.Second, "an announcement is heard after a failover", func() bool {
		_ = two.Announce(t.Context()) // fails while it finds the new master
		select {
		case <-heard:
			return true
		case <-time.After(100 * time.Millisecond):
			return false
		}
	})
}
