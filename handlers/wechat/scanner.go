package wechat

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"unicode/utf8"
)

const (
	maxDepth  = 8  // WeChat's deepest known event has 5 levels
	maxFields = 96 // children of <xml>; the richest known event has about 30
)

// scanner reads the narrow XML that WeChat writes: a root <xml>, elements without
// attributes, text and CDATA. It refuses everything else that XML has (DOCTYPE,
// comments, attributes, processing instructions, prefixes), text outside fields, a
// field that comes twice, children inside a field that is text, and anything after
// the root. It can stand under encoding/xml as its xml.TokenReader, whose own tokenizer
// takes four times as long and accepts all of that; a fuzz test compares the two.
//
// Text of bytes that are no UTF-8 or of characters that XML forbids is kept
// readable: each becomes U+FFFD. A person can paste such a character, and deserves
// an answer.
type scanner struct {
	src       []byte
	pos       int
	open      [maxDepth]string // the elements around pos
	depth     int
	seen      [maxFields]string // the children of the root so far
	fields    int
	started   bool // the prologue was read
	rooted    bool // a root element was opened
	closing   bool // <a/> was read: its end comes next
	encrypt   []byte
	encrypted bool
}

type event uint8

const (
	startTag event = iota + 1
	endTag
	charData
)

// drain reads to the end of the document.
func (s *scanner) drain() error {
	for {
		switch _, _, _, err := s.next(); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

// Token implements xml.TokenReader.
func (s *scanner) Token() (xml.Token, error) {
	ev, name, text, err := s.next()
	switch {
	case err != nil:
		return nil, err
	case ev == startTag:
		return xml.StartElement{Name: xml.Name{Local: name}}, nil
	case ev == endTag:
		return xml.EndElement{Name: xml.Name{Local: name}}, nil
	}
	return xml.CharData(text), nil
}

// next returns the next event; io.EOF after the end of a complete document.
func (s *scanner) next() (ev event, name string, text []byte, err error) {
	if s.closing {
		s.closing = false
		return s.end()
	}
	if !s.started {
		if err := s.prologue(); err != nil {
			return 0, "", nil, err
		}
	}
	for s.pos < len(s.src) {
		rest := s.src[s.pos:]
		if rest[0] == '<' && !bytes.HasPrefix(rest, cdataOpen) {
			return s.tag(rest)
		}
		text, err := s.text(rest)
		if err != nil {
			return 0, "", nil, err
		}
		if s.depth > 1 && len(text) > 0 {
			return charData, "", text, nil
		}
	}
	if s.depth > 0 || !s.rooted {
		return 0, "", nil, errors.New("the XML ends too early")
	}
	return 0, "", nil, io.EOF
}

// prologue skips a byte order mark, blanks and an XML declaration.
func (s *scanner) prologue() error {
	s.started = true
	rest := bytes.TrimPrefix(s.src, []byte("\xef\xbb\xbf"))
	rest = bytes.TrimLeft(rest, blanks)
	if bytes.HasPrefix(rest, []byte("<?")) {
		rest = bytes.TrimLeft(rest[len(declaration.Find(rest)):], blanks)
	}
	s.pos = len(s.src) - len(rest)
	if len(rest) == 0 {
		return errors.New("the body is empty")
	}
	return nil
}

// declaration is the only one that is taken: XML 1.0 in UTF-8.
var declaration = regexp.MustCompile(`^<\?xml +version=["']1\.0["']( +encoding=["'](?i:utf-8)["'])?( +standalone=["'](yes|no)["'])? *\?>`)

var (
	cdataOpen  = []byte("<![CDATA[")
	cdataClose = []byte("]]>")
)

const blanks = " \t\r\n"

// tag reads <a>, </a> or <a/>.
func (s *scanner) tag(rest []byte) (event, string, []byte, error) {
	i := 1
	isEnd := len(rest) > 1 && rest[1] == '/'
	if isEnd {
		i++
	}
	n := nameLen(rest[i:])
	raw := rest[i : i+n]
	i += n
	i += len(rest[i:]) - len(bytes.TrimLeft(rest[i:], blanks))
	selfClosed := !isEnd && bytes.HasPrefix(rest[i:], []byte("/>"))
	if selfClosed {
		i++
	}
	if n == 0 || i >= len(rest) || rest[i] != '>' {
		return 0, "", nil, fmt.Errorf("byte %d: only elements without attributes, text and CDATA are expected", s.pos)
	}
	if isEnd && (s.depth == 0 || s.open[s.depth-1] != string(raw)) {
		return 0, "", nil, fmt.Errorf("byte %d: </%s> closes nothing that is open", s.pos, raw)
	}
	s.pos += i + 1
	if isEnd {
		return s.end()
	}
	s.closing = selfClosed
	return s.start(intern(raw))
}

func (s *scanner) start(name string) (event, string, []byte, error) {
	var err error
	switch {
	case s.depth == 0 && (name != "xml" || s.rooted):
		err = fmt.Errorf("byte %d: expected one root element <xml>", s.pos)
	case s.depth == maxDepth:
		err = fmt.Errorf("byte %d: nested more than %d deep", s.pos, maxDepth)
	case s.depth == 1:
		err = s.field(name)
	case s.depth == 2 && texts[s.open[1]].name != "":
		err = fmt.Errorf("byte %d: an element inside %s", s.pos, s.open[1])
	}
	if err != nil {
		return 0, "", nil, err
	}
	s.rooted = true
	s.open[s.depth] = name
	s.depth++
	return startTag, name, nil, nil
}

// field notes a child of the root. A field that comes twice is refused, because two
// readers could then believe different ones.
func (s *scanner) field(name string) error {
	for _, old := range s.seen[:s.fields] {
		if old == name {
			return fmt.Errorf("byte %d: a second %s", s.pos, name)
		}
	}
	if s.fields == maxFields {
		return fmt.Errorf("byte %d: more than %d fields", s.pos, maxFields)
	}
	s.seen[s.fields] = name
	s.fields++
	s.encrypted = s.encrypted || name == "Encrypt"
	return nil
}

// end closes the innermost open element.
func (s *scanner) end() (event, string, []byte, error) {
	s.depth--
	return endTag, s.open[s.depth], nil, nil
}

// text reads character data up to the next markup, or one CDATA section.
func (s *scanner) text(rest []byte) ([]byte, error) {
	section := bytes.HasPrefix(rest, cdataOpen)
	var raw []byte
	if section {
		end := bytes.Index(rest, cdataClose)
		if end < 0 {
			return nil, fmt.Errorf("byte %d: the CDATA section does not end", s.pos)
		}
		raw = rest[len(cdataOpen):end]
		s.pos += end + len(cdataClose)
	} else {
		raw = rest
		if end := bytes.IndexByte(rest, '<'); end >= 0 {
			raw = rest[:end]
		}
		s.pos += len(raw)
		if bytes.Contains(raw, cdataClose) {
			return nil, fmt.Errorf("byte %d: ]]> outside a CDATA section", s.pos)
		}
	}
	if s.depth < 2 {
		if section || len(bytes.TrimLeft(raw, blanks)) > 0 {
			return nil, fmt.Errorf("byte %d: text outside a field", s.pos)
		}
		return nil, nil
	}
	text, err := readable(raw, !section)
	if err == nil && s.depth == 2 && s.open[1] == "Encrypt" {
		s.encrypt = append(s.encrypt, text...)
	}
	return text, err
}

// nameLen counts the bytes of the element name at the start of b: ASCII, no prefix.
func nameLen(b []byte) int {
	for i, c := range b {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
		if !letter && (i == 0 || c != '-' && c != '.' && (c < '0' || c > '9')) {
			return i
		}
	}
	return len(b)
}

func intern(name []byte) string {
	if known := texts[string(name)].name; known != "" {
		return known
	}
	return string(name)
}

// readable returns text as it reads: entities replaced (outside CDATA), line ends as
// \n, and U+FFFD for what XML cannot carry. Text that needs nothing of this is
// returned as it is, without a copy.
func readable(raw []byte, entities bool) ([]byte, error) {
	i := clearLen(raw, entities)
	if i == len(raw) {
		return raw, nil
	}
	out := append(make([]byte, 0, len(raw)+8), raw[:i]...)
	for i < len(raw) {
		r, size := utf8.DecodeRune(raw[i:])
		switch {
		case r == '&' && entities:
			var err error
			if r, size, err = entity(raw[i:]); err != nil {
				return nil, err
			}
		case r == '\r':
			r = '\n'
			if bytes.HasPrefix(raw[i:], []byte("\r\n")) {
				size = 2
			}
		case !allowed(r):
			r = utf8.RuneError
		}
		out = utf8.AppendRune(out, r)
		i += size
	}
	return out, nil
}

// clearLen counts the bytes at the start of raw that readable would not change.
func clearLen(raw []byte, entities bool) int {
	for i := 0; i < len(raw); {
		c := raw[i]
		if c < utf8.RuneSelf {
			if c < ' ' && c != '\n' && c != '\t' || c == '&' && entities {
				return i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRune(raw[i:])
		if size == 1 || !allowed(r) {
			return i
		}
		i += size
	}
	return len(raw)
}

// allowed says whether XML 1.0 can carry the character.
func allowed(r rune) bool {
	return r >= ' ' && r != 0xFFFE && r != 0xFFFF || r == '\n' || r == '\t' || r == '\r'
}
