// Package browser runs crumb's responses through a real browser: what Chromium
// stores, sends back, hides from scripts and rejects.
package browser

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/crumb-go/crumb/e2e/chromium"
	"github.com/crumb-go/crumb/e2e/testenv"
)

// ways are all the ways in which crumb serves a template.
var ways = []struct {
	name string
	args []string
}{
	{"rest", []string{"--door", "rest"}},
	{"http", []string{"--door", "http"}},
	{"http1", []string{"--door", "http1"}},
	{"url", []string{"--door", "url"}},
	{"alb", []string{"--door", "alb"}},
	{"alb-multi", []string{"--door", "alb-multi"}},
	{"tls", []string{"--tls"}},
}

func TestBrowser(t *testing.T) {
	path := testenv.Tool(t, "chromium")
	crumb := testenv.Build(t)
	chrome, other := startChromium(t, path), startChromium(t, path)
	for _, way := range ways {
		start := func(t *testing.T, template string) *tab {
			args := append([]string{"start", "--port", "0", "--template", template}, way.args...)
			return &tab{t, chrome, strings.Replace(testenv.Start(t, exec.Command(crumb, args...)).URL, "127.0.0.1", "localhost", 1)}
		}
		t.Run(way.name, func(t *testing.T) {
			lesson := start(t, "template.yaml")
			lesson.run("round-trip", testRoundTrip)
			lesson.run("hostile-values", testHostileValues)
			lesson.run("cross-site-form", testCrossSiteForm)
			sessions(lesson, other)
			secured(lesson)
			jar := start(t, "e2e/browser/testdata/template.yaml")
			jar.run("stored", testStored)
			jar.run("deleted", testDeleted)
			jar.run("same-site", testSameSite)
			jar.run("refused", testRefused)
		})
	}
}

