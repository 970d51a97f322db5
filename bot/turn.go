package bot

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zizhi/knowledge"
	"zizhi/knowledge/match"
)

// turn is one turn of a conversation: what is to be said to a message, and the
// session that remains. It is pure: no I/O, no clock.
type turn struct {
	*Expert
	message Message
	before  Session
	after   Session
	reply   Reply
	lines   []string
}

// take takes the turn.
func (x *Expert) take(m Message, before Session) (Reply, Session) {
	t := &turn{Expert: x, message: m, before: before, after: Session{At: m.At}}
	t.reply = Reply{Question: m.Text, Edition: x.Edition.ID, Kind: match.Chat, Score: 1}
	switch {
	case m.Kind == Returned:
		t.keep()
		t.after.Handed = time.Time{}
	case t.withPerson():
		t.keep()
		t.reply.Kind, t.reply.Transfer = match.Handoff, true
	default:
		t.respond(m)
	}
	t.finish()
	if t.reply.Rows == nil {
		t.reply.Rows = []string{}
	}
	return t.reply, t.after
}

// respond says something to a message.
func (t *turn) respond(m Message) {
	switch m.Kind {
	case Text:
		t.text(strings.TrimSpace(m.Text))
	case Tap, Scan:
		t.key(m.Text)
	case Follow:
		t.follow()
	default:
		t.wordless(m.Kind)
	}
}

// longestWithPerson is how long the bot stays silent at most after it has handed
// a conversation over, in case nobody tells it that the person has finished.
const longestWithPerson = 30 * time.Minute

// withPerson reports whether a person is answering; until they finish, or the
// user calls the bot back, messages are passed on to them.
func (t *turn) withPerson() bool {
	handed := t.before.Handed
	if handed.IsZero() || t.message.At.Sub(handed) > longestWithPerson {
		return false
	}
	return t.message.Kind != Tap && !callsBack(strings.TrimSpace(t.message.Text))
}

func callsBack(words string) bool {
	switch words {
	case "机器人", "回到机器人", "找机器人", "返回", "退出人工", "结束人工", "目录", "機器人":
		return true
	}
	return false
}

func (t *turn) say(name string, pairs ...string) { t.lines = append(t.lines, say(name, pairs...)) }

// finish joins the lines and keeps what does not fit for 继续.
func (t *turn) finish() {
	if len(t.lines) == 0 {
		return
	}
	pieces := split(strings.Join(t.lines, "\n"))
	parts := number(pieces, "more")
	t.reply.Text = parts[0]
	if t.after.Parts == nil {
		t.after.Parts = parts[1:]
	}
	if t.message.Push && len(pieces) > 1 {
		t.reply.Text, t.reply.Rest = number(pieces, "more_follows")[0], number(pieces, "blank")[1:]
	}
	if t.after.Asked == "" {
		t.after.Asked = t.before.Asked
	}
}

// text answers words. What belongs to the running conversation comes before a new question.
func (t *turn) text(words string) {
	switch {
	case words == "":
		t.say("empty")
		t.keep()
	case isMore(words):
		t.more()
	case isDirectory(words):
		t.browseAll()
	case callsBack(words):
		t.say("help")
	case !t.chosen(words):
		t.question(words)
	}
}

// keep leaves the conversation where it was.
func (t *turn) keep() {
	at := t.after.At
	t.after = t.before
	t.after.At = at
}

func isMore(words string) bool {
	switch strings.TrimRight(words, "。.!！ ") {
	case "继续", "更多", "下一页", "下一部分", "下一条", "接着", "接着说", "繼續", "next", "more":
		return true
	}
	return false
}

func isDirectory(words string) bool {
	switch strings.TrimRight(words, "。.?？!！ ") {
	case "目录", "目錄", "菜单", "類目", "类目", "列表", "全部类目", "所有类目", "类目列表", "有哪些类目", "都有哪些类目", "类目表", "看目录", "回目录", "menu":
		return true
	}
	return false
}

// more sends the next part of a long answer.
func (t *turn) more() {
	t.keep()
	if len(t.before.Parts) == 0 {
		t.say("no_more")
		return
	}
	t.lines = t.before.Parts[:1]
	t.after.Parts = t.before.Parts[1:]
	t.reply.Kind, t.reply.Rows = match.Answer, t.before.Rows
}

// chosen takes a message as a choice among those just offered; false where it is none.
func (t *turn) chosen(words string) bool {
	choices := t.before.Choices
	for i, choice := range choices {
		if words == choice || words == t.choiceTitle(choice) {
			t.choose([]string{choices[i]})
			return true
		}
	}
	picked, named := pickOrdinals(words, len(choices))
	switch {
	case !named:
		return false
	case len(choices) == 0:
		t.say("choice_ended")
		t.say("to_list")
		t.reply.Kind = match.None
	case len(picked) == 0:
		t.keep()
		t.say("wrong_choice", "last", strconv.Itoa(len(choices)))
		t.reply.Kind, t.reply.Rows = match.Clarify, rowsOnly(t.before.Choices)
	default:
		var keys []string
		for _, i := range picked {
			keys = append(keys, choices[i])
		}
		t.choose(keys)
	}
	return true
}

