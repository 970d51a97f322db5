package match

import (
	"slices"
	"strings"

	"github.com/mozillazg/go-pinyin"
)

// sound is a toneless syllable of Mandarin: an index into sounds.names. 0 is no sound.
type sound uint16

func (s sound) String() string { return sounds.names[s] }

const (
	firstHan = 0x4E00 // the unified ideographs, to which go-pinyin's readings are limited here
	lastHan  = 0x9FFF
)

// soundTable holds every syllable that characters have, and what follows from them.
type soundTable struct {
	names  []string
	ids    map[string]sound
	near   []sound                       // by sound: what it is after folding near-homophones together
	ofChar [lastHan - firstHan + 1]sound // a character's first reading
	others map[rune][]sound              // its further readings
	after  map[[2]rune]sound             // its reading behind a certain character
}

var sounds = loadSounds()

// wordReadings corrects first readings that are wrong inside everyday words of
// this field. Only the last character of each word is meant.
var wordReadings = map[string]string{
	"银行": "hang", "同行": "hang", "商行": "hang", "车行": "hang", "央行": "hang", "琴行": "hang",
	"音乐": "yue", "声乐": "yue", "器乐": "yue", "民乐": "yue",
	"家长": "zhang", "校长": "zhang", "院长": "zhang", "什么": "me", "怎么": "me", "那么": "me",
}

func loadSounds() *soundTable {
	t := &soundTable{names: []string{""}, ids: map[string]sound{}, others: map[rune][]sound{}, after: map[[2]rune]sound{}}
	args := pinyin.NewArgs()
	args.Heteronym = true
	for r := rune(firstHan); r <= lastHan; r++ {
		for i, reading := range pinyin.SinglePinyin(r, args) {
			s := t.id(reading)
			if i == 0 {
				t.ofChar[r-firstHan] = s
			} else if s != t.ofChar[r-firstHan] && !slices.Contains(t.others[r], s) {
				t.others[r] = append(t.others[r], s)
			}
		}
	}
	for word, reading := range wordReadings {
		chars := []rune(word)
		t.after[[2]rune(chars)] = t.id(reading)
	}
	for s := sound(0); int(s) < len(t.names); s++ { // foldNear may add a name, which then folds to itself
		t.near = append(t.near, t.id(foldNear(t.names[s])))
	}
	return t
}

func (t *soundTable) id(name string) sound {
	if s, ok := t.ids[name]; ok || name == "" {
		return s
	}
	s := sound(len(t.names))
	t.names = append(t.names, name)
	t.ids[name] = s
	return s
}

func soundOf(r rune) sound {
	if r < firstHan || r > lastHan {
		return 0
	}
	return sounds.ofChar[r-firstHan]
}

// soundAfter is the sound of a character behind another; usual is its first reading.
func soundAfter(before, r rune, usual sound) sound {
	if s, ok := sounds.after[[2]rune{before, r}]; ok {
		return s
	}
	return usual
}

func nearSound(s sound) sound { return sounds.near[s] }

// foldNear folds what southern speakers and hasty typists do not tell apart:
// zh/z, ch/c, sh/s, initial n/l, and the endings ang/an, eng/en, ing/in.
func foldNear(syllable string) string {
	for _, pair := range [][2]string{{"zh", "z"}, {"ch", "c"}, {"sh", "s"}, {"n", "l"}} {
		if strings.HasPrefix(syllable, pair[0]) {
			syllable = pair[1] + syllable[len(pair[0]):]
			break
		}
	}
	for _, ending := range []string{"ang", "eng", "ing"} {
		if strings.HasSuffix(syllable, ending) {
			return syllable[:len(syllable)-1]
		}
	}
	return syllable
}

const longestSyllable = 6 // zhuang

// splitPinyin reads a run of letters as pinyin syllables, into room. Of several
// ways the one with the longest syllables from the left wins: xian is one, not xi an.
// A run that is not pinyin from end to end, or a single letter, is none.
func splitPinyin(letters string, room []sound) ([]sound, bool) {
	if len(letters) < 2 || len(letters) > 60 {
		return nil, false
	}
	var dead [61]bool // places from which the rest cannot be split
	return splitFrom(letters, 0, room, &dead)
}

func splitFrom(letters string, at int, found []sound, dead *[61]bool) ([]sound, bool) {
	if at == len(letters) {
		return found, true
	}
	if dead[at] {
		return nil, false
	}
	for n := min(longestSyllable, len(letters)-at); n > 0; n-- {
		s, ok := sounds.ids[letters[at:at+n]]
		if !ok || n == 1 && letters[at] != 'a' && letters[at] != 'e' && letters[at] != 'o' {
			continue
		}
		if all, ok := splitFrom(letters, at+n, append(found, s), dead); ok {
			return all, true
		}
	}
	dead[at] = true
	return nil, false
}
