package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"


	"zizhi/bot"
	"zizhi/knowledge"
)

var editions = []string{"2017-04", "2026-02"}

// The page shows every document of every row, and none where none is asked for.
func TestTableHasEveryDocument(t *testing.T) {
	for _, id := range editions {
		table, err := expert.Table(id)
		if err != nil {
			t.Fatal(err)
		}
		edition, err := expert.Base.Edition(id)
		if err != nil {
			t.Fatal(err)
		}
		if len(table.Rows) != len(edition.Rows) || table.Edition.Rows != len(edition.Rows) || len(table.Editions) != len(expert.Base.Editions) {
			t.Fatalf("%s: %d rows, edition %+v, %d editions", id, len(table.Rows), table.Edition, len(table.Editions))
		}
		for i, row := range edition.Rows {
			got := table.Rows[i]
			if got.Key != row.Key || got.Words != row.Words || got.Lead == "" || (got.Unread != "") != (row.Unread != nil) {
				t.Errorf("%s is shown as %+v", row.Key, got)
			}
			if want := titles(row.Need); row.Unread == nil && !slices.Equal(shownTitles(got.Need), want) {
				t.Errorf("%s: documents %v, want %v", row.Key, shownTitles(got.Need), want)
			}
		}
	}
}

func titles(need knowledge.Requirement) []string {
	if need.Kind == knowledge.One {
		return []string{need.Document.Title() + need.Document.Condition}
	}
	var all []string
	for _, part := range need.Parts {
		all = append(all, titles(part)...)
	}
	return all
}

func shownTitles(need *bot.TableNeed) []string {
	switch {
	case need == nil:
		return nil
	case need.Paper != nil:
		return []string{need.Paper.Title + need.Paper.Condition}
	}
	var all []string
	for _, part := range need.Parts {
		all = append(all, shownTitles(&part)...)
	}
	return all
}

func TestTableOfTheEditionThatAnswers(t *testing.T) {
	table, err := expert.Table("")
	if err != nil || table.Edition.ID != "2017-04" || !table.Edition.Answers || table.Editions[1].Answers {
		t.Errorf("edition %+v of %+v, %v", table.Edition, table.Editions, err)
	}
	for _, id := range []string{"1999", "2017-04 "} {
		if _, err := expert.Table(id); err == nil || !strings.Contains(err.Error(), "2026-02") {
			t.Errorf("edition %q: error %v, want one that says which there are", id, err)
		}
	}
}

// How the documents of a row are marked beside another edition: - for those
// that the other does not ask for, ~ for those that it asks for in other words.
func TestCompare(t *testing.T) {
	for _, test := range []struct {
		edition, key, with string
		known, same        bool
		here               string
		there              []string
	}{
		{"2017-04", "教育/驾校培训", "2026-02", true, false, "", nil},
		{"2017-04", "医疗/医疗保健信息服务", "2026-02", true, false, "", nil},
		{"2026-02", "物流服务/快递柜", "2017-04", false, false, "", nil},
		{"2017-04", "社交/直播", "2017-04", true, true, "", nil},
	} {
		got, ok, err := expert.Compare(test.edition, test.key, test.with)
		if err != nil || !ok {
			t.Errorf("%s: %v %v", test.key, ok, err)
			continue
		}
		here := marks(got.Here.Need)
		var there []string
		for _, row := range got.There {
			there = append(there, row.Key+" "+marks(row.Need))
		}
		fmt.Println(test.key, got.Known, got.Same, here, there)
	}
	for _, row := range expert.Edition.Rows {
		got, _, _ := expert.Compare("2017-04", row.Key, "2026-02")
		var there []string
		for _, row := range got.There {
			there = append(there, row.Key+" "+marks(row.Need))
		}
		fmt.Println(row.Key, got.Known, got.Same, marks(got.Here.Need), there)
	}
}

func marks(need *bot.TableNeed) string {
	switch {
	case need == nil:
		return "/"
	case need.Paper != nil:
		return map[string]string{"only": "-", "otherwise": "~"}[need.Paper.Differs] + need.Paper.Title
	}
	var parts []string
	for _, part := range need.Parts {
		parts = append(parts, marks(&part))
	}
	return need.Kind + "(" + strings.Join(parts, " ") + ")"
}

func TestSearch(t *testing.T) {
	for _, typed := range []string{"直播", "zhibo", "zb", "增电许可", "证咨", "器械销售", "文网文", "icp", "ICP证", "社交/直播", "视听 直播", "yinhang", "yh", "教育", "zhi bo", "網絡直播","guangdian", "dianshang", "p2p", "不存在的", "x", "快递", "diaoyu"} {
		for _, id := range editions {
			hits, err := expert.Search(id, typed)
			if err != nil {
				t.Fatal(err)
			}
			var s []string
			for _, h := range hits[:min(5, len(hits))] {
				s = append(s, marked(h))
			}
			fmt.Println(id, typed, len(hits), s)
		}
	}
}

func marked(h bot.Hit) string {
	var levels []string
	for _, level := range h.Path {
		levels = append(levels, bracketed(level))
	}
	s := strings.Join(levels, "/")
	if h.Licence != nil {
		s += " " + bracketed(h.Licence)
	}
	if h.Means != "" {
		s += " = " + h.Means
	}
	return s
}

func bracketed(pieces []bot.Piece) string {
	s := ""
	for _, p := range pieces {
		if p.Found {
			s += "[" + p.Text + "]"
		} else {
			s += p.Text
		}
	}
	return s
}

// Whatever part of a row's name is typed, the row is found, and exactly that part is marked.
func TestSearchFindsEveryRow(t *testing.T) {
}

func BenchmarkSearch(b *testing.B) {
	for b.Loop() {
		expert.Search("2026-02", "zhibo")
	}
}
