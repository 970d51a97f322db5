package match

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxUnits bounds what is read of a message. The longest question of the
// labelled sets has 131 characters; what stands further down is not a question.
const maxUnits = 320

// unit is one character of a text, or one syllable of pinyin typed in Latin letters.
type unit struct {
	char    rune // folded; 0 for a typed syllable, gap for whatever separates
	sound   sound
	near    sound // sound after near-homophones have been folded together
	negated bool  // stands in the scope of a 不…, 没有…, 除了…
	listing bool  // of a gap: stands between the items of a list, as 、 does
	inside  bool  // stands in brackets
}

// gap stands for punctuation, spaces, emoji: whatever separates words.
const gap = ','

// text is a message made ready for reading: one width, one case, simplified
// characters, typed pinyin as syllables, noise and frames of forwards removed.
type text struct {
	units  []unit
	shown  []rune // what each unit looked like to its writer: the folded character, or the first letter of a syllable
	letter []byte // scratch: a run of Latin letters and digits
	inside bool   // scratch: what is read stands in brackets
}

// read folds raw into t, which is emptied first. latin reports whether a
// run of Latin letters is a word of its own (p2p, icp) and so not pinyin.
func (t *text) read(raw string, latin func(string) bool) {
	t.units, t.shown, t.letter, t.inside = t.units[:0], t.shown[:0], t.letter[:0], false
	raw = unframe(raw)
	if !norm.NFKC.IsNormalString(raw) {
		raw = norm.NFKC.String(raw)
	}
	for i := 0; i < len(raw) && len(t.units) < maxUnits; {
		r, size := utf8.DecodeRuneInString(raw[i:])
		if n := noiseLength(raw[i:]); n > 0 {
			t.endLatin(latin)
			t.gap()
			i += n
			continue
		}
		i += size
		t.inside = t.inside || r == '(' && closes(raw[i:])
		t.add(r, latin)
		t.inside = t.inside && r != ')'
	}
	t.endLatin(latin)
	t.trim()
	markNegation(t.units)
}

func (t *text) add(r rune, latin func(string) bool) {
	switch {
	case r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)):
		t.letter = append(t.letter, byte(unicode.ToLower(r)))
	case unicode.Is(unicode.Han, r):
		t.endLatin(latin)
		t.han(simplify(r))
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		t.endLatin(latin)
		t.push(unit{char: unicode.ToLower(r)}, r)
	case r == '《' || r == '》':
		// 持有《…》 is said in one breath
	case strings.ContainsRune("√✓✔✅", r):
		t.endLatin(latin)
		t.han('有')
	case strings.ContainsRune("×✗✘❌", r):
		t.endLatin(latin)
		t.han('无')
	case r == '\'' || r == '’' || r == '\u200b' || r == '\ufe0f' || unicode.Is(unicode.Mn, r):
		// within a word: xi'an, or a mark on the character before
	default:
		t.endLatin(latin)
		t.separate(r)
	}
}

// han adds a Chinese character. Three and more of the same in a row count as one: 急急急.
func (t *text) han(r rune) {
	n := len(t.units)
	if n >= 2 && t.units[n-1].char == r && t.units[n-2].char == r {
		return
	}
	s := soundOf(r)
	if n > 0 {
		s = soundAfter(t.units[n-1].char, r, s)
	}
	t.push(unit{char: r, sound: s, near: nearSound(s)}, r)
}

// closes reports whether a bracket is closed soon; one that is not is a smiley.
func closes(rest string) bool {
	const longest = 120 // bytes
	end := strings.IndexAny(rest, "()")
	return end >= 0 && end < longest && rest[end] == ')'
}

func (t *text) push(u unit, shown rune) {
	u.inside = t.inside
	t.units = append(t.units, u)
	t.shown = append(t.shown, shown)
}

