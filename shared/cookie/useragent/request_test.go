package useragent

import (
	"net/url"
	"testing"
	"time"
)

func TestSentTo(t *testing.T) {
	page := func(s string) *url.URL {
		if s == "" {
			return nil
		}
		return mustURL(t, s)
	}
	tests := []struct {
		name, line string
		to         Request
		after      time.Duration
		want       bool
	}{
		{"same-url", "a=1", Request{URL: page("https://app.example.com/")}, 0, true},
		{"port", "a=1", Request{URL: page("https://app.example.com:8443/")}, 0, true},
		{"websocket", "a=1; Secure", Request{URL: page("wss://app.example.com/")}, 0, true},
		{"http", "a=1", Request{URL: page("http://app.example.com/")}, 0, true},
		{"secure-over-http", "a=1; Secure", Request{URL: page("http://app.example.com/")}, 0, false},
		{"subdomain-of-host-only", "a=1", Request{URL: page("https://x.app.example.com/")}, 0, false},
		{"parent-of-host-only", "a=1", Request{URL: page("https://example.com/")}, 0, false},
		{"sibling-by-domain", "a=1; Domain=example.com", Request{URL: page("https://www.example.com/")}, 0, true},
		{"no-label-boundary", "a=1; Domain=example.com", Request{URL: page("https://badexample.com/")}, 0, false},
		{"below-path", "a=1; Path=/x", Request{URL: page("https://app.example.com/x/y")}, 0, true},
		{"beside-path", "a=1; Path=/x", Request{URL: page("https://app.example.com/xy")}, 0, false},
		{"above-path", "a=1; Path=/x/", Request{URL: page("https://app.example.com/x")}, 0, false},
		{"encoded-path", "a=1; Path=/%2F", Request{URL: page("https://app.example.com/%2F/x")}, 0, true},
		{"no-path", "a=1", Request{URL: page("https://app.example.com")}, 0, true},
		{"opaque-path", "a=1", Request{URL: &url.URL{Scheme: "https", Host: "app.example.com", Path: "x"}}, 0, true},
		{"before-its-end", "a=1; Max-Age=10", Request{URL: page("https://app.example.com/")}, 9 * time.Second, true},
		{"at-its-end", "a=1; Max-Age=10", Request{URL: page("https://app.example.com/")}, 10 * time.Second, false},
		{"script", "a=1", Request{URL: page("https://app.example.com/"), Script: true}, 0, true},
		{"script-http-only", "a=1; HttpOnly", Request{URL: page("https://app.example.com/"), Script: true}, 0, false},
		{"no-url", "a=1", Request{}, 0, false},
		{"no-host", "a=1", Request{URL: page("https:///x")}, 0, false},
		{"ftp", "a=1", Request{URL: page("ftp://app.example.com/")}, 0, false},

		{"own-link-strict", "a=1; SameSite=Strict", Request{URL: page("https://app.example.com/"), Initiator: page("https://www.example.com/")}, 0, true},
		{"own-link-from-http", "a=1; SameSite=Strict", Request{URL: page("https://app.example.com/"), Initiator: page("http://app.example.com/")}, 0, false},
		{"link-strict", "a=1; SameSite=Strict", Request{URL: page("https://app.example.com/"), Initiator: page("https://other.example/")}, 0, false},
		{"link-lax", "a=1; SameSite=Lax", Request{URL: page("https://app.example.com/"), Initiator: page("https://other.example/")}, 0, true},
		{"link-head", "a=1; SameSite=Lax", Request{URL: page("https://app.example.com/"), Initiator: page("https://other.example/"), Method: "HEAD"}, 0, true},
		{"post-lax", "a=1; SameSite=Lax", Request{URL: page("https://app.example.com/"), Initiator: page("https://other.example/"), Method: "POST"}, 0, false},
		{"post-none", "a=1; SameSite=None; Secure", Request{URL: page("https://app.example.com/"), Initiator: page("https://other.example/"), Method: "POST"}, 0, true},
		{"post-default-soon", "a=1", Request{URL: page("https://app.example.com/"), Initiator: page("https://other.example/"), Method: "POST"}, 2 * time.Minute, true},
		{"post-default-late", "a=1", Request{URL: page("https://app.example.com/"), Initiator: page("https://other.example/"), Method: "POST"}, 2*time.Minute + 1, false},
		{"image-lax", "a=1; SameSite=Lax", Request{URL: page("https://app.example.com/"), Initiator: page("https://other.example/"), Subresource: true}, 0, false},
		{"image-none", "a=1; SameSite=None; Secure", Request{URL: page("https://app.example.com/"), Initiator: page("https://other.example/"), Subresource: true}, 0, true},
		{"own-frame-elsewhere", "a=1; SameSite=Lax", Request{URL: page("https://app.example.com/"), Initiator: page("https://app.example.com/"), Top: page("https://other.example/"), Subresource: true}, 0, false},
		{"script-of-another-page", "a=1; SameSite=Lax", Request{URL: page("https://app.example.com/"), Initiator: page("https://other.example/"), Script: true}, 0, false},
		{"own-image", "a=1; SameSite=Strict", Request{URL: page("https://app.example.com/i"), Subresource: true}, 0, true},
		{"script-in-frame-elsewhere", "a=1; SameSite=Lax", Request{URL: page("https://app.example.com/"), Top: page("https://other.example/"), Subresource: true, Script: true}, 0, false},

		{"partition-own", "a=1; Secure; Partitioned; SameSite=None", Request{URL: page("https://app.example.com/")}, 0, true},
		{"partition-own-subdomain", "a=1; Secure; Partitioned; SameSite=None", Request{URL: page("https://app.example.com/"), Initiator: page("https://www.example.com/"), Subresource: true}, 0, true},
		{"partition-of-another", "a=1; Secure; Partitioned; SameSite=None", Request{URL: page("https://app.example.com/"), Initiator: page("https://other.example/"), Subresource: true}, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := Explain(tt.line, mustURL(t, "https://app.example.com/"), now)
			if v.Outcome != Stored {
				t.Fatalf("%s: %v", v.Outcome, v.Reasons)
			}
			if got := v.Cookie.SentTo(tt.to, now.Add(tt.after)); got != tt.want {
				t.Errorf("SentTo = %v, want %v", got, tt.want)
			}
		})
	}
}

