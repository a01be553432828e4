package rule

import (
	"strings"
	"unicode/utf8"
)

// maxShown is how many bytes of an attribute's value masked lines show.
const maxShown = 200

// MaskLine returns a Set-Cookie line with mask in place of the cookie's value
// and of all that may be a piece of one: an attribute that browsers do not know,
// which a semicolon in the value made, and a further cookie behind a comma. Of a
// line without an equals sign nothing is left.
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

// MaskPairs returns a Cookie line with mask in place of each value.
func MaskPairs(text, mask string) string {
	parts := strings.Split(text, ";")
	for i, part := range parts {
		if Trim(part) != "" {
			parts[i] = maskPair(part, mask)
		}
	}
	return strings.Join(parts, ";")
}

// maskPair keeps a pair's name and the space before it.
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

// lead returns the space that s begins with.
func lead(s string) string { return s[:len(s)-len(strings.TrimLeft(s, " \t"))] }

// cut shortens s to what masked lines show.
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
