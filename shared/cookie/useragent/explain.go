package useragent

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// Explain says what a browser does with a Set-Cookie line, which is the header's value
// only, in the response to a user who opens origin at now. The browser has no cookies
// yet; for one that has, use a [Jar].
//
// A line may have any bytes. It is ignored if origin is nil, or its scheme is not
// http, https, ws or wss: there are no cookies for such URLs.
func Explain(line string, origin *url.URL, now time.Time) Verdict {
	return explain(line, Request{URL: origin}, now, "")
}

func explain(text string, from Request, now time.Time, e Engine) Verdict {
	v := &Verdict{Outcome: Stored, line: rule.ParseLine(text), from: from, Engine: e}
	if !from.known() {
		v.add(Ignores, "origin", "Origin", rule.Origin, "is not a URL with a host and the scheme http or https")
		return *v
	}
	v.Cookie = Cookie{Name: v.line.Name, Value: v.line.Value, Created: now, engine: e}
	v.pair(text)
	v.attributes()
	v.lifetime(now)
	v.domain()
	v.path()
	v.flags()
	v.sameSite()
	v.conflicts()
	v.dropNotes()
	return *v
}

// dropNotes removes the notes, which do not matter if the line is ignored.
func (v *Verdict) dropNotes() {
	if v.Outcome == Ignored {
		v.Reasons = slices.DeleteFunc(v.Reasons, func(r Reason) bool { return r.Effect == Notes })
	}
}

// add adds a reason and updates the outcome.
func (v *Verdict) add(e Effect, id, field, cite, text string, args ...any) {
	v.Reasons = append(v.Reasons, Reason{id, e, field, fmt.Sprintf(text, args...), cite})
	if e == Ignores {
		v.Outcome = Ignored
	} else if e == Deletes && v.Outcome == Stored {
		v.Outcome = Deleted
	}
}

// pair judges the bytes of the line, the name and the value.
func (v *Verdict) pair(text string) {
	l := v.line
	if i := rule.IndexControl(text); i >= 0 {
		v.add(Ignores, "ctl", "Line", rule.Control, "has a control byte at offset %d (length %d)", i, len(text))
	}
	if l.Name == "" && l.Value == "" {
		v.add(Ignores, "empty", "Name", rule.Empty, "is empty, and so is the value")
	}
	if n := len(l.Name) + len(l.Value); n > rule.MaxPair {
		v.add(Ignores, "too-long", "Value", rule.PairSize, "and name total %d bytes", n)
	}
	if v.Engine.has(dropsTab) && strings.Contains(l.Name+l.Value, "\t") {
		v.add(Ignores, "tab", "Value", rule.Tab, "or name has a tab inside")
	}
	v.nameless()
	if i := rule.IndexNot(l.Name, rule.IsTchar); i >= 0 {
		v.add(Notes, "name-token", "Name", rule.Name, "has %s at offset %d: browsers keep the cookie, Go's net/http does not read it", rule.ByteClass(l.Name[i]), i)
	}
	if l.Trimmed && l.Value != "" {
		v.add(Changes, "trimmed", "Value", rule.Trimmed, "loses its leading and trailing spaces and tabs")
	}
	v.swallowed("Value", l.Value)
	value := v.Cookie.Value // empty where the whole line is a name
	if v.Engine.has(repairsUTF8) && !utf8.ValidString(value) {
		v.Cookie.Value = repaired(value)
		v.add(Changes, "value-octets", "Value", rule.RepairedUTF8, "(length %d) has bytes that are not UTF-8, which come back as U+FFFD", len(value))
		return
	}
	inner := rule.Unquote(value)
	if i := rule.IndexNot(inner, rule.IsCookieOctet); i >= 0 {
		kept := "browsers keep it"
		if !utf8.ValidString(value) {
			kept = "Chromium keeps it, Firefox replaces it"
		}
		v.add(Notes, "value-octets", "Value", rule.Value, "has %s at offset %d (length %d): %s, some servers do not read it",
			rule.ByteClass(inner[i]), i+(len(value)-len(inner))/2, len(value), kept)
	}
}

