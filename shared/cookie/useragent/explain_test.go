package useragent

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestExplain(t *testing.T) {
	const page = "https://app.example.com/a/b"
	long := strings.Repeat("x", 1025)
	tests := []struct {
		name, origin, line string
		want               Outcome
		reasons            string // IDs, in order
	}{
		{"plain", page, "a=1; Path=/", Stored, ""},
		{"all-attributes", page, "a=1; Domain=example.com; Path=/a; Expires=Tue, 09 Jun 2026 10:18:15 GMT; Max-Age=60; Secure; HttpOnly; SameSite=None; Partitioned", Stored, ""},
		{"ctl", page, "a=1\x01; Path=/", Ignored, "ctl"},
		{"ctl-in-attribute", page, "a=1; Path=/; x\x7f", Ignored, "ctl attribute-unknown"},
		{"nul", page, "a=1; Path=/\x00", Ignored, "ctl"},
		{"empty", page, "=; Path=/", Ignored, "empty"},
		{"nothing", "https://app.example.com/", "", Ignored, "empty"},
		{"too-long", page, "a=" + strings.Repeat("x", 4096) + "; Path=/", Ignored, "too-long"},
		{"longest", page, "a=" + strings.Repeat("x", 4095) + "; Path=/", Stored, ""},
		{"tab-in-value", page, "a=1\t2; Path=/", Ignored, "tab"},
		{"tab-in-name", page, "a\tb=1; Path=/", Ignored, "tab"},
		{"tab-in-attribute", page, "a=1; Path=/; SameSite=L\tax", Ignored, "tab samesite-unknown"},
		{"tab-around", page, "a\t=\t1\t; Path=/", Stored, "trimmed"},
		{"trimmed", page, "a= 1; Path=/", Stored, "trimmed"},
		{"trimmed-to-nothing", page, "a= ; Path=/", Stored, ""},
		{"trimmed-name", page, " a =1; Path=/", Stored, ""},
		{"nameless", page, "abc; Path=/", Stored, "nameless"},
		{"nameless-equals", page, "=a=b; Path=/", Ignored, "nameless-equals"},
		{"nameless-prefix", page, "=__Host-a; Path=/", Ignored, "nameless-prefix"},
		{"nameless-prefix-without-equals", page, "__secure-a; Path=/", Ignored, "nameless-prefix"},
		{"name-token", page, "a{b=1; Path=/", Stored, "name-token"},
		{"value-octets", page, `a="b c"; Path=/`, Stored, "value-octets"},
		{"quoted", page, `a="b"; Path=/`, Stored, ""},

		{"unknown-attribute", page, "a=1; Path=/; httponlyy", Stored, "attribute-unknown"},
		{"rest-of-value", page, "a=1;2; Path=/", Stored, "attribute-unknown"},
		{"old-attributes", page, "a=1; Version=1; Comment=c; CommentURL=c; DISCARD; Port=1; priority=high; Path=/", Stored, ""},
		{"empty-attributes", page, "a=1;; Path=/;=;", Stored, ""},
		{"folded", page, "a=1; Path=/, b=2", Stored, "folded path-elsewhere"},
		{"folded-flag", page, "a=1; Path=/; Secure, b=2", Stored, "folded attribute-unknown"},
		{"folded-date", page, "a=1; Path=/; Expires=Wed, 09 Jun 2027 10:18:14 GMT, b=2", Stored, "folded"},
		{"not-folded", page, "a=1; Path=/; Expires=Wed, 09 Jun 2027 10:18:14 GMT", Stored, ""},
		{"flag-off", page, "a=1; Path=/; Secure=false", Stored, "flag-value"},
		{"flag-on", page, "a=1; Path=/; Secure=true; HttpOnly=1", Stored, ""},
		{"repeated", page, "a=1; Path=/x; Path=/", Stored, "attribute-repeated"},
		{"repeated-alike", page, "a=1; Path=/; path=/; Secure; Secure", Stored, ""},
		{"attribute-too-long", page, "a=1; Path=/; Domain=" + long, Stored, "attribute-too-long"},
		{"unknown-too-long", page, "a=1; Path=/; Comment=" + long, Stored, ""},

		{"max-age-zero", page, "a=1; Path=/; Max-Age=0", Deleted, "expired"},
		{"max-age-one", page, "a=1; Path=/; Max-Age=1", Stored, ""},
		{"max-age-negative", page, "a=1; Path=/; Max-Age=-9", Deleted, "expired"},
		{"max-age-huge-negative", page, "a=1; Path=/; Max-Age=-99999999999999999999", Deleted, "expired"},
		{"max-age-huge", page, "a=1; Path=/; Max-Age=99999999999999999999", Stored, "lifetime-capped"},
		{"max-age-over-what-a-duration-holds", page, "a=1; Path=/; Max-Age=18446744073", Stored, "lifetime-capped"},
		{"max-age-400-days", page, "a=1; Path=/; Max-Age=34560000", Stored, ""},
		{"max-age-over", page, "a=1; Path=/; Max-Age=34560001", Stored, "lifetime-capped"},
		{"max-age-quoted", page, `a=1; Path=/; Max-Age="60"`, Stored, "max-age-invalid"},
		{"max-age-empty", page, `a=1; Path=/; Max-Age=`, Stored, "max-age-invalid"},
		{"max-age-plus", page, `a=1; Path=/; Max-Age=+60`, Stored, "max-age-invalid"},
		{"max-age-minus-alone", page, `a=1; Path=/; Max-Age=-`, Stored, "max-age-invalid"},
		{"max-age-long", page, "a=1; Path=/; Max-Age=" + long, Stored, "attribute-too-long"},
		{"max-age-wins", page, "a=1; Path=/; Max-Age=0; Expires=Wed, 09 Jun 2027 10:18:14 GMT", Deleted, "expired"},
		{"expires-takes-over", page, "a=1; Path=/; Max-Age=x; Expires=Wed, 09 Jun 1999 10:18:14 GMT", Deleted, "max-age-invalid expired"},
		{"expires-past", page, "a=1; Path=/; Expires=Tue, 09 Jun 2026 10:18:14 GMT", Deleted, "expired"},
		{"expires-next-second", page, "a=1; Path=/; Expires=Tue, 09 Jun 2026 10:18:15 GMT", Stored, ""},
		{"expires-invalid", page, "a=1; Path=/; Expires=-1", Stored, "expires-invalid"},
		{"expires-far", page, "a=1; Path=/; Expires=Fri, 31 Dec 9999 23:59:59 GMT", Stored, "lifetime-capped"},

		{"domain", page, "a=1; Path=/; Domain=.EXAMPLE.com", Stored, ""},
		{"domain-empty", page, "a=1; Path=/; Domain=", Stored, ""},
		{"domain-dot", page, "a=1; Path=/; Domain=.", Ignored, "domain-mismatch"},
		{"domain-foreign", page, "a=1; Path=/; Domain=example.org", Ignored, "domain-mismatch"},
		{"domain-below", page, "a=1; Path=/; Domain=x.app.example.com", Ignored, "domain-mismatch"},
		{"domain-port", page, "a=1; Path=/; Domain=example.com:443", Ignored, "domain-mismatch"},
		{"domain-non-ascii", page, "a=1; Path=/; Domain=bücher.example", Ignored, "domain-non-ascii"},
		{"domain-first-beyond-ascii", page, "a=1; Path=/; Domain=\x80.com", Ignored, "domain-non-ascii"},
		{"domain-last-of-ascii", page, "a=1; Path=/; Domain=\x7f.com", Ignored, "ctl domain-mismatch"},
		{"domain-suffix", page, "a=1; Path=/; Domain=com", Ignored, "public-suffix"},
		{"domain-suffix-private", "https://a.github.io/", "a=1; Domain=github.io", Ignored, "public-suffix"},
		{"domain-suffix-wildcard", "https://a.kawasaki.jp/", "a=1; Domain=kawasaki.jp", Ignored, "public-suffix"},
		{"domain-above-suffix", "https://abc.execute-api.eu-west-1.amazonaws.com/", "a=1; Domain=amazonaws.com", Ignored, "public-suffix"},
		{"domain-suffix-itself", "https://github.io/", "a=1; Domain=github.io", Stored, ""},
		{"domain-localhost", "http://localhost:3000/", "a=1; Domain=localhost", Stored, ""},
		{"domain-of-localhost", "http://app.localhost/", "a=1; Domain=localhost", Ignored, "public-suffix"},
		{"domain-dotted-host", "https://app.example.com./", "a=1; Domain=example.com.", Stored, ""},
		{"domain-dotted-suffix", "https://app.example.com./", "a=1; Domain=com.", Ignored, "public-suffix"},
		{"domain-undotted", "https://app.example.com./", "a=1; Domain=example.com", Ignored, "domain-mismatch"},
		{"domain-ip", "http://127.0.0.1/", "a=1; Domain=127.0.0.1", Stored, ""},
		{"domain-ip-tail", "http://127.0.0.1/", "a=1; Domain=0.0.1", Ignored, "domain-mismatch"},
		{"domain-ipv6", "http://[::1]/", "a=1; Domain=[::1]", Stored, ""},

		{"path-invalid", page, "a=1; Path=x", Stored, "path-invalid"},
		{"path-empty", page, "a=1; Path=", Stored, "path-invalid"},
		{"path-absent", page, "a=1", Stored, "path-absent"},
		{"path-absent-at-root", "https://app.example.com/a", "a=1", Stored, ""},
		{"path-elsewhere", page, "a=1; Path=/x", Stored, "path-elsewhere"},

		{"secure-from-insecure", "http://app.example.com/", "a=1; Secure", Ignored, "secure-from-insecure"},
		{"samesite-unknown", page, "a=1; Path=/; SameSite=foo", Stored, "samesite-unknown"},
		{"samesite-empty", page, "a=1; Path=/; SameSite", Stored, "samesite-unknown"},
		{"samesite-last", page, "a=1; Path=/; SameSite=None; SameSite=Lax", Stored, "attribute-repeated"},
		{"samesite-none", page, "a=1; Path=/; SameSite=None", Ignored, "samesite-none-insecure"},
		{"partitioned", page, "a=1; Path=/; Partitioned", Ignored, "partitioned-insecure"},
		{"partitioned-lax", page, "a=1; Path=/; Secure; Partitioned", Stored, "partitioned-samesite"},
		{"swallowed-by-commas", page, "a=1, Path=/, Secure, HttpOnly", Stored, "attribute-swallowed value-octets path-absent"},
		{"swallowed-by-blanks", page, "a=1 Path=/ Secure", Stored, "attribute-swallowed value-octets path-absent"},
		{"swallowed-by-a-path", page, "a=1; Path=/, HttpOnly", Stored, "attribute-swallowed path-elsewhere"},
		{"swallowed-by-a-date", page, "a=1; Path=/; Expires=Wed, 09 Jun 2027 10:18:14 GMT Secure", Stored, "attribute-swallowed"},
		{"swallowed-by-a-flag", page, "a=1; Path=/; Secure HttpOnly", Stored, "attribute-swallowed"},
		{"value-like-a-flag", page, "a=Secure; Path=/", Stored, ""},
		{"swallowed-by-an-unknown", page, "a=1; Path=/; y=2 Secure", Stored, "attribute-unknown"},
		{"only-words", page, "a=very Secure indeed; Path=/", Stored, "value-octets"},
		{"only-words-in-quotes", page, `a="x, Path=/"; Path=/`, Stored, "value-octets"},
		{"zone", page, "a=1; Path=/; Expires=Tue, 05 Jan 2027 10:00:00 +0200", Stored, "expires-zone"},
		{"zone-hides-the-future", page, "a=1; Path=/; Expires=Tue, 09 Jun 2026 09:18:14 -0500", Deleted, "expires-zone expired"},
		{"zone-of-a-name", page, "a=1; Path=/; Expires=Tue, 05 Jan 2027 10:00:00 PST", Stored, "expires-zone"},
		{"afternoon", page, "a=1; Path=/; Expires=Tue, 05 Jan 2027 10:00:00 PM GMT", Stored, "expires-zone"},
		{"javascript-date", page, "a=1; Path=/; Expires=Tue Jan 05 2027 10:00:00 GMT-0800 (Pacific Standard Time)", Stored, "expires-zone expires-javascript"},
		{"javascript-date-in-utc", page, "a=1; Path=/; Expires=Tue Jan 05 2027 10:00:00 GMT+0000 (Coordinated Universal Time)", Stored, "expires-javascript"},
		{"zone-zero", page, "a=1; Path=/; Expires=Tue, 05 Jan 2027 10:00:00 +0000", Stored, ""},
		{"asctime", page, "a=1; Path=/; Expires=Tue Jan  5 10:00:00 2027", Stored, ""},
		{"zone-that-does-not-count", page, "a=1; Path=/; Max-Age=60; Expires=Tue, 05 Jan 2027 10:00:00 +0200", Stored, ""},
		{"two-dots", "http://foo.com../", "a=1; Domain=foo.com..", Ignored, "domain-mismatch"},
		{"two-dots-without-domain", "http://foo.com../", "a=1", Stored, ""},
		{"no-address", "http://.127.0.0.1/", "a=1", Ignored, "origin"},
		{"no-address-by-a-word", "http://foo.1/", "a=1", Ignored, "origin"},
		{"no-address-before-a-dot", "http://foo.1./", "a=1", Ignored, "origin"},
		{"port", "http://foo.com:65535/", "a=1", Stored, ""},
		{"no-port-of-many-digits", "http://foo.com:99999999999/", "a=1", Ignored, "origin"},
		{"no-port", "http://foo.com:65536/", "a=1", Ignored, "origin"},
		{"prefix-secure", page, "__secure-a=1; Path=/", Ignored, "prefix-secure"},
		{"prefix-host", page, "__Host-a=1; Secure; Path=/a; Domain=example.com", Ignored, "prefix-host prefix-host"},
		{"prefix-host-path-absent", "https://app.example.com/", "__Host-a=1; Secure", Ignored, "prefix-host"},
		{"prefix-host-domain-of-suffix", "https://github.io/", "__Host-a=1; Secure; Path=/; Domain=github.io", Ignored, "prefix-host"},
		{"prefix-host-domain-of-ip", "https://127.0.0.1/", "__Host-a=1; Secure; Path=/; Domain=127.0.0.1", Stored, ""},
		{"prefix-host-domain-of-ipv6", "https://[::1]/", "__Host-a=1; Secure; Path=/; Domain=[::1]", Stored, ""},
		{"prefix-host-domain-of-another-ip", "https://127.0.0.1/", "__Host-a=1; Secure; Path=/; Domain=10.0.0.1", Ignored, "domain-mismatch prefix-host"},
		{"prefix-host-domain-empty", page, "__Host-a=1; Secure; Path=/; Domain=", Stored, ""},
		{"prefix-http", page, "__Http-a=1; Secure; Path=/", Ignored, "prefix-http"},
		{"prefix-host-http", page, "__Host-Http-a=1; Secure; Path=/", Ignored, "prefix-host-http"},
		{"everything-at-once", "http://app.example.com/a/", "__Host-a=1\t; Secure; SameSite=None; Path=x; Domain=other.example", Ignored,
			"trimmed domain-mismatch path-invalid secure-from-insecure prefix-host prefix-host"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := Explain(tt.line, mustURL(t, tt.origin), now)
			var got []string
			for _, r := range v.Reasons {
				got = append(got, r.ID)
			}
			if v.Outcome != tt.want || strings.Join(got, " ") != tt.reasons {
				t.Errorf("%s by %q, want %s by %q", v.Outcome, got, tt.want, tt.reasons)
			}
		})
	}
}

