package rule

import "strings"

// Traits are the properties of a cookie that rules between its fields look at,
// whether a server declares it or a browser received it in a line.
type Traits struct {
	Name         string
	Secure       bool
	HTTPOnly     bool
	Partitioned  bool
	SameSiteNone bool
	HostOnly     bool // no Domain attribute
	RootPath     bool // a Path attribute that is "/"
}

// Conflict is a rule between fields that a cookie breaks. ID identifies the rule
// in verdicts.
type Conflict struct{ ID, Field, Reason, Rule string }

// Conflicts returns every rule between fields that t breaks. Any of them makes a
// browser ignore the cookie.
func Conflicts(t Traits) []Conflict {
	var out []Conflict
	need := func(ok bool, id, field, reason, rule string) {
		if !ok {
			out = append(out, Conflict{id, field, reason, rule})
		}
	}
	if p := prefixOf(t.Name); p.text != "" {
		by := ", as the prefix " + p.text + " requires"
		need(t.Secure, p.id, "Secure", "must be set"+by, p.rule)
		need(t.HTTPOnly || !p.http, p.id, "HttpOnly", "must be set"+by, p.rule)
		need(t.RootPath || !p.host, p.id, "Path", "must be \"/\""+by, p.rule)
		need(t.HostOnly || !p.host, p.id, "Domain", "must be absent"+by, p.rule)
	}
	need(t.Secure || !t.SameSiteNone, "samesite-none-insecure", "SameSite", "is None without Secure", SameSiteNone)
	need(t.Secure || !t.Partitioned, "partitioned-insecure", "Partitioned", "is set without Secure", Partitioned)
	return out
}

type prefix struct {
	text, id, rule string
	http           bool // HttpOnly
	host           bool // Path=/ and no Domain
}

// HostPrefix is the only prefix with Path=/ and no Domain that older browsers
// know, and they know it in this spelling only.
const HostPrefix = "__Host-"

// HasPrefix reports whether name begins with a prefix that browsers know.
func HasPrefix(name string) bool { return prefixOf(name).text != "" }

// HasOldPrefix reports whether name begins with one of the first two prefixes, in
// the usual spelling.
func HasOldPrefix(name string) bool {
	return strings.HasPrefix(name, HostPrefix) || strings.HasPrefix(name, "__Secure-")
}

// IsHostOnly reports whether name has a prefix that requires Path=/ and no Domain.
func IsHostOnly(name string) bool { return prefixOf(name).host }

// WithoutPrefix returns name without the prefix that browsers know.
func WithoutPrefix(name string) string { return name[len(prefixOf(name).text):] }

// prefixOf returns the prefix of name, in any case as for browsers (rfc6265bis
// 5.4), or the zero prefix.
func prefixOf(name string) prefix {
	for _, p := range [...]prefix{
		{"__Host-Http-", "prefix-host-http", "layered-cookies 4.1.3: __Host-Http- is __Host- and __Http- in one", true, true},
		{HostPrefix, "prefix-host", "rfc6265bis 4.1.3.2: a __Host- cookie is Secure, has Path=/ and no Domain", false, true},
		{"__Http-", "prefix-http", "layered-cookies 4.1.3: a __Http- cookie is Secure and HttpOnly", true, false},
		{"__Secure-", "prefix-secure", "rfc6265bis 4.1.3.1: a __Secure- cookie is Secure", false, false},
	} {
		if len(name) >= len(p.text) && strings.EqualFold(name[:len(p.text)], p.text) {
			return p
		}
	}
	return prefix{}
}