// nameless judges a line without a name.
func (v *Verdict) nameless() {
	l := v.line
	switch {
	case l.Name != "" || l.Value == "":
	case !l.Named && v.Engine.has(namesNameless):
		v.Cookie.Name, v.Cookie.Value = l.Value, ""
		v.add(Changes, "nameless", "Name", rule.NamelessNamed, "is all there is: the line has no equals sign, and comes back with one at its end")
	case rule.HasPrefix(l.Value):
		v.add(Ignores, "nameless-prefix", "Name", rule.NamelessPrefix, "is absent, and the value begins like a name with a prefix")
	case v.Engine.has(dropsNameless):
		v.add(Ignores, "nameless", "Name", rule.NamelessDropped, "is absent")
	case strings.Contains(l.Value, "=") && v.Engine.has(dropsNamelessEquals):
		v.add(Ignores, "nameless-equals", "Name", rule.NamelessEquals, "is absent, and the value has an equals sign")
	default:
		v.add(Changes, "nameless", "Name", rule.Nameless, "is absent: Chromium sends back only the value, which servers cannot find by name")
	}
}

// attributes judges the spelling and size of each attribute.
func (v *Verdict) attributes() {
	seen := map[string]string{}
	place := 0
	for a := range v.line.Attributes() {
		place++
		before, repeated := seen[a.Key]
		seen[a.Key] = a.Value
		if v.Engine.has(dropsTab) && strings.Contains(a.Key+a.Value, "\t") {
			v.add(Ignores, "tab", fieldOf(a), rule.Tab, "has a tab inside")
		}
		if folded(a.Key+"="+a.Value) >= 0 {
			v.add(Changes, "folded", fieldOf(a), rule.Comma, "is followed by a comma and what looks like another cookie, which browsers do not see")
		}
		switch {
		case a.Known && !v.Engine.reads(a):
			v.add(Changes, "attribute-too-long", a.Key, rule.AttributeSize, "has %d bytes and is ignored", len(a.Value))
		case a.Known && repeated && before != a.Value:
			v.add(Changes, "attribute-repeated", a.Key, rule.LastWins, "appears more than once, with different values")
		case !a.Known:
			v.unknown(place, a)
			continue
		case (a.Key == "Secure" || a.Key == "HttpOnly" || a.Key == "Partitioned") && off(a.Value):
			v.add(Changes, "flag-value", a.Key, rule.Flag, "is on, whatever its value")
		}
		v.swallowed(a.Key, a.Value)
	}
}

// swallowed judges what looks like attributes in a value.
func (v *Verdict) swallowed(field, value string) {
	if _, attributes := swallowed(value, false); len(attributes) > 0 {
		v.add(Changes, "attribute-swallowed", field, rule.Semicolon, "swallows what looks like %s: attributes are divided by semicolons", names(attributes))
	}
}

// unknown judges an attribute that browsers do not know. It may be part of a secret
// value that has a semicolon, so it is not shown.
func (v *Verdict) unknown(place int, a rule.Attribute) {
	for _, name := range harmless {
		if strings.EqualFold(a.Key, name) {
			return
		}
	}
	if list := joined(a); len(list) > 1 {
		v.add(Changes, "attribute-swallowed", fieldOf(a), rule.Semicolon, "%d is unknown and ignored: what looks like %s needs semicolons between", place, names(list))
		return
	}
	if name, _ := respelled(a); name != "" {
		hint := name
		if strings.Contains(a.Key, ":") && isAttribute(name, true) {
			hint += "=, with an equals sign"
		}
		v.add(Changes, "attribute-unknown", fieldOf(a), rule.Semicolon, "%d is unknown and ignored; did you mean %s?", place, hint)
		return
	}
	v.add(Changes, "attribute-unknown", fieldOf(a), rule.Semicolon, "%d, of %s, is unknown and ignored; is it part of the value, after a semicolon?", place, rule.Bytes(len(a.Key)+len(a.Value)))
}

func fieldOf(a rule.Attribute) string {
	if a.Known {
		return a.Key
	}
	return "Attribute"
}

func off(s string) bool {
	on, err := strconv.ParseBool(s)
	return s != "" && (err != nil || !on)
}

