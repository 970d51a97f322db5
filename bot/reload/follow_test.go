package reload_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"zizhi/bot/redis"
	"zizhi/bot/redis/redistest"
	"zizhi/bot/reload"
)

// never is longer than a test: what happens meanwhile has other reasons than the slow look.
const never = time.Hour

// soon is the bound for what must happen, however busy the machine is.
const soon = 30 * time.Second

// follow follows until the test ends; hangup is what the signal would do.
func (i *instance) follow(told <-chan struct{}, every time.Duration) (hangup chan<- os.Signal) {
	ctx, cancel := context.WithCancel(context.Background())
	signals, ended := make(chan os.Signal, 1), make(chan struct{})
	go func() { defer close(ended); i.Follow(ctx, signals, told, every) }()
	i.t.Cleanup(func() { cancel(); <-ended })
	return signals
}

// becomes waits until the nickname means a row.
func (i *instance) becomes(row string) {
	i.t.Helper()
	redistest.Eventually(i.t, soon, nickname+" means "+row, func() bool { return i.row() == row })
}

// ends waits for an outcome, as the last of all.
func (i *instance) ends(want reload.Outcome) {
	i.t.Helper()
	redistest.Eventually(i.t, soon, "a reload is "+string(want), func() bool {
		all := i.outcomes()
		return len(all) > 0 && all[len(all)-1] == want
	})
}

func TestFollowFiles(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, file)
	i := newInstance(t, folder)
	i.follow(nil, never)
	write(t, path, means(live)) // in a sub-folder that was not there
	i.becomes(live)
	write(t, path, means(music))
	i.becomes(music)
	write(t, path, faulty)
	i.ends(reload.Refused)
	i.wantRow(music)
	if err := os.WriteFile(path, []byte(means(live)), 0o644); err != nil { // in place
		t.Fatal(err)
	}
	i.becomes(live)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	i.becomes("")
	// The fault was tried once, and nothing that had not changed.
	want := []reload.Outcome{reload.Loaded, reload.Refused, reload.Loaded}
	if got := slices.Compact(i.outcomes()); !slices.Equal(got, want) {
		t.Errorf("reloads ended %v, want %v", got, want)
	}
}

