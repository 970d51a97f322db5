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
	testdata       = "../../knowledge/match/testdata/"
	founding       = "2017-04"
	everydayBudget = 0.005 // everyday talk that gets an answer; see TestEverydayTalk
)

// harmBudget is the share of wrong confident answers, of all questions, that an
// edition may give. The later one has eight times the rows, and look-alikes
// among them (the same service as 机构 and as 平台).
var harmBudget = map[string]float64{founding: 0.015, "2026-02": 0.015}

// bots are bots that know one edition alone.
var bots = map[string]func() *bot.Bot{founding: newBot(founding), "2026-02": newBot("2026-02")}

func newBot(id string) func() *bot.Bot {
	return sync.OnceValue(func() *bot.Bot {
		base, err := knowledge.Load()
		if err != nil {
			panic(err)
		}
		edition, err := base.Edition(id)
		if err != nil {
			panic(err)
		}
		reader, err := match.New(base, edition)
		if err != nil {
			panic(err)
		}
		x := &bot.Expert{Base: base, Edition: edition, Reader: reader}
		return (&bot.Bot{Memory: bot.NewLocal(10_000), Secret: []byte("eval")}).Teach(x)
	})
}

// questions are the labelled questions of an edition.
func questions(t *testing.T, edition string) []eval.Question {
	files, err := filepath.Glob(testdata + edition + "/*.jsonl")
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
	for id, bot := range bots {
		t.Run(id, func(t *testing.T) {
			report := eval.Summarize(eval.Run(bot(), questions(t, id)))
			if share := report.All.HarmShare(); share > harmBudget[id] {
				t.Errorf("%.1f %% of the questions got a wrong confident answer; the budget is %.1f %%", 100*share, 100*harmBudget[id])
			}
			for i := range report.Misses {
				report.Misses[i].Why = nil // weights are too fine for a file that people read
			}
			var got bytes.Buffer
			report.Print(&got, len(report.Misses))
			golden(t, "testdata/report-"+id+".txt", got.String())
		})
	}
}

func golden(t *testing.T, file, got string) {
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("understanding has changed; if for the better: go test ./bot/eval -update\n%s", diff)
	}
}

// Everyday talk is full of the words of rows and asks for none of them. The
// lines are harder than the everyday: a quarter holds such a word.
func TestEverydayTalk(t *testing.T) {
	file, err := os.Open(testdata + "everyday.txt")
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
	report := eval.Summarize(eval.Run(bots[founding](), set))
	share := report.All.HarmShare()
	t.Logf("%d of %d lines got an answer: %.2f %%", report.All.Harm, report.All.N, 100*share)
	if share > everydayBudget {
		for _, m := range report.Misses {
			t.Logf("%s: %s %v", m.Q, m.Got, m.Rows)
		}
		t.Errorf("more than %.1f %%", 100*everydayBudget)
	}
}
