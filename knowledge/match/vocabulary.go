package match

import (
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
	for i, row := range r.edition.Rows {
		add(saysRow, i, knowledge.Sure, rowNames(row)...)
	}
	for _, w := range r.base.Wordings {
		if i, ok := r.rowIndex[w.Row]; ok {
			add(saysRow, i, w.Strength, w.Say)
		}
	}
	for i, l := range r.base.Licences {
		add(saysLicence, i, 0, append(l.Spellings(), l.Aliases...)...)
	}
	for i, a := range r.base.Ambiguous {
		if len(r.open[i]) > 1 {
			add(saysAmbiguity, i, 0, a.Say...)
		}
	}
	for i, t := range r.base.Outside {
		add(saysOutside, i, 0, t.Say...)
	}
	for i, first := range r.firsts {
		add(saysFirst, i, 0, first)
	}
	add(saysApplying, 0, 0, applyingSayings...)
	for line := range strings.Lines(fillers) {
		if !strings.HasPrefix(line, "#") {
			add(saysFiller, 0, 0, strings.Fields(line)...)
		}
	}
	return all
}

// rowNames are the ways a row's own name is written.
func rowNames(row *knowledge.Row) []string {
	first, name := row.First(), strings.Join(row.Path[1:], "/")
	return []string{name, first + name, first + "/" + name}
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
