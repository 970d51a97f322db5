package wechat

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"github.com/silenceper/wechat/v2/officialaccount/message"
)

// findEncrypt reads the whole body and returns the text of its Encrypt element, if
// there is one.
func findEncrypt(body []byte) (sealed string, found bool, err error) {
	s := scanner{src: body}
	if err := s.drain(); err != nil {
		return "", false, err
	}
	return string(s.encrypt), s.encrypted, nil
}

// parse reads one unencrypted message.
func parse(body []byte) (*message.MixMessage, error) {
	m, err := parseTexts(body)
	if err == nil && m == nil {
		m, err = parseAny(body)
	}
	switch {
	case err != nil:
		return nil, err
	case m.ToUserName == "":
		return nil, errors.New("ToUserName is missing")
	case m.FromUserName == "":
		return nil, errors.New("FromUserName is missing")
	case m.MsgType == "":
		return nil, errors.New("MsgType is missing")
	}
	return m, nil
}

// parseTexts reads messages that consist of the fields in texts alone, as nearly all
// do, in a quarter of the time that encoding/xml takes. It returns nil for others; a
// fuzz test compares the two.
func parseTexts(body []byte) (*message.MixMessage, error) {
	s := scanner{src: body}
	m := new(message.MixMessage)
	var text []byte
	for {
		ev, name, part, err := s.next()
		switch {
		case err == io.EOF:
			return m, nil
		case err != nil:
			return nil, err
		case ev == startTag && s.depth == 2 && texts[name].name == "":
			return nil, nil
		case ev == startTag:
			text = nil
		case ev == charData && text == nil:
			text = part
		case ev == charData:
			text = append(text[:len(text):len(text)], part...)
		case s.depth == 1: // the end of a field
			if err := texts[name].set(m, text); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
}

// parseAny reads messages of any kind that the SDK's model knows.
func parseAny(body []byte) (*message.MixMessage, error) {
	s := &scanner{src: body}
	m := new(message.MixMessage)
	if err := xml.NewTokenDecoder(s).Decode(m); err != nil {
		return nil, err
	}
	if err := s.drain(); err != nil {
		return nil, err
	}
	if s.encrypted {
		return nil, errors.New("an encrypted message inside a message")
	}
	return m, nil
}
