package source

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"

	"github.com/xuri/excelize/v2"
)

// mostUnpacked bounds what a workbook, which is packed, grows to, in bytes.
const mostUnpacked = 128 << 20

// unnamed is how spreadsheets call a sheet that nobody has named.
var unnamed = regexp.MustCompile(`^(?i:sheet|工作表) ?\d*$`)

// workbook reads the sheets of an XLSX file. A sheet's name is the heading of its table.
func (r *rowReader) workbook(data []byte) (sheets []sheet, err error) {
	defer func() {
		// The library falls over some broken files; a broken file is no reason to fall over.
		if fault := recover(); fault != nil {
			sheets, err = nil, fmt.Errorf("the workbook is broken: %v", fault)
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: mostUnpacked})
	if err != nil {
		return nil, fmt.Errorf("the workbook cannot be opened: %w", err)
	}
	defer book.Close()
	left := mostLines
	for _, name := range book.GetSheetList() {
		if visible, err := book.GetSheetVisible(name); err == nil && !visible {
			r.remark("sheet "+name, "is hidden and was left out")
			continue
		}
		s, err := workbookSheet(book, name, left)
		if err != nil {
			return nil, err
		}
		left -= len(s.lines)
		sheets = append(sheets, s)
	}
	return sheets, nil
}

func workbookSheet(book *excelize.File, name string, most int) (sheet, error) {
	s := sheet{at: "sheet " + name}
	if !unnamed.MatchString(name) {
		s.heading(name)
	}
	rows, err := book.Rows(name)
	if err != nil {
		return s, fmt.Errorf("sheet %s: %w", name, err)
	}
	defer rows.Close()
	for rows.Next() {
		if len(s.lines) == most {
			return s, errTooLong
		}
		texts, err := rows.Columns()
		if err != nil {
			return s, fmt.Errorf("sheet %s, row %d: %w", name, len(s.lines)+1, err)
		}
		s.lines = append(s.lines, newLine(fmt.Sprintf("sheet %s, row %d", name, len(s.lines)+1), texts))
	}
	if err := rows.Error(); err != nil {
		return s, fmt.Errorf("sheet %s: %w", name, err)
	}
	if len(s.lines) == 0 { // empty, or a chart, which has no cells to ask for
		return s, nil
	}
	return s, s.merge(book, name)
}

// merge lays out cells that span several rows or columns.
func (s *sheet) merge(book *excelize.File, name string) error {
	merged, err := book.GetMergeCells(name)
	if err != nil {
		return fmt.Errorf("sheet %s: %w", name, err)
	}
	room := mostLines * mostColumns // merged cells do not overlap; where they do, the file is broken
	for _, m := range merged {
		left, top, err1 := excelize.CellNameToCoordinates(m.GetStartAxis())
		right, bottom, err2 := excelize.CellNameToCoordinates(m.GetEndAxis())
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("sheet %s: merged cells: %w", name, err)
		}
		right, bottom = min(right, mostColumns), min(bottom, len(s.lines))
		if room -= max(0, right-left+1) * max(0, bottom-top+1); room < 0 {
			return fmt.Errorf("sheet %s: merged cells overlap", name)
		}
		for row := top; row <= bottom; row++ {
			s.lines[row-1].span(left, right, tidy(m.GetCellValue()))
		}
	}
	return nil
}

// span makes columns left to right (from 1) of the line one cell.
func (l *line) span(left, right int, text string) {
	for len(l.cells) < right {
		l.cells = append(l.cells, cell{spans: 1})
	}
	for column := left; column <= right; column++ {
		l.cells[column-1] = cell{}
	}
	if left <= right {
		l.cells[left-1] = cell{text: text, spans: right - left + 1}
	}
}
