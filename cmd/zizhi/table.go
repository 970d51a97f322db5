package main

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"zizhi/bot"
	"zizhi/knowledge"
)

type tableCommand struct {
	Check  tableCheck  `cmd:"" help:"Lint the knowledge and prove that every row can be reached."`
	Show   tableShow   `cmd:"" help:"Print rows with their requirement as a tree."`
	Import tableImport `cmd:"" help:"Read an official page or a spreadsheet into an edition's file."`
	Diff   tableDiff   `cmd:"" help:"Compare two editions: rows, documents, conditions."`
}

type tableCheck struct {
	knowledgeFlags
	Notes bool `help:"List notes as well as faults."`
}

func (c *tableCheck) Run(std streams) error {
	x, err := c.expert()
	if err != nil {
		return err
	}
	findings := slices.Concat(x.Base.Lint(x.Edition), x.Reader.Reach(), tapped(x))
	faults, notes := 0, 0
	for _, f := range findings {
		if f.Grave {
			faults++
		} else {
			notes++
		}
		if f.Grave || c.Notes {
			fmt.Fprintln(std.out, f)
		}
	}
	fmt.Fprintf(std.out, "%s: %d rows, %d wordings, %d faults, %d notes\n", x.Edition.ID, len(x.Edition.Rows), len(x.Base.Wordings), faults, notes)
	if faults > 0 {
		return errReported
	}
	return nil
}

// tapped proves that every row is reached by three taps: 目录, its first-level
// category, its number in the list.
func tapped(x *bot.Expert) []knowledge.Finding {
	b := localBot(x, 1)
	var all []knowledge.Finding
	for _, first := range x.Edition.Firsts() {
		rows := x.Edition.Under(first)
		for i, row := range rows {
			taps := []string{"目录", first, strconv.Itoa(i + 1)}
			if len(rows) == 1 {
				taps = taps[:2]
			}
			if reply := b.Converse(taps, time.Now()); !slices.Equal(reply.Rows, []string{row.Key}) {
				all = append(all, knowledge.Finding{Grave: true, At: row.Key, What: fmt.Sprintf("the taps %v lead to %s %v", taps, reply.Kind, reply.Rows)})
			}
		}
	}
	return all
}

type tableShow struct {
	knowledgeFlags
	Row string `arg:"" optional:"" help:"Key of a row, such as 社交/直播, or of a first-level category. Without it: every row."`
}

func (c *tableShow) Run(std streams) error {
	base, err := load(c.Data)
	if err != nil {
		return err
	}
	edition, err := base.Edition(c.id())
	if err != nil {
		return err
	}
	rows := edition.Rows
	if c.Row != "" {
		if rows = edition.Under(c.Row); edition.Row(c.Row) != nil {
			rows = []*knowledge.Row{edition.Row(c.Row)}
		}
	}
	if len(rows) == 0 {
		return fmt.Errorf("edition %s has no row %q; zizhi table show lists them all", edition.ID, c.Row)
	}
	for _, row := range rows {
		fmt.Fprintf(std.out, "%s\n%s\n官方原文：%s\n\n", row.Key, row.Need.Tree(), row.Words)
	}
	return nil
}
