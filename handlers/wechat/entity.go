package wechat

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

var named = map[string]rune{"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\''}

// entity reads the reference at the start of b, one of XML's five or a number, and
// returns its character and its length in bytes.
func entity(b []byte) (r rune, size int, err error) {
	end := bytes.IndexByte(b[:min(len(b), 12)], ';')
	if end < 0 {
		return 0, 0, fmt.Errorf("a & that begins no entity")
	}
	ref := string(b[1:end])
	if r, ok := named[ref]; ok {
		return r, end + 1, nil
	}
	digits, numeric := strings.CutPrefix(ref, "#")
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, convErr := strconv.ParseUint(digits, base, 32)
	r = rune(min(n, utf8.MaxRune+1))
	if !numeric || convErr != nil || !utf8.ValidRune(r) || !allowed(r) {
		return 0, 0, fmt.Errorf("unknown entity %q", b[:end+1])
	}
	return r, end + 1, nil
}
