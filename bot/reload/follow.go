package reload

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Follow keeps the bot up to date until ctx ends. It looks at the folder when
// something happens there, when another instance has announced a reload (told),
// and every so often: that is for changes of which nobody hears, as on a network
// drive, and for announcements that were missed. On hangup it reloads.
func (r *Reloader) Follow(ctx context.Context, hangup <-chan os.Signal, told <-chan struct{}, every time.Duration) {
	w := r.watch()
	defer w.close()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for announce := true; ctx.Err() == nil; {
		w.renew(r.Folder)
		r.look(announce)
		announce = true
		select {
		case <-ctx.Done():
		case <-hangup:
			r.Reload()
		case <-told:
			announce = false // whoever told this one has told them all
		case <-w.woken:
		case <-tick.C:
		}
	}
}

// watcher hears of changes from the operating system.
type watcher struct {
	system *fsnotify.Watcher
	woken  chan struct{}
	ended  chan struct{} // closed once nothing more is heard
}

// watch returns a watcher; where the system has none to give, one that never wakes anybody.
func (r *Reloader) watch() *watcher {
	w := &watcher{woken: make(chan struct{}, 1), ended: make(chan struct{})}
	system, err := fsnotify.NewWatcher()
	if err != nil {
		r.Log.Warn("changes in ZIZHI_DATA are noticed late: the system watches no more files", "err", err)
		return w
	}
	w.system = system
	go w.listen()
	return w
}

func (w *watcher) close() {
	if w.system != nil {
		w.system.Close() // its error says nothing that matters now
		<-w.ended
	}
}

func (w *watcher) listen() {
	defer close(w.ended)
	for {
		var open bool
		select {
		case _, open = <-w.system.Events:
		case _, open = <-w.system.Errors: // some events were lost
		}
		if !open {
			return
		}
		select {
		case w.woken <- struct{}{}:
		default: // somebody is being woken
		}
	}
}

// renew watches the places that count now. It lets go of all others: where a
// link has been turned, the old path is watched in its old place.
func (w *watcher) renew(folder string) {
	if w.system == nil || folder == "" {
		return
	}
	for _, old := range w.system.WatchList() {
		_ = w.system.Remove(old) // it may be gone
	}
	for _, place := range places(folder) {
		_ = w.system.Add(place) // it may have gone; then the slow look finds out
	}
}

// places are the directories in which a change can change what is read: the
// folder, those in it, and those that hold a symbolic link on the way to them.
func places(folder string) []string {
	found := append([]string{folder}, links(folder)...)
	entries, _ := os.ReadDir(folder) // what cannot be listed is a fault that reading finds
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			found = append(append(found, path), links(path)...)
		}
	}
	return found
}

// longestChain of links is what Linux follows.
const longestChain = 40

// links are the directories that hold a symbolic link on the way to a path, in
// its own names or in those that a link leads to.
func links(path string) []string {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil // no working directory
	}
	const slash = string(filepath.Separator)
	root := filepath.VolumeName(path) + slash
	var holders []string
	for here, rest := root, path[len(root):]; rest != "" && len(holders) < longestChain; {
		name, after, _ := strings.Cut(rest, slash)
		target, err := os.Readlink(filepath.Join(here, name))
		if err != nil { // no link
			here, rest = filepath.Join(here, name), after
			continue
		}
		holders = append(holders, here)
		rest = filepath.Join(target, after)
		if filepath.IsAbs(target) {
			here, rest = root, rest[len(root):]
		}
	}
	return holders
}
