package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zizhi/bot/redis/redistest"
	"zizhi/handlers/wechat"
	"zizhi/handlers/wechat/wechattest"
)

// platform is WeChat, with an official account in safe mode on it: instances
// of the program are on the other side, behind a balancer that takes them in turn.
type platform struct {
	*testing.T
	*wechattest.Sender
	balancer *balancer
}

const (
	accountToken = "chaostoken"
	accountID    = "wx0123456789abcdef"
	accountKey   = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
)

// open starts an instance for each address of a Redis. rate is of ZIZHI_RATE.
func open(t *testing.T, rate int, redis ...string) *platform {
	t.Helper()
	b := &balancer{direct: &http.Transport{DisableKeepAlives: true}}
	for _, address := range redis {
		b.instances = append(b.instances, start(t, "REDIS_URL="+address, "WECHAT_TOKEN="+accountToken,
			"WECHAT_APP_ID="+accountID, "WECHAT_AES_KEY="+accountKey, fmt.Sprint("ZIZHI_RATE=", rate)))
	}
	sender := &wechattest.Sender{
		URL: "http://account/wechat", Token: accountToken, AppID: accountID, Key: accountKey, Mode: wechat.Safe,
		Client: &http.Client{Transport: b},
	}
	return &platform{T: t, Sender: sender, balancer: b}
}

// balancer sends each request to the next instance, and past those that take
// no connection; a request that was begun is not sent elsewhere.
type balancer struct {
	direct    *http.Transport
	instances []*service
	turn      atomic.Uint64
}

func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	first := int(b.turn.Add(1))
	var failed error
	for i := range b.instances {
		s := b.instances[(first+i)%len(b.instances)]
		response, err := b.deliver(s, r)
		var dial *net.OpError
		if err == nil || !errors.As(err, &dial) || dial.Op != "dial" {
			return response, err
		}
		failed = err
	}
	return nil, failed
}

// deliver sends a request to one instance and counts the answers that came back whole.
func (b *balancer) deliver(s *service, r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Host = s.address
	if r.GetBody != nil {
		r.Body, _ = r.GetBody() // fails never: the body is bytes
	}
	response, err := b.direct.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	s.answered.Add(1)
	response.Body = io.NopCloser(strings.NewReader(string(body)))
	return response, nil
}

// to is the same with nobody but one of its instances.
func (a *platform) to(i int) *platform {
	sender := *a.Sender
	b := &balancer{direct: a.balancer.direct, instances: a.balancer.instances[i : i+1]}
	sender.Client = &http.Client{Transport: b}
	return &platform{T: a.T, Sender: &sender, balancer: b}
}

// expected is what somebody reads who writes the last of some messages: the
// staff API says so, without any store.
func (a *platform) expected(messages ...string) string {
	a.Helper()
	last := len(messages) - 1
	question, err := json.Marshal(map[string]any{"q": messages[last], "history": messages[:last]})
	if err != nil {
		a.Fatal(err)
	}
	_, body := a.balancer.instances[0].fetch("POST", "/api/ask", string(question))
	var reply struct{ Reply string }
	if err := json.Unmarshal([]byte(body), &reply); err != nil || reply.Reply == "" {
		a.Fatalf("/api/ask %s: %v in %s", question, err, body)
	}
	return reply.Reply
}

// say sends a text and returns what the person reads.
func (a *platform) say(user, text string) (*wechattest.Reply, error) {
	return a.Send(context.Background(), wechattest.Text(user, text))
}

var persons atomic.Uint64

// somebody is a person who has not written before.
func somebody() string { return fmt.Sprintf("o%027d", persons.Add(1)) }

// remembers reports whether conversations are kept: a choice by number is understood.
func (a *platform) remembers(want string) bool {
	user := somebody()
	if _, err := a.say(user, "目录"); err != nil {
		return false
	}
	reply, err := a.say(user, "1")
	return err == nil && reply.Text == want
}

