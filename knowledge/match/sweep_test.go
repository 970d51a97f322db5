package match

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the sweep in testdata anew")

// labelled is a question with what it is about.
type labelled struct {
	Q, Kind string
	Want    []string
	History []string
}

// TestSweep moves each threshold of decide.go by itself and counts what comes of
// it: readings that are exact, answers that are confident and wrong, and
// answers to everyday talk. The line with a star is the one in force. Follow-ups
// are left out: they need a conversation.
func TestSweep(t *testing.T) {
	questions, everyday := labelledQuestions(t), everydayLines(t)
	var got bytes.Buffer
	w := tabwriter.NewWriter(&got, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "threshold\tvalue\texact\twrong\teveryday\t")
	for _, s := range []struct {
		name  string
		at    *float32
		steps []float32
	}{
		{"sureRow", &sureRow, []float32{-1, -0.3, 0.3, 1, 2}},
		{"unwordedRow", &unwordedRow, []float32{-0.5, 0.5, 1.5}},
		{"foreignRow", &foreignRow, []float32{0.3, 1.5, 3}},
		{"likelyRow", &likelyRow, []float32{-2, -1.5, -1, -0.5, 0}},
		{"openRow", &openRow, []float32{-3, -2, -1}},
		{"severalRow", &severalRow, []float32{-2, -1, 0}},
		{"namedRow", &namedRow, []float32{-1.5, -0.5, 0.5}},
		{"rivalRow", &rivalRow, []float32{-0.5, 0.5, 1.5}},
		{"margin", &margin, []float32{1, 2, 3, 4, 6}},
		{"openMargin", &openMargin, []float32{2, 4, 6, 8}},
		{"noneWeight", &noneWeight, []float32{0.3, 0.8, 1.6}},
		{"chatting", &chatting, []float32{0.2, 0.4, 0.6}},
		{"idling", &idling, []float32{0.05, 0.1, 0.3}},
		{"perhapsSeveral", &perhapsSeveral, []float32{0.03, 0.1, 0.3}},
		{"gapAlone", &gapAlone, []float32{0.3, 0.6, 0.9}},
		{"surelyNone", &surelyNone, []float32{0.5, 0.75, 0.95}},
		{"chatter", &chatter, []float32{0.3, 0.5, 0.7, 0.9}},
		{"talk", &talk, []float32{0.05, 0.2, 0.5}},
		{"plainly", &plainly, []float32{0, 0.0003, 0.003, 0.03}},
	} {
		inForce := *s.at
		for _, *s.at = range s.steps {
			star := map[bool]string{true: " *"}[*s.at == inForce]
			exact, wrong := count(questions)
			fmt.Fprintf(w, "%s\t%v%s\t%.1f %%\t%.1f %%\t%.1f %%\t\n", s.name, *s.at, star,
				share(exact, len(questions)), share(wrong, len(questions)), share(answered(everyday), len(everyday)))
		}
		*s.at = inForce
	}
	w.Flush()
	golden(t, "testdata/sweep-2017-04.txt", got.String())
}

func labelledQuestions(t *testing.T) []labelled {
	t.Helper()
	files, err := filepath.Glob("testdata/2017-04/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no questions", err)
	}
	var all []labelled
	for _, name := range files {
		for _, line := range linesOf(t, name) {
			var q labelled
			if err := json.Unmarshal([]byte(line), &q); err != nil {
				t.Fatal(name, err)
			}
			if len(q.History) == 0 {
				all = append(all, q)
			}
		}
	}
	return all
}

func everydayLines(t *testing.T) []string { return linesOf(t, "testdata/everyday.txt") }

func linesOf(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// kindsOf are the readings that are right for a label.
var kindsOf = map[string][]Kind{
	"one": {Answer, Gap}, "multi": {Answer}, "ambiguous": {Clarify, Browse}, "reverse": {Licence},
	"gap": {Gap}, "none": {None, Chat, Handoff}, "chat": {Chat, Handoff},
}

// count says how many readings are exact, and how many answer with none of the rows wanted.
func count(questions []labelled) (exact, wrong int) {
	for _, q := range questions {
		m := reader.Read(q.Q, Context{})
		missing, beside := compare(m, q.Want)
		right := missing == 0 && (beside == 0 || q.Kind == "ambiguous") || len(q.Want) == 0
		if slices.Contains(kindsOf[q.Kind], m.Kind) && right {
			exact++
		}
		if answers(m) && missing == len(q.Want) {
			wrong++
		}
	}
	return exact, wrong
}

// compare says how many of the rows wanted are missing in a reading, and how many others are in it.
func compare(m Meaning, want []string) (missing, beside int) {
	missing = len(want)
	for _, row := range m.Rows {
		if slices.Contains(want, row.Key) {
			missing--
		} else {
			beside++
		}
	}
	return missing, beside
}

func answered(lines []string) (n int) {
	for _, line := range lines {
		if answers(reader.Read(line, Context{})) {
			n++
		}
	}
	return n
}

func answers(m Meaning) bool { return m.Kind == Answer || m.Kind == Gap }

func share(n, of int) float64 { return 100 * float64(n) / float64(of) }

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is no longer so (-want +got); if that is right, write it anew with -update:\n%s", name, diff)
	}
}
