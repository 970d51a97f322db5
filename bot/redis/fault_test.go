package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"zizhi/bot"
	"zizhi/bot/redis/redistest"
)

// slack is what a busy machine may add to the bounds.
const slack = 500 * time.Millisecond

// healed is how soon after Redis is back a message must be served again.
const healed = 1500 * time.Millisecond

var serial atomic.Int64

// some returns a claim that no other test has used, and so of any bucket.
func some() bot.Claim {
	n := serial.Add(1)
	return bot.Claim{User: fmt.Sprint("user ", n), Message: fmt.Sprint("message ", n), Proof: fmt.Sprint("proof ", n)}
}

// eachCall runs every method and returns the errors; none may take longer than
// its bound. The context has no deadline of its own.
func eachCall(t *testing.T, m *Memory) map[string]error {
	t.Helper()
	ctx, claim := context.Background(), some()
	calls := map[string]func() error{
		"Begin": func() error { _, err := m.Begin(ctx, claim); return err },
		"Commit": func() error {
			_, err := m.Commit(ctx, claim, bot.Outcome{Reply: []byte("r"), Line: []byte("l")})
			return err
		},
		"Forget":  func() error { return m.Forget(ctx, claim.User) },
		"Journal": func() error { _, err := m.Journal(ctx, 10); return err },
		"Ping":    func() error { return m.Ping(ctx) },
	}
	errs := map[string]error{}
	for name, call := range calls {
		start := time.Now()
		errs[name] = call()
		if took := time.Since(start); took > Patience+slack {
			t.Errorf("%s took %v, want at most %v", name, took, Patience)
		}
	}
	return errs
}

func wantAllFail(t *testing.T, m *Memory) {
	t.Helper()
	for name, err := range eachCall(t, m) {
		if err == nil {
			t.Errorf("%s returned no error", name)
		}
	}
}

// wantHealed waits until messages are served again, with the Memory that was open all along.
func wantHealed(t *testing.T, m *Memory, within time.Duration) {
	t.Helper()
	start := time.Now()
	redistest.Eventually(t, within, "messages are served again", func() bool {
		return exchange(t.Context(), m, some()) == nil
	})
	t.Logf("served again after %v", time.Since(start).Round(time.Millisecond))
	for name, err := range eachCall(t, m) {
		if err != nil {
			t.Errorf("afterwards %s: %v", name, err)
		}
	}
}

func TestRefused(t *testing.T) {
	server := redistest.Start(t)
	server.Stop()
	m := open(t, "redis://"+server.Addr)
	quickest := time.Hour // of the calls before the guard spares them; the machine may hold up some
	for range failuresToRest {
		start := time.Now()
		if _, err := m.Begin(t.Context(), some()); err == nil {
			t.Error("a port that refuses has answered")
		}
		quickest = min(quickest, time.Since(start))
	}
	t.Logf("a call to a port that refuses takes %v", quickest)
	if quickest > Patience/10 || m.Stats().Spared != 0 {
		t.Errorf("a call to a port that refuses takes %v; %+v", quickest, m.Stats())
	}
	for range 20 {
		wantAllFail(t, m)
	}
	server.Restart()
	wantHealed(t, m, healed)
}

func TestKilled(t *testing.T) {
	server := redistest.Start(t)
	m := open(t, "redis://"+server.Addr)
	wantHealed(t, m, healed)
	server.Kill()
	wantAllFail(t, m)
	server.Restart()
	wantHealed(t, m, healed)
}

