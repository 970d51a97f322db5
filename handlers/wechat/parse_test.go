package wechat_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"zizhi/handlers/wechat"
)

const head = "<ToUserName>gh</ToUserName><FromUserName>o</FromUserName><MsgType>text</MsgType>"

func doc(s string) string { return "<xml>" + head + s + "</xml>" }

// refusedXML are bodies that are no message of WeChat's.
var refusedXML = map[string]string{
	"empty":                       "",
	"only blanks":                 " \n\t",
	"only a declaration":          `<?xml version="1.0"?>`,
	"endless declaration":         `<?xml version="1.0"`,
	"another encoding":            `<?xml version="1.0" encoding="GBK"?>` + doc(""),
	"JSON":                        `{"ToUserName":"gh"}`,
	"form":                        "a=b&c=d",
	"another root":                "<html>" + head + "</html>",
	"root in capitals":            "<XML>" + head + "</XML>",
	"a second root":               doc("") + doc(""),
	"an empty root first":         "<xml/>" + doc(""),
	"text in front":               "x" + doc(""),
	"text behind":                 doc("") + "x",
	"zero byte behind":            doc("") + "\x00",
	"CDATA behind":                doc("") + "<![CDATA[]]>",
	"element behind":              doc("") + "<a></a>",
	"DOCTYPE":                     `<!DOCTYPE xml [<!ENTITY a "b">]>` + doc(""),
	"DOCTYPE inside":              doc("<!DOCTYPE a>"),
	"entity of a DOCTYPE":         doc("<Content>&a;</Content>"),
	"comment":                     doc("<!-- -->"),
	"processing instruction":      doc("<?php ?>"),
	"attribute":                   doc(`<Content a="b"></Content>`),
	"attribute of the root":       `<xml xmlns="a">` + head + "</xml>",
	"prefix":                      doc("<a:Content></a:Content>"),
	"element in text":             doc("<Content>a<b/>c</Content>"),
	"text between fields":         doc("x"),
	"CDATA between fields":        doc("<![CDATA[x]]>"),
	"a second FromUserName":       doc("<FromUserName>other</FromUserName>"),
	"a second MsgType":            doc("<MsgType/>"),
	"a second unknown field":      doc("<New>1</New><New>2</New>"),
	"not closed":                  "<xml>" + head,
	"field not closed":            doc("<Content>"),
	"crossed":                     doc("<A><B></A></B>"),
	"closed too often":            doc("</xml>"),
	"CDATA not closed":            doc("<Content><![CDATA[x</Content>"),
	"]]> in text":                 doc("<Content>a]]>b</Content>"),
	"< in text":                   doc("<Content>a < b</Content>"),
	"& in text":                   doc("<Content>a & b</Content>"),
	"unknown entity":              doc("<Content>&nbsp;</Content>"),
	"entity without end":          doc("<Content>&ltltltltltlt;</Content>"),
	"entity of a zero byte":       doc("<Content>&#0;</Content>"),
	"entity past Unicode":         doc("<Content>&#x110000;</Content>"),
	"entity of a surrogate":       doc("<Content>&#xD800;</Content>"),
	"empty entity":                doc("<Content>&#;</Content>"),
	"nested deep":                 doc(strings.Repeat("<a>", 8) + strings.Repeat("</a>", 8)),
	"nested 10,000 deep":          doc(strings.Repeat("<a>", 10000) + strings.Repeat("</a>", 10000)),
	"100,000 attributes":          doc("<Content" + strings.Repeat(` a="b"`, 100000) + "></Content>"),
	"letters for a number":        doc("<MsgId>many</MsgId>"),
	"a number past 64 bits":       doc("<CreateTime>99999999999999999999</CreateTime>"),
	"without ToUserName":          "<xml><FromUserName>o</FromUserName><MsgType>text</MsgType></xml>",
	"without FromUserName":        "<xml><ToUserName>gh</ToUserName><MsgType>text</MsgType></xml>",
	"without MsgType":             "<xml><ToUserName>gh</ToUserName><FromUserName>o</FromUserName></xml>",
	"an empty FromUserName":       "<xml><ToUserName>gh</ToUserName><FromUserName/><MsgType>text</MsgType></xml>",
	"an empty root":               "<xml></xml>",
	"an end tag with a slash":     doc("<Content></Content/>"),
	"nothing but an open bracket": "<",
}

func TestRefusedXML(t *testing.T) {
	cases := maps.Clone(refusedXML)
	many := strings.Builder{}
	for i := range 200 {
		many.WriteString("<a" + strings.Repeat("b", i) + "/>")
	}
	cases["200 fields"] = doc(many.String())
	for name, body := range cases {
		if e, err := door(wechat.Plain).Open(query(stamp, nonce, ""), []byte(body), now); !errors.Is(err, wechat.ErrGarbled) {
			t.Errorf("%s: %v (%+v), expected ErrGarbled", name, err, e)
		}
		sealed := encrypt(t, []byte(body), appID, key)
		if _, err := door(wechat.Safe).Open(query(stamp, nonce, sealed), wrap(sealed), now); !errors.Is(err, wechat.ErrGarbled) {
			t.Errorf("%s, encrypted: %v, expected ErrGarbled", name, err)
		}
	}
}

func TestReadXML(t *testing.T) {
	cases := []struct{ name, content, want string }{
		{"CDATA", "<![CDATA[直播]]>", "直播"},
		{"text", "直播", "直播"},
		{"two sections", "<![CDATA[a]]]]><![CDATA[>b]]>", "a]]>b"},
		{"section and text", "a<![CDATA[<]]>b", "a<b"},
		{"empty section", "<![CDATA[]]>", ""},
		{"nothing", "", ""},
		{"entities", "&lt;a&gt; &amp;amp; &quot;&apos; &#20013;&#x56fd;", `<a> &amp; "' 中国`},
		{"no entities in CDATA", "<![CDATA[&lt; & <b>]]>", "&lt; & <b>"},
		{"line ends", "<![CDATA[a\r\nb\rc\nd]]>", "a\nb\nc\nd"},
		{"blanks stay", "<![CDATA[ a\t]]>", " a\t"},
		{"script", "<![CDATA[<script>alert(1)</script>]]>", "<script>alert(1)</script>"},
		{"invalid UTF-8", "<![CDATA[a\xff\xfeb]]>", "a\ufffd\ufffdb"},
		{"half a character", "<![CDATA[\xe7\x9b]]>", "\ufffd\ufffd"},
		{"control characters", "<![CDATA[a\x00b\x08c]]>", "a\ufffdb\ufffdc"},
		{"no characters", "a\uffffb", "a\ufffdb"},
		{"emoji", "<![CDATA[👩‍👩‍👧]]>", "👩‍👩‍👧"},
	}
	for _, c := range cases {
		for _, frame := range []string{
			"<xml>" + head + "<Content>%</Content></xml>",
			"\xef\xbb\xbf <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xml>\n" + head + "\n<Content >%</Content\n>\n<New><a><b/>x</a></New></xml >\n\n",
		} {
			body := strings.Replace(frame, "%", c.content, 1)
			e, err := door(wechat.Plain).Open(query(stamp, nonce, ""), []byte(body), now)
			if err != nil || e.Message.Content != c.want {
				t.Errorf("%s: %v, read %+v, expected %q", c.name, err, e, c.want)
			}
		}
	}
}
