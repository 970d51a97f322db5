package match

import (
	"slices"

	"zizhi/knowledge"
	"zizhi/knowledge/match/linear"
)

// licence answers what licences are for: the rows of all of them, in the order of the table.
func (r *Reader) licence(licences []Holding, score float64) Meaning {
	m := Meaning{Kind: Licence, Licences: licences, Score: score}
	var at []int
	for _, h := range licences {
		for i, l := range r.base.Licences {
			if l == h.Licence {
				at = append(at, r.naming[i]...)
			}
		}
	}
	slices.Sort(at)
	for _, i := range slices.Compact(at) {
		m.Rows = append(m.Rows, r.edition.Rows[i])
	}
	return m
}

func (r *Reader) answer(g *reading, rows []candidate, licences []Holding) Meaning {
	return Meaning{Kind: Answer, Rows: r.rows(rows), Licences: licences, Score: max(g.confidence(rows), float64(linear.Probability(sureRow)))}
}

func (r *Reader) clarify(g *reading, rows []candidate) Meaning {
	m := Meaning{Kind: Clarify, Rows: r.rows(rows), Score: g.confidence(rows[:1])}
	m.Ask = r.question(m.Rows)
	return m
}

func (r *Reader) none(g *reading) Meaning {
	m := Meaning{Kind: None, Score: float64(g.kinds["none"]), Near: r.rows(g.atLeast(likelyRow))}
	if topic := r.topic(g); topic != nil {
		m.Topic = topic.Topic
		for _, key := range topic.Near {
			if row := r.edition.Row(key); row != nil && !slices.Contains(m.Near, row) {
				m.Near = append(m.Near, row)
			}
		}
	}
	m.Near = m.Near[:min(len(m.Near), 3)]
	return m
}

// topic is the trade outside the table that the message names; nil for none.
func (r *Reader) topic(g *reading) *knowledge.Topic {
	for _, s := range g.spots {
		if e := s.entries[0]; e.kind == saysOutside && !s.negated {
			return &r.base.Outside[e.ref]
		}
	}
	return nil
}

func (r *Reader) rows(list []candidate) []*knowledge.Row {
	rows := make([]*knowledge.Row, len(list))
	for i, c := range list {
		rows[i] = r.edition.Rows[c.row]
	}
	return rows
}

// question finds the question that tells rows apart: that of the smallest ambiguity that holds them all.
func (r *Reader) question(rows []*knowledge.Row) string {
	best := -1
	for i, a := range r.base.Ambiguous {
		all := !slices.ContainsFunc(rows, func(row *knowledge.Row) bool { return !slices.Contains(r.open[i], r.rowIndex[row.Key]) })
		if all && a.Ask != "" && (best < 0 || len(a.Rows) < len(r.base.Ambiguous[best].Rows)) {
			best = i
		}
	}
	if best < 0 {
		return ""
	}
	return r.base.Ambiguous[best].Ask
}
