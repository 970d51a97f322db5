package wechattest

import (
	"encoding/json"
	"slices"
	"time"
)

// What a person's action allows of customer-service messages (客服消息).
const (
	messageWindow, messageLimit = 48 * time.Hour, 5
	tapWindow, tapLimit         = time.Minute, 3
	maxCustomText               = 2048 // bytes
)

// Sent is a customer-service message that reached a person.
type Sent struct {
	To   string
	Type string // text, image, msgmenu …
	Text string // the content, if Type is text
	Body []byte // the JSON as it was posted
}

type window struct {
	ends time.Time
	left int
}

// Hear notes that a person wrote to the account: 5 messages within 48 hours are allowed.
// To somebody of whom nothing was heard none is (45015).
func (a *API) Hear(openID string) { a.allow(openID, messageWindow, messageLimit) }

// Tapped notes that a person tapped on the menu, subscribed or scanned a code: 3
// messages within a minute are allowed.
func (a *API) Tapped(openID string) { a.allow(openID, tapWindow, tapLimit) }

func (a *API) allow(openID string, length time.Duration, limit int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.windows == nil {
		a.windows = map[string]*window{}
	}
	w := a.windows[openID]
	if w == nil || !a.now().Before(w.ends) {
		w = new(window)
		a.windows[openID] = w
	}
	if ends := a.now().Add(length); ends.After(w.ends) {
		w.ends = ends
	}
	w.left = max(w.left, limit)
}

// Sent returns the customer-service messages that reached people, oldest first.
func (a *API) Sent() []Sent {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.sent)
}

var customTypes = []string{
	"text", "image", "voice", "video", "music", "news", "mpnews", "mpnewsarticle", "msgmenu", "wxcard", "miniprogrampage",
}

func (a *API) sendCustom(c Call) any {
	var in struct {
		To   string `json:"touser"`
		Type string `json:"msgtype"`
		Text struct {
			Content string `json:"content"`
		} `json:"text"`
	}
	w, err := (*window)(nil), json.Unmarshal(c.Body, &in)
	if err == nil {
		w = a.windows[in.To]
	}
	switch {
	case err != nil:
		return 47001
	case in.To == "":
		return 40003
	case !slices.Contains(customTypes, in.Type):
		return 40008
	case in.Type == "text" && in.Text.Content == "":
		return 44004
	case len(in.Text.Content) > maxCustomText:
		return 45002
	case w == nil || !a.now().Before(w.ends):
		return 45015
	case w.left == 0:
		return 45047
	}
	w.left--
	a.sent = append(a.sent, Sent{To: in.To, Type: in.Type, Text: in.Text.Content, Body: slices.Clone(c.Body)})
	return 0
}
