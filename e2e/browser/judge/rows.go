package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
)

// A row is one vector. In the file each byte of a string is a code point, and
// {{c*N}} means N times c.
type row struct {
	ID, Suite, Level string
	Input            json.RawMessage
	Expected         struct {
		Verdict, Rule string  // of set-cookie-build
		CookieHeader  *string `json:"cookie_header"`
	}
}

// A visit is the input of ua-storage and deletion: URLs, each with the lines of
// its response, and one more that shows the Cookie header.
type visit struct {
	Steps []struct {
		URL   string
		Lines []string `json:"set_cookie"`
	}
	RequestURL string `json:"request_url"`
}

// A declaration is the input of set-cookie-build.
type declaration struct {
	Name, Value, Path, Domain string
	MaxAge                    *float64 `json:"max_age"`
	Expires                   string
	SameSite                  string `json:"same_site"`
	Secure, Partitioned       bool
	HTTPOnly                  bool `json:"http_only"`
}

// readRows returns the rows of the suites that a browser can judge.
func readRows(file string) ([]row, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var vectors struct{ Vectors []row }
	if err := json.Unmarshal(text, &vectors); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var rows []row
	for _, r := range vectors.Vectors {
		switch r.Suite {
		case "ua-storage", "deletion", "set-cookie-build":
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s has no row of ua-storage, deletion or set-cookie-build", file)
	}
	return rows, nil
}

var repeat = regexp.MustCompile(`(?s)\{\{(.)\*(\d+)\}\}`)

// octets turns a string of the file into the bytes that it means.
func octets(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
	}
	return repeat.ReplaceAllStringFunc(b.String(), func(m string) string {
		parts := repeat.FindStringSubmatch(m)
		n, _ := strconv.Atoi(parts[2])
		return strings.Repeat(parts[1], n)
	})
}

// declaration decodes the row's declaration. ok is false if it has a field that
// ours do not have, or two lifetimes.
func (r row) declaration() (d declaration, ok bool) {
	decoder := json.NewDecoder(bytes.NewReader(r.Input))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&d) != nil || d.Expires != "" && d.MaxAge != nil {
		return d, false
	}
	for _, s := range []*string{&d.Name, &d.Value, &d.Path, &d.Domain, &d.SameSite} {
		*s = octets(*s)
	}
	return d, true
}

func (d declaration) deletes() bool { return d.MaxAge != nil && *d.MaxAge <= 0 }

// build writes the line with the library: not Secure is Insecure, not HttpOnly is
// ScriptReadable, and max_age of zero or less is Delete.
func (d declaration) build() (string, error) {
	a := cookie.Attributes{Path: d.Path, Domain: d.Domain, Insecure: !d.Secure, ScriptReadable: !d.HTTPOnly, Partitioned: d.Partitioned}
	switch strings.ToLower(d.SameSite) {
	case "":
	case "lax":
		a.SameSite = http.SameSiteLaxMode
	case "strict":
		a.SameSite = http.SameSiteStrictMode
	case "none":
		a.SameSite = http.SameSiteNoneMode
	default:
		a.SameSite = -1
	}
	if d.MaxAge != nil && *d.MaxAge > 0 {
		a.MaxAge = time.Duration(min(*d.MaxAge, 1e9) * 1e9) // 1e9 seconds exceeds every limit
	}
	c, err := cookie.New(d.Name, a)
	if err != nil {
		return "", err
	}
	if d.deletes() {
		w := header{}
		err := c.Delete(w)
		return http.Header(w).Get("Set-Cookie"), err
	}
	if d.Expires != "" {
		until, err := time.Parse(time.RFC3339, d.Expires)
		if err != nil {
			return "", err
		}
		c = c.Until(until)
	}
	return c.Line(d.Value)
}

// onlyLacksPath reports whether line results from the declaration with Path=/,
// which the library adds.
func (d declaration) onlyLacksPath(line string) bool {
	lacks := d.Path == ""
	d.Path = "/"
	withPath, err := d.build()
	return lacks && err == nil && withPath == line && strings.HasPrefix(strings.ToLower(d.Name), "__host-")
}

// naive writes the line without any checks.
func (d declaration) naive() string {
	line := d.Name + "=" + d.Value
	for _, attribute := range []struct {
		set  bool
		text string
	}{
		{d.Path != "", "Path=" + d.Path},
		{d.Domain != "", "Domain=" + d.Domain},
		{d.MaxAge != nil, "Max-Age=" + d.maxAge()},
		{d.Expires != "", "Expires=" + d.Expires},
		{d.Secure, "Secure"},
		{d.HTTPOnly, "HttpOnly"},
		{d.SameSite != "", "SameSite=" + d.SameSite},
		{d.Partitioned, "Partitioned"},
	} {
		if attribute.set {
			line += "; " + attribute.text
		}
	}
	return line
}

func (d declaration) maxAge() string {
	if d.MaxAge == nil {
		return ""
	}
	return strconv.FormatFloat(*d.MaxAge, 'f', -1, 64)
}

// origin returns a URL that may set the cookie, if there is one.
func (d declaration) origin() *url.URL {
	u := &url.URL{Scheme: "https", Host: "home.site.example", Path: "/"}
	if domain := strings.Trim(d.Domain, "."); domain != "" {
		u.Host = "www." + domain
	}
	return u
}

// header is a ResponseWriter of which only the header is used.
type header http.Header

func (h header) Header() http.Header         { return http.Header(h) }
func (h header) Write(b []byte) (int, error) { return len(b), nil }
func (h header) WriteHeader(int)             {}
