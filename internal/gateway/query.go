package gateway

import (
	"strconv"
	"strings"
)

// A pair is a query parameter, still encoded.
type pair struct{ key, value string }

// pairs splits a query at "&" only: no door knows ";".
func pairs(query string) []pair {
	var list []pair
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		list = append(list, pair{key, value})
	}
	return list
}

// grouped lists each key once, in order of appearance, with all its values.
func grouped(list []pair, decode bool) []header {
	var groups []header
	at := make(map[string]int, len(list))
	for _, p := range list {
		if decode {
			p.key, p.value = unescape(p.key, true), unescape(p.value, true)
		}
		i, ok := at[p.key]
		if !ok {
			i = len(groups)
			at[p.key] = i
			groups = append(groups, header{name: p.key})
		}
		groups[i].values = append(groups[i].values, p.value)
	}
	return groups
}

// decodePath undoes the percent-encoding of a path.
func decodePath(s string) string { return unescape(s, false) }

// unescape undoes percent-encoding and, in queries, "+" for a space. Broken
// escapes stay as they are.
func unescape(s string, plus bool) string {
	if !strings.Contains(s, "%") && !(plus && strings.Contains(s, "+")) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '+' && plus {
			c = ' '
		} else if c == '%' && i+2 < len(s) {
			if octet, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				c = byte(octet)
				i += 2
			}
		}
		b = append(b, c)
	}
	return string(b)
}
