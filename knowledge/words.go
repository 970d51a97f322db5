package knowledge

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// ParseWords reads the official words of a requirement into a tree.
//
// The words are alternatives, joined by 或, of documents that are needed
// together, joined by 和 or 以及. A document may carry its issuer before the
// name, and a condition after it: in brackets, or behind 且, which therefore
// binds tighter than 或 and never adds a document. A bracket that begins with
// 说明 or 注 is a note on the whole and returned as such.
//
// What it cannot account for to the last character is an error, never a guess.
func ParseWords(words string) (need Requirement, note string, err error) {
	p := wordParser{rest: strings.TrimSpace(words)}
	if p.rest == "/" {
		return Requirement{}, "", nil
	}
	p.rest = leadIn.ReplaceAllString(p.rest, "")
	need, err = p.alternatives()
	if err != nil {
		return Requirement{}, "", fmt.Errorf("%w in %q", err, words)
	}
	return need, p.note, nil
}

var (
	leadIn = regexp.MustCompile(`^(需提供|提供)[:：]?\s*`)
	// A 或 always separates; it stands inside a name nowhere in the known editions.
	orWord = regexp.MustCompile(`^[，,]?\s*(或者|或)\s*`)
	// 和 and 及 stand inside names too (卫生和计划生育委员会), so they join only behind 》, ） or ”; see (*wordParser).and.
	andWord = regexp.MustCompile(`^\s*(以及|和|及)\s*`)
	// 且 opens a condition that runs to the next joining word.
	butWord = regexp.MustCompile(`^[，,]?\s*且`)
	// Two documents can share one pair of 《》: 《…许可证和…许可证》.
	sharedTitle = regexp.MustCompile(`^(.*?许可证)和(.*许可证)$`)
	noteWord    = regexp.MustCompile(`^(说明|注)[:：]`)
)

// wordParser walks over official words from left to right.
type wordParser struct {
	rest string // what is still to be read
	last rune   // the last character that was read: decides whether 和 joins
	note string
}

func (p *wordParser) alternatives() (Requirement, error) {
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

func (p *wordParser) together() (Requirement, error) {
	var parts []Requirement
	for {
		docs, err := p.documents()
		if err != nil {
			return Requirement{}, err
		}
		for _, doc := range docs {
			parts = append(parts, Requirement{Kind: One, Document: doc})
		}
		if !p.joins() || !p.take(andWord) {
			return joined(All, parts), nil
		}
	}
}

// documents reads one document with its issuer and condition; two where one pair of 《》 holds two.
func (p *wordParser) documents() ([]Document, error) {
	before, err := p.plain()
	if err != nil {
		return nil, err
	}
	doc := Document{Name: before}
	if title, ok := p.between("《", "》"); ok {
		doc = Document{Name: title, Titled: true, Issuer: before}
	}
	if doc.Name == "" {
		return nil, fmt.Errorf("a document is missing before %q", p.rest)
	}
	if err := p.condition(&doc); err != nil {
		return nil, err
	}
	if two := sharedTitle.FindStringSubmatch(doc.Name); two != nil {
		second := doc
		doc.Name, second.Name = two[1], two[2]
		return []Document{doc, second}, nil
	}
	return []Document{doc}, nil
}

// condition reads what follows a document's name: brackets and 且….
func (p *wordParser) condition(doc *Document) error {
	for {
		if inner, ok := p.between("（", "）"); ok {
			if noteWord.MatchString(inner) {
				p.note = noteWord.ReplaceAllString(inner, "")
			} else {
				doc.Condition = inner
			}
			continue
		}
		if !p.take(butWord) {
			return nil
		}
		text, err := p.plain()
		if err != nil {
			return err
		}
		doc.Condition = text
	}
}

// plain reads words up to 《, to a joining word or to 且. Brackets and quotes
// inside belong to the words: 省（自治区、直辖市）金融办批准文件.
func (p *wordParser) plain() (string, error) {
	var b strings.Builder
	for p.rest != "" {
		r, size := utf8.DecodeRuneInString(p.rest)
		switch {
		case r == '《', orWord.MatchString(p.rest), butWord.MatchString(p.rest),
			p.joins() && andWord.MatchString(p.rest):
			return strings.TrimSpace(b.String()), nil
		case r == '（' && noteWord.MatchString(p.rest[size:]):
			return strings.TrimSpace(b.String()), nil
		case r == '（', r == '“':
			closing := map[rune]string{'（': "）", '“': "”"}[r]
			inner, ok := p.between(string(r), closing)
			if !ok {
				return "", fmt.Errorf("%q is not closed", p.rest)
			}
			b.WriteString(string(r) + inner + closing)
		default:
			b.WriteRune(r)
			p.advance(size)
		}
	}
	return strings.TrimSpace(b.String()), nil
}

// joins reports whether a 和 at this place would join documents rather than stand in a name.
func (p *wordParser) joins() bool {
	return p.last == '》' || p.last == '）' || p.last == '”' || orAndAlways.MatchString(p.rest)
}

// 以及 joins wherever it stands.
var orAndAlways = regexp.MustCompile(`^\s*以及`)

func (p *wordParser) between(open, closing string) (string, bool) {
	if !strings.HasPrefix(p.rest, open) {
		return "", false
	}
	inner, _, ok := strings.Cut(p.rest[len(open):], closing)
	if ok {
		p.advance(len(open) + len(inner) + len(closing))
	}
	return inner, ok
}

func (p *wordParser) take(word *regexp.Regexp) bool {
	at := word.FindStringIndex(p.rest)
	if at == nil {
		return false
	}
	p.advance(at[1])
	return true
}

func (p *wordParser) advance(n int) {
	p.last, _ = utf8.DecodeLastRuneInString(strings.TrimRight(p.rest[:n], " "))
	p.rest = p.rest[n:]
}

func joined(kind RequirementKind, parts []Requirement) Requirement {
	if len(parts) == 1 {
		return parts[0]
	}
	return Requirement{Kind: kind, Parts: parts}
}
