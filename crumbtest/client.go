package crumbtest

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// Client returns a client with cookies, as one browser has them. Each call returns
// another browser's. Its connections are closed when t ends.
//
// The client's Jar follows the rules of package useragent, not those of
// net/http/cookiejar, which sends no Secure cookie over plain HTTP: browsers do to
// localhost, 127.0.0.1 and ::1. Nor does it keep what a browser would ignore, such as
// a cookie __Host-id with a Domain. Requests count as the user's own, so that
// SameSite keeps no cookie back. Ports share cookies; 127.0.0.1 and localhost do not.
// Its Cookies are those of a GET, with all their attributes.
//
// Cookie lines are net/http's: it puts a value that has a space or a comma into
// quotes, which browsers do not, and logs what it drops. Nor does it pass Set-Cookie
// lines to the Jar that it cannot read, such as those with UTF-8 in the value, which
// browsers keep.
func (p *Project) Client(t testing.TB) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Jar: new(jar)}
}

// jar is a browser's cookies as net/http's client asks for them.
type jar struct{ browser useragent.Jar }

func (j *jar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	for _, c := range cookies {
		j.browser.Set(useragent.Request{URL: u}, lineOf(c))
	}
}

// lineOf is the line that c came in, unless a test made or changed c.
func lineOf(c *http.Cookie) string {
	if received, err := http.ParseSetCookie(c.Raw); err == nil && reflect.DeepEqual(received, c) {
		return c.Raw
	}
	return c.String()
}

func (j *jar) Cookies(u *url.URL) []*http.Cookie {
	var cookies []*http.Cookie
	for _, c := range j.browser.Cookies(useragent.Request{URL: u}) {
		value, quoted := c.Value, len(c.Value) > 1 && strings.HasPrefix(c.Value, `"`) && strings.HasSuffix(c.Value, `"`)
		if quoted {
			value = value[1 : len(value)-1]
		}
		domain := c.Domain
		if c.HostOnly {
			domain = ""
		}
		cookies = append(cookies, &http.Cookie{
			Name: c.Name, Value: value, Quoted: quoted, Domain: domain, Path: c.Path,
			Expires: c.Expires, Secure: c.Secure, HttpOnly: c.HTTPOnly, SameSite: c.SameSite, Partitioned: c.Partition != "",
		})
	}
	return cookies
}
