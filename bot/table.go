package bot

import (
	"slices"
	"strconv"
	"strings"

	"zizhi/knowledge"
)

// Table is an edition as the pages for staff show it.
type Table struct {
	Edition  TableEdition   `json:"edition"`
	Editions []TableEdition `json:"editions"` // all that there are, oldest first
	Rows     []TableRow     `json:"rows"`     // in the order of the table
}

// TableEdition says which table it is.
type TableEdition struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	Publisher string `json:"publisher"`
	Source    string `json:"source"`
	Date      string `json:"date"`
	Status    string `json:"status,omitempty"`
	Rows      int    `json:"rows"`    // how many it has
	Answers   bool   `json:"answers"` // it answers first
}

// TableRow is a row with all that is known of it.
type TableRow struct {
	Key     string     `json:"key"`
	Path    []string   `json:"path"`
	Words   string     `json:"words"` // official
	Note    string     `json:"note,omitempty"`
	Lead    string     `json:"lead"`              // what stands above the documents in an answer
	Need    *TableNeed `json:"need,omitempty"`    // none where nothing is asked for, or what is asked for could not be read
	Unread  string     `json:"unread,omitempty"`  // why the words could not be read
	Changes []string   `json:"changes,omitempty"` // what is known to have changed about the documents
}

// TableNeed is a requirement tree.
type TableNeed struct {
	Kind  string         `json:"kind"`            // one, all or any
	Label string         `json:"label,omitempty"` // whom it is for, or what its papers are called together
	Lead  string         `json:"lead,omitempty"`  // of an all or any inside another: how its parts go together
	Paper *TableDocument `json:"document,omitempty"`
	Parts []TableNeed    `json:"parts,omitempty"`
}

// TableDocument is a leaf. Beside another edition it says how it differs.
type TableDocument struct {
	Title     string `json:"title"`
	Condition string `json:"condition,omitempty"`
	Differs   string `json:"differs,omitempty"` // only: the other edition does not ask for it; otherwise: it does, but not in these words
}

// Comparison is a row beside its counterparts in another edition.
type Comparison struct {
	Edition string     `json:"edition"`
	With    string     `json:"with"`
	Known   bool       `json:"known"` // something is known of the row in the other edition, be it that nothing took its place
	Same    bool       `json:"same"`  // each counterpart asks for the same in the same way
	Here    TableRow   `json:"here"`
	There   []TableRow `json:"there"`
}

// Table shows an edition; an empty id is the one that answers first. The error says which there are.
func (x *Expert) Table(edition string) (Table, error) {
	e, err := x.named(edition)
	if err != nil {
		return Table{}, err
	}
	view := x.view()
	table := Table{Edition: x.tableEdition(e)}
	for _, other := range x.Base.Editions {
		table.Editions = append(table.Editions, x.tableEdition(other))
	}
	for _, row := range e.Rows {
		table.Rows = append(table.Rows, view.row(row, nil))
	}
	return table, nil
}

// Compare shows a row of an edition beside what stands for it in another. ok is
// false where the edition has no such row. The error says which editions there are.
func (x *Expert) Compare(edition, key, with string) (c Comparison, ok bool, err error) {
	here, err := x.named(edition)
	if err != nil {
		return Comparison{}, false, err
	}
	there, err := x.named(with)
	if err != nil {
		return Comparison{}, false, err
	}
	row := here.Row(key)
	if row == nil {
		return Comparison{}, false, nil
	}
	view := x.view()
	others, known := x.Base.Counterparts(key, there)
	c = Comparison{Edition: here.ID, With: there.ID, Known: known, Same: view.same(row, others), There: []TableRow{}}
	c.Here = view.row(row, others)
	for _, other := range others {
		c.There = append(c.There, view.row(other, []*knowledge.Row{row}))
	}
	return c, true, nil
}

// named finds an edition; the one that answers first has no need of a name.
func (x *Expert) named(edition string) (*knowledge.Edition, error) {
	if edition == "" {
		return x.Edition, nil
	}
	return x.Base.Edition(edition)
}

func (x *Expert) tableEdition(e *knowledge.Edition) TableEdition {
	return TableEdition{ID: e.ID, Title: e.Title, Publisher: e.Publisher, Source: e.Source, Date: e.Date, Status: e.Status,
		Rows: len(e.Rows), Answers: e.ID == x.Edition.ID}
}

