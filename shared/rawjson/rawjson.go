// Package rawjson reads JSON without decoding it: members in their order, names in
// their case, repeated ones too, and values as the text that they have. In maps of
// encoding/json the order is lost, which decides between two spellings of a header,
// and its structs match names without case, which AWS does not.
//
// All functions need text that [encoding/json.Valid] has accepted, and panic or
// never return on other text. So they need no error handling, and every string
// without escapes is cut out of the text instead of being copied. That makes reading
// an event several times cheaper than encoding/json into maps.
package rawjson

import (
	"encoding/json"
	"iter"
	"strconv"
	"strings"
)

// Members yields the name and the value's text of each member of an object.
func Members(object string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for i := skipSpace(object, 1); object[i] != '}'; {
			end := valueEnd(object, i)
			name := Unquote(object[i:end])
			i = skipSpace(object, skipSpace(object, end)+len(":"))
			end = valueEnd(object, i)
			if !yield(name, object[i:end]) {
				return
			}
			i = nextItem(object, end)
		}
	}
}

// HasMembers reports whether object, "" being none, has any.
func HasMembers(object string) bool {
	return object != "" && object[skipSpace(object, 1)] != '}'
}

// Elements yields the text of each element of an array.
func Elements(array string) iter.Seq[string] {
	return func(yield func(value string) bool) {
		for i := skipSpace(array, 1); array[i] != ']'; {
			end := valueEnd(array, i)
			if !yield(array[i:end]) {
				return
			}
			i = nextItem(array, end)
		}
	}
}

// nextItem returns where the next member or element starts, or the closing
// bracket stands, when one has ended at i.
func nextItem(s string, i int) int {
	i = skipSpace(s, i)
	if s[i] == ',' {
		i = skipSpace(s, i+1)
	}
	return i
}

func skipSpace(s string, i int) int {
	for s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r' {
		i++
	}
	return i
}

// valueEnd returns the offset after the value that starts at s[i], an object's
// member or an array's element.
func valueEnd(s string, i int) int {
	switch s[i] {
	case '"':
		return stringEnd(s, i)
	case '{', '[':
		return compositeEnd(s, i)
	}
	return i + strings.IndexAny(s[i:], ",]} \n\t\r") // a number, true, false or null
}

func stringEnd(s string, i int) int {
	for {
		i++
		i += strings.IndexByte(s[i:], '"')
		before := i
		for s[before-1] == '\\' {
			before--
		}
		if (i-before)%2 == 0 { // not escaped
			return i + 1
		}
	}
}

func compositeEnd(s string, i int) int {
	for depth := 0; ; {
		switch s[i] {
		case '"':
			i = stringEnd(s, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		i++
		if depth == 0 {
			return i
		}
	}
}

// Unquote returns what a string literal stands for.
func Unquote(literal string) string {
	if strings.IndexByte(literal, '\\') < 0 {
		return literal[1 : len(literal)-1]
	}
	s, err := strconv.Unquote(literal) // most JSON literals are Go literals too
	if err != nil {
		_ = json.Unmarshal([]byte(literal), &s) // cannot fail: the literal is valid JSON
	}
	return s
}

// AppendString appends s, which must be valid UTF-8, as a string literal to b and
// returns the extended slice. It escapes what JSON demands and nothing else.
func AppendString[S string | []byte](b []byte, s S) []byte {
	b = append(b, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			const hex = "0123456789abcdef"
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
