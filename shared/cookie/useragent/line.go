package useragent

import (
	"strings"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// Attributes of old standards, and Priority, which only Chromium knows: harmless.
var harmless = [...]string{"Version", "Comment", "CommentURL", "Discard", "Port", "Priority"}

// last returns the value of the last attribute with this key that passes ok and is
// not too large for browsers.
func last(l rule.Line, key string, ok func(string) bool) (value string, found bool) {
	for a := range l.Attributes() {
		if a.Key == key && len(a.Value) <= rule.MaxAttribute && ok(a.Value) {
			value, found = a.Value, true
		}
	}
	return value, found
}

// resembles returns the known attribute that key probably meant, or "".
func resembles(key string) string {
	squeeze := func(s string) string {
		return strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(s))
	}
	key = squeeze(key)
	for _, name := range rule.Known() {
		if near(key, squeeze(name)) {
			return name
		}
	}
	return ""
}

// near reports whether a and b differ by at most one letter, changed, missing or
// added, or by two in the wrong order.
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

// folded is rule.Folded for another cookie with a name that servers can read.
func folded(s string) int {
	return rule.Folded(s, func(name string) bool {
		return name != "" && rule.IndexNot(name, rule.IsTchar) < 0 && spelling(name) == ""
	})
}

// shown is an attribute's value as texts show it: shortened, and without what may be
// the value of another cookie.
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
