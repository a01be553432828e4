// Package dbscheck says what Chromium makes of the headers and the JSON of device-bound
// sessions (package dbsc) in a response, and why it ignores them: it does so without a
// word, like with cookies.
package dbscheck

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/crumb-go/crumb/internal/paste"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
	"github.com/crumb-go/crumb/shared/dbsc"
)

// An Outcome is what the browser does with a header.
type Outcome string

// The outcomes.
const (
	Used    Outcome = "used"    // the browser acts on it
	Sent    Outcome = "sent"    // it is a request's: the browser says something
	Ignored Outcome = "ignored" // nothing happens, silently
)

// A Verdict is what becomes of one header or of session instructions.
type Verdict struct {
	Outcome Outcome            `json:"outcome"`
	Header  string             `json:"header"` // its name, or "session instructions"
	URL     string             `json:"url"`    // of the response, without a password
	Meaning string             `json:"meaning,omitempty"`
	Reasons []useragent.Reason `json:"reasons"`
}

// Rules that verdicts cite. The sections are those of the draft of 17 February 2026.
const (
	overHTTPS    = "DBSC 8: device-bound sessions exist only over https, with a certificate that the browser trusts"
	structured   = "DBSC 9, RFC 9651: the header is a structured field; one mistake invalidates all lines of the header"
	registration = `DBSC 9.1: (ES256 RS256);path="/bind";challenge="…", with strings in quotes`
	challenge    = `DBSC 9.2: "challenge";id="session identifier"`
	sameSite     = "DBSC 8.10: registration and refresh stay on the site, over https"
	instructions = "DBSC 9.6: the session instructions"
	scope        = "DBSC 9.7: include_site needs the registrable domain; an origin without it is that of the response"
	rule         = "Chromium 156: the domain of a rule is in the scope"
	bound        = "DBSC 9.9: name and attributes of a credential are those of a cookie that the response sets"
	direction    = "DBSC 9.3 to 9.5: browsers send this header"
	renamed      = "DBSC 9: the headers begin with Secure-Session-"
)

// Check judges the lines of one response. It returns a verdict for each, nil for a
// Set-Cookie header.
func Check(lines []paste.Line) []*Verdict {
	all := http.Header{}
	for _, l := range lines {
		all.Add(l.Name, l.Value)
	}
	verdicts := make([]*Verdict, len(lines))
	for i, l := range lines {
		if l.Name != paste.SetCookie {
			c := checker{Verdict: Verdict{Outcome: Used, Header: l.Name, URL: l.URL.Redacted(), Reasons: []useragent.Reason{}}, line: l, response: lines}
			if c.check(all); c.Outcome == Ignored {
				c.Meaning = ""
			}
			verdicts[i] = &c.Verdict
		}
	}
	return verdicts
}

type checker struct {
	Verdict
	line     paste.Line
	response []paste.Line
}

func (c *checker) add(effect useragent.Effect, id, field, rule, text string, args ...any) {
	c.Reasons = append(c.Reasons, useragent.Reason{ID: id, Effect: effect, Field: field, Text: fmt.Sprintf(text, args...), Rule: rule})
	if effect == useragent.Ignores {
		c.Outcome = Ignored
	}
}

func (c *checker) check(all http.Header) {
	own := http.Header{c.line.Name: {c.line.Value}}
	switch c.line.Name {
	case dbsc.SkippedHeader, dbsc.SessionIDHeader, dbsc.ResponseHeader:
		c.request(own)
		return
	case dbsc.RegistrationHeader:
		_, err := dbsc.Registrations(all)
		list, _ := dbsc.Registrations(own)
		c.registrations(list, err)
	case dbsc.ChallengeHeader:
		_, err := dbsc.Challenges(all)
		list, _ := dbsc.Challenges(own)
		c.challenges(list, err)
	case paste.Instructions:
		c.instructions()
	default:
		c.add(useragent.Ignores, "session-header", "Name", renamed, "is that of an older draft, or unknown")
		return
	}
	if c.line.URL.Scheme != "https" {
		c.add(useragent.Ignores, "session-insecure", "Origin", overHTTPS, "is %s, not https, which localhost needs too", c.line.URL.Scheme)
	}
}

