package redis

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Facts are what one server says of itself; in a Cluster each master is one.
type Facts struct {
	Addr      string        // host:port; under Sentinel FailoverClient, whoever is the master
	Version   string        // 7.0.15; Valkey says 7.2.4 here
	Latency   time.Duration // of the fastest of five trips
	Used      int64         // bytes of memory
	MaxMemory int64         // bytes; 0: no limit
	Policy    string        // what happens at the limit: noeviction, allkeys-lru …
}

// pings is how many trips are timed: the first may have had to connect.
const pings = 5

// Facts asks the server, or each master of a Cluster, by address. An error says
// that one did not answer, or may not be asked (INFO is denied to the user).
func (m *Memory) Facts(ctx context.Context) ([]Facts, error) {
	var mu sync.Mutex
	var all []Facts
	ask := func(ctx context.Context, client *redis.Client) error {
		f, err := factsOf(ctx, client)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, f)
		return err
	}
	var err error
	switch client := m.client.(type) {
	case *redis.ClusterClient:
		err = client.ForEachMaster(ctx, ask)
	case *redis.Client:
		err = ask(ctx, client)
	}
	if err != nil {
		return nil, failed("facts", err)
	}
	slices.SortFunc(all, func(a, b Facts) int { return cmp.Compare(a.Addr, b.Addr) })
	return all, nil
}

func factsOf(ctx context.Context, client *redis.Client) (Facts, error) {
	f := Facts{Addr: client.Options().Addr, Latency: Patience}
	for range pings {
		began := time.Now()
		if err := client.Ping(ctx).Err(); err != nil {
			return f, err
		}
		f.Latency = min(f.Latency, time.Since(began))
	}
	info, err := client.Info(ctx).Result()
	if err != nil {
		return f, err
	}
	return f, f.read(info)
}

// read reads the answer to INFO.
func (f *Facts) read(info string) error {
	var err error
	bytes := func(text string) int64 {
		n, bad := strconv.ParseInt(text, 10, 64)
		if bad != nil {
			err = fmt.Errorf("the answer to INFO has a size of %q", text)
		}
		return n
	}
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch name {
		case "redis_version":
			f.Version = value
		case "used_memory":
			f.Used = bytes(value)
		case "maxmemory":
			f.MaxMemory = bytes(value)
		case "maxmemory_policy":
			f.Policy = value
		}
	}
	return err
}
