package rule

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// HostProblem returns why a Domain attribute cannot have the host name s, or "".
// Letters of either case are allowed; a leading dot, a trailing dot, a port, an IP
// address in any spelling, an underscore and a byte over 0x7F are not.
func HostProblem(s string) string {
	if len(s) > 253 {
		return "is longer than 253 bytes"
	}
	last := ""
	for label := range strings.SplitSeq(s, ".") {
		switch {
		case label == "":
			return "has an empty label (a leading, trailing or doubled dot)"
		case len(label) > 63:
			return "has a label longer than 63 bytes"
		case IndexNot(label, isLDH) >= 0:
			return "may only have letters, digits, hyphens and dots (write an IDN in its xn-- form)"
		case label[0] == '-' || label[len(label)-1] == '-':
			return "has a label that starts or ends with a hyphen"
		}
		last = label
	}
	if IsNumber(last) {
		return "is an IP address (a cookie cannot span addresses)"
	}
	return ""
}

func isLDH(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-'
}

// IsNumber reports whether browsers treat a host that ends in label as an IPv4
// address: 127.0.0.1, but also 127.1, 2130706433 and 0x7f.1 (WHATWG URL, "ends in
// a number checker").
func IsNumber(label string) bool {
	digit := func(c byte) bool { return '0' <= c && c <= '9' }
	if strings.HasPrefix(label, "0x") || strings.HasPrefix(label, "0X") {
		label = label[2:]
		digit = func(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }
	}
	return IndexNot(label, digit) < 0
}

// IsPublicSuffix reports whether anyone can register names under host: com, co.uk,
// github.io. A single label always counts, localhost included, and so does the
// parent of a wildcard, as in Chromium: kawasaki.jp for *.kawasaki.jp.
func IsPublicSuffix(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	suffix, _ := publicsuffix.PublicSuffix(host)
	if suffix == host {
		return true
	}
	suffix, _ = publicsuffix.PublicSuffix("*." + host)
	return suffix == "*."+host
}
