package match

import (
	"zizhi/knowledge"
	"zizhi/knowledge/match/linear"
)

// Signals measured for each row, in the order of the model's signal weights.
// Those up to lastWording come from spotted wordings and drop out in training.
const (
	signalSure         = iota     // a sure wording, to the letter
	signalSureNoisy               // a sure wording, by sound or shape
	signalStrong                  // strong wordings; the first counts 1, a second and third less
	signalStrongNoisy             //
	signalHint                    // hints, likewise
	signalHintNoisy               //
	signalNegatedSure             // a sure wording that is negated
	signalNegated                 // a strong wording or hint that is negated
	signalOpen                    // sayings that leave this row and others open: 2 / number of rows each, at most 2
	signalFirst                   // the first-level category is named
	signalOnly                    // this row has a sure wording and no other row has
	signalRival                   // another row has a sure wording and this one has none
	lastWording                   // number of the signals above
	signalLicence      = iota - 1 // a licence is named that this row asks for: 1 / number of rows that ask for it
	signalOutside                 // a topic is named that is not in the table
	signalNear                    // such a topic that says it is near this row
	signalSame                    // this row was the subject before
	signalSameBrief               // … and the message is brief
	signalSibling                 // a row easily mixed up with this one was the subject before
	signalSiblingBrief            // … and the message is brief
	signals                       // their number
)

// brief is the length in units up to which a message is likely to lean on the one before.
const brief = 12

// Context is what a message may lean on.
type Context struct {
	Rows []string // keys of the rows that the last reply was about, be they answered or offered
}

// evidence is everything that was found in one message. It is scratch space, used again and again.
type evidence struct {
	text   text
	spots  []spot
	input  linear.Input
	masked []unit // the text with what was spotted replaced by marks

}

// find fills e from a message.
func (r *Reader) find(e *evidence, raw string, before Context) {
	e.text.read(raw, r.lexicon.isLatin)
	e.spots = r.lexicon.spots(e.text.units, e.spots[:0])
	r.measure(e, before)
	r.tokenize(e, before)
}

// Input is what the linear model sees of a message; training reads examples through it.
func (r *Reader) Input(raw string, before Context) linear.Input {
	var e evidence
	r.find(&e, raw, before)
	return e.input
}

// measure fills the signals of every row.
func (r *Reader) measure(e *evidence, before Context) {
	e.input.Signals = append(e.input.Signals[:0], make([]float32, len(r.edition.Rows)*signals)...)
	sure := map[int]bool{}
	for i := range e.spots {
		for _, entry := range e.spots[i].entries {
			r.measureEntry(e, &e.spots[i], entry)
			if entry.kind == saysRow && entry.strength == knowledge.Sure && !e.spots[i].negated {
				sure[int(entry.ref)] = true
			}
		}
	}
	r.measureRivals(e, sure)
	r.measureContext(e, before)
}

func (r *Reader) signal(e *evidence, row, signal int) *float32 {
	return &e.input.Signals[row*signals+signal]
}

func (r *Reader) measureEntry(e *evidence, s *spot, entry entry) {
	switch entry.kind {
	case saysRow:
		if w := r.signal(e, int(entry.ref), wordingSignal(entry.strength, s)); *w == 0 {
			*w = 1
		} else {
			*w = min(*w+0.4, 2)
		}
	case saysAmbiguity:
		if !s.negated {
			for _, row := range r.open[entry.ref] {
				w := r.signal(e, row, signalOpen)
				*w = min(*w+2/float32(len(r.open[entry.ref])), 2) // 联通 and 电话卡 leave only one row open together
			}
		}
	case saysFirst:
		for _, row := range r.under[entry.ref] {
			*r.signal(e, row, signalFirst) = 1
		}
	case saysLicence:
		for _, row := range r.naming[entry.ref] {
			w := r.signal(e, row, signalLicence)
			*w = max(*w, 1/float32(len(r.naming[entry.ref])))
		}
	case saysOutside:
		if !s.negated {
			r.measureOutside(e, entry.ref)
		}
	}
}

