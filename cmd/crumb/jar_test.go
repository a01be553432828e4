package main

import (
	"net/http"
	"net/url"
)

// secureOnLoopback is a cookie jar that sends Secure cookies to loopback over
// http, as browsers do: Go's own jar does not.
type secureOnLoopback struct{ jar http.CookieJar }

func (j secureOnLoopback) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.jar.SetCookies(asHTTPS(u), cookies)
}

func (j secureOnLoopback) Cookies(u *url.URL) []*http.Cookie { return j.jar.Cookies(asHTTPS(u)) }

func asHTTPS(u *url.URL) *url.URL {
	secure := *u
	secure.Scheme = "https"
	return &secure
}