// status is what /readyz of an instance says.
func (s *service) status() string {
	_, body := s.fetch("GET", "/readyz", "")
	var ready struct{ Status string }
	if err := json.Unmarshal([]byte(body), &ready); err != nil {
		s.Errorf("/readyz: %v in %q", err, body)
	}
	return ready.Status
}

// metric is the sum of the values of a metric.
func (s *service) metric(name string) float64 {
	_, body := s.fetch("GET", "/metrics", "")
	var sum float64
	for line := range strings.Lines(body) {
		rest, found := strings.CutPrefix(strings.TrimSpace(line), name)
		if !found || rest == "" || rest[0] != ' ' && rest[0] != '{' {
			continue
		}
		value, err := strconv.ParseFloat(rest[strings.LastIndexByte(rest, ' ')+1:], 64)
		if err != nil {
			s.Errorf("/metrics: %v in %q", err, line)
		}
		sum += value
	}
	return sum
}

// unkept is how many answers the service has given without its memory, such as
// when Redis was late. The log has a line for every answer that arrived, also
// after the service has ended.
func (s *service) unkept() int { return strings.Count(s.logged(), "unkept=true") }

// slowest is the bound of one reply here. What is promised is one second at
// the 99th percentile; the tests log that, and leave room for busy machines.
const slowest = 3 * time.Second

// crowd is people who write, each once, until they are told to stop.
type crowd struct {
	*platform
	want    map[string]string // the right answer to each question
	retries bool              // more than one delivery is in order
	stopped chan struct{}
	people  sync.WaitGroup

	mu   sync.Mutex
	took []time.Duration
	sent int
}

// questions are complete in themselves: their answers do not depend on what was said before.
var questions = []string{"我要做直播需要什么证", "教育", "目录", "你好", "社交/直播"}

// crowd sets some people to write at once; each pauses between two messages.
func (a *platform) crowd(people int, pause time.Duration) *crowd {
	a.Helper()
	c := &crowd{platform: a, want: map[string]string{}, stopped: make(chan struct{})}
	for _, q := range questions {
		c.want[q] = a.expected(q)
	}
	for i := range people {
		c.people.Go(func() {
			for n := i; ; n++ {
				c.ask(questions[n%len(questions)])
				select {
				case <-c.stopped:
					return
				case <-time.After(pause):
				}
			}
		})
	}
	return c
}

func (c *crowd) ask(question string) {
	reply, err := c.say(somebody(), question)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent++
	switch {
	case err != nil:
		c.Errorf("%s: %v", question, err)
	case reply.Text != c.want[question]:
		c.Errorf("%s: answered %q, want %q", question, reply.Text, c.want[question])
	case reply.Deliveries > 1 && !c.retries:
		c.Errorf("%s: answered at delivery %d", question, reply.Deliveries)
	case reply.Took > slowest:
		c.Errorf("%s: answered after %v", question, reply.Took)
	default:
		c.took = append(c.took, reply.Took)
	}
}

// more waits until so many more messages have been answered.
func (c *crowd) more(n int) {
	c.Helper()
	c.mu.Lock()
	goal := len(c.took) + n
	c.mu.Unlock()
	redistest.Eventually(c.T, 20*time.Second, fmt.Sprintf("%d more messages are answered", n), func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.took) >= goal
	})
}

// lap logs how long the answers since the last lap took.
func (c *crowd) lap(name string) {
	c.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.Sort(c.took)
	if n := len(c.took); n > 0 {
		at := func(share float64) time.Duration {
			return c.took[int(share*float64(n-1))].Round(100 * time.Microsecond)
		}
		c.Logf("%s: %d answers, p50 %v, p99 %v, slowest %v", name, n, at(.5), at(.99), at(1))
	}
	c.took = nil
}

// stop waits for the last answers and returns how many messages there were.
func (c *crowd) stop() int {
	close(c.stopped)
	c.people.Wait()
	return c.sent
}