func (r *Reader) measureOutside(e *evidence, topic int32) {
	for row := range r.edition.Rows {
		*r.signal(e, row, signalOutside) = 1
	}
	for _, row := range r.near[topic] {
		*r.signal(e, row, signalNear) = 1
	}
}

func wordingSignal(strength knowledge.Strength, s *spot) int {
	noisy := 0
	if s.quality != exact {
		noisy = 1
	}
	switch {
	case s.negated && strength == knowledge.Sure:
		return signalNegatedSure
	case s.negated:
		return signalNegated
	case strength == knowledge.Sure:
		return signalSure + noisy
	case strength == knowledge.Strong:
		return signalStrong + noisy
	}
	return signalHint + noisy
}

func (r *Reader) measureRivals(e *evidence, sure map[int]bool) {
	if len(sure) == 0 {
		return
	}
	for row := range r.edition.Rows {
		switch {
		case sure[row] && len(sure) == 1:
			*r.signal(e, row, signalOnly) = 1
		case !sure[row]:
			*r.signal(e, row, signalRival) = 1
		}
	}
}

func (r *Reader) measureContext(e *evidence, before Context) {
	isBrief := len(e.text.units) <= brief
	mark := func(row, signal int) {
		*r.signal(e, row, signal) = 1
		if isBrief {
			*r.signal(e, row, signal+1) = 1
		}
	}
	for _, key := range before.Rows {
		if row, ok := r.rowIndex[key]; ok {
			mark(row, signalSame)
			for _, sibling := range r.siblings[row] {
				mark(sibling, signalSibling)
			}
		}
	}
}

// Tokens of different kinds never meet, because each kind begins from its own seed.
const (
	seedChar uint32 = 0x9E3779B1 + iota*0x01000193
	seedSound
	seedMask
	seedEdge
	seedNegated
	seedFact
)

// marks stand in the masked text for what was spotted.
const (
	markRow rune = 0xF0000 + iota // private use
	markHint
	markOpen
	markFirst
	markLicence
	markOutside
)

// tokenize fills the tokens: n-grams of characters and of sounds, n-grams of the masked text, facts.
func (r *Reader) tokenize(e *evidence, before Context) {
	tokens := e.input.Tokens[:0]
	e.masked = mask(e.masked[:0], &e.text, e.spots)
	plain := e.masked // licences are masked for all n-grams: their names are full of other rows' words
	tokens = charTokens(tokens, plain)
	tokens = soundTokens(tokens, plain)
	tokens = maskTokens(tokens, e.masked)
	tokens = r.factTokens(tokens, e, before)
	e.input.Tokens = tokens
}

// mask copies the text's units and puts, beside each spot's last character, a mark.
// A licence is replaced by its mark.
func mask(to []unit, t *text, spots []spot) []unit {
	next := 0
	for i, u := range t.units {
		for next < len(spots) && spots[next].to <= i {
			next++
		}
		if next == len(spots) || i < spots[next].from {
			to = append(to, u)
			continue
		}
		s := &spots[next]
		m := markOf(s)
		if m != markLicence {
			to = append(to, u)
		}
		if i == s.to-1 && m != 0 {
			to = append(to, unit{char: m, negated: s.negated})
		}
	}
	return to
}

func markOf(s *spot) rune {
	switch e := s.entries[0]; {
	case e.kind == saysRow && e.strength == knowledge.Hint:
		return markHint
	case e.kind == saysRow:
		return markRow
	case e.kind == saysAmbiguity:
		return markOpen
	case e.kind == saysFirst:
		return markFirst
	case e.kind == saysLicence:
		return markLicence
	case e.kind == saysOutside:
		return markOutside
	}
	return 0
}

