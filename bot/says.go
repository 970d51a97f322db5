package bot

import (
	"slices"
	"strconv"
	"strings"

	"zizhi/knowledge"
	"zizhi/knowledge/match"
)

// answer gives the documents of rows.
func (t *turn) answer(rows []*knowledge.Row) {
	t.reply.Kind, t.reply.Rows = match.Answer, keysOf(rows)
	t.after.Rows = keysOf(rows)
	if len(rows) > 1 {
		t.say("several", "n", strconv.Itoa(len(rows)))
	}
	for _, row := range rows {
		if len(rows) > 1 {
			t.say("blank")
		}
		t.lines = append(t.lines, answer(row, sharedWith(row, rows))...)
	}
	t.ending(rows)
}

// ending says what has changed since and where the answer comes from.
func (t *turn) ending(rows []*knowledge.Row) {
	t.lines = append(t.lines, changes(t.Base, rows)...)
	t.changed(rows)
	t.lines = append(t.lines, source(t.Edition))
	if t.Edition.Status != "" {
		t.lines = append(t.lines, t.Edition.Status)
	}
}

// sharedWith names, for a document of row, the other rows that ask for it too.
func sharedWith(row *knowledge.Row, rows []*knowledge.Row) func(knowledge.Document) []string {
	return func(doc knowledge.Document) []string {
		var names []string
		for _, other := range rows {
			same := func(d knowledge.Document) bool { return d.Name == doc.Name }
			if other != row && slices.ContainsFunc(other.Need.Documents(), same) {
				names = append(names, other.Name())
			}
		}
		return names
	}
}

func (t *turn) aside(a match.Aside) {
	if a != "" {
		t.say("aside_" + string(a))
	}
}

// clarify asks back with choices.
func (t *turn) clarify(m match.Meaning) {
	t.reply.Rows = keysOf(m.Rows)
	if m.Ask != "" {
		t.lines = append(t.lines, m.Ask)
	} else {
		t.say("clarify")
	}
	t.offer(t.reply.Rows)
}

// offer puts choices into the reply and the session.
func (t *turn) offer(choices []string) {
	t.after.Choices = choices
	t.lines = append(t.lines, tappable(choices, t.choiceTitle)...)
}

// browse lists the rows of first-level categories.
func (t *turn) browse(firsts ...string) {
	rows := t.Edition.Under(firsts...)
	switch len(rows) {
	case 0:
		t.browseAll()
		return
	case 1:
		t.answer(rows)
		return
	}
	t.reply.Kind, t.reply.Rows = match.Browse, keysOf(rows)
	unknown := func(first string) bool { return len(t.Edition.Under(first)) == 0 }
	firsts = slices.DeleteFunc(slices.Clone(firsts), unknown) // a key of another edition
	t.say("browse", "first", strings.Join(firsts, "、"), "n", strconv.Itoa(len(rows)))
	t.offer(t.reply.Rows)
}

func (t *turn) browseAll() {
	firsts := t.Edition.Firsts()
	t.reply.Kind = match.Browse
	t.say("browse_all", "n", strconv.Itoa(len(firsts)))
	t.offer(firsts)
}

// licence lists the rows that ask for the licences named.
func (t *turn) licence(m match.Meaning) {
	t.reply.Rows = keysOf(m.Rows)
	var names []string
	for _, h := range m.Licences {
		names = append(names, t.licenceTitle(h.Licence))
	}
	named := strings.Join(names[:min(len(names), 3)], "、")
	if len(m.Rows) == 0 {
		t.say("licence_none", "licence", named)
		t.say("to_list")
		return
	}
	t.say("licence_rows", "licence", named, "n", strconv.Itoa(len(m.Rows)))
	for _, h := range m.Licences {
		if line := h.Licence.Changed; line != "" && len(m.Licences) == 1 {
			t.say("changed", "change", line)
		}
	}
	t.offer(t.reply.Rows)
	t.lines = append(t.lines, source(t.Edition))
}

// licenceTitle is a licence as the table writes it, or in quotes where the table does not have it.
func (t *turn) licenceTitle(l *knowledge.Licence) string {
	for _, row := range t.Edition.Naming(l.Spellings()...) {
		for _, doc := range row.Need.Documents() {
			if slices.Contains(l.Spellings(), doc.Name) {
				doc.Issuer = ""
				return doc.Title()
			}
		}
	}
	return "“" + l.Name + "”"
}

// none says that nothing fits, and what is near.
func (t *turn) none(m match.Meaning) {
	t.after.Lost = t.before.Lost + 1
	switch {
	case m.Topic != "":
		t.after.Lost = 0
		t.say("none_topic", "topic", m.Topic, "edition", t.Edition.ID)
		t.aside(m.Aside)
	case m.Aside != "":
		t.after.Lost = 0
		t.aside(m.Aside)
		t.say("none_aside")
	case t.after.Lost >= lostOften && t.Handoff:
		t.handoff()
		return
	case t.after.Lost >= lostOften:
		t.say("lost")
	default:
		t.say("none")
	}
	if m.Topic == "" && len(m.Near) == 0 {
		t.after.Rows = t.before.Rows // 这么难办啊 does not end what was spoken of
	}
	if len(m.Near) > 0 {
		t.say("none_near")
		t.offer(keysOf(m.Near))
	}
	t.say("to_list")
}

// lostOften is how many messages in a row may fail before a person is offered.
const lostOften = 2

// handoff passes the conversation to a person, where there is one.
func (t *turn) handoff() {
	t.reply.Kind = match.Handoff
	switch {
	case t.Handoff:
		t.reply.Transfer = true
		t.after.Handed = t.message.At
		t.say("handoff")
	case t.Contact != "":
		t.say("handoff_contact", "contact", t.Contact)
	default:
		t.say("handoff_nobody")
	}
}
