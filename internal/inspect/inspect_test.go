package inspect_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/hosts"
	"github.com/crumb-go/crumb/internal/inspect"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

const secret = "s3cret"

// A recorder is an Inspector and the jar that it shows.
type recorder struct {
	*inspect.Inspector
	jar useragent.Jar
}

func newRecorder() *recorder {
	r := new(recorder)
	r.Inspector = inspect.New(&r.jar, hosts.New([]string{"dev.example"}))
	return r
}

// record records a response to http://localhost:3000/path with Set-Cookie lines.
func (r *recorder) record(path string, lines ...string) {
	u := &url.URL{Scheme: "http", Host: "localhost:3000", Path: path}
	x := inspect.Exchange{Began: time.Now(), Method: "GET", URL: u.String(), Status: 200, Door: "rest", Stage: "prod", Function: "F", Made: true}
	for _, line := range lines {
		x.SetCookie = append(x.SetCookie, inspect.SetCookie{Line: line, Verdict: r.jar.Set(useragent.Request{URL: u}, line), Differs: useragent.Compare(line, u, time.Now()).String()})
		x.Response = append(x.Response, gateway.CookieSource{Member: "cookies", Text: line})
	}
	r.Record(x)
}

// get requests a path below that of the page.
func (r *recorder) get(name string, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest("GET", r.Path()+name, nil)
	req.Host = "127.0.0.1:40000"
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w
}

func TestWhoMaySee(t *testing.T) {
	r := newRecorder()
	r.record("/", "sid="+secret)
	token := strings.Trim(r.Path(), "/")
	const value = "value?out=1&n=0"
	tests := []struct {
		name, method, path string
		header             []string
		want               int
	}{
		{"page", "GET", r.Path(), nil, 200},
		{"value", "GET", r.Path() + value, nil, 200},
		{"typed", "GET", r.Path(), []string{"Sec-Fetch-Site", "none"}, 200},
		{"own-script", "GET", r.Path() + value, []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://127.0.0.1:40000"}, 200},
		{"allowed-host", "GET", r.Path(), []string{"Host", "dev.example:40000", "Origin", "http://dev.example:40000"}, 200},
		{"localhost", "GET", r.Path(), []string{"Host", "localhost:40000"}, 200},
		{"ipv6", "GET", r.Path(), []string{"Host", "[::1]:40000"}, 200},
		{"behind-tls", "GET", r.Path(), []string{"Host", "dev.example", "Origin", "https://dev.example"}, 200},
		{"no-slash", "GET", "/" + token, nil, 308},

		{"no-token", "GET", "/", nil, 404},
		{"no-token-value", "GET", "/" + value, nil, 404},
		{"empty-token", "GET", "//" + value, nil, 404},
		{"other-token", "GET", "/" + strings.Repeat("A", len(token)) + "/" + value, nil, 404},
		{"part-of-token", "GET", "/" + token[:len(token)-1] + "/", nil, 404},
		{"longer-token", "GET", "/" + token + "A/", nil, 404},
		{"token-in-lower-case", "GET", "/" + strings.ToLower(token) + "/", nil, 404},
		{"token-in-query", "GET", "/?" + token, nil, 404},
		{"no-token-and-foreign-host", "GET", "/", []string{"Host", "evil.example"}, 404},
		{"no-token-post", "POST", "/", nil, 404},

		{"rebinding", "GET", r.Path() + value, []string{"Host", "evil.example:40000"}, 403},
		{"host-like-loopback", "GET", r.Path() + value, []string{"Host", "127.0.0.1.evil.example"}, 403},
		{"other-origin", "GET", r.Path() + value, []string{"Origin", "https://evil.example"}, 403},
		{"own-application", "GET", r.Path() + value, []string{"Origin", "http://127.0.0.1:3000", "Sec-Fetch-Site", "same-site"}, 403},
		{"own-application-without-cors", "GET", r.Path() + value, []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"opaque-origin", "GET", r.Path() + value, []string{"Origin", "null"}, 403},
		{"link-from-elsewhere", "GET", r.Path(), []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"events-of-other-origin", "GET", r.Path() + "events", []string{"Origin", "http://127.0.0.1:3000"}, 403},

		{"post", "POST", r.Path() + value, nil, 405},
		{"options", "OPTIONS", r.Path() + value, nil, 405},
		{"unknown-file", "GET", r.Path() + "secret.html", nil, 404},
		{"folder", "GET", r.Path() + ".", nil, 404},
		{"above", "GET", r.Path() + "../serve.go", nil, 404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := httptest.NewRequest(tt.method, "http://127.0.0.1:40000"+tt.path, nil)
			for i := 0; i < len(tt.header); i += 2 {
				if tt.header[i] == "Host" {
					req.Host = tt.header[i+1]
				}
				req.Header.Set(tt.header[i], tt.header[i+1])
			}
			w := httptest.NewRecorder()
			r.ServeHTTP(w, req)
			if w.Code != tt.want {
				t.Errorf("status %d, want %d", w.Code, tt.want)
			}
			if h := w.Header(); h.Get("Access-Control-Allow-Origin") != "" || h.Get("Set-Cookie") != "" {
				t.Errorf("header %v", h)
			}
			if strings.Contains(w.Body.String(), secret) != (w.Code == 200 && strings.HasSuffix(tt.path, value)) {
				t.Errorf("body %q", w.Body)
			}
			if w.Code == 404 && !strings.HasPrefix(tt.path, r.Path()) && w.Body.String() != "404 page not found\n" {
				t.Errorf("body %q tells something", w.Body)
			}
		})
	}
}

