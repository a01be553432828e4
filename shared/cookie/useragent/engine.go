package useragent

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// An Engine is a browser's engine. docs/engines.md has how they differ. The zero
// Engine is the model of [Explain].
type Engine string

// The engines: Chromium 156 and Firefox ESR 153 as they were run, Safari 26 as its
// sources and tests document it. Safari was not run.
const (
	Chromium Engine = "chromium" // Chrome, Edge, Opera, Brave
	Firefox  Engine = "firefox"
	Safari   Engine = "safari" // every browser on iOS
)

// Engines returns all engines.
func Engines() []Engine { return []Engine{Chromium, Firefox, Safari} }

// Name is the name that people use: "Chromium".
func (e Engine) Name() string {
	if e == "" {
		return "a browser"
	}
	return strings.ToUpper(string(e[:1])) + string(e[1:])
}

// Documented reports whether what the package says of the engine is only documented:
// it was not compared with the running browser.
func (e Engine) Documented() bool { return e == Safari }

// Explain is like the function [Explain], for this engine.
func (e Engine) Explain(line string, origin *url.URL, now time.Time) Verdict {
	return explain(line, Request{URL: origin}, now, e)
}

// A trait is something that engines do differently.
type trait int

const (
	dropsTab trait = iota
	dropsNamelessEquals
	dropsNameless
	namesNameless
	repairsUTF8
	movesOverwritten
	lastCounts
	signedMaxAge
	plusMaxAge
	wholeNumbers
	looseDates
	httpDates
	laxByDefault
	laxPosts
	noneNeedsSecure
	schemeful
	trustsLocal
	oldPrefixes
	takesDefaultPath
	partitionsAll
	blocksThirdParty
	longFlags
	longAttributes
	dropsPathBytes
)

// traits has every difference once: in words, which engines have it ("" is the model
// of Explain), and its source. "run" is e2e/engines; "WebKit" has the expected result
// of a test below LayoutTests/imported/w3c/web-platform-tests/cookies.
var traits = [...]struct {
	engines      []Engine
	says, source string
}{
	dropsTab: {[]Engine{"", Chromium},
		"a tab inside a name, a value or an attribute: the line is ignored", "run; WebKit: value/value-ctl"},
	dropsNamelessEquals: {[]Engine{"", Chromium},
		"a value without a name has an equals sign: the line is ignored", "run"},
	dropsNameless: {[]Engine{Firefox, Safari},
		"`=value`, without a name: the line is ignored", "run; WebKit: name/name"},
	namesNameless: {[]Engine{Firefox},
		"a line without an equals sign is a name, and comes back as `line=`", "run; Chromium sends it back as it is"},
	repairsUTF8: {[]Engine{Firefox},
		"bytes of a value that are not UTF-8 come back as U+FFFD", "run"},
	movesOverwritten: {[]Engine{Chromium},
		"a cookie that is overwritten moves to the end of the Cookie header", "run"},
	lastCounts: {[]Engine{Chromium, Firefox, Safari},
		"the last Max-Age or Expires counts, even if it is invalid", "run; Safari is not documented"},
	signedMaxAge: {[]Engine{Firefox},
		"a Max-Age that starts with a minus deletes, whatever follows", "run"},
	plusMaxAge: {[]Engine{Chromium},
		"a Max-Age can have a plus sign", "run"},
	wholeNumbers: {[]Engine{Chromium, Firefox, Safari},
		"an Expires can have any year, and needs whole numbers: not `1st`", "run; Safari is not documented"},
	looseDates: {[]Engine{Firefox},
		"an Expires can do without a time, can be `1/31/2030` or the 31st of February, and has a time zone", "run"},
	httpDates: {[]Engine{Safari},
		"an Expires as `Date.toString()` writes it, with `GMT+0100`, is ignored", "alphagov/govuk_publishing_components 5442"},
	laxByDefault: {[]Engine{"", Chromium},
		"without SameSite, Lax is the default", "run; WebKit: samesite/form-post-blank"},
	laxPosts: {[]Engine{"", Chromium},
		"without SameSite, a form on another site can POST the cookie for 2 minutes", "e2e/browser"},
	noneNeedsSecure: {[]Engine{"", Chromium, Firefox},
		"SameSite=None without Secure: the line is ignored", "run; WebKit: samesite-none-secure"},
	schemeful: {[]Engine{"", Chromium},
		"http and https of one name are two sites", "run; WebKit: schemeful-same-site"},
	trustsLocal: {[]Engine{"", Chromium, Firefox},
		"Secure cookies work over http on this machine", "run; WebKit bug 281149"},
	oldPrefixes: {[]Engine{Safari},
		"only `__Host-` and `__Secure-` are known, in this spelling", "WebKit: prefix/__host.header, __Http"},
	takesDefaultPath: {[]Engine{Safari},
		"`__Host-` is satisfied if the URL's directory is `/`, without a Path", "WebKit: prefix/__host.explicit-path"},
	partitionsAll: {[]Engine{Firefox},
		"in pages of other sites there is a separate cookie for each", "run"},
	blocksThirdParty: {[]Engine{Safari},
		"in pages of other sites, only Partitioned cookies are set and sent", "webkit.org/blog/10218; Safari 26.2 has Partitioned"},
	longFlags: {[]Engine{Firefox},
		"Secure and HttpOnly count even with a value of over 1,024 bytes", "run"},
	longAttributes: {[]Engine{Safari},
		"attributes of over 1,024 bytes count", "WebKit: size/attributes.www"},
	dropsPathBytes: {[]Engine{Safari},
		"a Path that is not ASCII: the line is ignored", "WebKit: path/non-ascii-path-attribute"},
}

func (e Engine) has(t trait) bool { return slices.Contains(traits[t].engines, e) }

// sameSite reports whether two URLs belong to one site (rfc6265bis 5.2).
func (e Engine) sameSite(a, b *url.URL) bool {
	if e.has(schemeful) {
		return siteOf(a) == siteOf(b)
	}
	return registrable(hostOf(a)) == registrable(hostOf(b))
}

// restricts reports whether a cookie with this SameSite is kept from other sites.
func (e Engine) restricts(mode http.SameSite) bool {
	return mode != http.SameSiteNoneMode && (mode != http.SameSiteDefaultMode || e.has(laxByDefault))
}

// reads reports whether an attribute counts, or is too long.
func (e Engine) reads(a rule.Attribute) bool {
	flag := a.Key == "Secure" || a.Key == "HttpOnly" || a.Key == "Partitioned"
	return len(a.Value) <= rule.MaxAttribute || e.has(longAttributes) || flag && e.has(longFlags)
}

// waives reports whether the engine stores a cookie that breaks the rule.
func (e Engine) waives(c rule.Conflict, name string) bool {
	switch {
	case c.ID == "samesite-none-insecure":
		return !e.has(noneNeedsSecure)
	case c.ID == "partitioned-insecure":
		return false
	}
	return e.has(oldPrefixes) && (c.Field == "HttpOnly" || !rule.HasOldPrefix(name))
}
