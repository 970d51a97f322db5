package match

import "slices"

// decideLicence settles questions in which licences matter: what one is for, or whether those held are enough.
func (r *Reader) decideLicence(g *reading, licences []Holding, before Context) (Meaning, bool) {
	asks, gap := g.kinds["licence"], g.kinds["gap"]
	if containsWord(purposeWords, g.text.units) && len(r.named(g)) == 0 {
		asks, gap = max(asks, purposeShare), 0
	}
	if g.asksEnough(licences) {
		gap = max(gap, enoughShare)
	}
	held := slices.ContainsFunc(licences, func(h Holding) bool { return h.Status == Held })
	wanted := r.wanted(g, licences, before)
	switch {
	case len(wanted) > 0 && !g.is("multi") && !containsWord(undecidedWords, g.text.units) && (gap > 0.4 || held && asks < 0.5):
		m := r.answer(g, wanted, onlyHeld(licences))
		m.Kind = Gap
		return m, true
	case len(licences) == 0, asks <= 0.5 && (g.is("none") || !g.onlyLicences() && g.score(0) >= likelyRow):
		return Meaning{}, false
	}
	m := r.licence(licences, float64(max(asks, 0.5)))
	elsewhere := asideIn(g.text.units) != "" && asks < 0.9 // how to get or keep it, not what it is for
	foreign := len(m.Rows) == 0 && r.topic(g) != nil       // a licence and a trade that both are not in the table
	return m, !elsewhere && !foreign
}

// purposeWords ask which categories a licence is for.
var purposeWords = words("哪些类目", "什么类目", "啥类目", "哪个类目", "哪几个类目", "哪几类", "全部类目", "所有类目", "类目有哪些", "类目都有", "对应类目", "对应哪", "用在哪", "用于哪", "用到哪", "能干啥", "能干什么", "能做啥", "能做什么", "干嘛用", "有什么用", "干什么用", "做什么用", "有啥用")

// asksEnough reports whether a message asks if what is held, or will be, is
// enough: a licence of the table, or a paper that the table does not know.
func (g *reading) asksEnough(licences []Holding) bool {
	if !containsWord(enoughWords, g.text.units) {
		return false
	}
	return len(licences) > 0 || containsWord(paperWords, g.text.units) && containsWord(standingWords, g.text.units)
}

var (
	paperWords    = words("证", "备案", "授权", "许可", "认定书", "合同", "批文", "执照")
	standingWords = words("没下来", "还没", "没办", "没有", "没批", "没拿", "就差", "只差", "缺", "只有", "光有", "就有", "仅有", "手上有", "手里有", "齐", "拿到", "代替", "替代", "顶", "过期", "名下")
)

// enoughWords ask whether a paper will do.
var enoughWords = words("够吗", "够不够", "够了吗", "够了吧", "够了没", "够用", "能用吗", "能用不", "行吗", "行不行", "行不", "可以吗", "能过吗", "能过不", "过审吗", "算数", "顶用", "代替", "替代", "顶替", "不对吗", "对不对", "能申请吗", "能不能申请", "能开通吗", "能上吗", "能上不", "下来吗", "齐了吗", "齐了没", "还差", "还缺", "另办", "还要补", "还得补", "能批吗", "能批不", "行么", "能先交", "先交行", "咋整", "顶一下", "能用么", "可以先", "能替", "顶不顶", "能顶", "可以吧", "行吧", "能过吧", "够吧")

// enoughShare is how likely such words make it that papers are held against what is needed.
const enoughShare = 0.8

// purposeShare is how likely such words make it.
const purposeShare = 0.95

// wanted is the row for which somebody asks whether what they hold is enough;
// none where that is not clear. Who names a row whose own licence they hold, and
// another one, asks about the other: 本来做网约车的，证有，现在加个租车.
func (r *Reader) wanted(g *reading, licences []Holding, before Context) []candidate {
	var own []int
	for i, l := range r.base.Licences {
		if slices.ContainsFunc(licences, func(h Holding) bool { return h.Licence == l && h.Status != Absent }) {
			own = append(own, r.naming[i]...)
		}
	}
	named := r.named(g)
	others := slices.DeleteFunc(slices.Clone(named), func(row int) bool { return slices.Contains(own, row) })
	last := r.indexes(before.Rows)
	sure := g.score(0) >= sureRow
	switch {
	case len(others) == 1 && (!sure || slices.Contains(own, g.candidates[0].row)):
		return []candidate{{others[0], max(g.scores.Rows[others[0]], sureRow)}}
	case sure:
		return g.candidates[:1]
	case len(named) == 1:
		return []candidate{{named[0], sureRow}}
	case len(last) == 1 && len(named) == 0 && len(g.text.units) <= brief && g.kinds["none"] < surelyNone:
		return []candidate{{last[0], sureRow}} // 光有营业执照不行吗
	case len(named) == 0 && g.asksEnough(licences):
		return r.onlyFor(licences)
	}
	return nil
}

// onlyFor is the one row that licences are good for: 个人征信业务经营许可证和营业执照，齐了没.
func (r *Reader) onlyFor(licences []Holding) []candidate {
	var rows []candidate
	for i, l := range r.base.Licences {
		named := slices.ContainsFunc(licences, func(h Holding) bool { return h.Licence == l })
		if only := r.naming[i]; named && len(only) == 1 && !holds(rows, only[0]) {
			rows = append(rows, candidate{only[0], sureRow})
		}
	}
	if len(rows) > 1 {
		return nil
	}
	return rows
}

// onlyLicences reports whether nothing but licences was spotted: what n-grams
// then make of the other words is an accident.
func (g *reading) onlyLicences() bool {
	return !slices.ContainsFunc(g.spots, func(s spot) bool {
		e := s.entries[0]
		return e.kind != saysLicence && !e.asks()
	})
}