func hash(h uint32, v uint32) uint32 {
	h ^= v
	h *= 0x85EBCA6B
	return h ^ h>>15
}

func polar(seed uint32, u unit) uint32 {
	if u.negated {
		return hash(seed, seedNegated)
	}
	return seed
}

// charTokens are the characters and their pairs and triples. Marks stand between them and are passed over.
func charTokens(tokens []uint32, units []unit) []uint32 {
	var last [2]uint32 // the two characters before
	for _, u := range units {
		if isMark(u) && u.char != markLicence {
			continue
		}
		if u.char == 0 {
			last = [2]uint32{}
			continue
		}
		c := uint32(u.char)
		one := hash(polar(seedChar, u), c)
		if u.char != gap {
			tokens = append(tokens, one)
		}
		if last[0] != 0 {
			two := hash(hash(one, last[0]), 2)
			tokens = append(tokens, two)
			if last[1] != 0 {
				tokens = append(tokens, hash(hash(two, last[1]), 3))
			}
		}
		last[1], last[0] = last[0], c
	}
	return tokens
}

// soundTokens are pairs and triples of sounds, near-homophones folded; they carry homophones and typed pinyin.
func soundTokens(tokens []uint32, units []unit) []uint32 {
	var last [2]uint32
	for _, u := range units {
		if isMark(u) && u.char != markLicence {
			continue
		}
		if u.near == 0 {
			last = [2]uint32{}
			continue
		}
		c := uint32(u.near)
		one := hash(polar(seedSound, u), c)
		if last[0] != 0 {
			two := hash(one, last[0])
			tokens = append(tokens, two)
			if last[1] != 0 {
				tokens = append(tokens, hash(hash(two, last[1]), 3))
			}
		}
		last[1], last[0] = last[0], c
	}
	return tokens
}

func isMark(u unit) bool { return u.char >= markRow }

// maskTokens are what stands around the marks, with what was spotted taken
// away: 有‹licence›能做, 又卖‹row›又卖‹row›.
func maskTokens(tokens []uint32, masked []unit) []uint32 {
	marks := 0
	for i, u := range masked {
		if !isMark(u) {
			continue
		}
		marks++
		m := hash(polar(seedMask, u), uint32(u.char))
		tokens = append(tokens, hash(m, uint32(min(marks, 4))))
		if i+1 < len(masked) {
			next := hash(m, charOf(masked[i+1]))
			tokens = append(tokens, next)
			if i+2 < len(masked) {
				tokens = append(tokens, hash(next, charOf(masked[i+2])))
			}
		}
	}
	return tokens
}

// factTokens are things that are true of the whole message.
func (r *Reader) factTokens(tokens []uint32, e *evidence, before Context) []uint32 {
	fact := func(kind, value uint32) { tokens = append(tokens, hash(hash(seedFact, kind), value)) }
	rows := map[int32]bool{}
	var licences, outside uint32
	for _, s := range e.spots {
		switch entry := s.entries[0]; {
		case s.negated:
		case entry.kind == saysRow && entry.strength != knowledge.Hint:
			rows[entry.ref] = true
		case entry.kind == saysLicence:
			licences++
		case entry.kind == saysOutside:
			outside++
		}
	}
	fact(1, min(uint32(len(rows)), 4))
	fact(2, min(licences, 3))
	fact(3, min(outside, 2))
	length := uint32(len(e.text.units))
	fact(4, min(length/4, 10))
	for _, s := range e.spots {
		switch s.entries[0].kind { // once is enough, twice says more
		case saysApplying:
			fact(6, 1)
		case saysNaming:
			fact(7, 1)
		}
	}
	fact(5, min(uint32(len(before.Rows)), 1))
	if length <= 3 { // the whole of a very short message is one sign
		whole := hash(seedEdge, length)
		for _, u := range e.text.units {
			whole = hash(whole, charOf(u))
		}
		tokens = append(tokens, whole)
	}
	return tokens
}
