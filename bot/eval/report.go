package eval

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"zizhi/knowledge/match"
)

// Report sums verdicts up.
type Report struct {
	All    Tally            `json:"all"`
	Kinds  map[string]Tally `json:"kinds"`
	Tags   map[string]Tally `json:"tags"`
	Rows   map[string]Tally `json:"rows"` // questions about one row, by that row
	Sweep  []Point          `json:"sweep"`
	Misses []Miss           `json:"misses"`
}

// Tally counts questions.
type Tally struct {
	N     int `json:"n"`
	Exact int `json:"exact"`
	Harm  int `json:"harm"` // wrong confident answers
}

// Point is what a threshold on the score of answers would give.
type Point struct {
	Threshold float64 `json:"threshold"`
	InScope   float64 `json:"in_scope"`     // share of the questions about rows that are right
	OutRecall float64 `json:"out_of_scope"` // share of the questions about nothing in the table that stay unanswered
	Harm      float64 `json:"harm"`         // share of wrong confident answers, of all questions
}

// Miss is a question that was not understood as wanted.
type Miss struct {
	ID   string     `json:"id"`
	Kind string     `json:"kind"`
	Q    string     `json:"q"`
	Want []string   `json:"want"`
	Got  match.Kind `json:"got"`
	Rows []string   `json:"rows,omitempty"`
	Why  []string   `json:"why,omitempty"`
}

// Summarize makes the report of verdicts.
func Summarize(verdicts []Verdict) Report {
	r := Report{Kinds: map[string]Tally{}, Tags: map[string]Tally{}, Rows: map[string]Tally{}}
	for _, v := range verdicts {
		r.All = r.All.with(v)
		r.Kinds[v.Question.Kind] = r.Kinds[v.Question.Kind].with(v)
		for _, tag := range v.Question.Tags {
			r.Tags[tag] = r.Tags[tag].with(v)
		}
		if len(v.Question.Want) == 1 {
			r.Rows[v.Question.Want[0]] = r.Rows[v.Question.Want[0]].with(v)
		}
		if !v.Exact {
			r.Misses = append(r.Misses, miss(v))
		}
	}
	for t := 0.0; t < 0.96; t += 0.1 {
		r.Sweep = append(r.Sweep, point(verdicts, t))
	}
	return r
}

func (t Tally) with(v Verdict) Tally {
	t.N++
	if v.Exact {
		t.Exact++
	}
	if v.Harm {
		t.Harm++
	}
	return t
}

// HarmShare is the share of wrong confident answers.
func (t Tally) HarmShare() float64 { return share(t.Harm, t.N) }

func share(part, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}

func miss(v Verdict) Miss {
	m := Miss{ID: v.Question.ID, Kind: v.Question.Kind, Q: v.Question.Q, Want: v.Question.Want, Got: v.Reply.Kind, Rows: v.Reply.Rows}
	for _, e := range v.Reply.Why[:min(3, len(v.Reply.Why))] {
		m.Why = append(m.Why, e.String())
	}
	return m
}

// point is what would be if answers below the threshold were withheld.
func point(verdicts []Verdict, threshold float64) Point {
	var in, inRight, out, outKept, harmed int
	for _, v := range verdicts {
		answered := v.Reply.Kind == match.Answer || v.Reply.Kind == match.Gap
		withheld := answered && v.Reply.Score < threshold
		if v.Harm && !withheld {
			harmed++
		}
		if v.Question.Kind == "none" || v.Question.Kind == "chat" {
			out++
			if !answered || withheld {
				outKept++
			}
			continue
		}
		in++
		if v.Exact && !withheld {
			inRight++
		}
	}
	return Point{Threshold: threshold, InScope: share(inRight, in), OutRecall: share(outKept, out), Harm: share(harmed, len(verdicts))}
}

// Print writes the report for people; misses says how many misses are listed.
func (r Report) Print(w io.Writer, misses int) {
	fmt.Fprintf(w, "%-12s %5s %7s %7s\n", "kind", "n", "exact", "wrong")
	for _, kind := range slices.Sorted(maps.Keys(r.Kinds)) {
		r.Kinds[kind].print(w, kind)
	}
	r.All.print(w, "all")
	printWeakest(w, "tags", r.Tags, len(r.Tags))
	printWeakest(w, "rows", r.Rows, 10)
	fmt.Fprintf(w, "\n%-12s %9s %13s %7s\n", "threshold", "in scope", "out of scope", "wrong")
	for _, p := range r.Sweep {
		fmt.Fprintf(w, "%-12.1f %8.1f%% %12.1f%% %6.1f%%\n", p.Threshold, 100*p.InScope, 100*p.OutRecall, 100*p.Harm)
	}
	for _, m := range r.Misses[:min(misses, len(r.Misses))] {
		fmt.Fprintf(w, "\n%s %s: %s\n  want %s\n  got  %s %s\n", m.ID, m.Kind, m.Q, strings.Join(m.Want, ", "), m.Got, strings.Join(m.Rows, ", "))
		for _, why := range m.Why {
			fmt.Fprintf(w, "       %s\n", why)
		}
	}
}

func (t Tally) print(w io.Writer, name string) {
	fmt.Fprintf(w, "%-12s %5d %6.1f%% %6.1f%%\n", name, t.N, 100*share(t.Exact, t.N), 100*t.HarmShare())
}

// printWeakest lists the tallies with the smallest share of exact answers.
func printWeakest(w io.Writer, title string, tallies map[string]Tally, most int) {
	names := slices.SortedFunc(maps.Keys(tallies), func(a, b string) int {
		return cmp.Or(cmp.Compare(share(tallies[a].Exact, tallies[a].N), share(tallies[b].Exact, tallies[b].N)), cmp.Compare(a, b))
	})
	fmt.Fprintf(w, "\n%s, weakest first\n", title)
	for _, name := range names[:min(most, len(names))] {
		tallies[name].print(w, name)
	}
}
