package handlers_test

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"zizhi/bot"
	"zizhi/handlers"
	"zizhi/knowledge"
	"zizhi/knowledge/match"
)

// built is the built-in knowledge; reading it takes a while, so all tests share it.
var built = sync.OnceValues(func() (*bot.Expert, error) {
	base, err := knowledge.Load()
	if err != nil {
		return nil, err
	}
	edition, err := base.Edition("2017-04")
	if err != nil {
		return nil, err
	}
	reader, err := match.New(base, edition)
	return &bot.Expert{Base: base, Edition: edition, Reader: reader}, err
})

// pageService is what `zizhi serve` runs without any setting.
func pageService(t testing.TB) *handlers.Service {
	t.Helper()
	expert, err := built()
	if err != nil {
		t.Fatal(err)
	}
	mine := *expert
	metrics, log := handlers.NewMetrics(), slog.New(slog.DiscardHandler)
	return &handlers.Service{
		Bot:     (&bot.Bot{Memory: bot.NewLocal(1000), Secret: []byte("secret"), Events: metrics.Events(log)}).Teach(&mine),
		Metrics: metrics, Log: log, Limits: handlers.DefaultLimits,
	}
}

// visitor is one browser.
type visitor struct {
	t      *testing.T
	url    string
	client *http.Client
}

func visit(t *testing.T, s *handlers.Service) *visitor {
	t.Helper()
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	return (&visitor{t: t, url: server.URL}).another()
}

// another is a second browser at the same server.
func (v *visitor) another() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		v.t.Fatal(err)
	}
	return &visitor{t: v.t, url: v.url, client: &http.Client{Jar: jar}}
}

func (v *visitor) post(contentType, body string) (*http.Response, []byte) {
	v.t.Helper()
	response, err := v.client.Post(v.url+"/chat", contentType, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return response, data
}

type heard struct {
	Text     string
	Transfer bool
}

// send posts what must be answered.
func (v *visitor) send(body string) heard {
	v.t.Helper()
	response, data := v.post("application/json", body)
	if response.StatusCode != http.StatusOK {
		v.t.Fatalf("POST /chat %.60q: status %d, %s", body, response.StatusCode, data)
	}
	var h heard
	if err := json.Unmarshal(data, &h); err != nil {
		v.t.Fatalf("POST /chat %.60q: %v in %q", body, err, data)
	}
	return h
}

func (v *visitor) say(text string) string {
	v.t.Helper()
	body, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		v.t.Fatal(err)
	}
	return v.send(string(body)).Text
}

func wantAll(t *testing.T, got string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}

var liveDocuments = []string{"《信息网络传播视听节目许可证》", "《网络文化经营许可证》", "经营范围含网络表演"}

func TestChatAnswersWithTheDocuments(t *testing.T) {
	v := visit(t, pageService(t))
	wantAll(t, v.send(`{"event":"subscribe"}`).Text, "资质助手")
	wantAll(t, v.say("我要做直播需要什么证"), liveDocuments...)
	wantAll(t, v.send(`{"tap":"zizhi:社交/直播"}`).Text, liveDocuments...)
	wantAll(t, v.send(`{"text":"电商平台"}`).Text, "《增值电信业务经营许可证》")
}

func TestChatChoices(t *testing.T) {
	v := visit(t, pageService(t))
	wantAll(t, v.say("贷款小程序资质"), `<a href="weixin://bizmsgmenu?msgmenucontent=自营贷款&msgmenuid=1">自营贷款</a>`)
	wantAll(t, v.send(`{"text":"自营贷款","menu":1}`).Text, "自营贷款】", "《")
}

func TestChatKeepsPeopleApart(t *testing.T) {
	one := visit(t, pageService(t))
	two := one.another()
	wantAll(t, one.say("贷款小程序资质"), "1. ")
	if got := two.say("1"); strings.Contains(got, "《") {
		t.Errorf("somebody else's choice was taken:\n%s", got)
	}
	wantAll(t, one.say("1"), "自营贷款】")
}

