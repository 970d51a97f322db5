package handlers_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"zizhi/handlers"
	"zizhi/handlers/wechat"
	"zizhi/handlers/wechat/wechattest"
)

// boundedServer is the server that the program runs, with few places.
type boundedServer struct {
	*http.Server
	address string
	served  chan error // how Serve ended
}

// bounded runs the account on a server that has room for so many connections.
func bounded(t *testing.T, a *account, most int) *boundedServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &boundedServer{handlers.Server(a.service.Handler(), slog.New(slog.DiscardHandler)), listener.Addr().String(), make(chan error, 1)}
	bound := handlers.Bound(s.Server, listener, most, a.service.Metrics)
	go func() { s.served <- s.Serve(bound) }()
	t.Cleanup(func() { s.Close() })
	a.URL = "http://" + s.address + "/wechat"
	return s
}

// lonely is a client that opens a connection for each request, and waits as long as WeChat does.
func lonely() *http.Client {
	return &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
}

// connect opens a connection, sends something and returns the connection.
func connect(t *testing.T, address string, bytes []byte) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := conn.Write(bytes); err != nil {
		t.Fatal(err)
	}
	return conn
}

// waitFor waits until something has become true.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

// gauge is the value of a metric that goes up and down.
func gauge(t *testing.T, s *handlers.Service, name string) float64 {
	t.Helper()
	families, err := s.Metrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			return family.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("there is no metric %s", name)
	return 0
}

// Strangers open many times more connections than there may be and dawdle on
// each in one way or another: WeChat is answered all the while, at the first
// delivery, and the connections are bounded, and so is their memory.
func TestManyDawdlers(t *testing.T) {
	const most = 64
	strangers := 1000
	if testing.Short() {
		strangers = 200
	}
	a := newAccount(t, wechat.Safe)
	a.Client = lonely()
	address := bounded(t, a, most).address
	delivery := onTheWire(t, a)
	inBody := bytes.Index(delivery, []byte("\r\n\r\n")) + 10
	ways := [][]byte{
		nil, // not a byte
		delivery[:inBody/2],
		delivery[:inBody],
		[]byte("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"), // a whole request, and nothing more
	}
	before := heap()
	for i := range strangers {
		connect(t, address, ways[i%len(ways)])
		if i%10 == 0 {
			reply, err := a.Send(context.Background(), wechattest.Text("somebody", "直播"))
			if err != nil || reply.Deliveries != 1 || !strings.Contains(reply.Text, liveDocuments[0]) {
				t.Fatalf("beside %d dawdlers: %+v, %v", i+1, reply, err)
			}
		}
		if open := gauge(t, a.service, "zizhi_connections"); open > most {
			t.Fatalf("%v connections are open, want at most %d", open, most)
		}
	}
	grown := heap() - before
	t.Logf("%d strangers: %d bytes more in use, on both sides", strangers, grown)
	if grown > 16<<20 {
		t.Errorf("%d strangers cost %d bytes", strangers, grown)
	}
	waitFor(t, "whoever is beyond the places is dropped, and counted", func() bool {
		return total(t, a.service, "zizhi_connections_dropped_total", "") >= float64(strangers-most)
	})
}

// The connection without a request for the longest gives way; the one whose
// request is newer stays open.
func TestLongestIdleGivesWay(t *testing.T) {
	a := newAccount(t, wechat.Safe)
	address := bounded(t, a, 2).address
	request := []byte("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
	readAnswer := func(conn net.Conn) error {
		conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err == nil {
			_, err = io.Copy(io.Discard, answer.Body)
		}
		return err
	}
	first, second := connect(t, address, request), connect(t, address, nil)
	if err := readAnswer(first); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "both are open", func() bool { return gauge(t, a.service, "zizhi_connections") == 2 })
	for range 2 { // the first has asked last: the second gives way to the third
		if _, err := first.Write(request); err != nil {
			t.Fatal(err)
		}
		if err := readAnswer(first); err != nil {
			t.Fatal(err)
		}
	}
	third := connect(t, address, request)
	if err := readAnswer(third); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the second, silent all along: %v, want its end", err)
	}
	if _, err := first.Write(request); err != nil {
		t.Fatal(err)
	}
	if err := readAnswer(first); err != nil {
		t.Errorf("the first, which has just asked: %v", err)
	}
}

// Whoever is at work is never closed for others: with every place at work the
// next waits for one, and all are answered.
func TestAtWorkStays(t *testing.T) {
	const most, more = 4, 8
	a := newAccount(t, wechat.Safe)
	memory := &held{Memory: a.service.Bot.Memory, begun: make(chan struct{}, most+more), opened: make(chan struct{})}
	a.service.Bot.Memory = memory
	a.Client = lonely()
	bounded(t, a, most)
	var under sync.WaitGroup
	deliver := func() {
		under.Go(func() {
			reply, err := a.Send(context.Background(), wechattest.Text("somebody", "直播"))
			if err != nil || reply.Deliveries != 1 || !strings.Contains(reply.Text, liveDocuments[0]) {
				t.Errorf("%+v, %v", reply, err)
			}
		})
	}
	for range most {
		deliver()
	}
	for range most {
		<-memory.begun // all places are at work
	}
	for range more {
		deliver()
	}
	if n := len(memory.begun); n > 0 {
		t.Errorf("%d more are at work than there are places", n)
	}
	close(memory.opened)
	under.Wait()
	if n := total(t, a.service, "zizhi_connections_dropped_total", ""); n != 0 {
		t.Errorf("%v connections were closed for others", n)
	}
}

// A server that is told to stop, with every place at work and somebody waiting
// for one, stops to listen at once; who is at work is answered.
func TestStopsWhileFull(t *testing.T) {
	a := newAccount(t, wechat.Safe)
	memory := &held{Memory: a.service.Bot.Memory, begun: make(chan struct{}, 1), opened: make(chan struct{})}
	a.service.Bot.Memory = memory
	a.Client = lonely()
	server := bounded(t, a, 1)
	var under sync.WaitGroup
	under.Go(func() { wantAll(t, a.say(t, "somebody", "直播"), liveDocuments...) })
	<-memory.begun
	waits := connect(t, server.address, nil)
	under.Go(func() {
		if err := server.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	select {
	case err := <-server.served:
		if err != http.ErrServerClosed {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it goes on waiting for a place")
	}
	close(memory.opened)
	under.Wait()
	waits.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := waits.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("who waits: %v, want the end of the connection", err)
	}
}
