package useragent

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// An Outcome is what happens to a Set-Cookie line.
type Outcome string

// The outcomes.
const (
	Stored  Outcome = "stored"  // the browser keeps the cookie
	Deleted Outcome = "deleted" // the line expires at once, and removes the cookie that was there
	Ignored Outcome = "ignored" // nothing changes, silently
)

// A Verdict is what a browser does with a Set-Cookie line. Its texts never have the
// cookie's value.
type Verdict struct {
	Outcome Outcome
	Engine  Engine // whose verdict it is; "" for the model of Explain
	// Cookie is the cookie as the browser stores it. For an ignored line it is only
	// what could be read of it.
	Cookie Cookie
	// Reasons say why the line is ignored, which parts mean something else than they
	// say, and what may surprise. They are in the order in which a browser checks the
	// line; for an ignored line all reasons are listed.
	Reasons []Reason

	line rule.Line
	from Request
}

// String returns the outcome and the reasons, without the value.
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

// The effects. A single reason that ignores decides the outcome.
const (
	Ignores Effect = "ignores" // the whole line
	Deletes Effect = "deletes" // the line deletes
	Changes Effect = "changes" // a part of the line means something else than it says
	Notes   Effect = "notes"   // the line means what it says, which may surprise; never with an ignored line
)

// A Reason is one rule that applies. Field and Text together are a sentence: "SameSite
// is None without Secure".
type Reason struct {
	ID     string `json:"id"` // of the rule, never changed: "samesite-none-insecure"; the package comment lists all
	Effect Effect `json:"effect"`
	Field  string `json:"field"` // what the reason is about: "Name", "Value", "Domain", …
	Text   string `json:"text"`
	Rule   string `json:"rule"` // the rule and its source
}

// String returns the reason as a sentence with its rule.
func (r Reason) String() string { return r.Field + " " + r.Text + " (" + r.Rule + ")" }

// A Cookie is a cookie as a browser keeps it.
type Cookie struct {
	Name     string
	Value    string `json:"-"` // a secret: String and GoString omit it
	Domain   string // a host, in lower case; an IPv6 address in brackets
	HostOnly bool   // Domain only, not its subdomains
	Path     string // as the line has it: where lines were joined by a comma, with the next cookie
	Created  time.Time
	Expires  time.Time // zero: when the browser closes
	Secure   bool
	HTTPOnly bool
	// SameSite is http.SameSiteDefaultMode if the line has no valid one: Lax, and for
	// two minutes also sent with a POST that navigates.
	SameSite  http.SameSite
	Partition string // for a Partitioned cookie, the site in the address bar; else empty

	engine Engine // that keeps it
}

// String describes the cookie and its scope, without the value.
func (c Cookie) String() string {
	s := fmt.Sprintf("%q (value of %s) at %s, Path %q", c.Name, rule.Bytes(len(c.Value)), c.Domain, shown(c.Path))
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

// same reports whether browsers treat the two as one cookie (rfc6265bis 5.7).
func (c Cookie) same(d Cookie) bool {
	return c.Name == d.Name && c.Domain == d.Domain && c.HostOnly == d.HostOnly && c.Path == d.Path && c.Partition == d.Partition
}

func (c Cookie) expired(now time.Time) bool { return !c.Expires.IsZero() && !c.Expires.After(now) }
