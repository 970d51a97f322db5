package match

import (
	"slices"

	"zizhi/knowledge"
)

// Thresholds of the decision, in log-odds: 0 is as likely as not, +2 is 88 %.
//
// They were chosen by a sweep over the project's own questions (see
// bot/eval/testdata for what they give): those with the most exact readings
// among those that keep wrong confident answers within the budget of 1.5 %.
const (
	sureRow    = -0.7 // from here a row can be answered
	likelyRow  = -1.0 // from here a row is offered as a choice
	openRow    = -2.0 // from here, once the message is known to leave it open
	severalRow = -1.0 // from here, once the message is known to ask for several
	namedRow   = -0.5 // from here a row that is named beside others is one of several asked for
	rivalRow   = 0.5  // a second row this likely leaves it open …
	margin     = 3.0  // … unless the first is so much likelier
	openMargin = 6.0  // how far ahead of the others a row must be that only a saying for several rows speaks for
	noneWeight = 0.8  // how much the message's being about something else counts against a row
	chatting   = 0.4  // from this probability a message without rows is small talk
	idling     = 0.1  // … and from this one if it asks for nothing
	maxRows    = 4    // rows in one answer or choice
)

// Read understands a message. It never fails: what is not understood is None.
func (r *Reader) Read(message string, before Context) Meaning {
	g := r.scratch.Get().(*reading)
	defer r.scratch.Put(g)
	return r.read(g, message, before)
}

// Explain is Read with the reasons. Listing them costs as much as reading.
func (r *Reader) Explain(message string, before Context) Meaning {
	g := r.scratch.Get().(*reading)
	defer r.scratch.Put(g)
	m := r.read(g, message, before)
	m.Why = r.reasons(g, m)
	return m
}

func (r *Reader) read(g *reading, message string, before Context) Meaning {
	r.find(&g.evidence, message, before)
	r.weigh(g)
	m := r.decide(g, before)
	if rows := r.again(g, before); len(rows) > 0 && m.Kind != Handoff {
		m = Meaning{Kind: Answer, Rows: rows, Score: 1}
	}
	m.Aside = asideIn(g.text.units)
	return m
}

// decide weighs what the message is. The order is that of how much a mistake
// would cost: who wants a person gets one, small talk is not a question, and
// only then rows are looked at.
func (r *Reader) decide(g *reading, before Context) Meaning {
	licences := r.holdings(g)
	switch {
	case !hasWords(g.text.units):
		return Meaning{Kind: Chat, Chat: "symbols", Score: 1}
	case g.is("handoff") || containsWord(personWords, g.text.units):
		return Meaning{Kind: Handoff, Score: float64(max(g.kinds["handoff"], 0.5))}
	case g.chat > chatting && g.score(0) < sureRow && len(licences) == 0,
		g.chat > idling && !g.addresses(before):
		return Meaning{Kind: Chat, Chat: g.chatKind, Score: float64(g.chat)}
	}
	if first, ok := r.browsed(g); ok {
		return Meaning{Kind: Browse, First: first, Rows: r.edition.Under(first), Score: 1}
	}
	if m, ok := r.abbreviated(g); ok {
		return m
	}
	if !g.addresses(before) {
		return Meaning{Kind: None, Score: float64(g.kinds["none"])}
	}
	if len(licences) > 0 {
		if m, ok := r.decideLicence(g, licences); ok {
			return m
		}
	}
	return r.decideRows(g, licences)
}

// againWords ask about the last answer once more.
var againWords = words("再说一", "再发一", "再讲一", "再来一遍", "再看一", "重复一", "刚才那个", "刚刚那个", "上一个", "上一条", "上面那个", "还要别的", "还需要别的", "要别的", "都要吗", "都要么", "都得要", "都要交",
	"都需要吗", "一个就行", "一个行", "一个就够", "只交一个", "交一个", "选一个", "缺一个", "缺一不可", "就这些", "就这一个", "就这个", "只要这", "还有吗", "还有别的", "没别的", "没有别的", "没看清", "没记住", "再给我", "这两个", "有一个就", "只有一个行", "二选一", "三选一")

