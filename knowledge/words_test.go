package knowledge

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the files in testdata anew")

// Every row's tree beside its official words, as a file that people review.
func TestTrees(t *testing.T) {
	base, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, edition := range base.Editions {
		t.Run(edition.ID, func(t *testing.T) {
			var b strings.Builder
			for _, row := range edition.Rows {
				b.WriteString(row.Key + "\n  " + row.Words + "\n  = " + row.Need.String() + "\n")
				if row.Note != "" {
					b.WriteString("  note: " + row.Note + "\n")
				}
				if row.Unread != nil {
					b.WriteString("  unread: " + row.Unread.Error() + "\n")
				}
			}
			golden(t, "testdata/trees-"+edition.ID+".txt", b.String())
		})
	}
}

// rows runs a test on every row of every built-in edition.
func rows(t *testing.T, test func(t *testing.T, row *Row)) {
	base, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, edition := range base.Editions {
		for _, row := range edition.Rows {
			t.Run(edition.ID+"/"+row.Key, func(t *testing.T) { test(t, row) })
		}
	}
}

// Of the rows that need documents, at least 97 in 100 are read in full.
func TestRowsAreRead(t *testing.T) {
	base, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, edition := range base.Editions {
		asking, unread := 0, 0
		for _, row := range edition.Rows {
			if row.Words == "/" {
				continue
			}
			asking++
			if row.Unread != nil {
				unread++
				t.Logf("%s: %s: %v", edition.ID, row.Key, row.Unread)
			} else if row.Need.Kind == Nothing {
				t.Errorf("%s: %s asks for nothing though its words are %q", edition.ID, row.Key, row.Words)
			}
		}
		if unread*100 > asking*3 {
			t.Errorf("%s: %d of %d rows cannot be read; at most 3 in 100 may", edition.ID, unread, asking)
		}
	}
}

// What is not plain is an error, or a doubt that the lint reports.
func TestWordsInDoubt(t *testing.T) {
	for words, want := range map[string]string{
		"（3选1）： 1、《甲》 2、《乙》":         "doubt: says 3选1 but lists 2",
		"（⑪选①，可多选） ①《甲》 ②《乙》":        "doubt: says 11选1 but lists 2",
		"1、个人：《甲》 2、企业：《乙》":          "doubt: does not say that one of 2 is enough; read so, as each says whom it is for",
		"1、《甲》 2、企业：《乙》":             "doubt: does not say whether all of 2 are needed; read so",
		"《甲》（范围含“乙”（如：丙）":            "doubt: the bracket before \"范围含“乙”（如：丙）\" is not closed",
		"《甲》（范围含“乙” 或《丙》":            "error: \"（范围含“乙” 或《丙》\" is not closed",
		"（3选2）： 1、《甲》 2、《乙》 3、《丙》":   "error: cannot tell how what follows \"（3选2）\" goes together",
		"企业，任意两项： 1、《甲》 2、《乙》 3、《丙》": "error: cannot tell how what follows \"企业，任意两项\" goes together",
		"同时提供： 1、《甲》 3、《乙》":          "error: the number before \"《乙》\" does not go on with a list",
		"1、甲 (1)乙 ①丙 1）丁 一、戊":        "error: a list deeper than 4 lists before \"戊\"",
		"（2选1）《甲》和《乙》":               "error: cannot read \"《甲》和《乙》\" as a list",
		"《甲》、《乙》":                    "error: cannot read \"、《乙》\"",
		"《甲》须在有效期内":                  "error: cannot read \"须在有效期内\"",
		"《甲》或":                       "error: no document is named",
		"《甲》和或《乙》":                   "error: cannot read \"或\"",
		"《甲》且":                       "error: a condition is missing before \"\"",
		"请联系客服，说明情况":                 "error: cannot read \"请联系客服，说明情况\"",
		"《甲》（适用于学校）及《乙》":             "error: cannot tell how far 适用于学校 reaches",
		"企业：《甲》（适用于学校）":              "error: cannot read two labels, 企业 and 学校,",
		"《甲》 注：其他如下： 1、《乙》 2、《丙》":    "error: cannot read \"《甲》\" before a list",
		"同时提供： 注：分两种情况 1、《乙》 2、《丙》":  "error: cannot read a list behind the note \"分两种情况\"",
		"该类目正在内测阶段。标题格式为【甲】":         "error: no document is named",
		"《甲》且范围含“乙”）":                "error: cannot read for certain: 《甲》[范围含“乙”）]",
		strings.Repeat("甲", 3000):    "error: 9000 bytes are too long for the requirement of one row, at most 8192; is this a whole page?",
	} {
		r, err := readWords(words)
		got := "doubt: " + strings.Join(r.doubts, "; ")
		if err != nil {
			got = "error: " + strings.TrimSuffix(err.Error(), fmt.Sprintf(" in %q", words))
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", words, got, want)
		}
	}
}

