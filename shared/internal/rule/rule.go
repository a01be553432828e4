// Package rule holds each requirement on a cookie once: package cookie rejects what
// package useragent ignores, for the same reason.
//
// rfc6265bis is draft-ietf-httpbis-rfc6265bis-22, the approved successor of
// RFC 6265; layered-cookies is draft-ietf-httpbis-layered-cookies-02, CHIPS is
// github.com/privacycg/CHIPS.
package rule

import (
	"strconv"
	"time"
)

// The citations that errors and verdicts carry.
const (
	Name          = "rfc6265bis 4.1.1: a cookie-name is a token"
	Value         = "rfc6265bis 4.1.1: a cookie-value is cookie-octets, optionally in double quotes"
	PairSize      = "rfc6265bis 5.6: name and value have at most 4096 bytes together"
	AttributeSize = "rfc6265bis 5.6: an attribute value has at most 1024 bytes"
	Path          = "rfc6265bis 4.1.1, 5.6.4: a Path starts with a slash and is av-octets"
	Domain        = "rfc6265bis 4.1.1, RFC 1034 3.5, RFC 1123 2.1: a Domain is a host name in ASCII"
	PublicSuffix  = "rfc6265bis 5.7, publicsuffix.org: a cookie cannot span a public suffix"
	MaxAge        = "rfc6265bis 4.1.1: a Max-Age is a number of seconds in digits"
	Lifetime      = "rfc6265bis 5.5: a browser keeps a cookie for at most 400 days"
	Expires       = "rfc6265bis 4.1.1, 5.1.1: an Expires is an IMF-fixdate of the years 1601 to 9999"
	SameSite      = "rfc6265bis 4.1.1: a SameSite is Strict, Lax or None"
	SameSiteNone  = "rfc6265bis 5.7: SameSite=None needs Secure"
	Partitioned   = "CHIPS: Partitioned needs Secure"
	OneLine       = "rfc6265bis 4.1.1: a response sets a cookie-name once"
)

// The citations that only verdicts carry.
const (
	Control         = "rfc6265bis 5.6: a control byte invalidates the header"
	Origin          = "rfc6265bis 5.7: cookies belong to http and https"
	Empty           = "rfc6265bis 5.6: a cookie has a name or a value"
	Tab             = "Chromium: a tab inside a name, a value or an attribute invalidates the header"
	Nameless        = "rfc6265bis 5.6: without an equals sign, everything is the value"
	NamelessDropped = "Firefox, WebKit: a cookie has a name"
	NamelessNamed   = "Firefox: without an equals sign, everything is the name"
	RepairedUTF8    = "Firefox: a value is UTF-8"
	PathASCII       = "layered-cookies 5.6.4, whatwg/url 814: a Path is written in ASCII"
	ThirdParty      = "webkit.org/blog/10218: third-party cookies are blocked, unless they are Partitioned"
	NamelessEquals  = "Chromium: a value without a name cannot have an equals sign"
	NamelessPrefix  = "rfc6265bis 5.7: a value without a name cannot begin with a prefix"
	Trimmed         = "rfc6265bis 5.6: spaces and tabs around a name and a value are removed"
	Semicolon       = "rfc6265bis 5.6: a semicolon ends the value; attributes follow"
	Comma           = "rfc6265bis 3: each cookie needs a Set-Cookie header; commas do not separate cookies"
	LastWins        = "rfc6265bis 5.7: the last of a repeated attribute wins"
	Flag            = "rfc6265bis 5.6.5, 5.6.6: Secure and HttpOnly take no value"
	Expired         = "rfc6265bis 5.7: an expired cookie is removed"
	CookieDate      = "rfc6265bis 5.1.1: an Expires has a day, a month, a year from 1601 on and a time"
	Zone            = "rfc6265bis 5.1.1: a cookie-date has no time zone, it is in UTC"
	MaxAgeDigits    = "rfc6265bis 5.6.2: a Max-Age is digits, optionally after a minus sign"
	DomainMatch     = "rfc6265bis 5.7, 5.1.3: a Domain is the host itself or a parent of it"
	DomainASCII     = "rfc6265bis 5.7: a Domain is written in ASCII"
	DefaultPath     = "rfc6265bis 5.6.4, 5.1.4: without a Path that starts with a slash, the URL's directory is used"
	PathMatch       = "rfc6265bis 5.8.3, 5.1.4: a cookie is sent to its Path and everything below it"
	SecureOrigin    = "rfc6265bis 5.7: Secure cookies are set over https, or on this machine"
	LeaveSecure     = "rfc6265bis 5.7: plain http cannot overwrite Secure cookies"
	ScriptHTTPOnly  = "rfc6265bis 5.7: scripts cannot set or change HttpOnly cookies"
	CrossSite       = "rfc6265bis 5.7: a cross-site response inside a page sets only SameSite=None"
	PartitionedNone = "CHIPS: a Partitioned cookie is for embedded pages, which get only SameSite=None"
	SameSiteValue   = "rfc6265bis 5.6.7: a SameSite is Strict, Lax or None; anything else means the default"
	OneScope        = "rfc6265bis 5.7: a cookie is identified by name, Domain and Path"
)

