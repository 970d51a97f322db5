package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"zizhi/bot/redis"
	"zizhi/bot/redis/redistest"
	"zizhi/handlers/wechat/wechattest"
)

// pauseOfRetries is how long WeChat waits for an answer before it delivers again.
func pauseOfRetries() time.Duration {
	if testing.Short() {
		return 100 * time.Millisecond
	}
	return 5 * time.Second
}

// patiently is the bound for what must happen, however busy the machine is.
const patiently = 20 * time.Second

// healing is how long after the store itself has healed answers may go on without it.
const healing = 6 * time.Second

// journal returns the lines of the journal in a Redis.
func journal(t *testing.T, address string) []string {
	t.Helper()
	memory, err := redis.Open(address)
	if err != nil {
		t.Fatal(err)
	}
	defer memory.Close()
	lines, err := memory.Journal(t.Context(), 10_000)
	if err != nil {
		t.Fatal(err)
	}
	texts := make([]string, len(lines))
	for i, line := range lines {
		texts[i] = string(line)
	}
	return texts
}

// raw sends one delivery and returns the bytes of the answer.
func (a *platform) raw(r *http.Request) string {
	response, err := a.Client.Do(r)
	if err != nil {
		a.Error(err)
		return ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		a.Errorf("status %d, %v", response.StatusCode, err)
	}
	return string(body)
}

func (a *platform) delivery(m wechattest.Message) *http.Request {
	r, err := a.Request(context.Background(), m)
	if err != nil {
		a.Fatal(err)
	}
	return r
}

// One message, delivered three times as WeChat does and fifty times at once to
// two instances: one effect, one answer, the same bytes.
func TestOneMessageOneAnswer(t *testing.T) {
	t.Parallel()
	address := "redis://" + redistest.Start(t).Addr
	a := open(t, 0, address, address)
	messages := []wechattest.Message{wechattest.Text(somebody(), "我要做直播需要什么证"), wechattest.Text(somebody(), "教育")}
	var first []*http.Request
	var answers []string
	for i, m := range messages {
		first = append(first, a.delivery(m))
		answers = append(answers, a.raw(first[i]))
	}
	for range 2 {
		time.Sleep(pauseOfRetries()) // nothing is waited for: this is when WeChat delivers again
		for i, again := range []*http.Request{first[0].Clone(t.Context()), a.delivery(messages[1])} {
			if got := a.raw(again); got != answers[i] || !strings.Contains(got, "<Encrypt>") {
				t.Errorf("a retry got other bytes:\n%s\n%s", answers[i], got)
			}
		}
	}
	at := wechattest.Text(somebody(), "音乐要什么证")
	answers = make([]string, 50)
	var once sync.WaitGroup
	for i := range answers {
		r := a.delivery(at)
		once.Go(func() { answers[i] = a.raw(r) })
	}
	once.Wait()
	for _, answer := range answers {
		if answer != answers[0] || !strings.Contains(answer, "<Encrypt>") {
			t.Fatalf("deliveries at once got other bytes:\n%s\n%s", answers[0], answer)
		}
	}
	if lines := journal(t, address); len(lines) != 3 {
		t.Errorf("3 messages left %d lines in the journal:\n%s", len(lines), strings.Join(lines, "\n"))
	}
}

// faults are what can happen to a Redis. Spoil and mend it.
var faults = []struct {
	name        string
	spoil, mend func(*redistest.Server)
	harmless    bool // nobody notices
}{
	{"hangs", (*redistest.Server).Pause, (*redistest.Server).Resume, false},
	{"refuses", (*redistest.Server).Stop, (*redistest.Server).Restart, false},
	{"is killed", (*redistest.Server).Kill, (*redistest.Server).Restart, false},
	{"is full", func(s *redistest.Server) { s.Set("maxmemory", "1") }, func(s *redistest.Server) { s.Set("maxmemory", "0") }, false},
	{"is read-only", func(s *redistest.Server) { s.Do("REPLICAOF", "127.0.0.1", "1") }, func(s *redistest.Server) { s.Do("REPLICAOF", "NO", "ONE") }, false},
	{"loses its scripts", func(s *redistest.Server) { s.Do("SCRIPT", "FLUSH") }, func(*redistest.Server) {}, true},
}

