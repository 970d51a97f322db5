package match

import (
	"slices"
	"strings"

	"zizhi/knowledge"
)

// entryKind says what a saying of the lexicon points to.
type entryKind uint8

const (
	saysRow       entryKind = iota // a wording of a row
	saysAmbiguity                  // several rows at once
	saysFirst                      // a first-level category
	saysLicence                    // a licence, by name or alias
	saysOutside                    // a topic that is not in the table
	saysApplying                   // shows that the message is about qualifications: 资质, 类目
	saysNaming                     // names papers of any matter: 材料, 要什么
	saysFiller                     // an everyday word of such questions that sounds like a wording: 注册 and 租车
)

// entry is one meaning of a saying.
type entry struct {
	say      string
	kind     entryKind
	ref      int32              // index of the row, ambiguity, first level, licence or topic
	strength knowledge.Strength // of a row's wording
}

// asks reports whether an entry only belongs to how people ask, and names nothing.
func (e entry) asks() bool {
	return e.kind == saysApplying || e.kind == saysNaming || e.kind == saysFiller
}

// quality says how well a spotted saying agrees with the text.
type quality uint8

const (
	bySound quality = iota // homophones, typed pinyin
	byShape                // one look-alike character
	exact
)

// spot is a saying found in a text.
type spot struct {
	from, to int // units
	quality  quality
	negated  bool
	entries  []entry // all meanings of the saying
}

// lexicon finds sayings in a text. It is read only once built.
type lexicon struct {
	byChars map[uint64][]entry
	byLook  map[uint64]uint32 // misspelt with one look-alike: place in looks
	looks   [][]entry         // a saying's meanings
	lookOf  map[uint64]uint32 // a saying as it is written: place in looks
	bySound map[uint64][]entry
	latin   map[string]bool // Latin words that are sayings or parts of them
	// Filters: for the first two characters, or sounds, the lengths of the
	// sayings that may begin so, a bit each. They spare most look-ups.
	charLengths  [1 << lengthBits]uint32
	soundLengths [1 << lengthBits]uint32
}

const lengthBits = 16 // of the filters' index: 2 × 256 KB

const longestSaying = 31 // units; lengths are bits of a uint32

func newLexicon() *lexicon {
	return &lexicon{byChars: map[uint64][]entry{}, byLook: map[uint64]uint32{}, lookOf: map[uint64]uint32{}, bySound: map[uint64][]entry{}, latin: map[string]bool{}}
}

// learnLatin collects the Latin words of a saying, which from then on are not read as pinyin.
func (l *lexicon) learnLatin(say string) {
	word := func(r rune) bool { return r > 'z' || r < '0' || r > '9' && r < 'a' }
	for _, w := range strings.FieldsFunc(strings.ToLower(say), word) {
		l.latin[w] = true
	}
}

func (l *lexicon) isLatin(word string) bool { return l.latin[word] }

// add enters a saying. All Latin words must have been learnt before.
func (l *lexicon) add(e entry, lookalikes map[rune][]rune) {
	var t text
	t.read(e.say, l.isLatin)
	l.enter(t.units, e, lookalikes)
	if squeezed := withoutGaps(t.units); len(squeezed) < len(t.units) {
		l.enter(squeezed, e, lookalikes)
	}
}

func withoutGaps(units []unit) []unit {
	return slices.DeleteFunc(slices.Clone(units), func(u unit) bool { return u.char == gap })
}

func (l *lexicon) enter(units []unit, e entry, lookalikes map[rune][]rune) {
	n := len(units)
	if n == 0 || n > longestSaying {
		return
	}
	key := charKey(units)
	if hasEntry(l.byChars[key], e) {
		return
	}
	l.byChars[key] = append(l.byChars[key], e)
	l.charLengths[charStart(units)] |= 1 << n
	if n == 1 {
		return
	}
	if key, ok := soundKey(units); ok {
		l.bySound[key] = append(l.bySound[key], e)
		l.soundLengths[soundStart(units)] |= 1 << n
	}
	if e.kind == saysFiller || e.kind == saysApplying || e.kind == saysNaming || e.strength == knowledge.Hint {
		return
	}
	l.enterLookalikes(units, e, lookalikes)
}

