package source

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var tag = regexp.MustCompile(`(?i)<(?:table|html|body|div)[\s>]`)

func looksLikePage(text string) bool { return tag.MatchString(text) }

// lineAttr carries the line of a tag in the source through the parser, which drops it.
const lineAttr = "zizhi-line"

// numbered writes into every tag that is reported by its line which line that is.
func numbered(text string) string {
	var b strings.Builder
	b.Grow(len(text) + len(text)/4)
	tokens := html.NewTokenizer(strings.NewReader(text))
	for n := 1; ; {
		kind := tokens.Next()
		raw := bytes.Clone(tokens.Raw()) // TagName lowers it in place
		if kind == html.ErrorToken {     // the end: the reader has no errors
			b.Write(raw)
			return b.String()
		}
		if kind == html.StartTagToken {
			switch name, _ := tokens.TagName(); string(name) {
			case "table", "tr":
				fmt.Fprintf(&b, `%s %s="%d"`, raw[:1+len(name)], lineAttr, n)
				raw = raw[1+len(name):]
			}
		}
		b.Write(raw)
		n += bytes.Count(raw, []byte("\n"))
	}
}

// furniture is what a page has around its text. Headings and tables in it are not looked at.
const furniture = "nav, footer, aside, script, style, template, noscript, button, select, textarea, [hidden], [role=navigation], [role=search], [role=contentinfo]"

// pageReader walks a page in its order and keeps the headings that stand above what comes next.
type pageReader struct {
	sheet // the headings so far
	found []sheet
	rows  int
}

// page reads a page of HTML, or one that a tool has made half Markdown of.
func (r *rowReader) page(text string) ([]sheet, error) {
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(numbered(text)))
	if err != nil {
		return nil, fmt.Errorf("the page cannot be read: %w", err)
	}
	doc.Find(furniture).Remove()
	var p pageReader
	for _, node := range doc.Nodes {
		if err := p.walk(node); err != nil {
			return nil, err
		}
	}
	return p.found, nil
}

func (p *pageReader) walk(node *html.Node) error {
	switch {
	case node.Type == html.TextNode:
		p.markdown(node.Data)
		return nil
	case node.DataAtom == atom.Pre: // its # are no headings
		return nil
	case heads[node.DataAtom]:
		p.heading(tidy(cellText(node)))
		return nil
	case node.DataAtom == atom.Table:
		s, err := p.table(node)
		if err != nil {
			return err
		}
		if !layout(node, s) {
			p.found = append(p.found, s)
			return nil
		}
	}
	for child := range node.ChildNodes() {
		if err := p.walk(child); err != nil {
			return err
		}
	}
	return nil
}

var heads = map[atom.Atom]bool{atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true}

// layout reports whether a table only puts parts of the page beside each other:
// it has tables in it and no header of its own.
func layout(node *html.Node, s sheet) bool {
	if goquery.NewDocumentFromNode(node).Find("table").Length() == 0 {
		return false
	}
	for _, l := range s.lines {
		if h, _ := findHeader(l.cells); h != nil {
			return false
		}
	}
	return true
}

var (
	markdownHeading = regexp.MustCompile(`(?m)^ {0,3}#{1,6}[ \t]+(.+?)[ \t#]*$`)
	markdownLink    = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// markdown finds headings in text between the tags.
func (p *pageReader) markdown(text string) {
	for _, found := range markdownHeading.FindAllStringSubmatch(text, -1) {
		p.heading(tidy(markdownLink.ReplaceAllString(found[1], "$1")))
	}
}

// table lays a table out: what spans rows stands in each of them.
func (p *pageReader) table(node *html.Node) (sheet, error) {
	s := p.sheet
	s.at = "line " + attr(node, lineAttr)
	for group := range node.ChildNodes() {
		switch group.DataAtom {
		case atom.Caption:
			s.heading(tidy(cellText(group)))
		case atom.Thead, atom.Tbody, atom.Tfoot:
			above := map[int]*hanging{} // no cell hangs out of its group
			for row := range group.ChildNodes() {
				if row.DataAtom != atom.Tr {
					continue
				}
				if p.rows++; p.rows > mostLines {
					return s, errTooLong
				}
				s.lines = append(s.lines, line{at: "line " + attr(row, lineAttr), cells: rowCells(row, above)})
			}
		}
	}
	return s, nil
}

// hanging is a cell that reaches into the rows below.
type hanging struct {
	cell
	rows int // that it still reaches into
}

// rowLayout lays a row out, beside what hangs into it from above, by column.
type rowLayout struct {
	cells []cell
	above map[int]*hanging
}

// rowCells lays out the cells of a row, and notes in above which of them hang into the next.
func rowCells(row *html.Node, above map[int]*hanging) []cell {
	l := rowLayout{above: above}
	for node := range row.ChildNodes() {
		if node.DataAtom == atom.Td || node.DataAtom == atom.Th {
			l.hang()
			l.put(node)
		}
	}
	for column := range mostColumns { // what hangs to the right of the row's own cells
		if above[column] != nil && column >= len(l.cells) {
			for len(l.cells) < column {
				l.cells = append(l.cells, cell{spans: 1})
			}
			l.hang()
		}
	}
	return l.cells
}

// hang takes the cells that hang into the next columns.
func (l *rowLayout) hang() {
	for h := l.above[len(l.cells)]; h != nil; h = l.above[len(l.cells)] {
		if h.rows--; h.rows == 0 {
			delete(l.above, len(l.cells))
		}
		l.cells = append(l.cells, h.cell)
	}
}

// put takes a cell of the row's own.
func (l *rowLayout) put(node *html.Node) {
	wide := min(spanOf(node, "colspan"), mostColumns-len(l.cells))
	down := spanOf(node, "rowspan")
	next := cell{text: tidy(cellText(node)), spans: wide}
	for range wide {
		if down > 1 {
			l.above[len(l.cells)] = &hanging{next, down - 1}
		}
		l.cells = append(l.cells, next)
		next = cell{}
	}
}

// spanOf reads colspan or rowspan; rowspan 0 reaches to the end of the group.
func spanOf(node *html.Node, name string) int {
	n, err := strconv.Atoi(strings.TrimSpace(attr(node, name)))
	switch {
	case err == nil && n == 0 && name == "rowspan":
		return mostLines
	case err != nil || n < 1:
		return 1
	}
	return min(n, mostLines)
}

func attr(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// inline are the elements that do not part what they hold from what stands beside them.
var inline = map[atom.Atom]bool{atom.A: true, atom.B: true, atom.Strong: true, atom.I: true, atom.Em: true, atom.U: true, atom.S: true,
	atom.Span: true, atom.Font: true, atom.Sub: true, atom.Sup: true, atom.Small: true, atom.Mark: true, atom.Code: true, atom.Wbr: true}

// cellText is the text of an element as one sees it, lists with their numbers.
func cellText(node *html.Node) string {
	var b strings.Builder
	writeText(&b, node)
	return b.String()
}

func writeText(b *strings.Builder, node *html.Node) {
	if node.Type == html.TextNode {
		b.WriteString(node.Data)
		return
	}
	number := 1
	if start, err := strconv.Atoi(attr(node, "start")); err == nil {
		number = start
	}
	for child := range node.ChildNodes() {
		apart := child.Type == html.ElementNode && !inline[child.DataAtom]
		if apart {
			b.WriteString(" ")
		}
		if node.DataAtom == atom.Ol && child.DataAtom == atom.Li {
			fmt.Fprintf(b, "%d、", number)
			number++
		}
		writeText(b, child)
		if apart {
			b.WriteString(" ")
		}
	}
}
