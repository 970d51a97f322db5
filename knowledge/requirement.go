package knowledge

import (
	"slices"
	"strings"
)

// Requirement is what a row asks for: a tree whose leaves are documents.
// The zero value asks for nothing.
type Requirement struct {
	Kind     RequirementKind
	Document Document      // of a One
	Parts    []Requirement // of an All or an Any, two or more
	For      string        // who this part is for, as the table says it (“企业主体”); empty: everybody
	Heading  string        // what the papers of this part are called together (“授权材料”); mostly empty, never beside For
}

// RequirementKind says how the parts of a requirement go together.
type RequirementKind uint8

const (
	Nothing RequirementKind = iota // no document is asked for
	One                            // a single document
	All                            // every part
	Any                            // one of the parts
)

// Document is one paper that a row asks for, in the table's own words.
type Document struct {
	Name      string `json:"name"`                // 网络文化经营许可证, without 《》
	Titled    bool   `json:"titled"`              // the table writes it in 《》
	Issuer    string `json:"issuer,omitempty"`    // who issues it or whose it is, as written before the name: 民政部
	Condition string `json:"condition,omitempty"` // what must stand in it: 经营范围含网络表演
}

// Title is the document as the table writes it: 《网络文化经营许可证》, or bare words where it has no 《》.
func (d Document) Title() string {
	if d.Titled {
		return d.Issuer + "《" + d.Name + "》"
	}
	return d.Issuer + d.Name
}

// Documents lists the leaves in the order of the table, each name once.
func (r Requirement) Documents() []Document {
	var docs []Document
	seen := map[string]bool{}
	r.walk(func(d Document) {
		if !seen[d.Name] {
			seen[d.Name] = true
			docs = append(docs, d)
		}
	})
	return docs
}

func (r Requirement) walk(visit func(Document)) {
	if r.Kind == One {
		visit(r.Document)
	}
	for _, part := range r.Parts {
		part.walk(visit)
	}
}

// Ways are the shortest lists of documents that each complete r for somebody
// who holds those that have reports true for, in the order of the table. There
// is at least one; it is empty when nothing is missing.
func (r Requirement) Ways(have func(Document) bool) [][]Document {
	switch r.Kind {
	case One:
		if !have(r.Document) {
			return [][]Document{{r.Document}}
		}
	case All:
		ways := [][]Document{{}}
		for _, part := range r.Parts {
			ways = product(ways, part.Ways(have))
		}
		return ways
	case Any:
		var ways [][]Document
		for _, part := range r.Parts {
			ways = shortest(ways, part.Ways(have))
		}
		return ways
	}
	return [][]Document{{}}
}

// mostWays bounds the ways that are listed, for requirements with many choices in each of many parts.
const mostWays = 16

// product joins each of a with each of b.
func product(a, b [][]Document) [][]Document {
	var all [][]Document
	for _, first := range a {
		for _, second := range b {
			if len(all) < mostWays {
				all = append(all, append(slices.Clone(first), second...))
			}
		}
	}
	return all
}

// shortest keeps the shortest of both.
func shortest(a, b [][]Document) [][]Document {
	switch {
	case len(a) == 0 || len(b[0]) < len(a[0]):
		return b
	case len(b[0]) > len(a[0]):
		return a
	}
	return append(a, b...)
}

// label is what stands before the documents of r: 企业主体：.
func (r Requirement) label() string {
	if r.For+r.Heading == "" {
		return ""
	}
	return r.For + r.Heading + "："
}

// String writes the tree on one line: any(all(《A》, 《B》), 《C》[condition]).
func (r Requirement) String() string {
	var b strings.Builder
	r.write(&b)
	return b.String()
}

func (r Requirement) write(b *strings.Builder) {
	b.WriteString(r.label())
	switch r.Kind {
	case Nothing:
		b.WriteString("nothing")
		return
	case One:
		b.WriteString(r.Document.Title())
		if r.Document.Condition != "" {
			b.WriteString("[" + r.Document.Condition + "]")
		}
		return
	case All:
		b.WriteString("all(")
	case Any:
		b.WriteString("any(")
	}
	for i, part := range r.Parts {
		if i > 0 {
			b.WriteString(", ")
		}
		part.write(b)
	}
	b.WriteString(")")
}

// Tree draws the requirement on several lines, for people:
//
//	任选 1 份
//	├─ 《A》
//	└─ 都要
//	   ├─ 《B》
//	   └─ 《C》（经营范围含…）
func (r Requirement) Tree() string {
	var b strings.Builder
	r.draw(&b, "")
	return strings.TrimSuffix(b.String(), "\n")
}

func (r Requirement) draw(b *strings.Builder, indent string) {
	b.WriteString(r.label())
	switch r.Kind {
	case Nothing:
		b.WriteString("不需要资质文件\n")
	case One:
		b.WriteString(r.Document.Title())
		if r.Document.Condition != "" {
			b.WriteString("（" + r.Document.Condition + "）")
		}
		b.WriteString("\n")
	case All:
		b.WriteString("都要\n")
	case Any:
		b.WriteString("任选 1 份\n")
	}
	for i, part := range r.Parts {
		branch, below := "├─ ", "│  "
		if i == len(r.Parts)-1 {
			branch, below = "└─ ", "   "
		}
		b.WriteString(indent + branch)
		part.draw(b, indent+below)
	}
}
