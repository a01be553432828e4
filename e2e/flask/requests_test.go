package flask

import (
	"strings"

	"github.com/crumb-go/crumb/e2e/compare"
)

// routes is every route with every method, with the cookie and without.
func routes() []compare.Request {
	var requests []compare.Request
	for _, path := range []string{"/", "/setcookie", "/getcookie", "/deletecookie"} {
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "PUT"} {
			name := strings.ToLower(method) + "-" + strings.Trim(path, "/")
			if path == "/" {
				name += "index"
			}
			requests = append(requests,
				compare.Request{Name: name, Method: method, Target: path},
				compare.Request{Name: name + "-with-cookie", Method: method, Target: path, Header: []string{"Cookie: username=Cobby"}},
			)
		}
	}
	return append(requests, compare.Request{
		Name: "get-getcookie-with-query", Method: "GET", Target: "/getcookie?username=a&b", Header: []string{"Cookie: username=Cobby"},
	})
}

// cookies is GET /getcookie with every odd Cookie header.
func cookies() []compare.Request {
	var requests []compare.Request
	for _, c := range []struct {
		name  string
		lines []string
	}{
		{"empty-line", []string{""}},
		{"blanks", []string{"   \t "}},
		{"only-semicolons", []string{";;;"}},
		{"only-equals", []string{"="}},
		{"no-name", []string{"=Cobby"}},
		{"no-name-before-username", []string{"=Cobby; username=a"}},
		{"name-only", []string{"username"}},
		{"name-only-then-username", []string{"username; username=a"}},
		{"empty-value", []string{"username="}},
		{"empty-quotes", []string{`username=""`}},
		{"duplicates", []string{"username=a; username=b"}},
		{"duplicates-first-empty", []string{"username=; username=b"}},
		{"duplicates-first-quoted-empty", []string{`username=""; username=b`}},
		{"other-cookies", []string{"a=1; username=Cobby; b=2"}},
		{"no-space-after-semicolon", []string{"a=1;username=Cobby"}},
		{"many-spaces-after-semicolon", []string{"a=1;    username=Cobby"}},
		{"semicolon-first", []string{"; username=Cobby"}},
		{"semicolon-last", []string{"username=Cobby;"}},
		{"semicolons-doubled", []string{"a=1;; username=Cobby;; b=2"}},
		{"spaces-around", []string{"  username  =  Cobby  "}},
		{"tabs-around", []string{"a=1;\tusername\t=\tCobby\t; b=2"}},
		{"quoted", []string{`username="Cobby"`}},
		{"quoted-space", []string{`username="Cob by"`}},
		{"quoted-comma", []string{`username="Cob,by"`}},
		{"quoted-semicolon", []string{`username="Cob;by"`}},
		{"quoted-semicolon-octal", []string{`username="Cob\073by"`}},
		{"quoted-utf8-octal", []string{`username="\303\251"`}},
		{"quoted-byte-octal", []string{`username="\377"`}},
		{"quoted-not-octal", []string{`username="\400\9a"`}},
		{"quoted-quote", []string{`username="Cob\"by"`}},
		{"quoted-backslash", []string{`username="Cob\\by"`}},
		{"quoted-percent", []string{`username="%41"`}},
		{"quote-open", []string{`username="Cobby`}},
		{"quote-closing-only", []string{`username=Cobby"`}},
		{"quote-alone", []string{`username="`}},
		{"quotes-before-more", []string{`username="Cob"by`}},
		{"quotes-doubled", []string{`username=""Cobby""`}},
		{"single-quotes", []string{`username='Cobby'`}},
		{"octal-unquoted", []string{`username=Cob\073by`}},
		{"space-inside", []string{"username=Cobby Smith Jr"}},
		{"tab-inside", []string{"username=Cobby\tSmith"}},
		{"comma-inside", []string{"username=a,b"}},
		{"comma-between", []string{"a=1, username=Cobby"}},
		{"equals-inside", []string{"username=a=b=c"}},
		{"equals-first", []string{"username==a"}},
		{"backslash-inside", []string{`username=a\b`}},
		{"json-object", []string{`username={"a":1}`}},
		{"json-array", []string{`username=[1]`}},
		{"plus", []string{"username=a+b"}},
		{"percent-escape", []string{"username=%41"}},
		{"percent-escape-utf8", []string{"username=Zo%C3%AB"}},
		{"percent-escape-semicolon", []string{"username=a%3Bb"}},
		{"percent-escape-markup", []string{"username=%3Cb%3E"}},
		{"percent-escape-broken", []string{"username=%4"}},
		{"percent-alone", []string{"username=100%"}},
		{"percent-escape-not-utf8", []string{"username=%FF"}},
		{"percent-escape-nul", []string{"username=%00"}},
		{"other-case", []string{"Username=Cobby"}},
		{"longer-name", []string{"username2=Cobby"}},
		{"name-as-suffix", []string{"my-username=Cobby"}},
		{"name-in-quotes", []string{`"username"=Cobby`}},
		{"rfc2965", []string{"$Version=1; username=Cobby; $Path=/"}},
		{"attributes", []string{"username=Cobby; Path=/; HttpOnly"}},
		{"markup", []string{"username=<script>alert(1)</script>"}},
		{"markup-attribute", []string{`username="onload='x'`}},
		{"ampersand", []string{"username=a&b"}},
		{"entity", []string{"username=a&amp;b"}},
		{"braces", []string{"username={username}"}},
		{"utf8", []string{"username=\xC3\xA9"}},
		{"latin1", []string{"username=\xE9"}},
		{"not-utf8", []string{"username=\xFF\xFE"}},
		{"utf8-name", []string{"usern\xC3\xA4me=a; username=b"}},
		{"nbsp-before-name", []string{"\xA0username=Cobby"}},
		{"nbsp-after-value", []string{"username=Cobby\xA0"}},
		{"nel-before-name", []string{"a=1; \x85username=Cobby"}},
		{"vertical-tab-before-name", []string{"a=1; \x0Busername=Cobby"}},
		{"form-feed-after-value", []string{"username=Cobby\x0C"}},
		{"file-separator-before-name", []string{"a=1; \x1Cusername=Cobby"}},
		{"control-01", []string{"username=a\x01b"}},
		{"control-7f", []string{"username=a\x7Fb"}},
		{"nul", []string{"username=a\x00b"}},
		{"bare-cr", []string{"username=a\rb"}},
		{"bare-lf", []string{"username=a\nX-B: b"}},
		{"folded", []string{"username=a\r\n b"}},
		{"two-lines", []string{"a=1", "username=Cobby"}},
		{"two-lines-duplicate", []string{"username=a", "username=b"}},
		{"value-of-4096", []string{"username=" + strings.Repeat("a", 4096)}},
		{"value-of-60000", []string{"username=" + strings.Repeat("a", 60000)}},
		{"value-of-70000", []string{"username=" + strings.Repeat("a", 70000)}},
		{"cookies-100", []string{strings.Repeat("a=1; ", 99) + "username=Cobby"}},
		{"cookies-2000", []string{strings.Repeat("a=1; ", 1999) + "username=Cobby"}},
	} {
		r := compare.Request{Name: "cookie-" + c.name, Method: "GET", Target: "/getcookie", Fields: []string{"status", "content-type", "cookies", "body"}}
		for _, line := range c.lines {
			r.Header = append(r.Header, "Cookie: "+line)
		}
		requests = append(requests, r)
	}
	return requests
}
