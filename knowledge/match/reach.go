package match

import (
	"fmt"

	"zizhi/knowledge"
)

// Reach proves that every row can be reached: by its name, by its name in a
// sentence, and by each of its sure and strong wordings in one: it is answered
// or offered. What cannot is a finding; for a name it is a grave one.
func (r *Reader) Reach() []knowledge.Finding {
	var all []knowledge.Finding
	for _, row := range r.edition.Rows {
		name := row.Name()
		if len(row.Path) > 1 {
			name = row.Key[len(row.First())+1:]
		}
		for _, message := range []string{name, "我要做" + name + "需要什么证"} {
			if m := r.Read(message, Context{}); !offers(m, row) || m.Kind == Answer && m.Rows[0] != row {
				all = append(all, knowledge.Finding{Grave: true, At: row.Key, What: fmt.Sprintf("%q is understood as %s", message, inWords(m))})
			}
		}
	}
	for _, w := range r.base.Wordings {
		row := r.edition.Row(w.Row)
		if row == nil || w.Strength == knowledge.Hint {
			continue
		}
		m := r.Read("我们是做"+w.Say+"的，需要什么资质", Context{})
		if !offers(m, row) {
			all = append(all, knowledge.Finding{At: w.At.String(), What: fmt.Sprintf("%q for %s never wins: it is understood as %s", w.Say, w.Row, inWords(m))})
		}
	}
	return all
}

// offers reports whether a meaning answers for a row or offers it.
func offers(m Meaning, row *knowledge.Row) bool {
	for _, r := range append(m.Rows, m.Near...) {
		if r == row {
			return true
		}
	}
	return false
}

// inWords puts a meaning into a few words.
func inWords(m Meaning) string {
	text := string(m.Kind)
	for _, row := range m.Rows {
		text += " " + row.Key
	}
	return text
}