// enterLookalikes enters the saying with each of its characters mistaken in turn.
func (l *lexicon) enterLookalikes(units []unit, e entry, lookalikes map[rune][]rune) {
	if place, ok := l.lookOf[charKey(units)]; ok {
		l.looks[place] = append(l.looks[place], e)
		return
	}
	place := uint32(len(l.looks))
	l.lookOf[charKey(units)], l.looks = place, append(l.looks, []entry{e})
	mistaken := slices.Clone(units)
	for i, u := range units {
		for _, other := range lookalikes[u.char] {
			mistaken[i].char = other
			if key := charKey(mistaken); l.lookalike(key) == nil {
				l.byLook[key] = place
			}
			l.charLengths[charStart(mistaken)] |= 1 << len(mistaken)
		}
		mistaken[i] = u
	}
}

// lookalike are the meanings of what differs from a saying by one look-alike character.
func (l *lexicon) lookalike(key uint64) []entry {
	if place, ok := l.byLook[key]; ok {
		return l.looks[place]
	}
	return nil
}

func hasEntry(list []entry, e entry) bool {
	return slices.ContainsFunc(list, func(o entry) bool { return o.kind == e.kind && o.ref == e.ref })
}

// Keys are FNV-1a over the units; 64 bits keep a hundred thousand sayings apart.
const (
	fnvOffset uint64 = 14695981039346656037
	fnvPrime  uint64 = 1099511628211
)

func mix(key uint64, v uint32) uint64 { return (key ^ uint64(v)) * fnvPrime }

func charKey(units []unit) uint64 {
	key := fnvOffset
	for _, u := range units {
		key = mix(key, charOf(u))
	}
	return key
}

// charOf keeps typed syllables apart from characters.
func charOf(u unit) uint32 {
	if u.char == 0 {
		return 0x200000 + uint32(u.sound)
	}
	return uint32(u.char)
}

// soundKey is the key of a saying by sound. Two syllables are too little to
// fold near-homophones in: 注册 (zhu ce) would be 租车 (zu che).
func soundKey(units []unit) (uint64, bool) {
	key := fnvOffset
	for _, u := range units {
		if u.sound == 0 && u.char != gap {
			return 0, false
		}
		key = mix(key, soundIn(u, len(units)))
	}
	return key, true
}

func soundIn(u unit, length int) uint32 {
	if length <= 2 {
		return uint32(u.sound)
	}
	return uint32(u.near)
}

// charStart and soundStart are places in the filters.
func charStart(units []unit) uint32 {
	if len(units) == 1 {
		return start(charOf(units[0]), 1)
	}
	return start(charOf(units[0]), charOf(units[1]))
}

func soundStart(units []unit) uint32 { return start(uint32(units[0].near), uint32(units[1].near)) }

func start(a, b uint32) uint32 { return (a*0x9E3779B1 + b*0x85EBCA6B) >> (32 - lengthBits) }

// spots appends the sayings found in units to found: longer and better ones
// first take their place, and no two overlap.
func (l *lexicon) spots(units []unit, found []spot) []spot {
	for i := range units {
		if units[i].char != gap {
			found = l.at(units, i, found)
		}
	}
	return withoutOverlaps(found)
}

func (l *lexicon) at(units []unit, i int, found []spot) []spot {
	rest := units[i:]
	if l.charLengths[charStart(rest[:1])]&(1<<1) != 0 {
		found = see(l.byChars[charKey(rest[:1])], i, i+1, exact, units, found)
	}
	if len(rest) < 2 {
		return found
	}
	lengths := l.charLengths[charStart(rest)]
	key := mix(fnvOffset, charOf(rest[0]))
	for n := 2; n <= len(rest) && lengths>>n != 0; n++ {
		key = mix(key, charOf(rest[n-1]))
		if lengths&(1<<n) != 0 {
			found = see(l.byChars[key], i, i+n, exact, units, found)
			found = see(l.lookalike(key), i, i+n, byShape, units, found)
		}
	}
	if rest[0].sound != 0 {
		found = l.heard(units, i, found)
	}
	return found
}

// heard looks for sayings that sound like the text from i on.
func (l *lexicon) heard(units []unit, i int, found []spot) []spot {
	rest := units[i:]
	lengths := l.soundLengths[soundStart(rest)]
	if lengths&(1<<2) != 0 {
		two := mix(mix(fnvOffset, uint32(rest[0].sound)), uint32(rest[1].sound))
		found = see(l.bySound[two], i, i+2, bySound, units, found)
	}
	key := mix(mix(fnvOffset, uint32(rest[0].near)), uint32(rest[1].near))
	for n := 3; n <= len(rest) && lengths>>n != 0; n++ {
		u := rest[n-1]
		if u.sound == 0 && u.char != gap {
			break
		}
		key = mix(key, uint32(u.near))
		if lengths&(1<<n) != 0 {
			found = see(l.bySound[key], i, i+n, bySound, units, found)
		}
	}
	return found
}

