package reload_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"zizhi/bot"
	"zizhi/bot/reload"
	"zizhi/knowledge"
	"zizhi/knowledge/match"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// nickname is a word that nothing built in knows.
const nickname = "喵喵屋"

const (
	file  = "wordings/ours.yaml"
	live  = "社交/直播"
	music = "富媒体/音乐"
)

// means is a file by which the nickname means a row.
func means(row string) string { return row + ":\n  sure: [" + nickname + "]\n" }

// faulty has its fault in line 3.
const faulty = live + ":\n  sure: [" + nickname + "]\n  certain: [" + nickname + "]\n"

// write puts a file in its place, as a whole.
func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name+".new", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}

// load reads a folder as the service does, but builds no reader of questions:
// that takes a while, and the tests of the service ask questions.
func load(folder string) (*bot.Expert, error) {
	base, err := knowledge.Load(os.DirFS(folder))
	if err != nil {
		return nil, err
	}
	edition, err := base.Edition("2017-04")
	return &bot.Expert{Base: base, Edition: edition}, err
}

// instance is a bot that follows a folder, and what came of its reloads.
type instance struct {
	*reload.Reloader
	t   testing.TB
	log safeBuffer

	mu      sync.Mutex
	reports []reload.Report
}

func newInstance(t testing.TB, folder string) *instance {
	t.Helper()
	x, err := load(folder)
	if err != nil {
		t.Fatal(err)
	}
	i := &instance{t: t}
	i.Reloader = &reload.Reloader{
		Bot:    new(bot.Bot).Teach(x), // what is asked here needs no memory,
		Folder: folder,
		Build:  func() (*bot.Expert, error) { return load(folder) },
		Tried: func(r reload.Report) {
			i.mu.Lock()
			defer i.mu.Unlock()
			i.reports = append(i.reports, r)
		},
		Log: slog.New(slog.NewTextHandler(&i.log, nil)),
	}
	return i
}

// row is the row that the nickname means to the bot; empty for none.
func (i *instance) row() string {
	for _, w := range i.Bot.Expert().Base.Wordings {
		if w.Say == nickname {
			return w.Row
		}
	}
	return ""
}

func (i *instance) wantRow(want string) {
	i.t.Helper()
	if got := i.row(); got != want {
		i.t.Errorf("%s means %q, want %q\n%s", nickname, got, want, i.log.String())
	}
}

// outcomes are those of all reloads so far.
func (i *instance) outcomes() []reload.Outcome {
	i.mu.Lock()
	defer i.mu.Unlock()
	var all []reload.Outcome
	for _, report := range i.reports {
		all = append(all, report.Outcome)
	}
	return all
}

// safeBuffer is a log that can be read while it is written.
type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *safeBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(data)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// TestReload goes through what may stand in a folder, one after the other.
func TestReload(t *testing.T) {
	folder := t.TempDir()
	i := newInstance(t, folder)
	i.wantRow("")
	empty := i.Bot.Expert().Base.Checksum
	steps := []struct {
		name, text string // of the file; empty: none
		outcome    reload.Outcome
		row, fault string
	}{
		{"a wording", means(live), reload.Loaded, live, ""},
		{"the same", means(live), reload.Unchanged, live, ""},
		{"an unknown word", faulty, reload.Refused, live, file + ":3: "},
		{"no YAML", live + ":\n  sure: [" + nickname + "\n", reload.Refused, live, file + ":"},
		{"no such row", means("社交/没有"), reload.Refused, live, file + `:2: no edition has a row "社交/没有"`},
		{"the same as before the faults", means(live), reload.Unchanged, live, ""},
		{"another row", means(music), reload.Loaded, music, ""},
		{"nothing", "", reload.Loaded, "", ""},
	}
	for _, step := range steps {
		write(t, filepath.Join(folder, file), step.text)
		before := i.Bot.Expert()
		report := i.Reload()
		after := i.Bot.Expert()
		if report.Outcome != step.outcome || report.Edition != "2017-04" || report.Checksum != after.Base.Checksum {
			t.Errorf("%s: %+v, want %s and the checksum %s", step.name, report, step.outcome, after.Base.Checksum)
		}
		if swapped := before != after; swapped != (step.outcome == reload.Loaded) {
			t.Errorf("%s: another table answers: %v", step.name, swapped)
		}
		i.wantRow(step.row)
		if faults := strings.Join(report.Faults, "\n"); !strings.HasPrefix(faults, step.fault) || (step.fault == "") != (faults == "") {
			t.Errorf("%s: faults %q, want %q", step.name, faults, step.fault)
		}
		if step.fault != "" && !strings.Contains(i.log.String(), file) {
			t.Errorf("%s: the log does not say so:\n%s", step.name, i.log.String())
		}
	}
	if err := os.RemoveAll(filepath.Join(folder, "wordings")); err != nil {
		t.Fatal(err)
	}
	if report := i.Reload(); report.Checksum != empty || report.Outcome != reload.Loaded {
		t.Errorf("the folder as it was at first: %+v, want the checksum %s", report, empty)
	}
	if counted := i.outcomes(); len(counted) != len(steps)+1 {
		t.Errorf("%d reloads were counted as %v", len(steps)+1, counted)
	}
}

