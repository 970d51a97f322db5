package bot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"zizhi/knowledge"
)

// answer words the documents of a row. also names, for a document, the other
// rows of the same message that ask for it too.
func answer(row *knowledge.Row, also func(knowledge.Document) []string) []string {
	lines := []string{say("title", "row", rowTitle(row))}
	lines = append(lines, checklist(row, also)...)
	return append(lines, say("official", "words", row.Words))
}

func source(e *knowledge.Edition) string {
	return say("source", "publisher", e.Publisher, "title", e.Title, "edition", e.ID)
}

// rowTitle is a row's name as people read it: 社交 / 直播.
func rowTitle(row *knowledge.Row) string { return strings.Join(row.Path, " › ") }

// checklist words a requirement: a heading that says all or one, and a line a document.
func checklist(row *knowledge.Row, also func(knowledge.Document) []string) []string {
	if row.Unread != nil {
		return []string{say("unread")}
	}
	need := row.Need
	n := strconv.Itoa(len(need.Parts))
	switch need.Kind {
	case knowledge.Nothing:
		return []string{say("no_document")}
	case knowledge.One:
		return append([]string{say("one_document")}, items("item", []knowledge.Requirement{need}, also)...)
	case knowledge.All:
		return append([]string{say("all_documents", "n", n)}, items("item", need.Parts, also)...)
	}
	heading := "any_document"
	if slices.ContainsFunc(need.Parts, func(p knowledge.Requirement) bool { return p.Kind != knowledge.One }) {
		heading = "any_way"
	}
	return append([]string{say(heading, "n", n)}, items("option", need.Parts, also)...)
}

// items words each part of a requirement on its lines.
func items(sentence string, parts []knowledge.Requirement, also func(knowledge.Document) []string) []string {
	var lines []string
	for _, part := range parts {
		if part.Kind == knowledge.One {
			lines = append(lines, item(sentence, part.Document, also)...)
			continue
		}
		var titles []string
		for _, doc := range part.Documents() {
			titles = append(titles, doc.Title())
		}
		lines = append(lines, say("together", "n", strconv.Itoa(len(titles)), "documents", strings.Join(titles, "＋")))
	}
	return lines
}

func item(sentence string, doc knowledge.Document, also func(knowledge.Document) []string) []string {
	lines := []string{say(sentence, "document", doc.Title())}
	if doc.Condition != "" {
		lines = append(lines, say("condition", "condition", doc.Condition))
	}
	if others := also(doc); len(others) > 0 {
		lines = append(lines, say("shared", "rows", strings.Join(others, "、")))
	}
	return lines
}

func nobody(knowledge.Document) []string { return nil }

// changes lists what is known to have changed about the documents of rows, at most two notes.
func changes(base *knowledge.Base, rows []*knowledge.Row) []string {
	const most = 2
	var lines []string
	for _, row := range rows {
		for _, doc := range row.Need.Documents() {
			licence := base.Licence(doc.Name)
			if licence == nil || licence.ChangeFor(row.Key) == "" {
				continue
			}
			if line := say("changed", "change", licence.ChangeFor(row.Key)); len(lines) < most && !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// tappable words numbered choices that can be tapped in WeChat and typed
// anywhere. The id of a link must be a number: the SDK's parser fails on words.
func tappable(choices []string, title func(string) string) []string {
	var lines []string
	for i, choice := range choices {
		link := fmt.Sprintf(`<a href="weixin://bizmsgmenu?msgmenucontent=%s&msgmenuid=%d">%s</a>`, title(choice), i+1, title(choice))
		lines = append(lines, say("choice", "n", strconv.Itoa(i+1), "choice", link))
	}
	if len(choices) == 1 {
		return append(lines, say("how_to_choose_one"))
	}
	return append(lines, say("how_to_choose", "last", strconv.Itoa(len(choices))))
}

// longestReply bounds a passive reply in bytes of UTF-8. WeChat shows its error
// text above 2,047; the rest is room for the number of a part.
const longestReply = 2000

// split cuts a long text into parts that fit, at the end of a line, or, in a
// line that is too long by itself, behind a sentence or a document.
func split(text string) []string {
	if len(text) <= longestReply {
		return []string{text}
	}
	room := longestReply - len(say("part", "n", "99", "of", "99")) - len("\n") - len(say("more")) - len("\n")
	var parts []string
	for text != "" {
		cut := cutAt(text, room)
		parts = append(parts, strings.TrimRight(text[:cut], "\n"))
		text = strings.TrimLeft(text[cut:], "\n")
	}
	for i := range parts {
		number := say("part", "n", strconv.Itoa(i+1), "of", strconv.Itoa(len(parts)))
		parts[i] += "\n" + number
		if i < len(parts)-1 {
			parts[i] += say("more")
		}
	}
	return parts
}

// cutAt is the best place to cut within the first room bytes.
func cutAt(text string, room int) int {
	if len(text) <= room {
		return len(text)
	}
	head := text[:room]
	if i := strings.LastIndexByte(head, '\n'); i > 0 {
		return i + 1
	}
	for _, end := range []string{"。", "；", "》", "，", "、"} {
		if i := strings.LastIndex(head, end); i > 0 {
			return i + len(end)
		}
	}
	for room > 0 && !utf8.RuneStart(text[room]) {
		room--
	}
	return room
}