// structure is what may be left of official words without what the tree and
// the notes hold: numbers, joining words, brackets and the words of openings.
var structure = regexp.MustCompile(`^(?:[\s《》（）():：；;，,。、./]|\d+(?:\.\d+)?|[①-⑳]|[一二三四五六七八九十]+|` +
	`资质|[需须]|同时|提供|提交|满足|符合|选|或者|或|和|以及|及|与|且|适用于?|说明|注)*$`)

// repeated is a note that only says again what the list before it is called.
const repeated = "经营保险许可证件为"

// Nothing in a tree is made up, and nothing of the words is lost in it.
func TestTreeHasTheWords(t *testing.T) {
	rows(t, func(t *testing.T, row *Row) {
		if row.Unread != nil || row.Words == "/" {
			return
		}
		held := texts(row.Need)
		if row.Note != "" {
			held = append(held, strings.Split(row.Note, "。 ")...)
		}
		if strings.Contains(row.Words, repeated) {
			held = append(held, repeated)
		}
		left := row.Words
		slices.SortFunc(held, func(a, b string) int { return len(b) - len(a) })
		for _, text := range held {
			if !strings.Contains(row.Words, text) {
				t.Errorf("the words do not say %q", text)
			}
			left = strings.ReplaceAll(left, text, " ")
		}
		if !structure.MatchString(left) {
			t.Errorf("the tree lacks some of %q", left)
		}
		for _, title := range regexp.MustCompile(`《([^》]*)》`).FindAllStringSubmatch(row.Words, -1) {
			if !strings.Contains(row.Need.String()+row.Note, strings.TrimSpace(title[1])) && !sharedTitle.MatchString(title[1]) {
				t.Errorf("the tree lacks %s", title[0])
			}
		}
	})
}

// texts lists every piece of official words in a tree.
func texts(r Requirement) []string {
	d := r.Document
	all := append([]string{r.For, r.Heading, d.Issuer, d.Name}, strings.Split(d.Condition, "；")...)
	for _, part := range r.Parts {
		all = append(all, texts(part)...)
	}
	return slices.DeleteFunc(all, func(text string) bool { return text == "" })
}

// A tree written as official words is read as the same tree.
func TestWordsOfTree(t *testing.T) {
	rows(t, func(t *testing.T, row *Row) {
		if row.Unread == nil {
			sameAgain(t, row.Need)
		}
	})
}

func sameAgain(t *testing.T, need Requirement) {
	t.Helper()
	again, _, err := ParseWords(need.Words())
	if err != nil {
		t.Fatalf("%v, written for %s", err, need)
	}
	if diff := cmp.Diff(need, again); diff != "" {
		t.Errorf("read again from %q:\n%s", need.Words(), diff)
	}
}

// Whatever strangers put into a table, reading it ends, and what is read can be written and read again.
func FuzzParseWords(f *testing.F) {
	base, err := Load()
	if err != nil {
		f.Fatal(err)
	}
	for _, edition := range base.Editions {
		for _, row := range edition.Rows {
			f.Add(row.Words)
		}
	}
	f.Fuzz(func(t *testing.T, words string) {
		if need, _, err := ParseWords(words); err == nil && utf8.ValidString(words) {
			sameAgain(t, need)
			if q, err := need.Qualify(); err == nil {
				if _, err := q.Requirement(); err != nil {
					t.Errorf("WeChat's form of %s: %v", need, err)
				}
			}
		}
	})
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (go test -update writes it anew):\n%s", file, diff)
	}
}