// Sizes in bytes, and the longest lifetime that browsers allow.
const (
	MaxPair      = 4096
	MaxAttribute = 1024
	MaxLifetime  = 400 * 24 * time.Hour
)

// IsTchar reports whether c may appear in a cookie's name (RFC 9110 5.6.2).
func IsTchar(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	case c == '!', '#' <= c && c <= '\'', c == '*', c == '+', c == '-', c == '.', '^' <= c && c <= '`', c == '|', c == '~':
		return true
	}
	return false
}

// IsCookieOctet reports whether c may appear in a cookie's value (rfc6265bis 4.1.1).
func IsCookieOctet(c byte) bool {
	return ' ' < c && c < 0x7F && c != '"' && c != ',' && c != ';' && c != '\\'
}

// IsAVOctet reports whether c may appear in an attribute's value (rfc6265bis 4.1.1).
func IsAVOctet(c byte) bool { return ' ' <= c && c < 0x7F && c != ';' }

// IsControl reports whether c makes a browser ignore the whole Set-Cookie line
// (rfc6265bis 5.6). HTAB is not among these bytes.
func IsControl(c byte) bool { return c < ' ' && c != '\t' || c == 0x7F }

// IndexNot returns the offset of the first byte of s that is not ok, or -1.
func IndexNot(s string, ok func(byte) bool) int {
	for i := range len(s) {
		if !ok(s[i]) {
			return i
		}
	}
	return -1
}

// IndexControl returns the offset of the first control byte of s, or -1.
func IndexControl(s string) int {
	for i := range len(s) {
		if IsControl(s[i]) {
			return i
		}
	}
	return -1
}

// ByteClass names the kind of c without revealing c.
func ByteClass(c byte) string {
	switch {
	case c == '\t':
		return "a tab"
	case IsControl(c):
		return "a control byte"
	case c >= 0x80:
		return "a byte over 0x7F"
	case c == ' ':
		return "a space"
	case c == '"':
		return "a double quote"
	case c == ',':
		return "a comma"
	case c == ';':
		return "a semicolon"
	case c == '\\':
		return "a backslash"
	case IsTchar(c):
		return "a token character"
	}
	return "a separator"
}

// Unquote removes one pair of double quotes around s, if there is one.
func Unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// Trim removes SP and HTAB, and nothing else, from both ends of s. Trimming
// more lets a cookie named "\x85__Host-sid", which no browser treats as
// prefixed, pass for __Host-sid.
func Trim(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// Cut splits s at its first equals sign and trims both sides. Without one,
// name is all of s and found is false.
func Cut(s string) (name, value string, found bool) {
	for i := range len(s) {
		if s[i] == '=' {
			return Trim(s[:i]), Trim(s[i+1:]), true
		}
	}
	return Trim(s), "", false
}

// Bytes is a number of bytes in words.
func Bytes(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return strconv.Itoa(n) + " bytes"
}