// choiceTitle is what a choice is called: the last level of a row, the whole
// path where that alone says too little.
func (t *turn) choiceTitle(choice string) string {
	row := t.Edition.Row(choice)
	if v, ok := t.other(t.before.Edition); ok && row == nil {
		row = v.Edition.Row(choice)
	}
	switch {
	case row == nil:
		return choice
	case row.Name() == row.First():
		return row.Name()
	}
	return strings.Join(row.Path[1:], " › ")
}

// choose answers for chosen rows, or lists the rows of a chosen first-level
// category, in the edition that they were offered from.
func (t *turn) choose(keys []string) {
	if v, ok := t.other(t.before.Edition); ok {
		t.lookAt(v)
	}
	var rows []*knowledge.Row
	for _, key := range keys {
		if row := t.Edition.Row(key); row != nil {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		t.browse(keys[0])
		return
	}
	t.answer(rows)
}

// key answers a tap on the menu or a QR code: the key of a row or of a first-level category.
func (t *turn) key(key string) {
	t.reply.Question = key
	key = strings.TrimPrefix(key, keyPrefix)
	switch {
	case t.Edition.Row(key) != nil:
		t.answer([]*knowledge.Row{t.Edition.Row(key)})
	case len(t.Edition.Under(key)) > 0:
		t.browse(key)
	case strings.Contains(key, keyJoin):
		t.browse(strings.Split(key, keyJoin)...)
	default:
		t.browseAll()
	}
}

// keyPrefix marks keys of our own menu, beside those that other tools may have put there.
const keyPrefix = "zizhi:"

// follow welcomes; a QR code that names a row or a category leads straight there.
func (t *turn) follow() {
	t.say("welcome")
	scene := strings.TrimPrefix(strings.TrimPrefix(t.message.Text, "qrscene_"), keyPrefix)
	if scene != "" && (t.Edition.Row(scene) != nil || len(t.Edition.Under(scene)) > 0) {
		t.say("blank")
		t.key(scene)
	}
}

func (t *turn) wordless(kind MessageKind) {
	t.keep()
	switch kind {
	case Unheard:
		t.say("unheard")
	case Picture:
		t.say("picture")
	case Place:
		t.say("place")
	case Link:
		t.say("link")
	}
}

// question reads words and answers them.
func (t *turn) question(words string) {
	if v, ok := t.wanted(words); ok && t.before.Rows != nil && utf8.RuneCountInString(words) <= longestAside {
		t.inView(v, t.before.Rows) // 新版, 现在还要这个证吗, 2026年的呢
		return
	}
	m := t.read(words)
	t.reply.Score, t.reply.Why = m.Score, m.Why
	t.after.Asked = blankNumbers(words)
	if v, ok := t.wanted(words); ok && m.Kind == match.Answer {
		t.inView(v, keysOf(m.Rows))
		return
	}
	if m.Kind == match.None && t.elsewhere(words, m) {
		return
	}
	t.settle(m)
}

// longestAside is how long a message may be, in characters, that only asks for another edition.
const longestAside = 12

func (t *turn) read(words string) match.Meaning { return t.readBy(t.Reader, words) }

func (t *turn) readBy(reader *match.Reader, words string) match.Meaning {
	if t.message.Explain {
		return reader.Explain(words, t.context())
	}
	return reader.Read(words, t.context())
}

// context is what the message may lean on.
func (t *turn) context() match.Context {
	return match.Context{Rows: append(rowsOnly(t.before.Choices), t.before.Rows...)}
}

// settle says what a meaning calls for.
func (t *turn) settle(m match.Meaning) {
	t.reply.Kind = m.Kind
	switch m.Kind {
	case match.Answer:
		t.answer(m.Rows)
		t.aside(m.Aside)
	case match.Clarify:
		t.clarify(m)
	case match.Gap:
		t.gap(m)
	case match.Licence:
		t.licence(m)
	case match.Browse:
		t.browse(m.First)
	case match.None:
		t.none(m)
	case match.Handoff:
		t.handoff()
	default:
		t.keep()
		t.say(m.Chat)
	}
}

// rowsOnly leaves out first-level categories.
func rowsOnly(choices []string) []string {
	var rows []string
	for _, c := range choices {
		if strings.Contains(c, "/") {
			rows = append(rows, c)
		}
	}
	return rows
}

func keysOf(rows []*knowledge.Row) []string {
	keys := make([]string, len(rows))
	for i, row := range rows {
		keys[i] = row.Key
	}
	return keys
}
