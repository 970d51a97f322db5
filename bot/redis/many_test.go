package redis

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"zizhi/bot"
	"zizhi/bot/redis/redistest"
)

// usedMemory is how many bytes a server has in use.
func usedMemory(server *redistest.Server) int {
	for line := range strings.Lines(server.Do("INFO", "memory")) {
		if number, ok := strings.CutPrefix(strings.TrimSpace(line), "used_memory:"); ok {
			return must(strconv.Atoi(number))
		}
	}
	return 0
}

// Many people, each with a message of usual size: everything that is stored of
// them ends by itself, the journal is bounded, and a person costs little.
func TestManyPeople(t *testing.T) {
	people := 100_000
	if testing.Short() {
		people = 10_000
	}
	server := redistest.Start(t)
	m := openPatient(t, "redis://"+server.Addr)
	if err := m.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := usedMemory(server)
	numbers := make(chan int)
	var writers sync.WaitGroup
	for range 16 {
		writers.Go(func() {
			for i := range numbers {
				c := benchClaim(i)
				c.User = fmt.Sprintf("%032d", i)
				o := bot.Outcome{Reply: benchReply, Session: benchSession, Line: benchLine}
				if _, err := m.Begin(t.Context(), c); err != nil {
					t.Error(err)
				} else if _, err := m.Commit(t.Context(), c, o); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range people {
		numbers <- i
	}
	close(numbers)
	writers.Wait()
	perPerson := (usedMemory(server) - before) / people
	t.Logf("%d people: %d bytes each, with %d of reply, session and line", people, perPerson, len(benchReply)+len(benchSession)+len(benchLine))
	if perPerson > 3*(len(benchReply)+len(benchSession)+len(benchLine)) {
		t.Errorf("a person costs %d bytes", perPerson)
	}
	if lines := must(m.Journal(t.Context(), 2*bot.JournalLength)); len(lines) > bot.JournalLength {
		t.Errorf("the journal has %d lines, of at most %d", len(lines), bot.JournalLength)
	}
	keys, expires := 0, 0
	state := server.Do("INFO", "keyspace")
	if _, err := fmt.Sscanf(state[strings.Index(state, "db0:"):], "db0:keys=%d,expires=%d", &keys, &expires); err != nil {
		t.Fatal(err, state)
	}
	if keys < 3*people || keys != expires {
		t.Errorf("%d keys, of which %d end by themselves", keys, expires)
	}
}