// TestAddresses: each IP address is a separate site.
func TestAddresses(t *testing.T) {
	from := func(initiator string) Request {
		return Request{URL: mustURL(t, "https://10.9.0.1/"), Initiator: mustURL(t, initiator), Subresource: true}
	}
	strict := Explain("a=1; SameSite=Strict", mustURL(t, "https://10.9.0.1/"), now).Cookie
	partitioned := Explain("a=1; Secure; SameSite=None; Partitioned", mustURL(t, "https://10.9.0.1/"), now).Cookie
	for initiator, want := range map[string]bool{"https://10.9.0.1:8443/": true, "https://127.0.0.1/": false, "https://9.0.1.example/": false} {
		if got := strict.SentTo(from(initiator), now); got != want {
			t.Errorf("SameSite=Strict from %s: %v, want %v", initiator, got, want)
		}
		if got := partitioned.SentTo(from(initiator), now); got != want {
			t.Errorf("Partitioned under %s: %v, want %v", initiator, got, want)
		}
	}
}

func TestSecureOrigins(t *testing.T) {
	for origin, want := range map[string]Outcome{
		"https://app.example/":    Stored,
		"wss://app.example/":      Stored,
		"http://app.example/":     Ignored,
		"http://localhost/":       Stored,
		"http://LOCALHOST:3000/":  Stored,
		"http://localhost./":      Stored,
		"http://app.localhost/":   Stored,
		"http://127.0.0.1:3000/":  Stored,
		"http://127.255.0.9/":     Stored,
		"http://[::1]:3000/":      Stored,
		"http://[::2]/":           Ignored,
		"http://10.0.0.1/":        Ignored,
		"http://notlocalhost/":    Ignored,
		"http://localhost.test/":  Ignored,
		"http://127.0.0.1.test/":  Ignored,
		"http://x127.0.0.1/":      Ignored,
		"http://127.0.0.1x/":      Ignored,
		"file:///srv/index.html":  Ignored,
		"mailto:root@app.example": Ignored,
	} {
		if v := Explain("a=1; Secure", mustURL(t, origin), now); v.Outcome != want {
			t.Errorf("%s: %s, want %s (%v)", origin, v.Outcome, want, v.Reasons)
		}
	}
	if v := Explain("a=1", nil, now); v.Outcome != Ignored || !v.Has("origin") || v.Suggestion() != "" {
		t.Errorf("no origin: %s %v", v.Outcome, v.Reasons)
	}
	if v := new(Jar).Set(Request{}, "a=1"); v.Outcome != Ignored || !v.Has("origin") {
		t.Errorf("no origin, in a jar: %v", v)
	}
}

func TestCrossSiteSet(t *testing.T) {
	other := mustURL(t, "https://other.example/")
	for _, tt := range []struct {
		name, line  string
		subresource bool
		script      bool
		want        Outcome
	}{
		{"navigation-strict", "a=1; SameSite=Strict", false, false, Stored},
		{"image-default", "a=1", true, false, Ignored},
		{"image-lax", "a=1; SameSite=Lax", true, false, Ignored},
		{"image-none", "a=1; SameSite=None; Secure", true, false, Stored},
		{"script-lax", "a=1; SameSite=Lax", true, true, Ignored},
		{"script-none", "a=1; SameSite=None; Secure", true, true, Stored},
		{"script-of-another-page", "a=1; SameSite=Lax", false, true, Ignored},
		{"script-http-only", "a=1; SameSite=None; Secure; HttpOnly", true, true, Ignored},
	} {
		t.Run(tt.name, func(t *testing.T) {
			from := Request{URL: mustURL(t, "https://app.example/"), Initiator: other, Subresource: tt.subresource, Script: tt.script}
			if v := new(Jar).Set(from, tt.line); v.Outcome != tt.want {
				t.Errorf("%s, want %s: %v", v.Outcome, tt.want, v.Reasons)
			}
		})
	}
}

func TestMethods(t *testing.T) {
	for method, want := range map[string]bool{"": true, "GET": true, "OPTIONS": true, "TRACE": true, "PUT": false, "get": false} {
		if got := (Request{Method: method}).safe(); got != want {
			t.Errorf("%q safe = %v", method, got)
		}
	}
}
