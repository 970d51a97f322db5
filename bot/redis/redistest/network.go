package redistest

import (
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Trouble is what befalls the connections of a Network. Fields may be combined;
// zero means no such trouble.
type Trouble struct {
	Name         string
	Late, Jitter time.Duration // each piece of a reply comes so much later, give or take the jitter
	Rate         int           // bytes a second that a connection carries, each way
	Cut          int           // bytes of replies, since it was opened, after which a connection ends
	Reset        bool          // ends are resets
	CloseLate    time.Duration // the client hears so much later that its connection has ended
	HangUp       bool          // at the start, all connections end at the server
	LoseRequests bool          // what the client sends vanishes; a connection that lost something stays dead
	LoseReplies  bool          // likewise what the server sends, which has done what it was asked

	Mild     bool // it may pass unnoticed
	Hopeless bool // nothing can be stored meanwhile
}

// Troubles are those that a store must not pass on to people.
var Troubles = []Trouble{
	{Name: "is 200 ms late", Late: 200 * time.Millisecond, Jitter: 50 * time.Millisecond, Mild: true},
	{Name: "is 3 s late", Late: 3 * time.Second, Jitter: time.Second, Hopeless: true},
	{Name: "carries 4 KB/s", Rate: 4000},
	{Name: "carries 1 KB/s", Rate: 1000, Hopeless: true},
	{Name: "resets at the first byte", Cut: 1, Reset: true, Hopeless: true},
	{Name: "resets in the middle of a reply", Cut: 300, Reset: true},
	{Name: "cuts the greeting", Cut: 40, Hopeless: true},
	{Name: "cuts a reply in the middle", Cut: 300},
	{Name: "cuts a reply and closes late", Cut: 300, CloseLate: 2 * time.Second},
	{Name: "closes late", HangUp: true, CloseLate: 2 * time.Second},
	{Name: "loses requests", LoseRequests: true, Hopeless: true},
	{Name: "loses replies", LoseReplies: true, Hopeless: true},
}

// Network is the network between a client and a server. It is good until it is
// spoilt. (Toxiproxy, as a library, panics when toxics come and go while
// connections do, and cannot reset one in the middle of a reply.)
type Network struct {
	Addr string // host:port, where the client finds the server

	server string
	pumps  sync.WaitGroup

	mu    sync.Mutex
	spell *spell
	links map[*link]bool
}

// spell is the time of one trouble, or of none.
type spell struct {
	Trouble
	over chan struct{} // closed at its end
}

// link is one connection from the client to the server.
type link struct {
	client, server *net.TCPConn
	lost           atomic.Bool // bytes have vanished, so that nothing more can arrive
}

// Between returns a network to the server at an address. It ends with the test.
func Between(t testing.TB, server string) *Network {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &Network{Addr: listener.Addr().String(), server: server, spell: newSpell(Trouble{}), links: map[*link]bool{}}
	n.pumps.Go(func() { n.serve(listener) })
	t.Cleanup(func() {
		listener.Close()
		n.change(Trouble{}, (*link).close)
		n.pumps.Wait()
	})
	return n
}

func newSpell(trouble Trouble) *spell { return &spell{trouble, make(chan struct{})} }

// Spoil brings trouble over the network, and over the connections that are open.
func (n *Network) Spoil(trouble Trouble) {
	n.change(trouble, func(l *link) {
		if trouble.HangUp {
			l.server.Close()
		}
	})
}

// Mend makes the network good again. What was late arrives; connections that
// lost something stay dead, as when a router has forgotten them.
func (n *Network) Mend() { n.change(Trouble{}, func(*link) {}) }

func (n *Network) change(trouble Trouble, of func(*link)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.spell.over)
	n.spell = newSpell(trouble)
	for l := range n.links {
		of(l)
	}
}

func (n *Network) now() *spell {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.spell
}

func (n *Network) serve(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return // the test has ended
		}
		server, err := net.Dial("tcp", n.server)
		if err != nil {
			client.Close() // as near as can be to a refusal
			continue
		}
		l := &link{client: client.(*net.TCPConn), server: server.(*net.TCPConn)}
		n.mu.Lock()
		n.links[l] = true
		n.mu.Unlock()
		n.pumps.Go(func() { n.requests(l) })
		n.pumps.Go(func() { n.replies(l) })
	}
}

// requests carries what the client sends. Where the server has ended the
// connection it vanishes: the client may not know yet.
func (n *Network) requests(l *link) {
	defer l.server.Close()
	buffer := make([]byte, 4<<10)
	for {
		size, err := l.client.Read(buffer)
		if err != nil {
			return
		}
		now := n.now()
		now.wait(now.carrying(size))
		if now.LoseRequests {
			l.lost.Store(true)
		}
		if !l.lost.Load() {
			_, _ = l.server.Write(buffer[:size])
		}
	}
}

// replies carries what the server sends, and then the end of the connection.
func (n *Network) replies(l *link) {
	defer n.end(l)
	buffer := make([]byte, 4<<10)
	for carried := 0; ; {
		size, err := l.server.Read(buffer)
		now := n.now()
		if err != nil {
			return
		}
		now.wait(now.late() + now.carrying(size))
		if now.LoseReplies {
			l.lost.Store(true)
		}
		if l.lost.Load() {
			continue
		}
		cut := now.Cut > 0 && carried+size >= now.Cut
		if cut {
			size = max(now.Cut-carried, 0)
		}
		carried += size
		if _, err := l.client.Write(buffer[:size]); err != nil || cut {
			return
		}
	}
}

// end ends a connection for the client.
func (n *Network) end(l *link) {
	now := n.now()
	now.wait(now.CloseLate)
	if now.Reset {
		_ = l.client.SetLinger(0) // it may be closed already
	}
	l.close()
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.links, l)
}

func (l *link) close() {
	l.client.Close()
	l.server.Close()
}

// wait waits, but not beyond the trouble.
func (s *spell) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-s.over:
	case <-time.After(d):
	}
}

// carrying is how long bytes take.
func (s *spell) carrying(size int) time.Duration {
	if s.Rate == 0 {
		return 0
	}
	return time.Duration(size) * time.Second / time.Duration(s.Rate)
}

func (s *spell) late() time.Duration {
	if s.Jitter == 0 {
		return s.Late
	}
	return s.Late - s.Jitter + rand.N(2*s.Jitter)
}
