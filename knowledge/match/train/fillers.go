package main

import (
	"maps"
	"slices"
	"strings"

	"zizhi/knowledge/match"
)

const fillersNotice = `# Everyday words that sound like a wording and are none: 注册 and 租车.
# Found by train -fillers in the questions of the corpus; do not edit.
`

// findFillers lists the pairs of characters that sound like a wording but,
// judged by the questions they stand in, rarely mean it.
func findFillers(reader *match.Reader, questions []question) string {
	right, wrong := map[string]int{}, map[string]int{}
	for _, q := range questions {
		for _, h := range reader.Heard(q.text) {
			if h.Row != "" && slices.Contains(q.rows, h.Row) {
				right[h.Pair]++
			} else {
				wrong[h.Pair]++
			}
		}
	}
	var pairs []string
	for _, pair := range slices.Sorted(maps.Keys(wrong)) {
		if wrong[pair] >= 2 && wrong[pair] > 2*right[pair] {
			pairs = append(pairs, pair)
		}
	}
	var b strings.Builder
	b.WriteString(fillersNotice)
	for group := range slices.Chunk(pairs, 20) {
		b.WriteString(strings.Join(group, " ") + "\n")
	}
	return b.String()
}
