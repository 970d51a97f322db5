package handlers

import (
	"container/list"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// grace is how long a connection may be without a request before it can be
// closed for another: who has come to ask does so at once.
const grace = 250 * time.Millisecond

// places bounds the open connections of a server. For one more, the connection
// is closed that has gone the longest without a whole request: idle, silent, or
// dawdling byte by byte. WeChat, which sends at once, is served however many
// strangers wait. Only where every place is at work the next connection waits,
// as WeChat does for five seconds; refused, it would use up its three deliveries.
//
// (A listener that only counts, such as netutil.LimitListener, would let so many
// idle strangers lock everybody out.)
type places struct {
	net.Listener
	most    int
	metrics *Metrics

	mu      sync.Mutex
	changed *sync.Cond // a place has become free, or idle
	open    int
	idle    *list.List // of *place: those without a whole request, the longest first
	closed  bool
}

// place is a connection. Its fields belong to places, under its lock.
type place struct {
	net.Conn
	places *places
	idle   *list.Element // nil: at work, or gone
	since  time.Time     // it has been idle
	gone   bool
}

// Bound returns a listener for the server that keeps at most so many
// connections open. Serve that listener alone, and call Bound once.
func Bound(server *http.Server, listener net.Listener, most int, m *Metrics) net.Listener {
	p := &places{Listener: listener, most: most, metrics: m, idle: list.New()}
	p.changed = sync.NewCond(&p.mu)
	server.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, placeKey{}, c)
	}
	server.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateIdle { // and not before: now the answer has gone out
			p.rest(c.(*place))
		}
	}
	server.Handler = atWork(server.Handler)
	return p
}

// placeKey is where the context of a request has its place.
type placeKey struct{}

// atWork notes when a place has got a whole request.
func atWork(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := r.Context().Value(placeKey{}).(*place)
		if r.Body == http.NoBody {
			c.places.work(c)
		} else {
			r.Body = &heardOut{r.Body, c}
		}
		next.ServeHTTP(w, r)
	})
}

// heardOut is the body of a request, which is whole once it has been read to its end.
type heardOut struct {
	io.ReadCloser
	place *place
}

func (h *heardOut) Read(b []byte) (int, error) {
	n, err := h.ReadCloser.Read(b)
	if err == io.EOF {
		h.place.places.work(h.place)
	}
	return n, err
}

// Accept implements net.Listener.
func (p *places) Accept() (net.Conn, error) {
	conn, err := p.Listener.Accept()
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.open >= p.most && !p.closed {
		p.makeRoom()
	}
	if p.closed {
		conn.Close()
		return nil, net.ErrClosed
	}
	c := &place{Conn: conn, places: p}
	p.open++
	p.metrics.connections.Set(float64(p.open))
	p.setIdle(c)
	return c, nil
}

// makeRoom closes the connection that has been idle the longest, or waits until
// something has changed. The lock must be held.
func (p *places) makeRoom() {
	if longest := p.idle.Front(); longest != nil {
		c := longest.Value.(*place)
		left := grace - time.Since(c.since)
		if left <= 0 {
			p.metrics.dropped.Inc()
			p.leave(c)
			return
		}
		defer time.AfterFunc(left, p.changed.Signal).Stop()
	}
	p.changed.Wait()
}

// setIdle puts a place at the end of the idle ones. The lock must be held.
func (p *places) setIdle(c *place) {
	c.since = time.Now()
	c.idle = p.idle.PushBack(c)
	p.changed.Signal()
}

// Close implements net.Listener.
func (p *places) Close() error {
	p.mu.Lock()
	p.closed = true
	p.changed.Signal()
	p.mu.Unlock()
	return p.Listener.Close()
}

// work notes that a whole request has come.
func (p *places) work(c *place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notIdle(c)
}

func (p *places) notIdle(c *place) {
	if c.idle != nil {
		p.idle.Remove(c.idle)
		c.idle = nil
	}
}

// rest notes that a request is done with. Where it never came whole, the place
// stays as long idle as before.
func (p *places) rest(c *place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.idle == nil && !c.gone {
		p.setIdle(c)
	}
}

// leave closes a connection and frees its place, once. The lock must be held.
func (p *places) leave(c *place) error {
	if c.gone {
		return nil // the server closes after us
	}
	c.gone = true
	p.notIdle(c)
	p.open--
	p.metrics.connections.Set(float64(p.open))
	p.changed.Signal()
	return c.Conn.Close()
}

// Close implements net.Conn.
func (c *place) Close() error {
	c.places.mu.Lock()
	defer c.places.mu.Unlock()
	return c.places.leave(c)
}
