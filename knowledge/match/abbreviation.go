package match

import (
	"bytes"
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/sahilm/fuzzy"

	"zizhi/knowledge"
)

// Abbreviations that people type: 证咨 for 证券、期货投资咨询, 器械销售, 增电许可.
// sahilm/fuzzy finds names that hold the typed characters in their order. Its
// score is no measure of meaning (a match deep in a name is punished), so
// matches are ranked by how closely the characters stand together, and a short
// abbreviation only ever leads to a question. Initials of pinyin (zb for 直播)
// are looked up as they are: they leave no characters to match loosely.
const (
	shortestAbbreviation = 2
	longestAbbreviation  = 8  // characters; fuzzy's score overflows beyond about 39, and nobody abbreviates so
	plainAbbreviation    = 3  // from here one that fits a single row is answered
	loosest              = 10 // characters of a name over which those of an abbreviation may be spread
)

// nameIndex lists what can be abbreviated: names of rows, and of licences.
type nameIndex struct {
	names    []string
	rows     [][]int          // by name: its rows
	initials map[string][]int // by first letters of the pinyin of a row's names and sure wordings: its rows
}

func (r *Reader) newNameIndex() *nameIndex {
	x := &nameIndex{initials: map[string][]int{}}
	for i, row := range r.edition.Rows {
		x.names, x.rows = append(x.names, row.Name()), append(x.rows, []int{i})
	}
	for i, l := range r.base.Licences {
		if len(r.naming[i]) > 0 {
			x.names, x.rows = append(x.names, l.Name), append(x.rows, r.naming[i])
		}
	}
	for _, n := range r.rowNames() {
		x.initial(n)
	}
	for _, w := range r.wordings() {
		if w.strength == knowledge.Sure {
			x.initial(w)
		}
	}
	return x
}

// initial enters a saying under its initials.
func (x *nameIndex) initial(m meant) {
	key := initialsOf(m.say)
	if key == "" || len(m.rows) > mostOpen {
		return
	}
	for _, row := range m.rows {
		if !slices.Contains(x.initials[key], row) {
			x.initials[key] = append(x.initials[key], row)
		}
	}
}

// initialsOf are the first letters of the syllables of a saying; "" where not
// all of it has a sound, or where they could be an English word.
func initialsOf(say string) string {
	var letters []byte
	for _, char := range say {
		if soundOf(char) == 0 {
			return ""
		}
		letters = append(letters, soundOf(char).String()[0])
	}
	if !isInitials(letters) {
		return ""
	}
	return string(letters)
}

// isInitials reports whether letters can be initials: hardly any syllable
// begins with a vowel, and hardly any English word does without.
func isInitials(letters []byte) bool {
	return len(letters) >= shortestAbbreviation && len(letters) <= longestAbbreviation && !bytes.ContainsAny(letters, "aeiou")
}

// abbreviated reads a message that, but for the words of asking, is an
// abbreviation; false where it is none.
func (r *Reader) abbreviated(g *reading) (Meaning, bool) {
	core, plain := g.core()
	if letters, ok := g.initials(); ok {
		m, found := r.shortFor(g, letters, r.names.initials[letters])
		if !found && core == letters { // whatever n-grams make of letters alone is an accident
			return r.none(g), true
		}
		return m, found
	}
	if plain && g.score(0) < sureRow {
		return r.shortFor(g, core, r.names.find(core))
	}
	return Meaning{}, false
}

// shortFor makes up its mind about the rows that an abbreviation may stand for.
func (r *Reader) shortFor(g *reading, short string, rows []int) (Meaning, bool) {
	switch {
	case len(rows) == 0 || len(rows) > maxRows:
		return Meaning{}, false
	case len(rows) == 1 && utf8.RuneCountInString(short) >= plainAbbreviation:
		return r.answer(g, []candidate{{rows[0], sureRow}}, nil), true
	case len(rows) == 1:
		m := r.none(g)
		m.Near = r.rows([]candidate{{row: rows[0]}})
		return m, true
	}
	var list []candidate
	for _, row := range rows {
		list = append(list, candidate{row, g.scores.Rows[row]})
	}
	return r.clarify(g, list), true
}

// initials are the only Latin letters of a message that asks for something, or
// is nothing else, where nothing was spotted that could be a subject.
func (g *reading) initials() (string, bool) {
	if slices.ContainsFunc(g.spots, func(s spot) bool { return !s.entries[0].asks() }) {
		return "", false
	}
	var letters []byte
	end, others := 0, false // of the run of letters; whether anything else stands in the message
	for i, u := range g.text.units {
		switch {
		case u.char < 'a' || u.char > 'z':
			others = others || u.char != gap
		case len(letters) > 0 && end != i:
			return "", false
		default:
			letters, end = append(letters, byte(u.char)), i+1
		}
	}
	return string(letters), isInitials(letters) && (!others || g.asking() >= naming)
}

// core is what is left of a message without the words of asking; false where
// something was spotted in it or too much or too little is left.
func (g *reading) core() (string, bool) {
	var core []rune
	next := 0
	for i, u := range g.text.units {
		for next < len(g.spots) && g.spots[next].to <= i {
			next++
		}
		if next < len(g.spots) && g.spots[next].from <= i {
			if !g.spots[next].entries[0].asks() {
				return "", false
			}
			continue
		}
		if u.char == 0 || len(core) == longestAbbreviation {
			return "", false
		}
		if u.char != gap && !asideChars[u.char] {
			core = append(core, u.char)
		}
	}
	return string(core), len(core) >= shortestAbbreviation
}

// asideChars are characters of asking that name nothing.
var asideChars = map[rune]bool{'要': true, '需': true, '的': true, '做': true, '办': true, '是': true, '有': true, '吗': true, '呢': true, '啊': true, '呀': true, '我': true, '想': true, '个': true, '请': true, '问': true, '那': true}

// find are the rows of the names that hold the characters closest together.
func (x *nameIndex) find(pattern string) []int {
	matches := fuzzy.Find(pattern, x.names)
	best := loosest + 1
	var rows []int
	for _, m := range matches {
		spread := spreadOf(m)
		if first := m.MatchedIndexes[0]; first > 0 && utf8.RuneCountInString(pattern) < plainAbbreviation {
			continue // two characters: the first must begin the name
		}
		switch c := cmp.Compare(spread, best); {
		case c < 0:
			best, rows = spread, slices.Clone(x.rows[m.Index])
		case c == 0:
			rows = append(rows, x.rows[m.Index]...)
		}
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

// spreadOf is over how many characters of the name a match is spread. The
// library counts bytes.
func spreadOf(m fuzzy.Match) int {
	last := len(m.MatchedIndexes) - 1
	return utf8.RuneCountInString(m.Str[m.MatchedIndexes[0]:m.MatchedIndexes[last]]) + 1
}
