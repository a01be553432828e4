package useragent

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// at is a user who opens a URL.
func at(t testing.TB, s string) Request { return Request{URL: mustURL(t, s)} }

func TestJarTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j Jar
		app := at(t, "https://app.example/")
		j.Set(app, "session=1")
		j.Set(app, "minute=1; Max-Age=60")
		j.Set(app, "hour=1; Max-Age=3600")
		if got, want := j.Header(app), "session=1; minute=1; hour=1"; got != want {
			t.Errorf("at once: %q, want %q", got, want)
		}
		time.Sleep(time.Minute)
		if got, want := j.Header(app), "session=1; hour=1"; got != want {
			t.Errorf("after a minute: %q, want %q", got, want)
		}
		j.Close()
		if got, want := j.Header(app), "hour=1"; got != want {
			t.Errorf("after the session: %q, want %q", got, want)
		}
		time.Sleep(time.Hour)
		if got := j.Cookies(app); got != nil {
			t.Errorf("after an hour: %v, want none", got)
		}
	})
}

func TestJarAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j Jar
		j.Set(at(t, "https://app.example/"), "a=1; Path=/; Max-Age=60")
		j.Set(at(t, "https://app.example/"), "b=2; Path=/admin; SameSite=Strict")
		j.Set(at(t, "http://localhost:3000/"), "c=3")
		j.Set(at(t, "http://localhost:4000/"), "c=4") // cookies ignore ports
		show := func() (s string) {
			for _, c := range j.All() {
				s += c.Domain + c.Path + " " + c.Name + "=" + c.Value + "\n"
			}
			return s
		}
		if got, want := show(), "app.example/ a=1\napp.example/admin b=2\nlocalhost/ c=4\n"; got != want {
			t.Errorf("All has\n%swant\n%s", got, want)
		}
		time.Sleep(time.Minute)
		if got, want := show(), "app.example/admin b=2\nlocalhost/ c=4\n"; got != want {
			t.Errorf("after a minute All has\n%swant\n%s", got, want)
		}
	})
}

func TestJarOrder(t *testing.T) {
	var j Jar
	app := at(t, "https://app.example/a/b")
	for _, line := range []string{"a=1; Path=/", "b=2; Path=/a", "c=3; Path=/a", "d=4; Path=/a/b", "e=5; Path=/", "a=6; Path=/"} {
		j.Set(app, line)
	}
	if got, want := j.Header(app), "d=4; b=2; c=3; a=6; e=5"; got != want {
		t.Errorf("%q, want %q: longer paths first, then older cookies, overwritten or not", got, want)
	}
}

