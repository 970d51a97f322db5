package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// service is `zizhi serve` as a process of its own.
type service struct {
	*testing.T
	cmd     *exec.Cmd
	address string // 127.0.0.1:port
	log     string // file that its standard error goes to

	answered atomic.Int64 // deliveries that got a whole answer (platform_test.go)
}

// start starts the service on a free port, with settings like "WECHAT_TOKEN=abc"
// and no others, and waits for the address that it prints.
func start(t *testing.T, settings ...string) *service {
	t.Helper()
	s := &service{T: t, cmd: exec.Command("zizhi", "serve", "--listen", "127.0.0.1:0")}
	s.cmd.Env = append([]string{"PATH="}, settings...)
	s.log = filepath.Join(t.TempDir(), "log")
	log, err := os.Create(s.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close() // the process has it open for itself
	s.cmd.Stderr = log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.end)
	line, err := bufio.NewReader(out).ReadString('\n')
	_, address, ok := strings.Cut(strings.TrimSpace(line), "http://")
	if err != nil || !ok {
		s.cmd.Wait()
		t.Fatalf("serve printed %q, want an address (%v)\n%s", line, err, s.logged())
	}
	s.address = address
	return s
}

// end ends the service after a test and looks for what no service may say.
func (s *service) end() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
	for _, bad := range []string{"DATA RACE", "panic", "fatal error"} {
		if strings.Contains(s.logged(), bad) {
			s.Errorf("%s in the log:\n%s", bad, s.logged())
		}
	}
}

// logged is what the service has logged so far.
func (s *service) logged() string {
	data, err := os.ReadFile(s.log)
	if err != nil {
		s.Error(err)
	}
	return string(data)
}

// stop ends the service as a supervisor would and returns its exit status.
func (s *service) stop() int {
	s.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.Fatal(err)
	}
	killer := time.AfterFunc(2*drain, func() { s.cmd.Process.Kill() })
	defer killer.Stop()
	s.cmd.Wait()
	return s.cmd.ProcessState.ExitCode()
}

// fetch returns the status and the body of an answer.
func (s *service) fetch(method, path, body string, headers ...string) (int, string) {
	s.Helper()
	request, err := http.NewRequestWithContext(s.Context(), method, "http://"+s.address+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	request.Close = true // else the server may end the connection, idle for long, just when it is used again
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		s.Fatal(err)
	}
	return answer.StatusCode, string(data)
}

// wants checks the status of an answer and what stands in it.
func (s *service) wants(method, path, body string, status int, part string) {
	s.Helper()
	got, text := s.fetch(method, path, body)
	if got != status || !strings.Contains(text, part) {
		s.Errorf("%s %s answers %d %.300q, want %d and %q in it", method, path, got, text, status, part)
	}
}

// TestServeWithoutSettings: a machine that has nothing gets a page that works.
func TestServeWithoutSettings(t *testing.T) {
	s := start(t)
	s.wants("GET", "/healthz", "", 200, `"ok"`)
	s.wants("GET", "/readyz", "", 200, `"2017-04"`)
	s.wants("GET", "/", "", 200, "资质助手")
	s.wants("GET", "/metrics", "", 200, "zizhi_")
	s.wants("GET", "/wechat?signature=a&timestamp=1&nonce=2&echostr=3", "", 503, "WECHAT_TOKEN")
	s.wants("POST", "/api/ask", `{"q":""}`, 400, `"q"`)
	for _, missing := range []string{"WECHAT_TOKEN", "REDIS_URL"} {
		if !strings.Contains(s.logged(), missing) {
			t.Errorf("the log does not say that there is no %s:\n%s", missing, s.logged())
		}
	}
	if status := s.stop(); status != 0 {
		t.Errorf("after SIGTERM serve exits with %d, want 0\n%s", status, s.logged())
	}
}

// TestServeAnswersAsAsk: the staff API and the command line tell one truth.
func TestServeAnswersAsAsk(t *testing.T) {
	s := start(t)
	for _, question := range []string{
		`{"q":"我要做直播需要什么证"}`,
		`{"q":"2","history":["医院要什么证"]}`,
		`{"q":"我有文网文了，做直播够不够"}`,
		`{"q":"]]><script>alert(1)</script>"}`,
	} {
		status, served := s.fetch("POST", "/api/ask", question)
		if status != 200 {
			t.Errorf("%s: status %d: %s", question, status, served)
			continue
		}
		ask := exec.Command("zizhi", "ask", "--json")
		ask.Env, ask.Stdin = []string{"PATH="}, strings.NewReader(question)
		printed, err := ask.Output()
		if err != nil {
			t.Fatal(err)
		}
		var a, b map[string]any
		if err := json.Unmarshal([]byte(served), &a); err != nil {
			t.Fatalf("%s: %v", served, err)
		}
		if err := json.Unmarshal(printed, &b); err != nil {
			t.Fatalf("%s: %v", printed, err)
		}
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%s: the staff API (-) and ask (+) differ:\n%s", question, diff)
		}
	}
}

// TestServeToStaff: with a staff token the staff API wants it, even from this machine.
func TestServeToStaff(t *testing.T) {
	const token = "0123456789abcdef"
	s := start(t, "ZIZHI_STAFF_TOKEN="+token)
	s.wants("POST", "/api/ask", `{"q":"直播"}`, 401, "Bearer")
	if status, body := s.fetch("POST", "/api/ask", `{"q":"直播"}`, "Authorization", "Bearer "+token); status != 200 {
		t.Errorf("with the token: %d %s", status, body)
	}
	s.wants("GET", "/healthz", "", 200, "ok")
}

// TestServeBoundsConnections: whoever only connects takes nobody's place.
func TestServeBoundsConnections(t *testing.T) {
	const places, strangers = 16, 40
	s := start(t, fmt.Sprint("ZIZHI_CONNECTIONS=", places))
	for range strangers {
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	s.wants("GET", "/healthz", "", 200, "ok")
	if open, dropped := s.metric("zizhi_connections"), s.metric("zizhi_connections_dropped_total"); open > places || dropped < strangers-places {
		t.Errorf("%v connections are open, %v were dropped; want at most %d of %d open", open, dropped, places, strangers)
	}
}

// TestServeWhereAnotherListens: the port is taken; serve says so and ends.
func TestServeWhereAnotherListens(t *testing.T) {
	s := start(t)
	second := exec.Command("zizhi", "serve", "--listen", s.address)
	second.Env = []string{"PATH="}
	out, err := second.CombinedOutput()
	if second.ProcessState.ExitCode() != 1 || !bytes.Contains(out, []byte(s.address)) {
		t.Errorf("a second serve on %s: %v\n%s", s.address, err, out)
	}
}

// TestHealth: health follows the service that ZIZHI_LISTEN names.
func TestHealth(t *testing.T) {
	s := start(t)
	_, port, _ := strings.Cut(s.address, ":")
	health := func(listen string) (int, string) {
		c := exec.Command("zizhi", "health")
		c.Env = []string{"PATH=", "ZIZHI_LISTEN=" + listen, "HTTP_PROXY=http://127.0.0.1:1"}
		out, _ := c.CombinedOutput()
		return c.ProcessState.ExitCode(), string(out)
	}
	for _, listen := range []string{s.address, ":" + port, "0.0.0.0:" + port} {
		if status, out := health(listen); status != 0 || out != "" {
			t.Errorf("health of %s while serve runs: %d %s", listen, status, out)
		}
	}
	s.stop()
	if status, out := health(s.address); status != 1 || !strings.Contains(out, port) {
		t.Errorf("health of %s after serve has ended: %d %s, want 1 and the address", s.address, status, out)
	}
}
