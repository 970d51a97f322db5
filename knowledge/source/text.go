package source

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	utf "golang.org/x/text/encoding/unicode"
)

// decode makes text of bytes: UTF-8, UTF-16 with a mark in front (Excel's
// "Unicode text"), or else GB18030, which has GBK and GB2312 in it. What cannot
// be decoded becomes U+FFFD; a row with one is left out later.
func (r *rowReader) decode(data []byte) string {
	if bytes.HasPrefix(data, []byte("\xFF\xFE")) || bytes.HasPrefix(data, []byte("\xFE\xFF")) {
		return decoded(utf.UTF16(utf.LittleEndian, utf.UseBOM), data)
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if utf8.Valid(data) {
		return string(data)
	}
	r.remark("file", "is not UTF-8; read as GB18030")
	return decoded(simplifiedchinese.GB18030, data)
}

func decoded(e encoding.Encoding, data []byte) string {
	text, err := e.NewDecoder().Bytes(data)
	if err != nil { // neither decoder reports bad input
		panic(err)
	}
	return string(text)
}

// tidy puts the text of a cell on one line: any white space is one space, and
// what nobody sees is dropped.
func tidy(text string) string {
	text = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case unicode.IsControl(c) || unicode.Is(unicode.Cf, c):
			return -1
		}
		return c // a byte that is no UTF-8 comes as U+FFFD
	}, text)
	return strings.Join(strings.Fields(text), " ")
}
