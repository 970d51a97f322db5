package knowledge

import (
	"errors"
	"fmt"
	"slices"
)

// Licence is a qualification document with the other names people give it.
type Licence struct {
	Name       string   `yaml:"name"`        // as the founding table writes it, without 《》
	Also       []string `yaml:"also"`        // other spellings of the same document in the tables
	Aliases    []string `yaml:"aliases"`     // street names, former and later names
	Changed    string   `yaml:"changed"`     // what changed since the founding table; shown beside an answer, never instead of it
	ChangedFor []string `yaml:"changed_for"` // keys of the rows that the change concerns; empty: all that ask for the licence
	Source     string   `yaml:"source"`      // where Changed was read
	At         Position `yaml:"-"`
}

// Spellings lists every way the tables write the licence, its name first.
func (l *Licence) Spellings() []string { return append([]string{l.Name}, l.Also...) }

// Licence finds a licence by one of its spellings; nil where none is known.
func (b *Base) Licence(spelling string) *Licence {
	for _, l := range b.Licences {
		if slices.Contains(l.Spellings(), spelling) {
			return l
		}
	}
	return nil
}

// ChangeFor is what changed about the licence for those who need it for a row; empty for nothing.
func (l *Licence) ChangeFor(row string) string {
	if len(l.ChangedFor) > 0 && !slices.Contains(l.ChangedFor, row) {
		return ""
	}
	return l.Changed
}

// completeLicences enters the documents in 《》 that rows ask for and that no
// file describes, so that every one of them can be looked up.
func (b *Base) completeLicences() {
	known := map[string]bool{}
	for _, l := range b.Licences {
		for _, name := range l.Spellings() {
			known[name] = true
		}
	}
	for _, e := range b.Editions {
		for _, row := range e.Rows {
			for _, doc := range row.Need.Documents() {
				if doc.Titled && !known[doc.Name] {
					known[doc.Name] = true
					b.Licences = append(b.Licences, &Licence{Name: doc.Name, At: Position{e.ID, row.Line}})
				}
			}
		}
	}
}

func (b *Base) readLicences(name string, data []byte) error {
	items, err := yamlList[Licence](name, data)
	for i := range items {
		item, at := &items[i].value, Position{name, items[i].line}
		item.At = at
		switch {
		case item.Name == "":
			err = errors.Join(err, fmt.Errorf("%s: a licence without a name", at))
		case item.Changed != "" && item.Source == "":
			err = errors.Join(err, fmt.Errorf("%s: %s: `changed` needs a `source`", at, item.Name))
		}
		b.Licences = append(b.Licences, item)
	}
	return err
}
