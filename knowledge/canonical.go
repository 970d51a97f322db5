package knowledge

import (
	"fmt"
	"strings"
)

// numbering has the style of numbers for each depth of lists; the last serves
// all below. That deep, only a tree that was not read from words is: the words
// have [deepest] lists in lists and three ways to join on a line.
var numbering = []func(n int) string{
	func(n int) string { return fmt.Sprintf("%d、", n) },
	func(n int) string { return fmt.Sprintf("(%d)", n) },
	func(n int) string { return fmt.Sprintf("%d）", n) },
	func(n int) string { return fmt.Sprintf("（1.%d）", n) },
	func(n int) string { return fmt.Sprintf("%d.", n) },
	func(n int) string { return fmt.Sprintf("1.%d ", n) },
	func(n int) string { return fmt.Sprintf("资质%d，", n) },
}

// Words writes r as official words are written, in one form whatever the form
// it was read from. [ParseWords] reads them into r again.
//
//	（2选1）： 1、银行主体：《金融许可证》 2、同时提供： (1)《营业执照》 (2)与银行的合作协议（2家及以上）
func (r Requirement) Words() string {
	if r.Kind == Nothing {
		return "/"
	}
	return r.words(0)
}

func (r Requirement) words(depth int) string {
	if r.Kind == One {
		return r.label() + r.Document.words()
	}
	lead := "同时提供："
	if r.Kind == Any {
		lead = fmt.Sprintf("（%d选1）：", len(r.Parts))
	}
	lines := []string{r.label() + lead}
	for i, part := range r.Parts {
		lines = append(lines, numbering[min(depth, len(numbering)-1)](i+1)+part.words(depth+1))
	}
	return strings.Join(lines, " ")
}

// words is the document with its condition: 《网络文化经营许可证》（经营范围含网络表演）.
func (d Document) words() string {
	if d.Condition == "" {
		return d.Title()
	}
	return d.Title() + "（" + d.Condition + "）"
}