func TestChatCookie(t *testing.T) {
	v := visit(t, pageService(t))
	cookie := func() *http.Cookie {
		t.Helper()
		response, _ := v.post("application/json", `{"text":"你好"}`)
		if len(response.Cookies()) == 0 {
			return nil
		}
		return response.Cookies()[0]
	}
	first := cookie()
	if first == nil || !first.HttpOnly || first.SameSite != http.SameSiteStrictMode || len(first.Value) < 32 {
		t.Fatalf("cookie = %v, want a random one with HttpOnly and SameSite=Strict", first)
	}
	if again := cookie(); again != nil {
		t.Errorf("a person got a second cookie: %v", again)
	}
	v.client.Jar = nil
	request, err := http.NewRequest(http.MethodPost, v.url+"/chat", strings.NewReader(`{"text":"你好"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Cookie", first.Name+"=somebody")
	response, err := v.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if len(response.Cookies()) != 1 {
		t.Error("an id that is none of ours was accepted")
	}
}

func TestChatHandsOver(t *testing.T) {
	s := pageService(t)
	s.Bot.Expert().Handoff = true
	if got := visit(t, s).send(`{"text":"转人工"}`); !got.Transfer || got.Text != "" {
		t.Errorf("转人工 = %+v, want a transfer without a text, as WeChat delivers it", got)
	}
}

// What the page sends is counted by the webhook, so it has been there.
func TestChatGoesThroughTheWebhook(t *testing.T) {
	s := pageService(t)
	v := visit(t, s)
	v.say("直播")
	v.send(`{"event":"subscribe"}`)
	families, err := s.Metrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				counts[family.GetName()+" "+label.GetName()+" "+label.GetValue()] += metric.GetCounter().GetValue()
			}
		}
	}
	for _, name := range []string{"zizhi_messages_total type text", "zizhi_messages_total event subscribe"} {
		if counts[name] != 1 {
			t.Errorf("%s = %v, want 1", name, counts[name])
		}
	}
}

// The door of the page opens to the page alone: with no token, nobody can sign for /wechat.
func TestChatOpensNoOtherDoor(t *testing.T) {
	v := visit(t, pageService(t))
	response, err := v.client.Post(v.url+"/wechat", "text/xml", strings.NewReader("<xml/>"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("POST /wechat = %d, want 503", response.StatusCode)
	}
}

func TestChatRefuses(t *testing.T) {
	v := visit(t, pageService(t))
	const isJSON = "application/json; charset=utf-8"
	for name, test := range map[string]struct {
		contentType, body string
		want              int
	}{
		"no JSON":             {isJSON, `{"text":`, 400},
		"nothing":             {isJSON, ``, 400},
		"null":                {isJSON, `null`, 400},
		"an empty object":     {isJSON, `{}`, 400},
		"an array":            {isJSON, `["直播"]`, 400},
		"a number as text":    {isJSON, `{"text":1}`, 400},
		"text and event":      {isJSON, `{"text":"直播","event":"subscribe"}`, 400},
		"another event":       {isJSON, `{"event":"unsubscribe"}`, 400},
		"an unknown field":    {isJSON, `{"text":"直播","user":"somebody"}`, 400},
		"something behind":    {isJSON, `{"text":"直播"}{"text":"直播"}`, 400},
		"a form":              {"application/x-www-form-urlencoded", `{"text":"直播"}`, 415},
		"plain text":          {"text/plain", `{"text":"直播"}`, 415},
		"no type":             {"", `{"text":"直播"}`, 415},
		"20,000 characters":   {isJSON, `{"text":"` + strings.Repeat("直", 20000) + `"}`, 413},
		"too long as XML":     {isJSON, `{"text":"` + strings.Repeat("]]>", 5000) + `"}`, 413},
		"long behind the end": {isJSON, `{"text":"直播"}` + strings.Repeat(" ", 20000), 413},
	} {
		t.Run(name, func(t *testing.T) {
			response, data := v.post(test.contentType, test.body)
			if response.StatusCode != test.want {
				t.Errorf("status %d, want %d: %s", response.StatusCode, test.want, data)
			}
		})
	}
	response, err := v.client.Get(v.url + "/chat")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusNotFound {
		t.Errorf("GET /chat = %d, want 404", response.StatusCode)
	}
}

func TestChatAnswersOddWords(t *testing.T) {
	v := visit(t, pageService(t))
	for name, body := range map[string]string{
		"empty":                     `{"text":""}`,
		"blank":                     `{"text":"  \n "}`,
		"end of CDATA":              `{"text":"直播]]>资质"}`,
		"ends of CDATA":             `{"text":"]]>]]]]><![CDATA[>"}`,
		"script":                    `{"text":"<script>alert(1)</script>"}`,
		"XML":                       `{"text":"</Content><MsgType>event</MsgType>"}`,
		"emoji":                     `{"text":"😀👩‍👩‍👧‍👦"}`,
		"control characters":        `{"text":"直\u0000播\u001b\u0008"}`,
		"half a surrogate pair":     `{"text":"直播\ud83d"}`,
		"no UTF-8":                  "{\"text\":\"直播\xff\xfe\"}",
		"a number without a choice": `{"text":"7"}`,
		"4,000 characters":          `{"text":"` + strings.Repeat("直播", 2000) + `"}`,
		"an unknown key":            `{"tap":"nothing"}`,
		"a choice of no number":     `{"text":"直播","menu":-1}`,
	} {
		t.Run(name, func(t *testing.T) {
			got := v.send(body)
			if got.Text == "" || !utf8.ValidString(got.Text) || got.Transfer {
				t.Errorf("got %+v, want words", got)
			}
		})
	}
}

func FuzzChat(f *testing.F) {
	for _, seed := range []string{
		`{"text":"我要做直播需要什么证"}`, `{"text":"1"}`, `{"event":"subscribe"}`, `{"tap":"zizhi:教育"}`,
		`{"text":"自营贷款","menu":1}`, `{"text":"]]>"}`, `{"text":"\u0000"}`, `{`,
	} {
		f.Add([]byte(seed))
	}
	handler := pageService(f).Handler()
	f.Fuzz(func(t *testing.T, body []byte) {
		request := httptest.NewRequest(http.MethodPost, "http://localhost/chat", bytes.NewReader(body))
		request.RemoteAddr = "127.0.0.1:1"
		request.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, request)
		switch w.Code {
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		case http.StatusOK:
			var got heard
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Errorf("%v in %q", err, w.Body)
			}
		default:
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
	})
}

func TestPages(t *testing.T) {
	v := visit(t, pageService(t))
	get := func(path, tag string) (*http.Response, string) {
		t.Helper()
		request, err := http.NewRequest(http.MethodGet, v.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("If-None-Match", tag)
		response, err := v.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response, string(body)
	}
	for path, kind := range map[string]string{
		"/": "text/html; charset=utf-8", "/app.css": "text/css; charset=utf-8", "/app.js": "text/javascript; charset=utf-8", "/bot.svg": "image/svg+xml",
	} {
		response, body := get(path, "")
		if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != kind || body == "" {
			t.Errorf("GET %s = %d %s, %d bytes", path, response.StatusCode, response.Header.Get("Content-Type"), len(body))
		}
		if again, body := get(path, response.Header.Get("ETag")); again.StatusCode != http.StatusNotModified || body != "" {
			t.Errorf("GET %s again = %d, want 304", path, again.StatusCode)
		}
	}
	for _, path := range []string{"/nothing", "/web", "/chat.go", "/.git", "/..%2fchat.go"} {
		if response, _ := get(path, ""); response.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s = %d, want 404", path, response.StatusCode)
		}
	}
}

var outside = regexp.MustCompile(`(?:https?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+`)

// The page works where there is no net. Names of XML namespaces and the notice
// of where WeUI comes from are not fetched.
func TestPagesNameNothingOutside(t *testing.T) {
	files := os.DirFS("web")
	names, err := fs.Glob(files, "*")
	if err != nil || len(names) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range outside.FindAllString(string(data), -1) {
			if found != "http://www.w3.org" && name != "weui-LICENSE.txt" && (name != "weui-base.min.css" || found != "https://github.com") {
				t.Errorf("%s names %s", name, found)
			}
		}
	}
}
