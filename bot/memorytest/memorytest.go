// Package memorytest holds the rules that every bot.Memory keeps, as tests.
//
// Its one rule: what is promised to the bot is tested here, for all
// implementations alike; what only one of them promises is tested beside it.
package memorytest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"zizhi/bot"
)

// Store is how the tests come by a Memory and by its time.
type Store struct {
	// Open returns a Memory that holds nothing yet.
	Open func(t *testing.T) bot.Memory
	// Advance makes everything that the Memory holds older by d.
	Advance func(t *testing.T, d time.Duration)
	// Within runs a test where the time of the Memory runs; nil: anywhere.
	Within func(t *testing.T, test func(t *testing.T))
}

// Run tests every rule, each with a Memory of its own.
func Run(t *testing.T, s Store) {
	if s.Within == nil {
		s.Within = func(t *testing.T, test func(t *testing.T)) { test(t) }
	}
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			memory := s.Open(t)
			s.Within(t, func(t *testing.T) {
				rule.test(&subject{t, memory, func(d time.Duration) { s.Advance(t, d) }})
			})
		})
	}
}

var rules = []struct {
	name string
	test func(s *subject)
}{
	{"a message is new, in flight, done", stages},
	{"a second commit changes nothing", secondCommit},
	{"one of fifty begins gets the message", manyBegins},
	{"fifty commits agree on one reply", manyCommits},
	{"sessions end after silence", sessionsEnd},
	{"claims of the dead lapse", claimsLapse},
	{"an answer outlives a lapsed claim", lateCommit},
	{"replies lapse", repliesLapse},
	{"a proof serves one message", proofs},
	{"one of fifty messages gets the proof", manyProofs},
	{"proofs lapse", proofsLapse},
	{"forgetting is complete and touches nobody else", forgetting},
	{"the journal is newest first", journalOrder},
	{"the journal of many people is newest first", journalOfMany},
	{"lines of the journal lapse", linesLapse},
	{"any bytes come back as they were", anyBytes},
	{"an empty session is a session", emptySession},
	{"an empty reply is a reply", emptyReply},
	{"buffers stay their owners'", buffers},
	{"keys do not run into each other", keysApart},
	{"an ended context ends the call", endedContext},
	{"it answers a ping", ping},
}

// subject is a Memory under test. Its methods fail the test on any error.
type subject struct {
	*testing.T
	memory  bot.Memory
	advance func(time.Duration)
}

func (s *subject) begin(c bot.Claim) bot.Begun {
	s.Helper()
	begun, err := s.memory.Begin(s.Context(), c)
	if err != nil {
		s.Fatalf("Begin(%+v): %v", c, err)
	}
	return begun
}

func (s *subject) commit(c bot.Claim, o bot.Outcome) []byte {
	s.Helper()
	reply, err := s.memory.Commit(s.Context(), c, o)
	if err != nil {
		s.Fatalf("Commit(%+v): %v", c, err)
	}
	return reply
}

func (s *subject) wantBegun(c bot.Claim, want bot.Begun) {
	s.Helper()
	if diff := cmp.Diff(want, s.begin(c)); diff != "" {
		s.Errorf("Begin(%+v) (-want +got):\n%s", c, diff)
	}
}

func (s *subject) wantState(c bot.Claim, want bot.ClaimState) {
	s.Helper()
	if got := s.begin(c).State; got != want {
		s.Errorf("Begin(%+v) found state %d, want %d", c, got, want)
	}
}

func (s *subject) wantJournal(n int, want ...string) {
	s.Helper()
	lines, err := s.memory.Journal(s.Context(), n)
	if err != nil {
		s.Fatalf("Journal(%d): %v", n, err)
	}
	var got []string
	for _, line := range lines {
		got = append(got, string(line))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("Journal(%d) (-want +got):\n%s", n, diff)
	}
}

