package bot

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// longBot answers for a table whose only category has a list of three parts.
func longBot(t *testing.T) *Bot {
	t.Helper()
	p := newTapper(t, loadBase(t), table(t, 60, func(i int) string { return strings.Repeat("长", 10) + string(rune('甲'+i)) }))
	return p.bot
}

func tapAll(push bool) Message {
	return Message{Kind: Tap, Text: directoryKey, User: "somebody", ID: "1", At: time.Unix(1e9, 0), Push: push}
}

func reply(t *testing.T, b *Bot, m Message) Reply {
	t.Helper()
	r, err := b.Reply(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What is pushed is what 继续 brings, without its hints, once.
func TestRest(t *testing.T) {
	b := longBot(t)
	asked := []Reply{reply(t, b, tapAll(false))}
	for i := 2; strings.Contains(asked[len(asked)-1].Text, "回复“继续”"); i++ {
		asked = append(asked, reply(t, b, Message{Kind: Text, Text: "继续", User: "somebody", ID: string(rune('0' + i)), At: time.Unix(1e9, 0)}))
	}
	if len(asked) < 3 {
		t.Fatalf("the list has %d parts, too few for this test", len(asked))
	}
	b = longBot(t)
	pushed := reply(t, b, tapAll(true))
	if !strings.Contains(pushed.Text, say("more_follows")) {
		t.Errorf("the first part does not say that more follows: …%s", pushed.Text[len(pushed.Text)-80:])
	}
	var got, want []string
	for _, r := range asked {
		want = append(want, strings.TrimSuffix(r.Text, say("more")))
		if r.Rest != nil {
			t.Error("parts to push, though nobody can")
		}
	}
	got = append(got, strings.TrimSuffix(pushed.Text, say("more_follows")))
	got = append(got, pushed.Rest...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("asked for (-), pushed (+):\n%s", diff)
	}
	for _, part := range append(pushed.Rest, pushed.Text) {
		if len(part) > longestReply {
			t.Errorf("a part has %d bytes", len(part))
		}
	}
	if again := reply(t, b, tapAll(true)); again.Rest != nil || again.Text != pushed.Text {
		t.Errorf("a further delivery got %d parts to push", len(again.Rest))
	}
	if next := reply(t, b, Message{Kind: Text, Text: "继续", User: "somebody", ID: "2", At: time.Unix(1e9, 0), Push: true}); next.Text != asked[1].Text || next.Rest != nil {
		t.Errorf("after the push 继续 brings %q", next.Text)
	}
}

// full is a memory that takes claims and keeps no outcome, as a Redis that is full.
type full struct{ Memory }

func (full) Commit(context.Context, Claim, Outcome) ([]byte, error) { return nil, errors.New("full") }

// Where a further delivery could send them again, no parts are pushed.
func TestRestIsNotSentTwice(t *testing.T) {
	crowded, claimed := longBot(t), longBot(t)
	crowded.Memory = full{crowded.Memory}
	if _, err := claimed.Memory.Begin(t.Context(), claimed.claim(tapAll(true))); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]Reply{
		"nothing is kept":      reply(t, crowded, tapAll(true)),
		"another has begun it": reply(t, claimed, tapAll(true)),
		"without state":        longBot(t).Stateless(tapAll(true)),
	} {
		if r.Rest != nil || r.Text == "" {
			t.Errorf("%s: %d parts to push after %q", name, len(r.Rest), r.Text)
		}
	}
}
