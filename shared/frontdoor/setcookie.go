package frontdoor

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/shared/internal/rule"
	"github.com/crumb-go/crumb/shared/wire"
)

const setCookie = "Set-Cookie"

// cleanCookies is what goes out of the lines: exact bytes, except where a header
// cannot carry them, and then it says so.
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
	return w.lastCookies(lines)
}

// lastCookies leaves out every line that changes nothing for a browser, because
// load balancers reverse the order of lines: one that a later line for the same place
// replaces, and one that browsers ignore where another is stored, or ignored too.
func (w *writer) lastCookies(lines []string) []string {
	type place struct {
		name string
		rule.Scope
	}
	places := make([]place, len(lines))
	last := make(map[place]int, len(lines)) // the last line for a place
	for i, line := range lines {
		l := rule.ParseLine(line)
		places[i] = place{l.Name, l.Scope()}
		last[places[i]] = i
	}
	if len(last) == len(lines) {
		return lines
	}
	rejected := make([]string, len(lines)) // the rule by which browsers ignore a line
	for i, line := range lines {
		rejected[i] = rule.ParseLine(line).Rejected()
		if now := last[places[i]]; rejected[i] == "" && (now <= i || rule.ParseLine(lines[now]).Rejected() != "") {
			last[places[i]] = i // now the last that browsers store
		}
	}
	kept := make([]string, 0, len(lines))
	for i, line := range lines {
		switch chosen := last[places[i]]; {
		case chosen == i:
			kept = append(kept, line)
		case lines[chosen] == line: // it goes out once
		case rejected[i] != "" && rejected[chosen] != "":
			w.invocation.logWarn("Set-Cookie left out: browsers ignore it, and a later line for the same cookie too",
				"cookie", cookieName(line), "rule", rejected[i])
		case rejected[i] != "":
			w.invocation.logWarn("Set-Cookie left out: browsers ignore it, and another line sets the cookie",
				"cookie", cookieName(line), "rule", rejected[i])
		default:
			w.invocation.logWarn("Set-Cookie left out: a later line sets the same cookie",
				"cookie", cookieName(line))
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

// cookieName is the cookie's name in a Set-Cookie line, "" for a line that is
// all value.
func cookieName(line string) string { return rule.ParseLine(line).Name }

var newlines = strings.NewReplacer("\n", " ", "\r", " ")

// clean makes a header's value fit for the wire: line breaks become spaces, as
// in net/http, and bytes that JSON cannot hold are read as Latin-1, as in events.
func clean(value string) string {
	if strings.ContainsAny(value, "\r\n") {
		value = textproto.TrimString(newlines.Replace(value))
	}
	return wire.ToUTF8(value)
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
