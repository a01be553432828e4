package useragent

import (
	"go/format"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
)

func FuzzExplain(f *testing.F) {
	for _, line := range []string{
		"sid=1; Path=/; Domain=example.com; Max-Age=60; Expires=Wed, 09 Jun 2027 10:18:14 GMT; Secure; HttpOnly; SameSite=None; Partitioned",
		"__Host-a=1; Path=/a, b=2", "=x", "a= b ; http_only; path=é", "a=\x01\t; Max-Age=\"60\"", "a=; max-age=0",
	} {
		f.Add(line, "https://app.example.com/a/b")
		f.Add(line, "http://127.0.0.1/a/b")
	}
	f.Add("__Host-a=1", "http://app.example.com/")
	f.Add(`a=1; Max-Age="0"`, "https://app.example.com/")
	f.Fuzz(func(t *testing.T, line, origin string) {
		u, err := url.Parse(origin)
		if err != nil {
			return
		}
		from := Request{URL: u}
		v := Explain(line, u, time.Now())
		has := func(e Effect) bool {
			return slices.ContainsFunc(v.Reasons, func(r Reason) bool { return r.Effect == e })
		}
		if (v.Outcome == Ignored) != has(Ignores) || v.Outcome == Deleted && !has(Deletes) || v.Outcome == Stored && has(Deletes) {
			t.Errorf("%s by %v", v.Outcome, v.Reasons)
		}
		for _, r := range v.Reasons {
			if !slices.Contains(ids, r.ID) {
				t.Errorf("unknown reason %q", r.ID)
			}
		}

		var j Jar
		j.Set(from, line)
		once := j.Header(from)
		if j.Set(from, line); j.Header(from) != once {
			t.Errorf("Cookie: %q, and %q when set again", once, j.Header(from))
		}
		if v.Outcome != Stored && once != "" {
			t.Errorf("%s, and sent back: %q", v.Outcome, once)
		}
		testSuggestion(t, v)
	})
}

// testSuggestion: a Suggestion's declaration is valid, and stored from the origin, or from the
// same origin over https.
func testSuggestion(t *testing.T, v Verdict) {
	code := v.Suggestion()
	if code == "" {
		return
	}
	if formatted, err := format.Source([]byte(code)); err != nil || string(formatted) != code {
		t.Errorf("not as gofmt writes it: %v\n%s", err, code)
	}
	name, a := v.declaration()
	c, err := cookie.New(name, a)
	if err != nil {
		t.Fatalf("%v in\n%s", err, code)
	}
	line, err := c.Line("v")
	if err != nil {
		t.Fatal(err)
	}
	secure := *v.from.URL
	if !a.Insecure {
		secure.Scheme = "https"
	}
	fixed := Explain(line, &secure, time.Now())
	if fixed.Outcome != Stored || fixed.Suggestion() != "" {
		t.Errorf("the line of this became\n%swhich is\n%v", code, fixed)
	}
	code = v.SuggestionIn(frameworks[1])
	fixed = Explain(netHTTP(t, code).String(), &secure, time.Now())
	if fixed.Outcome != Stored || fixed.Suggestion() != "" {
		t.Errorf("the line of this became\n%swhich is\n%v", code, fixed)
	}
}

// FuzzDeclared: what package cookie builds is stored, and means what it says.
func FuzzDeclared(f *testing.F) {
	f.Add("__Host-sid", "v", "", "", int64(3600), 0, false, false, false)
	f.Add("a", `"v w"`, "/a,b=c", "example.com", int64(0), 4, false, true, true)
	f.Add("a", "", "/a b", "a.co.uk", int64(34560000), 3, true, true, false)
	f.Fuzz(func(t *testing.T, name, value, path, domain string, seconds int64, sameSite int, insecure, readable, partitioned bool) {
		c, err := cookie.New(name, cookie.Attributes{
			Path: path, Domain: domain, MaxAge: time.Duration(seconds) * time.Second, SameSite: http.SameSite(sameSite),
			Insecure: insecure, ScriptReadable: readable, Partitioned: partitioned,
		})
		if err != nil {
			return
		}
		line, err := c.Line(value)
		if err != nil {
			return
		}
		if domain == "" {
			domain = "app.example"
		}
		v := Explain(line, &url.URL{Scheme: "https", Host: strings.ToLower(domain), Path: "/"}, time.Now())
		changed := slices.ContainsFunc(v.Reasons, func(r Reason) bool { return r.Effect != Notes && r.ID != "folded" && r.ID != "attribute-swallowed" })
		if v.Outcome != Stored || changed {
			t.Errorf("%q: %v", line, v)
		}
		if v.Cookie.Name != name || v.Cookie.Value != value {
			t.Errorf("%q: name %q, value %q", line, v.Cookie.Name, v.Cookie.Value)
		}
	})
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"Wed, 09 Jun 2027 10:18:14 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "31 Feb 2021 1:1:1", "1:2:3 4 may 70"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := Engine("").parseDate(s)
		if !ok {
			return
		}
		if got.Year() < 1601 || got.Year() > 9999 {
			t.Errorf("%q is in the year %d", s, got.Year())
		}
		if again, ok := Engine("").parseDate(got.Format(http.TimeFormat)); !ok || !again.Equal(got) {
			t.Errorf("%q is %v, written and read again %v", s, got, again)
		}
	})
}