// Killed while fifty people write: every call ends in time, and all is well again.
func TestKilledUnderLoad(t *testing.T) {
	server := redistest.Start(t)
	m := open(t, "redis://"+server.Addr)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	var served, failed, slowest atomic.Int64
	for range 50 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond):
				}
				start := time.Now()
				if err := exchange(context.Background(), m, some()); err != nil {
					failed.Add(1)
				} else {
					served.Add(1)
				}
				took := int64(time.Since(start))
				for old := slowest.Load(); took > old && !slowest.CompareAndSwap(old, took); old = slowest.Load() {
				}
			}
		})
	}
	for range 2 {
		count := served.Load()
		redistest.Eventually(t, healed+slack, "messages are served", func() bool { return served.Load() > count+100 })
		server.Kill()
		count = failed.Load()
		redistest.Eventually(t, healed, "calls fail", func() bool { return failed.Load() > count })
		server.Restart()
	}
	count := served.Load()
	redistest.Eventually(t, healed+slack, "messages are served again", func() bool { return served.Load() > count+100 })
	close(stop)
	wg.Wait()
	t.Logf("%d served, %d failed, slowest message (two trips) %v", served.Load(), failed.Load(), time.Duration(slowest.Load()))
	if limit := 2*Patience + 2*slack; slowest.Load() > int64(limit) {
		t.Errorf("the slowest message took %v, want at most %v", time.Duration(slowest.Load()), limit)
	}
}

