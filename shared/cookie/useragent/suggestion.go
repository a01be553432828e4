package useragent

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/internal/rule"
)

// Suggestion returns Go code that declares the cookie with package cookie, so that
// browsers keep it as the line probably meant it, after comments on what a declaration
// cannot fix. It is empty if no reason ignores or changes the line.
func (v Verdict) Suggestion() string {
	advice, broken := v.advice()
	if !broken || v.Has("origin") {
		return ""
	}
	name, a := v.declaration()
	id := identifier(name)
	var b strings.Builder
	for _, text := range advice {
		b.WriteString("// " + text + "\n")
	}
	fmt.Fprintf(&b, "var %s = cookie.Must(cookie.New(%q, cookie.Attributes{%s}))\n", id, name, literal(a))
	if v.Has("expired") {
		b.WriteByte('\n')
		fmt.Fprintf(&b, "// %s.Set(w, value) keeps it, %s.Delete(w) deletes it.\n", id, id)
	}
	return b.String()
}

const overHTTPS = "Serve it over https: over plain http, browsers take Secure cookies only from localhost, and Safari not even from there."

// encode is about package cookie; other frameworks have a text of their own.
const encode = "cookie.Percent writes any text, cookie.Base64 any bytes; Get reads them back."

// advise is what to do about a reason, beside a better declaration.
var advise = map[string]string{
	"secure-from-insecure": overHTTPS,
	"overlay-secure":       "Set and delete it over https: the browser has it as a Secure cookie.",
	"overlay-httponly":     "Scripts cannot change it: change it on the server.",
	"httponly-from-script": "Scripts cannot set HttpOnly: set it on the server.",
	"samesite-cross-site":  "Inside another site's page only cookies with SameSite=None are set.",
	"too-long":             "Keep the data on the server and its key in the cookie: name and value may have 4,096 bytes.",
	"domain-mismatch":      "Without Domain it belongs to the host that sets it, wherever that is deployed.",
	"domain-non-ascii":     "Without Domain it belongs to the host that sets it, wherever that is deployed.",
	"public-suffix":        "Without Domain it belongs to the host that sets it, wherever that is deployed.",
	"folded":               "Set each cookie with a separate call: each needs its own Set-Cookie line.",
	"nameless":             "Give it a name.",
	"nameless-prefix":      "Give it a name.",
	"nameless-equals":      "Give it a name.",
	"empty":                "Give it a name.",
	"ctl":                  encode,
	"tab":                  encode,
	"trimmed":              encode,
	"value-octets":         encode,
	"third-party":          "Inside another site's page, Safari sets only Partitioned cookies.",
}

func (v Verdict) advice() (texts []string, broken bool) {
	seen := map[string]bool{}
	for _, r := range v.Reasons {
		if r.Effect == Notes || r.Effect == Deletes && v.line.Value == "" {
			continue
		}
		broken = true
		if text := advise[r.ID]; text != "" && !seen[text] {
			seen[text] = true
			texts = append(texts, text)
		}
	}
	if broken && !seen[overHTTPS] && !v.Has("origin") && !v.Engine.trusts(v.from.URL) {
		if _, a := v.declaration(); !a.Insecure { // what the line asks for needs Secure
			texts = append(texts, overHTTPS)
		}
	}
	return texts, broken
}

// declaration is what the line should have been: the safe choice, except where the
// line explicitly asks for less.
func (v Verdict) declaration() (name string, a cookie.Attributes) {
	v = v.meant()
	name = v.intendedName()
	a.SameSite = v.intendedSameSite()
	a.Partitioned = v.hasAttribute("Partitioned")
	needsSecure := v.Cookie.Secure || a.SameSite == http.SameSiteNoneMode || a.Partitioned || rule.HasPrefix(name)
	a.Insecure = !v.Engine.trusts(v.from.URL) && !needsSecure
	if !rule.IsHostOnly(name) {
		a.Path, a.Domain = v.intendedPath(), v.intendedDomain()
	}
	a.MaxAge = v.intendedMaxAge()
	a.Encoding = v.suitableEncoding()
	return name, a
}

// intendedName is the name without the bytes that a token cannot have.
func (v Verdict) intendedName() string {
	name := strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && rule.IsTchar(byte(r)) {
			return r
		}
		return -1
	}, v.Cookie.Name)
	if name == "" || len(name) > rule.MaxPair/2 {
		return "name"
	}
	return name
}

