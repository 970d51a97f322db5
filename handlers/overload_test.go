package handlers_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zizhi/bot"
	"zizhi/handlers"
	"zizhi/handlers/wechat"
	"zizhi/handlers/wechat/wechattest"
)

// total is the sum of the values of a counter whose label has a value; label "" for all.
func total(t testing.TB, s *handlers.Service, name, label string) float64 {
	t.Helper()
	families, err := s.Metrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			labels := metric.GetLabel()
			if family.GetName() == name && (label == "" || len(labels) > 0 && labels[0].GetValue() == label) {
				sum += metric.GetCounter().GetValue()
			}
		}
	}
	return sum
}

// heap is how many bytes are in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first has found, the second has swept
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// direct hands a delivery to a handler, without a network between.
func direct(t testing.TB, h http.Handler, sender *wechattest.Sender, m wechattest.Message) *httptest.ResponseRecorder {
	t.Helper()
	r, err := sender.Request(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// held keeps whoever begins until it is opened, and counts whom it forgets.
type held struct {
	bot.Memory
	begun  chan struct{}
	opened chan struct{}
	forgot atomic.Int32
}

func (h *held) Forget(ctx context.Context, user string) error {
	h.forgot.Add(1)
	return h.Memory.Forget(ctx, user)
}

func (h *held) Begin(ctx context.Context, c bot.Claim) (bot.Begun, error) {
	h.begun <- struct{}{}
	<-h.opened
	return h.Memory.Begin(ctx, c)
}

// Two are in work with their conversation, two more without: both are answered,
// and whoever comes then is shed, at once, and counted.
func TestOverload(t *testing.T) {
	a := newAccount(t, wechat.Safe)
	a.service.Limits = handlers.Limits{Stateful: 2, Stateless: 2}
	memory := &held{Memory: a.service.Bot.Memory, begun: make(chan struct{}, 2), opened: make(chan struct{})}
	a.service.Bot.Memory = memory
	answered, answers := make(chan struct{}, 4), make(chan struct{})
	a.service.Bot.Events.Answered = func(bot.Reply) { answered <- struct{}{}; <-answers }
	handler := a.service.Handler()

	var under sync.WaitGroup
	deliver := func() {
		under.Go(func() {
			m := wechattest.Text("somebody", "直播")
			w := direct(t, handler, a.Sender, m)
			if reply, err := a.Judge(m, w.Code, w.Body.Bytes()); err != nil || !strings.Contains(reply.Text, "《网络文化经营许可证》") {
				t.Errorf("%+v, %v", reply, err)
			}
		})
	}
	deliver()
	deliver()
	<-memory.begun
	<-memory.begun
	deliver()
	deliver()
	<-answered
	<-answered
	if n := total(t, a.service, "zizhi_overload_total", "stateless"); n != 2 {
		t.Errorf("%v were answered without state, want 2", n)
	}
	deliveries := 5000
	if testing.Short() {
		deliveries = 500
	}
	before := heap()
	for range deliveries {
		if w := direct(t, handler, a.Sender, wechattest.Text("somebody", "直播")); w.Code != http.StatusOK || w.Body.String() != "success" {
			t.Fatalf("beyond every limit: %d %s, want success", w.Code, w.Body)
		}
	}
	if n := total(t, a.service, "zizhi_overload_total", "shed"); n != float64(deliveries) {
		t.Errorf("%v of %d were counted as shed", n, deliveries)
	}
	grown := heap() - before
	t.Logf("%d shed: %d bytes more in use", deliveries, grown)
	if grown > 4<<20 {
		t.Errorf("%d bytes are in use for %d messages that were shed", grown, deliveries)
	}
	left := make(chan struct{})
	go func() { direct(t, handler, a.Sender, wechattest.Unsubscribe("gone")); close(left) }()
	select {
	case <-left:
		t.Error("who unsubscribed was not waited with")
	case <-time.After(50 * time.Millisecond):
	}
	close(memory.opened)
	close(answers)
	under.Wait()
	<-left
	if memory.forgot.Load() != 1 {
		t.Error("who unsubscribed while all were at work was not forgotten")
	}
	deliver() // there is room again
	under.Wait()
}

// failing panics while it is told to.
type failing struct {
	bot.Memory
	fails atomic.Bool
}

func (f *failing) Begin(ctx context.Context, c bot.Claim) (bot.Begun, error) {
	if f.fails.Load() {
		panic("a fault in the program")
	}
	return f.Memory.Begin(ctx, c)
}

// A panic costs one reply: WeChat gets success, it is counted, and life goes on.
func TestPanic(t *testing.T) {
	a := newAccount(t, wechat.Safe)
	memory := &failing{Memory: a.service.Bot.Memory}
	a.service.Bot.Memory = memory
	a.service.Limits = handlers.Limits{Stateful: 1, Stateless: 1} // a panic that kept its place would show
	server := httptest.NewServer(a.service.Handler())
	defer server.Close()
	a.URL = server.URL + "/wechat"
	const panics = 5
	memory.fails.Store(true)
	for range panics {
		reply, err := a.Send(context.Background(), wechattest.Text("somebody", "直播"))
		if err != nil || !reply.None {
			t.Fatalf("%+v, %v; want success", reply, err)
		}
	}
	if n := total(t, a.service, "zizhi_panics_total", ""); n != panics {
		t.Errorf("%v panics are counted, want %d", n, panics)
	}
	memory.fails.Store(false)
	wantAll(t, a.say(t, "somebody", "直播"), liveDocuments...)
	if n := total(t, a.service, "zizhi_overload_total", ""); n != 0 {
		t.Errorf("%v messages found no room after the panics", n)
	}
}

// What is refused touches no memory (there is none here: a touch would be a
// panic, and its answer success) and leaves nothing behind in the process.
func TestRefusedLeavesNothing(t *testing.T) {
	plain, safe := newAccount(t, wechat.Plain), newAccount(t, wechat.Safe)
	plain.service.Bot.Memory, safe.service.Bot.Memory = nil, nil
	m := wechattest.Text("stranger", "直播")
	forged, downgraded := *safe.Sender, *safe.Sender
	forged.Token, downgraded.Mode = "wrong", wechat.Plain
	signed := func(body string) func() *http.Request {
		return func() *http.Request {
			r, err := plain.Request(context.Background(), m)
			if err != nil {
				t.Fatal(err)
			}
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
			return r
		}
	}
	built := func(s *wechattest.Sender) func() *http.Request {
		return func() *http.Request {
			r, err := s.Request(context.Background(), m)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
	}
	tests := []struct {
		name    string
		account *account
		request func() *http.Request
		want    int
	}{
		{"forged", safe, built(&forged), 403},
		{"downgraded", safe, built(&downgraded), 403},
		{"oversized", plain, signed(strings.Repeat("x", 1<<20)), 413},
		{"nested deeply", plain, signed(strings.Repeat("<a>", 10_000)), 400},
		{"many attributes", plain, signed("<xml" + strings.Repeat(" a='b'", 10_000) + "></xml>"), 400},
		{"entities", plain, signed(`<!DOCTYPE x [<!ENTITY a "b">]><xml><ToUserName>&a;</ToUserName></xml>`), 400},
		{"malformed", plain, signed("<xml><ToUserName>"), 400},
	}
	times := 300
	if testing.Short() {
		times = 30
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			handler := test.account.service.Handler()
			deliver := func() {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, test.request())
				if w.Code != test.want {
					t.Fatalf("status %d, want %d: %s", w.Code, test.want, w.Body)
				}
			}
			deliver() // what is made once is made
			before := heap()
			for range times {
				deliver()
			}
			if grown := heap() - before; grown > 1<<20 {
				t.Errorf("%d deliveries left %d bytes", times, grown)
			}
		})
	}
}

