package source

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// separated reads values separated by tabs, commas or semicolons into one
// sheet. Lines before the header that say `# id: …` and the like are taken as
// properties, so that an edition's own file can be read, too.
func (r *rowReader) separated(text string, o *Options) ([]sheet, error) {
	comma, ok := separator(text)
	if !ok {
		return nil, errNoTable
	}
	lines, err := records(text, comma)
	if err != nil {
		return nil, err
	}
	s := sheet{}
	for _, line := range lines {
		if len(s.lines) > 0 || !o.property(line) {
			s.lines = append(s.lines, line)
		}
	}
	return []sheet{s}, nil
}

// separator looks for the line that names the first or second level and the documents.
func separator(text string) (comma rune, ok bool) {
	for line := range strings.Lines(text) {
		for _, comma := range "\t,;" {
			var cells []cell
			for _, text := range strings.SplitN(line, string(comma), mostColumns+1) {
				cells = append(cells, cell{text: tidy(strings.Trim(strings.TrimSpace(text), `"`)), spans: 1})
			}
			if h, _ := findHeader(cells); h != nil {
				return comma, true
			}
		}
	}
	return 0, false
}

// records reads the lines. Quotes are read as spreadsheets write them; where
// they do not add up, tabs still part cells for certain, commas do not. An
// edition's own file, which begins with its properties, has none.
func records(text string, comma rune) ([]line, error) {
	if comma == '\t' && strings.HasPrefix(text, "# ") {
		return plainRecords(text)
	}
	quoted := csv.NewReader(strings.NewReader(text))
	quoted.Comma, quoted.FieldsPerRecord = comma, -1
	var lines []line
	for len(lines) <= mostLines {
		record, err := quoted.Read()
		var fault *csv.ParseError
		switch {
		case err == io.EOF:
			return lines, nil
		case errors.As(err, &fault) && comma == '\t':
			return plainRecords(text)
		case errors.As(err, &fault):
			return nil, fmt.Errorf("line %d: the quotes of a cell that begins in line %d do not add up: %w", fault.Line, fault.StartLine, fault.Err)
		case err != nil:
			return nil, err
		}
		n, _ := quoted.FieldPos(0)
		lines = append(lines, newLine(fmt.Sprintf("line %d", n), record))
	}
	return nil, errTooLong
}

func plainRecords(text string) ([]line, error) {
	var lines []line
	for text := range strings.Lines(text) {
		if len(lines) == mostLines {
			return nil, errTooLong
		}
		lines = append(lines, newLine(fmt.Sprintf("line %d", len(lines)+1), strings.SplitN(text, "\t", mostColumns+1)))
	}
	return lines, nil
}

// newLine makes a line of texts that each stand in a cell of their own.
func newLine(at string, texts []string) line {
	l := line{at: at}
	for _, text := range texts[:min(len(texts), mostColumns)] {
		l.cells = append(l.cells, cell{text: tidy(text), spans: 1})
	}
	return l
}

// property takes a line `# key: value`; what the caller has given goes before.
func (o *Options) property(l line) bool {
	var texts []string
	for _, c := range l.cells {
		texts = append(texts, c.text)
	}
	text, marked := strings.CutPrefix(strings.TrimRight(strings.Join(texts, ","), ","), "#")
	key, value, ok := strings.Cut(text, ":")
	field := o.field(strings.TrimSpace(key))
	if !marked || !ok || field == nil {
		return false
	}
	if *field == "" {
		*field = strings.TrimSpace(value)
	}
	return true
}
