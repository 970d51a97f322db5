// Package linear is a small linear reader: a score for each row and for each
// kind of message as a sum of weights, over hashed n-grams (tokens) and a few
// measured signals per row.
//
// Its one rule: everything that a score is made of can be listed.
//
// Scores are log-odds. Those of rows are independent of each other, since one
// message can mean several rows; of the kinds exactly one is true.
package linear

import (
	"math"
	"slices"
)

// Input is a message as the model sees it.
type Input struct {
	Tokens  []uint32  // hashed n-grams, as often as they occur
	Signals []float32 // row after row, as many to each row as the model has signal weights
}

// Model holds the weights. It is read only once made.
type Model struct {
	Rows    []string  // keys of the rows, in the order of Scores.Rows
	Kinds   []string  // names of the kinds, in the order of Scores.Kinds
	Signals []float32 // weight of each signal, the same for every row

	bias    []float32 // by class: the rows, then the kinds
	scale   float32   // of the stored weights
	slots   []slot    // open addressing by token; the length is a power of two
	classes []uint16  // of the weights, token after token
	values  []int8    // of the weights, in units of scale
}

// slot says where the weights of a token stand; the zero slot is empty.
type slot struct {
	token uint32
	from  uint32
	count uint16
}

// Scores are the log-odds of a message, reused from call to call.
type Scores struct {
	Rows  []float32
	Kinds []float32
}

// Score writes the scores of in to out.
func (m *Model) Score(in Input, out *Scores) {
	all := append(out.Rows[:0], m.bias...)
	share := m.scale * share(len(in.Tokens))
	for _, token := range in.Tokens {
		from, to := m.of(token)
		for i, class := range m.classes[from:to] {
			all[class] += float32(m.values[from+i]) * share
		}
	}
	rows := len(m.Rows)
	for r := range rows {
		for i, v := range in.Signals[r*len(m.Signals) : (r+1)*len(m.Signals)] {
			if v != 0 {
				all[r] += v * m.Signals[i]
			}
		}
	}
	out.Rows, out.Kinds = all[:rows:rows], all[rows:]
}

// share is what one of n tokens counts, so that a long story is not louder than
// a short question. It is 1 for the 100 tokens of a question of about 20 characters.
func share(n int) float32 { return float32(10 / math.Sqrt(float64(max(n, 1)))) }

// Weight is what a token, one of n, adds to the score of a class: a row, or a kind behind the rows.
func (m *Model) Weight(token uint32, n, class int) float32 {
	from, to := m.of(token)
	if i := slices.Index(m.classes[from:to], uint16(class)); i >= 0 {
		return float32(m.values[from+i]) * m.scale * share(n)
	}
	return 0
}

// of says where the weights of a token stand.
func (m *Model) of(token uint32) (from, to int) {
	mask := uint32(len(m.slots) - 1)
	for i := token & mask; ; i = (i + 1) & mask {
		s := &m.slots[i]
		if s.count == 0 {
			return 0, 0
		}
		if s.token == token {
			return int(s.from), int(s.from) + int(s.count)
		}
	}
}

// biasUnknown is the bias of a row that the model was not trained for: as
// unlikely as rows are before anything is said.
const biasUnknown = -2

// For is the model for other rows: what was learnt of a row stays with its key,
// and a row that is new is judged by its signals alone.
func (m *Model) For(rows []string) *Model {
	to := m.places(rows)
	other := &Model{Rows: rows, Kinds: m.Kinds, Signals: m.Signals, scale: m.scale, slots: slices.Clone(m.slots)}
	for range rows {
		other.bias = append(other.bias, biasUnknown)
	}
	other.bias = append(other.bias, m.bias[len(m.Rows):]...)
	for class, bias := range m.bias[:len(m.Rows)] {
		if to[class] >= 0 {
			other.bias[to[class]] = bias
		}
	}
	for i := range other.slots {
		s := &other.slots[i]
		from := len(other.classes)
		for j := s.from; j < s.from+uint32(s.count); j++ {
			if class := to[m.classes[j]]; class >= 0 {
				other.put(class, m.values[j])
			}
		}
		if s.count > 0 && len(other.classes) == from {
			other.put(0, 0) // an empty slot would end the search for others
		}
		s.from, s.count = uint32(from), uint16(len(other.classes)-from)
	}
	return other
}

func (m *Model) put(class int, value int8) {
	m.classes, m.values = append(m.classes, uint16(class)), append(m.values, value)
}

// places says, for every class of the model, its class in one of other rows; -1 for none.
func (m *Model) places(rows []string) []int {
	to := make([]int, len(m.bias))
	for class := range to {
		to[class] = class - len(m.Rows) + len(rows)
		if class < len(m.Rows) {
			to[class] = slices.Index(rows, m.Rows[class])
		}
	}
	return to
}

// Probability turns log-odds into a probability.
func Probability(logOdds float32) float32 {
	return float32(1 / (1 + math.Exp(-float64(logOdds))))
}

// Softmax turns the scores of kinds into probabilities, in place.
func Softmax(scores []float32) {
	top := scores[0]
	for _, s := range scores {
		top = max(top, s)
	}
	var sum float32
	for i, s := range scores {
		scores[i] = float32(math.Exp(float64(s - top)))
		sum += scores[i]
	}
	for i := range scores {
		scores[i] /= sum
	}
}
