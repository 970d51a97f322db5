package match

import (
	"slices"
	"strings"

	"zizhi/knowledge"
)

// buildLexicon enters everything that can be spotted.
func (r *Reader) buildLexicon() *lexicon {
	l := newLexicon()
	entries := r.sayings()
	for _, e := range entries {
		l.learnLatin(e.say)
	}
	looks := r.lookalikes()
	for _, e := range entries {
		l.add(e, looks)
	}
	return l
}

// sayings lists the vocabulary: names of rows first, so that they win where
// the same words mean something else as well.
func (r *Reader) sayings() []entry {
	var all []entry
	add := func(kind entryKind, ref int, strength knowledge.Strength, says ...string) {
		for _, say := range says {
			all = append(all, entry{say: say, kind: kind, ref: int32(ref), strength: strength})
		}
	}
	own := map[string]bool{} // a row's own name means that row, whatever else it could mean
	for _, n := range r.rowNames() {
		if len(n.rows) == 1 {
			own[n.say] = true
			add(saysRow, n.rows[0], knowledge.Sure, n.say)
		} else if len(n.rows) <= mostOpen {
			add(saysAmbiguity, r.openTo(n.rows), 0, n.say)
		}
	}
	for _, w := range r.wordings() {
		if len(w.rows) == 1 {
			add(saysRow, w.rows[0], w.strength, w.say)
		} else {
			add(saysAmbiguity, r.openTo(w.rows), 0, w.say)
		}
	}
	for i, l := range r.base.Licences {
		add(saysLicence, i, 0, append(l.Spellings(), l.Aliases...)...)
	}
	for _, say := range r.openSayings() {
		if !own[say.say] {
			add(saysAmbiguity, say.open, 0, say.say)
		}
	}
	for i, t := range r.base.Outside {
		if t.Edition == r.edition.ID {
			add(saysOutside, i, 0, t.Say...)
		}
	}
	for i, first := range r.firsts {
		add(saysFirst, i, 0, first)
	}
	add(saysApplying, 0, 0, applyingSayings...)
	add(saysNaming, 0, 0, namingSayings...)
	add(saysFiller, 0, 0, soundalikes...)
	for line := range strings.Lines(fillers) {
		if !strings.HasPrefix(line, "#") {
			add(saysFiller, 0, 0, strings.Fields(line)...)
		}
	}
	return all
}

// openSaying leaves the rows of an ambiguity open.
type openSaying struct {
	say  string
	open int
}

// openSayings are those that count in this edition: its own first, and general
// ones that none of its own repeats.
func (r *Reader) openSayings() []openSaying {
	var all []openSaying
	said := map[string]bool{}
	for _, edition := range []string{r.edition.ID, ""} {
		for i, a := range r.base.Ambiguous {
			if a.Edition != edition || len(r.open[i]) < 2 {
				continue
			}
			for _, say := range a.Say {
				if !said[say] {
					said[say] = true
					all = append(all, openSaying{say, i})
				}
			}
		}
	}
	return all
}

// meant is a wording with the rows of this edition that it stands for.
type meant struct {
	say      string
	rows     []int
	strength knowledge.Strength
}

// wordings are those that count in this edition. Its own come first; a general
// one counts for its row or, where the edition has another in its place, for
// the counterparts, unless its own wordings and ambiguities say the same.
func (r *Reader) wordings() []meant {
	var all []meant
	own := map[string]bool{}
	for _, a := range r.base.Ambiguous {
		for _, say := range a.Say {
			own[say] = own[say] || a.Edition == r.edition.ID
		}
	}
	for _, w := range r.base.Wordings {
		if i, ok := r.rowIndex[w.Row]; ok && w.Edition == r.edition.ID {
			own[w.Say] = true
			all = append(all, meant{w.Say, []int{i}, w.Strength})
		}
	}
	for _, w := range r.base.Wordings {
		if w.Edition != "" || own[w.Say] {
			continue
		}
		rows, _ := r.base.Counterparts(w.Row, r.edition)
		if len(rows) > 0 && len(rows) <= mostOpen {
			all = append(all, meant{w.Say, r.indexesOf(rows), w.Strength})
		}
	}
	return all
}

// mostOpen is how many rows a saying may leave open and still be of use.
const mostOpen = 5

// openTo is the number of the set of rows among those that sayings leave open.
func (r *Reader) openTo(rows []int) int {
	for i, open := range r.open {
		if slices.Equal(open, rows) {
			return i
		}
	}
	r.open = append(r.open, rows)
	return len(r.open) - 1
}

// rowNames are the ways in which rows' own names are written: the last level,
// the levels below the first, the whole path. A name that several rows share,
// such as that of the level above them, stands for all of them.
func (r *Reader) rowNames() []meant {
	var all []meant
	at := map[string]int{}
	add := func(name string, row int) {
		i, known := at[name]
		if !known {
			i = len(all)
			at[name] = i
			all = append(all, meant{say: name})
		}
		if !slices.Contains(all[i].rows, row) {
			all[i].rows = append(all[i].rows, row)
		}
	}
	for i, row := range r.edition.Rows {
		below := strings.Join(row.Path[1:], "/")
		for _, name := range []string{row.Name(), row.Path[1], below, row.First() + below, row.First() + "/" + below} {
			add(name, i)
		}
	}
	return all
}

func (r *Reader) lookalikes() map[rune][]rune {
	looks := map[rune][]rune{}
	for _, group := range r.base.Lookalikes {
		for _, a := range group {
			for _, b := range group {
				if a != b {
					looks[a] = append(looks[a], b)
				}
			}
		}
	}
	return looks
}
