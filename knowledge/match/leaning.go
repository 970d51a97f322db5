package match

// Signals is the number of signals per row, and how many of them, the first, come from wordings.
func Signals() (all, wordings int) { return signals, lastWording }

// Leaning is the context that earlier messages leave behind, read from their
// wordings alone: training has no model to read them with.
func (r *Reader) Leaning(history []string) Context {
	var c Context
	var e evidence
	for _, message := range history {
		r.find(&e, message, c)
		if rows := r.worded(&e); len(rows) > 0 {
			c = Context{Rows: rows}
		}
	}
	return c
}

// worded lists the rows that the wordings of a message speak for most. The
// factors are rough: only the order matters.
func (r *Reader) worded(e *evidence) []string {
	var rows []string
	var top float32
	for i, row := range r.edition.Rows {
		s := 3*(*r.signal(e, i, signalSure)+0.8**r.signal(e, i, signalSureNoisy)) +
			2*(*r.signal(e, i, signalStrong)+0.8**r.signal(e, i, signalStrongNoisy)) +
			1.5**r.signal(e, i, signalOpen) + *r.signal(e, i, signalHint)
		switch {
		case s > top:
			top, rows = s, []string{row.Key}
		case s == top && s > 0:
			rows = append(rows, row.Key)
		}
	}
	return rows
}

// Heard is a pair of characters that was taken for a saying by sound alone.
type Heard struct {
	Pair string // what stands in the text
	Row  string // key of the row whose wording it sounds like; empty for a topic outside the table
}

// Heard lists such pairs in a text. Training finds among them the everyday
// words (注册, which sounds like 租车) that go into fillers.txt.
func (r *Reader) Heard(raw string) []Heard {
	var e evidence
	r.find(&e, raw, Context{})
	var list []Heard
	for _, s := range e.spots {
		typed := e.text.units[s.from].char == 0
		if s.quality != bySound || s.to-s.from != 2 || typed {
			continue
		}
		h := Heard{Pair: e.text.surface(s.from, s.to)}
		if s.entries[0].kind == saysRow {
			h.Row = r.edition.Rows[s.entries[0].ref].Key
		}
		list = append(list, h)
	}
	return list
}
