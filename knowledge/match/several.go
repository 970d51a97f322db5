package match

import (
	"slices"

	"zizhi/knowledge"
)

// Messages that ask for several rows at once: 直播和音乐各要什么, 我开驾校，我弟卖车.

// severalAsked are the rows that a message asks for together; fewer than two where it does not.
func (r *Reader) severalAsked(g *reading, named []int, likely bool) []candidate {
	var rows []candidate
	switch {
	case len(named) > 1 && g.counts() && !g.is("open") && !g.is("none"), // 户政与出入境，请分别告知
		likely && g.asksSeveral(),
		likely && len(named) > 1 && !g.is("open"):
		rows = r.several(g, named)
	}
	if list := r.enumerated(g); len(list) > max(len(rows), 1) && !g.is("open") && !g.is("none") {
		return g.inOrder(list)
	}
	return rows
}

// severalWords count what is asked for, or add to it.
var severalWords = words(
	"两样", "两块", "两个", "两类", "两头", "两边", "两种", "两项", "两家", "俩", "三样", "三块", "三个", "三类", "三家", "哪几个证",
	"分别", "各要", "各需", "各是", "各自", "一次说清", "都什么", "都要啥", "都得要", "都要交", "都想", "都做", "都要上", "都开",
	"另外", "兼做", "同时", "再加", "还做", "还卖", "还想弄", "还想做", "还想开", "也卖", "也做", "也开", "顺便", "顺带", "一起",
	"再整", "再搞", "再弄", "再做", "再开", "再卖", "再来")

// asksSeveral reports whether a message asks for several rows at once.
func (g *reading) asksSeveral() bool {
	return g.is("multi") || g.kinds["multi"] > perhapsSeveral && g.counts()
}

func (g *reading) counts() bool {
	return containsWord(severalWords, g.text.units) || occurrences(itemWords, g.text.units) > 1
}

// itemWords count once for each item: 基金一个类目，信托一个类目.
var itemWords = words("一个", "一项", "一块", "一边", "一类", "一家", "一样", "一份", "又做", "又卖", "又有", "又是", "还有")

// several are the rows that a message asks for at once: those named, and,
// where it plainly asks for several, those that are likely.
func (r *Reader) several(g *reading, named []int) []candidate {
	if !g.asksSeveral() && !(g.counts() && len(named) > 1) {
		both := g.join(named, sureRow)
		return g.inOrder(slices.DeleteFunc(both, func(c candidate) bool { return c.score < namedRow || !slices.Contains(named, c.row) }))
	}
	list := slices.DeleteFunc(g.join(named, severalRow), func(c candidate) bool { return c.score < namedRow && !r.supported(g, c.row) })
	list = r.spokenFor(g, list)
	if n := g.number(); n > 1 && len(list) > n {
		list = list[:n]
	}
	return g.inOrder(list)
}

// spokenFor leaves out rows for which no wording speaks, if any speak for two of
// the others: what is common to questions about several speaks for many rows.
func (r *Reader) spokenFor(g *reading, list []candidate) []candidate {
	for _, speaks := range []func(*reading, int) bool{r.wordedRow, r.supported} {
		told := slices.DeleteFunc(slices.Clone(list), func(c candidate) bool { return !speaks(g, c.row) })
		if len(told) >= max(g.number(), 2) {
			return told
		}
	}
	return list
}

var (
	twoWords   = words("两个", "两样", "两块", "两类", "两头", "两边", "两种业务", "两项")
	threeWords = words("三个", "三家", "三样", "三块", "三类", "三项")
)

// number is how many rows the message says it asks for; 0 where it does not.
func (g *reading) number() int {
	switch {
	case containsWord(threeWords, g.text.units):
		return 3
	case containsWord(twoWords, g.text.units):
		return 2
	}
	return 0
}

// enumerated are the rows whose sure wordings stand in one list: 银行、信托和期货公司.
// The likeliest row must be among them: 让旅行社、景区来入驻 is about neither.
func (r *Reader) enumerated(g *reading) []candidate {
	var rows []candidate
	var last *spot
	least := knowledge.Sure
	if g.counts() {
		least = knowledge.Strong
	}
	for i := range g.spots {
		s := &g.spots[i]
		if e := s.entries[0]; e.kind != saysRow || e.strength < least || s.negated || len(s.entries) > 1 {
			continue
		}
		if last != nil && joins(g.text.units[last.to:s.from]) {
			for _, row := range []int{int(last.entries[0].ref), int(s.entries[0].ref)} {
				if len(rows) < maxRows && !holds(rows, row) {
					rows = append(rows, candidate{row, max(g.scores.Rows[row], sureRow)})
				}
			}
		}
		last = s
	}
	if len(g.candidates) == 0 || !holds(rows, g.candidates[0].row) {
		return nil
	}
	return rows
}

// joins reports whether hardly more than a 、 or 和 stands between the items of a list.
func joins(between []unit) bool {
	const besides = 3 // characters, of 类目, 小程序 or 的 behind the first
	chars := 0
	listing := false
	for _, u := range between {
		if u.char != gap {
			chars++
		}
		listing = listing || u.listing
	}
	if listing {
		return chars <= besides
	}
	return containsWord(listWords, between) && chars <= besides+2
}

// inOrder puts rows into the order in which the message speaks of them.
func (g *reading) inOrder(rows []candidate) []candidate {
	place := func(c candidate) int {
		for _, s := range g.spots {
			if slices.ContainsFunc(s.entries, func(e entry) bool { return e.kind == saysRow && int(e.ref) == c.row }) {
				return s.from
			}
		}
		return len(g.text.units)
	}
	slices.SortStableFunc(rows, func(a, b candidate) int { return place(a) - place(b) })
	return rows
}
