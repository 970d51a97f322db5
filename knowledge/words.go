// # How official words are read
//
// The official words of a row are an outline, squeezed onto one line:
//
//	（2选1）： 1、银行主体：《金融许可证》 2、同时提供： ① 《营业执照》 ② 与银行的合作协议（2家及以上）
//
// outline.go cuts them at their numbers, whatever the style (1、 1. ① (1) 1）
// （1.1） 2.1 一、 一： 资质1，), into a line and the lines below it. A number
// goes on with the innermost list that it fits; a 1 opens a list below the line
// before it. Words behind 注： are a note and end at the next number.
//
// opening.go reads what stands before the documents of a line: whom it is for
// (银行主体：, 陆运提供：) or what its papers are called together (授权材料：),
// and how the lines below go together (2选1, 同时提供). Where that is not said,
// lines that each say whom they are for are alternatives, others are all needed.
//
// inline.go reads the documents of a line:
//
//	line       = group { 或 group }
//	group      = choice { 和 choice } [ （适用于…） ]     also 及, 与, 以及
//	choice     = document { / document }
//	document   = [ issuer ] 《name》 { condition }       or a name without 《》
//	condition  = （…）, 且…, 经营范围…
//
// So 且 binds tighter than /, this tighter than 和, and this tighter than 或:
//
//	《A》且范围含“X”或《B》       any(《A》[范围含“X”], 《B》)
//	《A》及《B》/《C》           all(《A》, any(《B》, 《C》))
//	合作方的《A》或《B》         any(合作方的《A》, 合作方的《B》)
//	与甲公司的协议或授权书       one document: what 或 joins here shares its 的
//
// What cannot be accounted for to the last character is an error, never a guess.
package knowledge

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
)

// ParseWords reads the official words of a requirement into a tree, and the
// notes in them. "/" asks for nothing. The error quotes what cannot be read.
func ParseWords(words string) (need Requirement, note string, err error) {
	r, err := readWords(words)
	return r.need, strings.Join(r.notes, " "), err
}

// reading is what was read of official words.
type reading struct {
	need   Requirement
	notes  []string
	doubts []string // where the words contradict themselves, or do not say how they are meant
}

// A category under trial is applied for by e-mail: how, stands before the list of documents.
var trialPreface = regexp.MustCompile(`^该类目正在内测阶段[^】]*】\s*`)

// longestWords bounds official words, in bytes, since reading them costs their
// square. The longest of the table of 2026-02 has 1,250.
const longestWords = 8192

// readWords reads official words and proves the reading: the tree, written as
// words again, must be read as the same tree. Where it is not, some character
// means more than the grammar knows.
func readWords(words string) (reading, error) {
	rest := strings.TrimSpace(words)
	switch {
	case rest == "/":
		return reading{}, nil
	case len(rest) > longestWords:
		return reading{}, fmt.Errorf("%d bytes are too long for the requirement of one row, at most %d; is this a whole page?", len(rest), longestWords)
	}
	r, err := readOnce(rest)
	if err == nil {
		again, fault := readOnce(r.need.Words())
		if fault != nil || !reflect.DeepEqual(again.need, r.need) {
			err = fmt.Errorf("cannot read for certain: %s", r.need)
		}
	}
	if err != nil {
		return reading{}, fmt.Errorf("%w in %q", err, words)
	}
	return r, nil
}

func readOnce(rest string) (reading, error) {
	var r reading
	if preface := trialPreface.FindString(rest); preface != "" {
		r.note(preface)
		rest = rest[len(preface):]
	}
	top, err := readOutline(rest)
	if err == nil {
		r.need, err = r.part(top)
	}
	return r, err
}

// note keeps a note. The same note below two parts is said once.
func (r *reading) note(text string) {
	text = strings.TrimSpace(text)
	for _, known := range r.notes {
		if known == text {
			return
		}
	}
	r.notes = append(r.notes, text)
}

