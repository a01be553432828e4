package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"

	"github.com/crumb-go/crumb/e2e/chromium"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// The possible results of a row.
const (
	pass     = "pass"
	stricter = "stricter" // the library rejects what Chromium would store
	fail     = "FAIL"
)

// A referee is Chromium, a server that it visits, and useragent's jar beside it.
type referee struct {
	server *server
	chrome *chromium.Browser

	// For the current row.
	jar     *useragent.Jar
	model   []useragent.Cookie // what jar holds
	objects []string           // where the two differ
}

func newReferee(ctx context.Context, path string) (*referee, error) {
	s := newServer()
	b, err := chromium.Start(ctx, path, s.hosts())
	if err != nil {
		s.close()
		return nil, err
	}
	return &referee{server: s, chrome: b}, nil
}

func (c *referee) close() {
	_ = c.chrome.Close() // everything is reported by now
	c.server.close()
}

// try judges one row. An error means that it could not be judged.
func (c *referee) try(r row) (verdict, reason string, err error) {
	if err := c.chrome.Clear(); err != nil {
		return "", "", err
	}
	c.jar, c.model, c.objects = &useragent.Jar{}, nil, nil
	if r.Suite == "set-cookie-build" {
		verdict, reason, err = c.tryBuild(r)
	} else {
		verdict, reason, err = pass, "", c.tryVisit(r)
	}
	if len(c.objects) > 0 {
		verdict, reason = fail, strings.Join(c.objects, "; ")
	}
	return verdict, reason, err
}

func (c *referee) object(format string, args ...any) {
	c.objects = append(c.objects, fmt.Sprintf(format, args...))
}

func (c *referee) tryVisit(r row) error {
	var v visit
	if err := json.Unmarshal(r.Input, &v); err != nil {
		return err
	}
	for _, step := range v.Steps {
		for i := range step.Lines {
			step.Lines[i] = octets(step.Lines[i])
		}
		if _, _, err := c.visit(octets(step.URL), step.Lines...); err != nil {
			return err
		}
	}
	header, _, err := c.visit(octets(v.RequestURL))
	if err != nil {
		return err
	}
	if want := r.Expected.CookieHeader; want != nil && r.Level != "policy" && header != octets(*want) {
		c.object("Chromium sends %q, the row expects %q", header, octets(*want))
	}
	return nil
}

func (c *referee) tryBuild(r row) (verdict, reason string, err error) {
	d, ok := r.declaration()
	if !ok {
		return pass, "a declaration has no such field", nil
	}
	line, refused := d.build()
	if refused != nil {
		if r.Expected.Verdict == "accept" && r.Level != "policy" {
			c.object("refused: %v", refused)
			return
		}
		if kept, err := c.keepsNaive(d); err != nil {
			return "", "", err
		} else if kept {
			return stricter, fmt.Sprintf("(%s) %s", r.Expected.Rule, oneLine(refused)), nil
		}
		return pass, "refused, and no such cookie in Chromium: " + oneLine(refused), nil
	}
	if r.Expected.Verdict == "reject" && r.Level != "policy" {
		if !d.onlyLacksPath(line) {
			c.object("accepted as %q", line)
		}
		reason = "every line has a Path: " + line
	}
	_, page, err := c.visit(d.origin().String(), line)
	if err != nil {
		return "", "", err
	}
	if len(page.Refused) > 0 {
		c.object("Chromium refuses what the library writes: %q", page.Refused)
	}
	return pass, reason, nil
}

// keepsNaive reports whether Chromium keeps the cookie as intended if the
// declaration is not checked.
func (c *referee) keepsNaive(d declaration) (bool, error) {
	if _, err := c.load(d.origin(), d.naive()); err != nil {
		return false, nil // no URL can set it, or the response is not HTTP
	}
	jar, err := c.chrome.Jar()
	return slices.ContainsFunc(jar, func(k *network.Cookie) bool {
		return k.Name == d.Name && k.Value == d.Value && k.Secure == d.Secure && (k.PartitionKey != nil) == d.Partitioned
	}), err
}

// oneLine returns an error's text without line breaks.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// load makes Chromium open a URL that responds with lines.
func (c *referee) load(u *url.URL, lines ...string) (chromium.Page, error) {
	c.server.expect(u.Host, lines)
	return c.chrome.Open(u.String())
}

