package match

import (
	"slices"
	"strings"

	"zizhi/knowledge"
)

// Messages that lean on what was said before: 再说一遍, 联通的呢, 是让别人入驻的.

// againWords ask about the last answer once more.
var againWords = words("再说一", "再发一", "再讲一", "再来一遍", "再看一", "重复一", "刚才那个", "刚刚那个", "上一个", "上一条", "上面那个", "还要别的", "还需要别的", "要别的", "都要吗", "都要么", "都得要", "都要交",
	"都需要吗", "一个就行", "一个行", "一个就够", "只交一个", "交一个", "选一个", "缺一个", "缺一不可", "就这些", "就这一个", "就这个", "只要这", "还有吗", "还有别的", "没别的", "没有别的", "没看清", "没记住", "再给我", "这两个", "有一个就", "只有一个行", "二选一", "三选一", "都得有", "都要有", "两个证都", "两张都", "到底传", "到底交", "到底要哪", "后补", "补交行", "任选", "选哪张", "哪张都", "就行了", "再补别的")

// again are the rows of the last answer, for a brief message that asks about
// it once more and names nothing new: 还要别的吗, 刚才那个再说一遍, 就一个证书？
func (r *Reader) again(g *reading, before Context) []*knowledge.Row {
	if len(before.Rows) == 0 || len(g.text.units) > brief+4 {
		return nil
	}
	if !containsWord(againWords, g.text.units) && !(len(before.Rows) == 1 && g.onlyAsks()) {
		return nil
	}
	for _, s := range g.spots {
		if e := s.entries[0]; s.quality == exact && !e.asks() && !(e.kind == saysRow && e.strength == knowledge.Hint) {
			return nil
		}
	}
	var rows []*knowledge.Row
	for _, key := range before.Rows {
		if row := r.edition.Row(key); row != nil {
			rows = append(rows, row)
		}
	}
	return rows
}

// onlyAsks reports whether a message asks for papers and says nothing else.
func (g *reading) onlyAsks() bool {
	const besides = 1 // characters
	if g.asking() < naming {
		return false
	}
	units, rest, next := g.text.units, 0, 0
	for i := 0; i < len(units); i++ {
		for next < len(g.spots) && g.spots[next].to <= i {
			next++
		}
		switch n := wordAt(askingWords, units, i); {
		case n > 0:
			i += n - 1
		case units[i].char != gap && (next == len(g.spots) || i < g.spots[next].from || !g.spots[next].entries[0].asks()):
			rest++
		}
	}
	return rest <= besides
}

// askingWords are what questions about papers are made of beside what they are about.
var askingWords = words("所以", "那么", "那", "就", "只", "这个", "那个", "这", "一个", "两个", "三个", "几个", "一张", "两张", "一份", "两份", "一样", "两样", "前面", "后面", "上面", "下面", "第一", "第二",
	"都", "得", "要", "有", "交", "传", "用", "给", "看", "办", "够", "哪个", "哪", "什么", "啥", "到底", "究竟", "必须", "一定", "可以", "能", "行", "不", "没有", "吗", "呢", "吧", "么", "了", "的", "是", "还", "再", "也", "证", "资质", "材料", "upload", "还是", "我", "我们")

// amongOffered is the row that a brief message tells apart from the others that
// the last reply left open, or from those easily mixed up with the one it was
// about; nil for none.
func (r *Reader) amongOffered(g *reading, before Context) []candidate {
	offered, lowest := r.indexes(before.Rows), offeredRow
	if len(offered) == 1 {
		offered, lowest = r.siblings[offered[0]], likelyRow
	}
	if len(offered) < 2 || len(g.text.units) > longestFollowUp || g.is("none") {
		return nil
	}
	best, next := candidate{score: lowestScore}, float32(lowestScore)
	for _, row := range offered {
		switch score := g.scores.Rows[row]; {
		case score > best.score:
			best, next = candidate{row, score}, best.score
		case score > next:
			next = score
		}
	}
	if best.score < lowest || best.score-next < offeredLead || best.score < g.score(0) {
		return nil
	}
	return []candidate{best}
}

// closest narrows what a brief message leaves open to the one row among those
// that were offered before, or under the same first level as the row that was
// spoken of: 联通的呢 after 中国移动. All of them where that is not just one.
func (r *Reader) closest(g *reading, open []candidate, before Context) []candidate {
	last := r.indexes(before.Rows)
	if len(last) == 0 || len(g.text.units) > brief {
		return open
	}
	near := func(row int) bool { return slices.Contains(last, row) }
	if len(last) == 1 {
		first := r.edition.Rows[last[0]].First()
		near = func(row int) bool { return row != last[0] && r.edition.Rows[row].First() == first }
	}
	one := slices.DeleteFunc(slices.Clone(open), func(c candidate) bool { return !near(c.row) })
	if len(one) == 1 && one[0].score >= likelyRow {
		return one
	}
	return open
}

// byName is the one of several rows spoken of before that a brief message names
// by what only its name has: 我是自营的, of 自营贷款 and 网络借贷信息中介.
func (r *Reader) byName(g *reading, before Context) (int, bool) {
	last := r.indexes(before.Rows)
	if len(last) < 2 || len(g.text.units) > brief || g.is("none") {
		return 0, false
	}
	var found []int
	for _, row := range last {
		if g.saysPairOf(r.edition.Rows[row].Name(), func(pair string) bool {
			return !slices.ContainsFunc(last, func(other int) bool { return other != row && strings.Contains(r.edition.Rows[other].Key, pair) })
		}) {
			found = append(found, row)
		}
	}
	if len(found) != 1 {
		return 0, false
	}
	return found[0], true
}

// saysPairOf reports whether the message says two characters in a row of a name that are telling.
func (g *reading) saysPairOf(name string, telling func(pair string) bool) bool {
	chars := []rune(name)
	for i := 0; i+1 < len(chars); i++ {
		for j := 0; j+1 < len(g.text.units); j++ {
			a, b := g.text.units[j], g.text.units[j+1]
			if a.char == chars[i] && b.char == chars[i+1] && !a.negated && !b.negated && telling(string(chars[i:i+2])) {
				return true
			}
		}
	}
	return false
}

// platformWords say that others sell or teach there.
var platformWords = words("平台", "入驻", "进驻", "别的商家", "别人来卖", "别家", "商家进来", "商户进来", "招商", "多家", "好多家")

// platformOf is the platform for what was spoken of before, if a brief message
// only says that it is one: 不卖，是让别的商家入驻来卖.
func (r *Reader) platformOf(g *reading, before Context) (int, bool) {
	last := r.indexes(before.Rows)
	if len(last) == 0 || len(g.text.units) > longestFollowUp || g.is("none") || !containsWord(platformWords, g.text.units) {
		return 0, false
	}
	var found []int
	for i, row := range r.edition.Rows {
		of := func(l int) bool {
			return l != i && row.First() == r.edition.Rows[l].First() && sharesPair(row.Name(), r.edition.Rows[l].Name())
		}
		if strings.Contains(row.Name(), "平台") && slices.ContainsFunc(last, of) {
			found = append(found, i)
		}
	}
	if len(found) != 1 {
		return 0, false
	}
	return found[0], true
}

// sharesPair reports whether two names have two characters in a row in common, 平台 aside.
func sharesPair(a, b string) bool {
	chars := []rune(strings.ReplaceAll(a, "平台", ""))
	for i := 0; i+1 < len(chars); i++ {
		if strings.Contains(b, string(chars[i:i+2])) {
			return true
		}
	}
	return false
}