// Whatever Redis does while many people write: every answer is right and in
// time, /readyz and a metric say so, and state is back when Redis is.
func TestRedisFails(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--maxmemory-policy", "noeviction")
	a := open(t, 0, "redis://"+server.Addr)
	s, chosen := a.balancer.instances[0], a.expected("目录", "1")
	crowd := a.crowd(10, 20*time.Millisecond)
	crowd.more(20)
	crowd.lap("Redis is well")
	for _, fault := range faults {
		failures := s.metric("zizhi_memory_failures_total")
		fault.spoil(server)
		if !fault.harmless {
			redistest.Eventually(t, patiently, "degraded is said", func() bool {
				return s.status() == "degraded" && s.metric("zizhi_degraded") == 1 && s.metric("zizhi_memory_failures_total") > failures
			})
		}
		crowd.more(100)
		crowd.lap("Redis " + fault.name)
		fault.mend(server)
		mended := time.Now()
		redistest.Eventually(t, patiently, "state is back", func() bool {
			return a.remembers(chosen) && s.status() == "ready" && s.metric("zizhi_degraded") == 0
		})
		t.Logf("Redis %s: state is back after %v", fault.name, time.Since(mended).Round(time.Millisecond))
		if failed := s.metric("zizhi_memory_failures_total") - failures; fault.harmless && failed > 10 {
			t.Errorf("Redis %s: %v of more than 100 messages did without it", fault.name, failed)
		}
	}
	crowd.stop()
}

// Whatever the network to Redis does while many people write: every answer is
// right and in time, degraded is said where nothing can be stored, and state is
// back when the network is good.
func TestBadNetwork(t *testing.T) {
	t.Parallel()
	network := redistest.Between(t, redistest.Start(t).Addr)
	a := open(t, 0, "redis://"+network.Addr)
	s, chosen := a.balancer.instances[0], a.expected("目录", "1")
	crowd := a.crowd(10, 20*time.Millisecond)
	crowd.more(20)
	crowd.lap("the network is good")
	for _, trouble := range redistest.Troubles {
		failures := s.metric("zizhi_memory_failures_total")
		network.Spoil(trouble)
		if trouble.Hopeless {
			redistest.Eventually(t, patiently, "degraded is said while the network "+trouble.Name, func() bool {
				return s.status() == "degraded" && s.metric("zizhi_degraded") == 1
			})
		}
		crowd.more(100)
		redistest.Eventually(t, patiently, "failures are counted while the network "+trouble.Name, func() bool {
			return trouble.Mild || s.metric("zizhi_memory_failures_total") > failures
		})
		crowd.lap("the network " + trouble.Name)
		unkept := s.metric("zizhi_memory_failures_total") - failures
		network.Mend()
		mended := time.Now()
		redistest.Eventually(t, patiently, "state is back after the network "+trouble.Name, func() bool {
			return a.remembers(chosen) && s.status() == "ready" && s.metric("zizhi_degraded") == 0
		})
		t.Logf("the network %s: %v failures, state is back after %v", trouble.Name, unkept, time.Since(mended).Round(time.Millisecond))
	}
	crowd.stop()
}

// heals waits until conversations are kept again, and says how long that took
// since the store itself was well.
func (a *platform) heals(chosen string) {
	a.Helper()
	healed := time.Now()
	redistest.Eventually(a.T, healing, "state is back", func() bool {
		for range 10 { // people whose state may be anywhere in a Cluster
			if !a.remembers(chosen) {
				return false
			}
		}
		return a.balancer.instances[0].status() == "ready"
	})
	a.Logf("state is back %v after the store has healed", time.Since(healed).Round(time.Millisecond))
}

