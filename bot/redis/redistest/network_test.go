package redistest

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

// echo is a server that sends back what it gets.
func echo(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // the test has ended
			}
			go func() {
				defer conn.Close()
				io.Copy(conn, conn)
			}()
		}
	}()
	return listener.Addr().String()
}

const word = "redis"

// exchange sends a word and reads what comes back of it, for so long.
func exchange(t *testing.T, conn net.Conn, patience time.Duration) (string, error) {
	t.Helper()
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := conn.Write([]byte(word)); err != nil {
		return "", err
	}
	back := make([]byte, len(word))
	size, err := io.ReadFull(conn, back)
	return string(back[:size]), err
}

const (
	long  = 20 * time.Second       // for what comes
	short = 300 * time.Millisecond // for what does not
)

// Each trouble does to an open connection what it says, and nothing to new ones
// once the network is mended.
func TestNetwork(t *testing.T) {
	server := echo(t)
	for _, test := range []struct {
		trouble Trouble
		within  time.Duration
		want    string
		err     error
		slowly  time.Duration // it takes at least so long
		after   error         // of reading once it is mended
	}{
		{trouble: Trouble{Name: "none"}, within: long, want: word},
		{trouble: Trouble{Name: "late", Late: 400 * time.Millisecond, Jitter: 100 * time.Millisecond}, within: long, want: word, slowly: 300 * time.Millisecond},
		{trouble: Trouble{Name: "narrow", Rate: 50}, within: long, want: word, slowly: 200 * time.Millisecond},
		{trouble: Trouble{Name: "later than can be waited for", Late: time.Hour}, within: short, err: os.ErrDeadlineExceeded},
		{trouble: Trouble{Name: "cuts", Cut: 8}, within: long, want: word[:3], err: io.ErrUnexpectedEOF, after: io.EOF},
		{trouble: Trouble{Name: "resets", Cut: 8, Reset: true}, within: long, want: word[:3], err: syscall.ECONNRESET, after: io.EOF},
		{trouble: Trouble{Name: "loses requests", LoseRequests: true}, within: short, err: os.ErrDeadlineExceeded, after: os.ErrDeadlineExceeded},
		{trouble: Trouble{Name: "loses replies", LoseReplies: true}, within: short, err: os.ErrDeadlineExceeded, after: os.ErrDeadlineExceeded},
		{trouble: Trouble{Name: "hangs up and says so late", HangUp: true, CloseLate: time.Hour}, within: short, err: os.ErrDeadlineExceeded, after: io.EOF},
	} {
		t.Run(test.trouble.Name, func(t *testing.T) {
			n := Between(t, server)
			conn := dial(t, n)
			if got, err := exchange(t, conn, long); got != word || err != nil {
				t.Fatalf("before: %q, %v", got, err)
			}
			n.Spoil(test.trouble)
			start := time.Now()
			got, err := exchange(t, conn, test.within)
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("got %q, %v; want %q, %v", got, err, test.want, test.err)
			}
			if took := time.Since(start); took < test.slowly {
				t.Errorf("it took %v, want at least %v", took, test.slowly)
			}
			n.Mend()
			if got, err := exchange(t, dial(t, n), long); got != word || err != nil {
				t.Errorf("a new connection, once it is mended: %q, %v", got, err)
			}
			if test.after != nil {
				conn.SetDeadline(time.Now().Add(short))
				if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, test.after) {
					t.Errorf("the old connection, once it is mended: %v, want %v", err, test.after)
				}
			}
		})
	}
}

func dial(t *testing.T, n *Network) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", n.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}
