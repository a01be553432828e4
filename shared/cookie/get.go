package cookie

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// A browser keeps some 3,000 cookies of all sites together and gateways stop a
// header at a few KiB: whatever is beyond this was made to cost time.
const (
	maxPairs  = 3000
	maxOctets = 64 << 10
)

// Pair is a cookie as a client sent it. Value is the exact text, with any
// quotes and escapes.
type Pair struct{ Name, Value string }

// Parse returns the pairs of all Cookie lines of h, in the order sent,
// duplicates included. The client chose every byte of them.
//
// Names and values are trimmed of SP and HTAB, and of nothing more. What no
// declaration could read is left out: a pair whose name is not a token (an
// empty one too), and a pair with a control byte in its value. All other octets,
// spaces, commas, quotes and bytes over 0x7F included, are returned as sent.
//
// The error is ErrTooMany, in an *Error, with no pairs.
func Parse(h http.Header) ([]Pair, error) {
	lines := h["Cookie"]
	if !bounded(lines) {
		return nil, tooMany("")
	}
	var pairs []Pair
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ";") {
			name, value, found := rule.Cut(part)
			if found && name != "" && rule.IndexNot(name, rule.IsTchar) < 0 && rule.IndexControl(value) < 0 {
				pairs = append(pairs, Pair{name, value})
			}
		}
	}
	return pairs, nil
}

// Get returns the value that the client sent, decoded as declared; ok is false
// when it is absent, empty, malformed or among too many, and Check says which. Of
// duplicates the first counts: browsers send the longer Path first.
//
// One pair of double quotes around the value is removed, as net/http and Flask
// do. Apart from that nothing is trimmed, unescaped or dropped.
//
// The client can send any value. What must not be forged needs a signature or
// encryption.
func (c *Cookie) Get(r *http.Request) (value string, ok bool) {
	wire, err := c.find(r)
	if err != nil {
		return "", false
	}
	value, bad := c.attrs.Encoding.decode(wire)
	return value, bad == nil && value != ""
}

// All returns every value under the name, decoded, in the order sent: duplicates
// and empty values are there, malformed ones are not. It returns nil when there
// is none, or too many cookies to read.
func (c *Cookie) All(r *http.Request) []string {
	lines := r.Header["Cookie"]
	if !bounded(lines) {
		return nil
	}
	var values []string
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ";") {
			if wire, ok := valueOf(part, c.name); ok {
				if v, bad := c.attrs.Encoding.decode(wire); bad == nil {
					values = append(values, v)
				}
			}
		}
	}
	return values
}

// Check returns why Get finds no value, for logs and tests: an *Error that wraps
// ErrAbsent, ErrEmpty, ErrMalformed or ErrTooMany. It returns nil when Get finds
// one. Its text holds no part of a value.
func (c *Cookie) Check(r *http.Request) error {
	wire, err := c.find(r)
	if err == ErrTooMany {
		return tooMany(c.name)
	}
	if err != nil {
		return &Error{Cookie: c.name, Field: "Value", Reason: "is absent", kind: err}
	}
	value, bad := c.attrs.Encoding.decode(wire)
	if bad != nil {
		return &Error{Cookie: c.name, Field: "Value", Reason: bad.reason(wire), kind: ErrMalformed}
	}
	if value == "" {
		return &Error{Cookie: c.name, Field: "Value", Reason: "is empty", kind: ErrEmpty}
	}
	return nil
}

// find returns the first value under the name, not decoded, or ErrAbsent or
// ErrTooMany as they are: Get allocates nothing for either.
func (c *Cookie) find(r *http.Request) (string, error) {
	lines := r.Header["Cookie"]
	if !bounded(lines) {
		return "", ErrTooMany
	}
	for _, line := range lines {
		// line begins where a part does, and no part before it is the cookie's.
		// A part without the name somewhere cannot be it either, so it is skipped.
		// An empty name is found at once in each part: no part is skipped, and none
		// is the cookie's.
		for line != "" {
			i := strings.Index(line, c.name)
			if i < 0 {
				break
			}
			var part string
			part, line, _ = strings.Cut(line[strings.LastIndexByte(line[:i], ';')+1:], ";")
			if wire, ok := valueOf(part, c.name); ok {
				return wire, nil
			}
		}
	}
	return "", ErrAbsent
}

// valueOf returns the value of part, a cookie-pair, without quotes around it,
// if part has that name.
func valueOf(part, name string) (string, bool) {
	n, value, found := rule.Cut(part)
	return rule.Unquote(value), found && n == name && name != ""
}

// bounded reports whether lines are few enough to be read. Empty parts do not
// count as pairs.
func bounded(lines []string) bool {
	octets, pairs := 0, 0
	for _, line := range lines {
		octets += len(line)
	}
	if octets > maxOctets {
		return false
	}
	if octets+len(lines) <= 2*maxPairs { // each pair has an octet, and a semicolon or a line's end
		return true
	}
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ";") {
			if rule.Trim(part) != "" {
				pairs++
			}
		}
	}
	return pairs <= maxPairs
}

func tooMany(name string) error {
	return &Error{
		Cookie: name, Field: "Cookie", kind: ErrTooMany,
		Reason: fmt.Sprintf("lines of the request hold over %d pairs or %d octets", maxPairs, maxOctets),
	}
}
