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

// Attributes is everything about a cookie except its name and value. The zero
// value is the safe choice: Path=/, host-only, deleted when the browser closes,
// Secure, HttpOnly, SameSite=Lax, Encoding Plain.
type Attributes struct {
	// Path limits the cookie to a path and everything below it: at most 1,024
	// bytes of ASCII that start with a slash, without a semicolon, control byte or
	// trailing space. Empty means "/". It is not a security boundary.
	Path string
	// Domain shares the cookie with a host name and all its subdomains. Empty, the
	// safest, means only the host that set it. It is written in ASCII (an IDN in
	// its xn-- form), without a leading dot or port, and cannot be an IP address or
	// a public suffix.
	Domain string
	// MaxAge is how long the browser keeps the cookie: whole seconds, at most 400
	// days, the limit of browsers. Zero means until the browser closes. Negative is
	// an error: use Delete.
	MaxAge time.Duration
	// SameSite is Lax when zero. Strict and None are the other choices;
	// http.SameSiteDefaultMode, which writes nothing, is an error. None needs
	// Secure.
	SameSite http.SameSite
	// Insecure omits Secure, so that the cookie is also sent over plain HTTP.
	// Development rarely needs it: browsers treat http://localhost as secure,
	// except Safari (WebKit bug 281149), for which "crumb start --tls" serves
	// HTTPS.
	Insecure bool
	// ScriptReadable omits HttpOnly, so that the page's scripts, injected ones
	// too, can read the cookie.
	ScriptReadable bool
	// Partitioned keeps a separate cookie for every top-level site (CHIPS).
	// It needs Secure, and SameSite: http.SameSiteNoneMode to be of use: pages that
	// other sites embed, which it is for, do not get a Lax or Strict cookie.
	Partitioned bool
	// Encoding is Plain, Percent or Base64.
	Encoding Encoding
}

// Cookie is a declared cookie. It is immutable and safe for concurrent use. New
// makes one; the zero Cookie sets and reads nothing.
type Cookie struct {
	name    string
	attrs   Attributes
	scope   rule.Scope
	expires string // the date given to Until, or ""

	// What Line writes around the value and the date.
	head string // "; Path=/; Domain=example.com"
	tail string // "; Max-Age=60; Secure; HttpOnly; SameSite=Lax"

	err error // why it cannot be set: Until's time is out of range
}

// New declares a cookie. It returns every mistake at once, each an *Error,
// joined by errors.Join.
//
// The name is a token. A name that begins with __Secure-, __Host-, __Http- or
// __Host-Http-, in any case, needs the attributes that browsers require for it.
func New(name string, a Attributes) (*Cookie, error) {
	if a.Path == "" {
		a.Path = "/"
	}
	if a.SameSite == 0 {
		a.SameSite = http.SameSiteLaxMode
	}
	if err := check(name, a); err != nil {
		return nil, err
	}
	c := &Cookie{
		name:  name,
		attrs: a,
		scope: rule.Scope{Path: a.Path, Domain: strings.ToLower(a.Domain), Partitioned: a.Partitioned},
		head:  "; Path=" + a.Path,
		tail:  a.security(),
	}
	if a.Domain != "" {
		c.head += "; Domain=" + a.Domain
	}
	if a.MaxAge > 0 {
		c.tail = "; Max-Age=" + strconv.Itoa(int(a.MaxAge/time.Second)) + c.tail
	}
	return c, nil
}

// Must returns c, or panics with err. It is for package variables:
//
//	var Theme = cookie.Must(cookie.New("theme", cookie.Attributes{}))
func Must(c *Cookie, err error) *Cookie {
	if err != nil {
		panic(err)
	}
	return c
}

// Name returns the cookie's name.
func (c *Cookie) Name() string { return c.name }

// security returns Secure, HttpOnly, SameSite and Partitioned as written in a line.
func (a Attributes) security() string {
	s := ""
	if !a.Insecure {
		s += "; Secure"
	}
	if !a.ScriptReadable {
		s += "; HttpOnly"
	}
	s += "; SameSite=" + rule.SameSiteWord(a.SameSite)
	if a.Partitioned {
		s += "; Partitioned"
	}
	return s
}

// check returns an error for every rule that the declaration breaks.
func check(name string, a Attributes) error {
	errs := mistakes{cookie: name}
	reject := errs.add

	if i := rule.IndexNot(name, rule.IsTchar); i >= 0 {
		reject("Name", rule.Name, "has %s at offset %d", rule.ByteClass(name[i]), i)
	}
	if name == "" {
		reject("Name", rule.Name, "is empty")
	}
	if len(name) > rule.MaxPair {
		reject("Name", rule.PairSize, "has %d bytes", len(name))
	}

	if a.Path[0] != '/' {
		reject("Path", rule.Path, "%q does not start with a slash", a.Path)
	}
	if i := rule.IndexNot(a.Path, rule.IsAVOctet); i >= 0 {
		reject("Path", rule.Path, "%q has %s at offset %d", a.Path, rule.ByteClass(a.Path[i]), i)
	}
	if strings.HasSuffix(a.Path, " ") {
		reject("Path", rule.Path, "%q ends in a space, which browsers remove", a.Path)
	}
	if len(a.Path) > rule.MaxAttribute {
		reject("Path", rule.AttributeSize, "has %d bytes", len(a.Path))
	}

	if a.Domain != "" {
		if why := rule.HostProblem(a.Domain); why != "" {
			reject("Domain", rule.Domain, "%q %s", a.Domain, why)
		} else if rule.IsPublicSuffix(a.Domain) {
			reject("Domain", rule.PublicSuffix, "%q is a public suffix", a.Domain)
		}
	}

	switch {
	case a.MaxAge < 0:
		reject("MaxAge", rule.MaxAge, "is negative (%v); use Delete to delete a cookie", a.MaxAge)
	case a.MaxAge%time.Second != 0:
		reject("MaxAge", rule.MaxAge, "is not in whole seconds (%v)", a.MaxAge)
	case a.MaxAge > rule.MaxLifetime:
		reject("MaxAge", rule.Lifetime, "is %v", a.MaxAge)
	}
	if rule.SameSiteWord(a.SameSite) == "" {
		reject("SameSite", rule.SameSite, "is http.SameSite(%d); leave it zero for Lax", a.SameSite)
	}
	if a.Encoding > Base64 {
		reject("Encoding", rule.Value, "is Encoding(%d), which does not exist", a.Encoding)
	}
	for _, c := range rule.Conflicts(rule.Traits{
		Name:         name,
		Secure:       !a.Insecure,
		HTTPOnly:     !a.ScriptReadable,
		Partitioned:  a.Partitioned,
		SameSiteNone: a.SameSite == http.SameSiteNoneMode,
		HostOnly:     a.Domain == "",
		RootPath:     a.Path == "/",
	}) {
		reject(c.Field, c.Rule, "%s", c.Reason)
	}
	return errors.Join(errs.list...)
}

// mistakes collects the errors of a declaration.
type mistakes struct {
	cookie string
	list   []error
}

func (m *mistakes) add(field, cite, reason string, args ...any) {
	m.list = append(m.list, &Error{Cookie: m.cookie, Field: field, Reason: fmt.Sprintf(reason, args...), Rule: cite})
}
