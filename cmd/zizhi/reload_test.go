package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"zizhi/bot/redis/redistest"
	"zizhi/bot/reload"
)

// nickname is a word that nothing built in knows.
const nickname = "喵喵屋"

// operators is an operator's folder with one file, in which the nickname means a row.
type operators struct {
	*testing.T
	folder, file string
}

func newOperators(t *testing.T, row string) *operators {
	o := &operators{T: t, folder: t.TempDir()}
	o.file = filepath.Join(o.folder, "wordings/ours.yaml")
	if err := os.Mkdir(filepath.Dir(o.file), 0o755); err != nil {
		t.Fatal(err)
	}
	o.write(row + ":\n  sure: [" + nickname + "]\n")
	return o
}

// write puts the file in its place, as a whole.
func (o *operators) write(text string) {
	o.Helper()
	if err := os.WriteFile(o.file+".new", []byte(text), 0o644); err != nil {
		o.Fatal(err)
	}
	if err := os.Rename(o.file+".new", o.file); err != nil {
		o.Fatal(err)
	}
}

// means is the row that the nickname means to a service; empty for none.
func (s *service) means() string {
	s.Helper()
	means, err := s.tryMeans()
	if err != nil {
		s.Fatal(err)
	}
	return means
}

func (s *service) tryMeans() (string, error) {
	answer, err := http.Post("http://"+s.address+"/api/ask", "application/json", strings.NewReader(`{"q":"`+nickname+`要什么证"}`))
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var reply struct{ Rows []string }
	err = json.NewDecoder(answer.Body).Decode(&reply)
	return strings.Join(reply.Rows, " "), err
}

func (s *service) becomes(row string) {
	s.Helper()
	const reloaded = 5 * patiently // under the race detector it takes a while to read two tables
	redistest.Eventually(s.T, reloaded, nickname+" means "+row, func() bool { return s.means() == row })
}

// checksum is what /readyz says.
func (s *service) checksum() string {
	s.Helper()
	_, body := s.fetch("GET", "/readyz", "")
	var ready struct{ Edition, Checksum string }
	if err := json.Unmarshal([]byte(body), &ready); err != nil || ready.Edition != "2017-04" || ready.Checksum == "" {
		s.Errorf("/readyz: %v in %q, want the edition and its checksum", err, body)
	}
	return ready.Checksum
}

// reload makes the staff call.
func (s *service) reload(status int) reload.Report {
	s.Helper()
	got, body := s.fetch("POST", "/api/reload", "")
	var report reload.Report
	if err := json.Unmarshal([]byte(body), &report); err != nil || got != status {
		s.Errorf("/api/reload: status %d, %v in %q; want status %d", got, err, body, status)
	}
	return report
}

// A wording is edited, spoilt and mended while the service runs.
func TestReload(t *testing.T) {
	t.Parallel()
	ours := newOperators(t, "社交/直播")
	s := start(t, "ZIZHI_DATA="+ours.folder)
	s.becomes("社交/直播")
	first := s.checksum()

	ours.write("富媒体/音乐:\n  sure: [" + nickname + "]\n")
	s.becomes("富媒体/音乐")
	second := s.checksum()
	if first == second {
		t.Errorf("the checksum is %s before and after", first)
	}

	ours.write("富媒体/音乐:\n  sure: [" + nickname + "]\n  certain: [音乐]\n")
	const fault = "wordings/ours.yaml:3: "
	report := s.reload(422)
	if report.Outcome != reload.Refused || len(report.Faults) != 1 || !strings.HasPrefix(report.Faults[0], fault) || report.Checksum != second {
		t.Errorf("of a fault in line 3 the staff call says %+v", report)
	}
	if !strings.Contains(s.logged(), fault) {
		t.Errorf("the log does not name the fault:\n%s", s.logged())
	}
	s.becomes("富媒体/音乐")
	if n := s.metric(`zizhi_reloads_total{outcome="refused"}`); n < 1 || s.metric("zizhi_table_refused") != 1 {
		t.Errorf("%v reloads were refused, zizhi_table_refused is %v", n, s.metric("zizhi_table_refused"))
	}

	ours.write("社交/直播:\n  sure: [" + nickname + "]\n")
	if report := s.reload(200); report.Checksum != first || report.Edition != "2017-04" || report.Faults != nil {
		t.Errorf("of the file as it was at first the staff call says %+v, want the checksum %s", report, first)
	}
	s.becomes("社交/直播")
	if s.metric("zizhi_table_refused") != 0 || s.metric(`zizhi_reloads_total{outcome="loaded"}`) != 2 {
		t.Error("the metrics do not say that the fault is mended")
	}
	if status := s.stop(); status != 0 {
		t.Errorf("serve exits with %d\n%s", status, s.logged())
	}
}

// Who is not staff reloads nothing.
func TestReloadIsForStaff(t *testing.T) {
	t.Parallel()
	s := start(t, "ZIZHI_STAFF_TOKEN=0123456789abcdef", "ZIZHI_DATA="+newOperators(t, "社交/直播").folder)
	s.wants("POST", "/api/reload", "", 401, "Bearer")
	if status, body := s.fetch("POST", "/api/reload", "", "Authorization", "Bearer 0123456789abcdef"); status != 200 {
		t.Errorf("with the token: %d %s", status, body)
	}
}

// SIGHUP reloads, and ends nothing where there is nothing to reload.
func TestHangup(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ setting, want string }{
		{"ZIZHI_DATA=" + newOperators(t, "社交/直播").folder, "outcome=unchanged"},
		{"ZIZHI_DATA=", "names no folder"},
	} {
		s := start(t, c.setting)
		if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		redistest.Eventually(t, patiently, "the log says "+c.want, func() bool { return strings.Contains(s.logged(), c.want) })
		s.wants("GET", "/readyz", "", 200, "2017-04")
	}
}

// Two instances on one Redis and one folder, while people ask: both follow, and
// no answer is wrong meanwhile.
func TestInstancesReload(t *testing.T) {
	t.Parallel()
	rows := []string{"社交/直播", "富媒体/音乐"}
	ours := newOperators(t, rows[0])
	address := "REDIS_URL=redis://" + redistest.Start(t).Addr
	var instances []*service
	var asked atomic.Int64
	var people sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		s := start(t, address, "ZIZHI_DATA="+ours.folder)
		instances = append(instances, s)
		people.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if means, err := s.tryMeans(); err != nil || !slices.Contains(rows, means) {
					t.Errorf("while it reloads %s means %q, %v", nickname, means, err)
					return
				}
				asked.Add(1)
			}
		})
	}
	t.Cleanup(func() { close(stop); people.Wait() })
	for n := range 4 {
		row, before := rows[(n+1)%2], asked.Load()
		ours.write(row + ":\n  sure: [" + nickname + "]\n")
		for _, s := range instances {
			s.becomes(row)
		}
		if one, two := instances[0].checksum(), instances[1].checksum(); one != two {
			t.Errorf("the instances serve %s and %s", one, two)
		}
		redistest.Eventually(t, patiently, "people ask", func() bool { return asked.Load() > before+20 })
	}
}
