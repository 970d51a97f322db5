package knowledge

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Counterpart says that a row of a later edition took the place of one of an
// earlier edition, or of a part of it.
type Counterpart struct {
	Old, New       string // editions
	OldRow, NewRow string // keys; NewRow is empty where nothing took the row's place
	At             Position
}

// readCounterparts reads lines of two cells, separated by a tab: the key of a
// row of the old edition and of the new one, or - for none. The first line
// that is no comment names the editions.
func (b *Base) readCounterparts(name string, data []byte) error {
	var faults []error
	var editions []string
	for n, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(strings.TrimRight(line, "\r"), "\t")
		switch {
		case len(cells) != 2:
			faults = append(faults, fmt.Errorf("%s:%d: expected two cells separated by a tab", name, n+1))
		case editions == nil:
			editions = cells
		default:
			c := Counterpart{Old: editions[0], New: editions[1], OldRow: cells[0], NewRow: cells[1], At: Position{name, n + 1}}
			if c.NewRow == "-" {
				c.NewRow = ""
			}
			b.Pairs = append(b.Pairs, c)
		}
	}
	return errors.Join(faults...)
}

// checkPair finds a counterpart that does not exist.
func (b *Base) checkPair(c Counterpart) error {
	old, err1 := b.Edition(c.Old)
	latest, err2 := b.Edition(c.New)
	switch {
	case err1 != nil || err2 != nil:
		return fmt.Errorf("%s: %w", c.At, errors.Join(err1, err2))
	case old.Row(c.OldRow) == nil:
		return fmt.Errorf("%s: edition %s has no row %q", c.At, c.Old, c.OldRow)
	case c.NewRow != "" && latest.Row(c.NewRow) == nil:
		return fmt.Errorf("%s: edition %s has no row %q", c.At, c.New, c.NewRow)
	}
	return nil
}

// Counterparts are the rows of edition to that stand for a row of another
// edition: those noted, or else the row of the same key. known is false where
// nothing is known of the row in that edition.
func (b *Base) Counterparts(key string, to *Edition) (rows []*Row, known bool) {
	for _, c := range b.Pairs {
		other := ""
		switch {
		case c.New == to.ID && c.OldRow == key:
			other, known = c.NewRow, true
		case c.Old == to.ID && c.NewRow == key:
			other, known = c.OldRow, true
		}
		if row := to.Row(other); row != nil && !slices.Contains(rows, row) {
			rows = append(rows, row)
		}
	}
	if row := to.Row(key); !known && row != nil {
		return []*Row{row}, true
	}
	return rows, known
}

// SameNeed reports whether two requirements ask for the same: the spellings of
// a licence count as one, and the order of parts does not matter.
func (b *Base) SameNeed(x, y Requirement) bool { return b.plainNeed(x) == b.plainNeed(y) }

// plainNeed writes a requirement in a form that is equal for equal ones.
func (b *Base) plainNeed(r Requirement) string {
	if r.Kind == One {
		name := r.Document.Name
		if licence := b.Licence(name); licence != nil {
			name = licence.Name
		}
		return r.For + "|" + name + "|" + r.Document.Condition
	}
	var parts []string
	for _, part := range r.Parts {
		parts = append(parts, b.plainNeed(part))
	}
	slices.Sort(parts)
	return fmt.Sprint(r.For, r.Kind, parts)
}
