package match

import (
	"slices"
)

// Words around a licence that say whether the person has it. They are looked
// for in the same breath, between the breaks of the sentence.
var (
	heldWords   = words("我有", "有了", "已有", "已经有", "有一张", "有个", "有一个", "办了", "办好", "办下来", "拿到", "拿了", "拿的", "手里有", "手上有", "手里", "手头", "齐了", "已办", "已取得", "取得", "已经办", "已具备", "具备", "只有", "光有", "仅有", "就有", "就一张", "只办", "持有", "持", "有的", "都有", "下来了", "签了", "也签", "也有", "刚办", "刚拿", "只拿", "早就有", "办过", "批了", "批下来", "到手", "现有", "有张", "净系得", "得份", "得张", "有份", "有", "已", "齐全", "揣着", "搞定", "搞到", "弄到", "申请下来", "手上是", "交了", "交的是", "传了", "传的是", "用的是", "提交了")
	absentWords = words("还在办", "在办", "还在排", "在排队", "不肯给", "找不着", "找不到", "丢了", "难办", "批不下来", "没下", "审批中", "申请中", "在申请", "待批", "没给", "等着", "过期", "到期了", "办不出", "还在审", "还在批", "没有", "没办", "还没", "缺", "没拿", "无", "办不下来", "没", "未取得", "未办", "尚未", "不下来", "冇", "拿不到", "办不了", "少", "差")
	// scopeWords say that the certificate is there and the needed item is not in it.
	scopeWords = words("没写", "没包含", "不包含", "不含", "没有写", "里没", "上没", "只写", "没注明", "没标", "没列", "不包括", "没有包含", "未包含", "未注明", "没含", "没加", "只有普通", "只含", "没提", "没印", "未含", "未写", "未列", "没有注明", "范围没", "范围里没", "没勾", "没批", "没有体现")
)

// insteadWords stand before what something else is to take the place of.
var insteadWords = words("代替", "替代", "顶替", "能顶", "不能顶", "能否顶", "可以顶", "替得了", "当成")

// holdings lists the licences that a message names, each once, with what is said of them.
// Where one alias stands for several licences, all of them are listed.
func (r *Reader) holdings(g *reading) []Holding {
	var list []Holding
	var last *spot // the licence named before
	begin := 0     // of the meanings of last in list
	for i := range g.spots {
		s := &g.spots[i]
		if !slices.ContainsFunc(s.entries, func(e entry) bool { return e.kind == saysLicence }) {
			continue
		}
		status, lacking := g.status(s)
		if last != nil && begin < len(list) && g.listed(last, s) { // what is said of one item of a list is said of all
			if status == Named {
				status = list[begin].Status
			}
			for i := range list[begin:] {
				if h := &list[begin+i]; h.Status == Named {
					h.Status = status
				}
			}
		}
		last, begin = s, len(list)
		for _, e := range s.entries {
			if e.kind != saysLicence {
				continue
			}
			licence := r.base.Licences[e.ref]
			if !slices.ContainsFunc(list, func(h Holding) bool { return h.Licence == licence }) {
				list = append(list, Holding{Licence: licence, Status: status, Lacking: lacking})
			}
		}
	}
	return list
}

// onlyHeld takes licences that are just named for absent where others are said
// to be there: 光有文网文，视听证太难办了.
func onlyHeld(list []Holding) []Holding {
	if !slices.ContainsFunc(list, func(h Holding) bool { return h.Status == Held }) {
		return list
	}
	list = slices.Clone(list)
	for i := range list {
		if list[i].Status == Named {
			list[i].Status = Absent
		}
	}
	return list
}

// listWords stand between the items of a list.
var listWords = words("及", "和", "与", "跟", "以及", "还有", "同", "加", "加上", "and")