func TestTokensDiffer(t *testing.T) {
	if a, b := newRecorder().Path(), newRecorder().Path(); a == b || len(a) < 26+2 {
		t.Errorf("paths %q and %q, want 128 random bits each", a, b)
	}
}

func TestHeaders(t *testing.T) {
	r := newRecorder()
	r.record("/", "sid="+secret)
	for _, name := range []string{"", "page.js", "style.css", "icon.svg", "eye.svg", "value?out=1&n=0", "none"} {
		h := r.get(name).Header()
		for header, want := range map[string]string{
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "no-referrer",
			"Cache-Control":                "no-store",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Access-Control-Allow-Origin":  "",
		} {
			if got := h.Get(header); got != want {
				t.Errorf("%q: %s: %q, want %q", name, header, got, want)
			}
		}
		policy := map[string]bool{}
		for directive := range strings.SplitSeq(h.Get("Content-Security-Policy"), "; ") {
			policy[directive] = true
		}
		for _, directive := range []string{
			"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
			"frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
		} {
			if !policy[directive] {
				t.Errorf("%q: the policy lacks %q", name, directive)
			}
			delete(policy, directive)
		}
		if len(policy) > 0 {
			t.Errorf("%q: the policy has %v too", name, policy)
		}
	}
	for name, want := range map[string]string{
		"": "text/html; charset=utf-8", "page.js": "text/javascript; charset=utf-8", "style.css": "text/css; charset=utf-8",
		"icon.svg": "image/svg+xml", "value?out=1&n=0": "text/plain; charset=utf-8",
	} {
		if got := r.get(name).Header().Get("Content-Type"); got != want {
			t.Errorf("%q: Content-Type %q, want %q", name, got, want)
		}
	}
}

// The page may load only its own files, and its policy forbids inline code.
func TestPageLoadsNothingElse(t *testing.T) {
	r := newRecorder()
	for _, name := range []string{"", "page.js", "style.css"} {
		text := r.get(name).Body.String()
		for _, bad := range []string{"http://", "https://", "//cdn", " style=", "onclick", "innerHTML", "insertAdjacentHTML", "document.write", "eval(", "@import"} {
			if strings.Contains(text, bad) {
				t.Errorf("%q has %q", name, bad)
			}
		}
	}
}