func startChromium(t *testing.T, path string) *chromium.Browser {
	b, err := chromium.Start(context.Background(), path, chromium.EveryHost) // t.Context would end before Close
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// A tab is the browser, at one crumb.
type tab struct {
	*testing.T
	chrome *chromium.Browser
	url    string // "http://localhost:40123"
}

// run runs a test with an initially empty jar.
func (b *tab) run(name string, test func(*tab)) {
	b.Run(name, func(t *testing.T) {
		if err := b.chrome.Clear(); err != nil {
			t.Fatal(err)
		}
		test(&tab{t, b.chrome, b.url})
	})
}

// open loads a page, which must show the text.
func (b *tab) open(path, text string) chromium.Page {
	b.Helper()
	return b.shows(chromedp.Navigate(b.at(path)), text)
}

// at returns the URL of a path, or of "//host/path" on the same port.
func (b *tab) at(path string) string {
	if rest, ok := strings.CutPrefix(path, "//"); ok {
		host, path, _ := strings.Cut(rest, "/")
		return strings.Replace(b.url, "localhost", host, 1) + "/" + path
	}
	return b.url + path
}

func (b *tab) shows(step chromedp.Action[chromedp.Void], text string) chromium.Page {
	b.Helper()
	page, err := b.chrome.Follow(step)
	if err != nil {
		b.Fatal(err)
	}
	if page.Text != text {
		b.Errorf("page shows %q, want %q", page.Text, text)
	}
	if len(page.Blocked) != 0 {
		b.Errorf("the page's policy forbids %q", page.Blocked)
	}
	return page
}

// holds compares the whole jar.
func (b *tab) holds(lines ...string) {
	b.Helper()
	jar, err := b.chrome.Jar()
	if err != nil {
		b.Fatal(err)
	}
	var got []string
	for _, c := range jar {
		got = append(got, chromium.Line(c))
	}
	if !slices.Equal(got, lines) {
		b.Errorf("jar holds\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(lines, "\n\t"))
	}
}

// script runs JavaScript and returns the value, or that of its promise.
func script[V any](b *tab, code string) V {
	b.Helper()
	v, err := chromedp.Run(b.chrome.Tab, chromedp.Evaluate[V](code, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatal(err)
	}
	return v
}

func testRoundTrip(b *tab) {
	b.open("/", "Hello, Guest!")
	b.open("/getcookie", "No cookie found!")
	page := b.open("/setcookie", "Cookie has been set!")
	if len(page.Refused) != 0 {
		b.Errorf("Chromium refused %q", page.Refused)
	}
	b.holds("username=Cobby; Domain=localhost; Path=/; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax")
	if seen := script[string](b, "document.cookie"); seen != "" {
		b.Errorf("a script sees %q", seen)
	}
	b.open("/", "Welcome back, Cobby!")
	b.open("/getcookie", "Found cookie! Username: Cobby")
	b.open("/deletecookie", "Cookie has been deleted!")
	b.holds()
	b.open("/", "Hello, Guest!")
}

// Pages show every username as text, without further effects.
func testHostileValues(b *tab) {
	for _, value := range []string{
		`<script>document.title = "owned"</script>`,
		`"><img src=x onerror="document.title='owned'">`,
		`'; alert(1); //`,
		`a; Path=/evil; Domain=localhost, evil=1`,
		"a\nSet-Cookie: evil=1",
		"\x00\x01\x7F",
		`{"a":"b\\c"}`,
		"100% %41 +",
		"Zoë 🍪",
	} {
		b.open("/deletecookie", "Cookie has been deleted!")
		script[bool](b, fmt.Sprintf(`
			const form = Object.assign(document.createElement("form"), {method: "POST", action: "/setcookie"});
			form.append(Object.assign(document.createElement("textarea"), {name: "username", value: %q}));
			document.body.append(form);
			true`, value))
		b.shows(chromedp.Submit(chromedp.CSS("form")), "Cookie has been set!")
		b.open("/", "Welcome back, "+strings.ReplaceAll(value, "\x00", "")+"!") // HTML does not allow NUL
		if elements := script[int](b, "document.body.querySelectorAll('*').length"); elements != 0 {
			b.Errorf("%q became %d elements", value, elements)
		}
		jar, err := b.chrome.Jar()
		if err != nil {
			b.Fatal(err)
		}
		if len(jar) != 1 || jar[0].Name != "username" {
			b.Errorf("after %q the jar holds %d cookies", value, len(jar))
		}
	}
}

func testCrossSiteForm(b *tab) {
	other := b.otherSite(`<form method=post action="` + b.url + `/setcookie"><input name=username value=evil></form>`)
	if _, err := b.chrome.Open(other); err != nil {
		b.Fatal(err)
	}
	page := b.shows(chromedp.Submit(chromedp.CSS("form")), "Cross-origin request refused.")
	if page.Status != http.StatusForbidden {
		b.Errorf("status %d, want 403", page.Status)
	}
	b.holds()
}

// otherSite serves a page at 127.0.0.1, a different site from localhost.
func (b *tab) otherSite(body string) string {
	serve := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<!doctype html><body>%s</body>", body)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(serve))
	if strings.HasPrefix(b.url, "https:") {
		server.StartTLS() // the scheme is part of the site
	} else {
		server.Start()
	}
	b.Cleanup(server.Close)
	return server.URL
}

// Every attribute arrives in the jar, even if several cookies are set at once.
func testStored(b *tab) {
	page := b.open("/shop?set=plain,readable,path,host,http,host-http,strict,none,partitioned", "")
	if len(page.Refused) != 0 {
		b.Errorf("Chromium refused %q", page.Refused)
	}
	scheme, _, _ := strings.Cut(b.url, ":")
	b.holds(
		"__Host-Http-both=1; Domain=localhost; Path=/; Secure; HttpOnly; SameSite=Lax",
		"__Host-host=1; Domain=localhost; Path=/; Secure; HttpOnly; SameSite=Lax",
		"__Host-partitioned=1; Domain=localhost; Path=/; Secure; HttpOnly; SameSite=None; Partitioned="+scheme+"://localhost",
		"__Http-http=1; Domain=localhost; Path=/shop; Secure; HttpOnly; SameSite=Lax",
		"none=1; Domain=localhost; Path=/; Secure; HttpOnly; SameSite=None",
		"path=1; Domain=localhost; Path=/shop; Secure; HttpOnly; SameSite=Lax",
		"plain=1; Domain=localhost; Path=/; Secure; HttpOnly; SameSite=Lax",
		"readable=1; Domain=localhost; Path=/; Max-Age=3600; Secure; SameSite=Lax",
		"strict=1; Domain=localhost; Path=/; Secure; HttpOnly; SameSite=Strict",
	)
	b.open("/", "__Host-Http-both __Host-host __Host-partitioned none plain readable strict")
	if seen := script[string](b, "document.cookie"); seen != "readable=1" {
		b.Errorf("a script sees %q, want the one cookie that is declared ScriptReadable", seen)
	}
	b.open("/shop/cart", "__Host-Http-both __Host-host __Host-partitioned __Http-http none path plain readable strict")
}

// A declaration deletes the cookie that it has set: under a path, for a domain,
// with a prefix, partitioned.
func testDeleted(b *tab) {
	b.open("/shop?set=path,host,http,host-http,partitioned", "")
	b.open("/shop?line="+url.QueryEscape("path=; Max-Age=0; Path=/"), "__Host-Http-both __Host-host __Host-partitioned __Http-http path")
	b.open("/shop", "__Host-Http-both __Host-host __Host-partitioned __Http-http path") // that was another path
	page := b.open("/?delete=path,host,http,host-http,partitioned", "__Host-Http-both __Host-host __Host-partitioned")
	if len(page.Refused) != 0 {
		b.Errorf("Chromium refused %q", page.Refused)
	}
	b.holds()

	b.open("//www.app.localhost/?set=domain,secure", "")
	b.holds(
		"__Secure-secure=1; Domain=.app.localhost; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax",
		"domain=1; Domain=.app.localhost; Path=/; Secure; HttpOnly; SameSite=Lax",
	)
	b.open("//app.localhost/?delete=domain,secure", "__Secure-secure domain")
	b.holds()
}

// Another site makes the browser send everything that SameSite allows, and
// nothing else.
func testSameSite(b *tab) {
	b.open("/?set=plain,strict,none,partitioned", "")
	for _, tc := range []struct {
		name, html string
		step       chromedp.Action[chromedp.Void]
		sent       string
	}{
		{"link", `<a href="` + b.url + `/">link</a>`, chromedp.Click(chromedp.CSS("a")), "__Host-partitioned none plain"},
		{"get-form", `<form action="` + b.url + `/"></form>`, chromedp.Submit(chromedp.CSS("form")), "__Host-partitioned none plain"},
		{"post-form", `<form method=post action="` + b.url + `/"></form>`, chromedp.Submit(chromedp.CSS("form")), "__Host-partitioned none"},
	} {
		if _, err := b.chrome.Open(b.otherSite(tc.html)); err != nil {
			b.Fatal(err)
		}
		page, err := b.chrome.Follow(tc.step)
		if err != nil {
			b.Fatal(err)
		}
		if page.Text != tc.sent {
			b.Errorf("%s from another site sends %q, want %q", tc.name, page.Text, tc.sent)
		}
	}
	b.open("/", "__Host-partitioned none plain strict")
}

// Lines that the library does not write, and Chromium's reasons.
func testRefused(b *tab) {
	for _, tc := range []struct{ name, line, reason string }{
		{"host-not-secure", "__Host-a=1; Path=/", "InvalidPrefix"},
		{"host-with-path", "__Host-a=1; Secure; Path=/shop", "InvalidPrefix"},
		{"host-with-domain", "__Host-a=1; Secure; Path=/; Domain=localhost", "InvalidPrefix"},
		{"host-lower-case", "__host-a=1; Path=/", "InvalidPrefix"},
		{"secure-not-secure", "__Secure-a=1; Path=/", "InvalidPrefix"},
		{"http-not-http-only", "__Http-a=1; Secure; Path=/", "InvalidPrefix"},
		{"host-http-not-http-only", "__Host-Http-a=1; Secure; Path=/", "InvalidPrefix"},
		{"none-not-secure", "a=1; SameSite=None", "SameSiteNoneInsecure"},
		{"other-domain", "a=1; Domain=example.com", "InvalidDomain"},
		{"too-large", "a=" + strings.Repeat("a", 4096), "NameValuePairExceedsMaxSize"},
	} {
		page := b.open("/?line="+url.QueryEscape(tc.line), "")
		if got := page.Refused[tc.line]; !slices.Equal(got, []string{tc.reason}) {
			b.Errorf("%s: Chromium's reasons are %q, want %s", tc.name, got, tc.reason)
		}
	}
	b.holds()
}
