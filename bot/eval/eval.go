// Package eval measures a bot over labelled questions.
//
// Its one rule: an answer is right when it is exactly what the label wants, and
// harmful when it is confident and holds none of the wanted rows.
package eval

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"zizhi/bot"
	"zizhi/knowledge/match"
)

// Question is a labelled question, one JSON object a line in a file.
type Question struct {
	ID      string   `json:"id"`
	Q       string   `json:"q"`
	History []string `json:"history,omitempty"` // earlier messages, oldest first
	Kind    string   `json:"kind"`              // one, followup, multi, ambiguous, none, reverse, gap, chat
	Want    []string `json:"want"`              // keys of rows
	Have    []string `json:"have,omitempty"`    // with gap: the documents held
	Tags    []string `json:"tags,omitempty"`
}

// Read reads labelled questions; the first faulty line is named.
func Read(in io.Reader, name string) ([]Question, error) {
	kinds := []string{"one", "followup", "multi", "ambiguous", "none", "reverse", "gap", "chat"}
	var all []Question
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var q Question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		if q.Q == "" || !slices.Contains(kinds, q.Kind) {
			return nil, fmt.Errorf("%s:%d: needs q, and kind: one of %s", name, n, strings.Join(kinds, ", "))
		}
		all = append(all, q)
	}
	return all, lines.Err()
}

// Verdict is what became of a question.
type Verdict struct {
	Question Question
	Reply    bot.Reply
	Exact    bool // as the label wants it
	Harm     bool // a confident answer without a wanted row
}

// Run asks a bot every question, each in a conversation of its own.
func Run(b *bot.Bot, questions []Question) []Verdict {
	verdicts := make([]Verdict, len(questions))
	for i, q := range questions {
		reply := b.Converse(append(slices.Clone(q.History), q.Q), time.Now())
		verdicts[i] = Verdict{Question: q, Reply: reply, Exact: exact(q, reply), Harm: harm(q, reply)}
	}
	return verdicts
}

func exact(q Question, r bot.Reply) bool {
	same := equalSets(q.Want, r.Rows)
	switch q.Kind {
	case "one", "followup":
		return (r.Kind == match.Answer || r.Kind == match.Gap) && same
	case "multi":
		return r.Kind == match.Answer && same
	case "ambiguous":
		within := containsAll(r.Rows, q.Want)
		return (r.Kind == match.Clarify || r.Kind == match.Answer) && within && len(r.Rows) <= len(q.Want)+2 || r.Kind == match.Browse && within
	case "none":
		return r.Kind == match.None || r.Kind == match.Chat || r.Kind == match.Handoff
	case "reverse":
		return r.Kind == match.Licence && same
	case "gap":
		return r.Kind == match.Gap && same && (q.Have == nil || equalSets(q.Have, r.Have))
	}
	return r.Kind == match.Chat || r.Kind == match.Handoff
}

func harm(q Question, r bot.Reply) bool {
	wanted := func(key string) bool { return slices.Contains(q.Want, key) }
	return (r.Kind == match.Answer || r.Kind == match.Gap) && !slices.ContainsFunc(r.Rows, wanted)
}

func containsAll(set, subset []string) bool {
	return !slices.ContainsFunc(subset, func(s string) bool { return !slices.Contains(set, s) })
}

func equalSets(a, b []string) bool { return containsAll(a, b) && containsAll(b, a) }
