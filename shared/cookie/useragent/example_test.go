package useragent_test

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

func ExampleExplain() {
	origin, _ := url.Parse("https://app.example/cart")
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	v := useragent.Explain("sid=31d4d96e; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Strict", origin, now)
	fmt.Println(v.Outcome, v.Cookie.Expires)
	for _, m := range v.Meanings() {
		fmt.Printf("%s: %s\n", m.Attribute, m.Text)
	}
	// Output:
	// stored 2026-01-01 00:01:00 +0000 UTC
	// Domain: app.example only, not its subdomains
	// Path: every path
	// Expires: Thu, 01 Jan 2026 00:01:00 GMT, in 60 seconds
	// Secure: https only; http on this machine (localhost) counts as https, except in Safari
	// HttpOnly: scripts cannot see the cookie: document.cookie does not have it
	// SameSite: requests from this site's own pages, but not clicks on links elsewhere
	// Partitioned: one cookie, whatever site is in the address bar
}

// Over plain http Secure cookies are stored only from this machine.
func ExampleExplain_secureOverHTTP() {
	origin, _ := url.Parse("http://app.example/")
	fmt.Println(useragent.Explain("sid=1; Secure", origin, time.Now()))
	origin, _ = url.Parse("http://localhost:3000/")
	fmt.Println(useragent.Explain("sid=1; Secure", origin, time.Now()))
	// Output:
	// ignored: Secure is set over plain http by "app.example", which is not this machine (rfc6265bis 5.7: Secure cookies are set over https, or on this machine)
	// stored
}

func ExampleCompare() {
	origin, _ := url.Parse("https://app.example/")
	c := useragent.Compare("sid=1\t2; Path=/", origin, time.Now())
	fmt.Println(c, c.Agree())
	for _, r := range c.Reasons() {
		fmt.Println(r.ID, r.Engines)
	}
	fmt.Println(c.Verdict().Outcome)
	// Output:
	// Chromium: ignored; Firefox: stored; Safari: stored (documented, not run) false
	// tab [chromium]
	// value-octets [firefox safari]
	// ignored
}

// Engines differ in some lines: Safari's is documented, not run.
func ExampleEngine_Explain() {
	origin, _ := url.Parse("https://app.example/")
	for _, e := range useragent.Engines() {
		v := e.Explain("sid=1; SameSite=None", origin, time.Now())
		fmt.Println(e.Name(), v.Outcome, e.Documented())
	}
	// Output:
	// Chromium ignored false
	// Firefox ignored false
	// Safari stored true
}

func ExampleExplain_sameSiteNone() {
	origin, _ := url.Parse("https://app.example/")
	v := useragent.Explain("sid=1; SameSite=None", origin, time.Now())
	fmt.Println(v)
	fmt.Print(v.Suggestion())
	// Output:
	// ignored: SameSite is None without Secure (rfc6265bis 5.7: SameSite=None needs Secure)
	// var Sid = cookie.Must(cookie.New("sid", cookie.Attributes{SameSite: http.SameSiteNoneMode}))
}

// The Domain of production, on the developer's machine.
func ExampleExplain_domainElsewhere() {
	origin, _ := url.Parse("http://localhost:3000/")
	fmt.Println(useragent.Explain("sid=1; Domain=shop.example", origin, time.Now()))
	// Output:
	// ignored: Domain "shop.example" is neither the host "localhost" nor a parent of it (rfc6265bis 5.7, 5.1.3: a Domain is the host itself or a parent of it)
}

func ExampleExplain_publicSuffix() {
	origin, _ := url.Parse("https://abc.execute-api.eu-west-1.amazonaws.com/prod/")
	fmt.Println(useragent.Explain("sid=1; Domain=execute-api.eu-west-1.amazonaws.com", origin, time.Now()))
	// Output:
	// ignored: Domain "execute-api.eu-west-1.amazonaws.com" is a public suffix: anyone can register names under it (rfc6265bis 5.7, publicsuffix.org: a cookie cannot span a public suffix)
}

func ExampleExplain_prefix() {
	origin, _ := url.Parse("https://app.example/")
	fmt.Println(useragent.Explain("__Host-sid=1; Secure; Path=/account", origin, time.Now()).Reasons[0])
	// Output:
	// Path must be "/", as the prefix __Host- requires (rfc6265bis 4.1.3.2: a __Host- cookie is Secure, has Path=/ and no Domain)
}

func ExampleExplain_tooLarge() {
	origin, _ := url.Parse("https://app.example/")
	fmt.Println(useragent.Explain("cart="+strings.Repeat("x", 4096), origin, time.Now()))
	// Output:
	// ignored: Value and name total 4100 bytes (rfc6265bis 5.6: name and value have at most 4096 bytes together)
}

// Without a Path the cookie belongs to the directory of the URL that set it.
func ExampleExplain_noPath() {
	origin, _ := url.Parse("https://app.example/api/login")
	v := useragent.Explain("sid=1", origin, time.Now())
	fmt.Println(v)
	home, _ := url.Parse("https://app.example/")
	fmt.Println(v.Cookie.SentTo(useragent.Request{URL: home}, time.Now()))
	// Output:
	// stored: Path is absent; the browser uses "/api" from the URL, so other paths do not get the cookie (rfc6265bis 5.6.4, 5.1.4: without a Path that starts with a slash, the URL's directory is used)
	// false
}