// part reads a line with the lines below it.
func (r *reading) part(o *outline) (Requirement, error) {
	head, rest := cutOpening(o.line, len(o.items) > 0)
	var need Requirement
	var err error
	switch {
	case head.kind == Nothing && otherOpener.MatchString(head.label):
		err = fmt.Errorf("cannot tell how what follows %q goes together", head.label)
	case len(o.items) == 0:
		need, err = r.line(head, rest)
	case rest != "":
		err = fmt.Errorf("cannot read %q before a list", rest)
	default:
		need, err = r.list(head, o.items)
	}
	if err != nil {
		return Requirement{}, err
	}
	if head.note != "" {
		r.note(head.note)
	}
	if err := r.noteOf(o, head); err != nil {
		return Requirement{}, err
	}
	return labelled(need, head.label)
}

// noteOf keeps the note of a line. A list behind a note would be read as
// documents, so that is an error, but for a note that only repeats what the
// list is called: …经营保险许可证件（⑪选①） 注：经营保险许可证件为： ①….
func (r *reading) noteOf(o *outline, head opening) error {
	repeated, again := strings.CutSuffix(o.note, "为：")
	switch {
	case o.note == "":
	case len(o.items) == 0:
		r.note(o.note)
	case !again || !strings.HasSuffix(head.label, repeated):
		return fmt.Errorf("cannot read a list behind the note %q", o.note)
	}
	return nil
}

// line reads a line without lines below it.
func (r *reading) line(head opening, rest string) (Requirement, error) {
	p := lineParser{rest: strings.TrimRight(rest, "；;。 ")}
	need, err := p.alternatives()
	if err != nil {
		return Requirement{}, err
	}
	if head.kind != Nothing && head.kind != need.Kind {
		return Requirement{}, fmt.Errorf("cannot read %q as a list", rest)
	}
	r.checkCount(head, len(need.Parts))
	if p.note != "" {
		r.note(p.note)
	}
	r.doubts = append(r.doubts, p.doubts...)
	return need, nil
}

// list reads the lines below an opening.
func (r *reading) list(head opening, items []*outline) (Requirement, error) {
	var parts []Requirement
	forWhom := 0
	for i, item := range items {
		if i > 0 { // ① … ② 及…
			item.line = strings.TrimPrefix(item.line, "及")
		}
		part, err := r.part(item)
		if err != nil {
			return Requirement{}, err
		}
		if part.For != "" {
			forWhom++
		}
		parts = append(parts, part)
	}
	r.checkCount(head, len(items))
	if head.kind != Nothing {
		return joined(head.kind, parts), nil
	}
	if forWhom == len(parts) {
		r.doubt("does not say that one of %d is enough; read so, as each says whom it is for", len(parts))
		return joined(Any, parts), nil
	}
	r.doubt("does not say whether all of %d are needed; read so", len(parts))
	return joined(All, parts), nil
}

// checkCount compares N选1 with what is listed. What is listed is kept.
func (r *reading) checkCount(head opening, listed int) {
	if head.count > 0 && head.count != listed {
		r.doubt("says %d选1 but lists %d", head.count, listed)
	}
}

func (r *reading) doubt(format string, args ...any) {
	r.doubts = append(r.doubts, fmt.Sprintf(format, args...))
}

// joined makes one requirement of parts; parts of the same kind that are for everybody dissolve in it.
func joined(kind RequirementKind, parts []Requirement) Requirement {
	if len(parts) == 1 {
		return parts[0]
	}
	var flat []Requirement
	for _, part := range parts {
		if part.Kind == kind && part.For == "" && part.Heading == "" {
			flat = append(flat, part.Parts...)
		} else {
			flat = append(flat, part)
		}
	}
	return Requirement{Kind: kind, Parts: flat}
}

// A label that ends in a word for papers says what they are, others say whom they are for.
var papers = regexp.MustCompile(`(材料|资料|证件|协议|文件如下)$`)

// labelled puts what stands before ： onto a requirement.
func labelled(need Requirement, label string) (Requirement, error) {
	switch {
	case label == "":
	case need.For != "" || need.Heading != "":
		return Requirement{}, errors.New("cannot read two labels, " + label + " and " + need.For + need.Heading + ",")
	case papers.MatchString(label):
		need.Heading = label
	default:
		need.For = label
	}
	return need, nil
}
