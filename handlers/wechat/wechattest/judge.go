package wechattest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/silenceper/wechat/v2/util"

	"zizhi/handlers/wechat"
)

// MaxText is how many bytes of UTF-8 a text may have as a passive reply.
const MaxText = 2047

// ErrFault is what the person reads when the server does not answer, or answers with
// something that is no reply. Errors that wrap it say why.
var ErrFault = errors.New("该公众号提供的服务出现故障，请稍后再试")

// Reply is what reached the person.
type Reply struct {
	None bool   // the server said "success" or nothing: the person reads nothing
	Type string // text, transfer_customer_service, image …; "" if None
	Text string // what the person reads, if Type is text
	XML  []byte // the reply's XML, decrypted; nil if None

	Deliveries int           // how many times the message was sent until this came (Send)
	Took       time.Duration // the last delivery's time until the last byte (Send)
}

// carries names the element that a reply of each type must have besides the common ones.
var carries = map[string]string{
	"text": "Content", "image": "Image", "voice": "Voice", "video": "Video",
	"music": "Music", "news": "Articles", "transfer_customer_service": "",
}

// Judge says what the person reads after the server answered m with this status and
// body. The error wraps ErrFault.
func (s *Sender) Judge(m Message, status int, body []byte) (*Reply, error) {
	if status != http.StatusOK {
		return nil, fault("status %d: %.200q", status, body)
	}
	if len(body) == 0 || string(body) == "success" {
		return &Reply{None: true}, nil
	}
	plain, err := s.unwrap(body)
	if err != nil {
		return nil, err
	}
	fields, err := flatten(plain)
	if err != nil {
		return nil, fault("the reply is not the XML of a reply (%w): %.300q", err, plain)
	}
	if err := s.check(m, fields); err != nil {
		return nil, err
	}
	return &Reply{Type: fields["MsgType"], Text: fields["Content"], XML: plain}, nil
}

func fault(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrFault, fmt.Errorf(format, args...))
}

// unwrap decrypts a reply if it is encrypted, as it must be in Safe, may be in Compat
// and must not be in Plain.
func (s *Sender) unwrap(body []byte) ([]byte, error) {
	fields, err := flatten(body)
	if err != nil {
		return nil, fault("the body is not XML (%w): %.300q", err, body)
	}
	sealed, encrypted := fields["Encrypt"]
	switch {
	case !encrypted && s.Mode == wechat.Safe:
		return nil, fault("the reply is not encrypted, but the mode is safe")
	case encrypted && s.Mode == wechat.Plain:
		return nil, fault("the reply is encrypted, but the mode is plain")
	case !encrypted:
		return body, nil
	}
	if fields["MsgSignature"] != util.Signature(s.Token, fields["TimeStamp"], fields["Nonce"], sealed) {
		return nil, fault("the reply's MsgSignature is wrong")
	}
	if _, err := strconv.ParseInt(fields["TimeStamp"], 10, 64); err != nil || fields["Nonce"] == "" {
		return nil, fault("the reply has no TimeStamp in seconds or no Nonce")
	}
	plain, err := s.decrypt(sealed)
	if err != nil {
		return nil, fault("the reply cannot be decrypted: %w", err)
	}
	return plain, nil
}

// check looks at a decrypted reply's fields.
func (s *Sender) check(m Message, f map[string]string) error {
	needs, known := carries[f["MsgType"]]
	text, has := f[needs]
	_, timeErr := strconv.ParseInt(f["CreateTime"], 10, 64)
	switch {
	case f["ToUserName"] != m.From || f["FromUserName"] != s.account():
		return fault("the reply goes from %q to %q, expected from %q to %q", f["FromUserName"], f["ToUserName"], s.account(), m.From)
	case timeErr != nil:
		return fault("CreateTime %q is not a number of seconds", f["CreateTime"])
	case !known:
		return fault("unknown MsgType %q", f["MsgType"])
	case needs != "" && !has:
		return fault("a reply of type %s without %s", f["MsgType"], needs)
	case f["MsgType"] == "text" && strings.TrimSpace(text) == "":
		return fault("an empty text")
	case f["MsgType"] == "text" && len(text) > MaxText:
		return fault("the text has %d bytes, %d are allowed", len(text), MaxText)
	}
	return nil
}

// flatten reads a document with the root <xml> and nothing after it into its fields'
// texts. A field that holds elements has the text "".
func flatten(doc []byte) (map[string]string, error) {
	if !utf8.Valid(doc) || !bytes.HasPrefix(bytes.TrimSpace(doc), []byte("<")) {
		return nil, errors.New("no markup in UTF-8")
	}
	var root struct {
		XMLName struct{} `xml:"xml"`
		Fields  []struct {
			XMLName xml.Name
			Text    string `xml:",chardata"`
		} `xml:",any"`
	}
	d := xml.NewDecoder(bytes.NewReader(doc))
	if err := d.Decode(&root); err != nil {
		return nil, err
	}
	fields := make(map[string]string, len(root.Fields))
	for _, f := range root.Fields {
		if _, twice := fields[f.XMLName.Local]; twice {
			return nil, fmt.Errorf("a second %s", f.XMLName.Local)
		}
		fields[f.XMLName.Local] = f.Text
	}
	if rest := bytes.TrimSpace(doc[d.InputOffset():]); len(rest) > 0 {
		return nil, fmt.Errorf("%.40q after the end", rest)
	}
	return fields, nil
}
