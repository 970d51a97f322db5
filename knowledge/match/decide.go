package match

import "slices"

// Thresholds of the decision, in log-odds: 0 is as likely as not, +2 is 88 %.
//
// They were chosen by a sweep over the project's own questions, which stands in
// testdata/sweep-2017-04.txt: those with the most exact readings among those
// that keep wrong confident answers within 1.5 % and answers to everyday talk
// within 0.5 %. They are variables for the sweep's sake alone. What only a
// conversation shows, offeredRow, namedAfter and offeredLead, was chosen by hand
// on the follow-ups among those questions.
var (
	sureRow     float32 = 0.3  // from here a row can be answered
	unwordedRow float32 = 0.5  // … one that no wording speaks for
	foreignRow  float32 = 1.5  // … and one beside a trade that is not in the table
	likelyRow   float32 = -1.0 // from here a row is offered as a choice
	openRow     float32 = -2.0 // from here, once the message is known to leave it open
	offeredRow  float32 = -2.5 // from here, if it was offered and is ahead of the others that were
	severalRow  float32 = -1.0 // from here, once the message is known to ask for several
	namedRow    float32 = -0.5 // from here a row that is named beside others is one of several asked for
	rivalRow    float32 = 0.5  // a second row this likely leaves it open …
	margin      float32 = 3.0  // … unless the first is so much likelier
	openMargin  float32 = 6.0  // how far ahead a row must be of those that a saying leaves open together with it
	namedAfter  float32 = 4.0  // below this a row that was offered and is named by a part of its name is meant
	offeredLead float32 = 1.0  // how far ahead of the others that were offered a brief message must put one
	noneWeight  float32 = 0.8  // how much the message's being about something else counts against a row
)

// Thresholds of shares, from 0 to 1, from the same sweep.
var (
	chatting       float32 = 0.4    // from this share a message without rows is small talk
	idling         float32 = 0.1    // … and from this one if it asks for nothing
	perhapsSeveral float32 = 0.1    // from this share a message that counts asks for several
	gapAlone       float32 = 0.6    // from this share somebody asks whether papers are enough that the table does not know
	surelyNone     float32 = 0.75   // from this share of being about something else not even a row that is named is asked about
	chatter        float32 = 0.7    // … a message that asks for such papers as everybody needs is mere talk
	talk           float32 = 0.2    // … and one that tells of a business and does not ask for papers
	plainly        float32 = 0.0003 // … and one that neither tells nor asks
)

const maxRows = 4 // rows in one answer or choice

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
	m.Asks = g.asking() >= naming || g.bare()
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
		return r.browse(first)
	}
	if m, ok := r.abbreviated(g); ok {
		return m
	}
	if !g.addresses(before) {
		if g.asking() >= naming && r.topic(g) != nil {
			return r.none(g) // says that it is not in the table
		}
		return Meaning{Kind: None, Score: float64(g.kinds["none"])}
	}
	if len(licences) > 0 || g.kinds["gap"] > gapAlone || g.asksEnough(licences) {
		if m, ok := r.decideLicence(g, licences, before); ok {
			return m
		}
	}
	return r.decideRows(g, licences, before)
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
			case s.negated || e.asks() || e.kind == saysAmbiguity:
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

// decideRows settles what is asked about rows: one, several, one of several, or none.
func (r *Reader) decideRows(g *reading, licences []Holding, before Context) Meaning {
	if row, ok := r.platformOf(g, before); ok {
		return r.answer(g, []candidate{{row, sureRow}}, licences)
	}
	if row, ok := r.byName(g, before); ok && g.score(0) < namedAfter {
		return r.answer(g, []candidate{{row, sureRow}}, licences)
	}
	named := r.named(g)
	likely := g.score(0)-noneWeight*max(g.logOdds("none"), 0) >= r.needed(g)
	undecided := containsWord(undecidedWords, g.text.units)
	if !undecided {
		if rows := r.severalAsked(g, named, likely); len(rows) > 1 {
			return r.answer(g, rows, licences)
		}
	}
	switch {
	case !likely:
		return r.doubtful(g, named, licences, before)
	case undecided:
		if open := r.wavering(g, named); len(open) > 1 {
			return r.clarify(g, open)
		}
	}
	open := r.leftOpen(g)
	if open = r.closest(g, open, before); len(open) > 1 {
		return r.clarify(g, open)
	}
	return r.answer(g, append(open, g.candidates[0])[:1], licences)
}

