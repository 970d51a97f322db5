package bot

import (
	"slices"
	"strings"
	"unicode/utf8"

	"zizhi/knowledge"
	"zizhi/knowledge/match"
)

// View is another edition, for what the account's own does not say.
type View struct {
	Edition *knowledge.Edition
	Reader  func() *match.Reader // nil as long as it is still being built: nobody waits for it
}

// lookAt goes on with another edition: what is answered and offered from here on is its.
func (t *turn) lookAt(v View) {
	other := *t.Expert
	other.Edition, other.Reader = v.Edition, v.Reader()
	t.Expert = &other
	t.reply.Edition, t.after.Edition = v.Edition.ID, v.Edition.ID
}

// other finds another edition by its id.
func (x *Expert) other(id string) (View, bool) {
	i := slices.IndexFunc(x.Others, func(v View) bool { return v.Edition.ID == id })
	if i < 0 {
		return View{}, false
	}
	return x.Others[i], true
}

// sureElsewhere is the score from which another edition answers: its table has
// many look-alikes, and the question was not made for it.
const sureElsewhere = 0.7

// elsewhere answers from another edition what the account's own does not have,
// and says so. False where no other has it either.
func (t *turn) elsewhere(words string, unknown match.Meaning) bool {
	if !unknown.Asks {
		return false
	}
	own := t.Edition
	for _, v := range t.Others {
		reader := v.Reader()
		if reader == nil {
			continue
		}
		m := t.readBy(reader, words)
		known := func(row *knowledge.Row) bool {
			rows, _ := t.Base.Counterparts(row.Key, own)
			return len(rows) > 0
		}
		if slices.ContainsFunc(m.Rows, known) || !settled(m, unknown) {
			continue
		}
		t.lookAt(v)
		sentence := "only_in"
		if v.Edition.ID < own.ID {
			sentence = "only_before"
		}
		t.say(sentence, "edition", own.ID, "other", v.Edition.ID)
		t.reply.Score, t.reply.Why = m.Score, m.Why
		t.settle(m)
		return true
	}
	return false
}

// settled reports whether another edition knows well enough what is asked: one
// of its rows, or, for a trade that is known to be outside the own edition, a
// few of them.
func settled(m, unknown match.Meaning) bool {
	switch m.Kind {
	case match.Answer, match.Gap:
		return m.Score >= sureElsewhere
	case match.Clarify:
		return unknown.Topic != ""
	}
	return false
}

// Words that ask for a later or an earlier edition than the one that answers.
var (
	laterWords   = []string{"新规", "新版", "最新", "现在还", "现在要", "现在的", "如今", "目前", "今年", "新要求", "新表", "新政", "新標準", "新规定"}
	earlierWords = []string{"旧版", "老版", "以前的", "原来的", "旧表", "旧规", "老规定", "之前的要求"}
)

// wanted is the other edition that words ask for, by its year or by what it is to ours.
func (t *turn) wanted(words string) (View, bool) {
	for _, v := range t.Others {
		year, _, _ := strings.Cut(v.Edition.ID, "-")
		later := v.Edition.ID > t.Edition.ID
		if strings.Contains(words, year) || later && hasAny(words, laterWords) || !later && hasAny(words, earlierWords) {
			return v, true
		}
	}
	return View{}, false
}

func hasAny(words string, list []string) bool {
	return slices.ContainsFunc(list, func(w string) bool { return strings.Contains(words, w) })
}

// inView answers for the counterparts of rows in another edition.
func (t *turn) inView(v View, keys []string) {
	var rows []*knowledge.Row
	for _, key := range keys {
		found, _ := t.Base.Counterparts(key, v.Edition)
		for _, row := range found {
			if !slices.Contains(rows, row) {
				rows = append(rows, row)
			}
		}
	}
	t.lookAt(v)
	switch {
	case len(rows) == 0:
		t.reply.Kind = match.None
		t.say("no_counterpart", "edition", v.Edition.ID, "row", strings.Join(keys, "、"))
		t.say("to_list")
	case len(rows) > mostAtOnce:
		t.clarify(match.Meaning{Rows: rows})
		t.reply.Kind = match.Clarify
	default:
		t.answer(rows)
	}
}

// mostAtOnce is how many rows are answered in one message.
const mostAtOnce = 4

// changed says, for each row, what later editions ask instead, in a line.
func (t *turn) changed(rows []*knowledge.Row) {
	for _, v := range t.Others {
		if v.Edition.ID < t.Edition.ID {
			continue
		}
		for _, row := range rows {
			if line := t.change(row, v.Edition); line != "" {
				if len(rows) > 1 {
					line += "（" + row.Name() + "）"
				}
				t.lines = append(t.lines, line)
			}
		}
	}
}

// change is the line about one row; empty where nothing has changed or nothing is known.
func (t *turn) change(row *knowledge.Row, later *knowledge.Edition) string {
	now, known := t.Base.Counterparts(row.Key, later)
	switch {
	case !known:
		return ""
	case len(now) == 0:
		return say("gone", "edition", later.ID)
	case len(now) > 1:
		var names []string
		for _, r := range now {
			names = append(names, r.Name())
		}
		return say("now_several", "edition", later.ID, "rows", strings.Join(names, "、"))
	case t.Base.SameNeed(row.Need, now[0].Need):
		return ""
	case now[0].Need.Kind == knowledge.Nothing && now[0].Unread == nil:
		return say("no_longer", "edition", later.ID)
	}
	if words, ok := inALine(now[0]); ok {
		return say("now", "edition", later.ID, "words", words)
	}
	return say("now_long", "edition", later.ID)
}

// longestLine is how long the words about a change may be, in characters, before they get an answer of their own.
const longestLine = 70

// inALine writes a flat requirement as a sentence: 任选其一：《A》、《B》.
func inALine(row *knowledge.Row) (string, bool) {
	need := row.Need
	parts := need.Parts
	if need.Kind == knowledge.One {
		parts = []knowledge.Requirement{need}
	}
	var titles []string
	for _, part := range parts {
		if part.Kind != knowledge.One || labelOf(part) != "" {
			return "", false
		}
		title := part.Document.Title()
		if part.Document.Condition != "" {
			title += "（" + part.Document.Condition + "）"
		}
		titles = append(titles, title)
	}
	words := say(map[knowledge.RequirementKind]string{knowledge.One: "line_one", knowledge.All: "line_all", knowledge.Any: "line_any"}[need.Kind],
		"documents", strings.Join(titles, "、"))
	return words, row.Unread == nil && len(titles) > 0 && utf8.RuneCountInString(words) <= longestLine
}
