package knowledge

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// Edition is the official table as it stood at one time.
type Edition struct {
	ID        string // 2017-04
	Title     string // 特殊行业所需资质材料
	Publisher string
	Source    string // address of the official page
	Date      string // as precise as is known: 2017-04
	Status    string // a sentence for readers, e.g. that the page has changed since; may be empty
	Rows      []*Row
	Checksum  string // of the file, hexadecimal

	byKey map[string]*Row
}

// Row is one category of an edition with the documents that it asks for.
type Row struct {
	Key    string   // 社交/直播: the path joined by /
	Path   []string // first, second and, where there is one, third level
	Words  string   // the official words, untouched
	Need   Requirement
	Note   string // a note in the official words: 四选一…
	Unread error  // why Need could not be read from Words; nil where it could
	Line   int    // in the edition's file, from 1
}

// First is the row's first-level category: 社交.
func (r *Row) First() string { return r.Path[0] }

// Name is the last level of the row: 直播.
func (r *Row) Name() string { return r.Path[len(r.Path)-1] }

// Row finds a row by its key; nil where the edition has none.
func (e *Edition) Row(key string) *Row { return e.byKey[key] }

// Firsts lists the first-level categories in the order of the table.
func (e *Edition) Firsts() []string {
	var firsts []string
	seen := map[string]bool{}
	for _, row := range e.Rows {
		if !seen[row.First()] {
			seen[row.First()] = true
			firsts = append(firsts, row.First())
		}
	}
	return firsts
}

// Under lists the rows of first-level categories in the order of the table.
func (e *Edition) Under(firsts ...string) []*Row {
	var rows []*Row
	for _, row := range e.Rows {
		if slices.Contains(firsts, row.First()) {
			rows = append(rows, row)
		}
	}
	return rows
}

// Naming lists the rows whose documents include one of the names.
func (e *Edition) Naming(names ...string) []*Row {
	var rows []*Row
	for _, row := range e.Rows {
		named := func(d Document) bool { return slices.Contains(names, d.Name) }
		if slices.ContainsFunc(row.Need.Documents(), named) {
			rows = append(rows, row)
		}
	}
	return rows
}

// ParseEdition reads an edition's file: lines `# key: value` with id, title,
// publisher, source, date and status; a header line; then a row a line, cells
// separated by tabs: first level, second level, (third level,) official words.
// Every faulty line is named.
func ParseEdition(name string, data []byte) (*Edition, error) {
	sum := fnv.New64a()
	sum.Write(data)
	e := &Edition{byKey: map[string]*Row{}, Checksum: fmt.Sprintf("%016x", sum.Sum64())}
	var faults []error
	levels := 0
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		var err error
		switch {
		case strings.TrimSpace(line) == "":
		case strings.HasPrefix(line, "#"):
			err = e.property(line)
		case levels == 0:
			levels, err = headerLevels(line)
		default:
			err = e.addRow(line, levels, n)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s:%d: %w", name, n, err))
		}
	}
	faults = append(faults, lines.Err())
	if e.ID == "" {
		faults = append(faults, fmt.Errorf("%s: the line `# id: …` is missing", name))
	}
	if len(e.Rows) == 0 {
		faults = append(faults, fmt.Errorf("%s: no rows", name))
	}
	return e, errors.Join(faults...)
}

func (e *Edition) property(line string) error {
	key, value, ok := strings.Cut(strings.TrimPrefix(line, "#"), ":")
	if !ok {
		return nil // a comment
	}
	fields := map[string]*string{"id": &e.ID, "title": &e.Title, "publisher": &e.Publisher,
		"source": &e.Source, "date": &e.Date, "status": &e.Status}
	field := fields[strings.TrimSpace(key)]
	if field == nil {
		return fmt.Errorf("unknown property %q: use id, title, publisher, source, date or status", strings.TrimSpace(key))
	}
	*field = strings.TrimSpace(value)
	return nil
}

func headerLevels(line string) (int, error) {
	cells := strings.Split(line, "\t")
	levels := len(cells) - 1
	if levels < 2 || levels > 3 || !strings.HasPrefix(cells[0], "一级") || !strings.Contains(cells[levels], "资质") {
		return 0, fmt.Errorf("header %q: expected 一级类目, 二级类目, (三级类目,) 资质, separated by tabs", line)
	}
	return levels, nil
}

func (e *Edition) addRow(line string, levels, n int) error {
	cells := strings.Split(line, "\t")
	if len(cells) != levels+1 {
		return fmt.Errorf("%d cells, expected %d separated by tabs", len(cells), levels+1)
	}
	row := &Row{Words: strings.TrimSpace(cells[levels]), Line: n}
	for i, cell := range cells[:levels] {
		cell = strings.TrimSpace(cell)
		if cell == "" && i < 2 {
			return fmt.Errorf("cell %d is empty", i+1)
		}
		if cell != "" {
			row.Path = append(row.Path, cell)
		}
	}
	if row.Words == "" {
		return errors.New("the official words are empty (write / where no document is needed)")
	}
	row.Key = strings.Join(row.Path, "/")
	if first := e.byKey[row.Key]; first != nil {
		return fmt.Errorf("%s stands in line %d already", row.Key, first.Line)
	}
	row.Need, row.Note, row.Unread = ParseWords(row.Words)
	e.Rows = append(e.Rows, row)
	e.byKey[row.Key] = row
	return nil
}
