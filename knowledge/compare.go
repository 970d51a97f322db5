package knowledge

import (
	"slices"
	"strings"
)

// Comparison is what differs between two editions. Rows are named by their keys.
type Comparison struct {
	Old     string      `json:"old"` // editions
	New     string      `json:"new"`
	Added   []string    `json:"added"`   // rows of the new edition that take no row's place
	Gone    []string    `json:"gone"`    // rows of the old edition whose place no row takes
	Changed []RowChange `json:"changed"` // in the order of the old edition
	Same    int         `json:"same"`    // rows beside each other that do not differ
}

// RowChange is a row beside one that took its place, or a part of it.
type RowChange struct {
	Old   string `json:"old"` // keys
	New   string `json:"new"`
	Moved bool   `json:"moved"` // the keys differ
	Difference
}

// Compare finds what differs between a and a later (or earlier) edition b. Rows
// stand beside each other as the counterparts say, or else by their keys; a row
// with several counterparts is compared with each. Nothing differs between an
// edition and itself.
func Compare(base *Base, a, b *Edition) Comparison {
	c := Comparison{Old: a.ID, New: b.ID, Added: []string{}, Gone: []string{}, Changed: []RowChange{}}
	taken := map[string]bool{}
	for _, old := range a.Rows {
		rows := base.beside(a, old, b)
		if len(rows) == 0 {
			c.Gone = append(c.Gone, old.Key)
		}
		for _, row := range rows {
			taken[row.Key] = true
			change := RowChange{old.Key, row.Key, old.Key != row.Key, CompareRows(base, old, row)}
			if change.Moved || !change.Difference.Same {
				c.Changed = append(c.Changed, change)
			} else {
				c.Same++
			}
		}
	}
	for _, row := range b.Rows {
		if !taken[row.Key] {
			c.Added = append(c.Added, row.Key)
		}
	}
	return c
}

// beside are the rows of b that stand for a row of a. Counterparts between other editions do not count.
func (b *Base) beside(a *Edition, row *Row, to *Edition) []*Row {
	var rows []*Row
	noted := false
	for _, p := range b.Pairs {
		other := ""
		switch {
		case p.Old == a.ID && p.New == to.ID && p.OldRow == row.Key:
			other = p.NewRow
		case p.New == a.ID && p.Old == to.ID && p.NewRow == row.Key:
			other = p.OldRow
		default:
			continue
		}
		noted = true
		if found := to.Row(other); found != nil && !slices.Contains(rows, found) {
			rows = append(rows, found)
		}
	}
	if same := to.Row(row.Key); !noted && same != nil {
		return []*Row{same}
	}
	return rows
}

// Difference is what differs between the requirements of two rows. Spellings of
// one licence are one document; where the spelling differs it is renamed.
type Difference struct {
	Same       bool              `json:"same"`                 // nothing differs
	NoLonger   bool              `json:"no_longer,omitempty"`  // the new row asks for nothing, the old one did
	Unread     bool              `json:"unread,omitempty"`     // the words differ, and some of them cannot be read: nothing else is known
	Added      []Document        `json:"added,omitempty"`      // asked for by the new row alone
	Dropped    []Document        `json:"dropped,omitempty"`    // asked for by the old row alone
	Renamed    []Renaming        `json:"renamed,omitempty"`    // asked for by both, under another name
	Conditions []ConditionChange `json:"conditions,omitempty"` // asked for by both, but of others, for others, or with something else in it
	Kinds      *KindChange       `json:"kinds,omitempty"`      // how all documents go together at the top; nil where that is as it was
	Regrouped  bool              `json:"regrouped,omitempty"`  // the documents asked for by both go together otherwise: alternatives have become all-of …
}

// Renaming is a document under two names.
type Renaming struct {
	Old Document `json:"old"`
	New Document `json:"new"`
}

// ConditionChange is a document that both rows ask for, with the ways in which
// only one of them does, each as it is written, behind whom it is for:
// 企业主体：合作方的《金融许可证》（业务范围含“保险”相关).
type ConditionChange struct {
	Document Document `json:"document"` // as the new row writes it first
	Old      []string `json:"old"`
	New      []string `json:"new"`
}

// KindChange says how the documents of a row go together, at the top of its tree.
type KindChange struct {
	Old RequirementKind `json:"old"`
	New RequirementKind `json:"new"`
}

// MarshalText is the kind in English: nothing, one, all, any.
func (k RequirementKind) MarshalText() ([]byte, error) {
	return []byte([...]string{"nothing", "one", "all", "any"}[k]), nil
}

