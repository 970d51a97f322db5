package knowledge

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	orWord    = regexp.MustCompile(`^[，,]?\s*(或者|或)\s*`)
	andWord   = regexp.MustCompile(`^[，,]?\s*(以及|和|及|与)\s*`)
	slashWord = regexp.MustCompile(`^\s*/\s*`)
	// 且 opens a condition that runs to the next joining word.
	butWord = regexp.MustCompile(`^[，,]?\s*且\s*`)
	// Words that open a condition without brackets: 《营业执照》经营范围含…; （2家及以上），加盖….
	scopeWord = regexp.MustCompile(`^(经营范围|业务范围|许可范围|含有|[，,]\s*加盖)`)
	// 以及 joins wherever it stands.
	alwaysAnd = regexp.MustCompile(`^[，,]?\s*以及`)
	// 及 in 及以上 and 及其 never joins documents, nor does 或 before a quote: 含“A”或“B”.
	neverAnd = regexp.MustCompile(`^\s*及(以上|其)`)
	neverOr  = regexp.MustCompile(`^[，,]?\s*或者?\s*“`)
	// A name without 《》 is complete before a joining word only if it ends so.
	// Others go on: 审核要求或规范文件, 公司及人员情况表. One name too long is never wrong, half a name is.
	completeName = regexp.MustCompile(`(批文|材料|许可|协议|证明|凭证)$`)
	// A name can go on behind 》 if it ends so: 《慈善组织互联网募捐信息平台公告》截图.
	restOfName = regexp.MustCompile(`(备案|材料|截图|证明|\d+\.\d+)$`)
	// Brackets that end a name but are a part of it: 检验检测机构资质认定证书（CMA）.
	abbreviation = regexp.MustCompile(`^[（(]\s*[A-Za-z0-9]+\s*[）)]`)
	// What stands behind brackets that end a name.
	nameEnd = regexp.MustCompile(`^\s*(?:$|[（(/；;。，,])`)
	// Two documents can share one pair of 《》: 《…许可证和…许可证》.
	sharedTitle = regexp.MustCompile(`^(.*?许可证)和(.*许可证)$`)
	// A joining word that joins nothing. 与 and 和 can begin a name: 与公证处的合作协议.
	strayJoin = regexp.MustCompile(`^(或|及|以及|且)`)
	noteWord  = regexp.MustCompile(`^(说明|注)[:：]`)
	suitsWord = regexp.MustCompile(`^适用于?`)
	// What would mean something else in brackets of its own.
	notCondition = regexp.MustCompile(`^(说明[:：]|注[:：]|适用|[A-Za-z0-9\s]*$)`)
)

// lineParser walks over the documents of a line from left to right.
type lineParser struct {
	rest   string // what is still to be read
	whose  string // 合作方的, for 《》 that follow without an owner of their own
	suits  string // whom the group is for, from （适用于…）
	note   string
	doubts []string
}

func (p *lineParser) alternatives() (Requirement, error) {
	var options []Requirement
	for {
		option, err := p.together()
		if err != nil {
			return Requirement{}, err
		}
		options = append(options, option)
		if !p.take(orWord) {
			break
		}
	}
	if p.rest != "" {
		return Requirement{}, fmt.Errorf("cannot read %q", p.rest)
	}
	return joined(Any, options), nil
}

func (p *lineParser) together() (Requirement, error) {
	var parts []Requirement
	for {
		part, err := p.choice()
		if err != nil {
			return Requirement{}, err
		}
		parts = append(parts, part)
		if !p.take(andWord) {
			break
		}
		if p.suits != "" {
			return Requirement{}, fmt.Errorf("cannot tell how far 适用于%s reaches", p.suits)
		}
	}
	spread(parts)
	suits := p.suits
	p.suits = ""
	return labelled(joined(All, parts), suits)
}

// spread gives a condition on each (（均需提供2-3家）) to the documents before it, too.
func spread(parts []Requirement) {
	last := parts[len(parts)-1].Document.Condition
	for i := range parts {
		if doc := &parts[i].Document; strings.HasPrefix(last, "均") && parts[i].Kind == One && doc.Condition == "" {
			doc.Condition = last
		}
	}
}

func (p *lineParser) choice() (Requirement, error) {
	var options []Requirement
	for {
		docs, err := p.documents()
		if err != nil {
			return Requirement{}, err
		}
		var both []Requirement
		for _, doc := range docs {
			both = append(both, Requirement{Kind: One, Document: doc})
		}
		options = append(options, joined(All, both))
		if !p.take(slashWord) {
			return joined(Any, options), nil
		}
	}
}

// documents reads one document with its issuer and conditions; two where one pair of 《》 holds two.
func (p *lineParser) documents() ([]Document, error) {
	doc, err := p.name()
	if err != nil {
		return nil, err
	}
	if err := p.conditions(&doc); err != nil {
		return nil, err
	}
	if two := sharedTitle.FindStringSubmatch(doc.Name); two != nil && doc.Titled {
		second := doc
		doc.Name, second.Name = two[1], two[2]
		return []Document{doc, second}, nil
	}
	return []Document{doc}, nil
}

