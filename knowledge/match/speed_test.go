package match

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"zizhi/knowledge"
)

// reader is that of the founding edition, built once for all tests.
var reader = func() *Reader {
	base, err := knowledge.Load()
	if err != nil {
		panic(err)
	}
	edition, err := base.Edition("2017-04")
	if err != nil {
		panic(err)
	}
	r, err := New(base, edition)
	if err != nil {
		panic(err)
	}
	return r
}()

// measured are the questions of the labelled sets.
func measured(tb testing.TB) []string {
	files, err := filepath.Glob("testdata/2017-04/*.jsonl")
	if err != nil || len(files) == 0 {
		tb.Fatal("no questions", err)
	}
	var all []string
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			tb.Fatal(err)
		}
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			var q struct{ Q string }
			if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
				tb.Fatal(err)
			}
			all = append(all, q.Q)
		}
	}
	return all
}

func BenchmarkRead(b *testing.B) {
	questions := measured(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		reader.Read(questions[i%len(questions)], Context{})
	}
}
