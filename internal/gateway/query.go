package gateway

import (
	"strconv"
	"strings"
)

// grouped lists each key of a query once, in order of appearance, with all its values.
// A query is split at "&" only: no door knows ";".
func grouped(query string, decode bool) []header {
	var groups []header
	at := map[string]int{}
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		if decode {
			key, value = unescape(key, true), unescape(value, true)
		}
		i, ok := at[key]
		if !ok {
			i = len(groups)
			at[key] = i
			groups = append(groups, header{name: key})
		}
		groups[i].values = append(groups[i].values, value)
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
