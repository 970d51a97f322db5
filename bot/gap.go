package bot

import (
	"slices"
	"strings"

	"zizhi/knowledge"
	"zizhi/knowledge/match"
)

// gap compares the documents that a person holds with those that a row asks for.
func (t *turn) gap(m match.Meaning) {
	row := m.Rows[0]
	held := holdings{row: row, all: m.Licences}
	t.reply.Rows, t.after.Rows = keysOf(m.Rows), keysOf(m.Rows)
	t.reply.Have = held.names()
	t.reply.Missing = names(row.Need.Ways(held.counts)[0])
	t.gapVerdict(row, held)
	t.gapConditions(held)
	t.say("blank")
	t.lines = append(t.lines, answer(row, nobody)...)
	t.ending(m.Rows)
}

// gapVerdict says whether the documents are enough and, if not, every shortest way to complete them.
func (t *turn) gapVerdict(row *knowledge.Row, held holdings) {
	ways := row.Need.Ways(held.counts)
	switch {
	case len(ways[0]) == 0:
		t.say("gap_complete", "row", rowTitle(row))
	case len(ways) == 1:
		t.say("gap_missing", "row", rowTitle(row))
		for _, doc := range ways[0] {
			t.lines = append(t.lines, document(doc, "", "item", "", nobody)...)
		}
	default:
		t.say("gap_missing_any", "row", rowTitle(row))
		t.lines = append(t.lines, parts(anyOf(ways), "", nobody)...)
	}
}

// anyOf writes ways as a requirement.
func anyOf(ways [][]knowledge.Document) knowledge.Requirement {
	choice := knowledge.Requirement{Kind: knowledge.Any}
	for _, way := range ways {
		all := knowledge.Requirement{Kind: knowledge.All}
		for _, doc := range way {
			all.Parts = append(all.Parts, knowledge.Requirement{Kind: knowledge.One, Document: doc})
		}
		if len(way) == 1 {
			all = all.Parts[0]
		}
		choice.Parts = append(choice.Parts, all)
	}
	return choice
}

// gapConditions says what must stand in the documents held, and which of them do not count here.
func (t *turn) gapConditions(held holdings) {
	for _, h := range held.all {
		doc, asked := held.document(h)
		title := t.licenceTitle(h.Licence)
		switch {
		case h.Status == match.Absent:
		case !asked:
			t.say("gap_other", "document", title)
		case doc.Condition != "" && h.Lacking:
			t.say("gap_scope", "document", doc.Title(), "condition", doc.Condition)
		case doc.Condition != "":
			t.say("gap_check", "document", doc.Title(), "condition", doc.Condition)
		}
	}
}

// holdings are the licences of a person beside the documents of a row.
type holdings struct {
	row *knowledge.Row
	all []match.Holding
}

// document is the row's document that a licence is; false where the row does not ask for it.
func (held holdings) document(h match.Holding) (knowledge.Document, bool) {
	docs := held.row.Need.Documents()
	i := slices.IndexFunc(docs, func(d knowledge.Document) bool { return slices.Contains(h.Licence.Spellings(), d.Name) })
	if i < 0 {
		return knowledge.Document{}, false
	}
	return docs[i], true
}

// counts reports whether a document is held and holds what it must.
func (held holdings) counts(doc knowledge.Document) bool {
	return slices.ContainsFunc(held.all, func(h match.Holding) bool {
		return h.Status != match.Absent && !(h.Lacking && doc.Condition != "") && slices.Contains(h.Licence.Spellings(), doc.Name)
	})
}

// names lists the documents held, as the row spells them.
func (held holdings) names() []string {
	list := []string{}
	for _, h := range held.all {
		if h.Status == match.Absent {
			continue
		}
		name := h.Licence.Name
		if doc, ok := held.document(h); ok {
			name = doc.Name
		}
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

func names(docs []knowledge.Document) []string {
	list := []string{}
	for _, d := range docs {
		list = append(list, d.Name)
	}
	return list
}

// blankNumbers replaces telephone, identity and other long numbers: what is
// kept of a message shall name nobody.
func blankNumbers(s string) string {
	const shortest = 7
	var b strings.Builder
	run := 0
	digits := []rune{}
	flush := func() {
		if run >= shortest {
			b.WriteString("***")
		} else {
			b.WriteString(string(digits))
		}
		run, digits = 0, digits[:0]
	}
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9' || r >= '０' && r <= '９':
			run++
			digits = append(digits, r)
		case run > 0 && (r == '-' || r == ' ' || r == 'x' || r == 'X'):
			digits = append(digits, r)
		default:
			flush()
			b.WriteRune(r)
		}
	}
	flush()
	return b.String()
}
