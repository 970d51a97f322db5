package wechattest

import (
	"bytes"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Message is one message or event as WeChat has it before it is signed. Sending the
// same value again is what WeChat does when it retries: id and time stay the same.
//
// The functions of this file make the kinds that WeChat documents under
// 接收普通消息 and 接收事件推送; a literal makes any other.
type Message struct {
	From    string // the person's OpenID
	Type    string // MsgType: text, image, event …
	ID      int64  // MsgId; 0 = none, as events have
	Created int64  // CreateTime, Unix seconds
	Fields  []Field
}

// Field is one further element of the message, in the order they are written. A value
// is written as CDATA; Raw is written as it is and may hold XML.
type Field struct{ Name, Value, Raw string }

var lastID atomic.Int64

func init() { lastID.Store(time.Now().UnixNano()) }

func message(from, kind string, fields ...Field) Message {
	return Message{From: from, Type: kind, ID: lastID.Add(1), Created: time.Now().Unix(), Fields: fields}
}

// Text is what a person types.
func Text(from, content string) Message {
	return message(from, "text", Field{Name: "Content", Value: content})
}

// Tap is the tap on a choice: a text with the number of the bizmsgmenu link that it was.
func Tap(from, content string, menuID int) Message {
	m := Text(from, content)
	m.Fields = append(m.Fields, Field{Name: "bizmsgmenuid", Raw: strconv.Itoa(menuID)})
	return m
}

// Voice has no recognition ("") if speech recognition is switched off in the console.
func Voice(from, recognition string) Message {
	m := message(from, "voice", Field{Name: "MediaId", Value: "media-voice"}, Field{Name: "Format", Value: "amr"})
	if recognition != "" {
		m.Fields = append(m.Fields, Field{Name: "Recognition", Value: recognition})
	}
	return m
}

// Image is a picture.
func Image(from string) Message {
	return message(from, "image",
		Field{Name: "PicUrl", Value: "http://mmbiz.qpic.cn/picture"}, Field{Name: "MediaId", Value: "media-image"})
}

// Video is a film from the album.
func Video(from string) Message { return film(from, "video") }

// ShortVideo is a film taken within WeChat.
func ShortVideo(from string) Message { return film(from, "shortvideo") }

func film(from, kind string) Message {
	return message(from, kind,
		Field{Name: "MediaId", Value: "media-film"}, Field{Name: "ThumbMediaId", Value: "media-thumb"})
}

// Location is a place that the person picked on the map.
func Location(from, label string) Message {
	return message(from, "location",
		Field{Name: "Location_X", Raw: "23.134521"}, Field{Name: "Location_Y", Raw: "113.358803"},
		Field{Name: "Scale", Raw: "20"}, Field{Name: "Label", Value: label})
}

// Link is a shared page.
func Link(from, title, url string) Message {
	return message(from, "link",
		Field{Name: "Title", Value: title}, Field{Name: "Description", Value: title}, Field{Name: "Url", Value: url})
}

// MiniProgramPage is a shared mini-program card.
func MiniProgramPage(from, title string) Message {
	return message(from, "miniprogrampage",
		Field{Name: "Title", Value: title}, Field{Name: "AppId", Value: "wx0000000000000000"},
		Field{Name: "PagePath", Value: "pages/index"}, Field{Name: "ThumbUrl", Value: "http://mmbiz.qpic.cn/thumb"},
		Field{Name: "ThumbMediaId", Value: "media-thumb"})
}

// Event is any event; key may be empty.
func Event(from, event, key string, more ...Field) Message {
	m := message(from, "event", Field{Name: "Event", Value: event}, Field{Name: "EventKey", Value: key})
	m.ID = 0
	m.Fields = append(m.Fields, more...)
	return m
}

// Subscribe follows the account: scene is what the QR code said, "" without one.
func Subscribe(from, scene string) Message {
	if scene == "" {
		return Event(from, "subscribe", "")
	}
	return Event(from, "subscribe", "qrscene_"+scene, Field{Name: "Ticket", Value: "ticket"})
}

// Unsubscribe leaves the account.
func Unsubscribe(from string) Message { return Event(from, "unsubscribe", "") }

// Scan is the scan of a QR code by somebody who follows the account already.
func Scan(from, scene string) Message {
	return Event(from, "SCAN", scene, Field{Name: "Ticket", Value: "ticket"})
}

// Click is the tap on a menu button of type click.
func Click(from, key string) Message { return Event(from, "CLICK", key) }

// View is the tap on a menu button of type view.
func View(from, url string) Message {
	return Event(from, "VIEW", url, Field{Name: "MenuId", Raw: "1"})
}

// XML writes the message to the account as WeChat does.
func (m Message) XML(account string) []byte {
	var b bytes.Buffer
	b.WriteString("<xml>")
	write := func(name, value string) {
		b.WriteString("<" + name + ">" + value + "</" + name + ">\n")
	}
	write("ToUserName", cdata(account))
	write("FromUserName", cdata(m.From))
	write("CreateTime", strconv.FormatInt(m.Created, 10))
	write("MsgType", cdata(m.Type))
	for _, f := range m.Fields {
		if f.Raw != "" {
			write(f.Name, f.Raw)
			continue
		}
		write(f.Name, cdata(f.Value))
	}
	if m.ID != 0 {
		write("MsgId", strconv.FormatInt(m.ID, 10))
	}
	b.WriteString("</xml>")
	return b.Bytes()
}

func cdata(s string) string {
	return "<![CDATA[" + strings.ReplaceAll(s, "]]>", "]]]]><![CDATA[>") + "]]>"
}
