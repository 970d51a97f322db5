package main

import (
	"fmt"
	"strings"

	"github.com/silenceper/wechat/v2/officialaccount/menu"
	"golang.org/x/text/width"
)

// Columns of a terminal: a Chinese character takes two. WeChat shows four of
// them on a top button and eight on a sub-button.
const (
	topColumns, subColumns = 8, 16
	boxColumns             = subColumns + 2
)

// drawMenu draws the menu with all sub-buttons open, as no telephone shows it.
func drawMenu(buttons []*menu.Button) string {
	var columns [][]string
	height := 0
	for _, b := range buttons {
		column := drawColumn(b)
		columns = append(columns, column)
		height = max(height, len(column))
	}
	var out strings.Builder
	for y := range height {
		var cells []string
		for _, column := range columns {
			cell := strings.Repeat(" ", boxColumns+2)
			if skip := height - len(column); y >= skip {
				cell = column[y-skip]
			}
			cells = append(cells, cell)
		}
		out.WriteString(strings.TrimRight(strings.Join(cells, " "), " ") + "\n")
	}
	return out.String()
}

// drawColumn is a top button with what opens above it.
func drawColumn(b *menu.Button) []string {
	left, right := strings.Repeat("─", boxColumns/2), strings.Repeat("─", boxColumns-boxColumns/2-1)
	edge := left + "─" + right
	name := cut(b.Name, topColumns)
	var lines []string
	if len(b.SubButtons) > 0 {
		name = "≡ " + name
		lines = append(lines, "┌"+edge+"┐")
		for _, sub := range b.SubButtons {
			lines = append(lines, "│"+centred(cut(sub.Name, subColumns))+"│")
		}
		lines = append(lines, "└"+left+"┬"+right+"┘")
	}
	return append(lines, "┌"+edge+"┐", "│"+centred(name)+"│", "└"+edge+"┘")
}

// listMenu lists the buttons with what a tap on each does, a line each.
func listMenu(buttons []*menu.Button) string {
	var out strings.Builder
	for _, b := range buttons {
		if len(b.SubButtons) == 0 {
			out.WriteString(describe(b, b.Name))
		}
		for _, sub := range b.SubButtons {
			out.WriteString(describe(sub, b.Name+" › "+sub.Name))
		}
	}
	return out.String()
}

func describe(b *menu.Button, path string) string {
	does := b.Key
	if b.URL != "" {
		does = b.URL
	}
	return fmt.Sprintf("%s%s  %s %s\n", path, strings.Repeat(" ", max(0, 30-columns(path))), b.Type, does)
}

func centred(text string) string {
	free := max(0, boxColumns-columns(text))
	return strings.Repeat(" ", free/2) + text + strings.Repeat(" ", free-free/2)
}

// cut shortens a name to what is shown of it.
func cut(name string, most int) string {
	for i, r := range name {
		if most -= runeColumns(r); most < 0 {
			return name[:i]
		}
	}
	return name
}

func columns(text string) int {
	n := 0
	for _, r := range text {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
