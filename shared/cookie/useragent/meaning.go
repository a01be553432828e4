package useragent

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// An AttributeMeaning is what one attribute means to the browser, in words.
type AttributeMeaning struct {
	Attribute string // "Domain", "Path", "Expires", "Secure", "HttpOnly", "SameSite" or "Partitioned"
	Text      string // "app.example only, not its subdomains"
}

// Meanings returns what each attribute means to the browser, whether the line has it or
// not, in a fixed order; nothing for an ignored line.
func (v Verdict) Meanings() []AttributeMeaning {
	if v.Outcome == Ignored {
		return nil
	}
	c := v.Cookie
	domain := c.Domain + " and all its subdomains"
	if c.HostOnly {
		domain = c.Domain + " only, not its subdomains"
	}
	path := strconv.Quote(shown(c.Path)) + " and everything below it"
	if c.Path == "/" {
		path = "every path"
	}
	secure := "http too: everyone on the network can read the cookie"
	if c.Secure {
		secure = "https only; http on this machine (localhost) counts as https, except in Safari"
	}
	httpOnly := "scripts of the page can read and change the cookie"
	if c.HTTPOnly {
		httpOnly = "scripts cannot see the cookie: document.cookie does not have it"
	}
	partitioned := "one cookie, whatever site is in the address bar"
	if c.Partition != "" {
		partitioned = "a separate cookie for each site in the address bar"
	}
	return []AttributeMeaning{
		{"Domain", domain},
		{"Path", path},
		{"Expires", v.lasts()},
		{"Secure", secure},
		{"HttpOnly", httpOnly},
		{"SameSite", sameSiteMeaning[c.SameSite]},
		{"Partitioned", partitioned},
	}
}

var sameSiteMeaning = map[http.SameSite]string{
	http.SameSiteStrictMode:  "requests from this site's own pages, but not clicks on links elsewhere",
	http.SameSiteLaxMode:     "requests from this site's own pages, and links from elsewhere; no POST, frame or fetch from elsewhere",
	http.SameSiteDefaultMode: "in Chromium as Lax: requests from this site's own pages, links from elsewhere, for 2 minutes also a form's POST; in Firefox and Safari as None",
	http.SameSiteNoneMode:    "requests from all sites; in pages of other sites, Firefox has a separate cookie for each, and Safari only Partitioned ones",
}

func (v Verdict) lasts() string {
	c := v.Cookie
	switch {
	case v.Outcome == Deleted:
		return "at once: the cookie with this name, Domain and Path is deleted"
	case c.Expires.IsZero():
		return "when the browser closes"
	}
	return c.Expires.UTC().Format(http.TimeFormat) + ", in " + span(c.Expires.Sub(c.Created))
}

type unit struct {
	length     time.Duration
	name, code string
}

// units are those of durations, from the largest to the one that all have.
var units = [...]unit{
	{24 * time.Hour, "days", "24 * time.Hour"},
	{time.Hour, "hours", "time.Hour"},
	{time.Minute, "minutes", "time.Minute"},
	{time.Second, "seconds", "time.Second"},
}

// largest is the largest unit of which d has at least n, else seconds.
func largest(d, n time.Duration) unit {
	i := slices.IndexFunc(units[:], func(u unit) bool { return d >= n*u.length })
	if i < 0 {
		i = len(units) - 1
	}
	return units[i]
}

// span is d in the largest unit of which it has at least two, else in seconds.
func span(d time.Duration) string {
	u := largest(d, 2)
	return fmt.Sprintf("%d %s", d.Round(u.length)/u.length, u.name)
}
