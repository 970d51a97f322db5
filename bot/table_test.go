package bot_test

import (
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

// How documents are marked beside another edition: - before those that the
// other does not ask for, ~ before those that it asks for otherwise.
func TestCompare(t *testing.T) {
	for _, test := range []struct {
		edition, key, with string
		want               string
		known, same        bool
	}{
		{"2017-04", "教育/驾校培训", "2026-02", "-《道路运输经营许可证》 | 教育服务/驾校培训 -《机动车驾驶员培训备案》", true, false},
		{"2026-02", "教育服务/驾校培训", "2017-04", "-《机动车驾驶员培训备案》 | 教育/驾校培训 -《道路运输经营许可证》", true, false},
		{"2017-04", "医疗/医疗器械生产企业", "2026-02", "《医疗器械生产许可证》 | 医疗服务/医疗器械生产企业 《医疗器械生产许可证》", true, true},
		{"2017-04", "教育/出国留学", "2026-02", "-《自费出国留学中介服务机构资格认定书》 | 教育服务/出国留学 /", true, false},
		// the same licence under two names; two rows that took the place of one
		{"2017-04", "金融业/基金", "2026-02", "any(《经营证券期货业务许可证》 《基金托管业务许可证》 《基金销售从业资格证书》) | " +
			"金融业/公募基金 any(《经营证券期货业务许可证》 《基金托管业务许可证》 《基金销售业务资格证书》 -《基金管理资格证书》 -中国证券投资基金业协会官网的基金评价机构名录截图) | " +
			"金融业/私募基金 any(-《私募基金备案证明》 -中国证券投资基金业协会私募基金管理人分类查询公示网址（https://gs.amac.org.cn/amac-infodisc/res/pof/manager/managerList.html）查询截图 -《中基协私募基金服务机构备案》)", true, false},
		// another condition
		{"2017-04", "社交/婚恋", "2026-02", "any(~《增值电信业务经营许可证》 -《电信与信息服务业务经营许可证》) | 社交/婚恋 ~《增值电信业务经营许可证》", true, false},
		// nothing took its place; nothing is known of it
		{"2017-04", "医疗/医疗保健信息服务", "2026-02", "any(《增值电信业务经营许可证》 《电信与信息服务业务经营许可证》)", true, false},
		{"2026-02", "物流服务/快递柜", "2017-04", "与快递公司的合作协议", false, false},
		{"", "社交/直播", "2017-04", "all(《信息网络传播视听节目许可证》 《网络文化经营许可证》) | 社交/直播 all(《信息网络传播视听节目许可证》 《网络文化经营许可证》)", true, true},
	} {
		got, ok, err := expert.Compare(test.edition, test.key, test.with)
		if err != nil || !ok {
			t.Errorf("%s: %v, %v", test.key, ok, err)
			continue
		}
		sides := []string{marks(got.Here.Need)}
		for _, row := range got.There {
			sides = append(sides, row.Key+" "+marks(row.Need))
		}
		if side := strings.Join(sides, " | "); side != test.want || got.Known != test.known || got.Same != test.same {
			t.Errorf("%s beside %s: known %v, same %v:\n%s\nwant %v, %v:\n%s", test.key, test.with, got.Known, got.Same, side, test.known, test.same, test.want)
		}
	}
}

func TestCompareWhatIsNotThere(t *testing.T) {
	if _, ok, err := expert.Compare("2017-04", "社交/快递", "2026-02"); ok || err != nil {
		t.Errorf("a row that does not exist: %v, %v", ok, err)
	}
	for _, ids := range [][2]string{{"1999-01", "2026-02"}, {"2017-04", "1999-01"}} {
		if _, ok, err := expert.Compare(ids[0], "社交/直播", ids[1]); ok || err == nil {
			t.Errorf("editions %v: %v, %v", ids, ok, err)
		}
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