func TestCookie(t *testing.T) {
	v := Explain("sid=v; Domain=.Example.com; Path=/a/; Max-Age=60; SECURE; HTTPONLY; samesite=strict; partitioned", mustURL(t, "https://app.example.com/a/"), now)
	want := Cookie{
		Name: "sid", Value: "v", Domain: "example.com", Path: "/a/", Created: now, Expires: now.Add(time.Minute),
		Secure: true, HTTPOnly: true, SameSite: http.SameSiteStrictMode, Partition: "https://example.com",
	}
	if v.Cookie != want {
		t.Errorf("%v, want %v", v.Cookie, want)
	}
	if got, want := fmt.Sprintf("%v", v.Cookie), `"sid" (value of 1 byte) at example.com, Path "/a/" and its subdomains until 2026-06-09T10:19:14Z`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := fmt.Sprintf("%#v", v.Cookie), strconv.Quote(v.Cookie.String()); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := fmt.Sprintf("%#v", v), strconv.Quote(v.String()); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	v = Explain("sid=v; SameSite=x; Path=y", mustURL(t, "http://localhost/x"), now)
	if got, want := v.Cookie.String(), `"sid" (value of 1 byte) at localhost, Path "/"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := v.String(), `stored: Path "y" does not start with a slash; the browser uses "/" from the URL (rfc6265bis 5.6.4, 5.1.4: without a Path that starts with a slash, the URL's directory is used); `+
		`SameSite is "x"; the browser uses the default, Lax (rfc6265bis 5.6.7: a SameSite is Strict, Lax or None; anything else means the default)`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	v = Explain("sid=v", mustURL(t, "http://localhost/x"), now)
	if want := (Cookie{Name: "sid", Value: "v", Domain: "localhost", HostOnly: true, Path: "/", Created: now, SameSite: http.SameSiteDefaultMode}); v.Cookie != want {
		t.Errorf("%v, want %v", v.Cookie, want)
	}
}

// TestPolicy pins the package comment's choices between the draft and Chromium.
func TestPolicy(t *testing.T) {
	app := at(t, "https://app.example/")
	tests := []struct {
		name  string
		lines []string
		want  string // Cookie header
	}{
		{"tab", []string{"a=1\t2", "a\t2=1", "b=2"}, "b=2"},
		{"nameless-equals", []string{"=a=b", "b=2"}, "b=2"},
		{"dot", []string{"a=1; Domain=."}, ""},
		{"overwritten-keeps-its-place", []string{"a=1", "b=2", "a=3"}, "a=3; b=2"},
		{"last-readable-max-age", []string{"a=1; Max-Age=0; Max-Age=x", "b=1; Max-Age=60; Max-Age=x"}, "b=1"},
		{"max-age-plus", []string{"a=1; Max-Age=+0"}, "a=1"},
		{"expires-1600", []string{"a=1; Expires=Sun, 31 Dec 1600 23:59:59 GMT", "b=1; Expires=Mon, 01 Jan 1601 00:00:00 GMT"}, "a=1"},
		{"expires-five-digits", []string{"a=1; Expires=Thu, 01 Jan 01970 00:00:00 GMT"}, "a=1"},
		{"expires-1st", []string{"a=1; Expires=Jan 1st 1970 00:00:00 GMT"}, ""},
		{"last-readable-expires", []string{"a=1; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Expires=x"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var j Jar
			for _, line := range tt.lines {
				j.Set(app, line)
			}
			if got := j.Header(app); got != tt.want {
				t.Errorf("Cookie: %q, want %q", got, tt.want)
			}
		})
	}
}

// TestIDs compares the list of reasons with the source and the package comment.
func TestIDs(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(doc), "# Reasons")
	used := map[string]bool{}
	id := regexp.MustCompile(`(?:Ignores|Deletes|Changes|Notes), "([a-z-]+)"|"((?:prefix|partitioned|samesite)-[a-z-]+)"`)
	for _, file := range []string{"explain.go", "jar.go", "../../internal/rule/conflict.go"} {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range id.FindAllStringSubmatch(string(src), -1) {
			used[m[1]+m[2]] = true
		}
	}
	for _, id := range ids {
		if !regexp.MustCompile(`[ \n]` + id + `[,;.]`).MatchString(list) {
			t.Errorf("the package comment has no %s", id)
		}
		if !used[id] {
			t.Errorf("nothing gives the reason %s", id)
		}
	}
	for id := range used {
		if !slices.Contains(ids, id) {
			t.Errorf("the list of reasons has no %s", id)
		}
	}
	for id := range advise {
		if !slices.Contains(ids, id) {
			t.Errorf("there is advice for %s, which no verdict has", id)
		}
	}
}

