package handlers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const (
	phoneWidth, phoneHeight = 375, 667
	deskWidth, deskHeight   = 1280, 800
)

// The tests of the page share a browser, since starting one takes longer than they do.
func TestPage(t *testing.T) {
	browser := startBrowser(t)
	for name, test := range map[string]func(*testing.T, context.Context){
		"conversation": pageConversation, "examples": pageExamples, "markup": pageShowsMarkupAsText, "keyboard": pageKeyboard,
		"dark": pageDark, "waiting": pageSaysWhenItWaits, "trying again": pageOffersToTryAgain, "screenshots": pageScreenshots,
	} {
		t.Run(name, func(t *testing.T) { test(t, browser) })
	}
}

// A person opens the page, asks, taps a choice and reads the documents.
func pageConversation(t *testing.T, browser context.Context) {
	b := newTab(t, browser, nil)
	b.open(phoneWidth, phoneHeight)
	b.wait("the welcome and its examples", `document.querySelector(".from-bot")?.innerText.includes("资质助手") && document.querySelectorAll(".examples button").length === 3`)
	b.fits("the welcome")

	wantAll(t, b.ask("我要做直播需要什么证"), liveDocuments...)
	b.fits("an answer")

	if got := b.ask("贷款小程序资质"); strings.Contains(got, "<a") || strings.Contains(got, "weixin://") {
		t.Errorf("the links for choices are shown as markup:\n%s", got)
	}
	if n := value[int](b, `document.querySelectorAll(".choice").length`); n < 2 {
		t.Fatalf("%d choices to tap, want at least 2", n)
	}
	wantAll(t, b.answerTo(chromedp.Click(chromedp.CSS(".choice"))), "【", "自营贷款】", "《")
	if got := value[string](b, lastOf(".from-me .bubble")); !strings.Contains(got, "自营贷款") {
		t.Errorf("a tap shows %q as the person's message, want the choice", got)
	}
	wantAll(t, b.answerTo(chromedp.Focus(chromedp.CSS(".choice:last-of-type")), chromedp.KeyEvent(kb.Enter)), "《")

	b.resize(deskWidth, deskHeight)
	b.fits("a conversation on a desk")
	if width := value[float64](b, `document.querySelector(".phone").getBoundingClientRect().width`); width != 430 {
		t.Errorf("on a desk the phone is %v px wide, want 430", width)
	}
}

func pageExamples(t *testing.T, browser context.Context) {
	b := newTab(t, browser, nil)
	b.open(phoneWidth, phoneHeight)
	b.wait("examples", `document.querySelector(".examples")`)
	wantAll(t, b.answerTo(chromedp.Click(chromedp.CSS(".examples button"))), liveDocuments...)
}

func pageShowsMarkupAsText(t *testing.T, browser context.Context) {
	b := newTab(t, browser, nil)
	b.open(phoneWidth, phoneHeight)
	for _, words := range []string{
		"<script>alert(1)</script>", `<img src=x onerror=alert(1)>`, "]]>", "😀👩‍👩‍👧‍👦", strings.Repeat("很长", 300), strings.Repeat("w", 400),
	} {
		if got := b.ask(words); got == "" {
			t.Errorf("%.40q: no answer", words)
		}
		if got := value[string](b, lastOf(".from-me .bubble")); !strings.HasSuffix(got, words) {
			t.Errorf("%.40q is shown as %.60q", words, got)
		}
		b.fits(words[:3])
	}
	if n := value[int](b, `document.querySelectorAll("#log script, #log img:not(.avatar)").length`); n != 0 {
		t.Errorf("%d elements were made of what was typed", n)
	}
}

func pageKeyboard(t *testing.T, browser context.Context) {
	b := newTab(t, browser, nil)
	b.open(deskWidth, deskHeight)
	if got := value[string](b, `document.activeElement.id`); got != "words" {
		t.Errorf("the focus is at %q, want the field to write in", got)
	}
	b.do(chromedp.KeyEvent("直播"), chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierShift)), chromedp.KeyEvent("资质"))
	if got := value[string](b, `words.value`); got != "直播\n资质" {
		t.Errorf("Shift+Enter: the field holds %q, want two lines", got)
	}
	// An input method takes Enter for itself while it offers characters.
	sent := value[bool](b, `!words.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", isComposing: true, bubbles: true, cancelable: true}))`)
	if sent || value[int](b, `document.querySelectorAll(".from-me").length`) != 0 {
		t.Error("Enter in the middle of composing sent the message")
	}
	wantAll(t, b.answerTo(chromedp.Func(pressEnter)), liveDocuments...)
	if !value[bool](b, `words.value === "" && send.disabled`) {
		t.Error("the field is not empty after sending")
	}
}

