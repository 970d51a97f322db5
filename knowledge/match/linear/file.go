package linear

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"slices"
)

// file is a model as it is stored: gob, compressed.
type file struct {
	Rows, Kinds []string
	Signals     []float32
	Bias        []float32
	Scale       float32
	Tokens      []uint32 // ascending
	Counts      []uint16 // weights of each token
	Classes     []byte   // of uint16, little-endian: quicker to read than numbers one by one
	Values      []byte   // of int8
}

// Marshal writes the model compactly. The same model gives the same bytes.
func (m *Model) Marshal() ([]byte, error) {
	f := file{Rows: m.Rows, Kinds: m.Kinds, Signals: m.Signals, Bias: m.bias, Scale: m.scale}
	used := slices.DeleteFunc(slices.Clone(m.slots), func(s slot) bool { return s.count == 0 })
	slices.SortFunc(used, func(a, b slot) int { return int(int64(a.token) - int64(b.token)) })
	for _, s := range used {
		f.Tokens = append(f.Tokens, s.token)
		f.Counts = append(f.Counts, s.count)
		for i := s.from; i < s.from+uint32(s.count); i++ {
			f.Classes = binary.LittleEndian.AppendUint16(f.Classes, m.classes[i])
			f.Values = append(f.Values, byte(m.values[i]))
		}
	}
	var out bytes.Buffer
	zipped, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(gob.NewEncoder(zipped).Encode(f), zipped.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Unmarshal reads what Marshal wrote.
func Unmarshal(data []byte) (*Model, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	var f file
	if err := gob.NewDecoder(io.LimitReader(unzipped, 1<<28)).Decode(&f); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	classes := len(f.Rows) + len(f.Kinds)
	if len(f.Bias) != classes || len(f.Counts) != len(f.Tokens) || 2*len(f.Values) != len(f.Classes) {
		return nil, errors.New("model: the parts do not fit together")
	}
	m := &Model{Rows: f.Rows, Kinds: f.Kinds, Signals: f.Signals, bias: f.Bias, scale: f.Scale}
	m.classes, m.values = make([]uint16, len(f.Values)), make([]int8, len(f.Values))
	for i, value := range f.Values {
		m.classes[i], m.values[i] = binary.LittleEndian.Uint16(f.Classes[2*i:]), int8(value)
		if int(m.classes[i]) >= classes {
			return nil, fmt.Errorf("model: class %d of %d", m.classes[i], classes)
		}
	}
	return m, m.index(f.Tokens, f.Counts)
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
		return errors.New("model: the weights do not add up")
	}
	return nil
}