func TestSentinelFailsOver(t *testing.T) {
	if testing.Short() {
		t.Skip("a failover takes a while")
	}
	t.Parallel()
	sentinel := redistest.StartSentinel(t)
	a := open(t, 0, "redis-sentinel://"+strings.Join(sentinel.Addrs, ",")+"/"+sentinel.Name)
	chosen := a.expected("目录", "1")
	a.heals(chosen)
	crowd := a.crowd(5, 20*time.Millisecond)
	crowd.more(20)
	sentinel.Master.Kill()
	redistest.Eventually(t, 2*patiently, "the replica is the master", func() bool {
		return strings.Contains(sentinel.Replica.Do("INFO", "replication"), "role:master")
	})
	a.heals(chosen)
	crowd.lap("Sentinel fails over")
	crowd.stop()
}

func TestClusterMovesAndLoses(t *testing.T) {
	if testing.Short() {
		t.Skip("a failover takes a while")
	}
	t.Parallel()
	cluster := redistest.StartCluster(t)
	a := open(t, 0, "redis://"+strings.Join(cluster.Addrs(), ","))
	chosen := a.expected("目录", "1")
	a.heals(chosen)
	crowd := a.crowd(5, 20*time.Millisecond)
	crowd.more(20)
	crowd.lap("the Cluster is well")
	cluster.Move(400, cluster.Nodes[0], cluster.Nodes[1])
	a.heals(chosen)
	crowd.lap("the Cluster moves slots")
	cluster.Nodes[0].Kill()
	redistest.Eventually(t, 2*patiently, "the Cluster notices", func() bool { return !cluster.Healthy() })
	redistest.Eventually(t, 2*patiently, "the Cluster has healed", cluster.Healthy)
	a.heals(chosen)
	crowd.lap("the Cluster loses a master")
	crowd.stop()
}

// One of two instances ends while many people write, in order or by kill -9:
// everybody gets an answer, and each message has had one effect.
func TestInstanceEnds(t *testing.T) {
	for _, end := range []struct {
		name   string
		signal syscall.Signal
	}{{"SIGTERM", syscall.SIGTERM}, {"SIGKILL", syscall.SIGKILL}} {
		t.Run(end.name, func(t *testing.T) {
			t.Parallel()
			address := "redis://" + redistest.Start(t).Addr
			a := open(t, 0, address, address)
			crowd := a.crowd(20, 5*time.Millisecond)
			crowd.retries = true // of those under way there, or on their way to it
			crowd.more(100)
			first, second := a.balancer.instances[0], a.balancer.instances[1]
			if end.signal == syscall.SIGTERM {
				if status := first.stop(); status != 0 {
					t.Errorf("it exits with %d\n%s", status, first.logged())
				}
				// What it has answered has arrived: none was cut off.
				if said, got := strings.Count(first.logged(), "msg=answered"), first.answered.Load(); int64(said) != got {
					t.Errorf("it has answered %d messages, of which %d arrived", said, got)
				}
			} else {
				first.end()
			}
			crowd.more(100)
			crowd.lap("an instance ends by " + end.name)
			sent, lines, unkept := crowd.stop(), len(journal(t, address)), first.unkept()+second.unkept()
			t.Logf("%d messages left %d lines; %d answers were not kept", sent, lines, unkept)
			if lines > sent || lines < sent-unkept {
				t.Errorf("%d messages left %d lines in the journal; %d were answered without it, as on a busy machine", sent, lines, unkept)
			}
		})
	}
}