// listed reports whether a licence is named in one list with the one before: 取得《…》（含…）及《…》.
func (g *reading) listed(before, s *spot) bool {
	const farthest = 24 // units, of brackets that tell more about the first
	between := g.text.units[min(before.to, s.from):s.from]
	if len(between) > farthest {
		return false
	}
	tail := between[max(0, len(between)-2):]
	return len(between) == 0 || len(between) == 1 && between[0].char == gap || containsWord(listWords, tail)
}

// status reads what is said about a licence from the words before it and behind
// it, and behind the brackets that tell more about it.
func (g *reading) status(s *spot) (Status, bool) {
	const reach = 14 // units
	units := g.text.units
	from := s.from
	for from > 0 && units[from-1].char != gap && s.from-from < reach {
		from--
	}
	begin := s.to
	for begin < len(units) && units[begin].inside {
		begin++
	}
	to := begin
	for to < len(units) && units[to].char != gap && to-begin < reach {
		to++
	}
	before, brackets, behind := units[from:s.from], units[s.to:begin], units[begin:to]
	lacking := containsWord(scopeWords, brackets) || containsWord(scopeWords, behind) || containsWord(scopeWords, afterGap(units, to))
	switch {
	case containsWord(insteadWords, before), containsWord(neverWords, behind): // 文网文能代替视听证吗
		return Absent, false
	case s.negated || containsWord(absentWords, before) && !containsWord(scopeWords, before) || containsWord(absentWords, behind) && !lacking:
		return Absent, false
	case lacking || saysHeld(before) || saysHeld(behind):
		return Held, lacking
	}
	return Named, false
}

// neverWords say of a whole licence what 没批 may say of its scope.
var neverWords = words("没批下来", "还没批", "没批准", "没下来", "没办下来", "没拿下来", "不肯给")

// notHeldWords ask what one must have: 执照里要有哪些字.
var notHeldWords = words("要有", "得有", "须有", "需有", "应有", "有没有", "有哪", "有什么", "有啥", "有咩")

// saysHeld reports whether the words around a licence say that it is there.
func saysHeld(units []unit) bool {
	for i := 0; i < len(units); i++ {
		if n := wordAt(notHeldWords, units, i); n > 0 {
			i += n - 1
			continue
		}
		if wordAt(heldWords, units, i) > 0 {
			return true
		}
	}
	return false
}

// afterGap is the next piece of the sentence.
func afterGap(units []unit, from int) []unit {
	if from >= len(units) {
		return nil
	}
	to := from + 1
	for to < len(units) && units[to].char != gap {
		to++
	}
	return units[from+1 : to]
}

func containsWord(set *wordSet, units []unit) bool {
	for i := range units {
		if wordAt(set, units, i) > 0 {
			return true
		}
	}
	return false
}

// occurrences counts the words of a set that stand in a text.
func occurrences(set *wordSet, units []unit) int {
	n := 0
	for i := 0; i < len(units); i++ {
		if length := wordAt(set, units, i); length > 0 {
			n++
			i += length - 1
		}
	}
	return n
}

// Words of questions beside the documents, which the table does not answer.
var asides = []struct {
	aside Aside
	words *wordSet
}{
	{AsideReject, words("被拒", "驳回", "不通过", "没过", "退回", "打回", "没通过", "拒了", "被退")},
	{AsideTime, words("多久", "几天", "多长时间", "什么时候能", "多少天", "几个工作日", "要等多", "几个月能")},
	{AsideCost, words("多少钱", "费用", "收费吗", "要钱吗", "花多少", "几多钱", "什么价", "办证费")},
	{AsidePlace, words("哪里办", "去哪办", "在哪办", "怎么办理", "哪儿办", "去哪里申请", "怎么申请", "哪个部门", "哪里申请", "去哪申请", "哪个局", "边度办", "找谁办", "窗口", "办理流程", "变更", "年检", "补办", "丢了", "换证", "注销", "续期", "延期", "到期", "代办多少", "怎么弄", "怎么走")},
}

func asideIn(units []unit) Aside {
	for _, a := range asides {
		if containsWord(a.words, units) {
			return a.aside
		}
	}
	return ""
}
