package match

import (
	"cmp"
	"slices"
	"strings"

	"zizhi/knowledge"
	"zizhi/knowledge/match/linear"
)

// candidate is a row with its score.
type candidate struct {
	row   int
	score float32 // log-odds
}

// reading is the scratch space of one Read.
type reading struct {
	evidence
	scores     linear.Scores
	kinds      map[string]float32 // by name: its share of one
	chat       float32            // share of all small talk
	chatKind   string             // its likeliest kind
	candidates []candidate        // likely rows, best first
}

// weigh scores rows and kinds.
func (r *Reader) weigh(g *reading) {
	r.model.Score(g.input, &g.scores)
	linear.Softmax(g.scores.Kinds)
	if g.kinds == nil {
		g.kinds = make(map[string]float32, len(r.model.Kinds))
	}
	for i, kind := range r.model.Kinds {
		g.kinds[kind] = g.scores.Kinds[i]
	}
	g.weighChat(r.model.Kinds)
	g.candidates = g.candidates[:0]
	for row, score := range g.scores.Rows {
		if score >= lowestScore {
			g.candidates = append(g.candidates, candidate{row, score})
		}
	}
	slices.SortFunc(g.candidates, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
}

// lowestScore is below every threshold, and the score of a row that is no candidate.
const lowestScore = -4

// score is that of the n-th likeliest row, from 0.
func (g *reading) score(n int) float32 {
	if n >= len(g.candidates) {
		return lowestScore
	}
	return g.candidates[n].score
}

// atLeast are the rows of at least that score, at most maxRows.
func (g *reading) atLeast(score float32) []candidate {
	n := 0
	for n < len(g.candidates) && n < maxRows && g.candidates[n].score >= score {
		n++
	}
	return g.candidates[:n]
}

// is reports whether the message is rather of a kind than not.
func (g *reading) is(kind string) bool { return g.kinds[kind] > 0.5 }

func holds(list []candidate, row int) bool {
	return slices.ContainsFunc(list, func(c candidate) bool { return c.row == row })
}

// weighChat sums up the kinds of small talk and notes the likeliest, in a fixed
// order: sums of floats depend on it.
func (g *reading) weighChat(kinds []string) {
	g.chat, g.chatKind = 0, ""
	var best float32
	for i, kind := range kinds {
		if name, ok := strings.CutPrefix(kind, "chat."); ok {
			p := g.scores.Kinds[i]
			g.chat += p
			if p > best {
				best, g.chatKind = p, name
			}
		}
	}
}

// named are the rows for which a sure wording stands in the message, not
// negated, as it is written or in pinyin. Where the message plainly asks for
// several, a homophone will do, too, and a strong wording.
func (r *Reader) named(g *reading) []int {
	several := g.asksSeveral()
	return r.pointed(g, func(s *spot, e entry) []int {
		written := s.quality == exact || g.text.units[s.from].char == 0
		sure, strong := e.strength == knowledge.Sure, e.strength == knowledge.Strong
		if e.kind == saysRow && (sure && (written || several) || strong && written && several) {
			return []int{int(e.ref)}
		}
		return nil
	})
}

// left are the rows that sayings in the message leave open.
func (r *Reader) left(g *reading) []int {
	return r.pointed(g, func(_ *spot, e entry) []int {
		if e.kind == saysAmbiguity {
			return r.open[e.ref]
		}
		return nil
	})
}

// pointed collects the rows that the spots not negated point to.
func (r *Reader) pointed(g *reading, to func(*spot, entry) []int) []int {
	var rows []int
	for i := range g.spots {
		s := &g.spots[i]
		if s.negated {
			continue
		}
		for _, e := range s.entries {
			for _, row := range to(s, e) {
				if !slices.Contains(rows, row) {
					rows = append(rows, row)
				}
			}
		}
	}
	return rows
}

// join puts the rows that were pointed to together with those of at least that score, best first.
func (g *reading) join(pointed []int, score float32) []candidate {
	list := slices.Clone(g.atLeast(score))
	for _, row := range pointed {
		if len(list) < maxRows && !holds(list, row) {
			list = append(list, candidate{row, g.scores.Rows[row]})
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	return list
}

// confidence is the probability that these rows are meant and the likeliest other one is not.
func (g *reading) confidence(rows []candidate) float64 {
	least, rival := rows[0].score, float32(lowestScore)
	for _, c := range rows {
		least = min(least, c.score)
	}
	for _, c := range g.candidates {
		if !holds(rows, c.row) {
			rival = max(rival, c.score)
		}
	}
	return float64(linear.Probability(least)) * (1 - float64(linear.Probability(rival))/2)
}

func (g *reading) logOdds(kind string) float32 { return float32(logOdds(g.kinds[kind])) }

// Signals that speak for a row, by how much they say.
var (
	tellingSignals    = []int{signalSure, signalSureNoisy, signalStrong, signalStrongNoisy}
	speltSignals      = []int{signalSure, signalStrong, signalHint}
	supportingSignals = []int{signalSure, signalSureNoisy, signalStrong, signalStrongNoisy, signalHint, signalHintNoisy, signalOpen, signalFirst, signalLicence, signalSame, signalSibling}
)

// supported reports whether anything spotted speaks for a row, or the message before was about it.
func (r *Reader) supported(g *reading, row int) bool { return r.any(g, row, supportingSignals) }

// wordedRow reports whether a wording speaks for a row by itself.
func (r *Reader) wordedRow(g *reading, row int) bool { return r.any(g, row, tellingSignals) }

// spelt reports whether a wording of a row's own stands in the message to the letter.
func (r *Reader) spelt(g *reading, row int) bool { return r.any(g, row, speltSignals) }

func (r *Reader) any(g *reading, row int, signals []int) bool {
	return slices.ContainsFunc(signals, func(signal int) bool { return *r.signal(&g.evidence, row, signal) > 0 })
}
