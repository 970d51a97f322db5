package source

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

var errTooLong = fmt.Errorf("more than %d lines of tables", mostLines)

// errNoTable is what a source comes to that has nothing to read.
var errNoTable = errors.New("no table found: one is known by a header line with 一级类目 (or a heading above the table), 二级类目, perhaps 三级类目, and one cell with 资质")

// sheet is a table as it stands in a source, with the headings above it.
type sheet struct {
	at       string // line 12; sheet 类目
	section  string // the heading that says for whom: 非个人主体小程序开放的服务类目
	category string // the last other heading
	lines    []line
}

// line is a line of a sheet.
type line struct {
	at    string
	cells []cell
}

// cell is what stands in one column of a line. A cell that spans columns stands
// in the leftmost; the others have an empty text and span none.
type cell struct {
	text  string
	spans int
}

var numbering = regexp.MustCompile(`^(?:[（(]?(?:[一二三四五六七八九十]+|\d+)[）)、.．]\s*)+`)

// heading notes a heading: one about 主体 opens a section, others name a category.
func (s *sheet) heading(text string) {
	text = strings.TrimSpace(numbering.ReplaceAllString(strings.Trim(text, "# "), ""))
	switch {
	case !strings.ContainsFunc(text, unicode.IsLetter):
	case strings.Contains(text, "主体"):
		s.section, s.category = text, ""
	default:
		s.category = text
	}
}

// header says in which columns what stands; -1 where it does not.
type header struct {
	levels [3]int
	need   int
	names  [4]string // what the source calls them
}

var (
	levelNames = [3]string{"一级类目", "二级类目", "三级类目"}
	levelCell  = regexp.MustCompile(`^[一二三]级(?:服务)?(?:类目|分类|类别|目录|行业)?(?:名称)?$`)
	needCell   = regexp.MustCompile(`^[^《》]*资质[^《》]*$`)
	aside      = regexp.MustCompile(`示例|样例|图片|说明|备注|变更前|调整前`) // columns about documents that do not name them
)

// longestName bounds a cell of a header, in characters: sentences are none.
const longestName = 24

// findHeader reads a line as the header of a table; nil where it is none. The
// error says that it would be one, but for a doubt.
func findHeader(cells []cell) (*header, error) {
	h := &header{levels: [3]int{-1, -1, -1}, need: -1}
	var needs []string
	for column, c := range cells {
		if utf8.RuneCountInString(c.text) > longestName {
			continue
		}
		for level, name := range levelNames {
			if levelCell.MatchString(c.text) && c.text[:len("一级")] == name[:len("一级")] && h.levels[level] < 0 {
				h.levels[level], h.names[level] = column, c.text
			}
		}
		if needCell.MatchString(c.text) && !aside.MatchString(c.text) {
			h.need, h.names[3] = column, c.text
			needs = append(needs, c.text)
		}
	}
	switch {
	case h.levels[1] < 0:
		return nil, nil
	case len(needs) == 0:
		return nil, errors.New("has no column for 资质")
	case len(needs) > 1:
		return nil, fmt.Errorf("has several columns for 资质 (%s); leave one", strings.Join(needs, ", "))
	}
	return h, nil
}

// row is a row of an edition.
type row struct {
	at      string
	header  *header // of its table
	section string
	path    [3]string
	words   string
}

func (r row) key() string { return strings.Join(slices.DeleteFunc(r.path[:], isEmpty), "/") }

func isEmpty(text string) bool { return text == "" }

// rowReader makes rows of sheets.
type rowReader struct {
	rows    []row
	tables  int
	skipped int
	remarks []Remark
}

// read reads the tables of one section.
func (r *rowReader) read(sheets []sheet, section string) error {
	for _, s := range sheets {
		t := table{rowReader: r, sheet: s}
		t.read()
	}
	if err := r.choose(section); err != nil {
		return err
	}
	r.dropRepeated()
	switch {
	case r.tables == 0:
		return errNoTable
	case len(r.rows) == 0:
		return fmt.Errorf("no row could be read from %d tables", r.tables)
	}
	return nil
}