// CompareRows finds what differs between the requirements of two rows, wherever they come from.
func CompareRows(base *Base, old, new *Row) Difference {
	switch {
	case old.Words == new.Words:
		return Difference{Same: true}
	case old.Unread != nil || new.Unread != nil:
		return Difference{Unread: true}
	}
	before, after := base.asked(old.Need), base.asked(new.Need)
	d := Difference{NoLonger: new.Need.Kind == Nothing && old.Need.Kind != Nothing}
	if old.Need.Kind != new.Need.Kind {
		d.Kinds = &KindChange{old.Need.Kind, new.Need.Kind}
	}
	d.Dropped, d.Added = before.without(after), after.without(before)
	for _, name := range after.names {
		if earlier := before.ways[name]; earlier != nil {
			d.compareDocument(earlier, after.ways[name])
		}
	}
	d.Regrouped = base.grouping(old.Need, after).String() != base.grouping(new.Need, before).String()
	d.Same = d.Kinds == nil && !d.Regrouped && len(d.Added)+len(d.Dropped)+len(d.Renamed)+len(d.Conditions) == 0
	return d
}

// asking is how a requirement asks for its documents, by the licence's name.
type asking struct {
	names []string // in the order of the table
	ways  map[string][]way
}

// way is one place of a document in a tree.
type way struct {
	Document
	text string // all but the name, which may be spelt otherwise
}

// licenceName is the same for every spelling of a document.
func (b *Base) licenceName(d Document) string {
	if licence := b.Licence(d.Name); licence != nil {
		return licence.Name
	}
	return d.Name
}

func (b *Base) asked(r Requirement) asking {
	a := asking{ways: map[string][]way{}}
	b.ask(&a, r, "")
	return a
}

func (b *Base) ask(a *asking, r Requirement, forWhom string) {
	if r.For != "" {
		forWhom += r.For + "："
	}
	if r.Kind == One {
		d := r.Document
		name := b.licenceName(d)
		if a.ways[name] == nil {
			a.names = append(a.names, name)
		}
		d.Name, d.Titled = name, true
		a.ways[name] = append(a.ways[name], way{r.Document, forWhom + d.words()})
	}
	for _, part := range r.Parts {
		b.ask(a, part, forWhom)
	}
}

// without lists the documents that other does not ask for.
func (a asking) without(other asking) []Document {
	var docs []Document
	for _, name := range a.names {
		if other.ways[name] == nil {
			docs = append(docs, a.ways[name][0].Document)
		}
	}
	return docs
}

// compareDocument compares the ways in which both rows ask for one licence.
func (d *Difference) compareDocument(before, after []way) {
	if old, new := otherName(before, after), otherName(after, before); old.Name != new.Name {
		d.Renamed = append(d.Renamed, Renaming{old, new})
	}
	change := ConditionChange{after[0].Document, onlyIn(before, after), onlyIn(after, before)}
	if len(change.Old)+len(change.New) > 0 {
		d.Conditions = append(d.Conditions, change)
	}
}

// otherName is the first document of a whose name b has not, or else the first.
func otherName(a, b []way) Document {
	for _, w := range a {
		if !slices.ContainsFunc(b, func(o way) bool { return o.Name == w.Name }) {
			return w.Document
		}
	}
	return a[0].Document
}

// onlyIn lists the texts of a that b has not, each once.
func onlyIn(a, b []way) []string {
	only := []string{}
	for _, w := range a {
		has := func(o way) bool { return o.text == w.text }
		if !slices.ContainsFunc(b, has) && !slices.Contains(only, w.text) {
			only = append(only, w.text)
		}
	}
	return only
}

// grouping is how the documents that other asks for, too, go together in r:
// the same for trees that differ only in the order, in names and in the rest.
func (b *Base) grouping(r Requirement, other asking) Requirement {
	if r.Kind == One {
		name := b.licenceName(r.Document)
		if other.ways[name] == nil {
			return Requirement{}
		}
		return Requirement{Kind: One, Document: Document{Name: name}}
	}
	var parts []Requirement
	for _, part := range r.Parts {
		switch part := b.grouping(part, other); part.Kind {
		case Nothing:
		case r.Kind:
			parts = append(parts, part.Parts...)
		default:
			parts = append(parts, part)
		}
	}
	slices.SortFunc(parts, func(p, q Requirement) int { return strings.Compare(p.String(), q.String()) })
	parts = slices.CompactFunc(parts, func(p, q Requirement) bool { return p.String() == q.String() })
	switch len(parts) {
	case 0:
		return Requirement{}
	case 1:
		return parts[0]
	}
	return Requirement{Kind: r.Kind, Parts: parts}
}