// view shows rows. It knows the licences by their spellings.
type view map[string]*knowledge.Licence

func (x *Expert) view() view {
	v := view{}
	for _, l := range slices.Backward(x.Base.Licences) { // the first that has a spelling counts
		for _, spelling := range l.Spellings() {
			v[spelling] = l
		}
	}
	return v
}

// row shows a row. Beside others, its documents say how they differ from theirs.
func (v view) row(row *knowledge.Row, others []*knowledge.Row) TableRow {
	shown := TableRow{Key: row.Key, Path: row.Path, Words: row.Words, Note: row.Note, Lead: checklist(row, nobody)[0], Changes: v.changes(row)}
	switch {
	case row.Unread != nil:
		shown.Unread = row.Unread.Error()
	case row.Need.Kind != knowledge.Nothing:
		need := v.need(row.Need, false, others)
		shown.Need = &need
	}
	return shown
}

func (v view) changes(row *knowledge.Row) []string {
	var all []string
	for _, doc := range row.Need.Documents() {
		if l := v[doc.Name]; l != nil && l.ChangeFor(row.Key) != "" && !slices.Contains(all, l.ChangeFor(row.Key)) {
			all = append(all, l.ChangeFor(row.Key))
		}
	}
	return all
}

var needKinds = map[knowledge.RequirementKind]string{knowledge.One: "one", knowledge.All: "all", knowledge.Any: "any"}

func (v view) need(need knowledge.Requirement, inside bool, others []*knowledge.Row) TableNeed {
	shown := TableNeed{Kind: needKinds[need.Kind], Label: need.For + need.Heading}
	n := strconv.Itoa(len(need.Parts))
	switch {
	case need.Kind == knowledge.One:
		shown.Paper = &TableDocument{Title: need.Document.Title(), Condition: need.Document.Condition, Differs: v.differs(need.Document, others)}
	case inside && need.Kind == knowledge.All:
		shown.Lead = say("together", "n", n)
	case inside:
		shown.Lead = say("choose", "n", n)
	}
	for _, part := range need.Parts {
		shown.Parts = append(shown.Parts, v.need(part, true, others))
	}
	return shown
}

// differs says how the readable others ask for a document: not at all, or otherwise.
func (v view) differs(doc knowledge.Document, others []*knowledge.Row) string {
	differs := ""
	for _, other := range others {
		if other.Unread != nil {
			continue
		}
		if differs == "" {
			differs = "only"
		}
		for _, same := range leaves(other.Need) {
			switch {
			case v.name(same) != v.name(doc):
			case same.Condition == doc.Condition && same.Issuer == doc.Issuer:
				return ""
			default:
				differs = "otherwise"
			}
		}
	}
	return differs
}

// leaves lists every document of a tree, also one that stands in it again under another condition.
func leaves(need knowledge.Requirement) []knowledge.Document {
	if need.Kind == knowledge.One {
		return []knowledge.Document{need.Document}
	}
	var all []knowledge.Document
	for _, part := range need.Parts {
		all = append(all, leaves(part)...)
	}
	return all
}

// name is a document's name, the same for every spelling of a licence.
func (v view) name(doc knowledge.Document) string {
	if l := v[doc.Name]; l != nil {
		return l.Name
	}
	return doc.Name
}

// same reports whether each of the others asks for what row asks for.
func (v view) same(row *knowledge.Row, others []*knowledge.Row) bool {
	for _, other := range others {
		unread := row.Unread != nil || other.Unread != nil
		if unread && other.Words != row.Words || !unread && v.form(other.Need) != v.form(row.Need) {
			return false
		}
	}
	return len(others) > 0
}

// form writes a tree with the licences' own names.
func (v view) form(need knowledge.Requirement) string {
	if need.Kind == knowledge.One {
		need.Document.Name, need.Document.Titled = v.name(need.Document), false
		return need.String()
	}
	parts := make([]string, len(need.Parts))
	for i, part := range need.Parts {
		parts[i] = v.form(part)
	}
	return need.For + need.Heading + needKinds[need.Kind] + "(" + strings.Join(parts, ", ") + ")"
}
