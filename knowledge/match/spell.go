package match

import (
	"unicode"

	"golang.org/x/text/width"
)

// Fold makes characters alike that people do not tell apart when they search:
// one width, lower case, simplified. It returns as many as text has.
func Fold(text string) []rune {
	folded := []rune(text)
	for i, r := range folded {
		if narrow := width.LookupRune(r).Folded(); narrow != 0 {
			r = narrow
		}
		folded[i] = simplify(unicode.ToLower(r))
	}
	return folded
}

// Pinyin spells folded characters: a toneless syllable of letters a to z for
// each, empty for what is no Chinese character. Of several readings it takes the one that the
// character has behind the one before it.
func Pinyin(folded []rune) []string {
	syllables := make([]string, len(folded))
	before := rune(0)
	for i, r := range folded {
		if s := soundOf(r); s != 0 {
			syllables[i] = soundAfter(before, r, s).String()
		}
		before = r
	}
	return syllables
}
