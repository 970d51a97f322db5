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

// fillersIn are the pairs that stand in the file already.
func fillersIn(file string) []string {
	var pairs []string
	for line := range strings.Lines(file) {
		if !strings.HasPrefix(line, "#") {
			pairs = append(pairs, strings.Fields(line)...)
		}
	}
	return pairs
}

// findFillers adds to the pairs known the pairs of characters that sound like a
// wording but, judged by the questions they stand in, rarely mean it. A reader
// that knows a pair no longer takes it for a wording, so it would not be found again.
func findFillers(reader *match.Reader, questions []question, pairs []string) string {
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
	for pair := range maps.Keys(wrong) {
		if wrong[pair] >= 2 && wrong[pair] > 2*right[pair] {
			pairs = append(pairs, pair)
		}
	}
	slices.Sort(pairs)
	pairs = slices.Compact(pairs)
	var b strings.Builder
	b.WriteString(fillersNotice)
	for group := range slices.Chunk(pairs, 20) {
		b.WriteString(strings.Join(group, " ") + "\n")
	}
	return b.String()
}