// doubtful is for messages for which no row is likely enough: one may still be
// named, or be told apart from the others that were offered.
func (r *Reader) doubtful(g *reading, named []int, licences []Holding, before Context) Meaning {
	rejected := asideIn(g.text.units) == AsideReject // 直播被驳回了怎么办
	plain := g.asking() >= naming && (g.kinds["none"] < surelyNone || rejected)
	if len(named) == 1 && (plain || g.bare()) && (rejected || g.scores.Rows[named[0]] >= likelyRow) {
		return r.answer(g, []candidate{{named[0], sureRow}}, licences)
	}
	if chosen := r.amongOffered(g, before); chosen != nil {
		return r.answer(g, chosen, licences)
	}
	return r.unsure(g)
}

// wavering are the rows between which somebody is undecided: those named, left
// open or possible, and at least the two likeliest that anything speaks for.
func (r *Reader) wavering(g *reading, named []int) []candidate {
	open := g.join(append(named, r.left(g)...), openRow)
	if len(open) < 2 && len(g.candidates) > 1 && r.supported(g, g.candidates[1].row) {
		return g.candidates[:2]
	}
	return open
}

// leftOpen are the rows among which the message leaves it open which one is
// meant; fewer than two where it does not.
func (r *Reader) leftOpen(g *reading) []candidate {
	left := r.left(g)
	open := g.is("open") && !r.told(g, left) && (len(left) > 0 || g.score(1) >= likelyRow)
	rival := g.score(1) >= rivalRow && g.score(0)-g.score(1) < margin
	if !open && !rival && !r.onlyOpen(g, left) {
		return nil
	}
	return g.join(left, likelyRow)
}

// needed is the score from which the likeliest row can be answered: more where
// no wording speaks for it, and more still where the message names a trade that
// is not in the table.
func (r *Reader) needed(g *reading) float32 {
	if len(g.candidates) == 0 || r.supported(g, g.candidates[0].row) {
		return sureRow
	}
	if r.topic(g) != nil {
		return foreignRow
	}
	return unwordedRow
}

// told reports whether a wording tells the likeliest row apart from the others
// that a saying leaves open: 民营 before 骨科医院.
func (r *Reader) told(g *reading, left []int) bool {
	top := g.candidates[0].row
	return g.score(0)-g.score(1) >= openMargin && slices.Contains(left, top) && r.spelt(g, top) &&
		!slices.ContainsFunc(left, func(row int) bool { return row != top && r.spelt(g, row) })
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
	"也不晓得算", "不晓得算", "也没说清", "没说清", "到底算", "到底是", "还是算", "可能是", "也可能", "又像", "没讲清", "没商量", "归哪类", "还是选", "一会说", "一会儿说", "还在吵", "还没谱", "两可", "没告诉", "没交代", "没回我", "还在商量", "该选哪", "选哪个好", "不知道选", "不知道该", "没提", "没拍板", "再看")

// unsure asks back where something is likely, and says so where nothing is.
func (r *Reader) unsure(g *reading) Meaning {
	likely := g.atLeast(likelyRow)
	if left := r.left(g); len(left) > 1 && !g.is("none") {
		likely = g.join(left, likelyRow)
	}
	if len(likely) > 1 && !g.is("none") {
		return r.clarify(g, likely)
	}
	if first, ok := r.onlyFirst(g); ok && len(likely) < 2 {
		return r.browse(first)
	}
	return r.none(g)
}

// onlyFirst is the first-level category that a message asks about, without
// saying more: 商业服务那个大类要传什么.
func (r *Reader) onlyFirst(g *reading) (string, bool) {
	if g.asking() < naming || g.kinds["none"] > talk || r.topic(g) != nil {
		return "", false
	}
	i := slices.IndexFunc(g.spots, func(s spot) bool { return s.entries[0].kind == saysFirst && !s.negated })
	if i < 0 {
		return "", false
	}
	return r.firsts[g.spots[i].entries[0].ref], true
}

func (r *Reader) browse(first string) Meaning {
	return Meaning{Kind: Browse, First: first, Rows: r.edition.Under(first), Score: 1}
}