func TestMeanings(t *testing.T) {
	get := func(line string) map[string]string {
		out := map[string]string{}
		for _, m := range Explain(line, mustURL(t, "https://app.example/a/b"), now).Meanings() {
			out[m.Attribute] = m.Text
		}
		return out
	}
	for _, tt := range []struct{ line, attribute, want string }{
		{"a=1", "Domain", "app.example only, not its subdomains"},
		{"a=1; Domain=app.example", "Domain", "app.example and all its subdomains"},
		{"a=1", "Path", `"/a" and everything below it`},
		{"a=1; Path=/", "Path", "every path"},
		{"a=1", "Expires", "when the browser closes"},
		{"a=1; Max-Age=0", "Expires", "at once: the cookie with this name, Domain and Path is deleted"},
		{"a=1; Max-Age=90", "Expires", "Tue, 09 Jun 2026 10:19:44 GMT, in 90 seconds"},
		{"a=1; Max-Age=600", "Expires", "Tue, 09 Jun 2026 10:28:14 GMT, in 10 minutes"},
		{"a=1; Max-Age=86400", "Expires", "Wed, 10 Jun 2026 10:18:14 GMT, in 24 hours"},
		{"a=1; Max-Age=2592000", "Expires", "Thu, 09 Jul 2026 10:18:14 GMT, in 30 days"},
		{"a=1", "Secure", "http too: everyone on the network can read the cookie"},
		{"a=1; Secure", "Secure", "https only; http on this machine (localhost) counts as https, except in Safari"},
		{"a=1", "HttpOnly", "scripts of the page can read and change the cookie"},
		{"a=1; HttpOnly", "HttpOnly", "scripts cannot see the cookie: document.cookie does not have it"},
		{"a=1; SameSite=Strict", "SameSite", "requests from this site's own pages, but not clicks on links elsewhere"},
		{"a=1; SameSite=Lax", "SameSite", "requests from this site's own pages, and links from elsewhere; no POST, frame or fetch from elsewhere"},
		{"a=1; SameSite=x", "SameSite", "in Chromium as Lax: requests from this site's own pages, links from elsewhere, for 2 minutes also a form's POST; in Firefox and Safari as None"},
		{"a=1", "Partitioned", "one cookie, whatever site is in the address bar"},
		{"a=1; Secure; Partitioned", "Partitioned", "a separate cookie for each site in the address bar"},
	} {
		if got := get(tt.line)[tt.attribute]; got != tt.want {
			t.Errorf("%s: %s %q, want %q", tt.line, tt.attribute, got, tt.want)
		}
	}
	if got := get("a=1; SameSite=None"); len(got) != 0 {
		t.Errorf("an ignored line means %v", got)
	}
}