// again are the rows of the last answer, for a brief message that asks about
// it once more and names nothing new: 还要别的吗, 刚才那个再说一遍.
func (r *Reader) again(g *reading, before Context) []*knowledge.Row {
	if len(before.Rows) == 0 || len(g.text.units) > brief+4 || !containsWord(againWords, g.text.units) {
		return nil
	}
	for _, s := range g.spots {
		if e := s.entries[0]; e.kind != saysFiller && e.kind != saysApplying && !(e.kind == saysRow && e.strength == knowledge.Hint) {
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

// personWords ask for a person, whatever else is said.
var personWords = words("转人工", "人工客服", "找人工", "要人工", "接人工", "人工服务", "转接人工", "找真人", "真人客服", "要真人", "跟真人", "找客服", "联系客服", "叫客服")

func hasWords(units []unit) bool {
	return slices.ContainsFunc(units, func(u unit) bool { return u.char != gap })
}

// longestBrowse is how long a message may be that only names a first-level category, in units.
const longestBrowse = 24

// browsed reports whether the message names a first-level category and nothing under it.
func (r *Reader) browsed(g *reading) (string, bool) {
	first := -1
	for _, s := range g.spots {
		for _, e := range s.entries {
			switch {
			case s.negated || e.kind == saysFiller || e.kind == saysApplying || e.kind == saysAmbiguity:
			case e.kind == saysFirst:
				first = int(e.ref)
			default:
				return "", false
			}
		}
	}
	if first < 0 || len(g.text.units) > longestBrowse || g.kinds["none"] > 0.8 {
		return "", false
	}
	return r.firsts[first], true
}

// decideLicence settles questions in which licences matter: what one is for, or whether those held are enough.
func (r *Reader) decideLicence(g *reading, licences []Holding) (Meaning, bool) {
	asks, gap := g.kinds["licence"], g.kinds["gap"]
	held := slices.ContainsFunc(licences, func(h Holding) bool { return h.Status == Held })
	switch {
	case g.score(0) >= sureRow && !g.is("multi") && (gap > 0.4 || held && asks < 0.5):
		return Meaning{Kind: Gap, Rows: r.rows(g.candidates[:1]), Licences: licences, Score: g.confidence(1)}, true
	case asks <= 0.5 && (g.score(0) >= likelyRow || g.is("none")):
		return Meaning{}, false
	}
	m := r.licence(licences, float64(max(asks, 0.5)))
	elsewhere := asideIn(g.text.units) != "" && asks < 0.9 // how to get or keep it, not what it is for
	foreign := len(m.Rows) == 0 && r.topic(g) != nil       // a licence and a trade that both are not in the table
	return m, !elsewhere && !foreign
}

// decideRows settles what is asked about rows: one, several, one of several, or none.
func (r *Reader) decideRows(g *reading, licences []Holding) Meaning {
	named := r.named(g)
	if g.score(0)-noneWeight*max(g.logOdds("none"), 0) < sureRow {
		if len(named) == 1 && (g.bare() || g.asking() == applying && !g.is("none")) {
			return r.answer(g, []candidate{{named[0], sureRow}}, licences) // its name stands there, known to the model or not
		}
		return r.unsure(g)
	}
	undecided := containsWord(undecidedWords, g.text.units)
	switch {
	case !undecided && (g.is("multi") || len(named) > 1 && !g.is("open")):
		if several := g.several(named); len(several) > 1 {
			return r.answer(g, several, licences)
		}
	case undecided:
		if open := g.join(append(named, r.left(g)...), openRow); len(open) > 1 {
			return r.clarify(g, open)
		}
	}
	left := r.left(g)
	if g.is("open") && (len(left) > 0 || g.score(1) >= likelyRow) || g.score(1) >= rivalRow && g.score(0)-g.score(1) < margin || r.onlyOpen(g, left) {
		if open := g.join(left, likelyRow); len(open) > 1 {
			return r.clarify(g, open)
		}
	}
	return r.answer(g, g.candidates[:1], licences)
}

// onlyOpen reports whether nothing in the message tells apart the rows that a
// saying leaves open: no wording speaks for the likeliest one, and the n-grams
// not overwhelmingly.
func (r *Reader) onlyOpen(g *reading, left []int) bool {
	top := g.candidates[0]
	if !slices.Contains(left, top.row) {
		return false
	}
	for signal := signalSure; signal <= signalHintNoisy; signal++ {
		if *r.signal(&g.evidence, top.row, signal) > 0 {
			return false
		}
	}
	for _, row := range left {
		if row != top.row && top.score-g.scores.Rows[row] < openMargin {
			return true
		}
	}
	return false
}

// undecidedWords say that the person does not know yet which of several it will be.
var undecidedWords = words("没定", "没有定", "没想好", "没有想好", "没决定", "未定", "未决定", "没说", "没有说", "没讲", "没确定", "拿不准", "不确定", "不知道算", "不知算", "搞不懂", "搞不清", "搞不清楚", "分不清", "说不清",
	"也不晓得算", "不晓得算", "也没说清", "没说清", "到底算", "到底是", "还是算", "可能是", "还在吵", "还没谱", "两可", "没告诉", "没交代", "没回我", "还在商量", "该选哪", "选哪个好", "不知道选", "不知道该", "没提", "没拍板", "再看", "还没")

// unsure asks back where something is likely, and says so where nothing is.
func (r *Reader) unsure(g *reading) Meaning {
	likely := g.atLeast(likelyRow)
	if left := r.left(g); len(left) > 1 && !g.is("none") {
		likely = g.join(left, likelyRow)
	}
	if len(likely) < 2 || g.is("none") {
		return r.none(g)
	}
	return r.clarify(g, likely)
}
