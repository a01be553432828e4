package browser

import (
	"crypto/tls"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/crumb-go/crumb/e2e/testenv"
	"github.com/crumb-go/crumb/internal/sam"
)

// secured are the tests of the headers that prevent framing.
func secured(b *tab) {
	b.run("headers", testHeaders)
	b.run("frames", testFrames)
}

// pages returns the paths of the template's routes, which all support GET.
func pages(t *testing.T) []string {
	t.Helper()
	template, err := sam.Read(filepath.Join(testenv.Root(t), "template.yaml"), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, api := range template.APIs {
		for _, r := range api.Routes {
			paths = append(paths, r.Path)
		}
	}
	if len(paths) == 0 {
		t.Fatal("the template has no route")
	}
	return paths
}

// Every response of every function has the headers, including errors.
func testHeaders(b *tab) {
	client := &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	for _, path := range pages(b.T) {
		for _, tc := range []struct{ method, site string }{
			{"GET", "none"}, {"HEAD", "none"}, {"OPTIONS", "none"}, {"PUT", "none"},
			{"POST", "same-origin"}, {"POST", "cross-site"},
		} {
			r, err := http.NewRequestWithContext(b.Context(), tc.method, b.at(path), http.NoBody)
			if err != nil {
				b.Fatal(err)
			}
			r.Header.Set("Sec-Fetch-Site", tc.site)
			response, err := client.Do(r)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
			h := response.Header
			if !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") ||
				h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "same-origin" {
				b.Errorf("%s %s (%s) = %d with %v", tc.method, path, tc.site, response.StatusCode, h)
			}
			if pinned := h.Get("Strict-Transport-Security"); pinned != "" {
				b.Errorf("%s %s pins localhost to https: %q", tc.method, path, pinned)
			}
		}
	}
}

// A host of the same site puts pages into an almost invisible frame, and makes
// the user click into it. Cookies and Origin would be right, as the frame would
// send its own form.
func testFrames(b *tab) {
	app := &tab{b.T, b.chrome, strings.Replace(b.url, "localhost", "app.crumb.localhost", 1)}
	app.signIn()
	app.open("/logout", "Sign out Sign out everywhere")
	button := script[struct{ X, Y float64 }](app, "(({x, y, width, height}) => ({X: x + width / 2, Y: y + height / 2}))(document.querySelector('button').getBoundingClientRect())")

	for _, path := range pages(b.T) {
		page, err := b.chrome.Open(b.sibling(`<iframe style="position: fixed; inset: 0; width: 100%; height: 100%; border: 0; opacity: 0.01" src="` + app.at(path) + `"></iframe>click here`))
		if err != nil {
			b.Fatal(err)
		}
		if len(page.Blocked) != 1 || !strings.Contains(page.Blocked[0], "frame-ancestors") {
			b.Errorf("%s in a frame: Chromium says %q, want it rejected", path, page.Blocked)
		}
		if path == "/logout" {
			if err := chromedp.Do(b.chrome.Tab, chromedp.MouseClickXY(button.X, button.Y)); err != nil {
				b.Fatal(err)
			}
		}
	}
	app.open("/me", name)
}

// sibling serves a page at another host of the site crumb.localhost.
func (b *tab) sibling(body string) string {
	return strings.Replace(b.otherSite(body), "127.0.0.1", "evil.crumb.localhost", 1)
}
