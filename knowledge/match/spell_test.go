package match_test

import (
	"strings"
	"testing"

	"zizhi/knowledge/match"
)

func TestPinyin(t *testing.T) {
	for text, want := range map[string]string{
		"直播": "zhi bo", "銀行": "yin hang", "行业": "xing ye", "音乐": "yin yue", "ＩＣＰ证": "   zheng", "（P2P）": "    ", "": "",
	} {
		if got := strings.Join(match.Pinyin(match.Fold(text)), " "); got != want {
			t.Errorf("Pinyin(%s) = %q, want %q", text, got, want)
		}
	}
}

// Whoever looks for syllables in a text relies on it.
func TestPinyinIsOfPlainLetters(t *testing.T) {
	for r := rune(0x3400); r < 0xA000; r++ {
		for _, syllable := range match.Pinyin([]rune{r}) {
			if strings.Trim(syllable, "abcdefghijklmnopqrstuvwxyz") != "" {
				t.Errorf("Pinyin(%c) = %q", r, syllable)
			}
		}
	}
}

func TestFold(t *testing.T) {
	for text, want := range map[string]string{"網絡直播": "网络直播", "ＩＣＰ（Ｐ２P）": "icp(p2p)", "\xff": "\ufffd"} {
		if got := string(match.Fold(text)); got != want {
			t.Errorf("Fold(%s) = %q, want %q", text, got, want)
		}
	}
}
