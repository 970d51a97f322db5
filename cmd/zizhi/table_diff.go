package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"zizhi/knowledge"
)

type tableDiff struct {
	Data string `env:"ZIZHI_DATA" placeholder:"FOLDER" help:"Folder with further tables and wordings."`
	A    string `arg:"" help:"The earlier edition: an id, such as 2017-04, or an edition's file (.tsv)."`
	B    string `arg:"" help:"The later edition, likewise."`
	JSON bool   `name:"json" help:"Print one JSON object: old, new, added, gone, changed, same."`
}

func (c *tableDiff) Run(std streams) error {
	base, err := load(c.Data)
	if err != nil {
		return err
	}
	a, err := editionOrFile(base, c.A)
	if err != nil {
		return err
	}
	b, err := editionOrFile(base, c.B)
	if err != nil {
		return err
	}
	comparison := knowledge.Compare(base, a, b)
	if c.JSON {
		encoder := json.NewEncoder(std.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", " ")
		return encoder.Encode(comparison)
	}
	printComparison(std.out, comparison, b)
	return nil
}

// editionOrFile finds an edition, or reads one that is not installed yet.
func editionOrFile(base *knowledge.Base, name string) (*knowledge.Edition, error) {
	if !strings.HasSuffix(name, ".tsv") {
		return base.Edition(name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return knowledge.ParseEdition(name, data)
}

// printComparison prints what differs, for people; b is the later edition.
func printComparison(out io.Writer, c knowledge.Comparison, b *knowledge.Edition) {
	fmt.Fprintf(out, "%s → %s：新增 %d 行，没有了 %d 行，有变化 %d 处，不变 %d 处\n", c.Old, c.New, len(c.Added), len(c.Gone), len(c.Changed), c.Same)
	printKeys(out, "没有了", c.Gone)
	if len(c.Changed) > 0 {
		fmt.Fprintln(out, "\n有变化：")
	}
	for _, change := range c.Changed {
		fmt.Fprintln(out, changeTitle(change))
		for _, line := range differenceLines(change.Difference) {
			fmt.Fprintln(out, "    "+line)
		}
		if !change.NoLonger && (change.Unread || change.Kinds != nil || change.Regrouped) {
			fmt.Fprintln(out, "    现在的原文："+b.Row(change.New).Words)
		}
	}
	printKeys(out, "新增", c.Added)
}

func printKeys(out io.Writer, title string, keys []string) {
	if len(keys) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s：\n", title)
	for _, key := range keys {
		fmt.Fprintln(out, "  "+key)
	}
}

func changeTitle(c knowledge.RowChange) string {
	if c.Moved {
		return "  " + c.Old + " → " + c.New
	}
	return "  " + c.Old
}

// kindWords says how the documents of a row go together.
var kindWords = map[knowledge.RequirementKind]string{
	knowledge.Nothing: "不需要资质文件",
	knowledge.One:     "一份",
	knowledge.All:     "全部都要",
	knowledge.Any:     "任选其一",
}

// differenceLines says what differs, a line each.
func differenceLines(d knowledge.Difference) []string {
	switch {
	case d.Same:
		return []string{"要求不变"}
	case d.Unread:
		return []string{"原文有变化，无法逐项比较"}
	case d.NoLonger:
		return []string{"不再需要资质文件；原来：" + titles(d.Dropped)}
	}
	var lines []string
	if len(d.Dropped) > 0 {
		lines = append(lines, "去掉："+titles(d.Dropped))
	}
	if len(d.Added) > 0 {
		lines = append(lines, "增加："+titles(d.Added))
	}
	for _, r := range d.Renamed {
		lines = append(lines, "名称："+r.Old.Title()+" → "+r.New.Title())
	}
	for _, c := range d.Conditions {
		lines = append(lines, "条件："+written(c.Old)+" → "+written(c.New))
	}
	if d.Kinds != nil {
		lines = append(lines, "整体："+kindWords[d.Kinds.Old]+" → "+kindWords[d.Kinds.New])
	}
	if d.Regrouped {
		lines = append(lines, "组合：两版都有的文件，“都要”和“任选”的关系变了")
	}
	return lines
}

func titles(docs []knowledge.Document) string {
	var all []string
	for _, d := range docs {
		all = append(all, d.Title())
	}
	return strings.Join(all, "、")
}

// written lists the ways in which one edition alone asks for a document.
func written(ways []string) string {
	if len(ways) == 0 {
		return "（无）"
	}
	return strings.Join(ways, "、")
}