// pressEnter sends the key as a keyboard does: no character follows a key press that
// the page has taken for itself, as one would with chromedp.KeyEvent.
func pressEnter(ctx context.Context, t *chromedp.Target) error {
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		_, err := cdp.Call(ctx, t, input.DispatchKeyEvent, input.DispatchKeyEventParams{
			Type: kind, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13, NativeVirtualKeyCode: 13,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func pageDark(t *testing.T, browser context.Context) {
	b := newTab(t, browser, nil)
	colours := `[".phone", ".from-bot .bubble", "#words"].map((s) => getComputedStyle(document.querySelector(s)).backgroundColor).join(" ")`
	b.theme("light")
	b.open(phoneWidth, phoneHeight)
	light := value[string](b, colours)
	b.theme("dark")
	dark := value[string](b, colours)
	if light != "rgb(237, 237, 237) rgb(255, 255, 255) rgb(255, 255, 255)" || dark != "rgb(17, 17, 17) rgb(44, 44, 44) rgb(41, 41, 41)" {
		t.Errorf("light: %s, dark: %s", light, dark)
	}
}

func pageSaysWhenItWaits(t *testing.T, browser context.Context) {
	var gate faults
	b := newTab(t, browser, &gate)
	b.open(phoneWidth, phoneHeight)
	before := b.answers()
	release := gate.hold()
	b.write("直播")
	b.wait("the sign that an answer is coming", `document.querySelector(".typing .bubble") && title.textContent.includes("正在输入")`)
	b.shoot("typing")
	release()
	b.wait("the answer", fmt.Sprintf(`document.querySelectorAll(".from-bot:not(.typing)").length > %d`, before))
	if !value[bool](b, `!document.querySelector(".typing") && title.textContent === "资质助手"`) {
		t.Error("the sign stays after the answer")
	}
}

func pageOffersToTryAgain(t *testing.T, browser context.Context) {
	var gate faults
	b := newTab(t, browser, &gate)
	b.open(phoneWidth, phoneHeight)
	mend := gate.cut()
	b.write("直播")
	b.wait("the offer to try again", `document.querySelector(".retry")`)
	b.shoot("offline")
	mend()
	wantAll(t, b.answerTo(chromedp.Click(chromedp.CSS(".retry"))), liveDocuments...)
	if !value[bool](b, `!document.querySelector(".retry") && document.querySelectorAll(".from-me").length === 1`) {
		t.Error("the offer stays, or the message is shown twice")
	}
	b.write(strings.Repeat("长", 20000))
	b.wait("that the message is too long", `log.innerText.includes("太长")`)
	b.expectComplaints("ERR_", "413") // the browser's own notes of the cut connection and the refusal
}

// Writes pictures to look at; the one of a phone is the README's.
func pageScreenshots(t *testing.T, browser context.Context) {
	if os.Getenv("ZIZHI_SHOTS") == "" {
		t.Skip("set ZIZHI_SHOTS to a folder to get screenshots there")
	}
	for _, theme := range []string{"light", "dark"} {
		for _, size := range [][2]int64{{390, 844}, {deskWidth, deskHeight}} {
			b := newTab(t, browser, nil)
			b.theme(theme)
			b.open(size[0], size[1])
			b.wait("examples", `document.querySelector(".examples")`)
			name := fmt.Sprintf("%s-%dx%d", theme, size[0], size[1])
			b.shoot(name + "-welcome")
			b.ask("我要做直播需要什么证")
			b.shoot(name + "-answer")
			b.ask("贷款小程序资质")
			b.shoot(name + "-choices")
			b.ask("ICP证能做哪些类目")
			b.shoot(name + "-list")
		}
	}
}

// --- a browser at the page ---

// startBrowser starts a headless Chromium that lasts as long as the test.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	path := chromium(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()),
		chromedp.DisableGPU, chromedp.Flag("disable-component-update", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	t.Cleanup(func() { chromedp.Cancel(ctx) }) // waits for its end; the folder is removed after that
	return ctx
}

type tab struct {
	t      *testing.T
	ctx    context.Context
	origin string
	seen   *sightings
}

// newTab starts a server and opens a tab of a person of its own. At the end it
// checks that the page asked nobody else for anything, and complained of nothing.
func newTab(t *testing.T, browser context.Context, gate *faults) *tab {
	t.Helper()
	server := httptest.NewServer(gate.around(pageService(t).Handler()))
	t.Cleanup(server.Close)
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &tab{t: t, origin: server.URL, seen: &sightings{}}
	if err := chromedp.Listen(ctx, b.seen.note); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	b.ctx, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	t.Cleanup(b.check)
	return b
}

// chromium finds the browser. A machine that tests every change must have one.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const missing = "no Chromium to look at the page with: apt-get install chromium"
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// value is what an expression gives in the page.
func value[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

func (b *tab) wait(what, expression string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Poll[bool]("!!("+expression+")", chromedp.WithPollingTimeout(20*time.Second)))
	if err != nil {
		b.t.Fatalf("waiting for %s: %v\n%s", what, err, value[string](b, `document.body.innerText`))
	}
}

// open opens the page and waits for the welcome.
func (b *tab) open(width, height int64) {
	b.t.Helper()
	b.resize(width, height)
	b.do(chromedp.Navigate(b.origin))
	b.wait("the welcome", `document.querySelector(".from-bot:not(.typing)")`)
}

func (b *tab) resize(width, height int64) {
	b.t.Helper()
	var as []chromedp.EmulateViewportOption
	if width < 600 {
		as = append(as, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulateScale(2))
	}
	b.do(chromedp.EmulateViewport(width, height, as...))
}

func (b *tab) theme(name string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// lastOf is the text of the last element that matches.
func lastOf(selector string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%q)].at(-1)?.textContent ?? ""`, selector)
}

func (b *tab) answers() int {
	b.t.Helper()
	return value[int](b, `document.querySelectorAll(".from-bot:not(.typing)").length`)
}

// answerTo does something and returns the text of the bubble that comes as the answer.
func (b *tab) answerTo(actions ...chromedp.Action[chromedp.Void]) string {
	b.t.Helper()
	before := b.answers()
	b.do(actions...)
	b.wait("an answer", fmt.Sprintf(`document.querySelectorAll(".from-bot:not(.typing)").length > %d`, before))
	return value[string](b, lastOf(".from-bot .bubble"))
}

// write puts words into the field, as an input method does, and sends them.
func (b *tab) write(words string) {
	b.t.Helper()
	quoted, err := json.Marshal(words)
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.Focus(chromedp.CSS("#words")),
		chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.execCommand("insertText", false, %s)`, quoted)), chromedp.Click(chromedp.CSS("#send")))
}