// turn points a symbolic link elsewhere in one step, as Kubernetes does.
func turn(t *testing.T, link, target string) {
	t.Helper()
	if err := os.Symlink(target, link+"_tmp"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(link+"_tmp", link); err != nil {
		t.Fatal(err)
	}
}

// configMap mounts a row's wording as Kubernetes mounts a ConfigMap: a new
// folder, to which ..data is turned, and the one before goes.
func configMap(t *testing.T, mount, version, row string) {
	t.Helper()
	data := filepath.Join(mount, "..data")
	before, _ := os.Readlink(data) // none at first
	write(t, filepath.Join(mount, "..2026_"+version, file), means(row))
	turn(t, data, "..2026_"+version)
	if before != "" {
		if err := os.RemoveAll(filepath.Join(mount, before)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFollowLinks(t *testing.T) {
	layouts := []struct {
		name  string
		links map[string]string // beside ..data
		data  string            // ZIZHI_DATA
	}{
		{"folder is a ConfigMap", map[string]string{"wordings": "..data/wordings"}, "."},
		{"folder is in a ConfigMap", map[string]string{"inner": "..data"}, "inner"},
		{"folder is ..data itself", nil, "..data"},
	}
	for _, layout := range layouts {
		t.Run(layout.name, func(t *testing.T) {
			mount := t.TempDir()
			configMap(t, mount, "1", live)
			for link, target := range layout.links {
				turn(t, filepath.Join(mount, link), target)
			}
			i := newInstance(t, filepath.Join(mount, layout.data))
			i.wantRow(live)
			i.follow(nil, never)
			for _, next := range []struct{ version, row string }{{"2", music}, {"3", live}, {"4", music}} {
				configMap(t, mount, next.version, next.row)
				i.becomes(next.row)
			}
		})
	}
}

// A release is a folder to which a chain of links leads, some of them absolute.
func TestFollowReleases(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "releases/1", file), means(live))
	write(t, filepath.Join(root, "releases/2", file), means(music))
	turn(t, filepath.Join(root, "current"), filepath.Join(root, "releases/1"))
	turn(t, filepath.Join(root, "zizhi"), "current")
	i := newInstance(t, filepath.Join(root, "zizhi"))
	i.follow(nil, never)
	turn(t, filepath.Join(root, "current"), filepath.Join(root, "releases/2"))
	i.becomes(music)
	write(t, filepath.Join(root, "releases/2", file), means(live))
	i.becomes(live)
}

// Links that lead in a circle are a fault of the folder, not the end of the program.
func TestFollowCircle(t *testing.T) {
	root := t.TempDir()
	folder := filepath.Join(root, "data")
	write(t, filepath.Join(folder, file), means(live))
	i := newInstance(t, folder)
	hangup := i.follow(nil, never)
	if err := os.Rename(folder, folder+".away"); err != nil {
		t.Fatal(err)
	}
	turn(t, filepath.Join(root, "other"), "data")
	turn(t, folder, "other")
	hangup <- syscall.SIGHUP
	i.ends(reload.Refused)
	i.wantRow(live)
}

// blind makes a folder whose only file is a link to a file elsewhere: the
// system says nothing when that is written in place.
func blind(t *testing.T) (folder, target string) {
	t.Helper()
	target = filepath.Join(t.TempDir(), "file")
	write(t, target, means(live))
	folder = t.TempDir()
	link := filepath.Join(folder, file)
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	return folder, target
}

func TestFollowSlowly(t *testing.T) {
	folder, target := blind(t)
	i := newInstance(t, folder)
	i.follow(nil, 50*time.Millisecond)
	write(t, target, means(music))
	i.becomes(music)
	write(t, target, faulty)
	i.ends(reload.Refused)
	write(t, target, means(live))
	i.becomes(live)
	if got, want := i.outcomes(), []reload.Outcome{reload.Loaded, reload.Refused, reload.Loaded}; !slices.Equal(got, want) {
		t.Errorf("reloads ended %v, want %v", got, want)
	}
}

func TestFollowHangup(t *testing.T) {
	folder, target := blind(t)
	i := newInstance(t, folder)
	hangup := i.follow(nil, never)
	write(t, target, means(music))
	hangup <- syscall.SIGHUP
	i.becomes(music)
	hangup <- syscall.SIGHUP
	i.ends(reload.Unchanged)
}

// Instances that share a Redis follow each other, also after it was away.
func TestFollowEachOther(t *testing.T) {
	server := redistest.Start(t)
	folder, target := blind(t)
	var all []*instance
	for range 3 {
		i := newInstance(t, folder)
		memory, err := redis.Open("redis://" + server.Addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { memory.Close() })
		ctx, cancel := context.WithCancel(context.Background())
		told := memory.Announcements(ctx)
		t.Cleanup(func() {
			cancel()
			for range told { // until it is closed
			}
		})
		i.Announce = memory.Announce
		i.follow(told, never)
		all = append(all, i)
	}
	become := func(row string) {
		t.Helper()
		for _, i := range all {
			i.becomes(row)
		}
	}
	for n, row := range []string{music, live, music} { // the first may have been seen when they began to listen
		write(t, target, means(row))
		all[n].Reload()
		become(row)
	}
	server.Stop()
	write(t, target, means(live))
	if report := all[1].Reload(); report.Outcome != reload.Loaded {
		t.Errorf("a reload without Redis: %+v", report)
	}
	all[1].wantRow(live)
	server.Restart() // whoever listens again looks
	become(live)
	write(t, target, faulty)
	if report := all[2].Reload(); report.Outcome != reload.Refused {
		t.Errorf("a reload of a fault: %+v", report)
	}
	become(live)
}
