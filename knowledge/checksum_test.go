package knowledge_test

import (
	"testing"
	"testing/fstest"

	"zizhi/knowledge"
)

// The checksum tells apart what is read, and nothing else.
func TestChecksum(t *testing.T) {
	const wordings = "社交/直播:\n  sure: [喵喵屋]\n"
	folder := func(files ...string) fstest.MapFS {
		folder := fstest.MapFS{".": {Mode: 0o755 | 1<<31}}
		for i := 0; i < len(files); i += 2 {
			folder[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
		}
		return folder
	}
	seen := map[string]string{}
	for _, c := range []struct {
		name   string
		folder fstest.MapFS
		as     string // the case whose checksum it has; empty: one of its own
	}{
		{"nothing", folder(), ""},
		{"a file", folder("wordings/a.yaml", wordings), ""},
		{"another name", folder("wordings/b.yaml", wordings), ""},
		{"another text", folder("wordings/a.yaml", wordings+"\n"), ""},
		{"another kind of file", folder("lookalikes.txt", "大犬\n"), ""},
		{"a file beside", folder("wordings/a.yaml", wordings, "notes.txt", "x"), "a file"},
		{"a hidden file", folder("wordings/a.yaml", wordings, "wordings/.b.yaml", "x"), "a file"},
	} {
		sum, err := knowledge.Checksum(c.folder)
		base, bad := knowledge.Load(c.folder)
		if err != nil || bad != nil {
			t.Fatalf("%s: %v, %v", c.name, err, bad)
		}
		if base.Checksum != sum || len(sum) != 16 {
			t.Errorf("%s: Load says %s, Checksum %s", c.name, base.Checksum, sum)
		}
		if other := seen[sum]; other != c.as {
			t.Errorf("%s: the checksum is that of %q, want that of %q", c.name, other, c.as)
		}
		if c.as == "" {
			seen[sum] = c.name
		}
	}
	if sum, err := knowledge.Checksum(); err != nil || seen[sum] != "nothing" {
		t.Errorf("no folder and an empty one: %s %v", sum, err)
	}
}

// A folder that cannot be listed is a fault, and not an empty one.
func TestFolderThatIsNone(t *testing.T) {
	for name, folder := range map[string]fstest.MapFS{
		"its sub-folder is a file": {"wordings": {Data: []byte("x")}},
		"itself is a file":         {".": {Data: []byte("x")}},
	} {
		if _, err := knowledge.Checksum(folder); err == nil {
			t.Errorf("%s: Checksum returned no error", name)
		}
		if _, err := knowledge.Load(folder); err == nil {
			t.Errorf("%s: Load returned no error", name)
		}
	}
}