// lifetime reads Max-Age and Expires (rfc6265bis 5.5, 5.6.1, 5.6.2).
func (v *Verdict) lifetime(now time.Time) {
	for a := range v.line.Attributes() {
		if !v.Engine.reads(a) {
			continue
		}
		if a.Key == "Max-Age" && !v.Engine.isSeconds(a.Value) {
			v.add(Changes, "max-age-invalid", a.Key, rule.MaxAgeDigits, "is %q, not a whole number of seconds, and is ignored", shown(a.Value))
		}
		if a.Key == "Expires" && !v.Engine.isDate(a.Value) {
			v.add(Changes, "expires-invalid", a.Key, rule.CookieDate, "is %q, not a date, and is ignored", shown(a.Value))
		}
	}
	latest := now.Add(rule.MaxLifetime)
	end := func(t time.Time, field, past string) {
		if t.After(latest) {
			v.add(Changes, "lifetime-capped", field, rule.Lifetime, "is over 400 days away and is cut to that")
			t = latest
		}
		v.Cookie.Expires = t
		if v.Cookie.expired(now) {
			v.add(Deletes, "expired", field, rule.Expired, "%s: the cookie is deleted, not kept", past)
		}
	}
	if s, ok := v.last("Max-Age", v.Engine.isSeconds); ok {
		end(now.Add(seconds(s)), "Max-Age", "is not above zero")
	} else if s, ok := v.last("Expires", v.Engine.isDate); ok {
		t, _ := v.Engine.parseDate(s)
		if zone, _ := zoneOf(s); zone != "" && !v.Engine.has(looseDates) {
			v.add(Changes, "expires-zone", "Expires", rule.Zone, "has %q after the time, which only Firefox reads: others take the time for GMT", shown(zone))
		}
		if strings.Contains(s, "GMT+") || strings.Contains(s, "GMT-") {
			v.add(Notes, "expires-javascript", "Expires", rule.Expires, "is in the form of JavaScript's Date.toString, which Safari does not read: it keeps the cookie until it closes; toUTCString writes the right form")
		}
		end(t, "Expires", "is in the past, "+t.Format(http.TimeFormat))
	}
}

func (e Engine) isDate(s string) bool {
	_, ok := e.parseDate(s)
	scripted := strings.Contains(s, "GMT+") || strings.Contains(s, "GMT-") // Date.toString of JavaScript
	return ok && !(scripted && e.has(httpDates))
}

// isSeconds reports whether the engine accepts s as a Max-Age: digits, optionally
// after a minus sign.
func (e Engine) isSeconds(s string) bool {
	s, negative := strings.CutPrefix(s, "-")
	if negative && e.has(signedMaxAge) {
		return true
	}
	if !negative && e.has(plusMaxAge) {
		s = strings.TrimPrefix(s, "+")
	}
	return s != "" && strings.Trim(s, digits) == ""
}

// seconds is the Max-Age s: zero if it deletes, and at most twice what browsers allow.
func seconds(s string) time.Duration {
	n, _ := strconv.ParseInt(s, 10, 64) // the nearest number; zero for a minus sign and no digits
	return time.Duration(max(0, min(n, 2*int64(rule.MaxLifetime/time.Second)))) * time.Second
}

// domain finds the hosts that the cookie belongs to (rfc6265bis 5.6.3, 5.7).
func (v *Verdict) domain() {
	host := hostOf(v.from.URL)
	v.Cookie.Domain, v.Cookie.HostOnly = host, true
	written, _ := v.attribute("Domain")
	domain := strings.ToLower(strings.TrimPrefix(written, "."))
	switch {
	case written == "":
	case domain == "": // only a dot: no Domain in the draft, an error in Chromium
		v.add(Ignores, "domain-mismatch", "Domain", rule.DomainMatch, "%q has no name", written)
	case strings.HasSuffix(domain, ".."):
		v.add(Ignores, "domain-mismatch", "Domain", rule.DomainMatch, "%q ends with two dots", shown(written))
	case rule.IndexNot(domain, isASCII) >= 0:
		v.add(Ignores, "domain-non-ascii", "Domain", rule.DomainASCII, "%q is not in ASCII; write an IDN in its xn-- form", shown(written))
	case domain == host && (isIP(host) || rule.IsPublicSuffix(host)):
		// Host-only: a cookie cannot be shared with a whole public suffix.
	case rule.IsPublicSuffix(domain) && !isIP(domain): // the list treats an address as a suffix
		v.add(Ignores, "public-suffix", "Domain", rule.PublicSuffix, "%q is a public suffix: anyone can register names under it", shown(written))
	case !domainMatch(host, domain):
		text := "%q is neither the host %q nor a parent of it"
		if why := rule.HostProblem(domain); why != "" {
			text += "; it " + why
		}
		v.add(Ignores, "domain-mismatch", "Domain", rule.DomainMatch, text, shown(written), host)
	case len(domain) < len(registrable(host)): // allowed by the draft, not by Chromium
		v.add(Ignores, "public-suffix", "Domain", rule.PublicSuffix, "%q is above a public suffix that the host %q is under", shown(written), host)
	default:
		v.Cookie.Domain, v.Cookie.HostOnly = domain, false
	}
}