// visit makes Chromium and the jar load a URL that responds with lines, and
// compares what they send and what they reject.
func (c *referee) visit(rawURL string, lines ...string) (cookieHeader string, page chromium.Page, err error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "", page, err
	}
	page, err = c.load(u, lines...)
	if err != nil {
		return "", page, err
	}
	request := useragent.Request{URL: u}
	cookieHeader = c.server.lastCookie()
	if ours := c.jar.Header(request); ours != cookieHeader {
		c.object("at %s Chromium sends %q, useragent %q", u, cookieHeader, ours)
	}
	for _, line := range lines {
		verdict := c.jar.Set(request, line)
		c.keep(verdict)
		// For the reverse compare the jars, since Chromium gives no reason for a
		// few of the lines that it ignores.
		if reasons, refused := page.Refused[strings.Trim(line, " \t")]; refused && verdict.Outcome != useragent.Ignored {
			c.object("%q is %s for useragent, and refused by Chromium: %q", line, verdict.Outcome, reasons)
		}
	}
	return cookieHeader, page, c.compareJars()
}

// keep applies a verdict to the model.
func (c *referee) keep(v useragent.Verdict) {
	if v.Outcome == useragent.Ignored {
		return
	}
	c.model = slices.DeleteFunc(c.model, func(old useragent.Cookie) bool {
		return old.Name == v.Cookie.Name && old.Domain == v.Cookie.Domain && old.HostOnly == v.Cookie.HostOnly &&
			old.Path == v.Cookie.Path && old.Partition == v.Cookie.Partition
	})
	if v.Outcome == useragent.Stored {
		c.model = append(c.model, v.Cookie)
	}
}

func (c *referee) compareJars() error {
	jar, err := c.chrome.Jar()
	if err != nil {
		return err
	}
	var theirs []useragent.Cookie
	for _, k := range jar {
		theirs = append(theirs, ofChromium(k))
	}
	byText := func(a, b useragent.Cookie) int { return strings.Compare(describe(a), describe(b)) }
	slices.SortFunc(c.model, byText)
	slices.SortFunc(theirs, byText)
	if !slices.EqualFunc(c.model, theirs, same) {
		c.object("Chromium's jar %s, useragent's %s", list(theirs), list(c.model))
	}
	return nil
}

// same compares two cookies completely. One was created a moment after the other.
func same(a, b useragent.Cookie) bool {
	return describe(a) == describe(b) && a.Expires.IsZero() == b.Expires.IsZero() && a.Expires.Sub(b.Expires).Abs() < time.Minute
}

// describe formats a cookie without its expiry. It omits bytes that are not
// UTF-8, which Chromium's protocol cannot carry. Cookie headers are compared byte
// for byte.
func describe(c useragent.Cookie) string {
	for _, text := range []*string{&c.Name, &c.Value, &c.Path} {
		*text = strings.ToValidUTF8(*text, "")
	}
	return fmt.Sprintf("%s=%s %s host-only=%t %s secure=%t http-only=%t same-site=%d partition=%q",
		c.Name, c.Value, c.Domain, c.HostOnly, c.Path, c.Secure, c.HTTPOnly, c.SameSite, c.Partition)
}

func list(cookies []useragent.Cookie) string {
	var texts []string
	for _, c := range cookies {
		texts = append(texts, fmt.Sprintf("%s until %s", describe(c), c.Expires.UTC().Format(http.TimeFormat)))
	}
	return fmt.Sprintf("%q", texts)
}

func ofChromium(k *network.Cookie) useragent.Cookie {
	domain, wide := strings.CutPrefix(k.Domain, ".")
	c := useragent.Cookie{Name: k.Name, Value: k.Value, Domain: domain, HostOnly: !wide, Path: k.Path, Secure: k.Secure, HTTPOnly: k.HTTPOnly}
	if !k.Session {
		seconds, part := math.Modf(k.Expires)
		c.Expires = time.Unix(int64(seconds), int64(part*1e9))
	}
	switch k.SameSite {
	case network.CookieSameSiteStrict:
		c.SameSite = http.SameSiteStrictMode
	case network.CookieSameSiteLax:
		c.SameSite = http.SameSiteLaxMode
	case network.CookieSameSiteNone:
		c.SameSite = http.SameSiteNoneMode
	default:
		c.SameSite = http.SameSiteDefaultMode
	}
	if k.PartitionKey != nil {
		c.Partition = k.PartitionKey.TopLevelSite
	}
	return c
}
