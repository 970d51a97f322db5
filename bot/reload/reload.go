// Package reload changes what a running bot knows: it follows the operator's
// folder and teaches the bot what stands in it.
//
// Its one rule: a folder is taken whole or not at all. One that has a fault, or
// is in the middle of a change, leaves the bot with what it knew.
package reload

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"zizhi/bot"
	"zizhi/knowledge"
)

// Reloader keeps a bot up to date. It is safe for concurrent use.
type Reloader struct {
	Bot      *bot.Bot                    // has been taught already
	Folder   string                      // ZIZHI_DATA; empty: there is nothing to reload
	Build    func() (*bot.Expert, error) // reads the folder, on top of what is built in
	Announce func(context.Context) error // tells the other instances; nil: there are none
	Tried    func(Report)                // is called after each reload; nil: nobody counts
	Log      *slog.Logger

	mu    sync.Mutex // one reload at a time
	tried string     // state of the folder at the last reload
}

// Outcome is what came of a reload.
type Outcome string

const (
	Loaded    Outcome = "loaded"    // what stands in the folder answers now
	Unchanged Outcome = "unchanged" // it did already
	Refused   Outcome = "refused"   // it has faults; what answered before goes on
)

// Report says what came of a reload, and what answers now.
type Report struct {
	Outcome  Outcome  `json:"outcome"`
	Edition  string   `json:"edition"`
	Checksum string   `json:"checksum"`         // knowledge.Checksum of everything that was loaded
	Faults   []string `json:"faults,omitempty"` // each with its file and line
}

const (
	settle   = 200 * time.Millisecond // a folder that is the same after this is not being written
	attempts = 25                     // so that a folder that never settles costs five seconds
)

var (
	errNoFolder = errors.New("ZIZHI_DATA names no folder: only what is built in answers, and that needs a new binary to change")
	errRestless = errors.New("ZIZHI_DATA: the files kept changing while they were read; they are read again when they rest")
)

// Reload reads the folder and, unless it has a fault, has the bot answer from
// it and tells the other instances to look at theirs.
func (r *Reloader) Reload() Report {
	if r.Folder == "" {
		report := r.report(Refused)
		report.Faults = faults(errNoFolder)
		r.log(report)
		return report
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	report := r.reload()
	if report.Outcome != Refused {
		r.announce()
	}
	return report
}

// look reloads if the folder is not as it was at the last reload.
func (r *Reloader) look(announce bool) {
	if r.Folder == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state() == cmp.Or(r.tried, r.Bot.Expert().Base.Checksum) {
		return
	}
	if report := r.reload(); report.Outcome == Loaded && announce {
		r.announce()
	}
}

func (r *Reloader) reload() Report {
	state, x, err := r.read()
	r.tried = state
	outcome := Loaded
	switch {
	case err != nil:
		outcome = Refused
	case x == nil:
		outcome = Unchanged
	default:
		r.Bot.Teach(x)
	}
	report := r.report(outcome)
	report.Faults = faults(err)
	r.log(report)
	if r.Tried != nil {
		r.Tried(report)
	}
	return report
}

// read reads the folder as it stood for a while; the expert is nil where that
// is what the bot knows.
func (r *Reloader) read() (state string, x *bot.Expert, err error) {
	before := r.state()
	for range attempts {
		time.Sleep(settle)
		if state = r.state(); state != before {
			before = state
			continue
		}
		if state == r.Bot.Expert().Base.Checksum {
			return state, nil, nil
		}
		x, err = r.Build()
		if before = r.state(); before == state {
			return state, x, err
		}
	}
	return errRestless.Error(), nil, errRestless // and not before: that has not been tried
}

// state is the checksum of the folder, or why it has none.
func (r *Reloader) state() string {
	checksum, err := knowledge.Checksum(os.DirFS(r.Folder))
	if err != nil {
		return err.Error()
	}
	return checksum
}

func (r *Reloader) report(outcome Outcome) Report {
	x := r.Bot.Expert()
	return Report{Outcome: outcome, Edition: x.Edition.ID, Checksum: x.Base.Checksum}
}

// mostLogged bounds the faults of one reload in the log: a spoilt table may have one in each line.
const mostLogged = 20

func (r *Reloader) log(report Report) {
	if report.Outcome != Refused {
		r.Log.Info("table reloaded", "outcome", report.Outcome, "edition", report.Edition, "checksum", report.Checksum)
		return
	}
	for _, fault := range report.Faults[:min(mostLogged, len(report.Faults))] {
		r.Log.Error("fault in ZIZHI_DATA", "fault", fault)
	}
	r.Log.Error("table not reloaded: what answered before goes on; mend the faults, the files are then read by themselves",
		"faults", len(report.Faults), "edition", report.Edition, "checksum", report.Checksum)
}

func (r *Reloader) announce() {
	if r.Announce == nil {
		return
	}
	if err := r.Announce(context.Background()); err != nil {
		r.Log.Warn("the other instances were not told of the reload; they look at their folders by themselves", "err", err)
	}
}

// faults takes joined errors apart.
func faults(err error) []string {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []string{err.Error()}
	}
	var all []string
	for _, err := range joined.Unwrap() {
		all = append(all, faults(err)...)
	}
	return all
}
