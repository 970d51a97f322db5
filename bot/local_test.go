package bot_test

import (
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"zizhi/bot"
	"zizhi/bot/memorytest"
)

// The tests run in a bubble, whose clock jumps. The Local is made outside, since
// the sweepers of its caches never end, and a bubble waits for all it holds.
func TestLocal(t *testing.T) {
	memorytest.Run(t, memorytest.Store{
		Open:    func(*testing.T) bot.Memory { return bot.NewLocal(1000) },
		Advance: func(_ *testing.T, d time.Duration) { time.Sleep(d) },
		Within:  synctest.Test,
	})
}

func TestLocalIsBounded(t *testing.T) {
	for capacity, want := range map[int]int{-1: 1, 0: 1, 1: 1, 10: 10} {
		local := bot.NewLocal(capacity)
		for i := range 100 {
			name := fmt.Sprint(i)
			claim := bot.Claim{User: name, Message: name, Proof: name}
			begin(t, local, claim)
			if _, err := local.Commit(t.Context(), claim, bot.Outcome{Reply: []byte(name), Session: []byte(name), Line: []byte(name)}); err != nil {
				t.Fatal(err)
			}
		}
		lines, err := local.Journal(t.Context(), 100)
		if err != nil || len(lines) != want {
			t.Errorf("NewLocal(%d) keeps %d lines (%v), want %d", capacity, len(lines), err, want)
		}
		if oldest, newest := string(lines[want-1]), string(lines[0]); oldest != fmt.Sprint(100-want) || newest != "99" {
			t.Errorf("NewLocal(%d) keeps lines %s to %s, want the newest", capacity, oldest, newest)
		}
		var done, sessions int
		for i := range 100 { // newest first: what is found missing enters and pushes out the oldest
			name := fmt.Sprint(99 - i)
			begun := begin(t, local, bot.Claim{User: name, Message: name})
			if begun.State == bot.Done {
				done++
			}
			if begun.Session != nil {
				sessions++
			}
		}
		if done != want || sessions != want {
			t.Errorf("NewLocal(%d) keeps %d replies and %d sessions, want %d", capacity, done, sessions, want)
		}
	}
}

func begin(t *testing.T, memory bot.Memory, c bot.Claim) bot.Begun {
	t.Helper()
	begun, err := memory.Begin(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return begun
}

func BenchmarkLocal(b *testing.B) {
	local := bot.NewLocal(100_000)
	reply := make([]byte, 800)
	for i := range b.N {
		claim := bot.Claim{User: fmt.Sprint("user ", i%10_000), Message: fmt.Sprint(i), Proof: fmt.Sprint("proof ", i)}
		if _, err := local.Begin(b.Context(), claim); err != nil {
			b.Fatal(err)
		}
		if _, err := local.Commit(b.Context(), claim, bot.Outcome{Reply: reply, Session: reply[:200], Line: reply[:300]}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLocalForget(b *testing.B) {
	local := bot.NewLocal(100_000)
	for i := range 100_000 {
		claim := bot.Claim{User: fmt.Sprint("user ", i%10_000), Message: fmt.Sprint(i)}
		if _, err := local.Commit(b.Context(), claim, bot.Outcome{Line: []byte("line")}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if err := local.Forget(b.Context(), "nobody"); err != nil {
			b.Fatal(err)
		}
	}
}

// heap is how many bytes are in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first has found, the second has swept
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Many people, each with a message of usual size: what is kept of them is
// bounded by what the Local was made for.
func TestLocalManyPeople(t *testing.T) {
	people := 100_000
	if testing.Short() {
		people = 10_000
	}
	capacity := people / 2
	sizes := func(n int) int64 {
		before := heap()
		b := (&bot.Bot{Memory: bot.NewLocal(capacity), Secret: []byte("test")}).Teach(expert)
		for i := range n {
			m := bot.Message{Kind: bot.Tap, User: fmt.Sprint(i), ID: "1", Proof: fmt.Sprintf("%040d", i), Text: "社交/直播", At: time.Now()}
			if _, err := b.Reply(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		grown := heap() - before
		runtime.KeepAlive(b)
		return grown
	}
	full, twice := sizes(capacity), sizes(people)
	t.Logf("%d people: %d bytes, %d a person; twice as many: %.2f times the bytes", capacity, full, full/int64(capacity), float64(twice)/float64(full))
	if float64(twice) > 1.5*float64(full) || full > int64(capacity)*10_000 {
		t.Errorf("a Local for %d people holds %d bytes of so many and %d of twice as many", capacity, full, twice)
	}
}