// name reads the name of a document and what stands before it.
func (p *lineParser) name() (Document, error) {
	if p.rest == "" {
		return Document{}, errors.New("no document is named")
	}
	start := p.rest
	before := strings.TrimSuffix(p.plain(), "。")
	title, length, titled := closed(p.rest, "《")
	if titled {
		p.rest = p.rest[length:]
		after := p.rest
		if nameGoesOn(after) {
			if !restOfName.MatchString(p.plain()) {
				return Document{}, fmt.Errorf("cannot read %q", after)
			}
			titled = false
			before = strings.TrimSpace(start[:len(start)-len(p.rest)])
		}
	}
	title = strings.TrimSpace(title)
	switch {
	case hasStop(before), strayJoin.MatchString(before):
		return Document{}, fmt.Errorf("cannot read %q", before)
	case titled && title != "":
		return Document{Name: title, Titled: true, Issuer: p.owner(before)}, nil
	case titled || before == "":
		return Document{}, fmt.Errorf("a document is missing before %q", p.rest)
	}
	p.whose = ""
	return Document{Name: before}, nil
}

// nameGoesOn reports whether what stands behind 》 belongs to the name.
func nameGoesOn(after string) bool {
	first, _ := utf8.DecodeRuneInString(after)
	return after != "" && !strings.ContainsRune(" （(/；;。，,、《", first) && !scopeWord.MatchString(after) &&
		!butWord.MatchString(after) && !orWord.MatchString(after) && !andWord.MatchString(after)
}

// hasStop finds a stop outside brackets and quotes: such words are sentences, not the name of a document.
func hasStop(name string) bool {
	for rest := name; rest != ""; rest = rest[span(rest):] {
		if first, _ := utf8.DecodeRuneInString(rest); strings.ContainsRune("，。；：,;", first) {
			return true
		}
	}
	return false
}

// owner is whose a 《》 is. 合作方的 holds for those that follow it, too; 民政部 may not.
func (p *lineParser) owner(before string) string {
	if before == "" {
		return p.whose
	}
	p.whose = ""
	if strings.HasSuffix(before, "的") {
		p.whose = before
	}
	return before
}

// conditions reads what follows a document's name: brackets, 且… and 经营范围….
func (p *lineParser) conditions(doc *Document) error {
	for {
		behind := strings.TrimLeft(p.rest, " 。")
		inner, length, ok := closed(behind, "（(")
		switch {
		case ok:
			p.rest = behind[length:]
			p.bracket(doc, strings.TrimSpace(inner))
		case strings.HasPrefix(behind, "（"):
			if err := p.unclosed(doc, behind); err != nil {
				return err
			}
		case p.take(butWord), scopeWord.MatchString(behind):
			p.rest = strings.TrimLeft(p.rest, " ，,")
			text := p.plain()
			if notCondition.MatchString(text) {
				return fmt.Errorf("a condition is missing before %q", text+p.rest)
			}
			doc.require(text)
		default:
			return nil
		}
	}
}

func (p *lineParser) bracket(doc *Document, inner string) {
	switch {
	case noteWord.MatchString(inner):
		p.note = noteWord.ReplaceAllString(inner, "")
	case suitsWord.MatchString(inner):
		p.suits = suitsWord.ReplaceAllString(inner, "")
	default:
		doc.require(inner)
	}
}

// unclosed reads a bracket whose end is missing: a condition that runs to the
// end of the line, unless a document in it says otherwise.
func (p *lineParser) unclosed(doc *Document, behind string) error {
	text := strings.TrimPrefix(behind, "（")
	if strings.Contains(text, "《") || notCondition.MatchString(text) {
		return fmt.Errorf("%q is not closed", behind)
	}
	p.rest = ""
	p.doubts = append(p.doubts, fmt.Sprintf("the bracket before %q is not closed", text))
	doc.require(text)
	return nil
}

// require adds a condition.
func (d *Document) require(condition string) {
	if d.Condition != "" {
		condition = d.Condition + "；" + condition
	}
	d.Condition = condition
}

// plain reads words up to 《, to a joining word, to 且 or to brackets that end
// a name. Other brackets and quotes belong to the words: 省（自治区、直辖市）金融办批准文件.
func (p *lineParser) plain() string {
	start := p.rest
	for p.rest != "" {
		sofar := strings.TrimSpace(start[:len(start)-len(p.rest)])
		size := span(p.rest)
		if strings.HasPrefix(p.rest, "《") || butWord.MatchString(p.rest) || joins(sofar, p.rest) ||
			sofar != "" && endsName(p.rest, size) {
			return sofar
		}
		p.rest = p.rest[size:]
	}
	return strings.TrimSpace(start)
}

// endsName reports whether text begins with brackets that end a name.
func endsName(text string, length int) bool {
	after := text[length:]
	return strings.IndexAny(text, "（(") == 0 && !abbreviation.MatchString(text) && (nameEnd.MatchString(after) ||
		orWord.MatchString(after) || andWord.MatchString(after) || butWord.MatchString(after))
}

// joins reports whether the text goes on with a word that joins documents,
// rather than with a 或 or 和 inside a name: 卫生和计划生育委员会.
func joins(before, text string) bool {
	quoted := strings.HasSuffix(before, "”")
	switch {
	case alwaysAnd.MatchString(text):
		return true
	case andWord.MatchString(text):
		return (quoted || completeName.MatchString(before)) && !neverAnd.MatchString(text)
	case orWord.MatchString(text):
		titleNext := strings.HasPrefix(orWord.ReplaceAllString(text, ""), "《")
		return quoted && !neverOr.MatchString(text) || (titleNext || !strings.Contains(before, "的")) && completeName.MatchString(before)
	}
	return false
}

func (p *lineParser) take(word *regexp.Regexp) bool {
	at := word.FindStringIndex(p.rest)
	if at == nil {
		return false
	}
	p.rest = p.rest[at[1]:]
	return true
}
