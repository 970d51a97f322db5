package source

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"zizhi/knowledge"
)

// field is the option of a property in an edition's file; nil for none.
func (o *Options) field(key string) *string {
	for _, p := range o.properties() {
		if p.key == key {
			return p.value
		}
	}
	return nil
}

type property struct {
	key   string
	value *string
}

// properties lists the properties in the order of the file.
func (o *Options) properties() []property {
	return []property{{"id", &o.ID}, {"title", &o.Title}, {"publisher", &o.Publisher},
		{"source", &o.Source}, {"date", &o.Date}, {"status", &o.Status}}
}

// finish writes the file and reads it again, as a proof that it can be read.
func (i Import) finish(rows []row, o Options) (Import, error) {
	o.ID = tidy(o.ID)
	if o.ID == "" || strings.ContainsAny(o.ID, `/\`) {
		return i, fmt.Errorf("id %q: give the edition one, such as 2026-05; its file is named after it", o.ID)
	}
	i.File = format(rows, o)
	var err error
	if i.Edition, err = knowledge.ParseEdition(o.ID+".tsv", i.File); err != nil {
		i.File, i.Edition = nil, nil
		return i, fmt.Errorf("the rows make no edition: %w", err)
	}
	if len(i.Edition.Rows) != len(rows) {
		return i, errors.New("the rows make another edition than was read") // format and ParseEdition disagree
	}
	for n, row := range i.Edition.Rows {
		if row.Unread != nil {
			i.Remarks = append(i.Remarks, Remark{rows[n].at, "will be shown as it is: " + row.Unread.Error()})
		}
	}
	return i, nil
}

// format writes an edition's file in its one form.
func format(rows []row, o Options) []byte {
	var b bytes.Buffer
	for _, p := range o.properties() {
		if value := tidy(*p.value); value != "" {
			fmt.Fprintf(&b, "# %s: %s\n", p.key, value)
		}
	}
	third := slices.ContainsFunc(rows, func(r row) bool { return r.header.levels[2] >= 0 })
	writeLine(&b, named(rows[0].header), rows[0].header.names[3], third)
	for _, r := range rows {
		writeLine(&b, r.path, r.words, third)
	}
	return b.Bytes()
}

func writeLine(b *bytes.Buffer, path [3]string, words string, third bool) {
	cells := append(path[:2:2], words)
	if third {
		cells = append(path[:3:3], words)
	}
	b.WriteString(strings.Join(cells, "\t") + "\n")
}

// named is what the levels are called in the file.
func named(h *header) [3]string {
	names := levelNames
	for level, name := range h.names[:3] {
		if name != "" {
			names[level] = name
		}
	}
	return names
}
