package handlers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestTablePage(t *testing.T) {
	browser := startBrowser(t)
	for name, test := range map[string]func(*testing.T, context.Context){
		"browsing": tableBrowsing, "phone": tableOnAPhone, "searching": tableSearching, "keyboard": tableKeyboard,
		"compared": tableCompared, "edition": tableOfAnotherEdition, "markup": tableShowsMarkupAsText, "addresses": tableAddresses,
		"asking": tableAsksTheBot, "dark": tableDark, "printing": tablePrints, "screenshots": tableScreenshots,
	} {
		t.Run(name, func(t *testing.T) { test(t, browser) })
	}
}

// openTable opens the table browser at an address behind #, and waits for it.
func (b *tab) openTable(width, height int64, at string) {
	b.t.Helper()
	b.resize(width, height)
	b.do(chromedp.Navigate(b.origin + "/table#" + url.PathEscape(at)))
	b.wait("the table", `document.querySelector("#list .entry") && document.querySelector("#main > .source")`)
}

// search types words, as an input method does, and waits for what they find.
func (b *tab) search(words, until string) {
	b.t.Helper()
	quoted, err := json.Marshal(words)
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`typed.select(); document.execCommand("insertText", false, %s)`, quoted)))
	b.wait("what "+words+" finds", until)
}

// fitsAcross checks that nothing is wider than the screen.
func (b *tab) fitsAcross(what string) {
	b.t.Helper()
	got := value[[]string](b, `[document.documentElement, main, list].filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.id || e.tagName)`)
	if len(got) > 0 {
		b.t.Errorf("%s: wider than it may be: %s", what, got)
	}
}

const shownRow = `main.querySelector("h2")?.textContent`

// Somebody opens a category, a row and the whole category.
func tableBrowsing(t *testing.T, browser context.Context) {
	b := newTab(t, browser, nil)
	b.openTable(deskWidth, deskHeight, "")
	wantAll(t, value[string](b, `main.innerText`), "特殊行业所需资质材料", "2017-04", "45 个类目", "社交")
	b.fitsAcross("an edition")
	if got := value[int](b, `list.querySelectorAll("details").length`); got != 10 {
		t.Errorf("%d groups, want the 10 first-level categories", got)
	}
	b.do(chromedp.Click(chromedp.CSS(`details[data-first="社交"] summary`)), chromedp.Click(chromedp.CSS(`[data-key="社交/直播"]`)))
	b.wait("the row", shownRow+` === "直播"`)
	wantAll(t, value[string](b, `main.innerText`), append(liveDocuments, "2 份都要", "官方原文", "来源：")...)
	if got := value[int](b, `main.querySelectorAll(".side-of:first-child .tree.all > li").length`); got != 2 {
		t.Errorf("%d boxes, want 2", got)
	}
	b.fitsAcross("a row")
	b.do(chromedp.Click(chromedp.CSS(".trail a")))
	b.wait("the category", shownRow+`?.startsWith("社交")`)
	wantAll(t, value[string](b, `main.innerText`), "陌生人交友", "婚恋", "《增值电信业务经营许可证》")
	b.fitsAcross("a category")
	b.do(chromedp.NavigateBack())
	b.wait("the row again", shownRow+` === "直播"`)
}

// A phone shows either the list or what is chosen.
func tableOnAPhone(t *testing.T, browser context.Context) {
	b := newTab(t, browser, nil)
	b.openTable(phoneWidth, phoneHeight, "")
	shown := `[list.checkVisibility(), main.checkVisibility()].join()`
	if got := value[string](b, shown); got != "true,false" {
		t.Errorf("list and main are shown: %s, want the list alone", got)
	}
	b.fitsAcross("the list")
	b.search("zhibo", `list.querySelector("a.entry")?.textContent === "社交 › 直播"`)
	b.do(chromedp.Click(chromedp.CSS("#list a.entry")))
	b.wait("the row", shownRow+` === "直播"`)
	if got := value[string](b, shown); got != "false,true" {
		t.Errorf("list and main are shown: %s, want the row alone", got)
	}
	b.fitsAcross("a row")
	b.do(chromedp.Click(chromedp.CSS(".back")))
	b.wait("the list", shown+` === "true,false"`)
	if got := value[string](b, `typed.value`); got != "zhibo" {
		t.Errorf("the way back to the list has lost what was typed: %q", got)
	}
}

func tableSearching(t *testing.T, browser context.Context) {
	b := newTab(t, browser, nil)
	b.openTable(deskWidth, deskHeight, "")
	for typed, want := range map[string]string{
		"直播": "社交 › [直播]", "zb": "社交 › [直播]", "器械销售": "医疗 › 医疗器械经营、销售医疗[器械销售]许可证 即《医疗器械经营许可证》",
	} {
		b.search(typed, fmt.Sprintf(`count.textContent.startsWith("找到") && [...list.querySelectorAll("mark")].length && list.dataset.was !== (list.dataset.was = %q)`, typed))
		marked := `(() => { const e = list.querySelector(".entry").cloneNode(true); e.querySelectorAll("mark").forEach((m) => m.replaceWith("[" + m.textContent + "]")); return e.textContent; })()`
		b.wait(want, fmt.Sprintf(`%s === %q`, marked, want))
	}
	b.search("卖口红", `list.querySelector(".ask")`)
	if got := value[string](b, `list.querySelector(".ask").getAttribute("href")`); got != "./?q="+url.QueryEscape("卖口红") {
		t.Errorf("what is not found leads to %s", got)
	}
	b.search(" ", `list.querySelector("details")`)
}

