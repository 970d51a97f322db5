package linear

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"slices"
)

// header begins a stored model, in gob. The numbers follow, little-endian: tokens
// in ascending order (4 bytes each), weights of each token (2), and of each
// weight its class (2) and its value (1). All of it is compressed.
type header struct {
	Rows, Kinds     []string
	Signals         []float32
	Bias            []float32
	Scale           float32
	Tokens, Weights int // their numbers
}

// mostNumbers bounds what a header may announce.
const mostNumbers = 1 << 26

// Marshal writes the model compactly. The same model gives the same bytes.
func (m *Model) Marshal() ([]byte, error) {
	used := slices.DeleteFunc(slices.Clone(m.slots), func(s slot) bool { return s.count == 0 })
	slices.SortFunc(used, func(a, b slot) int { return int(int64(a.token) - int64(b.token)) })
	var tokens []uint32
	var counts, classes []uint16
	var values []int8
	for _, s := range used {
		from, to := s.from, s.from+uint32(s.count)
		tokens, counts = append(tokens, s.token), append(counts, s.count)
		classes, values = append(classes, m.classes[from:to]...), append(values, m.values[from:to]...)
	}
	var out bytes.Buffer
	zipped, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	err = gob.NewEncoder(zipped).Encode(header{m.Rows, m.Kinds, m.Signals, m.bias, m.scale, len(tokens), len(classes)})
	for _, numbers := range []any{tokens, counts, classes, values} {
		err = errors.Join(err, binary.Write(zipped, binary.LittleEndian, numbers))
	}
	err = errors.Join(err, zipped.Close())
	return out.Bytes(), err
}

// Unmarshal reads what Marshal wrote.
func Unmarshal(data []byte) (*Model, error) {
	m, err := unmarshal(data)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	return m, nil
}

func unmarshal(data []byte) (*Model, error) {
	zipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	unzipped := bufio.NewReader(zipped) // from which gob takes no more than it needs
	var h header
	if err := gob.NewDecoder(unzipped).Decode(&h); err != nil {
		return nil, err
	}
	if len(h.Bias) != len(h.Rows)+len(h.Kinds) || uint(h.Tokens) > mostNumbers || uint(h.Weights) > mostNumbers {
		return nil, errors.New("the parts do not fit together")
	}
	m := &Model{Rows: h.Rows, Kinds: h.Kinds, Signals: h.Signals, bias: h.Bias, scale: h.Scale,
		classes: make([]uint16, h.Weights), values: make([]int8, h.Weights)}
	tokens, counts := make([]uint32, h.Tokens), make([]uint16, h.Tokens)
	for _, numbers := range []any{tokens, counts, m.classes, m.values} {
		if err := binary.Read(unzipped, binary.LittleEndian, numbers); err != nil {
			return nil, err
		}
	}
	if _, err := unzipped.ReadByte(); err != io.EOF { // the end, where the checksum is compared
		return nil, fmt.Errorf("more than the header says: %w", err)
	}
	for _, class := range m.classes {
		if int(class) >= len(m.bias) {
			return nil, fmt.Errorf("class %d of %d", class, len(m.bias))
		}
	}
	return m, m.index(tokens, counts)
}

// index fills the slots; tokens stand in the order of their weights.
func (m *Model) index(tokens []uint32, counts []uint16) error {
	size := 1
	for size < 2*len(tokens)+1 {
		size *= 2
	}
	m.slots = make([]slot, size)
	from := uint32(0)
	for i, token := range tokens {
		at := token & uint32(size-1)
		for m.slots[at].count != 0 {
			at = (at + 1) & uint32(size-1)
		}
		m.slots[at] = slot{token: token, from: from, count: counts[i]}
		from += uint32(counts[i])
	}
	if int(from) != len(m.classes) {
		return errors.New("the weights do not add up")
	}
	return nil
}
