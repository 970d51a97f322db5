// Package redistest starts real Redis servers for tests: one, a master with
// Sentinels, or a Cluster, each in a folder of the test, on free ports of this
// machine, and gone when the test ends.
//
// Its one rule: no stand-ins. Where redis-server is missing the test is
// skipped, or fails if the environment says CI=true.
package redistest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Server is a running redis-server.
type Server struct {
	Addr string // host:port, the same after Restart

	t    testing.TB
	args []string
	cmd  *exec.Cmd
	dead chan struct{} // closed when the process has ended
}

// Start starts a server that keeps nothing on disk. Settings are arguments of
// redis-server: "--maxmemory", "2mb".
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	need(t)
	port := freePort(t)
	s := &Server{
		Addr: "127.0.0.1:" + port,
		t:    t,
		args: append([]string{"--port", port, "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"}, settings...),
	}
	t.Cleanup(s.Kill)
	s.Restart()
	return s
}

// need ends the test if the programs are not there.
func need(t testing.TB) {
	t.Helper()
	for _, program := range []string{"redis-server", "redis-cli"} {
		if _, err := exec.LookPath(program); err == nil {
			continue
		}
		message := program + " is missing: install the package redis-server (apt-get install redis-server)"
		if os.Getenv("CI") == "true" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
}

// freePort returns a port that is free, and 10,000 above it another: the bus of a Cluster.
func freePort(t testing.TB) string {
	t.Helper()
	for range 1000 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		bus, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port+10_000))
		l.Close()
		if err == nil {
			bus.Close()
			return strconv.Itoa(port)
		}
	}
	t.Fatal("no free pair of ports on this machine")
	return ""
}

// Restart starts the server, which must not be running, and waits until it answers.
func (s *Server) Restart() {
	s.t.Helper()
	s.cmd = exec.Command("redis-server", s.args...)
	tie(s.cmd)
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	dead := make(chan struct{})
	s.dead = dead
	go func(cmd *exec.Cmd) {
		_ = cmd.Wait() // how it ends is for the test to say
		close(dead)
	}(s.cmd)
	Eventually(s.t, 10*time.Second, "redis-server answers", func() bool {
		out, err := s.try("PING")
		return err == nil && out == "PONG"
	})
}

// Stop ends the server in an orderly way.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Kill ends the server at once, as a crash would.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

func (s *Server) end(signal syscall.Signal) {
	if s.dead == nil {
		return // it never started
	}
	_ = s.cmd.Process.Signal(signal) // it may be dead already
	<-s.dead
}

// Pause makes the server hang: it takes connections and never answers.
func (s *Server) Pause() { s.signal(syscall.SIGSTOP) }

// Resume ends a Pause.
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}

// Set changes a setting of the running server.
func (s *Server) Set(name, value string) { s.t.Helper(); s.Do("CONFIG", "SET", name, value) }

// Do sends a command and returns the answer as redis-cli prints it; an error fails the test.
func (s *Server) Do(args ...string) string {
	s.t.Helper()
	out, err := s.try(args...)
	if err != nil {
		s.t.Fatalf("redis-cli %s: %v", strings.Join(args, " "), err)
	}
	return out
}

func (s *Server) try(args ...string) (string, error) {
	_, port, _ := net.SplitHostPort(s.Addr)
	out, err := exec.Command("redis-cli", append([]string{"-e", "-p", port}, args...)...).CombinedOutput()
	text := strings.TrimSpace(string(out))
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, text)
	}
	return text, nil
}

// Eventually waits until done is true, and fails the test if it is not in time.
func Eventually(t testing.TB, within time.Duration, what string, done func() bool) {
	t.Helper()
	for start := time.Now(); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Since(start) > within {
			t.Fatalf("not within %v: %s", within, what)
		}
	}
}

// waitInSync waits until a replica holds what its master holds: before, it could not take over.
func (s *Server) waitInSync() {
	s.t.Helper()
	Eventually(s.t, 20*time.Second, "the replica is in sync", func() bool {
		return strings.Contains(s.Do("INFO", "replication"), "master_link_status:up")
	})
}

// Sentinel is a master with a replica, watched by three Sentinels.
type Sentinel struct {
	Addrs   []string // of the Sentinels
	Name    string   // of the master
	Master  *Server  // at the start
	Replica *Server  // at the start
}