// A deletion needs the Path and the Domain that the cookie was set with.
func ExampleJar_deleteElsewhere() {
	logout, _ := url.Parse("https://app.example/account/logout")
	var jar useragent.Jar
	jar.Set(useragent.Request{URL: logout}, "sid=1; Path=/")
	v := jar.Set(useragent.Request{URL: logout}, "sid=; Max-Age=0; Path=/account")
	fmt.Println(v.Reasons[1])
	fmt.Println(jar.Header(useragent.Request{URL: logout}))
	// Output:
	// Cookie with this name stays: it belongs to Path="/" without Domain at app.example, this line to Path="/account" without Domain at app.example (rfc6265bis 5.7: a cookie is identified by name, Domain and Path)
	// sid=1
}

// Two cookies, joined by a proxy or a map of headers.
func ExampleExplain_joinedByComma() {
	origin, _ := url.Parse("https://app.example/")
	fmt.Println(useragent.Explain("sid=1; Secure, theme=dark; Path=/", origin, time.Now()).Reasons[0])
	// Output:
	// Attribute is followed by a comma and what looks like another cookie, which browsers do not see (rfc6265bis 3: each cookie needs a Set-Cookie header; commas do not separate cookies)
}

func ExampleExplain_semicolonInValue() {
	origin, _ := url.Parse("https://app.example/")
	v := useragent.Explain("prefs=dark;wide; Path=/", origin, time.Now())
	fmt.Println(v)
	fmt.Print(v.Suggestion())
	// Output:
	// stored: Attribute 1, of 4 bytes, is unknown and ignored; is it part of the value, after a semicolon? (rfc6265bis 5.6: a semicolon ends the value; attributes follow)
	// var Prefs = cookie.Must(cookie.New("prefs", cookie.Attributes{Encoding: cookie.Percent}))
}

// A jar keeps cookies like a browser, and sends those that match a request.
func ExampleJar() {
	at := func(s string) useragent.Request {
		u, _ := url.Parse(s)
		return useragent.Request{URL: u}
	}
	var jar useragent.Jar
	jar.Set(at("https://app.example/"), "theme=dark; Path=/; Max-Age=60")
	jar.Set(at("https://app.example/shop/"), "cart=7; Path=/shop")
	fmt.Println(jar.Header(at("https://app.example/shop/list")))
	fmt.Println(jar.Header(at("https://app.example/")))

	jar.Close() // the cart had no Max-Age
	for _, c := range jar.Cookies(at("https://app.example/shop/list")) {
		fmt.Println(c.Name, c.Domain, c.Path)
	}
	// Output:
	// cart=7; theme=dark
	// theme=dark
	// theme app.example /
}

// Another site's page posts a form: the cookie is not sent.
func ExampleRequest() {
	shop, _ := url.Parse("https://app.example/buy")
	other, _ := url.Parse("https://other.example/")
	v := useragent.Explain("sid=1; Secure; SameSite=Lax", shop, time.Now())
	fmt.Println("a link:", v.Cookie.SentTo(useragent.Request{URL: shop, Initiator: other}, time.Now()))
	fmt.Println("a form:", v.Cookie.SentTo(useragent.Request{URL: shop, Initiator: other, Method: "POST"}, time.Now()))
	// Output:
	// a link: true
	// a form: false
}

func ExampleVerdict_Has() {
	origin, _ := url.Parse("http://localhost:3000/")
	v := useragent.Explain("sid=1; Domain=shop.example", origin, time.Now())
	fmt.Println(v.Has("domain-mismatch"))
	// Output: true
}

func ExampleVerdict_Suggestion() {
	origin, _ := url.Parse("https://app.example/")
	fmt.Print(useragent.Explain("__Host-sid=1; Path=/account", origin, time.Now()).Suggestion())
	// Output: var Sid = cookie.Must(cookie.New("__Host-sid", cookie.Attributes{}))
}

// All cookies of the browser, of any site.
func ExampleJar_All() {
	var jar useragent.Jar
	for _, site := range []string{"https://app.example/", "https://other.example/"} {
		u, _ := url.Parse(site)
		jar.Set(useragent.Request{URL: u}, "theme=dark; Path=/")
	}
	for _, c := range jar.All() {
		fmt.Println(c.Name, c.Domain)
	}
	// Output:
	// theme app.example
	// theme other.example
}

func ExampleVerdict_SuggestionIn() {
	origin, _ := url.Parse("https://app.example/login")
	v := useragent.Explain("sid=1; SameSite=None", origin, time.Now())
	for _, f := range useragent.Frameworks() {
		if f.ID == "express" {
			fmt.Print(v.SuggestionIn(f))
		}
	}
	// Output: res.cookie("sid", value, { path: "/", secure: true, sameSite: "None", httpOnly: true });
}
