package rule

import "strings"

// Traits are what a cookie is, whether a server declares it or a browser got
// it in a line. Rules between fields look at nothing else.
type Traits struct {
	Name         string
	Secure       bool
	HTTPOnly     bool
	Partitioned  bool
	SameSiteNone bool
	HostOnly     bool // no Domain attribute
	RootPath     bool // a Path attribute that is "/"
}

// Conflict is a rule between fields that a cookie breaks.
type Conflict struct{ Field, Reason, Rule string }

// Conflicts returns every rule between fields that t breaks. For any of them a
// browser ignores the cookie.
func Conflicts(t Traits) []Conflict {
	var out []Conflict
	need := func(ok bool, field, reason, rule string) {
		if !ok {
			out = append(out, Conflict{field, reason, rule})
		}
	}
	if p := prefixOf(t.Name); p.text != "" {
		by := ", as the prefix " + p.text + " requires"
		need(t.Secure, "Secure", "must be there"+by, p.rule)
		need(t.HTTPOnly || !p.http, "HttpOnly", "must be there"+by, p.rule)
		need(t.RootPath || !p.host, "Path", "must be \"/\""+by, p.rule)
		need(t.HostOnly || !p.host, "Domain", "must be absent"+by, p.rule)
	}
	need(t.Secure || !t.SameSiteNone, "SameSite", "is None without Secure", SameSiteNone)
	need(t.Secure || !t.Partitioned, "Partitioned", "is there without Secure", Partitioned)
	return out
}

type prefix struct {
	text, rule string
	http       bool // HttpOnly
	host       bool // Path=/ and no Domain
}

// prefixOf returns the prefix that name claims, matched without case as
// browsers do (rfc6265bis 5.4), or the zero prefix.
func prefixOf(name string) prefix {
	for _, p := range [...]prefix{
		{"__Host-Http-", "layered-cookies 4.1.3: __Host-Http- is __Host- and __Http- in one", true, true},
		{"__Host-", "rfc6265bis 4.1.3.2: a __Host- cookie is Secure, has Path=/ and no Domain", false, true},
		{"__Http-", "layered-cookies 4.1.3: a __Http- cookie is Secure and HttpOnly", true, false},
		{"__Secure-", "rfc6265bis 4.1.3.1: a __Secure- cookie is Secure", false, false},
	} {
		if len(name) >= len(p.text) && strings.EqualFold(name[:len(p.text)], p.text) {
			return p
		}
	}
	return prefix{}
}