// An instance is killed between claim and answer: the retries that find its
// claims at the other instance are answered all the same.
func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	between := newHolder(t, server.Addr)
	a := open(t, 0, "redis://"+between.addr, "redis://"+server.Addr)
	dies, lives := a.to(0), a.to(1)
	const question = "我要做直播需要什么证"
	want := a.expected(question)
	if _, err := dies.say(somebody(), question); err != nil {
		t.Fatal(err)
	}
	between.hold.Store(true)
	messages := make([]wechattest.Message, 20)
	var once sync.WaitGroup
	var unanswered sync.Map
	for i := range messages {
		messages[i] = wechattest.Text(somebody(), question)
		r := dies.delivery(messages[i])
		once.Go(func() {
			if response, err := dies.Client.Do(r); err != nil {
				unanswered.Store(i, true)
			} else {
				response.Body.Close()
			}
		})
	}
	redistest.Eventually(t, patiently, "it is in the middle of answers", func() bool { return between.held.Load() >= 5 })
	dies.balancer.instances[0].end()
	once.Wait()
	left := 0
	var slow atomic.Int64
	unanswered.Range(func(i, _ any) bool {
		left++
		once.Go(func() {
			began := time.Now()
			reply, err := lives.Send(context.Background(), messages[i.(int)])
			slow.Store(int64(time.Since(began)))
			switch {
			case err != nil || reply.Text != want || reply.Deliveries != 1:
				t.Errorf("the retry of message %d: %+v, %v", i, reply, err)
			case reply.Took > slowest:
				t.Errorf("the retry of message %d was answered after %v", i, reply.Took)
			}
		})
		return true
	})
	once.Wait()
	t.Logf("killed with %d commits on their way, %d messages unanswered; a retry took %v", between.held.Load(), left, time.Duration(slow.Load()).Round(time.Millisecond))
	if left == 0 {
		t.Error("nothing was under way")
	}
	if lines := journal(t, "redis://"+server.Addr); len(lines) != 1+left {
		t.Errorf("%d messages left %d lines in the journal", 1+left, len(lines))
	}
}

// Two messages of one person at once, at two instances: both are answered, and
// the conversation goes on after one of them, not after something between.
func TestTwoMessagesAtOnce(t *testing.T) {
	t.Parallel()
	address := "redis://" + redistest.Start(t).Addr
	a := open(t, 0, address, address)
	const one, two, next = "目录", "教育", "1"
	answers := []map[string]bool{
		{a.expected(one): true, a.expected(two, one): true},
		{a.expected(two): true, a.expected(one, two): true},
	}
	after := map[string]int{a.expected(one, next): 0, a.expected(two, next): 0}
	for range 20 {
		user := somebody()
		var both sync.WaitGroup
		for i, text := range []string{one, two} {
			both.Go(func() {
				reply, err := a.say(user, text)
				if err != nil || !answers[i][reply.Text] {
					t.Errorf("%s: %+v, %v", text, reply, err)
				}
			})
		}
		both.Wait()
		reply, err := a.say(user, next)
		if err != nil {
			t.Fatal(err)
		}
		if _, known := after[reply.Text]; !known {
			t.Fatalf("%s and %s at once, then %s: %q", one, two, next, reply.Text)
		}
		after[reply.Text]++
	}
	t.Logf("which came last: %v", fmt.Sprint(after[a.expected(one, next)], " to ", after[a.expected(two, next)]))
	for _, line := range journal(t, address) {
		if !json.Valid([]byte(line)) {
			t.Errorf("a torn line in the journal: %s", line)
		}
	}
}

// A person who floods is asked once to slow down, and nobody else notices; also
// while Redis is away.
func TestFloodOfOnePerson(t *testing.T) {
	for _, redis := range []struct {
		name string
		end  func(*redistest.Server)
	}{{"Redis is well", func(*redistest.Server) {}}, {"Redis is away", (*redistest.Server).Kill}} {
		t.Run(redis.name, func(t *testing.T) {
			t.Parallel()
			const rate = 5
			server := redistest.Start(t)
			a := open(t, rate, "redis://"+server.Addr)
			want, flooder := a.expected("教育"), somebody()
			redis.end(server)
			var read []string
			for i := range 3 * rate {
				reply, err := a.say(flooder, "教育")
				if err != nil || i < rate && reply.Text != want {
					t.Fatalf("message %d: %+v, %v", i, reply, err)
				}
				if reply.Text != want && !reply.None {
					read = append(read, reply.Text)
				}
				if other, err := a.say(somebody(), "教育"); err != nil || other.Text != want {
					t.Fatalf("somebody else: %+v, %v", other, err)
				}
			}
			if len(read) != 1 || !strings.Contains(read[0], "快") {
				t.Errorf("besides answers the person read %q, want one request to slow down", read)
			}
			if n := a.balancer.instances[0].metric("zizhi_overload_total"); n < rate {
				t.Errorf("zizhi_overload_total is %v after a flood", n)
			}
		})
	}
}
