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

// Attributes is everything about a cookie but its name and value. The zero
// value is the safe choice: Path=/, host-only, gone when the browser closes,
// Secure, HttpOnly, SameSite=Lax, plain octets.
type Attributes struct {
	// Path limits the cookie to a path and what lies below it: at most 1,024
	// octets of ASCII from a slash on, without semicolon, control byte or
	// trailing space. Empty means "/". It is no security boundary.
	Path string
	// Domain shares the cookie with a host name and all its subdomains. Empty,
	// the safest, means the host that set it and no other. It is written in
	// ASCII (an IDN as its xn-- form), without leading dot or port, and is
	// neither an IP address nor a public suffix.
	Domain string
	// MaxAge is how long the browser keeps the cookie: whole seconds, at most
	// 400 days, as browsers keep none longer. Zero means until the browser
	// closes, negative is an error: Delete deletes.
	MaxAge time.Duration
	// SameSite is Lax when zero. Strict and None are the other choices;
	// http.SameSiteDefaultMode, which writes nothing, is an error. None needs
	// Secure.
	SameSite http.SameSite
	// Insecure leaves out Secure, so that the cookie also travels over plain
	// HTTP. Browsers take http://localhost for secure, all but Safari (WebKit
	// bug 281149): development rarely needs it, and has https too, by "crumb
	// start --tls".
	Insecure bool
	// ScriptReadable leaves out HttpOnly, so that scripts of the page, a
	// smuggled one too, can read the cookie.
	ScriptReadable bool
	// Partitioned keeps a separate cookie under every top-level site (CHIPS).
	// It needs Secure.
	Partitioned bool
	// Encoding is Plain, Percent or Base64.
	Encoding Encoding
}

// Cookie is a declared cookie. It never changes and serves any number of
// goroutines. New makes one; the zero Cookie sets and reads nothing.
type Cookie struct {
	name    string
	attrs   Attributes
	scope   rule.Scope
	expires string // the date that Until fixed, or ""

	// What Line writes around the value and the date.
	head string // "; Path=/; Domain=example.com"
	tail string // "; Max-Age=60; Secure; HttpOnly; SameSite=Lax"

	err error // why it cannot be set: Until's time has no date
}

// New declares a cookie. It returns every mistake at once, each an *Error,
// joined by errors.Join.
//
// The name is a token. A name that begins with __Secure-, __Host-, __Http- or
// __Host-Http-, in any case, needs the attributes that browsers demand of it.
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

// security returns Secure, HttpOnly, SameSite and Partitioned as a line has them.
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

// check returns every rule that the declaration breaks.
func check(name string, a Attributes) error {
	errs := mistakes{cookie: name}
	refuse := errs.add

	if i := rule.IndexNot(name, rule.IsTchar); i >= 0 {
		refuse("Name", rule.Name, "has %s at offset %d", rule.ByteClass(name[i]), i)
	}
	if name == "" {
		refuse("Name", rule.Name, "is empty")
	}
	if len(name) > rule.MaxPair {
		refuse("Name", rule.PairSize, "has %d octets", len(name))
	}

	if a.Path[0] != '/' {
		refuse("Path", rule.Path, "%q does not start with a slash", a.Path)
	}
	if i := rule.IndexNot(a.Path, rule.IsAVOctet); i >= 0 {
		refuse("Path", rule.Path, "%q has %s at offset %d", a.Path, rule.ByteClass(a.Path[i]), i)
	}
	if strings.HasSuffix(a.Path, " ") {
		refuse("Path", rule.Path, "%q ends in a space, which browsers cut off", a.Path)
	}
	if len(a.Path) > rule.MaxAttribute {
		refuse("Path", rule.AttributeSize, "has %d octets", len(a.Path))
	}

	if a.Domain != "" {
		if why := rule.HostProblem(a.Domain); why != "" {
			refuse("Domain", rule.Domain, "%q %s", a.Domain, why)
		} else if rule.IsPublicSuffix(a.Domain) {
			refuse("Domain", rule.PublicSuffix, "%q is a public suffix", a.Domain)
		}
	}

	switch {
	case a.MaxAge < 0:
		refuse("MaxAge", rule.MaxAge, "is negative (%v); Delete deletes", a.MaxAge)
	case a.MaxAge%time.Second != 0:
		refuse("MaxAge", rule.MaxAge, "is not in whole seconds (%v)", a.MaxAge)
	case a.MaxAge > rule.MaxLifetime:
		refuse("MaxAge", rule.Lifetime, "is %v", a.MaxAge)
	}
	if rule.SameSiteWord(a.SameSite) == "" {
		refuse("SameSite", rule.SameSite, "is http.SameSite(%d); leave it zero for Lax", a.SameSite)
	}
	if a.Encoding > Base64 {
		refuse("Encoding", rule.Value, "is Encoding(%d), which does not exist", a.Encoding)
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
		refuse(c.Field, c.Rule, "%s", c.Reason)
	}
	return errors.Join(errs.list...)
}

// mistakes collects what is wrong with a declaration.
type mistakes struct {
	cookie string
	list   []error
}

func (m *mistakes) add(field, cite, reason string, args ...any) {
	m.list = append(m.list, &Error{Cookie: m.cookie, Field: field, Reason: fmt.Sprintf(reason, args...), Rule: cite})
}