// StartSentinel starts all five; they take a dead master for dead after one second.
func StartSentinel(t testing.TB) *Sentinel {
	t.Helper()
	s := &Sentinel{Name: "zizhi", Master: Start(t)}
	_, port, _ := net.SplitHostPort(s.Master.Addr)
	s.Replica = Start(t, "--replicaof", "127.0.0.1 "+port)
	watch := fmt.Sprintf("sentinel monitor %[1]s 127.0.0.1 %[2]s 2\nsentinel down-after-milliseconds %[1]s 1000\nsentinel failover-timeout %[1]s 5000\n", s.Name, port)
	var guards []*Server
	for range 3 {
		file := filepath.Join(t.TempDir(), "sentinel.conf")
		if err := os.WriteFile(file, []byte(watch), 0o600); err != nil {
			t.Fatal(err)
		}
		port := freePort(t)
		guard := &Server{Addr: "127.0.0.1:" + port, t: t, args: []string{file, "--sentinel", "--port", port, "--bind", "127.0.0.1"}}
		t.Cleanup(guard.Kill)
		guard.Restart()
		guards, s.Addrs = append(guards, guard), append(s.Addrs, guard.Addr)
	}
	for _, guard := range guards {
		Eventually(t, 20*time.Second, "the Sentinels know each other and the replica", func() bool {
			state := guard.Do("INFO", "sentinel")
			return strings.Contains(state, "slaves=1,sentinels=3")
		})
	}
	s.Replica.waitInSync()
	return s
}

// Cluster is three masters, each with a replica.
type Cluster struct {
	Nodes []*Server // the masters first

	t testing.TB
}

// StartCluster starts all six; they take a dead node for dead after one second.
func StartCluster(t testing.TB) *Cluster {
	t.Helper()
	c := &Cluster{t: t}
	create := []string{"--cluster", "create"}
	for range 6 {
		node := Start(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "1000")
		c.Nodes, create = append(c.Nodes, node), append(create, node.Addr)
	}
	c.manage(append(create, "--cluster-replicas", "1", "--cluster-yes")...)
	c.WaitHealthy(20 * time.Second)
	for _, replica := range c.Nodes[3:] {
		replica.waitInSync()
	}
	return c
}

// Addrs returns the addresses of all nodes.
func (c *Cluster) Addrs() []string {
	var addrs []string
	for _, node := range c.Nodes {
		addrs = append(addrs, node.Addr)
	}
	return addrs
}

// WaitHealthy waits until every living node says that all slots are served.
func (c *Cluster) WaitHealthy(within time.Duration) {
	c.t.Helper()
	Eventually(c.t, within, "all nodes say that all slots are served", c.Healthy)
}

// Healthy reports whether every living node says that all slots are served.
// After a fault that takes the nodes a while to notice.
func (c *Cluster) Healthy() bool {
	for _, node := range c.Nodes {
		select {
		case <-node.dead:
			continue
		default:
		}
		state, err := node.try("CLUSTER", "INFO")
		if err != nil || !strings.Contains(state, "cluster_state:ok") ||
			!strings.Contains(state, "cluster_slots_ok:16384") || !strings.Contains(state, "cluster_known_nodes:6") {
			return false
		}
	}
	return true
}

// Move moves a number of slots from one master to another. redis-cli refuses while
// word of an earlier move is still on its way between the nodes; so it is waited for.
func (c *Cluster) Move(slots int, from, to *Server) {
	c.t.Helper()
	Eventually(c.t, 20*time.Second, "all nodes agree who serves which slots", func() bool {
		return exec.Command("redis-cli", "--cluster", "check", from.Addr).Run() == nil
	})
	c.manage("--cluster", "reshard", from.Addr, "--cluster-from", from.Do("CLUSTER", "MYID"),
		"--cluster-to", to.Do("CLUSTER", "MYID"), "--cluster-slots", strconv.Itoa(slots), "--cluster-yes")
}

func (c *Cluster) manage(args ...string) {
	c.t.Helper()
	if out, err := exec.Command("redis-cli", args...).CombinedOutput(); err != nil {
		c.t.Fatalf("redis-cli %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