// atOnce runs f fifty times at once.
func atOnce(f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range 50 {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

var (
	hello  = bot.Claim{User: "u1", Message: "m1"}
	answer = bot.Outcome{Reply: []byte("reply"), Session: []byte("session"), Line: []byte("line")}
)

func stages(s *subject) {
	s.wantBegun(hello, bot.Begun{State: bot.New})
	s.wantBegun(hello, bot.Begun{State: bot.InFlight})
	if got := s.commit(hello, answer); string(got) != "reply" {
		s.Errorf("Commit returned %q, want the reply that it was given", got)
	}
	s.wantBegun(hello, bot.Begun{State: bot.Done, Reply: []byte("reply"), Session: []byte("session")})
	s.wantBegun(bot.Claim{User: "u1", Message: "m2"}, bot.Begun{State: bot.New, Session: []byte("session")})
}

func secondCommit(s *subject) {
	s.begin(hello)
	s.commit(hello, answer)
	later := bot.Outcome{Reply: []byte("other"), Session: []byte("other"), Line: []byte("other")}
	if got := s.commit(hello, later); string(got) != "reply" {
		s.Errorf("the second Commit returned %q, want the standing reply", got)
	}
	if got := s.commit(hello, bot.Outcome{Reply: []byte("third")}); string(got) != "reply" {
		s.Errorf("the third Commit returned %q, want the standing reply", got)
	}
	s.wantBegun(hello, bot.Begun{State: bot.Done, Reply: []byte("reply"), Session: []byte("session")})
	s.wantJournal(10, "line")
}

func manyBegins(s *subject) {
	var mu sync.Mutex
	states := map[bot.ClaimState]int{}
	atOnce(func(int) {
		begun, err := s.memory.Begin(s.Context(), hello)
		if err != nil {
			s.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		states[begun.State]++
	})
	if diff := cmp.Diff(map[bot.ClaimState]int{bot.New: 1, bot.InFlight: 49}, states); diff != "" {
		s.Errorf("fifty Begins at once found (-want +got):\n%s", diff)
	}
}

func manyCommits(s *subject) {
	s.begin(hello)
	replies := make([]string, 50)
	atOnce(func(i int) {
		own := fmt.Appendf(nil, "of %d", i)
		reply, err := s.memory.Commit(s.Context(), hello, bot.Outcome{Reply: own, Session: own, Line: own})
		if err != nil {
			s.Error(err)
		}
		replies[i] = string(reply)
	})
	if got := slices.Compact(replies); len(got) != 1 {
		s.Fatalf("fifty Commits at once returned different replies: %q", got)
	}
	won := []byte(replies[0])
	s.wantBegun(hello, bot.Begun{State: bot.Done, Reply: won, Session: won})
	s.wantJournal(10, string(won))
}

func sessionsEnd(s *subject) {
	s.commit(hello, answer)
	s.advance(bot.SessionLife - time.Minute)
	next := bot.Claim{User: "u1", Message: "m2"}
	s.wantBegun(next, bot.Begun{State: bot.New, Session: []byte("session")})
	s.commit(next, bot.Outcome{Session: []byte("renewed")})
	s.advance(bot.SessionLife - time.Minute)
	s.wantBegun(bot.Claim{User: "u1", Message: "m3"}, bot.Begun{State: bot.New, Session: []byte("renewed")})
	s.advance(2 * time.Minute)
	s.wantBegun(bot.Claim{User: "u1", Message: "m4"}, bot.Begun{State: bot.New})
}

func claimsLapse(s *subject) {
	s.wantState(hello, bot.New)
	s.advance(bot.ClaimLife - 2*time.Second)
	s.wantState(hello, bot.InFlight)
	s.advance(4 * time.Second)
	manyBegins(s)
}

// The owner of a claim was only slow: whoever commits first has answered.
func lateCommit(s *subject) {
	s.begin(hello)
	s.advance(bot.ClaimLife + time.Second)
	s.wantState(hello, bot.New)
	s.commit(hello, answer)
	if got := s.commit(hello, bot.Outcome{Reply: []byte("of the new owner")}); string(got) != "reply" {
		s.Errorf("Commit after another returned %q, want the standing reply", got)
	}
	s.advance(bot.ClaimLife + time.Second)
	s.wantState(hello, bot.Done)
}

func repliesLapse(s *subject) {
	s.commit(hello, answer)
	s.advance(bot.ReplyLife - time.Minute)
	s.wantState(hello, bot.Done)
	s.advance(2 * time.Minute)
	s.wantState(hello, bot.New)
}

func proofs(s *subject) {
	mine := bot.Claim{User: "u1", Message: "m1", Proof: "p"}
	s.wantState(mine, bot.New)
	s.wantState(mine, bot.InFlight)
	s.wantState(bot.Claim{User: "u1", Message: "m2", Proof: "p"}, bot.Replayed)
	s.wantState(bot.Claim{User: "u2", Message: "m1", Proof: "p"}, bot.Replayed)
	s.wantState(bot.Claim{User: "u1", Message: "m1", Proof: "of a retry"}, bot.InFlight)
	s.commit(mine, answer)
	s.wantState(mine, bot.Done)
	s.wantState(bot.Claim{User: "u2", Message: "m2"}, bot.New)
	s.wantState(bot.Claim{User: "u2", Message: "m3"}, bot.New)
}

func manyProofs(s *subject) {
	var mu sync.Mutex
	states := map[bot.ClaimState]int{}
	atOnce(func(i int) {
		begun, err := s.memory.Begin(s.Context(), bot.Claim{User: fmt.Sprint("u", i), Message: "m", Proof: "p"})
		if err != nil {
			s.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		states[begun.State]++
	})
	if diff := cmp.Diff(map[bot.ClaimState]int{bot.New: 1, bot.Replayed: 49}, states); diff != "" {
		s.Errorf("fifty messages with one proof found (-want +got):\n%s", diff)
	}
}

func proofsLapse(s *subject) {
	s.begin(bot.Claim{User: "u1", Message: "m1", Proof: "p"})
	s.advance(bot.ProofLife - time.Minute)
	s.wantState(bot.Claim{User: "u1", Message: "m2", Proof: "p"}, bot.Replayed)
	s.advance(2 * time.Minute)
	s.wantState(bot.Claim{User: "u1", Message: "m3", Proof: "p"}, bot.New)
}

func forgetting(s *subject) {
	var kept []string
	for i := range 200 { // enough that the two share whatever the store divides people by
		other := fmt.Sprint("other ", i)
		s.commit(bot.Claim{User: other, Message: "m"}, bot.Outcome{Reply: []byte(other), Session: []byte(other), Line: []byte(other)})
		s.commit(bot.Claim{User: "u1", Message: fmt.Sprint("m", i)}, answer)
		kept = append(kept, other)
	}
	if err := s.memory.Forget(s.Context(), "u1"); err != nil {
		s.Fatal(err)
	}
	for i := range 200 {
		s.wantBegun(bot.Claim{User: "u1", Message: fmt.Sprint("m", i)}, bot.Begun{State: bot.New})
		other := fmt.Sprint("other ", i)
		s.wantBegun(bot.Claim{User: other, Message: "m"}, bot.Begun{State: bot.Done, Reply: []byte(other), Session: []byte(other)})
	}
	lines, err := s.memory.Journal(s.Context(), 1000)
	if err != nil {
		s.Fatal(err)
	}
	var got []string
	for _, line := range lines {
		got = append(got, string(line))
	}
	slices.Sort(got)
	slices.Sort(kept)
	if diff := cmp.Diff(kept, got); diff != "" {
		s.Errorf("the journal without u1 (-want +got):\n%s", diff)
	}
	if err := s.memory.Forget(s.Context(), "nobody"); err != nil {
		s.Errorf("forgetting somebody unknown: %v", err)
	}
}

func journalOrder(s *subject) {
	s.wantJournal(10)
	for i := range 20 {
		o := bot.Outcome{Line: fmt.Append(nil, i)}
		if i%2 == 1 {
			o.Line = nil // writes none
		}
		s.commit(bot.Claim{User: "u1", Message: fmt.Sprint(i)}, o)
	}
	s.wantJournal(3, "18", "16", "14")
	s.wantJournal(100, "18", "16", "14", "12", "10", "8", "6", "4", "2", "0")
	s.wantJournal(0)
	s.wantJournal(-1)
}

func journalOfMany(s *subject) {
	var want []string
	for i := range 40 {
		name := fmt.Sprint("u", i)
		s.commit(bot.Claim{User: name, Message: "m"}, bot.Outcome{Line: []byte(name)})
		want = append(want, name)
		time.Sleep(2 * time.Millisecond) // a store may date lines to the millisecond
	}
	slices.Reverse(want)
	s.wantJournal(40, want...)
	s.wantJournal(7, want[:7]...)
}

func linesLapse(s *subject) {
	s.commit(hello, bot.Outcome{Line: []byte("old")})
	s.advance(bot.JournalLife - time.Hour)
	s.wantJournal(10, "old")
	s.commit(bot.Claim{User: "u1", Message: "m2"}, bot.Outcome{Line: []byte("new")})
	s.commit(bot.Claim{User: "u2", Message: "m"}, bot.Outcome{})
	s.wantJournal(10, "new", "old")
	s.advance(2 * time.Hour)
	s.wantJournal(10, "new")
	s.advance(bot.JournalLife)
	s.wantJournal(10)
}

func anyBytes(s *subject) {
	var all []byte
	for i := range 256 {
		all = append(all, byte(i))
	}
	samples := [][]byte{all, {0}, []byte("="), []byte("\r\n$-1\r\n"), {0xff, 0xfe}, bytes.Repeat(all, 256), []byte("直播")}
	var lines []string
	for i, sample := range samples {
		c := bot.Claim{User: "u1", Message: fmt.Sprint(i)}
		s.commit(c, bot.Outcome{Reply: sample, Session: sample, Line: sample})
		s.wantBegun(c, bot.Begun{State: bot.Done, Reply: sample, Session: sample})
		lines = append(lines, string(sample))
	}
	slices.Reverse(lines)
	s.wantJournal(10, lines...)
}

func emptySession(s *subject) {
	s.commit(hello, bot.Outcome{Session: []byte{}})
	if got := s.begin(bot.Claim{User: "u1", Message: "m2"}).Session; got == nil || len(got) != 0 {
		s.Errorf("an empty session came back as %#v, want empty and not nil", got)
	}
	s.commit(bot.Claim{User: "u1", Message: "m3"}, bot.Outcome{Session: nil})
	if got := s.begin(bot.Claim{User: "u1", Message: "m4"}).Session; got != nil {
		s.Errorf("a deleted session came back as %#v, want nil", got)
	}
}

func emptyReply(s *subject) {
	if got := s.commit(hello, bot.Outcome{}); len(got) != 0 {
		s.Errorf("Commit of an empty reply returned %q", got)
	}
	if got := s.begin(hello); got.State != bot.Done || len(got.Reply) != 0 {
		s.Errorf("after an empty reply Begin found %+v, want it done", got)
	}
	if got := s.commit(hello, answer); len(got) != 0 {
		s.Errorf("Commit after an empty reply returned %q, want the empty one", got)
	}
}

func buffers(s *subject) {
	mine := bot.Outcome{Reply: []byte("reply"), Session: []byte("session"), Line: []byte("line")}
	s.commit(hello, mine)
	spoil := func(b bot.Begun) { clear(b.Reply); clear(b.Session) }
	spoil(bot.Begun{Reply: mine.Reply, Session: mine.Session})
	clear(mine.Line)
	spoil(s.begin(hello))
	clear(s.commit(hello, answer))
	lines, _ := s.memory.Journal(s.Context(), 1)
	for _, line := range lines {
		clear(line)
	}
	s.wantBegun(hello, bot.Begun{State: bot.Done, Reply: []byte("reply"), Session: []byte("session")})
	s.wantJournal(1, "line")
}

func keysApart(s *subject) {
	claims := []bot.Claim{
		{User: "a", Message: "b:c"}, {User: "a:b", Message: "c"}, {User: "a", Message: "c"}, {User: "b", Message: "c"},
		{User: "", Message: "a"}, {User: "a", Message: ""}, {User: "{a}", Message: "c"}, {User: "a}", Message: "c"},
		{User: "1:a", Message: "c"}, {User: "11", Message: ":a"}, {User: "1", Message: "1:a"},
	}
	own := func(i int) bot.Outcome {
		return bot.Outcome{Reply: fmt.Append(nil, "reply ", i)}
	}
	for i, c := range claims {
		s.wantBegun(c, bot.Begun{State: bot.New})
		s.commit(c, own(i))
	}
	for i, c := range claims {
		s.wantBegun(c, bot.Begun{State: bot.Done, Reply: own(i).Reply})
	}
}

func endedContext(s *subject) {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	calls := map[string]func() error{
		"Begin":   func() error { _, err := s.memory.Begin(ctx, hello); return err },
		"Commit":  func() error { _, err := s.memory.Commit(ctx, hello, answer); return err },
		"Forget":  func() error { return s.memory.Forget(ctx, "u1") },
		"Journal": func() error { _, err := s.memory.Journal(ctx, 1); return err },
		"Ping":    func() error { return s.memory.Ping(ctx) },
	}
	for name, call := range calls {
		start := time.Now()
		if err := call(); !errors.Is(err, context.Canceled) {
			s.Errorf("%s with an ended context returned %v, want context.Canceled", name, err)
		}
		if took := time.Since(start); took > time.Second {
			s.Errorf("%s with an ended context took %v", name, took)
		}
	}
}

func ping(s *subject) {
	if err := s.memory.Ping(s.Context()); err != nil {
		s.Error(err)
	}
}