func tableKeyboard(t *testing.T, browser context.Context) {
	b := newTab(t, browser, nil)
	b.openTable(deskWidth, deskHeight, "")
	b.do(chromedp.Func(pressSlash), chromedp.KeyEvent("jiaoyou"))
	if got := value[string](b, `typed.value`); got != "jiaoyou" {
		t.Fatalf("the field holds %q: / does not lead there", got)
	}
	b.wait("both rows", `list.querySelectorAll(".entry").length === 2`)
	b.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowUp),
		chromedp.KeyEvent(kb.ArrowDown))
	if got := value[string](b, `document.activeElement.dataset.key`); got != "社交/陌生人交友" {
		t.Errorf("the arrows lead to %q", got)
	}
	b.do(chromedp.Func(pressEnter))
	b.wait("the row", shownRow+` === "陌生人交友"`)
	if got := value[string](b, `document.activeElement.id`); got != "main" {
		t.Errorf("the focus is at %q, want what was chosen", got)
	}
	b.do(chromedp.Func(pressSlash), chromedp.KeyEvent("zhibo"), chromedp.Func(pressEnter))
	b.wait("the first that was found", shownRow+` === "直播"`)
}

// pressSlash sends the key as a keyboard does; see pressEnter.
func pressSlash(ctx context.Context, t *chromedp.Target) error {
	_, err := cdp.Call(ctx, t, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: "/", Code: "Slash"})
	return err
}

// Documents that only one edition asks for are marked, renamed ones are not.
func tableCompared(t *testing.T, browser context.Context) {
	b := newTab(t, browser, nil)
	b.openTable(deskWidth, deskHeight, "2017-04/社交/直播")
	only := func(side int) string {
		return value[string](b, fmt.Sprintf(`[...main.querySelectorAll(".side-of:nth-child(%d) li.only > .document")].map((e) => e.textContent).join()`, side))
	}
	if got := only(1); got != "《网络文化经营许可证》" {
		t.Errorf("only in 2017-04: %s", got)
	}
	if got := only(2); strings.Contains(got, "《信息网络传播视听节目许可证》") || !strings.Contains(got, "《统一社会信用代码》") {
		t.Errorf("only in 2026-02: %s", got)
	}
	beside := value[[]float64](b, `[...main.querySelectorAll(".side-of")].map((e) => e.getBoundingClientRect().top)`)
	if len(beside) != 2 || beside[0] != beside[1] {
		t.Errorf("the editions stand at %v, want side by side", beside)
	}
	b.resize(phoneWidth, phoneHeight)
	b.fitsAcross("a comparison")
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#with").value = ""; document.querySelector("#with").dispatchEvent(new Event("change"))`))
	b.wait("the row alone", `!main.querySelector(".side-of") && main.querySelectorAll(".tree > li").length === 2`)
	if n := value[int](b, `main.querySelectorAll(".badge").length`); n != 0 {
		t.Errorf("%d marks without a comparison", n)
	}
}

func tableOfAnotherEdition(t *testing.T, browser context.Context) {
	b := newTab(t, browser, nil)
	b.openTable(deskWidth, deskHeight, "2017-04/教育/驾校培训")
	pick := `edition.value = "2026-02"; edition.dispatchEvent(new Event("change"))`
	b.do(chromedp.Evaluate[chromedp.Void](pick))
	b.wait("its counterpart in the other edition", `location.hash.startsWith("#2026-02/") && main.innerText.includes("《机动车驾驶员培训备案》") && main.querySelector(".trail").textContent.startsWith("教育服务")`)
	b.openTable(deskWidth, deskHeight, "2026-02/物流服务/快递柜")
	b.wait("the row", shownRow+`?.startsWith("快递柜")`)
	wantAll(t, value[string](b, `main.innerText`), "2017-04 版没有对应的类目", "须满足：协议内容须含对用户数据隐私的保护条款", "以微信后台当前要求为准")
	b.do(chromedp.Click(chromedp.CSS(".back")))
	b.wait("the edition", `main.querySelectorAll(".card").length === 24`)
	b.search("快递", `list.querySelectorAll("mark").length > 1`)
	b.fitsAcross("an edition of 24 categories")
}