// choose keeps the rows of one section. Tables for two kinds of applicant are
// two editions: a row may stand in both, with other documents.
func (r *rowReader) choose(section string) error {
	var all []string
	chosen := map[string]bool{}
	for _, row := range r.rows {
		if !slices.Contains(all, row.section) {
			all = append(all, row.section)
			chosen[row.section] = strings.HasPrefix(row.section, section)
		}
	}
	r.rows = slices.DeleteFunc(r.rows, func(row row) bool { return !chosen[row.section] })
	kept := slices.DeleteFunc(slices.Clone(all), func(s string) bool { return !chosen[s] })
	switch {
	case len(all) > 0 && len(kept) == 0:
		return fmt.Errorf("no section begins with %q; there are: %q", section, all)
	case len(kept) > 1:
		return fmt.Errorf("there are tables for several kinds of applicant; choose a section: %q", kept)
	}
	for _, other := range all {
		if !chosen[other] {
			r.remark("section "+cmp.Or(other, "(no heading about 主体)"), "was not chosen and was left out")
		}
	}
	return nil
}

// dropRepeated keeps the first of the rows of one key.
func (r *rowReader) dropRepeated() {
	first := map[string]row{}
	r.rows = slices.DeleteFunc(r.rows, func(row row) bool {
		other, seen := first[row.key()]
		switch {
		case !seen:
			first[row.key()] = row
		case other.words == row.words:
			r.skip(row.at, "%s stands in %s already", row.key(), other.at)
		default:
			r.skip(row.at, "%s stands in %s already, with other documents: here %q", row.key(), other.at, row.words)
		}
		return seen
	})
}

func (r *rowReader) skip(at, format string, args ...any) {
	r.skipped++
	r.remark(at, "left out: "+format, args...)
}

// table reads the rows of one sheet, which may have several tables one below the other.
type table struct {
	*rowReader
	sheet
	header *header   // of the table that is being read; nil outside
	seen   bool      // whether there was anything like a header
	above  [3]string // the path of the last line, for cells left empty below it
	lone   *line     // a line of a single cell: what comes next tells what it is
}

func (t *table) read() {
	for _, l := range t.lines {
		h, doubt := findHeader(l.cells)
		first, texts := l.texts()
		switch {
		case texts == 0:
		case h != nil || doubt != nil:
			t.begin(l, h, doubt)
		case texts == 1 && (first == 0 || t.header == nil):
			t.dropLone()
			t.lone = &l
		case t.header != nil:
			t.takeLone()
			t.add(l)
		}
	}
	t.dropLone()
	if !t.seen && len(t.lines) > 0 {
		t.remark(cmp.Or(t.at, "file"), "left out: %d lines without a header of 二级类目 and 资质", len(t.lines))
	}
}

// texts counts the cells that are not empty, and says which is the first of them.
func (l line) texts() (first, count int) {
	for column, c := range l.cells {
		if c.text != "" {
			if count++; count == 1 {
				first = column
			}
		}
	}
	return first, count
}

// begin takes a header. A lone line just above it is a heading.
func (t *table) begin(l line, h *header, doubt error) {
	again := t.header != nil && h != nil && *t.header == *h && t.lone == nil
	if t.lone != nil {
		first, _ := t.lone.texts()
		t.heading(t.lone.cells[first].text)
		t.lone = nil
	}
	t.header, t.seen = h, true
	switch {
	case again: // a page break
		return
	case doubt != nil:
		t.skip(l.at, "the table below, which %v", doubt)
	case h.levels[0] < 0 && t.category == "":
		t.skip(l.at, "the table below, which has no column 一级类目 and no heading that names it")
		t.header = nil
	default:
		t.tables++
		if h.levels[0] < 0 {
			t.remark(l.at, "no column 一级类目: %q, which stands above the table, was taken", t.category)
		}
	}
	t.above = [3]string{}
}

