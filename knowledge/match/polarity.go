package match

import "unicode/utf8"

// Negation is read by scope: a negating word puts what follows it, up to the
// next break or contrast, under a mark. Words under the mark speak against a
// row instead of for it, and the statistical reader sees them as other words:
// 不卖 is a sign of 展示, not of 销售.

// negators open a scope. Longer ones come first where one begins another.
var negators = words("不是做", "不是", "并不是", "不做", "不搞", "不卖", "不用", "不涉及", "不提供", "不在线", "不直接", "不生产", "不销售", "不经营", "不开", "不带", "不含", "不包括",
	"不收", "不放", "不碰", "不拍", "不播", "不看", "不办", "不想做", "不打算", "不准备", "不需要做", "不会做", "不进货", "不自己", "不参与", "不承接", "不接", "不属于", "没做", "没有做", "没卖",
	"不荐", "不播放", "不做任何", "不发", "不招", "不接待", "没有", "不再", "没打算", "没想", "没有卖", "没搞", "并非", "非", "而非", "而不是", "又不", "不养", "不治", "不写", "不唱", "不录", "不教", "不租", "不贷", "不借", "除了", "除开", "不仅卖", "别给我", "唔系", "唔做", "唔卖", "不系")

// notNegators look like negators and are none.
var notNegators = words("是不是", "要不要", "不是说", "不知", "不懂", "不清楚", "不太", "不晓得", "不好意思", "不同", "不够", "不一样", "不行", "不过", "不用说", "不仅", "不光", "不只", "不止", "不但",
	"能不能", "可不可以", "算不算", "用不用", "需不需要", "卖不卖", "非常", "非经营", "非公", "非盈利", "非营利", "非物质", "除了营业执照", "除营业执照", "除了执照", "不用营业", "用不用", "除了这个", "除了那个", "是非", "除了身份证", "除了这些", "收不收", "办不办", "有没有", "还没有", "没有的话", "没有问题", "没有办法", "没有说", "没有想好", "没有定", "没有证", "没有人", "没有通过", "没有过", "不需要什么", "不用什么")

// contrasts close a scope.
var contrasts = words("就", "只", "而是", "是", "改", "但", "我们", "我", "单纯", "纯", "以外", "之外", "光", "还", "另外", "主要", "专门", "想", "要", "需要", "的话", "先", "的小程序", "换", "怎么", "现在")

// dismissals negate what stands before them when they end a clause: 留学我们不碰，直播那块先不上了，….
var dismissals = words(dismissing("碰", "做", "搞", "卖", "弄", "接", "涉及", "考虑", "要", "沾", "上", "搬", "干", "开", "办", "管", "放", "播", "收", "拍", "养", "招", "租", "贷", "报", "问", "申请", "提交", "动", "整", "提供", "包括")...)

// dismissing are the ways to turn down what was named before.
func dismissing(verbs ...string) []string {
	list := []string{"唔做", "唔卖", "唔要", "算了", "以后再说", "往后放", "下次再说", "先放放", "先不管", "不用讲", "不用说", "不用发", "不用列", "不必说", "不用管"}
	for _, verb := range verbs {
		for _, end := range []string{"", "了", "的", "先", "啦"} {
			list = append(list, "不"+verb+end)
		}
	}
	return list
}

// longestScope bounds a scope in a message without punctuation, in characters.
const longestScope = 12

// wordSet is a set of words, quick to say no.
type wordSet struct {
	words   map[string]bool
	longest int        // characters
	first   [64]uint64 // filter over first characters
}

func words(list ...string) *wordSet {
	set := &wordSet{words: make(map[string]bool, len(list))}
	for _, w := range list {
		chars := []rune(w)
		set.words[w] = true
		set.longest = max(set.longest, len(chars))
		set.first[chars[0]>>6&63] |= 1 << (chars[0] & 63)
	}
	return set
}

// wordAt returns the length of the longest word of the set that begins at i; 0 for none.
func wordAt(set *wordSet, units []unit, i int) int {
	if c := units[i].char; set.first[c>>6&63]&(1<<(c&63)) == 0 {
		return 0
	}
	var buf [48]byte
	word := buf[:0]
	longest := 0
	for n := 0; n < set.longest && i+n < len(units); n++ {
		c := units[i+n].char
		if c == 0 || c == gap {
			break
		}
		word = utf8.AppendRune(word, c)
		if set.words[string(word)] {
			longest = n + 1
		}
	}
	return longest
}

func mayNegate(c rune) bool {
	switch c {
	case '不', '没', '唔', '非', '除', '并', '而', '又', '别', '是', '要', '能', '可', '算', '用', '需', '卖', '收', '办', '有', '还', '以', '往', '下', '先':
		return true
	}
	return false
}

// markNegation sets the mark on the units in the scope of a negation.
func markNegation(units []unit) {
	for i := 0; i < len(units); i++ {
		if !mayNegate(units[i].char) {
			continue
		}
		if n := wordAt(notNegators, units, i); n > 0 {
			i += n - 1
			continue
		}
		if asksWhether(units, i) {
			i++
			continue
		}
		if n := wordAt(dismissals, units, i); n > 0 && (i+n == len(units) || units[i+n].char == gap) && markClause(units, i) {
			i += n - 1
			continue
		}
		n := wordAt(negators, units, i)
		if n == 0 {
			continue
		}
		end := scopeEnd(units, i+n)
		for j := i; j < end; j++ {
			units[j].negated = true
		}
		i = end - 1
	}
}

// asksWhether reports whether a 不 stands between a verb and itself: 上不上, 卖不卖.
func asksWhether(units []unit, i int) bool {
	return units[i].char == '不' && i > 0 && i+1 < len(units) && units[i-1].char == units[i+1].char
}

// markClause negates the clause before a dismissal, or the one before that if
// the dismissal is a clause of its own: 音乐已经过了，不用发. False where there is none.
func markClause(units []unit, end int) bool {
	if end > 0 && units[end-1].char == gap {
		end--
	}
	from := end
	for from > 0 && (units[from-1].char != gap || units[from-1].listing) && end-from < longestScope {
		from--
		units[from].negated = true
	}
	return from < end
}

// scopeEnd is where the scope that opens behind a negator closes.
func scopeEnd(units []unit, from int) int {
	end := min(from+longestScope, len(units))
	for j := from; j < end; j++ {
		switch {
		case units[j].listing: // 除了直播、婚恋、论坛以外
			end = min(j+1+longestScope, len(units))
			if j+1 < end && wordAt(doing, units, j+1) > 0 { // 不做直播、做音乐
				return j
			}
		case units[j].char == gap, j > from && wordAt(negators, units, j) > 0, // 不是短剧也不是直播
			j > from && wordAt(contrasts, units, j) > 0:
			return j
		}
	}
	return end
}

// doing begins a new item behind a 、.
var doing = words("做", "卖", "开", "搞", "办")
