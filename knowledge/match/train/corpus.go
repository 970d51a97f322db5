package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"zizhi/knowledge"
)

// question is one line of the corpus with what its block says of it.
type question struct {
	text    string
	history []string // earlier messages, oldest first
	kind    string   // a kind of the model
	rows    []string
	group   string // the header's kind, for reports
	at      string // file:line
}

// kindOf maps the headers of the corpus to the kinds of the model.
var kindOf = map[string]string{
	"one": "ask", "followup": "ask", "multi": "multi", "ambiguous": "open",
	"gap": "gap", "reverse": "licence", "none": "none", "handoff": "handoff",
}

// readCorpus collects the questions that teach an edition: those written for
// it, those that belong to no edition, and those of other editions whose rows
// have exactly one counterpart in it.
func readCorpus(dir string, base *knowledge.Base, edition *knowledge.Edition) ([]question, error) {
	all, err := readFolder(filepath.Join(dir, "corpus-any"), edition)
	if err != nil {
		return nil, err
	}
	for _, source := range base.Editions {
		questions, err := readFolder(filepath.Join(dir, "corpus-"+source.ID), source)
		if err != nil {
			return nil, err
		}
		if source != edition {
			questions = carriedOver(questions, base, source, edition)
		}
		all = append(all, questions...)
	}
	return all, nil
}

// carriedOver keeps what holds in another edition, too. What asks for no row is
// not carried over: it was written to lie beside the rows of its own edition.
// And what meant one row there may now leave several open: 学车 is 驾校培训
// where there is no 驾校平台.
func carriedOver(questions []question, base *knowledge.Base, source, edition *knowledge.Edition) []question {
	var kept []question
	open := leftOpen(base, edition)
	unsettled := func(q question, rows []string) bool {
		for say, left := range open {
			if strings.Contains(q.text, say) && len(rows) == 1 && slices.Contains(left, rows[0]) {
				return true
			}
		}
		return false
	}
	for _, q := range questions {
		rows, ok := counterparts(q.rows, base, edition)
		switch {
		case q.kind == "none", q.kind == "ask" && unsettled(q, rows):
		case ok:
			q.rows = rows
			kept = append(kept, q)
		}
	}
	return kept
}

// counterparts are the rows that stand for others; false unless each has exactly one.
func counterparts(keys []string, base *knowledge.Base, edition *knowledge.Edition) ([]string, bool) {
	var to []string
	for _, key := range keys {
		rows, _ := base.Counterparts(key, edition)
		if len(rows) != 1 {
			return nil, false
		}
		to = append(to, rows[0].Key)
	}
	return to, true
}

// readFolder reads every file of a folder. A block begins with a header
//
//	== one 教育/驾校培训
//	== multi 社交/直播 | 富媒体/视频
//	== gap 社交/直播 ; have 网络文化经营许可证
//	== chat greet
//
// and has a question on each further line, behind earlier messages if there
// were any: 直播需要什么证 => 那音乐呢. Lines that begin with "# " are comments.
func readFolder(dir string, edition *knowledge.Edition) ([]question, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return nil, err
	}
	var all []question
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		questions, err := readBlocks(filepath.Base(file), data, edition)
		if err != nil {
			return nil, err
		}
		all = append(all, questions...)
	}
	return all, nil
}

func readBlocks(file string, data []byte, edition *knowledge.Edition) ([]question, error) {
	var all []question
	var block question
	for n, line := range strings.Split(string(bytes.TrimSpace(data)), "\n") {
		line = strings.TrimSpace(line)
		at := fmt.Sprintf("%s:%d", file, n+1)
		switch {
		case line == "" || strings.HasPrefix(line, "# "):
		case strings.HasPrefix(line, "== "):
			var err error
			if block, err = header(line, edition); err != nil {
				return nil, fmt.Errorf("%s: %w", at, err)
			}
		case block.kind == "":
			return nil, fmt.Errorf("%s: a question before the first header", at)
		default:
			q := block
			messages := strings.Split(line, " => ")
			q.text, q.history, q.at = messages[len(messages)-1], messages[:len(messages)-1], at
			all = append(all, q)
		}
	}
	return all, nil
}

func header(line string, edition *knowledge.Edition) (question, error) {
	group, rest, _ := strings.Cut(strings.TrimPrefix(line, "== "), " ")
	q := question{group: group, kind: kindOf[group]}
	switch group {
	case "chat":
		q.kind = "chat." + rest
		return q, nil
	case "reverse", "none", "handoff":
		return q, nil
	}
	if q.kind == "" {
		return q, fmt.Errorf("%q: unknown kind", line)
	}
	rest, _, _ = strings.Cut(rest, ";")
	for key := range strings.SplitSeq(rest, "|") {
		key = strings.TrimSpace(key)
		if edition.Row(key) == nil {
			return q, fmt.Errorf("there is no row %q", key)
		}
		q.rows = append(q.rows, key)
	}
	return q, nil
}