func TestValues(t *testing.T) {
	r := newRecorder()
	r.Record(inspect.Exchange{
		Cookie: []string{"a=1; b=2"}, Made: true,
		Event: []gateway.CookieSource{{Member: "headers.cookie", Text: `a=1; b="2=2";; c`}, {Member: "cookies", Text: "d=1;2"}},
	})
	r.record("/", "sid="+secret+"; Path=/", "bytes=\xff\n")
	r.Record(inspect.Exchange{Cookie: []string{"only=header"}})
	key := newestJar(t, r)[0].Key
	tests := []struct {
		query, want string
		status      int
	}{
		{"in=1&n=0", "1", 200},
		{"in=1&n=1", `"2=2"`, 200},
		{"in=1&n=2", "c", 200},
		{"in=1&n=3", "1;2", 200},
		{"in=3&n=0", "header", 200},
		{"out=2&n=0", "sid=s3cret; Path=/", 200},
		{"out=2&n=1", `"bytes=\xff\n"`, 200},
		{"jar=" + key, secret, 200},
		{"in=1&n=4", "", 404},
		{"in=1&n=-1", "", 404},
		{"in=2&n=0", "", 404},
		{"in=4&n=0", "", 404},
		{"in=0&n=0", "", 404},
		{"in=-1&n=0", "", 404},
		{"out=1&n=0", "", 404},
		{"out=2", "", 404},
		{"in=1&out=2&n=0", "", 404},
		{"jar=0123456789abcdef", "", 404},
		{"", "", 404},
	}
	for _, tt := range tests {
		w := r.get("value?" + tt.query)
		if w.Code != tt.status || w.Code == 200 && w.Body.String() != tt.want {
			t.Errorf("%s: %d %q, want %d %q", tt.query, w.Code, w.Body, tt.status, tt.want)
		}
	}
}

func TestBounds(t *testing.T) {
	r := newRecorder()
	for i := range 300 {
		r.record(fmt.Sprintf("/%d", i))
	}
	got := exchanges(t, r, "")
	if len(got) != 200 || got[0].ID != 101 || got[199].ID != 300 || !strings.HasSuffix(got[199].URL, "/299") {
		t.Errorf("%d exchanges, from %d to %d", len(got), got[0].ID, got[len(got)-1].ID)
	}
	if w := r.get("value?out=100&n=0"); w.Code != http.StatusNotFound {
		t.Errorf("an exchange no longer kept: status %d", w.Code)
	}

	// 200 of these would have 10 MB.
	big := "big=" + strings.Repeat("x", 50_000)
	for range 200 {
		r.record("/", big)
	}
	got = exchanges(t, r, "")
	if n := len(got); n < 20 || n > 4<<20/50_000 {
		t.Errorf("%d exchanges of 100 kB or, once, 50 kB; want as many as fit in 4 MB", n)
	}
	if last := got[len(got)-1]; last.ID != 500 || len(last.Out) != 1 || last.Omitted != 1 {
		t.Errorf("the last: id %d, %d lines, %d omitted; want its line, and the same in the response omitted", last.ID, len(last.Out), last.Omitted)
	}

	// An exchange that is too large on its own is kept without the excess.
	r.record("/"+strings.Repeat("é", 10_000), "a=1; Path=/", "b="+strings.Repeat("x", 100_000), "c=1; Path=/")
	got = exchanges(t, r, "500")
	if len(got) != 1 || len(got[0].Out) != 2 || got[0].Omitted != 2 || len(got[0].URL) > 5000 {
		t.Errorf("of a huge exchange: %.300v", got)
	}
}

// What the page gets without asking contains no values.
func TestEventsHaveNoValues(t *testing.T) {
	r := newRecorder()
	u, _ := url.Parse("http://localhost:3000/")
	lines := []string{
		"sid=" + secret + "; Path=/; Secure",
		"cut=a; " + secret + "; Path=/; x=" + secret,
		"folded=a; Path=/, sid=" + secret + "; Expires=Wed, 21 Oct 2099 07:28:00 GMT, b=" + secret,
		secret,
		"=" + secret,
		"token=" + secret + "; SameSite=None",
		"a=" + secret + "\x00",
	}
	x := inspect.Exchange{URL: u.String(), Made: true, Cookie: []string{"a=" + secret + "; b=" + secret + "; lost=" + secret}, Event: []gateway.CookieSource{
		{Member: "cookies", Text: "a=" + secret}, {Member: "cookies", Text: secret}, {Member: "headers.cookie", Text: "b=" + secret + ";" + secret},
	}, Response: []gateway.CookieSource{{Member: "headers.Set-Cookie", Text: "gone=" + secret}}}
	for _, line := range lines {
		x.SetCookie = append(x.SetCookie, inspect.SetCookie{Line: line, Verdict: r.jar.Set(useragent.Request{URL: u}, line)})
	}
	r.Record(x)
	var text string
	for _, e := range read(t, r, "") {
		text += e.data + "\n"
	}
	if strings.Contains(text, secret) {
		t.Errorf("the value is in\n%s", text)
	}
	if !strings.Contains(text, `"name":"sid"`) || !strings.Contains(text, `"name":"gone"`) {
		t.Errorf("the names are not in\n%s", text)
	}
}
