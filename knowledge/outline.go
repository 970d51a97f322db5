package knowledge

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// outline is a line of official words with the numbered lines below it.
type outline struct {
	line  string
	note  string // behind 注：
	items []*outline
}

// mark is a number that begins a line.
type mark struct {
	style  int // index into markStyles
	number int
}

// markStyles are the ways of numbering, those first that begin like others.
var markStyles = []*regexp.Regexp{
	regexp.MustCompile(`^资质(\d+)[，：]`),
	regexp.MustCompile(`^(\d+)、`),
	regexp.MustCompile(`^[（(]\d+\.(\d+)[）)]`),
	regexp.MustCompile(`^[（(](\d+)[）)]`),
	regexp.MustCompile(`^\d+\.(\d+)\s`),
	regexp.MustCompile(`^(\d+)\.()[^\d\s]`), // the number ends at ()
	regexp.MustCompile(`^(\d+)[）)]`),
	regexp.MustCompile(`^([①-⑳])`),
	regexp.MustCompile(`^([一二三四五六七八九十]+)[、：]`),
}

// readMark reads a number at the start of text; length 0 where there is none.
func readMark(text string) (m mark, length int) {
	for style, pattern := range markStyles {
		at := pattern.FindStringSubmatchIndex(text)
		if at == nil {
			continue
		}
		length = at[1]
		if len(at) > 4 {
			length = at[4]
		}
		return mark{style, numeral(text[at[2]:at[3]])}, length
	}
	return mark{}, 0
}

// numeral reads 12, ⑫ and 十二; 0 for what is none of these.
func numeral(text string) int {
	n := 0
	for _, r := range text {
		digit := strings.IndexRune("一二三四五六七八九", r) / len("一")
		switch {
		case r >= '①' && r <= '⑳':
			n = int(r-'①') + 1
		case r >= '0' && r <= '9':
			n = min(n*10+int(r-'0'), 1000)
		case r == '十':
			n = max(n, 1) * 10
		case strings.ContainsRune("一二三四五六七八九", r):
			n += digit + 1
		}
	}
	return n
}

// piece is a number with the words behind it, up to the next number.
type piece struct {
	mark       mark
	line, note string
}

var noteMark = regexp.MustCompile(`^注[:：]\s*`)

// pieces cuts words at their numbers. A number stands at the start, behind a
// space or a stop, and never inside brackets, quotes or 《》.
func pieces(words string) []piece {
	all := []piece{{}}
	atBreak, inNote := true, false
	for rest := words; rest != ""; {
		size, text := span(rest), &all[len(all)-1].line
		if inNote {
			text = &all[len(all)-1].note
		}
		var m mark
		var length int
		var note string
		if atBreak {
			m, length = readMark(rest)
			note = noteMark.FindString(rest)
		}
		switch {
		case length > 0:
			all = append(all, piece{mark: m})
			size, inNote = length, false
		case note != "":
			size, inNote = len(note), true
		default:
			*text += rest[:size]
			last, _ := utf8.DecodeLastRuneInString(rest[:size])
			atBreak = unicode.IsSpace(last) || strings.ContainsRune("：；。", last)
		}
		rest = rest[size:]
	}
	return all
}

// deepest bounds how deep lists stand in lists.
const deepest = 4

// readOutline reads words into the tree of their numbers.
func readOutline(words string) (*outline, error) {
	type list struct {
		last  mark
		owner *outline
	}
	all := pieces(words)
	root := all[0].outline()
	latest := root
	var open []list // outermost first
	for _, p := range all[1:] {
		at := len(open) - 1
		for at >= 0 && p.mark != (mark{open[at].last.style, open[at].last.number + 1}) {
			at--
		}
		switch {
		case at >= 0:
			open = open[:at+1]
			open[at].last = p.mark
		case p.mark.number != 1:
			return nil, fmt.Errorf("the number before %q does not go on with a list", p.line)
		case len(open) == deepest:
			return nil, fmt.Errorf("a list deeper than %d lists before %q", deepest, p.line)
		default:
			open = append(open, list{p.mark, latest})
		}
		latest = p.outline()
		owner := open[len(open)-1].owner
		owner.items = append(owner.items, latest)
	}
	return root, nil
}

func (p piece) outline() *outline {
	return &outline{line: strings.TrimSpace(p.line), note: strings.TrimSpace(p.note)}
}

// closing has the end of what is read as a whole, by its start. The tables mix
// half- and full-width brackets, so either closes either.
var closing = map[rune]string{'《': "》", '“': "”", '（': "）)", '(': "）)", '【': "】"}

// opens has the starts that nest in a run, by its start. A quote inside
// brackets does not count: the tables often close it with another “.
var opens = map[rune]string{'《': "《", '“': "“", '（': "（(", '(': "（(", '【': "【"}

// span is the length of the first character of text, or, where that opens
// brackets, quotes or 《》, of all up to where they close. What is not closed
// counts as a character.
func span(text string) int {
	first, size := utf8.DecodeRuneInString(text)
	if closing[first] == "" {
		return size
	}
	depth := 0
	for i, r := range text {
		switch {
		case strings.ContainsRune(opens[first], r):
			depth++
		case strings.ContainsRune(closing[first], r):
			depth--
		}
		if depth == 0 {
			return i + utf8.RuneLen(r)
		}
	}
	return size
}

// closed reports whether text begins with one of starts, brackets, quotes or 《, and closes it; inner is what is between.
func closed(text, starts string) (inner string, length int, ok bool) {
	first, size := utf8.DecodeRuneInString(text)
	length = span(text)
	if text == "" || !strings.ContainsRune(starts, first) || length == size {
		return "", 0, false
	}
	_, end := utf8.DecodeLastRuneInString(text[:length])
	return text[size : length-end], length, true
}