func isASCII(c byte) bool { return c < 0x80 }

// path finds the paths that the cookie is sent to (rfc6265bis 5.6.4).
func (v *Verdict) path() {
	written, there := v.attribute("Path")
	v.Cookie.Path = written
	if !strings.HasPrefix(written, "/") {
		v.Cookie.Path = defaultPath(v.from.URL)
		if there {
			v.add(Changes, "path-invalid", "Path", rule.DefaultPath, "%q does not start with a slash; the browser uses %q from the URL", shown(written), v.Cookie.Path)
		} else if v.Cookie.Path != "/" {
			v.add(Notes, "path-absent", "Path", rule.DefaultPath, "is absent; the browser uses %q from the URL, so other paths do not get the cookie", v.Cookie.Path)
		}
	}
	switch {
	case rule.IndexNot(written, isASCII) < 0:
	case v.Engine.has(dropsPathBytes):
		v.add(Ignores, "path-non-ascii", "Path", rule.PathASCII, "%q is not in ASCII", shown(written))
	default:
		v.add(Notes, "path-non-ascii", "Path", rule.PathASCII, "%q is not in ASCII: requests write it percent-encoded, so it matches none, and Safari ignores the line", shown(written))
	}
	if path := pathOf(v.from.URL); !pathMatch(path, v.Cookie.Path) {
		v.add(Notes, "path-elsewhere", "Path", rule.PathMatch, "%q is not above %q: this URL does not get the cookie back", shown(v.Cookie.Path), path)
	}
}

func (v *Verdict) flags() {
	v.Cookie.Secure = v.hasAttribute("Secure")
	v.Cookie.HTTPOnly = v.hasAttribute("HttpOnly")
	third := v.from.thirdParty(v.Engine)
	if v.hasAttribute("Partitioned") || third && v.Engine.has(partitionsAll) {
		v.Cookie.Partition = siteOf(v.from.top())
	} else if third && v.Engine.has(blocksThirdParty) {
		v.add(Ignores, "third-party", "Cookie", rule.ThirdParty, "is set inside a page of %q", hostOf(v.from.top()))
	}
	if v.Cookie.Secure && !v.Engine.trusts(v.from.URL) {
		why := "which is not this machine"
		if Engine("").trusts(v.from.URL) {
			why = "which Safari does not take for https"
		}
		v.add(Ignores, "secure-from-insecure", "Secure", rule.SecureOrigin, "is set over plain %s by %q, %s", v.from.URL.Scheme, hostOf(v.from.URL), why)
	}
	if v.Cookie.HTTPOnly && v.from.Script {
		v.add(Ignores, "httponly-from-script", "HttpOnly", rule.ScriptHTTPOnly, "is set by a script")
	}
}

func (v *Verdict) sameSite() {
	written, there := v.attribute("SameSite")
	mode := rule.ParseSameSite(written)
	if there && mode == http.SameSiteDefaultMode {
		v.add(Changes, "samesite-unknown", "SameSite", rule.SameSiteValue, "is %q; the browser uses the default, Lax", shown(written))
	}
	v.Cookie.SameSite = mode
	if v.hasAttribute("Partitioned") && v.Engine.restricts(mode) {
		v.add(Notes, "partitioned-samesite", "Partitioned", rule.PartitionedNone, "is for pages that other sites embed, which do not get the cookie without SameSite=None")
	}
	if v.Engine.restricts(mode) && v.from.crossSite(v.Engine) && (v.from.Subresource || v.from.Script) {
		v.add(Ignores, "samesite-cross-site", "SameSite", rule.CrossSite, "is not None, and another site made the request")
	}
}

// conflicts judges attributes that exclude each other.
func (v *Verdict) conflicts() {
	c := v.Cookie
	path, _ := v.attribute("Path")
	domain, _ := v.attribute("Domain")
	for _, conflict := range rule.Conflicts(rule.Traits{
		Name:         c.Name,
		Secure:       c.Secure,
		HTTPOnly:     c.HTTPOnly,
		Partitioned:  v.hasAttribute("Partitioned"),
		SameSiteNone: c.SameSite == http.SameSiteNoneMode,
		HostOnly:     domain == "" || domain == c.Domain && isIP(domain),
		RootPath:     path == "/" || c.Path == "/" && v.Engine.has(takesDefaultPath),
	}) {
		if v.Engine.waives(conflict, c.Name) {
			continue
		}
		v.add(Ignores, conflict.ID, conflict.Field, conflict.Rule, "%s", conflict.Reason)
	}
}
