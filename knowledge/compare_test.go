package knowledge

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func loaded(t testing.TB) *Base {
	t.Helper()
	base, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return base
}

func rowOf(words string) *Row {
	row := &Row{Words: words}
	row.Need, row.Note, row.Unread = ParseWords(words)
	return row
}

func TestCompareRows(t *testing.T) {
	base := &Base{Licences: []*Licence{{Name: "甲证", Also: []string{"甲证书"}}}}
	for _, c := range []struct{ old, new, want string }{
		{"《甲证》", "《甲证》", `{"same":true}`},
		{"《甲证》", "需提供《甲证》", `{"same":true}`},
		{"《甲证》和《乙证》", "同时提供： 1、《乙证》 2、《甲证》", `{"same":true}`},
		{"/", "/", `{"same":true}`},
		{"《甲证》", "/", `{"same":false,"no_longer":true,"dropped":["《甲证》"],"kinds":"one→nothing"}`},
		{"/", "《甲证》", `{"same":false,"added":["《甲证》"],"kinds":"nothing→one"}`},
		{"《甲证》", "《甲证书》", `{"same":false,"renamed":["《甲证》→《甲证书》"]}`},
		{"《甲证》", "《甲证》或《甲证书》", `{"same":false,"renamed":["《甲证》→《甲证书》"],"kinds":"one→any"}`},
		{"《甲证》或《乙证》", "（2选1）： 1、政府：《甲证》或《乙证》 2、企业：《乙证》", `{"same":false,"conditions":["《甲证》 → 政府：《甲证》","《乙证》 → 政府：《乙证》"]}`},
		{"《甲证》", "《甲证》或《乙证》", `{"same":false,"added":["《乙证》"],"kinds":"one→any"}`},
		{"《甲证》或《乙证》", "《乙证》", `{"same":false,"dropped":["《甲证》"],"kinds":"any→one"}`},
		{"《甲证》或《乙证》", "《甲证》和《乙证》", `{"same":false,"kinds":"any→all","regrouped":true}`},
		{"《甲证》或《乙证》", "《甲证》和《丙证》或《乙证》", `{"same":false,"added":["《丙证》"]}`},
		{"（2选1）： 1、《甲证》 2、《乙证》", "同时提供： 1、《甲证》/《乙证》 2、《丙证》", `{"same":false,"added":["《丙证》"],"kinds":"any→all"}`},
		{"同时提供： 1、《甲证》 2、《乙证》/《丙证》", "同时提供： 1、《甲证》/《乙证》 2、《丙证》", `{"same":false,"regrouped":true}`},
		{"《甲证》", "《甲证》（经营范围含花木）", `{"same":false,"conditions":["《甲证》 → 《甲证》（经营范围含花木）"]}`},
		{"《甲证》", "《甲证书》（经营范围含花木）", `{"same":false,"renamed":["《甲证》→《甲证书》"],"conditions":["《甲证》 → 《甲证》（经营范围含花木）"]}`},
		{"民政部《甲证》", "《甲证》", `{"same":false,"conditions":["民政部《甲证》 → 《甲证》"]}`},
		{"《甲证》", "企业主体：《甲证》", `{"same":false,"conditions":["《甲证》 → 企业主体：《甲证》"]}`},
		{"《甲证》", "请联系客服，说明情况", `{"same":false,"unread":true}`},
		{"请联系客服，说明情况", "请联系客服，说明情况", `{"same":true}`},
	} {
		if diff := cmp.Diff(c.want, brief(t, CompareRows(base, rowOf(c.old), rowOf(c.new)))); diff != "" {
			t.Errorf("%s, then %s:\n%s", c.old, c.new, diff)
		}
	}
}

// brief is a difference as JSON, with the documents as they are written.
func brief(t *testing.T, d Difference) string {
	t.Helper()
	data, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `{"same":%v`, d.Same)
	for _, key := range []string{"no_longer", "unread", "added", "dropped", "renamed", "conditions", "kinds", "regrouped"} {
		if value, ok := fields[key]; ok {
			fmt.Fprintf(&b, `,"%s":%s`, key, short(t, value))
		}
	}
	return b.String() + "}"
}

// short writes a field of a difference: documents, pairs of them, texts.
func short(t *testing.T, value any) string {
	t.Helper()
	if object, ok := value.(map[string]any); ok {
		return fmt.Sprintf(`"%v→%v"`, object["old"], object["new"])
	}
	list, ok := value.([]any)
	if !ok {
		return fmt.Sprint(value)
	}
	title := func(v any) string { return fmt.Sprintf("《%v》", v.(map[string]any)["name"]) }
	var items []string
	for _, item := range list {
		object := item.(map[string]any)
		switch old, paired := object["old"].([]any); {
		case paired:
			items = append(items, fmt.Sprintf(`"%v → %v"`, old[0], object["new"].([]any)[0]))
		case object["old"] != nil:
			items = append(items, fmt.Sprintf(`"%s→%s"`, title(object["old"]), title(object["new"])))
		default:
			items = append(items, `"`+title(object)+`"`)
		}
	}
	return "[" + strings.Join(items, ",") + "]"
}

