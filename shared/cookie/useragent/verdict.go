package useragent

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// An Outcome is what becomes of a Set-Cookie line.
type Outcome string

// The outcomes.
const (
	Stored  Outcome = "stored"  // the browser keeps the cookie
	Deleted Outcome = "deleted" // the line expires at once: nothing is kept, and what was there is removed
	Ignored Outcome = "ignored" // nothing changes, and nobody is told
)

// A Verdict is what a browser does with a Set-Cookie line. Texts in it never
// hold the cookie's value.
type Verdict struct {
	Outcome Outcome
	// Cookie is what the line came to mean. Of an ignored line it is what the
	// browser had read when it gave up, and stands for nothing.
	Cookie Cookie
	// Reasons tell why the line was ignored, what of it counts for something
	// else than it says, and what may surprise. They stand in the order in which
	// a browser comes upon them; an ignored line has all of its reasons.
	Reasons []Reason

	line rule.Line
	from Request
}

// String returns the outcome and the reasons. It does not hold the value.
func (v Verdict) String() string {
	s := string(v.Outcome)
	for i, r := range v.Reasons {
		if i == 0 {
			s += ": "
		} else {
			s += "; "
		}
		s += r.String()
	}
	return s
}

// GoString is String, so that %#v does not print the value either.
func (v Verdict) GoString() string { return strconv.Quote(v.String()) }

// Has reports whether one of the reasons has this ID.
func (v Verdict) Has(id string) bool {
	for _, r := range v.Reasons {
		if r.ID == id {
			return true
		}
	}
	return false
}

// An Effect is what a Reason does to a line.
type Effect string

// The effects. A reason that ignores decides the outcome alone.
const (
	Ignores Effect = "ignores" // the whole line
	Deletes Effect = "deletes" // the line deletes
	Changes Effect = "changes" // a part of the line counts for something else than it says
	Notes   Effect = "notes"   // the line means what it says, which may surprise; never with an ignored line
)

// A Reason is one rule at work. Text follows Field to make a sentence: "SameSite
// is None without Secure".
type Reason struct {
	ID     string `json:"id"` // of the rule, never changed: "samesite-none-insecure"; the package comment lists all
	Effect Effect `json:"effect"`
	Field  string `json:"field"` // what it is about: "Name", "Value", "Domain", …
	Text   string `json:"text"`
	Rule   string `json:"rule"` // where the rule stands
}

// String returns the reason as a sentence with its rule.
func (r Reason) String() string { return r.Field + " " + r.Text + " (" + r.Rule + ")" }

// A Cookie is a cookie as a browser keeps it.
type Cookie struct {
	Name     string
	Value    string `json:"-"` // a secret: String and GoString leave it out
	Domain   string // a host, in lower case; an IPv6 address in brackets
	HostOnly bool   // Domain alone, not its subdomains
	Path     string // as the line has it: where lines were joined by a comma, with the next cookie
	Created  time.Time
	Expires  time.Time // zero: when the browser closes
	Secure   bool
	HTTPOnly bool
	// SameSite is http.SameSiteDefaultMode where the line says nothing that
	// counts: Lax, and for two minutes also with a POST that navigates.
	SameSite  http.SameSite
	Partition string // of a Partitioned cookie the site in the address bar; else empty
}

// String names the cookie and where it belongs. It does not hold the value.
func (c Cookie) String() string {
	s := fmt.Sprintf("%q (value of %s) at %s, Path %q", c.Name, rule.Octets(len(c.Value)), c.Domain, shown(c.Path))
	if !c.HostOnly {
		s += " and its subdomains"
	}
	if !c.Expires.IsZero() {
		s += " until " + c.Expires.UTC().Format(time.RFC3339)
	}
	return s
}

// GoString is String, so that %#v does not print the value either.
func (c Cookie) GoString() string { return strconv.Quote(c.String()) }

// same reports whether the two are one cookie to a browser (rfc6265bis 5.7).
func (c Cookie) same(d Cookie) bool {
	return c.Name == d.Name && c.Domain == d.Domain && c.HostOnly == d.HostOnly && c.Path == d.Path && c.Partition == d.Partition
}

func (c Cookie) expired(now time.Time) bool { return !c.Expires.IsZero() && !c.Expires.After(now) }
