package eval_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zizhi/bot"
	"zizhi/bot/eval"
	"zizhi/knowledge"
	"zizhi/knowledge/match"
)

var update = flag.Bool("update", false, "write the report in testdata anew")

const (
	questionSets   = "../../knowledge/match/testdata/questions-*.jsonl"
	everydayTalk   = "../../knowledge/match/testdata/everyday.txt"
	harmBudget     = 0.015 // wrong confident answers, of all questions
	everydayBudget = 0.015 // everyday talk that gets an answer; see TestEverydayTalk
)

var newBot = sync.OnceValue(func() *bot.Bot {
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
	return (&bot.Bot{Memory: bot.NewLocal(10_000), Secret: []byte("eval")}).Teach(&bot.Expert{Base: base, Edition: edition, Reader: reader})
})

func questions(t *testing.T) []eval.Question {
	files, err := filepath.Glob(questionSets)
	if err != nil || len(files) == 0 {
		t.Fatal("no questions", err)
	}
	var all []eval.Question
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		set, err := eval.Read(bytes.NewReader(data), name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, set...)
	}
	return all
}

// Every change of understanding shows in the report, which people review; more
// wrong confident answers than the budget allows fail whatever the report says.
func TestReport(t *testing.T) {
	report := eval.Summarize(eval.Run(newBot(), questions(t)))
	if share := report.All.HarmShare(); share > harmBudget {
		t.Errorf("%.1f %% of the questions got a wrong confident answer; the budget is %.1f %%", 100*share, 100*harmBudget)
	}
	var got bytes.Buffer
	for i := range report.Misses {
		report.Misses[i].Why = nil // weights are too fine for a file that people read
	}
	report.Print(&got, len(report.Misses))
	const file = "testdata/report.txt"
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("understanding has changed; if for the better: go test ./bot/eval -update\n%s", diff)
	}
}

// Everyday talk is full of the words of rows and asks for none of them. The
// lines are harder than the everyday: a quarter holds such a word.
func TestEverydayTalk(t *testing.T) {
	file, err := os.Open(everydayTalk)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var set []eval.Question
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if line := strings.TrimSpace(lines.Text()); line != "" {
			set = append(set, eval.Question{ID: fmt.Sprint(len(set) + 1), Q: line, Kind: "none"})
		}
	}
	report := eval.Summarize(eval.Run(newBot(), set))
	share := report.All.HarmShare()
	t.Logf("%d of %d lines got an answer: %.2f %%", report.All.Harm, report.All.N, 100*share)
	if share > everydayBudget {
		for _, m := range report.Misses {
			t.Logf("%s: %s %v", m.Q, m.Got, m.Rows)
		}
		t.Errorf("more than %.1f %%", 100*everydayBudget)
	}
}