// intendedSameSite is zero for Lax.
func (v Verdict) intendedSameSite() http.SameSite {
	mode := v.Cookie.SameSite
	switch {
	case v.Has("samesite-cross-site") || v.line.Has("Partitioned"): // is for other sites' pages
		return http.SameSiteNoneMode
	case mode == http.SameSiteLaxMode || mode == http.SameSiteDefaultMode:
		return 0
	}
	return mode
}

// intendedDomain is empty for the host only.
func (v Verdict) intendedDomain() string {
	c := v.Cookie
	if c.HostOnly || rule.HostProblem(c.Domain) != "" || rule.IsPublicSuffix(c.Domain) {
		return ""
	}
	return c.Domain
}

// intendedMaxAge is the lifetime that the browser found, that of a date rounded, or else
// that of a Max-Age in quotes, or zero.
func (v Verdict) intendedMaxAge() time.Duration {
	c := v.Cookie
	if life := c.Expires.Sub(c.Created).Round(time.Second); !c.Expires.IsZero() && life > 0 {
		if _, exact := v.last("Max-Age", v.Engine.isSeconds); !exact {
			life = life.Round(largest(life, 10).length) // the server meant a length of time, some moments ago
		}
		return life
	}
	written, _ := v.attribute("Max-Age")
	unquoted := strings.Trim(written, `"'`)
	if v.Engine.isSeconds(written) || !v.Engine.isSeconds(unquoted) || seconds(unquoted) <= 0 {
		return 0
	}
	return min(seconds(unquoted), rule.MaxLifetime)
}

// intendedPath is the Path that was probably meant, empty for "/".
func (v Verdict) intendedPath() string {
	written, there := v.attribute("Path")
	if i := folded(written); i >= 0 {
		written = written[:i]
	}
	written, _ = swallowed(strings.Trim(written, `"`), false)
	path := "/" + strings.Trim(strings.TrimPrefix(strings.Trim(written, `"`), "/"), " ")
	if !there || path == "/" || len(path) > rule.MaxAttribute || rule.IndexNot(path, rule.IsAVOctet) >= 0 {
		return ""
	}
	return path
}

func (v Verdict) suitableEncoding() cookie.Encoding {
	l := v.line
	plain := rule.IndexNot(rule.Unquote(l.Value), rule.IsCookieOctet) < 0 && !l.Trimmed
	for a := range l.Attributes() { // the rest of a value that a semicolon cut?
		if !a.Known && v.Has("attribute-unknown") {
			plain = false
		}
	}
	switch {
	case plain:
		return cookie.Plain
	case utf8.ValidString(l.Value):
		return cookie.Percent
	}
	return cookie.Base64
}

// literal writes the fields between the braces of a cookie.Attributes.
func literal(a cookie.Attributes) string {
	var fields []string
	add := func(there bool, format string, args ...any) {
		if there {
			fields = append(fields, fmt.Sprintf(format, args...))
		}
	}
	add(a.Path != "", "Path: %q", a.Path)
	add(a.Domain != "", "Domain: %q", a.Domain)
	add(a.MaxAge > 0, "MaxAge: %s", duration(a.MaxAge))
	add(a.SameSite == http.SameSiteStrictMode, "SameSite: http.SameSiteStrictMode")
	add(a.SameSite == http.SameSiteNoneMode, "SameSite: http.SameSiteNoneMode")
	add(a.Insecure, "Insecure: true")
	add(a.Partitioned, "Partitioned: true")
	add(a.Encoding == cookie.Percent, "Encoding: cookie.Percent")
	add(a.Encoding == cookie.Base64, "Encoding: cookie.Base64")
	return strings.Join(fields, ", ")
}

// duration writes d, whole seconds, as people write it.
func duration(d time.Duration) string {
	i := slices.IndexFunc(units[:], func(u unit) bool { return d%u.length == 0 })
	return strings.TrimPrefix(fmt.Sprintf("%d * %s", d/units[i].length, units[i].code), "1 * ")
}

// identifier is a Go name for the cookie.
func identifier(name string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(rule.WithoutPrefix(name), func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
	}) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	if s := b.String(); s != "" && (s[0] < '0' || s[0] > '9') {
		return s
	}
	return "Cookie" + b.String()
}
