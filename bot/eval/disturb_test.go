package eval_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mozillazg/go-pinyin"

	"zizhi/bot/eval"
)

// What people do to a question that leaves its meaning as it is may cost three
// points of accuracy at most.
func TestDisturbed(t *testing.T) {
	set := slices.DeleteFunc(questions(t, founding), func(q eval.Question) bool { return q.Kind == "chat" })
	plain := exactShare(set)
	for name, disturb := range map[string]func(string) string{
		"polite":      func(s string) string { return "你好，请问一下，" + s + "，谢谢！" },
		"forwarded":   func(s string) string { return "【客服转】用户昵称：小王 问题：" + s },
		"traditional": traditional(t),
		"homophone":   homophone(t),
		"full width":  fullWidth,
	} {
		disturbed := slices.Clone(set)
		for i := range disturbed {
			disturbed[i].Q = disturb(disturbed[i].Q)
		}
		share := exactShare(disturbed)
		t.Logf("%-12s %.1f %%, as it is %.1f %%", name, 100*share, 100*plain)
		if plain-share > 0.03 {
			t.Errorf("%s costs %.1f points", name, 100*(plain-share))
		}
	}
}

func exactShare(set []eval.Question) float64 {
	all := eval.Summarize(eval.Run(bots[founding](), set)).All
	return float64(all.Exact) / float64(all.N)
}

// traditional writes a text in traditional characters, by the table that reading uses the other way round.
func traditional(t *testing.T) func(string) string {
	data, err := os.ReadFile("../../knowledge/match/simplified.txt")
	if err != nil {
		t.Fatal(err)
	}
	table := map[rune]rune{}
	for line := range strings.Lines(string(data)) {
		pair := []rune(strings.TrimSpace(line))
		for i := 0; i+1 < len(pair) && pair[0] != '#'; i += 2 {
			if _, ok := table[pair[i+1]]; !ok {
				table[pair[i+1]] = pair[i]
			}
		}
	}
	return func(s string) string {
		return strings.Map(func(r rune) rune {
			if to, ok := table[r]; ok {
				return to
			}
			return r
		}, s)
	}
}

// homophone puts a homophone that occurs in some question in the place of one
// character, anywhere in the message.
func homophone(t *testing.T) func(string) string {
	random := rand.New(rand.NewPCG(1, 1))
	byS := map[string][]rune{}
	for _, q := range questions(t, founding) {
		for _, r := range q.Q {
			if s := syllable(r); s != "" && !slices.Contains(byS[s], r) {
				byS[s] = append(byS[s], r)
			}
		}
	}
	return func(s string) string {
		runes := []rune(s)
		for range 20 {
			i := random.IntN(len(runes))
			if same := byS[syllable(runes[i])]; len(same) > 1 {
				runes[i] = same[random.IntN(len(same))]
				break
			}
		}
		return string(runes)
	}
}

func syllable(r rune) string {
	if s := pinyin.SinglePinyin(r, pinyin.NewArgs()); len(s) > 0 {
		return s[0]
	}
	return ""
}

func fullWidth(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r <= '~' {
			return r - '!' + '！'
		}
		return r
	}, s)
}
