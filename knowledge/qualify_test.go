package knowledge

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQualifyForm(t *testing.T) {
	need, _, err := ParseWords(`（2选1）： 1、银行主体：《金融许可证》 2、同时提供： ①《营业执照》（经营范围含“回收”） ②《甲》或《乙》`)
	if err != nil {
		t.Fatal(err)
	}
	q, err := need.Qualify()
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(map[string]any{"qualify": q})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"qualify":{"exter_list":[{"inner_list":[{"name":"银行主体：《金融许可证》"}]},` +
		`{"inner_list":[{"name":"《营业执照》（经营范围含“回收”）"},{"name":"《甲》"}]},` +
		`{"inner_list":[{"name":"《营业执照》（经营范围含“回收”）"},{"name":"《乙》"}]}]}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestQualifyFaults(t *testing.T) {
	for name, q := range map[string]Qualify{
		"empty inner list": {ExterList: []QualifyChoice{{}}},
		"empty name":       {ExterList: []QualifyChoice{{[]QualifyDocument{{Name: ""}}}}},
		"a sentence":       {ExterList: []QualifyChoice{{[]QualifyDocument{{Name: "《甲》。另需，说明情况"}}}}},
	} {
		if need, err := q.Requirement(); err == nil {
			t.Errorf("%s: read as %s", name, need)
		}
	}
	many := Requirement{Kind: All}
	for range 10 {
		one := func(name string) Requirement { return Requirement{Kind: One, Document: Document{Name: name}} }
		many.Parts = append(many.Parts, Requirement{Kind: Any, Parts: []Requirement{one("甲"), one("乙"), one("丙")}})
	}
	if _, err := many.Qualify(); err == nil {
		t.Error("59,049 ways are listed")
	}
}

// WeChat's form asks for the same sets of documents as the tree, and so does the tree read from it.
func TestQualifyIsEquivalent(t *testing.T) {
	rows(t, func(t *testing.T, row *Row) {
		q, err := row.Need.Qualify()
		if err != nil {
			t.Fatal(err)
		}
		again, err := q.Requirement()
		if err != nil {
			t.Fatal(err)
		}
		leaves := map[Document]bool{}
		row.Need.walk(func(d Document) { leaves[d] = true })
		again.walk(func(d Document) {
			if !leaves[d] {
				t.Errorf("%s is new", d.Title())
			}
		})
		for _, held := range holdings(row.Need, q) {
			if a, b := met(row.Need, held), met(again, held); a != b {
				t.Fatalf("holding %v: the tree says %v, WeChat's form %v", held, a, b)
			}
		}
		twice, err := again.Qualify()
		if diff := cmp.Diff(q, twice); diff != "" || err != nil {
			t.Errorf("exported again: %v\n%s", err, diff)
		}
	})
}

// met reports whether who holds the documents meets the requirement.
func met(need Requirement, held map[Document]bool) bool {
	without := func(part Requirement) bool { return !met(part, held) }
	with := func(part Requirement) bool { return met(part, held) }
	switch need.Kind {
	case One:
		return held[need.Document]
	case All:
		return !slices.ContainsFunc(need.Parts, without)
	case Any:
		return slices.ContainsFunc(need.Parts, with)
	}
	return true
}

// holdings are sets of documents to try: every choice of q, each without one
// of its documents, and sets at random.
func holdings(need Requirement, q Qualify) []map[Document]bool {
	var docs []Document
	need.walk(func(d Document) { docs = append(docs, d) })
	all := []map[Document]bool{{}}
	for _, choice := range q.ExterList {
		for without := -1; without < len(choice.InnerList); without++ {
			held := map[Document]bool{}
			for i, inner := range choice.InnerList {
				if part, err := inner.requirement(); err == nil && i != without {
					held[part.Document] = true
				}
			}
			all = append(all, held)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		held := map[Document]bool{}
		share := random.Float64()
		for _, doc := range docs {
			if random.Float64() < share {
				held[doc] = true
			}
		}
		all = append(all, held)
	}
	return all
}
