package wechat

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
)

// FuzzScanner holds the scanner against encoding/xml: whatever it accepts, that
// accepts too and reads the same.
func FuzzScanner(f *testing.F) {
	for _, doc := range []string{
		"<xml><A>1</A><B><![CDATA[2]]></B><C/><D><E>3</E>4<F>5</F></D></xml>",
		"\xef\xbb\xbf<?xml version='1.0'?>\n<xml >\n<A >&lt;&#20013;&#x4e2d;\r\n</A\t></xml>\n",
		"<xml><A><![CDATA[a]]]]><![CDATA[>b\x00\xff]]></A></xml>",
		"<xml><A.b-c_1></A.b-c_1></xml>",
		"<xml/>",
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		got, err := transcript(&scanner{src: doc})
		if err != nil {
			return
		}
		clean := strings.Map(func(r rune) rune { // as the scanner does to what XML cannot carry
			if !allowed(r) {
				return '\ufffd'
			}
			return r
		}, string(bytes.TrimPrefix(doc, []byte("\xef\xbb\xbf"))))
		want, err := transcript(xml.NewDecoder(strings.NewReader(clean)))
		if err != nil || got != want {
			t.Fatalf("%q\nscanner:      %s\nencoding/xml: %s, %v", doc, got, want, err)
		}
	})
}

// FuzzParse holds the quick way through a message against encoding/xml's: whatever
// parseTexts reads, that reads the same.
func FuzzParse(f *testing.F) {
	for _, doc := range []string{
		"<xml><ToUserName>a</ToUserName><CreateTime> 12 </CreateTime><MsgId></MsgId><Location_X>1.5</Location_X><Scale>NaN</Scale></xml>",
		"<xml><Content>a<![CDATA[<]]>b<![CDATA[]]></Content><Event/><bizmsgmenuid>x</bizmsgmenuid></xml>",
		"<xml><ScanCodeInfo><ScanType>q</ScanType></ScanCodeInfo><Idx>1</Idx></xml>",
		"<xml><Encrypt>a</Encrypt></xml>",
	} {
		f.Add([]byte(doc))
	}
	for name := range texts {
		f.Add([]byte("<xml><" + name + ">1</" + name + "></xml>"))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		quick, quickErr := parseTexts(doc)
		if quick == nil && quickErr == nil {
			return // left to parseAny
		}
		slow, slowErr := parseAny(doc)
		if (quickErr == nil) != (slowErr == nil) || quickErr == nil && fmt.Sprintf("%#v", quick) != fmt.Sprintf("%#v", slow) {
			t.Fatalf("%q is read differently: parseTexts with error %v, parseAny with error %v", doc, quickErr, slowErr)
		}
	})
}

// transcript writes down what a reader reports, without blanks outside fields and
// without the declaration.
func transcript(r xml.TokenReader) (string, error) {
	var b strings.Builder
	depth := 0
	for {
		token, err := r.Token()
		if err == io.EOF {
			return b.String(), nil
		}
		if err != nil {
			return b.String(), err
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			fmt.Fprintf(&b, "<%s%v>", token.Name.Local, token.Attr)
		case xml.EndElement:
			depth--
			fmt.Fprintf(&b, "</%s>", token.Name.Local)
		case xml.CharData:
			if depth > 1 {
				b.WriteString(strings.ReplaceAll(string(token), "<", "&lt;"))
			} else if len(bytes.TrimSpace(token)) > 0 {
				b.WriteString("text outside a field")
			}
		case xml.ProcInst:
			if b.Len() > 0 {
				b.WriteString("processing instruction")
			}
		default:
			fmt.Fprintf(&b, "%T", token)
		}
	}
}
