package linear

import (
	"cmp"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

// Example is a message with what is true of it.
type Example struct {
	Input Input
	Rows  []int // the rows that are meant; empty for none
	Kind  int
	// NoRows leaves the rows out of the lesson: questions about licences are about no row and no less about some.
	NoRows bool
}

// Settings of the training.
type Settings struct {
	Rows, Kinds []string
	Signals     int // per row
	Wordings    int // the first so many signals come from wordings and can drop out
	Epochs      int
	Rate        float32 // AdaGrad's
	Decay       float32 // pull of every weight towards zero, per example that touches it
	Seed        uint64
	Runs        int // trainings whose means are the model: one alone depends on its chance by a percent
}

// Shares of lessons in which one half of the evidence is hidden, so that the
// n-grams learn to do without the wordings and the other way round.
const (
	hideWordings = 0.25
	hideTokens   = 0.10
)

// pruneBelow drops weights that no longer matter beside a threshold of about 1.
const pruneBelow = 0.12

// Train learns a model. variants gives the example's inputs in the epoch: the
// original or a noisy copy; it is called from several goroutines. The same
// examples and settings give the same model.
func Train(examples []Example, s Settings, variant func(example, epoch int) Input) *Model {
	runs := make([]*trainer, s.Runs)
	var group sync.WaitGroup
	for i := range runs {
		group.Go(func() { runs[i] = run(examples, s, uint64(i), variant) })
	}
	group.Wait()
	first := runs[0]
	for _, other := range runs[1:] {
		first.add(other)
	}
	first.settle()
	return first.model()
}

// run is one training.
func run(examples []Example, s Settings, number uint64, variant func(example, epoch int) Input) *trainer {
	s.Seed += number
	t := newTrainer(examples, s)
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	for epoch := range s.Epochs {
		t.random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			t.lesson(examples[i], variant(i, epoch+int(number)))
		}
		if epoch >= s.Epochs/3 {
			t.average()
		}
	}
	return t
}

// trainer holds dense weights with AdaGrad's sums of squares beside them.
type trainer struct {
	Settings
	classes     int
	index       map[uint32]int
	w, g        [][]float32 // by token, then class
	bias, biasG []float32
	v, vG       []float32   // signals
	sums        [][]float32 // of w, bias and v over the epochs averaged
	averaged    float32     // their number
	random      *rand.Rand
	scores      []float32
}

func newTrainer(examples []Example, s Settings) *trainer {
	t := &trainer{Settings: s, classes: len(s.Rows) + len(s.Kinds), index: map[uint32]int{}, random: rand.New(rand.NewPCG(s.Seed, 1))}
	seen := map[uint32]int{}
	for _, e := range examples {
		for _, token := range e.Input.Tokens {
			seen[token]++
		}
	}
	for _, token := range slices.Sorted(maps.Keys(seen)) {
		if seen[token] >= 3 {
			t.index[token] = len(t.index)
		}
	}
	t.w, t.g = t.table(), t.table()
	t.bias, t.biasG = make([]float32, t.classes), make([]float32, t.classes)
	t.v, t.vG = make([]float32, s.Signals), make([]float32, s.Signals)
	for i := range t.bias {
		t.bias[i] = -2 // most rows are not meant
	}
	return t
}

func (t *trainer) table() [][]float32 {
	flat := make([]float32, len(t.index)*t.classes)
	rows := make([][]float32, len(t.index))
	for i := range rows {
		rows[i] = flat[i*t.classes : (i+1)*t.classes]
	}
	return rows
}

func (t *trainer) lesson(e Example, in Input) {
	wordings, tokens := true, true
	switch p := t.random.Float32(); {
	case p < hideWordings:
		wordings = false
	case p < hideWordings+hideTokens:
		tokens = false
	}
	var known []int
	if tokens {
		for _, token := range in.Tokens {
			if i, ok := t.index[token]; ok {
				known = append(known, i)
			}
		}
	}
	weight := share(len(in.Tokens))
	errs := t.errors(e, in, known, weight, wordings)
	t.step(errs, in, known, weight, wordings)
}