func TestShown(t *testing.T) {
	for in, want := range map[string]string{
		"/a": "/a", "/a,b": "/a,b", "/a, b=c": "/a…", "/a,;=x": "/a,;=x", strings.Repeat("a", 81): strings.Repeat("a", 80) + "…",
	} {
		if got := shown(in); got != want {
			t.Errorf("shown(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestResembles(t *testing.T) {
	for key, want := range map[string]string{
		"http_only": "HttpOnly", "HttpOnyl": "HttpOnly", "htponly": "HttpOnly", "same-site": "SameSite", "MaxAge": "Max-Age", "max age": "Max-Age",
		"expire": "Expires", "secured": "Secure", "paht": "Path", "pat": "Path", "Bath": "Path", "high": "", "qux": "", "": "", "HttpOnly=": "HttpOnly", "Persist": "", "same--site": "SameSite", "http__only": "HttpOnly", "same  site": "SameSite", "ath": "Path", "xpath": "Path", "paths": "Path", "paxxh": "", "pxh": "", "ptxh": "", "pxah": "",
	} {
		if got := resembles(key); got != want {
			t.Errorf("resembles(%q) = %q, want %q", key, got, want)
		}
	}
}

// TestSecrets looks for the value in every form in which a verdict can be printed.
func TestSecrets(t *testing.T) {
	const secret = "s3cret"
	for _, line := range []string{
		"a=" + secret, "a=" + secret + "\x01", secret, "=" + secret, "a= " + secret + " ", "a=x;" + secret, "a=x;" + secret + "=1 Path=/", "a=x; Path=/; y" + secret + "=z",
		"a=1; Path=/, b=" + secret, "a=1; Secure,b=" + secret, "a=1; Expires=x, b=" + secret, "a=1; Domain=app.example, b=" + secret,
		"a=1; Max-Age=5,b=" + secret, "a=1; SameSite=Lax, b=" + secret + "; HttpOnly", "a=1; Path=,b=" + secret,
		"a=1; Path=é, b=" + secret, "a=1; Domain=é, b=" + secret, "a=1; Domain=app.., b=" + secret + "..", "a=1; Domain=., b=" + secret,
	} {
		var j Jar
		app := at(t, "https://app.example/a/b")
		j.Set(app, "a="+secret)
		for _, v := range []Verdict{Explain(line, app.URL, now), j.Set(app, line), j.Set(app, "a="+secret+"; Max-Age=0; Path=/")} {
			text := fmt.Sprintf("%v %+v %#v %s %q\n%v %+v %#v\n%s\n%v", v, v, v, v, v, v.Cookie, v.Cookie, v.Cookie, v.Suggestion(), v.Meanings())
			js, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if text += string(js); strings.Contains(text, secret) {
				t.Errorf("%q: the value is in\n%s", line, text)
			}
		}
	}
}
