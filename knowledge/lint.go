package knowledge

import (
	"fmt"
	"slices"
	"strings"
)

// Finding is something about the knowledge that an operator should look at.
type Finding struct {
	Grave bool   // the knowledge must not be used like this
	At    string // file and line, or a row
	What  string
}

func (f Finding) String() string {
	level := "note"
	if f.Grave {
		level = "fault"
	}
	return fmt.Sprintf("%s: %s: %s", level, f.At, f.What)
}

// fewestWordings is how many wordings a row should have at least, its name not counted.
const fewestWordings = 15

// Lint looks for what a careful editor would ask about.
func (b *Base) Lint(e *Edition) []Finding {
	var all []Finding
	for _, row := range e.Rows {
		all = append(all, lintRow(e, row)...)
	}
	all = append(all, lintTwins(e)...)
	all = append(all, b.lintSpellings(e)...)
	return append(all, b.lintWordings(e)...)
}

func lintRow(e *Edition, row *Row) []Finding {
	at := fmt.Sprintf("%s line %d, %s", e.ID, row.Line, row.Key)
	if row.Unread != nil {
		return []Finding{{At: at, What: "the official words are shown as they are: " + row.Unread.Error()}}
	}
	var all []Finding
	if r, err := readWords(row.Words); err == nil {
		for _, doubt := range r.doubts {
			all = append(all, Finding{At: at, What: "the official words: " + doubt})
		}
	}
	row.Need.choicesIn(func(choice Requirement) {
		for i, a := range choice.Parts {
			for j, b := range choice.Parts {
				if i != j && contains(a, b) && (i > j || !contains(b, a)) {
					all = append(all, Finding{At: at, What: fmt.Sprintf("the alternative %s contains the alternative %s", a, b)})
				}
			}
		}
	})
	return all
}

// choicesIn visits every part of r that is met by one of its parts.
func (r Requirement) choicesIn(visit func(Requirement)) {
	if r.Kind == Any {
		visit(r)
	}
	for _, part := range r.Parts {
		part.choicesIn(visit)
	}
}

// contains reports whether who has all of a has all of b, too.
func contains(a, b Requirement) bool {
	if a.Kind == Any || b.Kind == Any || a.For != b.For {
		return false
	}
	have := func(d Document) bool {
		return slices.ContainsFunc(a.Documents(), func(o Document) bool {
			free := d
			free.Condition = o.Condition // who has it with a condition has it without one
			return o == d || d.Condition == "" && o == free
		})
	}
	return !slices.ContainsFunc(b.Documents(), func(d Document) bool { return !have(d) })
}

// lintTwins finds rows of one key written in two ways. Rows of the very same key are refused when the file is read.
func lintTwins(e *Edition) []Finding {
	var all []Finding
	first := map[string]*Row{}
	for _, row := range e.Rows {
		plain := plainName(row.Key)
		if other := first[plain]; other != nil {
			all = append(all, Finding{At: fmt.Sprintf("%s line %d, %s", e.ID, row.Line, row.Key), What: fmt.Sprintf("looks like line %d, %s", other.Line, other.Key)})
			continue
		}
		first[plain] = row
	}
	return all
}

// lintSpellings finds one document written in two ways that no licence declares to be the same.
func (b *Base) lintSpellings(e *Edition) []Finding {
	byPlain := map[string]string{}
	var all []Finding
	for _, row := range e.Rows {
		for _, doc := range row.Need.Documents() {
			plain := plainName(doc.Name)
			other, seen := byPlain[plain]
			byPlain[plain] = doc.Name
			if licence := b.Licence(doc.Name); seen && other != doc.Name && (licence == nil || !slices.Contains(licence.Spellings(), other)) {
				all = append(all, Finding{At: row.Key, What: fmt.Sprintf("%s is also written %s", doc.Name, other)})
			}
		}
	}
	return all
}

// plainName drops what spellings differ in: brackets, spaces, and 证 against 证书.
func plainName(name string) string {
	name = strings.NewReplacer(" ", "", "（", "", "）", "", "、", "").Replace(name)
	return strings.TrimSuffix(name, "书")
}

// lintWordings finds wordings of two rows and rows of few wordings.
func (b *Base) lintWordings(e *Edition) []Finding {
	var all []Finding
	first := map[string]Wording{}
	count := map[string]int{}
	for _, w := range b.Wordings {
		rows, _ := b.Counterparts(w.Row, e)
		if w.Edition != "" && w.Edition != e.ID || len(rows) == 0 {
			continue
		}
		for _, row := range rows {
			count[row.Key]++
		}
		if e.Row(w.Row) == nil {
			continue
		}
		other, seen := first[w.Say]
		switch {
		case !seen:
			first[w.Say] = w
		case other.Row != w.Row && other.Edition == w.Edition: // an edition's own wording goes before a general one
			all = append(all, Finding{Grave: true, At: w.At.String(), What: fmt.Sprintf("%q stands for %s and, in %s, for %s; if it means both, put it under ambiguous/", w.Say, w.Row, other.At, other.Row)})
		}
	}
	for _, row := range e.Rows {
		if count[row.Key] < fewestWordings {
			all = append(all, Finding{At: row.Key, What: fmt.Sprintf("has %d wordings; %d are the least", count[row.Key], fewestWordings)})
		}
	}
	return all
}
