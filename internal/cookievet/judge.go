package cookievet

import (
	"errors"
	"go/ast"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/tools/go/analysis"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

func quote(s string) string { return strconv.Quote(s) }

// judge reports what browsers make of a cookie.
func (p *pass) judge(s *set) {
	line, c := s.line, s.harmless()
	if line == "" {
		line = c.String()
	} else if parsed, err := http.ParseSetCookie(line); err == nil {
		c.Domain = parsed.Domain
	}
	if line == "" { // net/http drops it: altered reports that
		return
	}
	for _, r := range useragent.Explain(line, origin(c.Domain), time.Now()).Reasons {
		kind, what := "value", "browsers ignore the cookie"
		switch {
		case strings.HasPrefix(r.ID, "prefix-"):
			kind = "prefix"
		case strings.HasSuffix(r.ID, "-insecure"):
			kind = "samesite"
		case r.Effect == useragent.Changes && r.ID != "lifetime-capped" && (s.line != "" || r.ID == "path-invalid"):
			what = "browsers ignore, or read in another way, a part of the cookie"
		case r.Effect != useragent.Ignores:
			continue
		}
		fix, text := s.fix(r)
		p.report(kind, s.at, fix, "%s%s: %v%s", what, s.named(), r, text)
	}
}

// origin is a URL that may set a cookie with this Domain.
func origin(domain string) *url.URL {
	host := strings.Trim(domain, ".")
	if host == "" {
		host = "app.example"
	} else if strings.Contains(host, ".") && net.ParseIP(host) == nil { // not localhost
		host = "app." + host
	}
	return &url.URL{Scheme: "https", Host: host, Path: "/"}
}

// fix is what to change so that the reason is gone.
func (s *set) fix(r useragent.Reason) ([]analysis.TextEdit, string) {
	name, value := r.Field, "true"
	switch {
	case strings.HasSuffix(r.ID, "-insecure"):
		name = "Secure"
	case !strings.HasPrefix(r.ID, "prefix-"):
		return nil, ""
	case r.Field == "Path":
		value = `"/"`
	case r.Field == "Domain":
		value = `""`
	}
	if s.line != "" {
		return nil, "; correct " + name + " in the line"
	}
	return s.put(name, value), "; set " + name + ": " + value
}

// put is the edit that gives a field a value, or nil.
func (s *set) put(name, value string) []analysis.TextEdit {
	if e := s.exprs[name]; e != nil {
		return []analysis.TextEdit{{Pos: e.Pos(), End: e.End(), NewText: []byte(value)}}
	}
	if s.lit == nil {
		return nil
	}
	text, at := name+": "+value, s.lit.Rbrace
	if n := len(s.lit.Elts); n > 0 {
		at, text = s.lit.Elts[n-1].End(), ", "+text
	}
	return []analysis.TextEdit{{Pos: at, End: at, NewText: []byte(text)}}
}

// altered reports fields that net/http changes when it writes the cookie. Package cookie
// has the reason: it takes no such field.
func (p *pass) altered(s *set) {
	for _, f := range [...]struct{ name, does string }{
		{"Name", "does not send a cookie of this name"},
		{"Value", "removes bytes of this value; encode it, with url.QueryEscape or base64.URLEncoding"},
		{"Path", "removes bytes of this Path"},
		{"Domain", "leaves this Domain out"},
	} {
		if !s.knows(f.name) || f.name == "Value" && s.gin {
			continue
		}
		c := http.Cookie{Name: "name"}
		field(&c, f.name).Set(field(&s.cookie, f.name))
		if c.Valid() == nil {
			continue
		}
		declared, err := cookie.New(c.Name, cookie.Attributes{Path: c.Path, Domain: c.Domain})
		if err == nil {
			_, err = declared.Line(c.Value)
		}
		rule := "net/http"
		if e := (*cookie.Error)(nil); errors.As(err, &e) {
			rule = e.Rule
		}
		at := s.at
		if e := s.exprs[f.name]; e != nil {
			at = ast.Node(e)
		}
		p.report("value", at, nil, "net/http %s (%s)", f.does, rule)
	}
}

var (
	// secret matches names of cookies that scripts should not read.
	secret = regexp.MustCompile(`(?i)session|token|jwt|passw|secret|\b(sid|sess|auth)(\b|_)`)
	// readable matches names of cookies that a page's own scripts have to read.
	readable = regexp.MustCompile(`(?i)csrf|xsrf`)
)

// scripts reports a secret without HttpOnly.
func (p *pass) scripts(s *set) {
	if c := s.cookie; s.named() != "" && s.knows("HttpOnly") && !c.HttpOnly && !s.deletes() && secret.MatchString(c.Name) && !readable.MatchString(c.Name) {
		p.report("httponly", s.at, nil, "scripts, injected ones too, can read the cookie%s: HttpOnly is not set (rfc6265bis 4.1.2.6); set HttpOnly: true unless your own scripts need it", s.named())
	}
}
