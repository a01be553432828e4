package frontdoor

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"unicode/utf8"
)

const setCookie = "Set-Cookie"

// cleanCookies is what goes out of the lines: of those that a browser would
// store in one place only the last, because load balancers do not keep order.
// Exact bytes, except where a header cannot carry them, and then it says so.
func (w *writer) cleanCookies(lines []string) []string {
	for i, line := range lines {
		if lines[i] = clean(line); lines[i] != line {
			w.invocation.logError("Set-Cookie changed: it held line breaks or bytes that are not UTF-8",
				"cookie", cookieName(line))
		}
	}
	if len(lines) < 2 {
		return lines
	}
	last := make(map[cookieKey]int, len(lines))
	for i, line := range lines {
		last[keyOf(line)] = i
	}
	kept := lines[:0]
	for i, line := range lines {
		if last[keyOf(line)] == i {
			kept = append(kept, line)
		}
	}
	return kept
}

// logLate reports what was lost because it came after the headers were fixed:
// cookies, which net/http loses too, without a word, and trailers.
func (w *writer) logLate() {
	var late []string
	for name, lines := range w.header {
		if trailer, ok := strings.CutPrefix(name, http.TrailerPrefix); ok {
			w.trailers = append(w.trailers, trailer[:tokenLen(trailer)])
		}
		if !strings.EqualFold(name, setCookie) {
			continue
		}
		for _, line := range lines {
			if !slices.Contains(w.lines, line) {
				late = append(late, cookieName(line))
			}
		}
	}
	if len(late) > 0 {
		slices.Sort(late)
		w.invocation.logError("Set-Cookie lost: it was set after WriteHeader, Write or Flush",
			"cookies", late)
	}
	if len(w.trailers) > 0 {
		slices.Sort(w.trailers)
		w.invocation.logWarn("trailers left out: no door passes them on",
			"trailers", slices.Compact(w.trailers))
	}
}

// cookieKey is what a browser keeps one cookie for, RFC 6265bis section 5.7.
type cookieKey struct {
	name, domain, path string
	partitioned        bool
}

func keyOf(line string) cookieKey {
	pair, attributes, _ := strings.Cut(line, ";")
	k := cookieKey{name: cookieName(pair)}
	for attribute := range strings.SplitSeq(attributes, ";") {
		name, value, _ := strings.Cut(attribute, "=")
		value = textproto.TrimString(value)
		switch strings.ToLower(textproto.TrimString(name)) {
		case "domain":
			k.domain = strings.ToLower(strings.TrimPrefix(value, "."))
		case "path":
			k.path = value
			if !strings.HasPrefix(value, "/") {
				k.path = "" // the default path, as without the attribute
			}
		case "partitioned":
			k.partitioned = true
		}
	}
	return k
}

// cookieName is the cookie's name in a Set-Cookie line: "" for a line without
// "=", all of which is value.
func cookieName(line string) string {
	pair, _, _ := strings.Cut(line, ";")
	name, _, ok := strings.Cut(pair, "=")
	if !ok {
		return ""
	}
	return textproto.TrimString(name)
}

var newlines = strings.NewReplacer("\n", " ", "\r", " ")

// clean makes a header's value fit for the wire: line breaks become spaces, as
// in net/http, and bytes that JSON cannot hold are read as Latin-1, as in events.
func clean(value string) string {
	if strings.ContainsAny(value, "\r\n") {
		value = textproto.TrimString(newlines.Replace(value))
	}
	if !utf8.ValidString(value) {
		value = latin1(value)
	}
	return value
}

// spellings is in how many ways "Set-Cookie" can be spelled.
const spellings = 1 << (len(setCookie) - len("-"))

// spelling returns Set-Cookie in its n-th mix of upper and lower case, from 0.
// A door with one value a name takes each spelling for another header.
func spelling(n int) string {
	name := []byte(setCookie)
	for i := range name {
		if name[i] == '-' {
			continue
		}
		if n&1 == 1 {
			name[i] ^= 'a' - 'A'
		}
		n >>= 1
	}
	return string(name)
}
