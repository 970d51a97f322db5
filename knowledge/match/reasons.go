package match

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

const maxReasons = 8

// reasons lists what spoke for and against the rows of a meaning, strongest
// first; where it has none, what spoke for the likeliest row.
func (r *Reader) reasons(g *reading, m Meaning) []Evidence {
	rows := r.indexesOf(m.Rows)
	if m.Kind == Browse || m.Kind == Licence {
		rows = nil // they follow from the name, not from weights
	} else if len(rows) == 0 && len(g.candidates) > 0 {
		rows = []int{g.candidates[0].row}
	}
	var all []Evidence
	for _, row := range rows {
		all = append(all, r.spotReasons(g, row)...)
		all = append(all, r.contextReasons(g, row)...)
		if e, ok := r.gramReason(g, row); ok {
			all = append(all, e)
		}
	}
	all = append(all, r.kindReason(g))
	for _, h := range m.Licences {
		all = append(all, Evidence{Text: h.Licence.Name, Points: string(m.Kind), Source: "licence " + h.Status.String()})
	}
	slices.SortStableFunc(all, func(a, b Evidence) int { return cmp.Compare(abs(b.Weight), abs(a.Weight)) })
	return all[:min(len(all), maxReasons)]
}

func abs(f float64) float64 { return max(f, -f) }

// spotReasons are the sayings that were spotted for a row.
func (r *Reader) spotReasons(g *reading, row int) []Evidence {
	var list []Evidence
	for i := range g.spots {
		s := &g.spots[i]
		for _, e := range s.entries {
			signal, source := r.signalFor(e, s, row)
			if signal < 0 {
				continue
			}
			weight := float64(r.model.Signals[signal] * g.input.Signals[row*signals+signal])
			list = append(list, Evidence{Text: g.text.surface(s.from, s.to), Points: r.edition.Rows[row].Key, Weight: weight, Source: source})
		}
	}
	return list
}

// signalFor is the signal that an entry raises for a row, with the name of its source; -1 where it raises none.
func (r *Reader) signalFor(e entry, s *spot, row int) (int, string) {
	switch e.kind {
	case saysRow:
		if int(e.ref) == row {
			return wordingSignal(e.strength, s), "wording " + e.strength.String() + how(s)
		}
	case saysAmbiguity:
		if slices.Contains(r.open[e.ref], row) && !s.negated {
			return signalOpen, fmt.Sprintf("one of %d rows", len(r.open[e.ref]))
		}
	case saysFirst:
		if slices.Contains(r.under[e.ref], row) {
			return signalFirst, "first level"
		}
	case saysLicence:
		if slices.Contains(r.naming[e.ref], row) {
			return signalLicence, "licence" + how(s)
		}
	case saysOutside:
		if !s.negated {
			return signalOutside, "not in the table" + how(s)
		}
	}
	return -1, ""
}

func how(s *spot) string {
	switch {
	case s.negated:
		return ", negated"
	case s.quality == bySound:
		return ", by sound"
	case s.quality == byShape:
		return ", by shape"
	}
	return ""
}

func (r *Reader) contextReasons(g *reading, row int) []Evidence {
	var weight float32
	for signal := signalSame; signal < signals; signal++ {
		weight += r.model.Signals[signal] * g.input.Signals[row*signals+signal]
	}
	if weight == 0 {
		return nil
	}
	return []Evidence{{Text: "…", Points: r.edition.Rows[row].Key, Weight: float64(weight), Source: "what was said before"}}
}

// gramReason sums up what the n-grams say, naming the three characters that say most.
func (r *Reader) gramReason(g *reading, row int) (Evidence, bool) {
	var sum float32
	for _, token := range g.input.Tokens {
		sum += r.model.Weight(token, len(g.input.Tokens), row)
	}
	e := Evidence{Text: r.strongest(g, row), Points: r.edition.Rows[row].Key, Weight: float64(sum), Source: "reading of n-grams"}
	return e, e.Text != ""
}

// strongest is the stretch of the message whose own n-grams speak most for the row.
func (r *Reader) strongest(g *reading, row int) string {
	const width = 4
	units := g.text.units
	best, from := float32(0), -1
	var tokens []uint32
	for i := 0; i < len(units); i++ {
		window := units[i:min(i+width, len(units))]
		tokens = soundTokens(charTokens(tokens[:0], window), window)
		var sum float32
		for _, token := range tokens {
			sum += r.model.Weight(token, len(g.input.Tokens), row)
		}
		if sum > best {
			best, from = sum, i
		}
	}
	if from < 0 {
		return ""
	}
	return g.text.surface(from, min(from+width, len(units)))
}

// kindReason is what the message as a whole was taken for.
func (r *Reader) kindReason(g *reading) Evidence {
	top := 0
	for i, p := range g.scores.Kinds {
		if p > g.scores.Kinds[top] {
			top = i
		}
	}
	return Evidence{Text: "…", Points: "a message of the kind " + r.model.Kinds[top], Weight: logOdds(g.scores.Kinds[top]), Source: "reading of n-grams"}
}

func logOdds(p float32) float64 {
	q := min(max(float64(p), 1e-4), 1-1e-4)
	return math.Log(q / (1 - q))
}
