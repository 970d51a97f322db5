package bot_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"zizhi/bot"
)

// flood is what one person writes within a second, and what becomes of it.
type flood struct {
	*testing.T
	bot *bot.Bot
	at  time.Time
}

func newFlood(t *testing.T, perMinute int) *flood {
	b := newBot(expert)
	b.Pace = bot.NewPace(perMinute)
	return &flood{T: t, bot: b, at: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
}

// say delivers a message; the same user and id are the same message.
func (f *flood) say(user, id string) string {
	f.Helper()
	reply, err := f.bot.Reply(context.Background(), bot.Message{User: user, ID: id, Text: "音乐要什么证", At: f.at})
	if err != nil {
		f.Fatal(err)
	}
	return reply.Text
}

const answered, slowDown = "《", "请等一会儿"

func (f *flood) wants(user, id, part string) {
	f.Helper()
	if got := f.say(user, id); !strings.Contains(got, part) || part == "" && got != "" {
		f.Errorf("message %s of %s got %q, want %q in it", id, user, got, part)
	}
}

func TestPace(t *testing.T) {
	f := newFlood(t, 3)
	for _, message := range []struct{ id, want string }{
		{"1", answered}, {"2", answered}, {"3", answered}, {"4", slowDown}, {"5", ""}, {"6", ""},
		{"1", answered}, {"4", slowDown}, {"5", ""}, // further deliveries get what the first got
	} {
		f.wants("hasty", message.id, message.want)
	}
	f.wants("other", "1", answered)
	if lines, err := f.bot.Memory.Journal(context.Background(), 10); err != nil || len(lines) != 4 {
		t.Errorf("the journal has %d lines (%v), want those of the 4 messages that were read", len(lines), err)
	}
	f.at = f.at.Add(20 * time.Second)
	f.wants("hasty", "7", answered)
	f.wants("hasty", "8", "")
	f.at = f.at.Add(time.Minute)
	for _, id := range []string{"9", "10", "11"} {
		f.wants("hasty", id, answered)
	}
	f.wants("hasty", "12", slowDown)
}

// Deliveries of one message do not use up what a person may write.
func TestPaceCountsMessagesOnce(t *testing.T) {
	f := newFlood(t, 2)
	for range 50 {
		f.wants("patient", "1", answered)
	}
	f.wants("patient", "2", answered)
	f.wants("patient", "3", slowDown)
}

// gone is a memory that fails every time, as a Redis that is away.
type gone struct{ bot.Memory }

var errGone = errors.New("away")

func (gone) Begin(context.Context, bot.Claim) (bot.Begun, error) { return bot.Begun{}, errGone }

// forgetful is a memory that takes claims and keeps nothing, as a Redis that is full.
type forgetful struct{ bot.Memory }

func (forgetful) Commit(context.Context, bot.Claim, bot.Outcome) ([]byte, error) { return nil, errGone }

// Without the memory, or with one that comes and goes, a person has the same
// pace, deliveries of a message count once, and each gets what the first got.
func TestPaceWithoutMemory(t *testing.T) {
	f := newFlood(t, 3)
	memory, n := f.bot.Memory, 0
	memories := []bot.Memory{gone{memory}, forgetful{memory}, memory}
	for _, message := range []struct{ id, want string }{
		{"1", answered}, {"1", answered}, {"1", answered}, {"2", answered}, {"3", answered}, {"4", slowDown}, {"5", ""}, {"6", ""},
		{"3", answered}, {"4", slowDown}, {"5", ""},
	} {
		f.bot.Memory = memories[n%len(memories)]
		n++
		f.wants("hasty", message.id, message.want)
	}
	f.bot.Memory = gone{memory}
	f.wants("other", "1", answered)
	f.at = f.at.Add(time.Minute)
	f.wants("hasty", "7", answered)
}

// Events that want no answer are not told to slow down, and use up nothing.
func TestPaceOfEvents(t *testing.T) {
	f := newFlood(t, 1)
	f.wants("hasty", "1", answered)
	for _, kind := range []bot.MessageKind{bot.Ignored, bot.Unfollow} {
		m := bot.Message{Kind: kind, User: "hasty", ID: fmt.Sprint("event ", kind), At: f.at}
		if r := f.bot.Stateless(m); r.Text != "" || r.Transfer {
			t.Errorf("an event got %+v", r)
		}
	}
	f.wants("hasty", "2", slowDown)
}

func TestPaceOff(t *testing.T) {
	f := newFlood(t, 0)
	for i := range 200 {
		f.wants("hasty", fmt.Sprint(i), answered)
	}
}

// The one who floods is found among many, and the many are few bytes.
func TestPaceIsBounded(t *testing.T) {
	people := 100_000
	if testing.Short() {
		people = 20_000
	}
	f := newFlood(t, 1)
	before := heap()
	for i := range people {
		bot.Step(f.bot.Pace, fmt.Sprintf("%032d", i), f.at)
		if i == 0 || i%5000 == 0 {
			f.wants("hasty", fmt.Sprint(i), map[bool]string{true: answered, false: ""}[i == 0])
		}
		if i == 0 {
			f.wants("hasty", "asked", slowDown)
		}
	}
	grown := heap() - before
	t.Logf("%d people: %d bytes in all", people, grown)
	if grown > 16<<20 {
		t.Errorf("a Pace that %d people went through holds %d bytes", people, grown)
	}
}
