package knowledge

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Wording is something people say when they mean a row.
type Wording struct {
	Say      string // 口红; simplified characters, Latin in lower case
	Row      string // key of the row
	Edition  string // the only edition that it counts in; empty: every edition that has the row, or its counterpart
	Strength Strength
	At       Position
}

// Strength says how telling a wording is.
type Strength uint8

const (
	Hint   Strength = iota + 1 // points to the row, counts only together with others: 学员
	Strong                     // implies the row: 科目二
	Sure                       // names the row: 驾校
)

var strengths = map[string]Strength{"hint": Hint, "strong": Strong, "sure": Sure}

func (s Strength) String() string { return [...]string{"", "hint", "strong", "sure"}[s] }

// Ambiguity is a set of sayings that by themselves leave several rows open.
type Ambiguity struct {
	Edition string   `yaml:"-"`    // the only edition that it counts in, from the name of its file; empty: general.yaml, every edition
	Rows    []string `yaml:"rows"` // two to five keys, the likeliest first
	Say     []string `yaml:"say"`
	Ask     string   `yaml:"ask"` // the question that tells the rows apart
	At      Position `yaml:"-"`
}

// Topic is a trade or subject that is not in an edition though people ask for it.
type Topic struct {
	Edition string   `yaml:"-"`     // from the name of its file
	Topic   string   `yaml:"topic"` // what the bot calls it
	Say     []string `yaml:"say"`
	Near    []string `yaml:"near"` // rows that the person may have meant, at most two
	At      Position `yaml:"-"`
}

// Position is a place in a file, for messages.
type Position struct {
	File string
	Line int
}

func (p Position) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

func (b *Base) readWordings(name string, data []byte) error {
	root, err := yamlRoot(name, data, yaml.MappingNode)
	if err != nil || root == nil {
		return err
	}
	var faults []error
	edition := ""
	for i := 0; i < len(root.Content); i += 2 {
		row, levels := root.Content[i], root.Content[i+1]
		if row.Value == "edition" && i == 0 {
			edition = levels.Value
			continue
		}
		if levels.Kind != yaml.MappingNode {
			faults = append(faults, fmt.Errorf("%s:%d: %s: expected sure:, strong: and hint: below it", name, row.Line, row.Value))
			continue
		}
		for j := 0; j < len(levels.Content); j += 2 {
			faults = append(faults, b.addWordings(name, edition, row.Value, levels.Content[j], levels.Content[j+1]))
		}
	}
	return errors.Join(faults...)
}

func (b *Base) addWordings(name, edition, row string, level, list *yaml.Node) error {
	strength, ok := strengths[level.Value]
	if !ok || list.Kind != yaml.SequenceNode {
		return fmt.Errorf("%s:%d: %s: expected a list under sure, strong or hint, not %q", name, level.Line, row, level.Value)
	}
	var faults []error
	for _, item := range list.Content {
		say := strings.TrimSpace(item.Value)
		if item.Kind != yaml.ScalarNode || say == "" {
			faults = append(faults, fmt.Errorf("%s:%d: %s: an empty wording", name, item.Line, row))
			continue
		}
		b.Wordings = append(b.Wordings, Wording{Say: say, Row: row, Edition: edition, Strength: strength, At: Position{name, item.Line}})
	}
	return errors.Join(faults...)
}

func (b *Base) readAmbiguous(name string, data []byte) error {
	items, err := yamlList[Ambiguity](name, data)
	for i := range items {
		item, at := &items[i].value, Position{name, items[i].line}
		item.At = at
		if edition := strings.TrimSuffix(path.Base(name), ".yaml"); edition != "general" {
			item.Edition = edition
		}
		if len(item.Rows) < 2 || len(item.Rows) > 5 || len(item.Say) == 0 {
			err = errors.Join(err, fmt.Errorf("%s: expected two to five rows and at least one saying", at))
		}
		b.Ambiguous = append(b.Ambiguous, *item)
	}
	return err
}

func (b *Base) readOutside(name string, data []byte) error {
	items, err := yamlList[Topic](name, data)
	for i := range items {
		item, at := &items[i].value, Position{name, items[i].line}
		item.At, item.Edition = at, strings.TrimSuffix(path.Base(name), ".yaml")
		if item.Topic == "" || len(item.Say) == 0 || len(item.Near) > 2 {
			err = errors.Join(err, fmt.Errorf("%s: expected a topic, at least one saying and at most two rows under near", at))
		}
		b.Outside = append(b.Outside, *item)
	}
	return err
}

// yamlItem is an entry of a list with the line it begins on.
type yamlItem[T any] struct {
	value T
	line  int
}

// yamlList reads a file that is a list of entries, naming the line of each faulty one.
func yamlList[T any](name string, data []byte) ([]yamlItem[T], error) {
	root, err := yamlRoot(name, data, yaml.SequenceNode)
	if err != nil || root == nil {
		return nil, err
	}
	var items []yamlItem[T]
	var faults []error
	for _, node := range root.Content {
		item := yamlItem[T]{line: node.Line}
		if err := strictly(node, &item.value); err != nil {
			faults = append(faults, fmt.Errorf("%s:%d: %w", name, node.Line, err))
		}
		items = append(items, item)
	}
	return items, errors.Join(faults...)
}

// strictly decodes a node and refuses keys that the type does not have.
func strictly(node *yaml.Node, into any) error {
	text, err := yaml.Marshal(node)
	if err != nil {
		return err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	return decoder.Decode(into)
}

// yamlLine is how the library names the line of a fault.
var yamlLine = regexp.MustCompile(`^yaml: line (\d+): `)

// yamlFault names the line of a fault as all others do.
func yamlFault(name string, err error) error {
	if found := yamlLine.FindStringSubmatch(err.Error()); found != nil {
		return fmt.Errorf("%s:%s: %s", name, found[1], err.Error()[len(found[0]):])
	}
	return fmt.Errorf("%s: %w", name, err)
}

// yamlRoot parses a file whose top is of the given kind; nil for an empty file.
func yamlRoot(name string, data []byte, kind yaml.Kind) (*yaml.Node, error) {
	var doc yaml.Node
	err := yaml.Unmarshal(data, &doc)
	if errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, yamlFault(name, err)
	}
	if root := doc.Content[0]; root.Kind == kind {
		return root, nil
	}
	if kind == yaml.SequenceNode {
		return nil, fmt.Errorf("%s:%d: expected a list", name, doc.Content[0].Line)
	}
	return nil, fmt.Errorf("%s:%d: expected rows, each with sure:, strong: and hint: below it", name, doc.Content[0].Line)
}