// see appends a spot for the meanings of what stands between two units, if it has any.
func see(entries []entry, from, to int, q quality, units []unit, found []spot) []spot {
	if len(entries) == 0 || units[to-1].char == gap || insideLatin(units, from, to) {
		return found
	}
	if q != exact && len(found) > 0 {
		if before := found[len(found)-1]; before.from == from && before.to == to {
			return found // the same place agrees better already
		}
	}
	if q == bySound {
		if entries = plausible(entries, units[from:to]); len(entries) == 0 {
			return found
		}
	}
	return append(found, spot{from: from, to: to, quality: q, negated: negatedAt(units, from), entries: entries})
}

// insideLatin reports whether a piece of a text begins or ends inside a Latin
// word: fund in refund. A plural's s is none of it.
func insideLatin(units []unit, from, to int) bool {
	latin := func(i int) bool { return i >= 0 && i < len(units) && units[i].char >= 'a' && units[i].char <= 'z' }
	if latin(from-1) && latin(from) {
		return true
	}
	plural := latin(to) && units[to].char == 's' && !latin(to+1)
	return latin(to-1) && latin(to) && !plural
}

// plausible are the entries that a text may mean which sounds like them: those
// that share a character with it, if any do (实品 is rather 食品 than 视频), and
// no short licence nor way of asking that only nearly sounds so (快递怎 is not 快递证,
// 租车类目 not 注册类目).
func plausible(entries []entry, units []unit) []entry {
	if units[0].char == 0 { // typed
		return entries
	}
	var best []entry
	most := 0
	for _, e := range entries {
		if len(units) > 2 && saysFunctionWord(e.say, units) { // 是频 may be 视频
			continue
		}
		shared, same := likeness(e.say, units)
		if e.kind == saysLicence && len(units) <= 3 && (shared == 0 || !same) || e.asks() && len(units) > 2 && !same {
			continue
		}
		switch shared = min(shared, 1); {
		case shared > most:
			most, best = shared, []entry{e}
		case shared == most:
			best = append(best, e)
		}
	}
	return best
}

// saysFunctionWord reports whether one of the commonest characters stands where
// a saying has another one: 是家医院 is not 世家医院.
func saysFunctionWord(say string, units []unit) bool {
	i := 0
	for _, char := range say {
		if i < len(units) && units[i].char != char && strings.ContainsRune("是的了我你不要吗", units[i].char) {
			return true
		}
		i++
	}
	return false
}

// likeness is how many characters of a saying stand in their places in a text,
// and whether all of them sound the same without folding near-homophones.
func likeness(say string, units []unit) (shared int, same bool) {
	same = true
	i := 0
	for _, char := range say {
		if i == len(units) {
			break
		}
		if units[i].char == char {
			shared++
		}
		same = same && soundOf(char) == units[i].sound
		i++
	}
	return shared, same
}

// negatedAt reports whether what begins at i stands under a negation or right behind a 不.
func negatedAt(units []unit, i int) bool {
	if units[i].negated || i == 0 {
		return units[i].negated
	}
	switch units[i-1].char {
	case '不', '非', '无':
		return i < 3 || units[i-1].char != '不' || units[i-2].char != units[i].char // 卖不卖
	}
	return false
}

// worth orders spots that compete for the same characters: length counts most,
// a homophone loses to a shorter exact saying only when it is not longer by more than half (是医院 is 医院, not 市医院);
// of two that are equal, the one that says more wins.
func (s *spot) worth() int {
	length := (s.to - s.from) * 6
	switch s.quality {
	case bySound:
		length = length*4/6 - 1
	case byShape:
		length = length * 5 / 6
	}
	telling := 0
	if e := s.entries[0]; !e.asks() {
		telling = 1 + int(e.strength)
	}
	return length*8 + telling
}

func withoutOverlaps(found []spot) []spot {
	slices.SortStableFunc(found, func(a, b spot) int { return b.worth() - a.worth() })
	kept := found[:0]
	for _, s := range found {
		if !slices.ContainsFunc(kept, func(k spot) bool { return s.from < k.to && k.from < s.to }) {
			kept = append(kept, s)
		}
	}
	slices.SortFunc(kept, func(a, b spot) int { return a.from - b.from })
	return kept
}