// Nothing differs between an edition and itself, though counterparts in other editions have keys like its own.
func TestCompareWithItself(t *testing.T) {
	base := loaded(t)
	for _, e := range base.Editions {
		want := Comparison{Old: e.ID, New: e.ID, Added: []string{}, Gone: []string{}, Changed: []RowChange{}, Same: len(e.Rows)}
		if diff := cmp.Diff(want, Compare(base, e, e)); diff != "" {
			t.Error(diff)
		}
	}
}

// Both directions tell the same story, and no row of either edition is forgotten.
func TestCompareBothWays(t *testing.T) {
	base := loaded(t)
	for i, a := range base.Editions {
		for _, b := range base.Editions[i+1:] {
			there, back := Compare(base, a, b), Compare(base, b, a)
			if diff := cmp.Diff(there.Added, back.Gone); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(there.Gone, back.Added); diff != "" {
				t.Error(diff)
			}
			if there.Same != back.Same || len(there.Changed) != len(back.Changed) {
				t.Errorf("%d the same and %d changed, back %d and %d", there.Same, len(there.Changed), back.Same, len(back.Changed))
			}
			mirrored(t, there, back)
			olds, news := slices.Clone(there.Gone), slices.Clone(there.Added)
			for _, c := range there.Changed {
				olds, news = append(olds, c.Old), append(news, c.New)
			}
			covered(t, a, olds, there.Same)
			covered(t, b, news, there.Same)
		}
	}
}

// mirrored: what one direction adds the other drops.
func mirrored(t *testing.T, there, back Comparison) {
	t.Helper()
	for _, c := range there.Changed {
		i := slices.IndexFunc(back.Changed, func(o RowChange) bool { return o.Old == c.New && o.New == c.Old })
		if i < 0 {
			t.Errorf("%s and %s are changed only one way", c.Old, c.New)
			continue
		}
		o := back.Changed[i]
		if diff := cmp.Diff(c.Added, o.Dropped) + cmp.Diff(c.Dropped, o.Added); diff != "" || c.Regrouped != o.Regrouped || c.Difference.Same != o.Difference.Same {
			t.Errorf("%s and %s: %s", c.Old, c.New, diff)
		}
	}
}

// covered: every row is in keys, but for as many as are the same.
func covered(t *testing.T, e *Edition, keys []string, same int) {
	t.Helper()
	for _, row := range e.Rows {
		if !slices.Contains(keys, row.Key) {
			same--
		}
	}
	if same < 0 {
		t.Errorf("%s: %d rows are in no list", e.ID, -same)
	}
}

// What is known to have changed since the founding table is found.
func TestCompareKnownChanges(t *testing.T) {
	base := loaded(t)
	c := Compare(base, base.Editions[0], base.Editions[1])
	if c.Old != "2017-04" || c.New != "2026-02" {
		t.Fatalf("compared %s and %s", c.Old, c.New)
	}
	find := func(old, new string) RowChange {
		i := slices.IndexFunc(c.Changed, func(r RowChange) bool { return r.Old == old && r.New == new })
		if i < 0 {
			t.Fatalf("%s and %s are not beside each other, or the same", old, new)
		}
		return c.Changed[i]
	}
	if got := find("教育/出国留学", "教育服务/出国留学"); !got.NoLonger || !got.Moved {
		t.Errorf("%+v", got)
	}
	if got := find("社交/直播", "社交/直播"); got.Moved || got.Kinds == nil || *got.Kinds != (KindChange{All, Any}) || len(got.Dropped) == 0 || got.Dropped[0].Name != "网络文化经营许可证" {
		t.Errorf("%+v", got)
	}
	if !slices.Contains(c.Gone, "医疗/医疗保健信息服务") || !slices.Contains(c.Added, "物流服务/查件/查件") {
		t.Errorf("gone %v, added %d rows", c.Gone, len(c.Added))
	}
}

// A requirement written in another form of words is the same requirement.
func TestCompareForms(t *testing.T) {
	base := loaded(t)
	for _, e := range base.Editions {
		for _, row := range e.Rows {
			if row.Unread != nil {
				continue
			}
			if got := CompareRows(base, row, rowOf(row.Need.Words())); !got.Same {
				t.Errorf("%s: %s and %s differ: %+v", e.ID, row.Words, row.Need.Words(), got)
			}
		}
	}
}
