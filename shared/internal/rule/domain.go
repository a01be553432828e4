package rule

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// HostProblem says why s is not a host name that a Domain attribute may hold, or "".
// Letters of either case pass; a leading dot, a trailing dot, a port, an IP
// address in any spelling, an underscore and a byte over 0x7F do not.
func HostProblem(s string) string {
	if len(s) > 253 {
		return "has more than 253 octets"
	}
	last := ""
	for label := range strings.SplitSeq(s, ".") {
		switch {
		case label == "":
			return "has an empty label (a leading, trailing or doubled dot)"
		case len(label) > 63:
			return "has a label of more than 63 octets"
		case IndexNot(label, isLDH) >= 0:
			return "has more than letters, digits, hyphens and dots (an IDN is written as its xn-- form)"
		case label[0] == '-' || label[len(label)-1] == '-':
			return "has a label that starts or ends with a hyphen"
		}
		last = label
	}
	if isNumber(last) {
		return "is an IP address (no cookie spans addresses)"
	}
	return ""
}

func isLDH(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-'
}

// isNumber reports whether a host that ends in label is an IPv4 address to a
// browser: 127.0.0.1, but also 127.1, 2130706433 and 0x7f.1 (WHATWG URL,
// "ends in a number checker").
func isNumber(label string) bool {
	digit := func(c byte) bool { return '0' <= c && c <= '9' }
	if strings.HasPrefix(label, "0x") || strings.HasPrefix(label, "0X") {
		label = label[2:]
		digit = func(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }
	}
	return IndexNot(label, digit) < 0
}

// IsPublicSuffix reports whether host is one under which strangers register
// names: com, co.uk, github.io. A single label always is, localhost included,
// and so is what a wildcard stands under, as Chromium has it: kawasaki.jp, of
// *.kawasaki.jp.
func IsPublicSuffix(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	suffix, _ := publicsuffix.PublicSuffix(host)
	if suffix == host {
		return true
	}
	suffix, _ = publicsuffix.PublicSuffix("*." + host)
	return suffix == "*."+host
}