// errors is the predicted minus the true value of every class.
func (t *trainer) errors(e Example, in Input, known []int, share float32, wordings bool) []float32 {
	t.scores = append(t.scores[:0], t.bias...)
	for _, i := range known {
		for c, w := range t.w[i] {
			t.scores[c] += w * share
		}
	}
	rows := len(t.Rows)
	for r := range rows {
		signals := t.signals(in, r, wordings)
		for i, v := range t.v[t.Signals-len(signals):] {
			t.scores[r] += v * signals[i]
		}
		t.scores[r] = Probability(t.scores[r])
		if slices.Contains(e.Rows, r) {
			t.scores[r]--
		}
		if e.NoRows {
			t.scores[r] = 0
		}
	}
	Softmax(t.scores[rows:])
	t.scores[rows+e.Kind]--
	return t.scores
}

// signals are the signals of a row without those that are hidden.
func (t *trainer) signals(in Input, row int, wordings bool) []float32 {
	all := in.Signals[row*t.Signals : (row+1)*t.Signals]
	if !wordings {
		return all[t.Wordings:]
	}
	return all
}

func (t *trainer) step(errs []float32, in Input, known []int, share float32, wordings bool) {
	const ignore = 0.004 // an error that teaches nothing
	for c, err := range errs {
		if err > -ignore && err < ignore {
			continue
		}
		t.move(&t.bias[c], &t.biasG[c], err)
		for _, i := range known {
			t.move(&t.w[i][c], &t.g[i][c], err*share+t.Decay*t.w[i][c])
		}
		if c >= len(t.Rows) {
			continue
		}
		signals := t.signals(in, c, wordings)
		offset := t.Signals - len(signals)
		for i, v := range signals {
			if v != 0 {
				t.move(&t.v[offset+i], &t.vG[offset+i], err*v)
			}
		}
	}
}

// average takes the weights as they stand into their mean: what the last few
// questions of an epoch have taught weighs too much otherwise.
func (t *trainer) average() {
	all := append(slices.Clone(t.w), t.bias, t.v)
	if t.sums == nil {
		for _, weights := range all {
			t.sums = append(t.sums, make([]float32, len(weights)))
		}
	}
	for i, weights := range all {
		for j, w := range weights {
			t.sums[i][j] += w
		}
	}
	t.averaged++
}

// add takes the sums of another training in.
func (t *trainer) add(other *trainer) {
	for i, sums := range other.sums {
		for j, sum := range sums {
			t.sums[i][j] += sum
		}
	}
	t.averaged += other.averaged
}

// settle puts the means in the place of the weights.
func (t *trainer) settle() {
	all := append(slices.Clone(t.w), t.bias, t.v)
	for i, weights := range all {
		for j := range weights {
			weights[j] = t.sums[i][j] / t.averaged
		}
	}
}

// move is AdaGrad's step.
func (t *trainer) move(w, g *float32, gradient float32) {
	*g += gradient * gradient
	*w -= t.Rate * gradient / float32(math.Sqrt(float64(*g)+1e-6))
}

// model stores the weights that matter, each in a byte.
func (t *trainer) model() *Model {
	m := &Model{Rows: t.Rows, Kinds: t.Kinds, Signals: t.v, bias: t.bias}
	var top float32
	for _, row := range t.w {
		for _, w := range row {
			top = max(top, w, -w)
		}
	}
	m.scale = top / 127
	tokens := slices.SortedFunc(maps.Keys(t.index), func(a, b uint32) int { return cmp.Compare(a, b) })
	var kept []uint32
	var counts []uint16
	for _, token := range tokens {
		before := len(m.classes)
		for c, w := range t.w[t.index[token]] {
			if value := math.Round(float64(w / m.scale)); (w > pruneBelow || w < -pruneBelow) && value != 0 {
				m.put(c, int8(value))
			}
		}
		if n := len(m.classes) - before; n > 0 {
			kept, counts = append(kept, token), append(counts, uint16(n))
		}
	}
	if err := m.index(kept, counts); err != nil {
		panic(err) // they were counted just now
	}
	return m
}