// While Redis hangs, few messages wait for it.
func TestHanging(t *testing.T) {
	server := redistest.Start(t)
	m := open(t, "redis://"+server.Addr)
	wantHealed(t, m, healed)
	server.Pause()
	t.Cleanup(server.Resume)
	wantAllFail(t, m)
	const calls = 100
	start, waited := time.Now(), 0
	for range calls {
		before := time.Now()
		if _, err := m.Begin(t.Context(), some()); err == nil {
			t.Fatal("a Redis that hangs has answered")
		}
		if time.Since(before) > Patience/2 {
			waited++
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Logf("of %d calls in %v, %d waited; %+v", calls, time.Since(start).Round(time.Millisecond), waited, m.Stats())
	if waited > calls/10 || m.Stats().Spared == 0 {
		t.Errorf("of %d calls to a Redis that hangs %d waited in vain", calls, waited)
	}
	server.Resume()
	wantHealed(t, m, healed)
}

func TestCallersDeadline(t *testing.T) {
	server := redistest.Start(t)
	m := open(t, "redis://"+server.Addr)
	server.Pause()
	t.Cleanup(server.Resume)
	ctx, cancel := context.WithTimeout(t.Context(), Patience/10)
	defer cancel()
	start := time.Now()
	if _, err := m.Begin(ctx, some()); err == nil {
		t.Error("a Redis that hangs has answered")
	}
	if took := time.Since(start); took > Patience/10+slack/2 {
		t.Errorf("Begin took %v with a deadline of %v", took, Patience/10)
	}
}

// A full Redis stores all of a commit or nothing, and still reads and forgets.
func TestFull(t *testing.T) {
	server := redistest.Start(t, "--maxmemory-policy", "noeviction")
	m := openPatient(t, "redis://"+server.Addr)
	before, full := some(), some()
	converse(t, m, before)
	if _, err := m.Begin(t.Context(), full); err != nil {
		t.Fatal(err)
	}
	server.Set("maxmemory", "1")
	if _, err := m.Commit(t.Context(), full, bot.Outcome{Reply: []byte("r"), Session: []byte("s"), Line: []byte("l")}); err == nil || !strings.Contains(err.Error(), "OOM") {
		t.Errorf("Commit to a full Redis returned %v, want OOM", err)
	}
	if _, err := m.Begin(t.Context(), some()); err == nil {
		t.Error("Begin of a new message in a full Redis returned no error")
	}
	if got, err := m.Begin(t.Context(), bot.Claim{User: before.User, Message: before.Message}); err != nil || got.State != bot.Done {
		t.Errorf("a full Redis says of a message answered before: %+v, %v", got, err)
	}
	if err := m.Forget(t.Context(), before.User); err != nil {
		t.Errorf("Forget in a full Redis: %v", err)
	}
	if lines, err := m.Journal(t.Context(), 10); err != nil || len(lines) != 0 {
		t.Errorf("the journal of a full Redis: %q, %v; want nothing of the failed commit", lines, err)
	}
	eachCall(t, m)
	server.Set("maxmemory", "0")
	wantHealed(t, m, healed)
	if got, err := m.Begin(t.Context(), bot.Claim{User: full.User, Message: full.Message}); err != nil || got.State != bot.InFlight || got.Session != nil {
		t.Errorf("after the failed commit Begin found %+v, %v; want it in flight, without a session", got, err)
	}
}

func TestReadOnly(t *testing.T) {
	server := redistest.Start(t)
	m := open(t, "redis://"+server.Addr)
	wantHealed(t, m, healed)
	server.Do("REPLICAOF", "127.0.0.1", "1")
	errs := eachCall(t, m)
	for _, name := range []string{"Begin", "Commit", "Ping"} {
		if errs[name] == nil {
			t.Errorf("%s on a read-only replica returned no error", name)
		}
	}
	server.Do("REPLICAOF", "NO", "ONE")
	wantHealed(t, m, healed)
}

func TestScriptsLost(t *testing.T) {
	server := redistest.Start(t)
	m := openPatient(t, "redis://"+server.Addr)
	for range 3 {
		claim := some()
		server.Do("SCRIPT", "FLUSH")
		if begun, err := m.Begin(t.Context(), claim); err != nil || begun.State != bot.New {
			t.Errorf("Begin without its script: %+v, %v", begun, err)
		}
		server.Do("SCRIPT", "FLUSH")
		if _, err := m.Commit(t.Context(), claim, bot.Outcome{Reply: []byte("r")}); err != nil {
			t.Errorf("Commit without its script: %v", err)
		}
		server.Do("SCRIPT", "FLUSH")
		if err := m.Forget(t.Context(), claim.User); err != nil {
			t.Errorf("Forget without its script: %v", err)
		}
	}
	if errs := m.Stats().Errors; errs != 0 {
		t.Errorf("%d errors counted, though every call was served", errs)
	}
}

// With a disk, what was stored is there after a restart.
func TestRestarted(t *testing.T) {
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	m := open(t, "redis://"+server.Addr)
	claim := some()
	converse(t, m, claim)
	server.Kill()
	server.Restart()
	redistest.Eventually(t, healed, "the answered message is done", func() bool {
		begun, err := m.Begin(t.Context(), claim)
		return err == nil && begun.State == bot.Done && string(begun.Reply) == "reply" && string(begun.Session) == "session"
	})
}

func TestSentinelFailsOver(t *testing.T) {
	sentinel := redistest.StartSentinel(t)
	m := open(t, "redis-sentinel://"+strings.Join(sentinel.Addrs, ",")+"/"+sentinel.Name)
	claim := some()
	converse(t, m, claim)
	if err := m.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	redistest.Eventually(t, healed, "the replica has the message", func() bool {
		return sentinel.Replica.Do("EXISTS", keysOf(claim).message) == "1"
	})
	sentinel.Master.Kill()
	redistest.Eventually(t, 30*time.Second, "the replica is the master", func() bool {
		eachCall(t, m)
		return strings.Contains(sentinel.Replica.Do("INFO", "replication"), "role:master")
	})
	wantHealed(t, m, 6*time.Second)
	if begun, err := m.Begin(t.Context(), claim); err != nil || begun.State != bot.Done {
		t.Errorf("after the failover Begin found %+v, %v; want the message done", begun, err)
	}
}

func TestClusterLosesMaster(t *testing.T) {
	cluster := redistest.StartCluster(t)
	m := open(t, "redis://"+strings.Join(cluster.Addrs(), ","))
	everyBucket(t, m, healed)
	cluster.Nodes[0].Kill()
	redistest.Eventually(t, 10*time.Second, "the Cluster notices", func() bool {
		eachCall(t, m)
		return !cluster.Healthy()
	})
	redistest.Eventually(t, 30*time.Second, "the Cluster has healed", func() bool {
		eachCall(t, m)
		return cluster.Healthy()
	})
	everyBucket(t, m, 6*time.Second)
}

// A node that hangs costs those whose bucket it holds little, and the others nothing.
func TestClusterNodeHangs(t *testing.T) {
	cluster := redistest.StartCluster(t)
	m := open(t, "redis://"+strings.Join(cluster.Addrs(), ","))
	everyBucket(t, m, healed)
	cluster.Nodes[0].Pause()
	t.Cleanup(cluster.Nodes[0].Resume)
	var served, waited int
	const messages = 300
	for range messages {
		claim, start := some(), time.Now()
		claim.Proof = "" // which may live on another node than its message
		if exchange(t.Context(), m, claim) == nil {
			served++
		}
		if time.Since(start) > Patience/2 {
			waited++
		}
	}
	t.Logf("of %d messages %d were served, %d waited; %+v", messages, served, waited, m.Stats())
	if served < messages/3 || waited > messages/10 {
		t.Errorf("of %d messages only %d were served and %d waited, with two of three masters well", messages, served, waited)
	}
	cluster.Nodes[0].Resume()
	cluster.WaitHealthy(30 * time.Second)
	everyBucket(t, m, 6*time.Second)
}

func TestClusterMovesSlots(t *testing.T) {
	cluster := redistest.StartCluster(t)
	m := open(t, "redis://"+strings.Join(cluster.Addrs(), ","))
	claim := some()
	converse(t, m, claim)
	everyBucket(t, m, healed)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
				eachCall(t, m)
			}
		}
	})
	cluster.Move(400, cluster.Nodes[0], cluster.Nodes[1])
	cluster.Move(400, cluster.Nodes[2], cluster.Nodes[0])
	close(stop)
	wg.Wait()
	everyBucket(t, m, 6*time.Second)
	if begun, err := m.Begin(t.Context(), bot.Claim{User: claim.User, Message: claim.Message}); err != nil || begun.State != bot.Done {
		t.Errorf("after the move Begin found %+v, %v; want the message done", begun, err)
	}
}