// request explains what browsers say.
func (c *checker) request(h http.Header) {
	if c.line.Answer {
		c.add(useragent.Ignores, "session-direction", "Response", direction, "has a header of requests")
		return
	}
	c.Outcome = Sent
	skips := dbsc.Skips(h)
	switch _, named := dbsc.SessionID(h); {
	case c.line.Name == dbsc.ResponseHeader:
		c.Meaning = "a proof, signed with the device's key"
	case c.line.Name == dbsc.SessionIDHeader && named:
		c.Meaning = "the browser asks to renew the bound cookies of the session that it names"
	case len(skips) > 0:
		c.Meaning = map[string]string{
			dbsc.Unreachable:   "the request goes without its bound cookie: the refresh URL could not be reached",
			dbsc.ServerError:   "the request goes without its bound cookie: the refresh URL responded with an error",
			dbsc.QuotaExceeded: "the request goes without its bound cookie: the browser refreshes no more for now",
		}[skips[0].Reason]
	default:
		c.add(useragent.Notes, "session-malformed", "Value", structured, "is malformed: no browser sent it")
	}
}

func (c *checker) registrations(list []dbsc.Registration, err error) {
	if err != nil {
		c.add(useragent.Ignores, "session-malformed", "Value", structured, "is not a list of structured fields")
		return
	}
	if len(list) == 0 {
		c.add(useragent.Ignores, "registration-path", "Value", registration, "has no algorithms in parentheses with a path, or a parameter without quotes")
	}
	for _, g := range list {
		known := false
		for _, a := range g.Algorithms {
			known = known || a == dbsc.ES256 || a == dbsc.RS256
		}
		if !known {
			c.add(useragent.Ignores, "registration-algorithm", "Algorithm", registration, "is neither ES256 nor RS256, without quotes")
		}
		if to, ok := c.endpoint("registration-path", "path", g.Path); ok {
			c.Meaning = "the browser makes a key and sends a proof of it to " + to
		}
		if g.Challenge == "" {
			c.add(useragent.Notes, "registration-challenge", "Challenge", registration, "is absent: the proof of registration can be repeated")
		}
	}
}

// endpoint resolves a path or URL, which must stay on the site.
func (c *checker) endpoint(id, field, path string) (string, bool) {
	u, err := c.line.URL.Parse(path)
	switch {
	case err != nil:
		c.add(useragent.Ignores, id, field, sameSite, "is not a URL")
	case u.Scheme != "https" && c.line.URL.Scheme == "https":
		c.add(useragent.Ignores, id, field, sameSite, "leads to %s, not https", u.Scheme)
	case site(u.Hostname()) != site(c.line.URL.Hostname()):
		c.add(useragent.Ignores, id, field, sameSite, "leads to %q, another site than %q", u.Hostname(), site(c.line.URL.Hostname()))
	default:
		u.RawQuery, u.Fragment, u.User = "", "", nil
		return u.String(), true
	}
	return "", false
}

func (c *checker) challenges(list []dbsc.Challenge, err error) {
	switch {
	case err != nil:
		c.add(useragent.Ignores, "session-malformed", "Value", structured, "is not a list of structured fields")
	case len(list) == 0:
		c.add(useragent.Ignores, "challenge-id", "Value", challenge, "has no challenge in quotes with the id of a session")
	default:
		c.Meaning = "the browser keeps it and signs it in the session's next proof"
	}
}

