package useragent

import (
	"go/format"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
)

func TestSuggestion(t *testing.T) {
	const page, plain = "https://app.example.com/a/b", "http://app.example.com/"
	tests := []struct {
		name, origin, line string
		want               string // the text between New( and the last ))
		comment            string
	}{
		{"samesite-none", page, "sid=1; SameSite=None", `"sid", cookie.Attributes{SameSite: http.SameSiteNoneMode}`, ""},
		{"strict", page, "sid=1; SameSite=Strict; Max-Age=x", `"sid", cookie.Attributes{SameSite: http.SameSiteStrictMode}`, ""},
		{"secure", plain, "sid=1; Secure", `"sid", cookie.Attributes{}`, "Serve it over https"},
		{"insecure-stays", plain, "sid=1; Max-Age=x", `"sid", cookie.Attributes{Insecure: true}`, ""},
		{"insecure-cannot-stay", plain, "sid=1; SameSite=None", `"sid", cookie.Attributes{SameSite: http.SameSiteNoneMode}`, "Serve it over https"},
		{"prefix-over-http", plain, "__Host-sid=1", `"__Host-sid", cookie.Attributes{}`, "Serve it over https"},
		{"partitioned", page, "sid=1; Partitioned", `"sid", cookie.Attributes{SameSite: http.SameSiteNoneMode, Partitioned: true}`, ""},
		{"domain", page, "sid=1; Domain=example.org", `"sid", cookie.Attributes{}`, "Without Domain"},
		{"domain-stays", page, "sid=1; Domain=example.com; Max-Age=x", `"sid", cookie.Attributes{Domain: "example.com"}`, ""},
		{"domain-that-no-declaration-has", "https://a_b.example.com/", "sid=1; Domain=a_b.example.com; Max-Age=x", `"sid", cookie.Attributes{}`, ""},
		{"trimmed", page, "sid= 1; Path=/", `"sid", cookie.Attributes{Encoding: cookie.Percent}`, ""},
		{"half-of-a-pair-is-a-name", page, strings.Repeat("n", 2048) + "=" + strings.Repeat("v", 2049), `"` + strings.Repeat("n", 2048) + `", cookie.Attributes{}`, ""},
		{"more-is-none", page, strings.Repeat("n", 2049) + "=" + strings.Repeat("v", 2048), `"name", cookie.Attributes{}`, ""},
		{"prefix-host", page, "__Host-sid=1; Domain=example.com; Path=/x", `"__Host-sid", cookie.Attributes{}`, ""},
		{"path", page, "sid=1; Path=x/y", `"sid", cookie.Attributes{Path: "/x/y"}`, ""},
		{"path-quoted", page, `sid=1; Path="/"`, `"sid", cookie.Attributes{}`, ""},
		{"path-folded", page, "sid=1; Path=/x, b=2", `"sid", cookie.Attributes{Path: "/x"}`, "Set each cookie with a separate call"},
		{"path-impossible", page, "sid=1; Path=é", `"sid", cookie.Attributes{}`, ""},
		{"path-of-two-quotes", page, `sid=1; Path="/x" Secure`, `"sid", cookie.Attributes{Path: "/x"}`, ""},
		{"path-quoted-with-a-flag", page, `sid=1; Path="/x Secure"`, `"sid", cookie.Attributes{Path: "/x"}`, ""},
		{"path-quoted-with-a-space", page, `sid=1; Path="/x "; Max-Age=x`, `"sid", cookie.Attributes{Path: "/x"}`, ""},
		{"path-like-a-flag", plain, "sid=1; Path=Secure; Max-Age=x", `"sid", cookie.Attributes{Path: "/Secure", Insecure: true}`, ""},
		{"path-like-a-date", page, "sid=1; Path=/1 Jan 2030 0:0:0; Max-Age=x", `"sid", cookie.Attributes{Path: "/1 Jan 2030 0:0:0"}`, ""},
		{"path-longest", page, "sid=1; Path=" + strings.Repeat("x", 1023), `"sid", cookie.Attributes{Path: "/` + strings.Repeat("x", 1023) + `"}`, ""},
		{"path-too-long", page, "sid=1; Path=" + strings.Repeat("x", 1024), `"sid", cookie.Attributes{}`, ""},
		{"value-in-quotes", page, `sid="1"; Max-Age=x`, `"sid", cookie.Attributes{}`, ""},
		{"value-like-a-flag", plain, "sid=Secure; Max-Age=x", `"sid", cookie.Attributes{Insecure: true}`, ""},
		{"max-age-quoted", page, `sid=1; Max-Age="5400"`, `"sid", cookie.Attributes{MaxAge: 90 * time.Minute}`, ""},
		{"max-age-in-single-quotes", page, `sid=1; Max-Age='5400'`, `"sid", cookie.Attributes{MaxAge: 90 * time.Minute}`, ""},
		{"max-age-behind-a-letter", page, `sid=1; Max-Age=x60`, `"sid", cookie.Attributes{}`, ""},
		{"max-age-before-a-letter", page, `sid=1; Max-Age=60x`, `"sid", cookie.Attributes{}`, ""},
		{"max-age-plus", page, `sid=1; Max-Age=+60`, `"sid", cookie.Attributes{}`, ""},
		{"old-attribute", page, `sid=1; Version=1; Max-Age=x`, `"sid", cookie.Attributes{}`, ""},
		{"max-age-over", page, `sid=1; Max-Age=99999999`, `"sid", cookie.Attributes{MaxAge: 400 * 24 * time.Hour}`, ""},
		{"seconds", page, `sid=1; Max-Age=61; Path=x`, `"sid", cookie.Attributes{Path: "/x", MaxAge: 61 * time.Second}`, ""},
		{"hours", page, `sid=1; Max-Age=7200; Path=`, `"sid", cookie.Attributes{MaxAge: 2 * time.Hour}`, ""},
		{"deleted", page, "sid=1; Max-Age=0", `"sid", cookie.Attributes{}`, "Sid.Delete(w) deletes it"},
		{"percent", page, "sid=1\t2", `"sid", cookie.Attributes{Encoding: cookie.Percent}`, "cookie.Percent writes any text"},
		{"base64", page, "sid=\xff\x01", `"sid", cookie.Attributes{Encoding: cookie.Base64}`, "cookie.Base64 any bytes"},
		{"semicolon", page, "sid=a;b", `"sid", cookie.Attributes{Encoding: cookie.Percent}`, ""},
		{"swallowed", page, "sid=1, Path=/x, Secure, SameSite=Strict, Max-Age=60", `"sid", cookie.Attributes{Path: "/x", MaxAge: time.Minute, SameSite: http.SameSiteStrictMode}`, ""},
		{"swallowed-date", page, "sid=1 Expires=Tue, 09 Jun 2026 11:18:14 GMT Path=/", `"sid", cookie.Attributes{MaxAge: time.Hour}`, ""},
		{"swallowed-by-a-path", page, "sid=1; Path=/x Domain=example.com", `"sid", cookie.Attributes{Path: "/x", Domain: "example.com"}`, ""},
		{"swallowed-by-a-flag", page, "sid=1; Secure SameSite=None", `"sid", cookie.Attributes{SameSite: http.SameSiteNoneMode}`, ""},
		{"swallowed-behind-a-tab", page, "sid=1\tPath=/x", `"sid", cookie.Attributes{Path: "/x"}`, ""},
		{"colon-and-tab", page, "sid=1; Path=/; Max-Age:\t3600", `"sid", cookie.Attributes{MaxAge: time.Hour}`, ""},
		{"colon", page, "sid=1; Path=/; Max-Age: 3600", `"sid", cookie.Attributes{MaxAge: time.Hour}`, ""},
		{"misspelt", page, "sid=1; Same-Site=None; path=/x; MaxAge=60", `"sid", cookie.Attributes{Path: "/x", MaxAge: time.Minute, SameSite: http.SameSiteNoneMode}`, ""},
		{"date-of-a-month", page, "sid=1; Expires=Thu, 09 Jul 2026 10:16:31 GMT; SameSite=None", `"sid", cookie.Attributes{MaxAge: 30 * 24 * time.Hour, SameSite: http.SameSiteNoneMode}`, ""},
		{"date-of-a-day", page, "sid=1; Expires=Wed, 10 Jun 2026 10:18:11 GMT; SameSite=None", `"sid", cookie.Attributes{MaxAge: 24 * time.Hour, SameSite: http.SameSiteNoneMode}`, ""},
		{"date-of-nine-days-and-more", page, "sid=1; Expires=Fri, 19 Jun 2026 00:18:14 GMT; SameSite=None", `"sid", cookie.Attributes{MaxAge: 230 * time.Hour, SameSite: http.SameSiteNoneMode}`, ""},
		{"date-of-ten-days-and-more", page, "sid=1; Expires=Fri, 19 Jun 2026 17:18:14 GMT; SameSite=None", `"sid", cookie.Attributes{MaxAge: 10 * 24 * time.Hour, SameSite: http.SameSiteNoneMode}`, ""},
		{"exact-seconds", page, "sid=1; Max-Age=3305747; SameSite=None", `"sid", cookie.Attributes{MaxAge: 3305747 * time.Second, SameSite: http.SameSiteNoneMode}`, ""},
		{"zone", page, "sid=1; Expires=Tue, 09 Jun 2026 09:18:14 -0500", `"sid", cookie.Attributes{MaxAge: 4 * time.Hour}`, ""},
		{"afternoon", page, "sid=1; Expires=Tue, 09 Jun 2026 10:18:14 PM", `"sid", cookie.Attributes{MaxAge: 12 * time.Hour}`, ""},
		{"typo", page, "sid=a; http_only", `"sid", cookie.Attributes{}`, ""},
		{"name", page, "s\x01d{=1", `"sd", cookie.Attributes{}`, ""},
		{"nameless", page, "abc", `"name", cookie.Attributes{}`, "Give it a name"},
		{"long-name", page, strings.Repeat("n", 4097) + "=", `"name", cookie.Attributes{}`, "4,096 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code := Explain(tt.line, mustURL(t, tt.origin), now).Suggestion()
			if !strings.Contains(code, "cookie.Must(cookie.New("+tt.want+"))\n") || !strings.Contains(code, tt.comment) {
				t.Errorf("%s\nwant %s\nand %q", code, tt.want, tt.comment)
			}
			if formatted, err := format.Source([]byte(code)); err != nil || string(formatted) != code {
				t.Errorf("not as gofmt writes it: %v\n%s", err, code)
			}
		})
	}
	for _, line := range []string{"a=1", "a=1; Path=/", "a=; Max-Age=0", "a=b c"} {
		if got := Explain(line, mustURL(t, page), now).Suggestion(); got != "" {
			t.Errorf("%q needs no fix:\n%s", line, got)
		}
	}
	if code := Explain("sid= 1\t2; Path=/", mustURL(t, page), now).Suggestion(); strings.Count(code, "cookie.Percent writes any text") != 1 {
		t.Errorf("one advice for two reasons:\n%s", code)
	}
	other := Request{URL: mustURL(t, page), Initiator: mustURL(t, "https://other.example/"), Subresource: true}
	if got, want := new(Jar).Set(other, "a=1").Suggestion(), "SameSite: http.SameSiteNoneMode"; !strings.Contains(got, want) {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestAdvice has the comments before the declaration.
func TestAdvice(t *testing.T) {
	page, plain, other := mustURL(t, "https://app.example/"), mustURL(t, "http://app.example/"), mustURL(t, "https://other.example/")
	const (
		https   = "Serve it over https: over plain http, browsers take Secure cookies only from localhost, and Safari not even from there."
		host    = "Without Domain it belongs to the host that sets it, wherever that is deployed."
		encoded = "cookie.Percent writes any text, cookie.Base64 any bytes; Get reads them back."
	)
	jar := func(e Engine) *Jar {
		j := &Jar{Engine: e}
		j.Set(Request{URL: page}, "secret=1; Secure; HttpOnly")
		return j
	}
	for _, tt := range []struct {
		line string
		jar  *Jar
		from Request
		want string
	}{
		{"a=1; Max-Age=x", jar(""), Request{URL: page}, ""},
		{"a=1; Secure", jar(""), Request{URL: plain}, https},
		{"a=1; SameSite=None", jar(""), Request{URL: plain}, https},
		{"a=1; Max-Age=x", jar(""), Request{URL: plain}, ""},
		{"secret=1", jar(""), Request{URL: plain}, "Set and delete it over https: the browser has it as a Secure cookie."},
		{"secret=1", jar(""), Request{URL: page, Script: true}, "Scripts cannot change it: change it on the server."},
		{"a=1; HttpOnly", jar(""), Request{URL: page, Script: true}, "Scripts cannot set HttpOnly: set it on the server."},
		{"a=1", jar(""), Request{URL: page, Initiator: other, Subresource: true}, "Inside another site's page only cookies with SameSite=None are set."},
		{"a=1; Secure; SameSite=None", jar(Safari), Request{URL: page, Initiator: other, Subresource: true}, "Inside another site's page, Safari sets only Partitioned cookies."},
		{"a=" + strings.Repeat("x", 4096), jar(""), Request{URL: page}, "Keep the data on the server and its key in the cookie: name and value may have 4,096 bytes."},
		{"a=1; Domain=other.example", jar(""), Request{URL: page}, host},
		{"a=1; Domain=é.example", jar(""), Request{URL: page}, host},
		{"a=1; Domain=example", jar(""), Request{URL: page}, host},
		{"a=1; Secure, b=2", jar(""), Request{URL: page}, "Set each cookie with a separate call: each needs its own Set-Cookie line."},
		{"a", jar(""), Request{URL: page}, "Give it a name."},
		{"=__Host-a", jar(""), Request{URL: page}, "Give it a name."},
		{"=a=b", jar(""), Request{URL: page}, "Give it a name."},
		{"", jar(""), Request{URL: page}, "Give it a name."},
		{"a=\x01", jar(""), Request{URL: page}, encoded},
		{"a=1\t2", jar(""), Request{URL: page}, encoded},
		{"a= 1", jar(""), Request{URL: page}, encoded},
		{"a=\xff", jar(Firefox), Request{URL: page}, encoded},
	} {
		want := "var "
		if tt.want != "" {
			want = "// " + tt.want + "\nvar "
		}
		if code := tt.jar.Set(tt.from, tt.line).Suggestion(); !strings.HasPrefix(code, want) {
			t.Errorf("%.20q: %s\nwant %s", tt.line, code, want)
		}
	}
	const deletes = "var A = cookie.Must(cookie.New(\"a\", cookie.Attributes{}))\n\n// A.Set(w, value) keeps it, A.Delete(w) deletes it.\n"
	if got := Explain("a=1; Max-Age=0", page, now).Suggestion(); got != deletes {
		t.Errorf("%q, want %q", got, deletes)
	}
}

// TestDeclared: what package cookie builds is stored, and means what it says.
func TestDeclared(t *testing.T) {
	for _, a := range []cookie.Attributes{
		{}, {Path: "/a"}, {Domain: "example.com"}, {MaxAge: time.Hour}, {MaxAge: 400 * 24 * time.Hour}, {SameSite: http.SameSiteNoneMode},
		{SameSite: http.SameSiteStrictMode}, {SameSite: http.SameSiteNoneMode, Partitioned: true}, {Insecure: true, ScriptReadable: true}, {Encoding: cookie.Percent},
	} {
		line, err := cookie.Must(cookie.New("a", a)).Line("v")
		if err != nil {
			t.Fatal(err)
		}
		if v := Explain(line, mustURL(t, "https://app.example.com/a"), time.Now()); v.Outcome != Stored || len(v.Reasons) != 0 {
			t.Errorf("%q: %v", line, v)
		}
	}
}