func (b *tab) ask(words string) string {
	b.t.Helper()
	before := b.answers()
	b.write(words)
	b.wait("the answer to "+words, fmt.Sprintf(`document.querySelectorAll(".from-bot:not(.typing)").length > %d`, before))
	return value[string](b, lastOf(".from-bot .bubble"))
}

// fits checks that nothing is wider than the screen, and that the field is on it.
func (b *tab) fits(what string) {
	b.t.Helper()
	type box struct{ Page, Screen, Log, Room, Bottom, Height float64 }
	got := value[box](b, `({
		Page: document.documentElement.scrollWidth, Screen: innerWidth, Log: log.scrollWidth, Room: log.clientWidth,
		Bottom: composer.getBoundingClientRect().bottom, Height: innerHeight})`)
	if got.Page > got.Screen || got.Log > got.Room || got.Bottom > got.Height {
		b.t.Errorf("%s does not fit: %+v", what, got)
	}
}

func (b *tab) shoot(name string) {
	b.t.Helper()
	folder := os.Getenv("ZIZHI_SHOTS")
	if folder == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// sightings is what the browser tells of the page.
type sightings struct {
	mu         sync.Mutex
	requests   []string
	complaints []string
	expected   []string
}

func (s *sightings) note(event any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		s.requests = append(s.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		s.complaints = append(s.complaints, e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		s.complaints = append(s.complaints, e.Entry.Text)
	case *page.EventJavascriptDialogOpening:
		s.complaints = append(s.complaints, "a dialog opened: "+e.Message)
	}
}

func (b *tab) expectComplaints(parts ...string) { b.seen.expected = parts }

func (b *tab) check() {
	b.seen.mu.Lock()
	defer b.seen.mu.Unlock()
	if len(b.seen.requests) == 0 {
		b.t.Error("no request was seen, so nothing can be said of them")
	}
	for _, url := range b.seen.requests {
		if !strings.HasPrefix(url, b.origin+"/") && !strings.HasPrefix(url, "data:") {
			b.t.Errorf("the page asked for %s", url)
		}
	}
	for _, complaint := range b.seen.complaints {
		if !slices.ContainsFunc(b.seen.expected, func(part string) bool { return strings.Contains(complaint, part) }) {
			b.t.Errorf("the browser complains: %s", complaint)
		}
	}
}

// faults stands between browser and server. Nil lets everything through.
type faults struct {
	way atomic.Pointer[func(http.ResponseWriter)]
}

func (f *faults) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f != nil && r.URL.Path == "/chat" {
			if way := f.way.Load(); way != nil {
				(*way)(w)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// hold keeps messages waiting until it is released.
func (f *faults) hold() (release func()) {
	gate := make(chan struct{})
	f.set(func(http.ResponseWriter) { <-gate })
	return sync.OnceFunc(func() { close(gate) })
}

// cut breaks off connections until it is mended.
func (f *faults) cut() (mend func()) {
	f.set(func(http.ResponseWriter) { panic(http.ErrAbortHandler) })
	return func() { f.way.Store(nil) }
}

func (f *faults) set(way func(http.ResponseWriter)) { f.way.Store(&way) }
