package useragent

import (
	"strings"
	"unicode/utf8"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// Attributes of old standards, and Priority, which only Chromium knows: harmless.
var harmless = [...]string{"Version", "Comment", "CommentURL", "Discard", "Port", "Priority"}

// last returns the value of the last attribute with this key that passes ok and is
// not too large for the engine; nothing if only the last counts, and does not pass.
func (v *Verdict) last(key string, ok func(string) bool) (value string, found bool) {
	for a := range v.line.Attributes() {
		if a.Key != key || !v.Engine.reads(a) {
			continue
		}
		if ok(a.Value) {
			value, found = a.Value, true
		} else if v.Engine.has(lastCounts) {
			value, found = "", false
		}
	}
	return value, found
}

// attribute returns the value of the last attribute with this key that counts.
func (v *Verdict) attribute(key string) (value string, found bool) {
	return v.last(key, func(string) bool { return true })
}

func (v *Verdict) hasAttribute(key string) bool {
	_, found := v.attribute(key)
	return found
}

// repaired is s with U+FFFD in place of what is not UTF-8, as browsers decode
// (encoding.spec.whatwg.org): one for the beginning of a character that breaks off.
func repaired(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		for bad := n == 1 && r == utf8.RuneError; bad && n < len(s) && !utf8.FullRuneInString(s[:n+1]); {
			n++
		}
		b.WriteRune(r)
		s = s[n:]
	}
	return b.String()
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
