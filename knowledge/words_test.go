package knowledge

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the files in testdata anew")

// Every row's tree beside its official words, as a file that people review.
func TestTrees(t *testing.T) {
	base, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, edition := range base.Editions {
		t.Run(edition.ID, func(t *testing.T) {
			var b strings.Builder
			for _, row := range edition.Rows {
				b.WriteString(row.Key + "\n  " + row.Words + "\n  = " + row.Need.String() + "\n")
				if row.Note != "" {
					b.WriteString("  note: " + row.Note + "\n")
				}
				if row.Unread != nil {
					b.WriteString("  unread: " + row.Unread.Error() + "\n")
				}
			}
			golden(t, "testdata/trees-"+edition.ID+".txt", b.String())
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (go test -update writes it anew):\n%s", file, diff)
	}
}
