package bot_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"zizhi/bot"
	"zizhi/knowledge"
	"zizhi/knowledge/match"
)

var update = flag.Bool("update", false, "write the conversations in testdata anew")

var expert = func() *bot.Expert {
	base, err := knowledge.Load()
	if err != nil {
		panic(err)
	}
	edition, err := base.Edition("2017-04")
	if err != nil {
		panic(err)
	}
	reader, err := match.New(base, edition)
	if err != nil {
		panic(err)
	}
	return &bot.Expert{Base: base, Edition: edition, Reader: reader}
}()

// laterEditions are the editions that stand by beside the founding one.
func laterEditions() []bot.View {
	var views []bot.View
	for _, edition := range expert.Base.Editions {
		if edition != expert.Edition {
			reader, err := match.New(expert.Base, edition)
			if err != nil {
				panic(err)
			}
			views = append(views, bot.View{Edition: edition, Reader: func() *match.Reader { return reader }})
		}
	}
	return views
}

func newBot(x *bot.Expert) *bot.Bot {
	return (&bot.Bot{Memory: bot.NewLocal(1000), Secret: []byte("test")}).Teach(x)
}

// A conversation is a file: `> ` is what the person does, `< ` what the bot
// says, `+31m` lets time pass, `# ` is a comment. What the person does is words,
// or in brackets an event: [tap KEY], [scan KEY], [follow KEY], [unfollow],
// [voice], [picture], [place], [link]. \n in words is a line break.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/conversations/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no conversations", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := converse(t, string(data))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(data), got); diff != "" {
				t.Errorf("(go test ./bot -update writes the files anew)\n%s", diff)
			}
		})
	}
}

func converse(t *testing.T, script string) string {
	x := *expert
	if strings.HasPrefix(script, "# with human agents") {
		x.Handoff = true
	}
	if strings.HasPrefix(script, "# with all editions") {
		x.Others = laterEditions()
	}
	b := newBot(&x)
	var perMinute int
	if n, _ := fmt.Sscanf(script, "# at most %d messages a minute", &perMinute); n == 1 {
		b.Pace = bot.NewPace(perMinute)
	}
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	var out strings.Builder
	n := 0
	for _, line := range strings.Split(strings.TrimSuffix(script, "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "<"):
			continue
		case strings.HasPrefix(line, "+"):
			wait, err := time.ParseDuration(line[1:])
			if err != nil {
				t.Fatal(err)
			}
			now = now.Add(wait)
		case strings.HasPrefix(line, ">"):
			n++
			now = now.Add(time.Second)
			m := message(strings.TrimPrefix(line, "> "))
			m.User, m.ID, m.At = "somebody", fmt.Sprint(n), now
			reply, err := b.Reply(context.Background(), m)
			if err != nil {
				t.Fatal(err)
			}
			out.WriteString(line + "\n" + quoted(reply) + "\n")
			if len(reply.Text) > 2047 {
				t.Errorf("%s: the reply has %d bytes", line, len(reply.Text))
			}
			continue
		}
		out.WriteString(line + "\n")
	}
	return out.String()
}

func quoted(r bot.Reply) string {
	if r.Transfer {
		return "< [transfer]"
	}
	if r.Text == "" {
		return "< [nothing]"
	}
	return "< " + strings.ReplaceAll(r.Text, "\n", "\n< ")
}

func message(words string) bot.Message {
	events := map[string]bot.MessageKind{"tap": bot.Tap, "scan": bot.Scan, "follow": bot.Follow, "unfollow": bot.Unfollow, "returned": bot.Returned,
		"voice": bot.Unheard, "picture": bot.Picture, "place": bot.Place, "link": bot.Link}
	if inner, ok := strings.CutPrefix(words, "["); ok {
		name, key, _ := strings.Cut(strings.TrimSuffix(inner, "]"), " ")
		if kind, ok := events[name]; ok {
			return bot.Message{Kind: kind, Text: key}
		}
	}
	return bot.Message{Kind: bot.Text, Text: strings.ReplaceAll(words, `\n`, "\n")}
}
