// Package match reads what a sentence means: which rows of the table it is
// about, which licences it names, or that it is about something else.
//
// Its one rule: when in doubt, say so. Every reading comes with its reasons and
// a score; below the thresholds in decide.go it asks back or stays silent.
//
// A message goes through five steps, one file each: text.go folds it (width,
// case, script, typed pinyin, frames of forwards; polarity.go marks what is
// negated), lexicon.go spots known sayings in it, evidence.go turns what was
// found into the input of the linear model, weigh.go scores the rows and the
// kinds of message, decide.go makes up its mind (licence.go where licences
// matter, followup.go where it leans on what was said before; compose.go puts
// it into words of the table, reasons.go says why).
//
// The package is pure: no I/O, no clock, no state between calls.
package match

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"zizhi/knowledge"
	"zizhi/knowledge/match/linear"
)

//go:generate go run ./train
//go:generate go run ./train -edition 2026-02

//go:embed models
var models embed.FS

//go:embed fillers.txt
var fillers string

// Reader understands messages about the rows of one edition. It is safe for
// concurrent use.
type Reader struct {
	base     *knowledge.Base
	edition  *knowledge.Edition
	lexicon  *lexicon
	model    *linear.Model
	rowIndex map[string]int
	firsts   []string
	open     [][]int // by ambiguity: its rows in this edition
	under    [][]int // by first level: its rows
	naming   [][]int // by licence: rows that ask for it
	near     [][]int // by outside topic: rows near it
	siblings [][]int // by row: rows easily mixed up with it
	names    *nameIndex
	scratch  sync.Pool
}

// Trained reports whether a model was trained for the rows of an edition.
func Trained(edition *knowledge.Edition) bool {
	_, err := fs.Stat(models, "models/"+edition.ID+".bin")
	return err == nil
}

// New builds the reader of an edition with the model that was trained for it.
// An edition that an operator has added, or a row in one, has none; its rows
// are then known by their wordings, and by what the model that knows most of
// them has learnt.
func New(base *knowledge.Base, edition *knowledge.Edition) (*Reader, error) {
	r := Untrained(base, edition)
	model, err := nearestModel(edition.ID, r.keys())
	if err != nil {
		return nil, fmt.Errorf("edition %s: %w", edition.ID, err)
	}
	if len(model.Signals) != signals {
		return nil, fmt.Errorf("edition %s: the model was trained with other signals; run go generate ./knowledge/match", edition.ID)
	}
	if !slices.Equal(model.Rows, r.keys()) {
		model = model.For(r.keys())
	}
	r.model = model
	return r, nil
}

// nearestModel is the edition's own model, or the one that knows most of the rows.
func nearestModel(id string, keys []string) (*linear.Model, error) {
	if data, err := models.ReadFile("models/" + id + ".bin"); err == nil {
		return linear.Unmarshal(data)
	}
	files, err := models.ReadDir("models")
	if err != nil {
		return nil, err
	}
	var nearest *linear.Model
	most := -1
	for _, file := range files {
		data, err := models.ReadFile("models/" + file.Name())
		if err != nil {
			return nil, err
		}
		model, err := linear.Unmarshal(data)
		if err != nil {
			return nil, err
		}
		known := 0
		for _, key := range keys {
			if slices.Contains(model.Rows, key) {
				known++
			}
		}
		if known > most {
			most, nearest = known, model
		}
	}
	return nearest, nil
}

// Untrained builds a reader without a model, whose evidence a model can be trained on. It cannot Read.
func Untrained(base *knowledge.Base, edition *knowledge.Edition) *Reader {
	r := &Reader{base: base, edition: edition, rowIndex: map[string]int{}, firsts: edition.Firsts()}
	for i, row := range edition.Rows {
		r.rowIndex[row.Key] = i
	}
	r.relate()
	r.lexicon = r.buildLexicon()
	r.names = r.newNameIndex()
	r.scratch.New = func() any { return new(reading) }
	return r
}

func (r *Reader) keys() []string {
	keys := make([]string, len(r.edition.Rows))
	for i, row := range r.edition.Rows {
		keys[i] = row.Key
	}
	return keys
}

// indexes are the places of rows in the edition; rows of other editions have none.
func (r *Reader) indexes(keys []string) []int {
	var at []int
	for _, key := range keys {
		if i, ok := r.rowIndex[key]; ok {
			at = append(at, i)
		}
	}
	return at
}

// counterparts are the places of rows, or of what stands for them in this
// edition; none where that is more than a saying may leave open.
func (r *Reader) counterparts(keys []string) []int {
	var at []int
	for _, key := range keys {
		rows, _ := r.base.Counterparts(key, r.edition)
		for _, i := range r.indexesOf(rows) {
			if !slices.Contains(at, i) {
				at = append(at, i)
			}
		}
	}
	if len(at) > mostOpen {
		return nil
	}
	return at
}

func (r *Reader) indexesOf(rows []*knowledge.Row) []int {
	at := make([]int, len(rows))
	for i, row := range rows {
		at[i] = r.rowIndex[row.Key]
	}
	return at
}

// relate works out which rows belong together.
func (r *Reader) relate() {
	r.siblings = make([][]int, len(r.edition.Rows))
	join := func(rows []int) {
		for _, a := range rows {
			for _, b := range rows {
				if a != b && !slices.Contains(r.siblings[a], b) {
					r.siblings[a] = append(r.siblings[a], b)
				}
			}
		}
	}
	for _, a := range r.base.Ambiguous {
		r.open = append(r.open, r.counterparts(a.Rows))
		join(r.open[len(r.open)-1])
	}
	for _, first := range r.firsts {
		r.under = append(r.under, r.indexesOf(r.edition.Under(first)))
		join(r.under[len(r.under)-1])
	}
	for _, l := range r.base.Licences {
		r.naming = append(r.naming, r.indexesOf(r.edition.Naming(l.Spellings()...)))
	}
	for _, t := range r.base.Outside {
		r.near = append(r.near, r.indexes(t.Near))
	}
}
