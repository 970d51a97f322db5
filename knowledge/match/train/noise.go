package main

import (
	_ "embed"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/mozillazg/go-pinyin"
)

//go:embed asides.txt
var asides string

// sayings are the lines of a list that are no comments.
func sayings(list string) []string {
	lines := strings.Split(strings.TrimSpace(list), "\n")
	return slices.DeleteFunc(lines, func(l string) bool { return l == "" || strings.HasPrefix(l, "#") })
}

// noise makes the copies of a question that people with other habits would have typed.
type noise struct {
	random     *rand.Rand
	asides     []string          // what people say beside the point
	homophones map[string][]rune // by toneless syllable: characters that the corpus uses
}

func newNoise(questions []question, seed uint64) *noise {
	n := &noise{random: rand.New(rand.NewPCG(seed, 2)), asides: sayings(asides), homophones: map[string][]rune{}}
	seen := map[rune]bool{}
	for _, q := range questions {
		for _, r := range q.text {
			if s := syllable(r); s != "" && !seen[r] {
				seen[r] = true
				n.homophones[s] = append(n.homophones[s], r)
			}
		}
	}
	return n
}

func syllable(r rune) string {
	if s := pinyin.SinglePinyin(r, pinyin.NewArgs()); len(s) > 0 {
		return s[0]
	}
	return ""
}

var (
	openings = []string{"你好，", "您好 请问", "在吗 ", "请问一下，", "客户问：", "【用户】", "麻烦问下 ", "老师好，", "转：", "用户留言：", "hi ", "嗯那个", "帮看下，"}
	closings = []string{"谢谢", "，谢谢！", "😊", "？？", "，急", " 在线等", "，多谢", "呀", "啊", "。", "，麻烦了", "🙏"}
)

// copy returns a noisy copy of a question.
func (n *noise) copy(s string) string {
	runes := []rune(s)
	chance := n.random.Float32()
	switch {
	case chance < 0.35:
		runes = n.misspell(runes)
	case chance < 0.45:
		runes = n.misspell(n.misspell(runes))
	case chance < 0.53:
		runes = n.drop(runes)
	case chance < 0.62:
		return n.latin(runes)
	case chance < 0.75:
		return strings.Join(strings.FieldsFunc(s, isPunctuation), "")
	}
	s = n.amid(string(runes))
	if n.random.Float32() < 0.3 {
		s = openings[n.random.IntN(len(openings))] + s
	}
	if n.random.Float32() < 0.3 {
		s += closings[n.random.IntN(len(closings))]
	}
	return s
}

// amid puts a copy beside what is not the point: 公司在虹桥站旁边，….
func (n *noise) amid(s string) string {
	aside := n.asides[n.random.IntN(len(n.asides))]
	switch chance := n.random.Float32(); {
	case chance < 0.12:
		return aside + "，" + s
	case chance < 0.18:
		return s + "，" + aside
	}
	return s
}

func isPunctuation(r rune) bool { return strings.ContainsRune("，。！？、；：,.!?;: ~…", r) }

// misspell puts a homophone in the place of one character.
func (n *noise) misspell(runes []rune) []rune {
	i := n.random.IntN(len(runes))
	if same := n.homophones[syllable(runes[i])]; len(same) > 1 {
		runes = slices.Clone(runes)
		runes[i] = same[n.random.IntN(len(same))]
	}
	return runes
}

func (n *noise) drop(runes []rune) []rune {
	if len(runes) < 8 {
		return runes
	}
	i := n.random.IntN(len(runes))
	return slices.Delete(slices.Clone(runes), i, i+1)
}

// latin types a few neighbouring characters, or all, in pinyin.
func (n *noise) latin(runes []rune) string {
	from, to := 0, len(runes)
	if len(runes) > 8 || n.random.IntN(2) == 0 {
		from = n.random.IntN(len(runes))
		to = min(from+2+n.random.IntN(3), len(runes))
	}
	var b strings.Builder
	for i, r := range runes {
		if s := syllable(r); s != "" && i >= from && i < to {
			b.WriteString(s)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
