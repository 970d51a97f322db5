package knowledge

import (
	"fmt"
	"slices"
	"strings"
)

// Qualify is a requirement in the form of WeChat's category interface, where it
// stands under "qualify": choose one of the outer list, hand in all of the
// inner one. An empty outer list asks for nothing.
//
//	{"exter_list":[{"inner_list":[{"name":"银行主体：《金融许可证》"}]},
//	               {"inner_list":[{"name":"《营业执照》"},{"name":"与银行的合作协议（2家及以上）"}]}]}
type Qualify struct {
	ExterList []QualifyChoice `json:"exter_list"`
}

// QualifyChoice is one of the ways to meet a requirement: all of its documents.
type QualifyChoice struct {
	InnerList []QualifyDocument `json:"inner_list"`
}

// QualifyDocument is a document in official words. What its parts of the tree
// are for or are called stands before it: 企业主体：《营业执照》（经营范围含…）.
type QualifyDocument struct {
	Name string `json:"name"`
	URL  string `json:"url,omitempty"` // WeChat's picture of an example; not known here
}

// mostChoices bounds the outer list: each any in an all multiplies it.
const mostChoices = 1000

// Qualify turns r inside out into WeChat's form. The error says that r has too many ways to list.
func (r Requirement) Qualify() (Qualify, error) {
	q := Qualify{ExterList: []QualifyChoice{}}
	if r.Kind == Nothing {
		return q, nil
	}
	choices, err := r.choices("")
	if err != nil {
		return Qualify{}, err
	}
	for _, choice := range choices {
		q.ExterList = append(q.ExterList, QualifyChoice{choice})
	}
	return q, nil
}

// choices lists every way to meet r; label is what stands before its documents.
func (r Requirement) choices(label string) ([][]QualifyDocument, error) {
	label += r.label()
	switch r.Kind {
	case One:
		return [][]QualifyDocument{{{Name: label + r.Document.words()}}}, nil
	case Any:
		var all [][]QualifyDocument
		for _, part := range r.Parts {
			choices, err := part.choices(label)
			if err != nil {
				return nil, err
			}
			all = append(all, choices...)
		}
		return all, nil
	}
	all := [][]QualifyDocument{{}}
	for _, part := range r.Parts {
		choices, err := part.choices(label)
		if err != nil {
			return nil, err
		}
		if len(all)*len(choices) > mostChoices {
			return nil, fmt.Errorf("more than %d ways to meet %s: WeChat's form would list them all", mostChoices, r)
		}
		all = everyPair(all, choices)
	}
	return all, nil
}

// everyPair joins each of a with each of b; a document in both is said once.
func everyPair(a, b [][]QualifyDocument) [][]QualifyDocument {
	var all [][]QualifyDocument
	for _, first := range a {
		for _, second := range b {
			both := slices.Clone(first)
			for _, doc := range second {
				if !slices.Contains(both, doc) {
					both = append(both, doc)
				}
			}
			all = append(all, both)
		}
	}
	return all
}

// Requirement reads WeChat's form into a tree. The tree asks for the same
// documents as the one that was exported, though alternatives have moved out of
// inner parts. What stands before a document comes back as its For. The error
// quotes the name that cannot be read.
func (q Qualify) Requirement() (Requirement, error) {
	if len(q.ExterList) == 0 {
		return Requirement{}, nil
	}
	var options []Requirement
	for i, choice := range q.ExterList {
		if len(choice.InnerList) == 0 {
			return Requirement{}, fmt.Errorf("exter_list %d has an empty inner_list", i+1)
		}
		var parts []Requirement
		for _, doc := range choice.InnerList {
			part, err := doc.requirement()
			if err != nil {
				return Requirement{}, err
			}
			parts = append(parts, part)
		}
		options = append(options, joined(All, parts))
	}
	return joined(Any, options), nil
}

// requirement reads a name; its last ： outside brackets ends what stands before the document.
func (d QualifyDocument) requirement() (Requirement, error) {
	end := 0
	for at := 0; at < len(d.Name); at += span(d.Name[at:]) {
		if strings.HasPrefix(d.Name[at:], "：") {
			end = at + len("：")
		}
	}
	p := lineParser{rest: strings.TrimSpace(d.Name[end:])}
	need, err := p.alternatives()
	if err != nil {
		return Requirement{}, fmt.Errorf("%w in the name %q", err, d.Name)
	}
	if label := strings.TrimSuffix(d.Name[:end], "："); label != "" {
		if need.For != "" {
			label += "：" + need.For
		}
		need.For = label
	}
	return need, nil
}