func tableShowsMarkupAsText(t *testing.T, browser context.Context) {
	b := newTab(t, browser, nil)
	b.openTable(phoneWidth, phoneHeight, "")
	for _, words := range []string{`<img src=x onerror=alert(1)>`, `"><script>alert(1)</script>`, strings.Repeat("w", 400), "😀👩‍👩‍👧‍👦", "\u0000"} {
		b.search(words, `list.dataset.seen !== list.innerText && (list.dataset.seen = list.innerText)`)
		b.fitsAcross(words[:1])
	}
	if n := value[int](b, `document.querySelectorAll("#list script, #list img").length`); n != 0 {
		t.Errorf("%d elements were made of what was typed", n)
	}
}

// An address that leads nowhere shows what there is, or says what is wrong.
func tableAddresses(t *testing.T, browser context.Context) {
	for at, want := range map[string]string{
		"2017-04/没有/这一类": "45 个类目", "%E7%": "45 个类目", "1999-01/社交/直播": "没有这个版本", "<b>/x": "没有这个版本",
	} {
		b := newTab(t, browser, nil)
		b.expectComplaints("404")
		b.resize(deskWidth, deskHeight)
		b.do(chromedp.Navigate(b.origin + "/table#" + at))
		b.wait(want, fmt.Sprintf(`main.innerText.includes(%q)`, want))
	}
}

func tableAsksTheBot(t *testing.T, browser context.Context) {
	b := newTab(t, browser, nil)
	b.openTable(deskWidth, deskHeight, "2017-04/社交/直播")
	b.do(chromedp.Click(chromedp.CSS(".bar a.act")), chromedp.WaitVisible(chromedp.CSS(".from-me")))
	b.wait("the answer", `document.querySelectorAll(".from-bot:not(.typing)").length === 2`)
	wantAll(t, value[string](b, lastOf(".from-bot .bubble")), liveDocuments...)
	if got := value[string](b, `location.search`); got != "" {
		t.Errorf("the address still says %s: loading the page again would ask again", got)
	}
}

func tableDark(t *testing.T, browser context.Context) {
	b := newTab(t, browser, nil)
	b.theme("dark")
	b.openTable(deskWidth, deskHeight, "2017-04/社交/直播")
	got := value[string](b, `[document.body, typed, main.querySelector(".only > .document")].map((e) => getComputedStyle(e).backgroundColor).join(" ")`)
	if want := "rgb(25, 25, 25) rgb(25, 25, 25) rgb(59, 31, 29)"; got != want {
		t.Errorf("dark colours %s, want %s", got, want)
	}
}

// onPaper shows the page as it is printed.
func (b *tab) onPaper() {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		b.t.Fatal(err)
	}
}

// What is printed is what was chosen, as a whole and in black, and nothing to tap.
func tablePrints(t *testing.T, browser context.Context) {
	b := newTab(t, browser, nil)
	b.theme("dark")
	b.openTable(deskWidth, deskHeight, "2026-02/医疗服务")
	b.onPaper()
	if got := value[string](b, `[".top", ".side", ".bar"].filter((s) => document.querySelector(s).checkVisibility()).join()`); got != "" {
		t.Errorf("printed too: %s", got)
	}
	type paper struct{ Height, Content, Rows float64 }
	got := value[paper](b, `({Height: document.documentElement.scrollHeight, Content: main.scrollHeight, Rows: main.querySelectorAll(".row").length})`)
	if got.Rows < 20 || got.Height < got.Content || got.Content < 2000 {
		t.Errorf("%+v: the category is not printed as a whole", got)
	}
	if got := value[string](b, `getComputedStyle(main).color`); got != "rgb(0, 0, 0)" {
		t.Errorf("printed in %s", got)
	}
	pdf, err := chromedp.Call(b.ctx, page.PrintToPDF, page.PrintToPDFParams{})
	if err != nil || len(pdf.Data) < 10_000 {
		t.Errorf("print: %d bytes, %v", len(pdf.Data), err)
	}
}

// Writes pictures to look at.
func tableScreenshots(t *testing.T, browser context.Context) {
	if os.Getenv("ZIZHI_SHOTS") == "" {
		t.Skip("set ZIZHI_SHOTS to a folder to get screenshots there")
	}
	places := map[string]string{"edition": "2026-02", "row": "2017-04/社交/直播", "deep": "2026-02/医疗服务/互联网医院", "many": "2017-04/医疗/医疗器械经营、销售", "category": "2026-02/教育服务"}
	for _, theme := range []string{"light", "dark"} {
		for _, size := range [][2]int64{{390, 844}, {deskWidth, deskHeight}, {794, 1123}} {
			for name, at := range places {
				b := newTab(t, browser, nil)
				b.theme(theme)
				b.openTable(size[0], size[1], at)
				if size[0] == 794 {
					b.onPaper()
				}
				b.shoot(fmt.Sprintf("table-%s-%d-%s", theme, size[0], name))
				if name == "edition" && size[0] != 794 {
					b.search("jiaoyu", `list.querySelector("mark")`)
					b.shoot(fmt.Sprintf("table-%s-%d-search", theme, size[0]))
				}
			}
		}
	}
}
