package rule

import (
	"strings"
	"unicode/utf8"
)

// maxShown is how many bytes of an attribute's value masked lines show.
const maxShown = 200

// MaskLine returns a Set-Cookie line with mask in place of the cookie's value and
// of anything that may be part of one: attributes that browsers do not know, which
// may follow a semicolon in the value, and another cookie after a comma. A line
// without an equals sign is masked whole.
func MaskLine(text, mask string) string {
	pair, attributes, more := strings.Cut(text, ";")
	masked := maskPair(pair, mask)
	if !more {
		return masked
	}
	parts := strings.Split(attributes, ";")
	for i, part := range parts {
		parts[i] = maskAttribute(part, mask)
	}
	return masked + ";" + strings.Join(parts, ";")
}

// MaskPairs returns a Cookie line with mask in place of each value, and of a whole
// pair without an equals sign.
func MaskPairs(text, mask string) string {
	parts := strings.Split(text, ";")
	for i, part := range parts {
		if Trim(part) != "" {
			parts[i] = maskPair(part, mask)
		}
	}
	return strings.Join(parts, ";")
}

// maskPair keeps a pair's name and leading space.
func maskPair(pair, mask string) string {
	if name, _, named := strings.Cut(pair, "="); named {
		return name + "=" + mask
	}
	return lead(pair) + mask
}

func maskAttribute(text, mask string) string {
	key, value, valued := strings.Cut(text, "=")
	a := Attribute{Key: Trim(key)}.spelled()
	switch {
	case Trim(text) == "":
		return text
	case !a.Known && !strings.EqualFold(a.Key, "Priority"): // which Chromium knows
		return lead(text) + mask
	case !valued:
		return text
	}
	anything := func(string) bool { return true }
	if i := Folded(value, anything); i >= 0 {
		value = value[:i] + mask
	}
	return key + "=" + cut(value)
}

// lead returns the leading spaces and tabs of s.
func lead(s string) string { return s[:len(s)-len(strings.TrimLeft(s, " \t"))] }

// cut shortens s to maxShown bytes.
func cut(s string) string {
	if len(s) <= maxShown {
		return s
	}
	n := maxShown
	for !utf8.RuneStart(s[n]) && n > maxShown-utf8.UTFMax {
		n--
	}
	return s[:n] + "…"
}
