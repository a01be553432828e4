package useragent

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// An Engine is a browser's engine. They differ in some lines; the
// package comment lists the differences. The zero Engine is the model of [Explain].
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
	laxByDefault
	laxPosts
	noneNeedsSecure
	schemeful
	trustsLocal
	oldPrefixes
	partitionsAll
	blocksThirdParty
	takesDefaultPath
)

// traits has every difference once: which engines have the trait ("" is the model of
// Explain), and where that is written. "run" is e2e/engines.
var traits = [...]struct {
	engines []Engine
	source  string
}{
	dropsTab:            {[]Engine{"", Chromium}, "run; WebKit: value/value-ctl"},
	dropsNamelessEquals: {[]Engine{"", Chromium}, "run"},
	dropsNameless:       {[]Engine{Safari}, "WebKit: name/name"},
	laxByDefault:        {[]Engine{"", Chromium}, "run; WebKit: samesite/form-post-blank"},
	laxPosts:            {[]Engine{"", Chromium}, "run"},
	noneNeedsSecure:     {[]Engine{"", Chromium, Firefox}, "run; WebKit: samesite-none-secure"},
	schemeful:           {[]Engine{"", Chromium}, "run; WebKit: schemeful-same-site"},
	trustsLocal:         {[]Engine{"", Chromium, Firefox}, "run; WebKit bug 281149"},
	oldPrefixes:         {[]Engine{Safari}, "WebKit: prefix/__host.header, __Http"},
	partitionsAll:       {[]Engine{Firefox}, "run"},
	blocksThirdParty:    {[]Engine{Safari}, "webkit.org/blog/10218"},
	takesDefaultPath:    {[]Engine{Safari}, "WebKit: prefix/__host.explicit-path"},
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
