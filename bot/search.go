package bot

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sahilm/fuzzy"

	"zizhi/knowledge"
	"zizhi/knowledge/match"
)

// Hit is a row that was found, with what was found in it.
type Hit struct {
	Key     string    `json:"key"`
	Path    [][]Piece `json:"path"`              // the levels of the row
	Licence []Piece   `json:"licence,omitempty"` // a document of the row, or another name of it
	Means   string    `json:"means,omitempty"`   // with another name: the document
}

// Piece is a part of a name that was found, or was not.
type Piece struct {
	Text  string `json:"text"`
	Found bool   `json:"found,omitempty"`
}

const (
	longestTyped = 32 // characters that are searched for; the score of fuzzy overflows at 39
	mostHits     = 60
)

// Search finds the rows of an edition by what somebody has typed so far: parts
// of a row's names, of the names of its documents, or the pinyin of either.
// Each of several words must be found. Best first: what was found in one piece
// before what has gaps, a row's own name before its category's before a
// document's.
func (x *Expert) Search(edition, typed string) ([]Hit, error) {
	e, err := x.named(edition)
	if err != nil {
		return nil, err
	}
	words := typedWords(typed)
	names := x.searchedNames(e)
	var all []*finding
	for i, word := range words {
		best := bestOf(names, word)
		if i == 0 {
			all = inOrder(e.Rows, best)
			continue
		}
		all = slices.DeleteFunc(all, func(f *finding) bool { return !f.join(best[f.row]) })
	}
	slices.SortStableFunc(all, func(a, b *finding) int { return slices.Compare(a.rank[:], b.rank[:]) })
	hits := []Hit{}
	for _, f := range all {
		if len(hits) < mostHits && !f.chance(all[0]) {
			hits = append(hits, f.hit())
		}
	}
	return hits, nil
}

func inOrder(rows []*knowledge.Row, best map[*knowledge.Row]*finding) []*finding {
	var all []*finding
	for _, row := range rows {
		if f := best[row]; f != nil {
			all = append(all, f)
		}
	}
	return all
}

// typedWords cuts what was typed at all that is no letter or digit. The
// apostrophe of xi'an is no cut.
func typedWords(typed string) []string {
	var words []string
	room := longestTyped
	letters := strings.ReplaceAll(string(match.Fold(typed)), "'", "")
	for word := range strings.FieldsFuncSeq(letters, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		runes := []rune(word)
		runes = runes[:min(room, len(runes))]
		if room -= len(runes); len(runes) > 0 {
			words = append(words, string(runes))
		}
	}
	return words
}

// searchedName is a name by which rows are found.
type searchedName struct {
	shown  string // 社交/直播
	folded string // with as many characters
	means  string // the document, where shown is another name of it
	rows   []*knowledge.Row
	isPath bool

	letters string // pinyin with a capital for each character: SheJiaoZhiBo
	char    []int  // by letter: the character that it spells
}

func newName(shown string, rows ...*knowledge.Row) *searchedName {
	folded := match.Fold(shown)
	n := &searchedName{shown: shown, folded: string(folded), rows: rows}
	for i, syllable := range match.Pinyin(folded) {
		if syllable != "" {
			n.letters += strings.ToUpper(syllable[:1]) + syllable[1:]
			n.char = append(n.char, slices.Repeat([]int{i}, len(syllable))...)
		}
	}
	return n
}

// searchedNames are the paths of rows, and the documents with their other names.
func (x *Expert) searchedNames(e *knowledge.Edition) []*searchedName {
	var paths, documents []*searchedName
	known := map[string]*searchedName{}
	for _, row := range e.Rows {
		path := newName(row.Key, row)
		path.isPath = true
		paths = append(paths, path)
		for _, doc := range row.Need.Documents() {
			n := known[doc.Name]
			if n == nil {
				n = newName(doc.Name)
				known[doc.Name] = n
				documents = append(documents, n)
			}
			n.rows = append(n.rows, row)
		}
	}
	for _, l := range x.Base.Licences {
		for _, spelling := range l.Spellings() {
			if n := known[spelling]; n != nil {
				documents = append(documents, aliases(l, n)...)
			}
		}
	}
	return append(paths, documents...)
}

func aliases(l *knowledge.Licence, document *searchedName) []*searchedName {
	var names []*searchedName
	for _, alias := range l.Aliases {
		n := newName(alias, document.rows...)
		n.means = document.shown
		names = append(names, n)
	}
	return names
}

// rank orders findings, the smallest first: gaps, whether it is by sound, the
// field, and how much of the field was not typed.
type rank [4]int

// finding is a row with the characters of names that were found.
type finding struct {
	row     *knowledge.Row
	rank    rank
	path    []int // characters of the row's key
	licence *searchedName
	marked  []int // characters of licence
}

// bestOf finds a word in names: for each row where it was found best.
func bestOf(names []*searchedName, word string) map[*knowledge.Row]*finding {
	best := map[*knowledge.Row]*finding{}
	keep := func(i int, at []int, gaps, bySound int) {
		n := names[i]
		for _, row := range n.rows {
			f := n.finding(row, at, gaps, bySound)
			if before := best[row]; before == nil || slices.Compare(f.rank[:], before.rank[:]) < 0 {
				best[row] = f
			}
		}
	}
	for i, at := range found(word, names, (*searchedName).text, strings.LastIndex) {
		chars := charsAt(names[i].folded, at)
		keep(i, chars, gapsIn(chars), 0)
	}
	if !latin(word) {
		return best
	}
	for i, at := range found(word, names, (*searchedName).spelling, atCapital) {
		if chars, ok := names[i].spelled(at); ok {
			keep(i, chars, gapsIn(chars), 1)
		}
	}
	return best
}

