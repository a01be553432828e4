package gateway

import (
	"bytes"
	"encoding/json"
	"iter"
)

// What follows reads JSON that json.Valid has passed. encoding/json's maps
// lose the order of members, which decides between two spellings of a header;
// its structs match names without case, which AWS does not.

// members yields the members of an object in their order, and nothing for any
// other value.
func members(object []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for rest := inside(object, '{'); len(rest) > 0; {
			n := valueLen(rest)
			name := rest[:n]
			rest = trim(trim(rest[n:])[1:]) // ":"
			n = valueLen(rest)
			if !yield(unquote(name), rest[:n]) {
				return
			}
			rest = next(rest[n:])
		}
	}
}

// elements yields those of an array, and nothing for any other value.
func elements(array []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for rest := inside(array, '['); len(rest) > 0; {
			n := valueLen(rest)
			if !yield(rest[:n]) {
				return
			}
			rest = next(rest[n:])
		}
	}
}

// inside is what an object or array has between its brackets.
func inside(value []byte, bracket byte) []byte {
	value = bytes.TrimRight(trim(value), " \t\r\n")
	if len(value) == 0 || value[0] != bracket {
		return nil
	}
	return trim(value[1 : len(value)-1])
}

// next goes over the comma after a value.
func next(rest []byte) []byte {
	if rest = trim(rest); len(rest) > 0 {
		rest = trim(rest[1:])
	}
	return rest
}

func trim(s []byte) []byte { return bytes.TrimLeft(s, " \t\r\n") }

// valueLen is the length of the value at the start of s.
func valueLen(s []byte) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			for i++; s[i] != '"'; i++ {
				if s[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
			continue
		default:
			continue
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(s)
}

// unquote is the text of a JSON string. Bytes that are not UTF-8 stay.
func unquote(raw []byte) string {
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	var text string
	_ = json.Unmarshal(raw, &text) // a valid string has a text
	return text
}
