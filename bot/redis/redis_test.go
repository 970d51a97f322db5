package redis

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"zizhi/bot"
	"zizhi/bot/memorytest"
	"zizhi/bot/redis/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open returns a Memory that is closed when the test ends.
func open(t testing.TB, address string) *Memory { t.Helper(); return opened(t, Patience, address) }

// openPatient returns one for tests that do not look at the clock.
func openPatient(t testing.TB, address string) *Memory {
	t.Helper()
	return opened(t, 30*time.Second, address)
}

func opened(t testing.TB, patience time.Duration, address string) *Memory {
	t.Helper()
	m, err := openWith(patience, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func TestMiniredis(t *testing.T) {
	var current *Memory
	memorytest.Run(t, memorytest.Store{
		Open: func(t *testing.T) bot.Memory {
			current = openPatient(t, "redis://"+miniredis.RunT(t).Addr())
			return current
		},
		Advance: func(t *testing.T, d time.Duration) { age(t, current.client, d) },
	})
}

func TestRedis(t *testing.T) {
	server := redistest.Start(t)
	var current *Memory
	memorytest.Run(t, memorytest.Store{
		Open: func(t *testing.T) bot.Memory {
			server.Do("FLUSHALL")
			current = openPatient(t, "redis://"+server.Addr)
			return current
		},
		Advance: func(t *testing.T, d time.Duration) { age(t, current.client, d) },
	})
}

func TestCluster(t *testing.T) {
	cluster := redistest.StartCluster(t)
	var current *Memory
	memorytest.Run(t, memorytest.Store{
		Open: func(t *testing.T) bot.Memory {
			current = openPatient(t, "redis://"+strings.Join(cluster.Addrs(), ","))
			err := current.client.(*redis.ClusterClient).ForEachMaster(t.Context(), func(ctx context.Context, node *redis.Client) error {
				return node.FlushAll(ctx).Err()
			})
			if err != nil {
				t.Fatal(err)
			}
			return current
		},
		Advance: func(t *testing.T, d time.Duration) {
			err := current.client.(*redis.ClusterClient).ForEachMaster(t.Context(), func(_ context.Context, node *redis.Client) error {
				age(t, node, d)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		},
	})
}

// age makes everything in a server older: keys nearer to their end, lines of
// streams earlier. The server's clock cannot be set.
func age(t testing.TB, client redis.UniversalClient, d time.Duration) {
	t.Helper()
	ctx := t.Context()
	for _, key := range must(client.Keys(ctx, "*").Result()) {
		left := must(client.PTTL(ctx, key).Result()) - d
		if left <= 0 {
			must(client.Del(ctx, key).Result())
			continue
		}
		if must(client.Type(ctx, key).Result()) == "stream" {
			entries := must(client.XRange(ctx, key, "-", "+").Result())
			must(client.Del(ctx, key).Result())
			for _, entry := range entries {
				at, number, _ := strings.Cut(entry.ID, "-")
				id := fmt.Sprint(must(strconv.ParseInt(at, 10, 64))-d.Milliseconds(), "-", number)
				values := []any{"user", entry.Values["user"], "line", entry.Values["line"]}
				must(client.XAdd(ctx, &redis.XAddArgs{Stream: key, ID: id, Values: values}).Result())
			}
		}
		must(client.PExpire(ctx, key, left).Result())
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func TestJournalIsBounded(t *testing.T) {
	server := redistest.Start(t)
	m := openPatient(t, "redis://"+server.Addr)
	const surplus = 500
	for i := range linesPerBucket + 100 + surplus {
		claim := bot.Claim{User: "u", Message: fmt.Sprint(i)}
		if _, err := m.Commit(t.Context(), claim, bot.Outcome{Line: fmt.Append(nil, i)}); err != nil {
			t.Fatal(err)
		}
	}
	lines, err := m.Journal(t.Context(), bot.JournalLength)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(lines); n < linesPerBucket || n > bot.JournalLength/buckets {
		t.Errorf("one bucket keeps %d lines, want %d to %d", n, linesPerBucket, bot.JournalLength/buckets)
	}
	if newest := string(lines[0]); newest != fmt.Sprint(linesPerBucket+100+surplus-1) {
		t.Errorf("the newest line is %s", newest)
	}
}

// What is stored must all have an end, or Redis fills up.
func TestEverythingExpires(t *testing.T) {
	server := redistest.Start(t)
	m := openPatient(t, "redis://"+server.Addr)
	for i := range 100 {
		claim := bot.Claim{User: fmt.Sprint("u", i), Message: "m", Proof: fmt.Sprint("p", i)}
		converse(t, m, claim)
	}
	if err := m.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	keys := must(m.client.Keys(t.Context(), "*").Result())
	if len(keys) < 400 {
		t.Fatalf("%d keys, want a message, session, index and proof for each of 100 people", len(keys))
	}
	for _, key := range keys {
		if left := must(m.client.TTL(t.Context(), key).Result()); left <= 0 || left > bot.JournalLife {
			t.Errorf("%q ends in %v", key, left)
		}
	}
}

// The messages answered to one person are listed, and the list must not grow
// with everything they ever wrote.
func TestRepliesAreListedWhileTheyLast(t *testing.T) {
	server := redistest.Start(t)
	m := openPatient(t, "redis://"+server.Addr)
	index := keysOf(bot.Claim{User: "u"}).replies
	old := time.Now().Add(-bot.ReplyLife - time.Minute).Unix()
	must(m.client.ZAdd(t.Context(), index, redis.Z{Score: float64(old), Member: "of long ago"}).Result())
	converse(t, m, bot.Claim{User: "u", Message: "m"})
	got := must(m.client.ZRange(t.Context(), index, 0, -1).Result())
	if want := keysOf(bot.Claim{User: "u", Message: "m"}).message; len(got) != 1 || got[0] != want {
		t.Errorf("listed are %q, want %q alone", got, want)
	}
}

func TestForgetLeavesNothing(t *testing.T) {
	server := redistest.Start(t)
	m := openPatient(t, "redis://"+server.Addr)
	for i := range 10 {
		converse(t, m, bot.Claim{User: "of-whom-nothing-stays", Message: fmt.Sprint(i), Proof: fmt.Sprint("p", i)})
	}
	if err := m.Forget(t.Context(), "of-whom-nothing-stays"); err != nil {
		t.Fatal(err)
	}
	for _, key := range must(m.client.Keys(t.Context(), "*").Result()) {
		if strings.Contains(key, "of-whom-nothing-stays") {
			t.Errorf("%q is still there", key)
		}
		if value, err := m.client.Get(t.Context(), key).Result(); err == nil && strings.Contains(value, "of-whom-nothing-stays") {
			t.Errorf("%q still names them: %q", key, value)
		}
	}
}

// converse begins and commits a message.
func converse(t *testing.T, m bot.Memory, c bot.Claim) {
	t.Helper()
	if err := exchange(t.Context(), m, c); err != nil {
		t.Fatal(err)
	}
}

func exchange(ctx context.Context, m bot.Memory, c bot.Claim) error {
	if _, err := m.Begin(ctx, c); err != nil {
		return err
	}
	_, err := m.Commit(ctx, c, bot.Outcome{Reply: []byte("reply"), Session: []byte("session"), Line: []byte("line")})
	return err
}

// Two trips a message, whatever it carries; and none that the caller does not see.
func TestTwoTripsAMessage(t *testing.T) {
	server := redistest.Start(t)
	m := openPatient(t, "redis://"+server.Addr)
	converse(t, m, bot.Claim{User: "u", Message: "first", Proof: "first"}) // loads the scripts
	before := m.Stats()
	server.Do("CONFIG", "RESETSTAT")
	const messages = 100
	for i := range messages {
		converse(t, m, bot.Claim{User: fmt.Sprint("u", i), Message: fmt.Sprint(i), Proof: fmt.Sprint(i)})
	}
	after := m.Stats()
	if trips := after.Trips - before.Trips; trips != 2*messages || after.Errors != 0 || after.Spared != 0 {
		t.Errorf("%d messages took %d trips, want 2 each; stats %+v", messages, trips, after)
	}
	calls := commandCalls(server)
	t.Logf("commands for %d messages: %v", messages, calls)
	if calls["evalsha"] != 2*messages || calls["eval"] != 0 || calls["hello"] != 0 {
		t.Errorf("%d messages sent %v, want evalsha twice each and one set for the proof", messages, calls)
	}
}

// commandCalls reads INFO commandstats.
func commandCalls(server *redistest.Server) map[string]int {
	calls := map[string]int{}
	for line := range strings.Lines(server.Do("INFO", "commandstats")) {
		name, rest, found := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls=")
		number, _, _ := strings.Cut(rest, ",")
		if found {
			calls[name] = must(strconv.Atoi(number))
		}
	}
	return calls
}

func TestPing(t *testing.T) {
	server := redistest.Start(t)
	m := openPatient(t, "redis://"+server.Addr)
	if err := m.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, want  string
		spoil, mend func()
	}{
		{"full", "OOM", func() { server.Set("maxmemory", "1") }, func() { server.Set("maxmemory", "0") }},
		{"read-only", "READONLY", func() { server.Do("REPLICAOF", "127.0.0.1", "1") }, func() { server.Do("REPLICAOF", "NO", "ONE") }},
	} {
		test.spoil()
		if err := m.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Ping of a %s Redis returned %v, want %s", test.name, err, test.want)
		}
		test.mend()
		if err := m.Ping(t.Context()); err != nil {
			t.Errorf("Ping after it was %s: %v", test.name, err)
		}
	}
}

func TestVersion(t *testing.T) {
	for info, want := range map[string]string{
		"# Server\r\nredis_version:7.0.15\r\n":                        "",
		"# Server\r\nredis_version:7.2.4\r\nvalkey_version:8.0.1\r\n": "",
		"# Server\r\nredis_version:10.1\r\n":                          "",
		"":                                                            "",
		"# Server\r\nredis_version:6.0.16\r\nredis_mode:standalone\r\n": "redis: the server is Redis 6.0.16, too old: install Redis 7 or newer, or Valkey",
	} {
		var got string
		if err := checkVersion(info); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", info, got, want)
		}
	}
}

func TestCompareIDs(t *testing.T) {
	ordered := []string{"9-0", "10-0", "10-1", "10-2", "10-10", "11-0", "1700000000000-0"}
	for i, a := range ordered {
		for j, b := range ordered {
			if got, want := compareIDs(a, b) < 0, i < j; got != want {
				t.Errorf("%s before %s: %v, want %v", a, b, got, want)
			}
		}
	}
}

// Old lines are not only left out when the journal is read: they are gone.
func TestOldLinesAreDeleted(t *testing.T) {
	server := redistest.Start(t)
	m := openPatient(t, "redis://"+server.Addr)
	for i := range 10 {
		converse(t, m, bot.Claim{User: "u", Message: fmt.Sprint("old ", i)})
	}
	age(t, m.client, bot.JournalLife-time.Hour)
	converse(t, m, bot.Claim{User: "u", Message: "keeps the stream"})
	age(t, m.client, 2*time.Hour)
	journal := keysOf(bot.Claim{User: "u"}).journal
	if n := must(m.client.XLen(t.Context(), journal).Result()); n != 11 {
		t.Fatalf("%d lines before the next commit, want 11", n)
	}
	converse(t, m, bot.Claim{User: "u", Message: "new"})
	if n := must(m.client.XLen(t.Context(), journal).Result()); n != 2 {
		t.Errorf("%d lines after the next commit, want the 2 that are young", n)
	}
}
