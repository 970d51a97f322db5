package wechat

import (
	"errors"
	"strconv"
	"strings"

	"github.com/silenceper/wechat/v2/officialaccount/message"
)

// field is a child of <xml> that is plain text and may have no children.
type field struct {
	name string
	at   func(m *message.MixMessage) any // where the SDK's model has it; nil = nowhere
}

// texts holds these fields by their names. Keeping the names spares a new string each
// time one is read.
var texts = func() map[string]field {
	type mix = message.MixMessage
	byName := map[string]field{}
	for _, f := range []field{
		{"ToUserName", func(m *mix) any { return (*string)(&m.ToUserName) }},
		{"FromUserName", func(m *mix) any { return (*string)(&m.FromUserName) }},
		{"CreateTime", func(m *mix) any { return &m.CreateTime }},
		{"MsgType", func(m *mix) any { return (*string)(&m.MsgType) }},
		{"MsgId", func(m *mix) any { return &m.MsgID }},
		{"MsgID", func(m *mix) any { return &m.TemplateMsgID }},
		{"Content", func(m *mix) any { return &m.Content }},
		{"bizmsgmenuid", func(m *mix) any { return &m.BizMsgMenuID }},
		{"Recognition", func(m *mix) any { return &m.Recognition }},
		{"MediaId", func(m *mix) any { return &m.MediaID }},
		{"PicUrl", func(m *mix) any { return &m.PicURL }},
		{"Format", func(m *mix) any { return &m.Format }},
		{"ThumbMediaId", func(m *mix) any { return &m.ThumbMediaID }},
		{"Location_X", func(m *mix) any { return &m.LocationX }},
		{"Location_Y", func(m *mix) any { return &m.LocationY }},
		{"Scale", func(m *mix) any { return &m.Scale }},
		{"Label", func(m *mix) any { return &m.Label }},
		{"Title", func(m *mix) any { return &m.Title }},
		{"Description", func(m *mix) any { return &m.Description }},
		{"Url", func(m *mix) any { return &m.URL }},
		{"AppId", func(m *mix) any { return &m.AppID }},
		{"Event", func(m *mix) any { return (*string)(&m.Event) }},
		{"EventKey", func(m *mix) any { return &m.EventKey }},
		{"Ticket", func(m *mix) any { return &m.Ticket }},
		{"Latitude", func(m *mix) any { return &m.Latitude }},
		{"Longitude", func(m *mix) any { return &m.Longitude }},
		{"Precision", func(m *mix) any { return &m.Precision }},
		{"MenuId", func(m *mix) any { return &m.MenuID }},
		{"Status", func(m *mix) any { return &m.Status }},
		{"MsgDataId", nil}, {"Idx", nil}, {"MediaId16K", nil}, {"PagePath", nil}, {"ThumbUrl", nil}, {"Encrypt", nil},
	} {
		byName[f.name] = f
	}
	return byName
}()

// set puts the field's text where the model has it, read as encoding/xml reads it.
func (f field) set(m *message.MixMessage, text []byte) (err error) {
	if f.name == "Encrypt" {
		return errors.New("an encrypted message inside a message")
	}
	if f.at == nil {
		return nil
	}
	switch p := f.at(m).(type) {
	case *string:
		*p = string(text)
	case *int64:
		if len(text) > 0 {
			*p, err = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		}
	case *float64:
		if len(text) > 0 {
			*p, err = strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
		}
	}
	return err
}