// A folder that is gone is no empty one.
func TestFolderGone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	write(t, filepath.Join(folder, file), means(live))
	i := newInstance(t, folder)
	if err := os.Rename(folder, folder+".away"); err != nil {
		t.Fatal(err)
	}
	if report := i.Reload(); report.Outcome != reload.Refused || len(report.Faults) == 0 {
		t.Errorf("without its folder: %+v", report)
	}
	i.wantRow(live)
	if err := os.Rename(folder+".away", folder); err != nil {
		t.Fatal(err)
	}
	if report := i.Reload(); report.Outcome != reload.Unchanged {
		t.Errorf("with its folder again: %+v", report)
	}
}

func TestNoFolder(t *testing.T) {
	i := newInstance(t, t.TempDir())
	i.Folder = ""
	report := i.Reload()
	if report.Outcome != reload.Refused || len(report.Faults) != 1 || !strings.Contains(report.Faults[0], "ZIZHI_DATA") {
		t.Errorf("without a folder: %+v", report)
	}
	if counted := i.outcomes(); counted != nil {
		t.Errorf("counted as %v, though no table was refused", counted)
	}
}

// What editors leave beside a file is not read.
func TestEditorsFiles(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, file), means(live))
	i := newInstance(t, folder)
	if err := os.Symlink("somebody@somewhere.123", filepath.Join(folder, "wordings/.#ours.yaml")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"wordings/.ours.yaml", "wordings/ours.yaml~", "wordings/.ours.yaml.swp", "wordings/#ours.yaml#", "notes.md"} {
		write(t, filepath.Join(folder, name), "half a fi")
	}
	if report := i.Reload(); report.Outcome != reload.Unchanged {
		t.Errorf("%+v, want it unchanged", report)
	}
}

// A folder that is being written is not read; it is, once it rests.
func TestRestless(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	i := newInstance(t, folder)
	stop := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
				write(t, filepath.Join(folder, file), means(live)+fmt.Sprintln("#", n))
			}
		}
	})
	report := i.Reload()
	close(stop)
	writing.Wait()
	if report.Outcome != reload.Refused || !strings.Contains(fmt.Sprint(report.Faults), "changing") {
		t.Errorf("while it was written: %+v", report)
	}
	if report := i.Reload(); report.Outcome != reload.Loaded {
		t.Errorf("once it rests: %+v", report)
	}
}

// The folder changes while it is read: what is taken is what stands there afterwards.
func TestChangedMeanwhile(t *testing.T) {
	folder := t.TempDir()
	i := newInstance(t, folder)
	builds := 0
	i.Build = func() (*bot.Expert, error) {
		x, err := load(folder)
		if builds++; builds == 1 {
			write(t, filepath.Join(folder, file), means(music))
		}
		return x, err
	}
	write(t, filepath.Join(folder, file), means(live))
	if report := i.Reload(); report.Outcome != reload.Loaded || builds != 2 {
		t.Errorf("read %d times: %+v", builds, report)
	}
	i.wantRow(music)
}

// What changed each time that it was read is read again later, though it then
// stands as it stood at the last time.
func TestRefusedForUnrest(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	i := newInstance(t, folder)
	builds := 0
	i.Build = func() (*bot.Expert, error) {
		builds++
		write(t, filepath.Join(folder, file), means(live)+fmt.Sprintln("#", builds))
		return i.Bot.Expert(), nil
	}
	write(t, filepath.Join(folder, file), means(live))
	if report := i.Reload(); report.Outcome != reload.Refused {
		t.Errorf("%+v", report)
	}
	i.Build = func() (*bot.Expert, error) { return load(folder) }
	i.follow(nil, never)
	i.becomes(live)
}

// Questions under way while tables change: each answer is of one table, whole.
func TestUnderWay(t *testing.T) {
	folder := t.TempDir()
	i := newInstance(t, folder)
	rows, tables, right := []string{live, music}, make([]*bot.Expert, 2), map[string]int{}
	ask := func() string {
		return i.Bot.Stateless(bot.Message{Kind: bot.Text, Text: nickname + "要什么证", At: time.Unix(1, 0)}).Text
	}
	for n, row := range rows { // they differ in what the words mean, and in what that row asks for
		write(t, filepath.Join(folder, file), means(row))
		write(t, filepath.Join(folder, "editions/2017-04.tsv"), table(i.Bot.Expert().Edition, fmt.Sprintf("《第%d版许可证》", n)))
		if report := i.Reload(); report.Outcome != reload.Loaded {
			t.Fatalf("%+v", report)
		}
		x := *i.Bot.Expert()
		var err error
		if x.Reader, err = match.New(x.Base, x.Edition); err != nil {
			t.Fatal(err)
		}
		tables[n] = i.Bot.Teach(&x).Expert()
		right[ask()] = n
	}
	if len(right) != len(tables) {
		t.Fatal("both tables answer alike")
	}
	stop := make(chan struct{})
	var people sync.WaitGroup
	var seen [2]atomic.Int64
	for range 4 {
		people.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				answer := ask()
				n, known := right[answer]
				if seen[n].Add(1); !known {
					t.Errorf("an answer of neither table:\n%s", answer)
				}
			}
		})
	}
	for n := 0; min(seen[0].Load(), seen[1].Load()) < 200 && !t.Failed(); n++ {
		i.Bot.Teach(tables[n%len(tables)])
	}
	close(stop)
	people.Wait()
}

// table is an edition that asks for the same document in every row.
func table(e *knowledge.Edition, words string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "# id: %s\n# title: %s\n# publisher: %s\n一级类目\t二级类目\t资质\n", e.ID, e.Title, e.Publisher)
	for _, row := range e.Rows {
		fmt.Fprintf(&text, "%s\t%s\t%s\n", row.Path[0], row.Path[1], words)
	}
	return text.String()
}
