// Package source reads what operators really have – a saved official page, a
// workbook, a list of separated values – into an edition's file, the one that
// [knowledge.ParseEdition] reads.
//
// Its one rule: a row gets in whole, in its own words, or it is named with the
// place and the reason why not. Tables are known by the words of their header;
// whatever else stands on a page stays out.
//
// A source becomes sheets (page.go, workbook.go, separated.go): lines of cells
// with their spans laid out. A sheet becomes rows (rows.go), the rows become
// the file (file.go).
package source

import (
	"bytes"
	"errors"
	"fmt"

	"zizhi/knowledge"
)

// Limits of what is read. The official table has about 400 rows of a few
// hundred characters; a saved page of it has about 1 MB.
const (
	LargestFile = 16 << 20 // bytes
	mostLines   = 20_000   // of a source
	mostColumns = 64       // of a sheet; what stands further right is not looked at
	longestCell = 8_000    // bytes of a cell of a row
)

// Options say what the source itself does not.
type Options struct {
	// What the file says about the edition; see [knowledge.Edition]. Without an
	// id there is no edition. Lines "# id: …" of separated values say it, too;
	// what is given here goes before.
	ID, Title, Publisher, Source, Date, Status string

	// Section chooses the tables for one kind of applicant, by the first
	// characters of the heading above them: 非个人主体.
	Section string
}

// Remark is something that was left out or took reading between the lines.
type Remark struct {
	At   string // line 12; sheet 类目, row 4
	What string
}

func (r Remark) String() string { return r.At + ": " + r.What }

// Import is what was read. Remarks are there even where there is an error.
type Import struct {
	File    []byte             // the edition's file
	Edition *knowledge.Edition // the same, read
	Tables  int                // that rows come from
	Skipped int                // lines of these tables that did not become a row
	Remarks []Remark
}

// Read reads a source, whatever it is; its first bytes tell. The error says
// that nothing could be read, and why.
func Read(data []byte, o Options) (Import, error) {
	if len(data) > LargestFile {
		return Import{}, fmt.Errorf("%d bytes are more than the %d that are read", len(data), LargestFile)
	}
	var r rowReader
	sheets, err := r.sheets(data, &o)
	if err == nil {
		err = r.read(sheets, o.Section)
	}
	imported := Import{Remarks: r.remarks, Tables: r.tables, Skipped: r.skipped}
	if err != nil {
		return imported, err
	}
	return imported.finish(r.rows, o)
}

// foreign lists files that people try and that cannot be read, by their first bytes.
var foreign = []struct{ begins, advice string }{
	{"\xD0\xCF\x11\xE0", "this is an old Excel file (.xls) or a locked one: save it as .xlsx or CSV, without a password"},
	{"%PDF", "this is a PDF, whose tables are lines and letters only: save the page as HTML"},
	{"MIME-Version:", "this is a web archive (.mht): save the page as HTML only"},
	{"From: <Saved by", "this is a web archive (.mht): save the page as HTML only"},
}

// sheets tells by its first bytes what the source is, and reads it.
func (r *rowReader) sheets(data []byte, o *Options) ([]sheet, error) {
	for _, f := range foreign {
		if bytes.HasPrefix(data, []byte(f.begins)) {
			return nil, errors.New(f.advice)
		}
	}
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return r.workbook(data)
	}
	text := r.decode(data)
	if looksLikePage(text) {
		return r.page(text)
	}
	return r.separated(text, o)
}

func (r *rowReader) remark(at, format string, args ...any) {
	r.remarks = append(r.remarks, Remark{at, fmt.Sprintf(format, args...)})
}
