package cookie

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// Line returns the text of the Set-Cookie header that sets the cookie to value: for
// tests, and for responses that are not an http.ResponseWriter. A declared MaxAge is
// also written as Expires, counted from now, for agents that do not support Max-Age.
//
// The error is an *Error: the declared encoding cannot write the value (the text
// names one that can), name and value together are too large (ErrTooLarge), or the
// time given to Until is out of range.
func (c *Cookie) Line(value string) (string, error) {
	if c.name == "" {
		return "", &Error{Field: "Name", Reason: "is empty: declare the cookie with New", Rule: rule.Name}
	}
	if c.err != nil {
		return "", c.err
	}
	wire, bad := c.attrs.Encoding.encode(value)
	if bad != nil {
		return "", &Error{Cookie: c.name, Field: "Value", Reason: bad.reason(value) + "; declare Encoding: " + carrier(value), Rule: rule.Value}
	}
	if n := len(c.name) + len(wire); n > rule.MaxPair {
		return "", &Error{Cookie: c.name, Field: "Value", Reason: fmt.Sprintf("and name total %d bytes", n), Rule: rule.PairSize, kind: ErrTooLarge}
	}

	var date [len(http.TimeFormat)]byte
	const expires = "; Expires="
	var b strings.Builder
	b.Grow(len(c.name) + len("=") + len(wire) + len(c.head) + len(expires) + len(date) + len(c.tail))
	b.WriteString(c.name)
	b.WriteByte('=')
	b.WriteString(wire)
	b.WriteString(c.head)
	switch {
	case c.expires != "":
		b.WriteString(expires)
		b.WriteString(c.expires)
	case c.attrs.MaxAge > 0:
		b.WriteString(expires)
		b.Write(time.Now().Add(c.attrs.MaxAge).UTC().AppendFormat(date[:0], http.TimeFormat))
	}
	b.WriteString(c.tail)
	return b.String(), nil
}

// Set adds the cookie to the response as one Set-Cookie line. It replaces any line
// with the same name, Domain, Path and Partitioned; all other lines stay. After an
// error nothing has changed.
//
// The errors are those of Line, and ErrScope if the response already sets the name in
// another scope: the browser would keep both cookies. The response may also delete
// the name in another scope.
//
// Call Set before writing the body, like every change of a header.
func (c *Cookie) Set(w http.ResponseWriter, value string) error {
	line, err := c.Line(value)
	if err != nil {
		return err
	}
	return c.put(w.Header(), line)
}

// Delete tells the browser to delete the cookie, with a line that has the declared
// scope and flags, an empty value, Max-Age=0 and an Expires in 1970. It replaces any
// line with the same scope, even one that sets the cookie. Deleting a cookie that the
// browser does not have does nothing.
//
// With a Set of the same name in another scope, before or after, it moves a cookie
// from one declaration to another. rfc6265bis 4.1.1 does not allow that, as a response
// sets a name once; browsers apply both lines.
//
// The only error is that New did not make the Cookie.
func (c *Cookie) Delete(w http.ResponseWriter) error {
	gone := *c
	gone.expires, gone.err = "Thu, 01 Jan 1970 00:00:00 GMT", nil
	gone.tail = "; Max-Age=0" + c.attrs.security()
	line, err := gone.Line("")
	if err != nil {
		return err
	}
	return c.put(w.Header(), line)
}

// DeleteAt deletes the cookie with this name that an earlier version of the program
// set with another Path or Domain, where Delete cannot reach it. Empty means the same
// as in Attributes: "/" and host-only. Partitioned is as declared; if it changed,
// declare the old cookie too, and Delete that.
//
// Like Delete it can be combined with a Set, before or after, and never replaces it.
//
// The errors are those of New for this Path and Domain, and ErrScope if the response
// already sets the name in the scope to delete, which may be that of c. After an error
// nothing has changed.
func (c *Cookie) DeleteAt(w http.ResponseWriter, path, domain string) error {
	a := c.attrs
	a.Path, a.Domain = path, domain
	old, err := New(c.name, a)
	if err != nil {
		return err
	}
	for _, line := range w.Header()["Set-Cookie"] {
		if name, s, deletes := scopeOf(line); name == c.name && s == old.scope && !deletes {
			return &Error{
				Cookie: c.name, Field: "Scope", Rule: rule.OneLine, kind: ErrScope,
				Reason: fmt.Sprintf("is %v, which the response already sets; pass the earlier Path or Domain, or, if only Partitioned changed, Delete the earlier declaration", s),
			}
		}
	}
	return old.Delete(w)
}

// Until returns a copy of c that expires at t, to the second, instead of after MaxAge.
// A time in the past deletes the cookie; browsers shorten one more than 400 days away
// to that. Outside the years 1601 to 9999 the copy's Set and Line return an error.
func (c *Cookie) Until(t time.Time) *Cookie {
	d := *c
	d.err = nil
	t = t.UTC()
	if t.Year() < 1601 || t.Year() > 9999 {
		d.err = &Error{Cookie: c.name, Field: "Expires", Reason: "has the year " + strconv.Itoa(t.Year()), Rule: rule.Expires}
	}
	d.expires, d.tail = t.Format(http.TimeFormat), c.attrs.security()
	return &d
}

// put adds line to h in place of the lines with the same name and scope. It makes a
// new list, so that a copy of the old header does not change. A response may set a
// name in one scope and delete it in others, but not set it in two: browsers would
// store two cookies.
func (c *Cookie) put(h http.Header, line string) error {
	_, _, deleting := scopeOf(line)
	old := h["Set-Cookie"]
	lines := make([]string, 0, len(old)+1)
	for _, l := range old {
		name, s, deletes := scopeOf(l)
		if name == c.name && s == c.scope {
			continue
		}
		if name == c.name && !deletes && !deleting {
			return &Error{
				Cookie: c.name, Field: "Scope", Rule: rule.OneLine, kind: ErrScope,
				Reason: fmt.Sprintf("is %v, but the response already sets %v; set one of the two and delete the other", c.scope, s),
			}
		}
		lines = append(lines, l)
	}
	h["Set-Cookie"] = append(lines, line)
	return nil
}

// scopeOf returns what a Set-Cookie line sets or deletes, as browsers read it: the last
// valid attribute wins, and Max-Age takes precedence over Expires. An Expires in a
// form that Go does not write counts as not deleting.
func scopeOf(line string) (name string, s rule.Scope, deletes bool) {
	l := rule.ParseLine(line)
	hasMaxAge := false
	for a := range l.Attributes() {
		switch {
		case len(a.Value) > rule.MaxAttribute:
		case a.Key == "Max-Age":
			// A number of any length: ParseInt returns its nearest one.
			if n, err := strconv.ParseInt(a.Value, 10, 64); !errors.Is(err, strconv.ErrSyntax) && a.Value[0] != '+' {
				deletes, hasMaxAge = n <= 0, true
			}
		case a.Key == "Expires":
			if t, err := http.ParseTime(a.Value); err == nil && !hasMaxAge {
				deletes = !t.After(time.Now())
			}
		}
	}
	return l.Name, l.Scope(), deletes
}
