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
	if row.Need.Kind == Any {
		for i, a := range row.Need.Parts {
			for j, b := range row.Need.Parts {
				if i != j && contains(a, b) {
					all = append(all, Finding{At: at, What: fmt.Sprintf("the alternative %s contains the alternative %s", a, b)})
				}
			}
		}
	}
	return all
}

// contains reports whether who has all of a has all of b, too.
func contains(a, b Requirement) bool {
	if a.Kind == Any || b.Kind == Any || a.For != b.For {
		return false
	}
	have := func(d Document) bool {
		return slices.ContainsFunc(a.Documents(), func(o Document) bool { return o == d })
	}
	return !slices.ContainsFunc(b.Documents(), func(d Document) bool { return !have(d) })
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
		if e.Row(w.Row) == nil {
			continue
		}
		count[w.Row]++
		if other, seen := first[w.Say]; !seen {
			first[w.Say] = w
		} else if other.Row != w.Row {
			all = append(all, Finding{Grave: true, At: w.At.String(), What: fmt.Sprintf("%q stands for %s and, in %s, for %s; if it means both, put it into ambiguous.yaml", w.Say, w.Row, other.At, other.Row)})
		}
	}
	for _, row := range e.Rows {
		if count[row.Key] < fewestWordings {
			all = append(all, Finding{At: row.Key, What: fmt.Sprintf("has %d wordings; %d are the least", count[row.Key], fewestWordings)})
		}
	}
	return all
}
