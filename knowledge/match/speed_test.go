package match

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

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

// BenchmarkRead reports, beside the mean, the median and the 99th percentile of
// all readings.
func BenchmarkRead(b *testing.B) {
	questions := measured(b)
	for _, q := range questions {
		reader.Read(q, Context{}) // warm
	}
	var times []time.Duration
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		begin := time.Now()
		reader.Read(questions[i%len(questions)], Context{})
		times = append(times, time.Since(begin))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds())/1e3, "p50-µs")
	b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds())/1e3, "p99-µs")
}

// BenchmarkNew is the start-up of the understanding, and what stays in memory of it.
func BenchmarkNew(b *testing.B) {
	base, err := knowledge.Load()
	if err != nil {
		b.Fatal(err)
	}
	edition, err := base.Edition("2017-04")
	if err != nil {
		b.Fatal(err)
	}
	var kept *Reader
	before := live()
	for b.Loop() {
		if kept, err = New(base, edition); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(live()-before)/(1<<20), "live-MB")
	runtime.KeepAlive(kept)
}

// live is the memory in use after a collection, in bytes.
func live() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
