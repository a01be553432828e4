package frontdoor

import (
	"encoding/json"
	"iter"
	"strconv"
	"strings"
)

// The functions below walk JSON that json.Valid has accepted, so they need no
// error handling of their own and cut every string without escapes out of the
// event instead of copying it. That makes decoding an event several times
// cheaper than json.Unmarshal into maps.

// members yields the name and the value's text of each member of an object.
func members(object string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for i := skipSpace(object, 1); object[i] != '}'; {
			end := valueEnd(object, i)
			name := unquote(object[i:end])
			i = skipSpace(object, skipSpace(object, end)+len(":"))
			end = valueEnd(object, i)
			if !yield(name, object[i:end]) {
				return
			}
			i = nextItem(object, end)
		}
	}
}

// hasMembers reports whether object, "" being none, has any.
func hasMembers(object string) bool {
	return object != "" && object[skipSpace(object, 1)] != '}'
}

// elements yields the text of each element of an array.
func elements(array string) iter.Seq[string] {
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

// unquote returns what a string literal stands for.
func unquote(literal string) string {
	if strings.IndexByte(literal, '\\') < 0 {
		return literal[1 : len(literal)-1]
	}
	s, err := strconv.Unquote(literal) // most JSON literals are Go literals too
	if err != nil {
		_ = json.Unmarshal([]byte(literal), &s) // cannot fail: the literal is valid JSON
	}
	return s
}