func TestJarOverwrite(t *testing.T) {
	const https, http = "https://app.site.example/a/b", "http://app.site.example/a/b"
	script := func(s string) Request { return Request{URL: mustURL(t, s), Script: true} }
	tests := []struct {
		name   string
		first  string
		from   Request // of second
		second string
		reason string // for which second is ignored, or does nothing
		want   string // the Cookie header
	}{
		{"same", "a=1; Path=/", at(t, https), "a=2; Path=/", "", "a=2"},
		{"other-path", "a=1; Path=/", at(t, https), "a=2; Path=/a", "", "a=2; a=1"},
		{"other-domain", "a=1; Path=/", at(t, https), "a=2; Path=/; Domain=site.example", "", "a=1; a=2"},
		{"domain-of-the-host-is-not-host-only", "a=1; Path=/", at(t, https), "a=2; Path=/; Domain=app.site.example", "", "a=1; a=2"},
		{"other-case", "a=1; Path=/", at(t, https), "A=2; Path=/", "", "a=1; A=2"},
		{"partition-is-another", "a=1; Path=/; Secure", at(t, https), "a=2; Path=/; Secure; Partitioned", "", "a=1; a=2"},
		{"delete", "a=1; Path=/", at(t, https), "a=; Max-Age=0; Path=/", "", ""},
		{"delete-elsewhere", "a=1; Path=/", at(t, https), "a=; Max-Age=0; Path=/a", "deletes-nothing", "a=1"},
		{"delete-by-domain", "a=1; Path=/", at(t, https), "a=; Max-Age=0; Path=/; Domain=site.example", "deletes-nothing", "a=1"},
		{"delete-without-domain", "a=1; Path=/; Domain=site.example", at(t, https), "a=; Max-Age=0; Path=/", "deletes-nothing", "a=1"},
		{"delete-by-a-stranger", "a=1; Path=/", at(t, "https://other.example/"), "a=; Max-Age=0; Path=/", "", "a=1"},
		{"delete-by-a-sibling", "a=1; Path=/", at(t, "https://www.site.example/"), "a=; Max-Age=0; Path=/", "", "a=1"},
		{"delete-another-partition", "a=1; Path=/; Secure; Partitioned", at(t, https), "a=; Max-Age=0; Path=/; Secure", "deletes-nothing", "a=1"},
		{"delete-another-name", "a=1; Path=/", at(t, https), "b=; Max-Age=0; Path=/", "", "a=1"},
		{"secure-from-http", "a=1; Path=/; Secure", at(t, http), "a=2; Path=/", "overlay-secure", "a=1"},
		{"secure-from-http-by-another-name", "a=1; Path=/; Secure", at(t, http), "b=2; Path=/", "", "a=1; b=2"},
		{"secure-from-http-below", "a=1; Path=/; Secure", at(t, http), "a=2; Path=/x", "overlay-secure", "a=1"},
		{"secure-from-http-above", "a=1; Path=/a; Secure", at(t, http), "a=2; Path=/", "", "a=1; a=2"},
		{"secure-from-http-by-domain", "a=1; Path=/; Secure; Domain=site.example", at(t, http), "a=2; Path=/", "overlay-secure", "a=1"},
		{"secure-from-http-parent", "a=1; Path=/; Secure", at(t, "http://site.example/"), "a=2; Path=/; Domain=site.example", "overlay-secure", "a=1"},
		{"secure-from-http-sibling", "a=1; Path=/; Secure", at(t, "http://x.site.example/"), "a=2; Path=/", "", "a=1"},
		{"secure-delete-from-http", "a=1; Path=/; Secure", at(t, http), "a=; Path=/; Max-Age=0", "overlay-secure", "a=1"},
		{"secure-from-https-without", "a=1; Path=/; Secure", at(t, https), "a=2; Path=/", "", "a=2"},
		{"http-only-by-script", "a=1; Path=/; HttpOnly", script(https), "a=2; Path=/", "overlay-httponly", "a=1"},
		{"http-only-deleted-by-script", "a=1; Path=/; HttpOnly", script(https), "a=; Path=/; Max-Age=0", "overlay-httponly", "a=1"},
		{"plain-by-script", "a=1; Path=/", script(https), "a=2; Path=/", "", "a=2"},
		{"http-only-by-http", "a=1; Path=/; HttpOnly", at(t, https), "a=2; Path=/", "", "a=2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var j Jar
			if v := j.Set(at(t, https), tt.first); v.Outcome != Stored {
				t.Fatalf("first line %s: %v", v.Outcome, v.Reasons)
			}
			v := j.Set(tt.from, tt.second)
			for _, reason := range []string{"overlay-secure", "overlay-httponly", "deletes-nothing"} {
				if v.Has(reason) != (reason == tt.reason) {
					t.Errorf("%s: %v, want reason %q", v.Outcome, v.Reasons, tt.reason)
				}
			}
			if wantIgnored := strings.HasPrefix(tt.reason, "overlay-"); (v.Outcome == Ignored) != wantIgnored {
				t.Errorf("%s, want ignored: %v", v.Outcome, wantIgnored)
			}
			if v.Outcome == Ignored && slices.ContainsFunc(v.Reasons, func(r Reason) bool { return r.Effect == Notes }) {
				t.Errorf("ignored with notes: %v", v.Reasons)
			}
			if text := map[string]string{
				"overlay-secure":   "Secure is absent, and the browser has a Secure cookie with this name",
				"overlay-httponly": "HttpOnly protects the cookie that the browser has",
			}[tt.reason]; !strings.Contains(v.String(), text) {
				t.Errorf("%v, want %s", v, text)
			}
			if got := j.Header(at(t, https)); got != tt.want {
				t.Errorf("Cookie: %q, want %q", got, tt.want)
			}
		})
	}
}

func TestJarScript(t *testing.T) {
	var j Jar
	app := at(t, "https://app.example/")
	j.Set(app, "a=1; HttpOnly")
	j.Set(app, "b=2")
	app.Script = true
	if v := j.Set(app, "c=3; HttpOnly"); v.Outcome != Ignored {
		t.Errorf("a script set HttpOnly: %v", v)
	}
	if got, want := j.Header(app), "b=2"; got != want {
		t.Errorf("document.cookie = %q, want %q", got, want)
	}
}

// TestJarEviction fills the jar beyond its limits. Cookies used last stay.
func TestJarEviction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j Jar
		app, sub := at(t, "https://app.site.example/"), at(t, "https://sub.site.example/")
		other := at(t, "https://other.example/")
		j.Set(other, "other=1")
		j.Set(app, "secure=1; Secure")
		for i := range siteMost - 2 {
			time.Sleep(time.Second)
			j.Set(app, fmt.Sprintf("c%d=1", i))
		}
		time.Sleep(time.Second)
		j.Set(sub, "sub=1")
		if got := len(j.Cookies(app)) + len(j.Cookies(sub)); got != siteMost {
			t.Fatalf("%d cookies at the limit of %d", got, siteMost)
		}
		time.Sleep(time.Second)
		j.Set(sub, "last=1")
		var names []string
		for _, c := range j.Cookies(app) {
			names = append(names, c.Name)
		}
		if got, want := len(names)+len(j.Cookies(sub)), siteLeft; got != want {
			t.Errorf("%d cookies over the limit, want %d", got, want)
		}
		if names[0] != "secure" || names[1] != fmt.Sprintf("c%d", siteMost+1-siteLeft) {
			t.Errorf("first %q, want the Secure one, then the first that was not too old", names[:2])
		}
		if got, want := j.Header(sub)+" "+j.Header(other), "sub=1; last=1 other=1"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

