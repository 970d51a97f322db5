package bot

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Ways to name an option by its number: 1, １, ①, 一, 第一个, 选二, "1.", 要第3个吧, 最后一个.
var (
	ordinal     = regexp.MustCompile(`^(?:我?要|我?选择?|就|是|看)*(?:第)?(十|[一二三四五六七八九两]|\d{1,3})(?:个|项|种|号|条|类)?(?:吧|的|呢|啊|呀|哦)*$`)
	lastOrdinal = regexp.MustCompile(`^(?:我?要|我?选择?|就|是)*(?:最后一?个|后者|最后那个)(?:吧|的)*$`)
	everything  = regexp.MustCompile(`^(?:我?(?:全部?|都|两个都|三个都)(?:要|看|选|有|做|是)?(?:了|的|吧)*|全部|都要)$`)
	separators  = regexp.MustCompile(`[\s,，、.。．!！?？~:：)）(（]+|和|跟|还有`)
)

var numerals = []string{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"}

// pickOrdinals reads a message as a choice among n options: their places from
// 0, in the order of the message. named tells whether it speaks of numbers at
// all, be they among the options or not.
func pickOrdinals(text string, n int) (picked []int, named bool) {
	text = strings.TrimSpace(norm.NFKC.String(text))
	switch {
	case n > 0 && everything.MatchString(text):
		for i := range n {
			picked = append(picked, i)
		}
		return picked, true
	case n > 0 && lastOrdinal.MatchString(text):
		return []int{n - 1}, true
	}
	for _, word := range separators.Split(text, -1) {
		if word == "" {
			continue
		}
		number, ok := ordinalValue(word)
		if !ok {
			return nil, false
		}
		named = true
		if number >= 1 && number <= n && !slices.Contains(picked, number-1) {
			picked = append(picked, number-1)
		}
	}
	return picked, named
}

func ordinalValue(word string) (int, bool) {
	match := ordinal.FindStringSubmatch(word)
	if match == nil {
		return 0, false
	}
	digits := match[1]
	if digits == "两" {
		digits = "二"
	}
	if i := slices.Index(numerals, digits); i >= 0 {
		return i, true
	}
	value := 0
	for _, d := range digits {
		value = value*10 + int(d-'0')
	}
	return value, true
}
