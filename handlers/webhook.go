package handlers

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/silenceper/wechat/v2/officialaccount/message"

	"zizhi/bot"
	"zizhi/handlers/wechat"
)

const (
	largestBody = 64 << 10        // bytes; the longest text of WeChat's is 2,048
	replyWithin = 4 * time.Second // WeChat closes the connection after five seconds
)

// webhook is where WeChat delivers messages.
type webhook struct {
	*Service
	door *wechat.Door
	gate *gate
	push *pusher // nil: further parts of long answers wait for 继续
}

func (h *webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case h.door == nil:
		http.Error(w, "no WECHAT_TOKEN is configured, so no message can be verified", http.StatusServiceUnavailable)
	case r.Method == http.MethodGet:
		h.verify(w, r)
	case r.Method == http.MethodPost:
		h.deliver(w, r)
	default:
		w.Header().Set("Allow", "GET, POST")
		h.refuse(w, "method", http.StatusMethodNotAllowed)
	}
}

// verify answers WeChat's question whether this server knows the token.
func (h *webhook) verify(w http.ResponseWriter, r *http.Request) {
	echo, err := h.door.Verify(r.URL.Query(), time.Now())
	if err != nil {
		h.refuseError(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, echo)
}

// deliver opens a message, has it answered and seals the reply.
func (h *webhook) deliver(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	body, ok := h.body(w, r)
	if !ok {
		return
	}
	envelope, err := h.door.Open(r.URL.Query(), body, began)
	if err != nil {
		h.refuseError(w, err)
		return
	}
	m := toMessage(envelope)
	m.Push = h.push != nil
	ctx, cancel := context.WithTimeout(r.Context(), replyWithin)
	defer cancel()
	reply, err := h.gate.reply(ctx, h.Bot, m)
	if err != nil {
		h.refuse(w, "replayed", http.StatusForbidden)
		return
	}
	h.seal(w, envelope, reply)
	if len(reply.Rest) > 0 {
		http.NewResponseController(w).Flush() // the first part comes first; if it fails WeChat is gone
		h.push.push(m.User, reply.Rest)
	}
	h.Metrics.answered(string(envelope.Message.MsgType), string(envelope.Message.Event), reply, time.Since(began))
	h.log(r, m, reply, time.Since(began)) // the reply leaves after this: each that arrives has its line
}

// body reads what was posted, up to the limit.
func (h *webhook) body(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	if !mayBeXML(r.Header.Get("Content-Type")) {
		h.refuse(w, "content type", http.StatusUnsupportedMediaType)
		return nil, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		h.refuse(w, "too large", http.StatusRequestEntityTooLarge)
	case err != nil:
		h.refuse(w, "unreadable", http.StatusBadRequest)
	}
	return body, err == nil
}

// mayBeXML accepts XML, and what HTTP clients put by themselves before a raw body.
func mayBeXML(contentType string) bool {
	if contentType == "" {
		return true
	}
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	switch kind {
	case "text/xml", "application/xml", "text/plain", "application/octet-stream", "application/x-www-form-urlencoded":
		return true
	}
	return strings.HasSuffix(kind, "+xml")
}

// seal writes the reply; success where there is nothing to say.
func (h *webhook) seal(w http.ResponseWriter, envelope *wechat.Envelope, reply bot.Reply) {
	if reply.Text == "" && !reply.Transfer {
		writeSuccess(w)
		return
	}
	// The time is the message's own: every delivery then gets the same bytes.
	sent := time.Unix(envelope.Message.CreateTime, 0)
	sealed, err := h.door.Seal(envelope, wechat.Reply{Text: reply.Text, Transfer: reply.Transfer}, sent)
	if err != nil {
		h.Log.Error("cannot seal a reply; answered with success", "error", err)
		writeSuccess(w)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(sealed)))
	w.Write(sealed)
}

// writeSuccess tells WeChat that the message has arrived and gets no reply.
func writeSuccess(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, "success")
}

func (h *webhook) refuseError(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, wechat.ErrStale):
		h.refuse(w, "stale", http.StatusForbidden)
	case errors.Is(err, wechat.ErrForged):
		h.refuse(w, "forged", http.StatusForbidden)
	default:
		h.refuse(w, "garbled", http.StatusBadRequest)
	}
}

// refuse says no more than the status: who forges messages shall not learn why they fail.
func (h *webhook) refuse(w http.ResponseWriter, reason string, status int) {
	h.Metrics.refused.WithLabelValues(reason).Inc()
	h.Log.Warn("refused a delivery", "reason", reason, "status", status)
	http.Error(w, http.StatusText(status), status)
}

func (h *webhook) log(r *http.Request, m bot.Message, reply bot.Reply, took time.Duration) {
	fields := []any{"kind", reply.Kind, "rows", reply.Rows, "score", reply.Score, "took", took}
	if reply.Unkept {
		fields = append(fields, "unkept", true)
	}
	if h.LogText {
		fields = append(fields, "text", m.Text)
	}
	h.Log.InfoContext(r.Context(), "answered", fields...)
}

// toMessage takes from a delivery what the bot needs to know.
func toMessage(e *wechat.Envelope) bot.Message {
	in := e.Message
	m := bot.Message{
		Kind: bot.Ignored, User: string(in.FromUserName), ID: e.Key(), Proof: e.Signature,
		At: time.Unix(in.CreateTime, 0),
	}
	switch in.MsgType {
	case message.MsgTypeText:
		m.Kind, m.Text = bot.Text, in.Content
	case message.MsgTypeVoice:
		m.Kind = bot.Unheard
		if in.Recognition != "" {
			m.Kind, m.Text = bot.Text, in.Recognition
		}
	case message.MsgTypeImage, message.MsgTypeVideo, message.MsgTypeShortVideo:
		m.Kind = bot.Picture
	case message.MsgTypeLocation:
		m.Kind = bot.Place
	case message.MsgTypeLink, message.MsgTypeMiniprogrampage:
		m.Kind = bot.Link
	case message.MsgTypeEvent:
		m.Kind, m.Text = eventKind(in.Event), in.EventKey
	}
	return m
}

func eventKind(event message.EventType) bot.MessageKind {
	switch event {
	case message.EventSubscribe:
		return bot.Follow
	case message.EventUnsubscribe:
		return bot.Unfollow
	case message.EventClick:
		return bot.Tap
	case message.EventScan:
		return bot.Scan
	case "kf_close_session": // 客服关闭会话: the human agent has finished
		return bot.Returned
	}
	return bot.Ignored
}
