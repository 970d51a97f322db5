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
