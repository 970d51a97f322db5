package linear

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// small is a model learnt from four messages of two tokens each.
func small(t *testing.T) *Model {
	t.Helper()
	var examples []Example
	for row := range 2 {
		for range 2 {
			examples = append(examples, Example{Input: Input{Tokens: []uint32{uint32(10 + row), 7}, Signals: []float32{0, 0}}, Rows: []int{row}})
		}
	}
	examples = append(examples, examples...) // a token counts from three on
	s := Settings{Rows: []string{"a", "b"}, Kinds: []string{"ask", "none"}, Signals: 1, Epochs: 6, Rate: 0.5, Seed: 1, Runs: 2}
	return Train(examples, s, func(example, _ int) Input { return examples[example].Input })
}

func TestFile(t *testing.T) {
	model := small(t)
	data, err := model.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	read, err := Unmarshal(data)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := read.Marshal(); err != nil || !bytes.Equal(data, again) {
		t.Errorf("written again the model differs: %v", err)
	}
	in := Input{Tokens: []uint32{10, 7}, Signals: []float32{0, 0}}
	var want, got Scores
	model.Score(in, &want)
	read.Score(in, &got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got.Rows[0] <= got.Rows[1] {
		t.Errorf("of the token of row a the scores are %v", got.Rows)
	}
}

// Part of a model, or one that was damaged on the way, is an error.
func TestDamagedFile(t *testing.T) {
	data, err := small(t).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for n := range data {
		if _, err := Unmarshal(data[:n]); err == nil {
			t.Errorf("the first %d of %d bytes were read as a model", n, len(data))
		}
	}
	for i := 10; i < len(data); i++ { // behind gzip's own header
		damaged := bytes.Clone(data)
		damaged[i] ^= 0x40
		read, err := Unmarshal(damaged)
		if err != nil {
			continue
		}
		if again, err := read.Marshal(); err != nil || !bytes.Equal(data, again) { // some bits only fill up a byte
			t.Errorf("with byte %d changed another model was read", i)
		}
	}
}