func (c *checker) instructions() {
	i, err := dbsc.ParseInstructions([]byte(c.line.Value))
	if err != nil {
		text := strings.TrimPrefix(err.Error(), dbsc.ErrInstructions.Error()+": ")
		c.add(useragent.Ignores, "instructions-invalid", "JSON", instructions, "starts no session, and ends one: %s", text)
		return
	}
	c.Meaning = "the browser keeps the session, and renews its cookies when a request lacks one"
	c.endpoint("refresh-url", "refresh_url", i.RefreshURL)
	origin := c.line.URL
	if i.Scope.Origin != "" {
		if u, err := url.Parse(i.Scope.Origin); err == nil && u.Host != "" && strings.Trim(u.Path, "/") == "" && !strings.HasSuffix(i.Scope.Origin, "/") {
			origin = u
		} else {
			c.add(useragent.Ignores, "scope-origin", "scope.origin", scope, "is not an origin, such as https://example.com")
		}
	}
	switch host := c.line.URL.Hostname(); {
	case site(origin.Hostname()) != site(host) || origin.Scheme != c.line.URL.Scheme:
		c.add(useragent.Ignores, "scope-origin", "scope.origin", scope, "is another site than that of the response")
	case origin.Host != c.line.URL.Host && !i.Scope.IncludeSite:
		c.add(useragent.Ignores, "scope-origin", "scope.origin", scope, "is another origin than that of the response, without include_site")
	case i.Scope.IncludeSite && origin.Hostname() != site(host):
		c.add(useragent.Ignores, "scope-include-site", "scope.include_site", scope, "is true for %q, which is not the registrable domain %q, unless that lists it in /.well-known/device-bound-sessions", origin.Hostname(), site(host))
	}
	for _, r := range i.Scope.Rules {
		below := strings.ToLower(strings.TrimLeft(r.Domain, "*."))
		switch host := origin.Hostname(); {
		case r.Domain == "", r.Domain == "*", r.Domain == host, r.Domain == "*."+below && strings.HasSuffix(host, "."+below):
		case !i.Scope.IncludeSite || site(below) != site(host):
			c.add(useragent.Ignores, "scope-rule", "scope.scope_specification", rule, "has a rule for %q, which the scope of %q does not include", r.Domain, host)
		}
	}
	for _, credential := range i.Credentials {
		c.credential(credential)
	}
}

// credential compares a bound cookie with the Set-Cookie headers of the response.
func (c *checker) credential(b dbsc.Credential) {
	now := time.Now()
	if !c.line.Time.IsZero() {
		now = c.line.Time
	}
	explain := func(line string) useragent.Verdict { return useragent.Chromium.Explain(line, c.line.URL, now) }
	wanted := explain(b.Name + "=x; " + b.Attributes)
	if wanted.Outcome == useragent.Ignored {
		c.add(useragent.Ignores, "credential-impossible", "Credential", bound, "%q has attributes that no cookie can have: %s %s", b.Name, wanted.Reasons[0].Field, wanted.Reasons[0].Text)
		return
	}
	headers, last := false, (*useragent.Verdict)(nil)
	for _, l := range c.response {
		headers = headers || l.Name != paste.Instructions
		if l.Name == paste.SetCookie {
			if v := explain(l.Value); v.Cookie.Name == b.Name {
				last = &v
			}
		}
	}
	switch {
	case !headers && !c.line.Answer: // only the JSON was pasted
	case last == nil:
		c.add(useragent.Changes, "credential-absent", "Credential", bound, "%q is not set by this response: requests wait for a refresh until the browser has it", b.Name)
	case last.Outcome != useragent.Stored:
		c.add(useragent.Changes, "credential-not-stored", "Credential", bound, "%q is set by a line that the browser does not store: every request waits for a refresh", b.Name)
	default:
		x, y := wanted.Cookie, last.Cookie
		for _, d := range []struct {
			attribute string
			same      bool
		}{
			{"Domain", x.Domain == y.Domain && x.HostOnly == y.HostOnly}, {"Path", x.Path == y.Path}, {"Secure", x.Secure == y.Secure},
			{"HttpOnly", x.HTTPOnly == y.HTTPOnly}, {"SameSite", x.SameSite == y.SameSite},
		} {
			if !d.same {
				c.add(useragent.Changes, "credential-differs", d.attribute, bound, "of %q differs between attributes and the Set-Cookie line: every request waits for a refresh", b.Name)
			}
		}
	}
}

// site is the registrable domain of a host, or the host.
func site(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain
	}
	return host
}
