package bot

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"zizhi/knowledge"
	"zizhi/knowledge/match"
)

func loadBase(t *testing.T) *knowledge.Base {
	t.Helper()
	base, err := knowledge.Load()
	if err != nil {
		t.Fatal(err)
	}
	return base
}

// table is an edition with so many categories of two rows, called by name.
func table(t *testing.T, n int, name func(i int) string) *knowledge.Edition {
	t.Helper()
	var file strings.Builder
	file.WriteString("# id: test\n一级类目\t二级类目\t资质\n")
	for i := range n {
		fmt.Fprintf(&file, "%[1]s\t甲\t/\n%[1]s\t乙\t/\n", name(i))
	}
	edition, err := knowledge.ParseEdition("test.tsv", []byte(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	return edition
}

// WeChat takes the menu of every edition, built in or an operator's own, and shows all of it.
func TestMenuIsWithinLimits(t *testing.T) {
	editions := loadBase(t).Editions
	for n := range 30 {
		editions = append(editions, table(t, n+1, func(i int) string { return fmt.Sprintf("类目%d号", i) }))
	}
	editions = append(editions, table(t, 20, func(i int) string { return strings.Repeat("名", 60) + fmt.Sprint(i) }))
	for _, e := range editions {
		menu := Menu(e)
		if len(menu) == 0 || len(menu) > 3 {
			t.Errorf("%s: %d top buttons", e.ID, len(menu))
		}
		keys := map[string]bool{}
		for _, top := range menu {
			if len(top.Sub) == 0 || len(top.Sub) > 5 || top.Key != "" {
				t.Errorf("%s: %s has %d sub-buttons and the key %q", e.ID, top.Name, len(top.Sub), top.Key)
			}
			within(t, top, 4, 16)
			for _, sub := range top.Sub {
				within(t, sub, 8, 60)
				if keys[sub.Key] || len(sub.Key) > 128 || !strings.HasPrefix(sub.Key, keyPrefix) || len(sub.Sub) > 0 {
					t.Errorf("%s: %+v", e.ID, sub)
				}
				keys[sub.Key] = true
			}
		}
		if !keys[directoryKey] {
			t.Errorf("%s: nothing leads to the list of all categories", e.ID)
		}
		if n := len(e.Firsts()); len(e.Firsts()[0]) < 40 && len(keys) != min(n, 14)+1 && e.ID == "test" {
			t.Errorf("%d categories have %d buttons", n, len(keys)-1)
		}
	}
}

func within(t *testing.T, b Button, characters, bytes int) {
	t.Helper()
	if n := utf8.RuneCountInString(b.Name); n == 0 || n > characters || len(b.Name) > bytes {
		t.Errorf("%q has %d characters and %d bytes, want at most %d and %d", b.Name, n, len(b.Name), characters, bytes)
	}
}

// The file names no category that no edition has, and none twice.
func TestMenuGroups(t *testing.T) {
	base, seen := loadBase(t), map[string]bool{}
	for _, group := range menuGroups {
		for _, first := range group.Categories {
			if seen[first] {
				t.Errorf("menu.yaml has %s twice", first)
			}
			seen[first] = true
			if !slices.ContainsFunc(base.Editions, func(e *knowledge.Edition) bool { return len(e.Under(first)) > 0 }) {
				t.Errorf("menu.yaml has %s, which no edition has", first)
			}
		}
	}
	for _, e := range base.Editions {
		for _, first := range e.Firsts() {
			if !seen[first] {
				t.Errorf("%s of edition %s is missing in menu.yaml", first, e.ID)
			}
		}
	}
}

// tapper taps its way through the menu, as a person does.
type tapper struct {
	t    *testing.T
	bot  *Bot
	now  time.Time
	user int
	taps map[string]int // by the key of a row: the fewest taps that brought its documents
}

// newTapper has no Reader: what is tapped is a choice, nothing to be read.
func newTapper(t *testing.T, base *knowledge.Base, e *knowledge.Edition) *tapper {
	return &tapper{t: t, now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), taps: map[string]int{},
		bot: (&Bot{Memory: NewLocal(10_000), Secret: []byte("test")}).Teach(&Expert{Base: base, Edition: e})}
}

// say sends what a new person does, one after the other, and returns the last reply.
func (p *tapper) say(messages ...Message) Reply {
	p.t.Helper()
	p.user++
	var reply Reply
	for i, m := range messages {
		p.now = p.now.Add(time.Second)
		m.User, m.ID, m.At = fmt.Sprint(p.user), fmt.Sprint(i), p.now
		var err error
		if reply, err = p.bot.Reply(context.Background(), m); err != nil {
			p.t.Fatal(err)
		}
	}
	return reply
}

var tapLink = regexp.MustCompile(`msgmenucontent=([^&"]*)&`)

// follow taps on every link of the reply to what was done, and on those of the
// further parts, up to so many taps in all.
func (p *tapper) follow(taps, most int, done ...Message) {
	reply := p.say(done...)
	if reply.Kind == match.Answer {
		for _, key := range reply.Rows {
			if n, known := p.taps[key]; !known || taps < n {
				p.taps[key] = taps
			}
		}
		return
	}
	if taps == most {
		return
	}
	further := slices.Clone(done)
	for {
		for _, link := range tapLink.FindAllStringSubmatch(reply.Text, -1) {
			p.follow(taps+1, most, append(slices.Clone(further), Message{Kind: Text, Text: link[1]})...)
		}
		if !strings.Contains(reply.Text, "继续") {
			return
		}
		further = append(further, Message{Kind: Text, Text: "继续"})
		reply = p.say(further...)
	}
}

// walk opens each top button and taps on each sub-button: that is two taps.
func (p *tapper) walk(most int) {
	for _, top := range Menu(p.bot.Expert().Edition) {
		for _, sub := range top.Sub {
			p.follow(2, most, Message{Kind: Tap, Text: sub.Key})
		}
	}
}

// Every row is at most three taps away: a top button, a category or a few small
// ones, the row. Long lists want 继续.
func TestEveryRowIsThreeTapsAway(t *testing.T) {
	base := loadBase(t)
	for _, e := range base.Editions {
		t.Run(e.ID, func(t *testing.T) {
			const most = 3
			p := newTapper(t, base, e)
			p.walk(most)
			for _, row := range e.Rows {
				if p.taps[row.Key] == 0 {
					t.Errorf("%s is not reached with %d taps", row.Key, most)
				}
			}
		})
	}
}

// For accounts without a menu: 目录, a category, a row.
func TestEveryRowIsReachedWithoutMenu(t *testing.T) {
	base := loadBase(t)
	for _, e := range base.Editions {
		t.Run(e.ID, func(t *testing.T) {
			p := newTapper(t, base, e)
			p.follow(0, 2, Message{Kind: Text, Text: "目录"})
			for _, row := range e.Rows {
				if _, reached := p.taps[row.Key]; !reached {
					t.Errorf("%s is not reached", row.Key)
				}
			}
		})
	}
}

// A menu that is still on people's telephones after a change of edition leads somewhere.
func TestKeysSurviveAChangeOfEdition(t *testing.T) {
	base := loadBase(t)
	for _, e := range base.Editions {
		p := newTapper(t, base, e)
		for _, other := range base.Editions {
			for _, top := range Menu(other) {
				for _, sub := range top.Sub {
					reply := p.say(Message{Kind: Tap, Text: sub.Key})
					if (reply.Kind != match.Browse && reply.Kind != match.Answer) || reply.Text == "" {
						t.Errorf("%s of %s, in %s: %s %q", sub.Key, other.ID, e.ID, reply.Kind, reply.Text)
					}
				}
			}
		}
	}
}
