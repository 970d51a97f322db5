package handlers

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"regexp"

	"zizhi/handlers/wechat"
	"zizhi/handlers/wechat/wechattest"
)

//go:embed web
var web embed.FS

// pages serves what is built in under web. Built-in files have no time, so an
// ETag tells browsers whether theirs still stands.
func pages() http.Handler {
	files, err := fs.Sub(web, "web")
	if err != nil {
		panic(err) // the folder is built in
	}
	tags := entityTags(files)
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		if tag := tags[r.URL.Path]; tag != "" {
			w.Header().Set("ETag", tag)
			w.Header().Set("Cache-Control", "no-cache") // ask each time: a new binary brings new pages
		}
		server.ServeHTTP(w, r)
	})
}

// entityTags maps the path of each page to its ETag.
func entityTags(files fs.FS) map[string]string {
	tags := map[string]string{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		sum := sha256.Sum256(data)
		tags["/"+name] = fmt.Sprintf(`"%x"`, sum[:12])
		return err
	})
	if err != nil {
		panic(err) // the files are built in
	}
	tags["/"] = tags["/index.html"]
	return tags
}

// chat is the page's way in. It takes WeChat's place: what a person does on the
// page becomes the very message that WeChat would deliver, signed and encrypted
// with a token and a key that only this process has, and goes through the same
// webhook code as those that WeChat delivers.
type chat struct {
	*Service
	sender  *wechattest.Sender
	webhook http.Handler
}

func (s *Service) newChat(g *gate) *chat {
	sender := &wechattest.Sender{
		URL: "/wechat", Token: rand.Text(), AppID: "wx" + rand.Text(), Key: newAESKey(), Mode: wechat.Safe,
	}
	door := &wechat.Door{Token: sender.Token, AppID: sender.AppID, Keys: []string{sender.Key}, Mode: sender.Mode}
	return &chat{Service: s, sender: sender, webhook: s.guarded(&webhook{Service: s, door: door, gate: g})}
}

// newAESKey makes an EncodingAESKey: 32 random bytes as 43 characters.
func newAESKey() string {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	return base64.RawStdEncoding.EncodeToString(key)
}

const largestChat = 16 << 10 // bytes of JSON

// said is what the page posts: one of text, event and tap.
type said struct {
	Text  *string `json:"text"`  // words
	Menu  int     `json:"menu"`  // with text: the number of the tapped choice, from 1
	Event string  `json:"event"` // "subscribe": the page was opened
	Tap   string  `json:"tap"`   // key of a menu button
}

// heard is what the page gets back.
type heard struct {
	Text     string `json:"text"`     // as WeChat shows it, with links for choices; empty: nothing is to be said
	Transfer bool   `json:"transfer"` // a person takes over
}

// ServeHTTP answers 200 with a heard; 413 to what is too long, 415 to what is
// no JSON, 400 to any other JSON than a said.
func (c *chat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// A form on a page elsewhere can post, but not with this type.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		http.Error(w, "send JSON with Content-Type: application/json", http.StatusUnsupportedMediaType)
		return
	}
	in, err := readSaid(http.MaxBytesReader(w, r.Body, largestChat))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		http.Error(w, "too long: at most 16 KiB in one message", http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		http.Error(w, `write {"text":"…"}, {"event":"subscribe"} or {"tap":"key"}: `+err.Error(), http.StatusBadRequest)
		return
	}
	c.deliver(w, r, in.message(person(w, r)))
}

func readSaid(body io.Reader) (said, error) {
	var in said
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return said{}, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return said{}, errors.Join(errors.New("something follows the JSON"), err)
	}
	given := 0
	for _, is := range []bool{in.Text != nil, in.Event != "", in.Tap != ""} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		return said{}, fmt.Errorf("%d of text, event and tap are given", given)
	case in.Event != "" && in.Event != "subscribe":
		return said{}, fmt.Errorf("unknown event %.20q", in.Event)
	}
	return in, nil
}

// message is what WeChat would deliver for it.
func (in said) message(from string) wechattest.Message {
	switch {
	case in.Event != "":
		return wechattest.Subscribe(from, "")
	case in.Tap != "":
		return wechattest.Click(from, in.Tap)
	case in.Menu > 0:
		return wechattest.Tap(from, *in.Text, in.Menu)
	}
	return wechattest.Text(from, *in.Text)
}

// deliver has the webhook answer m, and reads the answer as WeChat would.
func (c *chat) deliver(w http.ResponseWriter, r *http.Request, m wechattest.Message) {
	request, err := c.sender.Request(r.Context(), m)
	if err != nil {
		c.fault(w, err)
		return
	}
	answer := &recorder{header: http.Header{}, status: http.StatusOK}
	c.webhook.ServeHTTP(answer, request)
	if answer.status == http.StatusRequestEntityTooLarge {
		http.Error(w, "too long", answer.status)
		return
	}
	reply, err := c.sender.Judge(m, answer.status, answer.body.Bytes())
	if err != nil {
		c.fault(w, err)
		return
	}
	writeJSON(w, heard{Text: reply.Text, Transfer: reply.Type == "transfer_customer_service"})
}

func (c *chat) fault(w http.ResponseWriter, err error) {
	c.Log.Error("the page got no answer", "error", err)
	http.Error(w, wechattest.ErrFault.Error(), http.StatusInternalServerError)
}

// recorder keeps what a handler writes.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

const personCookie = "zizhi_person"

var personID = regexp.MustCompile(`^web_[0-9a-f]{32}$`)

// person names the browser that asks: each is somebody of its own until it is closed.
func person(w http.ResponseWriter, r *http.Request) string {
	if cookie, err := r.Cookie(personCookie); err == nil && personID.MatchString(cookie.Value) {
		return cookie.Value
	}
	random := make([]byte, 16)
	rand.Read(random) // never fails
	id := "web_" + hex.EncodeToString(random)
	http.SetCookie(w, &http.Cookie{
		Name: personCookie, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	})
	return id
}
