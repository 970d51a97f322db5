package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"zizhi/knowledge/source"
)

type tableImport struct {
	SourceFile string `arg:"" name:"source" help:"A saved official page (HTML), a workbook (XLSX), or CSV or TSV in UTF-8 or GB18030."`
	ID         string `name:"id" help:"Id of the edition, such as 2026-05. Without it: the name of the file that is written or read."`
	Title      string `help:"Title of the table."`
	Publisher  string `help:"Who publishes it."`
	Source     string `placeholder:"URL" help:"Address of the official page."`
	Date       string `help:"When it stood like this: 2026-05 or 2026-05-31."`
	Status     string `help:"A sentence for readers, shown below answers."`
	Section    string `help:"Read the tables below the heading that begins like this, of a page with several kinds of applicant: 非个人主体."`
	Out        string `placeholder:"FILE" help:"File to write, such as editions/2026-05.tsv in the folder of ZIZHI_DATA. Without it: standard output."`
}

func (c *tableImport) Run(std streams) error {
	data, err := readSource(c.SourceFile)
	if err != nil {
		return err
	}
	imported, err := source.Read(data, source.Options{ID: c.id(), Title: c.Title, Publisher: c.Publisher,
		Source: c.Source, Date: c.Date, Status: c.Status, Section: c.Section})
	for _, remark := range imported.Remarks {
		fmt.Fprintf(std.err, "%s: %s\n", c.SourceFile, remark)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", c.SourceFile, err)
	}
	if err := c.write(std.out, imported.File); err != nil {
		return err
	}
	fmt.Fprintf(std.err, "%s: %d rows from %d tables, %d lines left out\n",
		imported.Edition.ID, len(imported.Edition.Rows), imported.Tables, imported.Skipped)
	return nil
}

// readSource reads one byte more than is allowed at most, so that too much is noticed.
func readSource(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, source.LargestFile+1))
}

func (c *tableImport) id() string {
	file := c.SourceFile
	switch {
	case c.ID != "":
		return c.ID
	case c.Out != "":
		file = c.Out
	}
	return strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
}

// write puts the file in its place whole: a service that watches it never sees half of it.
func (c *tableImport) write(out io.Writer, data []byte) error {
	if c.Out == "" {
		_, err := out.Write(data)
		return err
	}
	part := c.Out + ".part"
	if err := os.WriteFile(part, data, 0o644); err != nil {
		return err
	}
	return os.Rename(part, c.Out)
}
