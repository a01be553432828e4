package useragent

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// A Request is how a browser requests a URL, as far as it matters for cookies. With
// only a URL it is a user opening that URL: a GET that fills the window.
type Request struct {
	// URL has the scheme http, https, ws or wss, and its host in ASCII.
	URL *url.URL
	// Method is GET when empty.
	Method string
	// Initiator is the page that makes the request, by a link, form, image or script.
	// Nil means the user, or a page of the same site.
	Initiator *url.URL
	// Subresource is set for everything that does not fill the window: an image, a
	// fetch, a frame.
	Subresource bool
	// Top is the page in the address bar around a Subresource. Nil means the
	// Initiator, or URL itself.
	Top *url.URL
	// Script means document.cookie at URL instead of a request.
	Script bool
}

// top is the page in the address bar.
func (r Request) top() *url.URL {
	switch {
	case !r.Subresource:
		return r.URL
	case r.Top != nil:
		return r.Top
	case r.Initiator != nil:
		return r.Initiator
	}
	return r.URL
}

// thirdParty reports whether r is inside the page of another site.
func (r Request) thirdParty(e Engine) bool { return !e.sameSite(r.URL, r.top()) }

// crossSite reports whether another site is involved in the request (rfc6265bis 5.2;
// http and https of one name are two sites where the engine is schemeful).
func (r Request) crossSite(e Engine) bool {
	return r.Initiator != nil && !e.sameSite(r.Initiator, r.URL) || r.thirdParty(e)
}

// safe reports whether the method is safe (RFC 9110 9.2.1).
func (r Request) safe() bool {
	switch r.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

// known reports whether browsers use cookies for the URL at all.
func (r Request) known() bool {
	if r.URL == nil || r.URL.Hostname() == "" || !isHost(hostOf(r.URL)) {
		return false
	}
	if _, err := strconv.ParseUint("0"+r.URL.Port(), 10, 16); err != nil {
		return false
	}
	switch r.URL.Scheme {
	case "http", "https", "ws", "wss":
		return true
	}
	return false
}

// SentTo reports whether a browser sends the cookie with r at now (rfc6265bis
// 5.8.3).
func (c Cookie) SentTo(r Request, now time.Time) bool {
	if !r.known() || c.expired(now) {
		return false
	}
	host := hostOf(r.URL)
	return (host == c.Domain || !c.HostOnly && domainMatch(host, c.Domain)) &&
		pathMatch(pathOf(r.URL), c.Path) &&
		(!c.Secure || c.engine.trusts(r.URL)) &&
		(!c.HTTPOnly || !r.Script) &&
		c.inPartition(r) &&
		c.sameSiteAllows(r, now)
}

func (c Cookie) inPartition(r Request) bool {
	if c.Partition == "" {
		return !r.thirdParty(c.engine) || !c.engine.has(partitionsAll) && !c.engine.has(blocksThirdParty)
	}
	return c.Partition == siteOf(r.top())
}

// laxPost is how long a cookie without SameSite is also sent with a POST with which
// another site navigates (rfc6265bis 5.6.7.2).
const laxPost = 2 * time.Minute

func (c Cookie) sameSiteAllows(r Request, now time.Time) bool {
	if !c.engine.restricts(c.SameSite) || !r.crossSite(c.engine) {
		return true
	}
	if c.SameSite == http.SameSiteStrictMode || r.Subresource || r.Script {
		return false
	}
	return r.safe() || c.SameSite == http.SameSiteDefaultMode && c.engine.has(laxPosts) && now.Sub(c.Created) <= laxPost
}