// longestHeading bounds a heading in the midst of a table, in characters.
const longestHeading = 12

// takeLone takes a lone line with rows below it for their first level where it
// can be one: it is short and no sentence.
func (t *table) takeLone() {
	if t.lone == nil {
		return
	}
	text := t.lone.cells[0].text
	if utf8.RuneCountInString(text) > longestHeading || strings.ContainsAny(text, "。：:；《") {
		t.dropLone()
		return
	}
	t.remark(t.lone.at, "%q was taken for the 一级类目 of the lines below that name none", text)
	t.category, t.above, t.lone = text, [3]string{text}, nil
}

// dropLone leaves a lone line out. What stands above it is not repeated below it.
func (t *table) dropLone() {
	if t.lone != nil && t.header != nil {
		t.skip(t.lone.at, "a line of one cell")
		t.above = [3]string{}
	}
	t.lone = nil
}

// add reads a line as a row, or says why it is none.
func (t *table) add(l line) {
	next := row{at: l.at, header: t.header, section: t.section}
	for level, column := range t.header.levels {
		next.path[level] = pathCell(l, column)
	}
	next.path[2] = noThird(next.path[2])
	t.fillDown(&next.path)
	t.above = next.path
	if t.header.levels[0] < 0 {
		next.path[0] = t.category
	}
	next.words = pathCell(l, t.header.need)
	if noDocuments.MatchString(next.words) {
		t.remark(l.at, "%q was read as /: no document", next.words)
		next.words = "/"
	}
	if fault := t.fault(l, next); fault != "" {
		t.skip(l.at, "%s", fault)
		return
	}
	t.rows = append(t.rows, next)
}

// noDocuments are other ways to write that no document is needed.
var noDocuments = regexp.MustCompile(`^(?:[-—–－／]+|无|无需|不需要|无要求|(?:无需|不需要|无)(?:提供|提交)?资质(?:文件|材料)?)$`)

// noThird reads the marks for a third level that is not there.
func noThird(text string) string {
	if text == "/" || text == "无" || strings.Trim(text, "-—–－／") == "" {
		return ""
	}
	return text
}

// fillDown repeats what stands above for cells that a spreadsheet's merged
// cells have left empty: the first level, and the second where there is a third.
func (t *table) fillDown(path *[3]string) {
	below := path[0] == ""
	if below {
		path[0] = t.above[0]
	}
	if path[1] == "" && path[2] != "" && (below || path[0] == t.above[0]) {
		path[1] = t.above[1]
	}
}

func pathCell(l line, column int) string {
	if column < 0 || column >= len(l.cells) {
		return ""
	}
	return l.cells[column].text
}

// fault says why a line is no row; empty where it is one.
func (t *table) fault(l line, r row) string {
	all := strings.Join(r.path[:], "") + r.words
	switch {
	case r.words == "" && t.covered(l, t.header.need):
		return fmt.Sprintf("one cell spans %s and the column before", t.header.names[3])
	case r.words == "":
		return t.header.names[3] + " is empty (write / where no document is needed)"
	case r.path[0] == "":
		return "一级类目 is empty"
	case r.path[1] == "" && t.covered(l, t.header.levels[1]):
		return "one cell spans 一级类目 and 二级类目"
	case r.path[1] == "":
		return "二级类目 is empty"
	case strings.ContainsRune(all, utf8.RuneError):
		return "some characters cannot be read"
	case len(all) > longestCell:
		return fmt.Sprintf("longer than %d bytes", longestCell)
	case strings.HasPrefix(r.path[0], "#"):
		return "一级类目 begins with #, like a comment in the edition's file"
	}
	return ""
}

// covered reports whether a column lies under a cell that begins left of it.
func (t *table) covered(l line, column int) bool {
	return column >= 0 && column < len(l.cells) && l.cells[column].spans == 0
}
