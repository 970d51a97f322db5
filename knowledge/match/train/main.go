// Command train learns the linear reader of an edition from the questions in
// the corpus folders and writes it to models. Run it with `go generate ./knowledge/match`.
//
// Its one rule: questions that measure are never among those that teach.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"slices"

	"zizhi/knowledge"
	"zizhi/knowledge/match"
	"zizhi/knowledge/match/linear"
)

// copies is how many inputs each question is seen as: itself and noisy copies.
const copies = 4

// settings of the training, chosen by runs with every tenth question kept out (-holdout).
var settings = linear.Settings{Epochs: 16, Rate: 0.12, Decay: 3e-3, Seed: 20170401, Runs: 4}

func main() {
	log.SetFlags(0)
	log.SetPrefix("train: ")
	edition := flag.String("edition", "2017-04", "the edition to learn")
	holdout := flag.Int("holdout", 0, "keep every n-th question out and report on those instead of writing a model")
	fillers := flag.Bool("fillers", false, "find further everyday words that sound like wordings, and add them to fillers.txt instead; then train anew")
	flag.Parse()
	if err := run(*edition, *holdout, *fillers); err != nil {
		log.Fatal(err)
	}
}

func run(id string, holdout int, fillers bool) error {
	base, err := knowledge.Load()
	if err != nil {
		return err
	}
	edition, err := base.Edition(id)
	if err != nil {
		return err
	}
	questions, err := readCorpus("train", base, edition)
	if err != nil {
		return err
	}
	reader := match.Untrained(base, edition)
	if fillers {
		known, err := os.ReadFile("fillers.txt")
		if err != nil {
			return err
		}
		return os.WriteFile("fillers.txt", []byte(findFillers(reader, questions, fillersIn(string(known)))), 0o644)
	}
	teach, measure := split(questions, holdout)
	teach = append(teach, plainQuestions(base, edition)...)
	teach = append(teach, smallTalk(teach)...)
	teach = append(teach, afterAnswers(teach, edition)...)
	model := learn(reader, edition, teach)
	data, err := model.Marshal()
	if err != nil {
		return err
	}
	fmt.Printf("%d questions, %d kept out, %d bytes\n", len(teach), len(measure), len(data))
	if holdout > 0 {
		report(reader, model, measure)
		return nil
	}
	return os.WriteFile("models/"+id+".bin", data, 0o644)
}

// split keeps every n-th question out.
func split(questions []question, n int) (teach, measure []question) {
	for i, q := range questions {
		if n > 0 && i%n == 0 {
			measure = append(measure, q)
		} else {
			teach = append(teach, q)
		}
	}
	return teach, measure
}

// smallTalk repeats the small talk: there is little of it in the corpus beside
// questions, yet it is what many conversations begin and end with.
func smallTalk(questions []question) []question {
	const times = 1
	var more []question
	for _, q := range questions {
		if q.group == "chat" || q.group == "handoff" {
			for range times {
				more = append(more, q)
			}
		}
	}
	return more
}

// afterAnswers repeats some of what asks for no row as if it followed an
// answer, so that not everything after an answer is taken to lean on it.
func afterAnswers(questions []question, edition *knowledge.Edition) []question {
	const every = 5
	var more []question
	for i, q := range questions {
		rowless := q.group == "none" || q.group == "chat" || q.group == "handoff"
		if i%every == 0 && rowless && len(q.history) == 0 {
			row := edition.Rows[i/every%len(edition.Rows)]
			q.history = []string{row.Name() + "要什么证"}
			more = append(more, q)
		}
	}
	return more
}

func learn(reader *match.Reader, edition *knowledge.Edition, questions []question) *linear.Model {
	s := settings
	s.Signals, s.Wordings = match.Signals()
	for _, row := range edition.Rows {
		s.Rows = append(s.Rows, row.Key)
	}
	for _, q := range questions {
		if !slices.Contains(s.Kinds, q.kind) {
			s.Kinds = append(s.Kinds, q.kind)
		}
	}
	slices.Sort(s.Kinds)
	noise := newNoise(questions, s.Seed)
	inputs := make([][copies]linear.Input, len(questions))
	examples := make([]linear.Example, len(questions))
	for i, q := range questions {
		before := reader.Leaning(q.history)
		for c := range copies {
			text := q.text
			if c > 0 {
				text = noise.copy(text)
			}
			inputs[i][c] = reader.Input(text, before)
		}
		examples[i] = linear.Example{Input: inputs[i][0], Kind: slices.Index(s.Kinds, q.kind), NoRows: q.kind == "licence"}
		for _, key := range q.rows {
			examples[i].Rows = append(examples[i].Rows, slices.Index(s.Rows, key))
		}
	}
	return linear.Train(examples, s, func(example, epoch int) linear.Input { return inputs[example][epoch%copies] })
}

// report prints how often the best row and the best kind were right, by kind of question.
func report(reader *match.Reader, model *linear.Model, questions []question) {
	type tally struct{ n, kind, row, top int }
	tallies := map[string]*tally{}
	var groups []string
	var scores linear.Scores
	for _, q := range questions {
		model.Score(reader.Input(q.text, reader.Leaning(q.history)), &scores)
		t := tallies[q.group]
		if t == nil {
			t = &tally{}
			tallies[q.group] = t
			groups = append(groups, q.group)
		}
		t.n++
		if model.Kinds[best(scores.Kinds)] == q.kind {
			t.kind++
		}
		row := best(scores.Rows)
		if likely := scores.Rows[row] > 0; likely && slices.Contains(q.rows, model.Rows[row]) || !likely && len(q.rows) == 0 {
			t.row++
		}
		if slices.Contains(q.rows, model.Rows[row]) {
			t.top++
		} else if q.group == "one" {
			fmt.Println(q.at, q.text, q.rows, model.Rows[row], scores.Rows[row])
		}
	}
	fmt.Printf("%-10s %5s %6s %6s\n", "group", "n", "kind", "row")
	for _, g := range groups {
		t := tallies[g]
		fmt.Printf("%-10s %5d %5.1f%% %5.1f%% %5.1f%%\n", g, t.n, 100*float64(t.kind)/float64(t.n), 100*float64(t.row)/float64(t.n), 100*float64(t.top)/float64(t.n))
	}
	fmt.Println("signals", model.Signals)
}

func best(scores []float32) int {
	top := 0
	for i, s := range scores {
		if s > scores[top] {
			top = i
		}
	}
	return top
}