// serve runs the server that the program runs, with time-outs that a test can wait for.
func serve(t *testing.T, s *handlers.Service) string {
	t.Helper()
	server := handlers.Server(s.Handler(), slog.New(slog.DiscardHandler))
	for name, timeout := range map[string]*time.Duration{"ReadHeaderTimeout": &server.ReadHeaderTimeout, "ReadTimeout": &server.ReadTimeout} {
		if *timeout <= 0 || *timeout > 5*time.Second {
			t.Errorf("%s is %v: WeChat itself waits five seconds", name, *timeout)
		}
		*timeout = 200 * time.Millisecond
	}
	if server.WriteTimeout <= 0 || server.IdleTimeout <= 0 {
		t.Error("the server waits for ever for who does not read, or for the next request")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return listener.Addr().String()
}

// onTheWire is a delivery as bytes.
func onTheWire(t *testing.T, a *account) []byte {
	t.Helper()
	r, err := a.Request(context.Background(), wechattest.Text("dawdler", "直播"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Who sends a byte now and then is cut off, be it in the headers or in the body.
func TestDawdling(t *testing.T) {
	a := newAccount(t, wechat.Safe)
	address := serve(t, a.service)
	for _, quick := range []int{0, bytes.Index(onTheWire(t, a), []byte("\r\n\r\n")) + 10} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		delivery := onTheWire(t, a)
		go func() {
			conn.Write(delivery[:quick])
			for i := quick; i < len(delivery); i++ {
				if _, err := conn.Write(delivery[i : i+1]); err != nil {
					return // cut off, or the test has ended
				}
				time.Sleep(20 * time.Millisecond)
			}
		}()
		conn.SetReadDeadline(time.Now().Add(10 * time.Second)) // sending it all would take longer
		answer, err := io.ReadAll(conn)
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
			t.Errorf("after %d bytes at once the connection stays open", quick)
		}
		if bytes.Contains(answer, []byte(" 200 ")) {
			t.Errorf("answered %q", answer)
		}
	}
	if lines, err := a.service.Bot.Memory.Journal(context.Background(), 1); err != nil || len(lines) > 0 {
		t.Errorf("journal: %q, %v", lines, err)
	}
}

// Headers and addresses longer than anybody needs are refused before they are read to their end.
func TestLongHeaders(t *testing.T) {
	a := newAccount(t, wechat.Safe)
	address := serve(t, a.service)
	for name, head := range map[string]string{
		"a header":     "POST /wechat HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("x", 100_000) + "\r\n\r\n",
		"many headers": "POST /wechat HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-Many: x\r\n", 10_000) + "\r\n",
		"the address":  "GET /wechat?echostr=" + strings.Repeat("x", 100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		go conn.Write([]byte(head)) // its end may find the connection closed
		conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		line, err := bufio.NewReader(conn).ReadString('\n')
		if !strings.Contains(line, " 431 ") && !strings.Contains(line, " 400 ") {
			t.Errorf("%s: answered %q (%v), want 431", name, line, err)
		}
	}
	wantAll(t, a.say(t, "somebody", "直播"), liveDocuments...)
}