func (n *searchedName) text() string     { return n.folded }
func (n *searchedName) spelling() string { return n.letters }

func latin(word string) bool {
	return len(word) > 1 && !strings.ContainsFunc(word, func(r rune) bool { return r >= utf8.RuneSelf || !unicode.IsLetter(r) })
}

// nameList lets fuzzy go through names.
type nameList struct {
	names []*searchedName
	text  func(*searchedName) string
}

func (l nameList) Len() int            { return len(l.names) }
func (l nameList) String(i int) string { return l.text(l.names[i]) }

// found lists, by the place of the name, the bytes at which the characters of
// word were found. fuzzy may pass over a whole word behind a scattered one, so
// whole looks for that.
func found(word string, names []*searchedName, text func(*searchedName) string, whole func(text, word string) int) map[int][]int {
	all := map[int][]int{}
	for _, m := range fuzzy.FindFromNoSort(word, nameList{names, text}) {
		all[m.Index] = m.MatchedIndexes
		if start := whole(m.Str, word); start >= 0 {
			all[m.Index] = nil
			for i := range word {
				all[m.Index] = append(all[m.Index], start+i)
			}
		}
	}
	return all
}

// atCapital is where word last stands in one piece, from a capital; -1 is nowhere. Both are ASCII.
func atCapital(letters, word string) int {
	for i := len(letters) - len(word); i >= 0; i-- {
		if 'A' <= letters[i] && letters[i] <= 'Z' && strings.EqualFold(letters[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}

// charsAt turns places in bytes into places in characters.
func charsAt(text string, bytes []int) []int {
	chars := make([]int, len(bytes))
	for i, at := range bytes {
		chars[i] = utf8.RuneCountInString(text[:at])
	}
	return chars
}

// spelled are the characters whose syllables begin at the letters that were
// found. A letter must be a syllable's first or follow the one before it: zhibo, zhbo and zb spell 直播, hb does not.
func (n *searchedName) spelled(letters []int) (chars []int, ok bool) {
	for i, at := range letters {
		first := at == 0 || n.char[at-1] != n.char[at]
		follows := i > 0 && letters[i-1] == at-1
		if !first && !follows {
			return nil, false
		}
		if len(chars) == 0 || chars[len(chars)-1] != n.char[at] {
			chars = append(chars, n.char[at])
		}
	}
	return chars, true
}

func gapsIn(chars []int) int {
	gaps := 0
	for i := 1; i < len(chars); i++ {
		if chars[i] != chars[i-1]+1 {
			gaps++
		}
	}
	return gaps
}

// The fields of a row in the order of their weight.
const (
	ownName = iota
	category
	licenceName
	licenceAlias
)

func (n *searchedName) finding(row *knowledge.Row, chars []int, gaps, bySound int) *finding {
	f := &finding{row: row, rank: rank{gaps, bySound, licenceName, utf8.RuneCountInString(n.shown) - len(chars)}}
	switch own := utf8.RuneCountInString(row.Name()); {
	case n.isPath && chars[0] >= utf8.RuneCountInString(row.Key)-own:
		f.rank[2], f.rank[3], f.path = ownName, own-len(chars), chars
	case n.isPath:
		f.rank[2], f.rank[3], f.path = category, 0, chars
	case n.means != "":
		f.rank[2] = licenceAlias
		fallthrough
	default:
		f.licence, f.marked = n, chars
	}
	return f
}

// chance reports whether f is too scattered to be meant, beside the best: one
// more gap may be, but not in what only sounds so.
func (f *finding) chance(best *finding) bool {
	more := f.rank[0] - best.rank[0]
	return more > 1 || more == 1 && f.rank[1] > 0
}

// join adds what was found of a further word; false where nothing was.
func (f *finding) join(other *finding) bool {
	if other == nil {
		return false
	}
	for i := range f.rank {
		f.rank[i] += other.rank[i]
	}
	f.path = slices.Concat(f.path, other.path) // others share the slices
	switch {
	case f.licence == nil:
		f.licence, f.marked = other.licence, other.marked
	case f.licence == other.licence:
		f.marked = slices.Concat(f.marked, other.marked)
	}
	return true
}

func (f *finding) hit() Hit {
	h := Hit{Key: f.row.Key}
	start := 0
	for _, level := range f.row.Path {
		h.Path = append(h.Path, pieces(level, f.path, start))
		start += utf8.RuneCountInString(level) + len("/")
	}
	if f.licence != nil {
		h.Licence, h.Means = pieces(f.licence.shown, f.marked, 0), f.licence.means
	}
	return h
}

// pieces cuts a text where found characters begin and end; start is the place of its first.
func pieces(text string, found []int, start int) []Piece {
	var all []Piece
	for i, r := range []rune(text) {
		is := slices.Contains(found, start+i)
		if i == 0 || all[len(all)-1].Found != is {
			all = append(all, Piece{Found: is})
		}
		all[len(all)-1].Text += string(r)
	}
	return all
}
