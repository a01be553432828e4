package cookie

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// Encoding is how a cookie's value is written as cookie-octets. It is part of the
// declaration, never guessed from what a client sends.
type Encoding uint8

const (
	// Plain, the zero value, writes the value unchanged. Set rejects everything
	// but cookie-octets: control bytes, space, tab, double quote, comma, semicolon,
	// backslash and bytes over 0x7F. A value in double quotes is the grammar's
	// quoted form: the quotes are sent, and Get removes them.
	Plain Encoding = iota
	// Percent writes UTF-8 text, with % and every byte that is not a cookie-octet
	// as %XX. Set rejects other text. A value with broken escapes, or that does not
	// decode to UTF-8, is malformed; + is a plus sign.
	Percent
	// Base64 writes any bytes in the URL-safe alphabet without padding (RFC 4648
	// section 5). Any other spelling is malformed.
	Base64
)

var rawURL = base64.RawURLEncoding.Strict()

// encode returns value as written in a Set-Cookie line, or why it cannot be.
func (e Encoding) encode(value string) (string, *fault) {
	switch e {
	case Percent:
		return percentEncode(value)
	case Base64:
		return rawURL.EncodeToString([]byte(value)), nil
	}
	inner := rule.Unquote(value)
	if i := rule.IndexNot(inner, rule.IsCookieOctet); i >= 0 {
		return "", faultAt(value, i+(len(value)-len(inner))/2)
	}
	return value, nil
}

// decode returns the value of wire, which has no quotes around it, or why it is
// malformed.
func (e Encoding) decode(wire string) (string, *fault) {
	if i := rule.IndexControl(wire); i >= 0 {
		return "", faultAt(wire, i)
	}
	switch e {
	case Percent:
		return percentDecode(wire)
	case Base64:
		b, err := rawURL.DecodeString(wire)
		if at, bad := err.(base64.CorruptInputError); bad {
			return "", &fault{int(at), "is not base64url"}
		}
		return string(b), nil
	}
	return wire, nil
}

// carrier names the encoding that can write value, which the declared one cannot.
func carrier(value string) string {
	if utf8.ValidString(value) {
		return "cookie.Percent"
	}
	return "cookie.Base64"
}

func percentEncode(s string) (string, *fault) {
	if i := invalidUTF8(s); i >= 0 {
		return "", &fault{i, "is not valid UTF-8"}
	}
	escapes := 0
	for i := range len(s) {
		if mustEscape(s[i]) {
			escapes++
		}
	}
	if escapes == 0 {
		return s, nil
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s) + 2*escapes)
	for i := range len(s) {
		if c := s[i]; mustEscape(c) {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

func mustEscape(c byte) bool { return c == '%' || !rule.IsCookieOctet(c) }

func percentDecode(s string) (string, *fault) {
	text := s
	if strings.IndexByte(s, '%') >= 0 {
		var b strings.Builder
		b.Grow(len(s))
		for i := 0; i < len(s); i++ {
			if s[i] != '%' {
				b.WriteByte(s[i])
				continue
			}
			v, err := strconv.ParseUint(s[i+1:min(i+3, len(s))], 16, 8)
			if err != nil || i+2 >= len(s) {
				return "", &fault{i, "has a broken escape"}
			}
			b.WriteByte(byte(v))
			i += 2
		}
		text = b.String()
	}
	if i := invalidUTF8(text); i >= 0 {
		return "", &fault{i, "is not valid UTF-8"}
	}
	return text, nil
}

// invalidUTF8 returns the offset of the first byte of s that is not UTF-8, or -1.
func invalidUTF8(s string) int {
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return i
		}
	}
	return -1
}
