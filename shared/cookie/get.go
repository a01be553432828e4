package cookie

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// Browsers keep about 3,000 cookies for all sites together, and gateways limit a
// header to a few KiB: a larger request is an attempt to cost time.
const (
	maxPairs = 3000
	maxBytes = 64 << 10
)

// Pair is a cookie as a client sent it. Value is the exact text, with any
// quotes and escapes.
type Pair struct{ Name, Value string }

// Parse returns the pairs of all Cookie lines of h, in the order sent,
// duplicates included. The client chose every byte of them.
//
// Names and values are trimmed of SP and HTAB, and of nothing more. Pairs that no
// declaration could read are ignored: those whose name is empty or not a token, and
// those with a control byte in their value. All other bytes, such as spaces, commas,
// quotes and bytes over 0x7F, are returned as sent.
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

// Get returns the value that the client sent, decoded as declared. ok is false if
// it is absent, empty, malformed or among too many; Check says which. The first of
// several cookies with the name wins: browsers send the longest Path first.
//
// One pair of double quotes around the value is removed, as in net/http and Flask.
// Nothing else is trimmed, unescaped or dropped.
//
// The client can send any value. Use Seal for one that must not be forged.
func (c *Cookie) Get(r *http.Request) (value string, ok bool) {
	wire, err := c.find(r)
	if err != nil {
		return "", false
	}
	value, bad := c.attrs.Encoding.decode(wire)
	return value, bad == nil && value != ""
}

// All returns every value sent with the name, decoded, in the order sent, with
// duplicates and empty values but without malformed ones. It returns nil if there is
// none, or if there are too many cookies to read.
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
// ErrAbsent, ErrEmpty, ErrMalformed or ErrTooMany. It returns nil if Get finds one.
// Its text has no part of a value.
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

// find returns the first value sent with the name, not decoded. It returns ErrAbsent
// and ErrTooMany unwrapped, so that Get does not allocate.
func (c *Cookie) find(r *http.Request) (string, error) {
	lines := r.Header["Cookie"]
	if !bounded(lines) {
		return "", ErrTooMany
	}
	for _, line := range lines {
		// Invariant: line starts at a part, and no part before it has the name. Parts
		// that do not even contain the name are skipped. The empty name of a zero
		// Cookie is found in every part, and matches none.
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

// valueOf returns the value of part, a cookie-pair, without the quotes around it,
// if part has that name, which is not empty.
func valueOf(part, name string) (string, bool) {
	n, value, found := rule.Cut(part)
	return rule.Unquote(value), found && n == name && name != ""
}

// bounded reports whether lines are short enough to be read. Empty parts do not
// count as pairs.
func bounded(lines []string) bool {
	bytes, pairs := 0, 0
	for _, line := range lines {
		bytes += len(line)
	}
	if bytes > maxBytes {
		return false
	}
	if bytes+len(lines) <= 2*maxPairs { // each pair has a byte, and a semicolon or the end of a line
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
		Reason: fmt.Sprintf("lines of the request have over %d pairs or %d bytes", maxPairs, maxBytes),
	}
}
