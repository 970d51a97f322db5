package bot_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"zizhi/bot"
)

// What is found first; [] is around what was typed.
func TestSearch(t *testing.T) {
	for _, test := range []struct{ edition, typed, want string }{
		{"2017-04", "直播", "社交/[直播]"},
		{"2017-04", "網借貸", "金融业/[网]络[借贷]信息中介（P2P）"}, // traditional, and a gap
		{"2017-04", "網絡直播", ""},
		{"2017-04", "社交/直播", "[社交]/[直播]"},
		{"2017-04", "  直播，社交", "[社交]/[直播]"},
		{"2017-04", "Ｐ２ｐ", "金融业/网络借贷信息中介（[P2P]）"},
		{"2017-04", "证咨", "金融业/[证]券、期货投资[咨]询"},
		{"2017-04", "fm", "富媒体/[FM]/电台"},
		{"2017-04", "教育", "[教育]/驾校培训"},
		{"2026-02", "教育", "政务民生/[教育]"},
		{"2026-02", "快递", "物流服务/[快递]柜"},
		// pinyin: whole, in part, initials, with the apostrophe or space of an input method
		{"2017-04", "zhibo", "社交/[直播]"},
		{"2017-04", "ZHIBO", "社交/[直播]"},
		{"2017-04", "zhib", "社交/[直播]"},
		{"2017-04", "zb", "社交/[直播]"},
		{"2017-04", "zhi'bo", "社交/[直播]"},
		{"2017-04", "zhi bo", "社交/[直播]"},
		{"2017-04", "yinhang", "金融业/[银行]"},
		{"2017-04", "hibo", ""},
		// documents and their other names
		{"2017-04", "文网文", "富媒体/音乐 [文网文] = 网络文化经营许可证"},
		{"2017-04", "icp", "医疗/医疗保健信息服务 [icp] = 增值电信业务经营许可证"},
		{"2017-04", "增电许可", "医疗/医疗保健信息服务 [增电许可] = 增值电信业务经营许可证"},
		{"2017-04", "视听 直播", "社交/[直播] 信息网络传播[视听]节目许可证"},
		{"2017-04", "直播 视听", "社交/[直播] 信息网络传播[视听]节目许可证"},
		{"2017-04", "信息 视听", "富媒体/视频 [信息]网络传播[视听]节目许可证"},
		{"2026-02", "zhongyizhensuo", "医疗服务/其他私立医疗机构 [中医诊所]备案证"},
		{"2017-04", "直播 驾校", ""},
		{"2017-04", "卖口红", ""},
		{"2017-04", "", ""},
		{"2017-04", " ，。/ ", ""},
	} {
		hits, err := expert.Search(test.edition, test.typed)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(hits) > 0 {
			got = marked(hits[0])
		}
		if got != test.want {
			t.Errorf("%s: %q finds %q first of %d, want %q", test.edition, test.typed, got, len(hits), test.want)
		}
	}
}

func TestSearchInNoEdition(t *testing.T) {
	if hits, err := expert.Search("1999-01", "直播"); err == nil || hits != nil {
		t.Errorf("%d hits, error %v", len(hits), err)
	}
}

// Whatever of a row's own name is typed, the row is found, and just that is marked.
func TestSearchFindsEveryRow(t *testing.T) {
	for _, row := range expert.Edition.Rows {
		name := []rune(row.Name())
		for start := range name {
			typed := string(name[start:min(start+32, len(name))])
			if strings.ContainsAny(typed, "/、（）") || utf8.RuneCountInString(typed) < 2 {
				continue
			}
			hits, err := expert.Search("2017-04", typed)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.TrimSuffix(row.Key, typed) + "[" + typed + "]"
			found := false
			for _, h := range hits {
				found = found || marked(h) == want
			}
			if !found {
				t.Errorf("%q does not find %s", typed, want)
			}
		}
	}
}

// Beside rows that were found in one piece, none that was scattered by sound.
func TestSearchIsNotLedAstrayBySounds(t *testing.T) {
	hits, err := expert.Search("2017-04", "jiaoyou")
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hits {
		if !strings.Contains(marked(h), "[交友]") {
			t.Errorf("jiaoyou finds %s", marked(h))
		}
	}
	if len(hits) != 2 {
		t.Errorf("jiaoyou finds %d rows, want 2", len(hits))
	}
}

// Whatever is typed, what is shown is the row's key, in pieces.
func FuzzSearch(f *testing.F) {
	for _, seed := range []string{"直播", "zb", "ICP 证", "增电许可", strings.Repeat("业", 40), "\xff", "\x00", "a\u0301", "İ", "ǅ", "ﬀ", "𠮷", "<b>", "'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		for _, id := range editions {
			hits, err := expert.Search(id, typed)
			if err != nil {
				t.Fatal(err)
			}
			edition, err := expert.Base.Edition(id)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range hits {
				shown := strings.NewReplacer("[", "", "]", "").Replace(marked(bot.Hit{Path: h.Path}))
				if edition.Row(h.Key) == nil || shown != h.Key {
					t.Errorf("%q finds %s, shown as %s", typed, h.Key, shown)
				}
				if !strings.Contains(marked(h), "[") {
					t.Errorf("%q finds %s, but nothing is marked", typed, h.Key)
				}
			}
		}
	})
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

func BenchmarkSearch(b *testing.B) {
	for b.Loop() {
		if _, err := expert.Search("2026-02", "zhibo"); err != nil {
			b.Fatal(err)
		}
	}
}