// everyBucket waits until a message of each of the buckets is served.
func everyBucket(t *testing.T, m *Memory, within time.Duration) {
	t.Helper()
	start := time.Now()
	left := map[string]bool{}
	for _, tag := range tags {
		left[tag+"journal"] = true
	}
	redistest.Eventually(t, within, "people of every bucket are served", func() bool {
		for range 10 * buckets {
			claim := some()
			if k := keysOf(claim).journal; left[k] && exchange(t.Context(), m, claim) == nil {
				delete(left, k)
			}
		}
		return len(left) == 0
	})
	t.Logf("every bucket is served after %v", time.Since(start).Round(time.Millisecond))
}

// One server of a Cluster, taken for a single one, is told from it.
func TestClusterTakenForOne(t *testing.T) {
	cluster := redistest.StartCluster(t)
	m := open(t, "redis://"+cluster.Nodes[0].Addr)
	if err := m.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "write several of its addresses") {
		t.Errorf("Ping returned %v, want advice", err)
	}
}

// The rules of a guard, with failures that need no server.
func TestGuard(t *testing.T) {
	c := new(counts)
	g := newGuard(c)
	call := func(err error) error {
		return g.trip(t.Context(), func(context.Context) error { return err })
	}
	broken := errors.New("broken pipe")
	for range failuresToRest - 1 {
		call(broken)
	}
	call(redis.Nil) // an answer, so that the count begins anew
	for range failuresToRest {
		if err := call(broken); err != broken {
			t.Fatalf("got %v before the guard may rest", err)
		}
		call(context.Canceled) // says nothing either way
	}
	if err := call(nil); err != ErrResting {
		t.Fatalf("got %v after %d failures in a row, want a rest", err, failuresToRest)
	}
	redistest.Eventually(t, rest+slack, "one call is tried after the rest", func() bool { return call(broken) == broken })
	if err := call(nil); err != ErrResting {
		t.Fatalf("got %v after the trial failed, want a rest", err)
	}
	redistest.Eventually(t, rest+slack, "an answer ends the rest", func() bool { return call(nil) == nil })
	if err := call(nil); err != nil {
		t.Fatalf("got %v after the rest", err)
	}
	if c.spared.Load() == 0 || c.errors.Load() != 2*failuresToRest {
		t.Errorf("counted %d errors and %d spared", c.errors.Load(), c.spared.Load())
	}
}
