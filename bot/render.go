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

// checklist words a requirement: a heading that says all or one, and its parts below.
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
		return append([]string{say("one_document")}, words(need, "", "item", also)...)
	case knowledge.All:
		return append([]string{say("all_documents", "n", n)}, parts(need, "", also)...)
	}
	heading := "any_document"
	if slices.ContainsFunc(need.Parts, func(p knowledge.Requirement) bool { return p.Kind != knowledge.One }) {
		heading = "any_way"
	}
	return append([]string{say(heading, "n", n)}, parts(need, "", also)...)
}

// indent sets a part below what it belongs to.
const indent = "　"

// parts words the parts of an All or an Any, each behind its box or circle.
func parts(need knowledge.Requirement, margin string, also func(knowledge.Document) []string) []string {
	mark := "item"
	if need.Kind == knowledge.Any {
		mark = "option"
	}
	var lines []string
	for _, part := range need.Parts {
		lines = append(lines, words(part, margin, mark, also)...)
	}
	return lines
}

// words words a requirement behind its box or circle; what it consists of stands below.
func words(need knowledge.Requirement, margin, mark string, also func(knowledge.Document) []string) []string {
	label := labelOf(need)
	if need.Kind == knowledge.One {
		return document(need.Document, margin, mark, label, also)
	}
	if plain := plainPair(need, also); plain != "" {
		return []string{margin + say(mark, "document", label+plain)}
	}
	heading := "together"
	if need.Kind == knowledge.Any {
		heading = "choose"
	}
	first := margin + say(mark, "document", label+say(heading, "n", strconv.Itoa(len(need.Parts))))
	return append([]string{first}, parts(need, margin+indent, also)...)
}

// labelOf says who a part is for, or what its papers are called together.
func labelOf(need knowledge.Requirement) string {
	if name := need.For + need.Heading; name != "" {
		return name + "："
	}
	return ""
}

// plainPair writes a few documents that are all needed, and of which nothing
// more is to be said, on one line; empty where that is not so.
func plainPair(need knowledge.Requirement, also func(knowledge.Document) []string) string {
	const most = 3
	if need.Kind != knowledge.All || len(need.Parts) > most {
		return ""
	}
	var titles []string
	for _, part := range need.Parts {
		doc := part.Document
		if part.Kind != knowledge.One || doc.Condition != "" || labelOf(part) != "" || len(also(doc)) > 0 {
			return ""
		}
		titles = append(titles, doc.Title())
	}
	return say("together", "n", strconv.Itoa(len(titles))) + strings.Join(titles, "＋")
}

func document(doc knowledge.Document, margin, mark, label string, also func(knowledge.Document) []string) []string {
	lines := []string{margin + say(mark, "document", label+doc.Title())}
	if doc.Condition != "" {
		lines = append(lines, margin+say("condition", "condition", doc.Condition))
	}
	if others := also(doc); len(others) > 0 {
		lines = append(lines, margin+say("shared", "rows", strings.Join(others, "、")))
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

// split cuts a long text into pieces that leave room for their numbers, at the
// end of a line, or, in a line that is too long by itself, behind a sentence or
// a document.
func split(text string) []string {
	if len(text) <= longestReply {
		return []string{text}
	}
	hint := max(len(say("more")), len(say("more_follows")))
	room := longestReply - len(say("part", "n", "99", "of", "99")) - hint - len("\n\n")
	var pieces []string
	for text != "" {
		cut := cutAt(text, room)
		pieces = append(pieces, strings.TrimRight(text[:cut], "\n"))
		text = strings.TrimLeft(text[cut:], "\n")
	}
	return pieces
}

// number makes parts of pieces: behind each stands its number, and behind all
// but the last the hint, a sentence that says how to get the next. One piece
// stays as it is.
func number(pieces []string, hint string) []string {
	if len(pieces) == 1 {
		return pieces
	}
	var parts []string
	for i, piece := range pieces {
		part := piece + "\n" + say("part", "n", strconv.Itoa(i+1), "of", strconv.Itoa(len(pieces)))
		if i < len(pieces)-1 {
			part += say(hint)
		}
		parts = append(parts, part)
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
