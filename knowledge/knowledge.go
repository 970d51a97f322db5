// Package knowledge is what is known: editions of the official table with their
// rows and requirement trees, licences with their other names, and the wordings
// by which people mean a row.
//
// Its one rule: documents come from the table, in the table's words. Nothing
// here composes one; what cannot be read stays visible as official words.
//
// The package is pure: it reads the files it is given and nothing else.
package knowledge

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed data
var builtin embed.FS

// Base is everything that is known, loaded and checked.
type Base struct {
	Editions   []*Edition // oldest first
	Licences   []*Licence
	Wordings   []Wording
	Ambiguous  []Ambiguity
	Outside    []Topic
	Pairs      []Counterpart
	Lookalikes [][]rune // groups of characters that are mistaken for each other by shape
	Checksum   string   // of every file that was read, 16 hexadecimal digits; see Checksum
}

// Load reads the built-in data and, on top of it, the folders that are given.
// A folder is laid out like the built-in one:
//
//	editions/*.tsv    tables; one with a known id replaces that edition
//	wordings/*.yaml   what people say for each row
//	licences.yaml     licences and their other names
//	ambiguous/*.yaml  sayings that leave several rows open
//	outside/*.yaml    trades that an edition does not have; the file is named after it
//	counterparts.tsv  rows of one edition beside those of a later one
//	lookalikes.txt    characters mistaken for each other
//
// Files whose names begin with a dot, as editors leave them, are not read.
// Every fault in every file is named, with its line; a base with a fault is not returned.
func Load(folders ...fs.FS) (*Base, error) {
	base := &Base{}
	var err error
	base.Checksum, err = visit(folders, func(r reader, name string, data []byte) error { return r.read(base, name, data) })
	if err != nil {
		return nil, err
	}
	slices.SortFunc(base.Editions, func(a, b *Edition) int { return strings.Compare(a.ID, b.ID) })
	base.completeLicences()
	if err := base.check(); err != nil {
		return nil, err
	}
	return base, nil
}

// Edition finds an edition by its id.
func (b *Base) Edition(id string) (*Edition, error) {
	var ids []string
	for _, e := range b.Editions {
		if e.ID == id {
			return e, nil
		}
		ids = append(ids, e.ID)
	}
	return nil, fmt.Errorf("there is no edition %q; there are: %s", id, strings.Join(ids, ", "))
}

// Checksum is that of the Base that Load would return, of the files' names and
// contents, worked out without looking into them. An error says what cannot be read.
func Checksum(folders ...fs.FS) (string, error) {
	return visit(folders, func(reader, string, []byte) error { return nil })
}

// reader says which files are read, and by what.
type reader struct {
	pattern string
	read    func(b *Base, name string, data []byte) error
}

var readers = []reader{
	{"editions/*.tsv", (*Base).readEdition},
	{"wordings/*.yaml", (*Base).readWordings},
	{"licences.yaml", (*Base).readLicences},
	{"ambiguous/*.yaml", (*Base).readAmbiguous},
	{"outside/*.yaml", (*Base).readOutside},
	{"counterparts.tsv", (*Base).readCounterparts},
	{"lookalikes.txt", (*Base).readLookalikes},
}

// visit shows every file of the built-in data and then of the folders, in the
// order in which they count, and returns the checksum of them all.
func visit(folders []fs.FS, show func(r reader, name string, data []byte) error) (string, error) {
	data, err := fs.Sub(builtin, "data")
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	var faults []error
	for _, folder := range append([]fs.FS{data}, folders...) {
		for _, r := range readers {
			names, err := r.find(folder)
			faults = append(faults, err)
			for _, name := range names {
				data, err := fs.ReadFile(folder, name)
				fmt.Fprintf(sum, "%s %d\n%s", name, len(data), data)
				if err == nil {
					err = show(r, name, data)
				}
				faults = append(faults, err)
			}
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), errors.Join(faults...)
}

// find lists the files of a folder that are read. A folder that is there and
// cannot be listed is a fault, and so is one that is gone.
func (r reader) find(folder fs.FS) ([]string, error) {
	dir := path.Dir(r.pattern)
	if _, err := fs.ReadDir(folder, dir); err != nil && (dir == "." || !errors.Is(err, fs.ErrNotExist)) {
		return nil, err
	}
	names, err := fs.Glob(folder, r.pattern)
	hidden := func(name string) bool { return strings.HasPrefix(path.Base(name), ".") }
	return slices.DeleteFunc(names, hidden), err
}

func (b *Base) readEdition(name string, data []byte) error {
	edition, err := ParseEdition(name, data)
	if err != nil {
		return err
	}
	if id := strings.TrimSuffix(path.Base(name), ".tsv"); id != edition.ID {
		return fmt.Errorf("%s: the file says id %q; name it %s.tsv", name, edition.ID, edition.ID)
	}
	b.Editions = slices.DeleteFunc(b.Editions, func(e *Edition) bool { return e.ID == edition.ID })
	b.Editions = append(b.Editions, edition)
	return nil
}

func (b *Base) readLookalikes(name string, data []byte) error {
	var faults []error
	for n, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		group := []rune(line)
		if len(group) < 2 || slices.Contains(group, ' ') {
			faults = append(faults, fmt.Errorf("%s:%d: %q: write two or more characters without spaces", name, n+1, line))
			continue
		}
		b.Lookalikes = append(b.Lookalikes, group)
	}
	return errors.Join(faults...)
}

// check finds references between files that lead nowhere.
func (b *Base) check() error {
	known := map[string]bool{}
	for _, e := range b.Editions {
		for _, row := range e.Rows {
			known[row.Key] = true
		}
	}
	var faults []error
	missing := func(at Position, key string) {
		if !known[key] {
			faults = append(faults, fmt.Errorf("%s: no edition has a row %q", at, key))
		}
	}
	for _, w := range b.Wordings {
		missing(w.At, w.Row)
	}
	for _, a := range b.Ambiguous {
		for _, key := range a.Rows {
			missing(a.At, key)
		}
	}
	for _, t := range b.Outside {
		for _, key := range t.Near {
			missing(t.At, key)
		}
	}
	for _, c := range b.Pairs {
		faults = append(faults, b.checkPair(c))
	}
	return errors.Join(faults...)
}
