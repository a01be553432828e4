package useragent

import (
	"strings"

	"github.com/crumb-go/crumb/shared/cookie/internal/rule"
)

// A line is a Set-Cookie line taken apart (rfc6265bis 5.6).
type line struct {
	name, value string
	named       bool // there is an equals sign
	trimmed     bool // the value lost spaces or tabs
	attributes  []attribute
}

// An attribute as written, trimmed.
type attribute struct {
	key   string // in its usual spelling when it is a known one
	value string
	known bool
}

// The usual spelling of the attributes that browsers know.
var known = [...]string{"Domain", "Path", "Expires", "Max-Age", "Secure", "HttpOnly", "SameSite", "Partitioned"}

// Attributes of old standards and of Chromium alone, which nobody need be
// warned of.
var harmless = [...]string{"Version", "Comment", "CommentURL", "Discard", "Port", "Priority"}

func parse(text string) line {
	pair, rest, more := strings.Cut(text, ";")
	var l line
	l.name, l.value, l.named = rule.Cut(pair)
	if !l.named {
		l.name, l.value = "", l.name
	} else {
		_, raw, _ := strings.Cut(pair, "=")
		l.trimmed = raw != l.value
	}
	for more {
		var av string
		av, rest, more = strings.Cut(rest, ";")
		key, value, _ := rule.Cut(av)
		a := attribute{key: key, value: value}
		for _, name := range known {
			if strings.EqualFold(key, name) {
				a.key, a.known = name, true
			}
		}
		if key != "" || value != "" {
			l.attributes = append(l.attributes, a)
		}
	}
	return l
}

// last returns the last attribute of this name whose value passes ok; all do
// when ok is nil.
func (l line) last(key string, ok func(string) bool) (value string, found bool) {
	for _, a := range l.attributes {
		if a.key == key && len(a.value) <= rule.MaxAttribute && (ok == nil || ok(a.value)) {
			value, found = a.value, true
		}
	}
	return value, found
}

// has reports whether the attribute is there, with whatever value.
func (l line) has(key string) bool {
	_, found := l.last(key, nil)
	return found
}

// resembles returns the known attribute that key probably meant, or "".
func resembles(key string) string {
	squeeze := func(s string) string {
		return strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(s))
	}
	key = squeeze(key)
	for _, name := range known {
		if near(key, squeeze(name)) {
			return name
		}
	}
	return ""
}

// near reports whether a and b differ by one letter at most: another, a missing
// or a further one, or two in the wrong order.
func near(a, b string) bool {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	swapped := len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
	return len(a) <= 1 && len(b) <= 1 || swapped
}

// folded returns the offset of the comma in s that is followed by a further
// cookie, as where several Set-Cookie lines were joined into one; or -1.
func folded(s string) int {
	offset := 0
	for i, part := range strings.Split(s, ",") {
		if name, _, found := rule.Cut(part); i > 0 && found && name != "" && rule.IndexNot(name, rule.IsTchar) < 0 {
			return offset - 1
		}
		offset += len(part) + 1
	}
	return -1
}

// shown is an attribute's value as texts show it: cut short, and without what
// may be the value of another cookie.
func shown(s string) string {
	const most = 80
	if i := folded(s); i >= 0 {
		s = s[:i] + "…"
	}
	if len(s) > most {
		s = s[:most] + "…"
	}
	return s
}