// TestJarCreated: a cookie that is set again is as old as before.
func TestJarCreated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j Jar
		app := at(t, "https://app.example/")
		first := j.Set(app, "a=1").Cookie.Created
		time.Sleep(time.Second)
		if again := j.Set(app, "a=2").Cookie.Created; !again.Equal(first) || !first.Equal(time.Now().Add(-time.Second)) {
			t.Errorf("created at %v, set again at %v", first, again)
		}
		j.Set(app, "b=1; Max-Age=60")
		time.Sleep(time.Minute)
		if late := j.Set(app, "b=2").Cookie.Created; !late.Equal(time.Now()) {
			t.Errorf("set after its end, created at %v", late)
		}
	})
}

// TestJarMissTexts: which cookie stays when a line deletes nothing.
func TestJarMissTexts(t *testing.T) {
	const text = "with this name stays: it belongs to %s, this line to %s"
	for _, tt := range []struct{ set, delete, stays, missed string }{
		{"a=1; Path=/", "a=; Max-Age=0; Path=/x", `Path="/" without Domain at app.example`, `Path="/x" without Domain at app.example`},
		{"a=1; Path=/; Domain=app.example", "a=; Max-Age=0; Path=/", `Path="/" with Domain=app.example`, `Path="/" without Domain at app.example`},
		{"a=1; Path=/; Secure; Partitioned", "a=; Max-Age=0; Path=/", `Path="/" without Domain at app.example in the partition of https://app.example`, `Path="/" without Domain at app.example`},
	} {
		var j Jar
		app := at(t, "https://app.example/")
		j.Set(app, tt.set)
		v := j.Set(app, tt.delete)
		if got, want := v.Reasons[len(v.Reasons)-1].Text, fmt.Sprintf(text, tt.stays, tt.missed); got != want {
			t.Errorf("%q, then %q: %s, want %s", tt.set, tt.delete, got, want)
		}
	}
}

// TestJarUse: a cookie that was read is not deleted first.
func TestJarUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j Jar
		old, read, other := at(t, "https://app.example/old"), at(t, "https://app.example/read"), at(t, "https://app.example/x")
		older := at(t, "https://app.example/older")
		j.Set(old, "old=1; Path=/old")
		j.Set(read, "read=1; Path=/read")
		j.Set(older, "older=1; Path=/older")
		time.Sleep(time.Second)
		j.Header(old) // used after the older one, which was set after it
		for i := range siteMost - 3 {
			time.Sleep(time.Second)
			j.Set(other, fmt.Sprintf("c%d=1; Path=/x", i))
		}
		time.Sleep(time.Second)
		j.Header(read)
		time.Sleep(time.Second)
		j.Set(other, "last=1; Path=/x")
		if got := j.Header(old) + j.Header(older) + j.Header(read); got != "read=1" {
			t.Errorf("%q stays, want the cookie that was read", got)
		}
		if got, want := j.Header(other)[:len("c29=1; ")], "c29=1; "; got != want {
			t.Errorf("of the others %q is the first that stays, want %q", got, want)
		}
	})
}

// TestJarSizes pins Chromium's numbers.
func TestJarSizes(t *testing.T) {
	if siteMost != 180 || siteLeft != 150 || allMost != 3300 || allLeft != 3000 {
		t.Errorf("%d and %d of a site, %d and %d in all", siteMost, siteLeft, allMost, allLeft)
	}
}

func TestJarEvictionOfAll(t *testing.T) {
	var j Jar
	for i := range allMost + 1 {
		j.Set(at(t, fmt.Sprintf("https://h%d.example/", i)), "a=1")
	}
	if got := len(j.cookies); got != allLeft {
		t.Errorf("%d cookies, want %d", got, allLeft)
	}
	if got := j.Header(at(t, fmt.Sprintf("https://h%d.example/", allMost))); got != "a=1" {
		t.Errorf("the newest cookie is gone: %q", got)
	}
}

func TestJarConcurrency(t *testing.T) {
	var j Jar
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			app := at(t, "https://app.example/")
			j.Set(app, fmt.Sprintf("a%d=1", i))
			j.Header(app)
			j.Close()
		})
	}
	wg.Wait()
}