// separate takes in a character between words. Spaces beside a 、 change nothing.
func (t *text) separate(r rune) {
	fresh := len(t.units) > 0 && t.units[len(t.units)-1].char != gap
	t.gap()
	if n := len(t.units); n > 0 && !unicode.IsSpace(r) {
		last := &t.units[n-1]
		last.listing = strings.ContainsRune("、/&+", r) && (fresh || last.listing)
	}
}

func (t *text) gap() {
	if n := len(t.units); n > 0 && t.units[n-1].char != gap {
		t.push(unit{char: gap}, ' ')
	}
}

// endLatin takes in the run of letters that has just ended: a word that is known, or pinyin, or single letters.
func (t *text) endLatin(latin func(string) bool) {
	if len(t.letter) == 0 {
		return
	}
	word := string(t.letter)
	t.letter = t.letter[:0]
	if !latin(word) {
		var room [32]sound
		if syllables, ok := splitPinyin(word, room[:0]); ok {
			t.syllables(syllables)
			return
		}
	}
	for _, r := range word {
		t.push(unit{char: r}, r)
	}
}

// syllables adds typed pinyin; a space between two typed syllables separates nothing.
func (t *text) syllables(list []sound) {
	if n := len(t.units); n >= 2 && t.units[n-1].char == gap && t.units[n-2].char == 0 {
		t.units, t.shown = t.units[:n-1], t.shown[:n-1]
	}
	for _, s := range list {
		t.push(unit{sound: s, near: nearSound(s)}, '·')
	}
}

// typed reports whether most of the text is typed in pinyin.
func (t *text) typed() bool {
	n := 0
	for _, u := range t.units {
		if u.char == 0 {
			n++
		}
	}
	return n > len(t.units)/2
}

func (t *text) trim() {
	if n := len(t.units); n > 0 && t.units[n-1].char == gap {
		t.units, t.shown = t.units[:n-1], t.shown[:n-1]
	}
}

// surface is the piece of the text between two units, for people to read.
func (t *text) surface(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		switch u := t.units[i]; {
		case u.char == 0:
			b.WriteString(u.sound.String())
		case u.char == gap:
			b.WriteByte(' ')
		default:
			b.WriteRune(u.char)
		}
	}
	return b.String()
}

// noiseLength is the length in bytes of a link, a telephone or other long
// number at the beginning of s; 0 where there is none.
func noiseLength(s string) int {
	if s[0] == 'h' && (strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")) {
		end := strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII || unicode.IsSpace(r) })
		if end < 0 {
			return len(s)
		}
		return end
	}
	digits := 0
	for digits < len(s) && (s[digits] >= '0' && s[digits] <= '9' || digits > 0 && s[digits] == '-') {
		digits++
	}
	if digits >= 7 { // shorter ones are years, amounts, room numbers
		return digits
	}
	return 0
}

//go:generate go run ./simplified

//go:embed simplified.txt
var simplifiedTable string

// simplified maps a traditional character of the basic plane to its simplified form.
var simplified = loadSimplified()

func loadSimplified() *[0x10000]uint16 {
	var table [0x10000]uint16
	for line := range strings.Lines(simplifiedTable) {
		pair := []rune(strings.TrimSpace(line))
		if len(pair) == 0 || pair[0] == '#' {
			continue
		}
		for i := 0; i+1 < len(pair); i += 2 {
			table[pair[i]] = uint16(pair[i+1])
		}
	}
	for from, to := range regional {
		table[from] = uint16(to)
	}
	return &table
}

// regional adds what OpenCC leaves alone because it can be right in either
// script, but which in questions stands for the plain word.
var regional = map[rune]rune{'妳': '你', '甚': '什', '咗': '了', '嘅': '的', '喺': '在', '嚟': '来', '冇': '没', '佢': '他', '喇': '了', '帐': '账'}

func simplify(r rune) rune {
	if r < 0x10000 {
		if s := simplified[r]; s != 0 {
			return rune(s)
		}
	}
	return r
}
