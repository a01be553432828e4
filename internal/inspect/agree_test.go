package inspect

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/hosts"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/keyring"
)

var doors = []frontdoor.Door{frontdoor.REST, frontdoor.HTTP, frontdoor.HTTP1, frontdoor.URL, frontdoor.ALB, frontdoor.ALBMulti}

// FuzzCookieLine holds that every parser of Cookie lines finds the same cookies:
// the inspector, package cookie in each of its ways, the masking for logs, and
// functions behind every door, though HTTP APIs and Function URLs split lines by
// AWS's own rule.
func FuzzCookieLine(f *testing.F) {
	for _, line := range []string{
		"a=1; b=2", "a=1;b=2 ; c = 3", "\ta\t=\t1\t", "a", "=a", "; ;a=1;;", "a=1; a=2; A=3", `a="1"; b="2`, "a=b=c", "a=; b",
		"a=\xe9; b=é", "a b=1", "a=1, b=2", `"a=1"`, "$Version=1; a=1", "a=\u00a01", "a==", "x;y=1 2", "a=\x7f; a=1",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		h := http.Header{"Cookie": {line}}
		parsed, err := cookie.Parse(h)
		if err != nil {
			t.Skip() // too many for one request
		}
		shown := headerPairs("Cookie", []string{line})
		read := slices.DeleteFunc(slices.Clone(shown), func(p pair) bool { return !isCookie(p) })
		if !slices.EqualFunc(read, parsed, func(p pair, q cookie.Pair) bool { return p.name == q.Name && p.value == q.Value }) {
			t.Errorf("of %q the inspector shows %q, Parse reads %q", line, read, parsed)
		}
		const mask = "*"
		hidden := headerPairs("Cookie", []string{cookie.MaskPairs(line, mask)})
		if !slices.EqualFunc(shown, hidden, func(p, q pair) bool { return p.name == q.name && q.value == mask }) {
			t.Errorf("of %q the inspector shows %q, masked %q", line, shown, hidden)
		}
		r := &http.Request{Header: h}
		for _, p := range parsed {
			c, err := cookie.New(p.Name, cookie.Attributes{})
			if err != nil {
				continue // a name with a prefix has further requirements
			}
			var want []string
			for _, q := range parsed {
				if q.Name == p.Name {
					want = append(want, unquoted(q.Value))
				}
			}
			if got := c.All(r); !slices.Equal(got, want) {
				t.Errorf("of %q All(%s) = %q, want %q", line, p.Name, got, want)
			}
			first := shown[slices.IndexFunc(shown, func(q pair) bool { return q.name == p.Name })]
			if !isCookie(first) {
				want[0] = "" // Get reads the first one or none
			}
			if got, _ := c.Get(r); got != want[0] {
				t.Errorf("of %q Get(%s) = %q, want %q", line, p.Name, got, want[0])
			}
		}
		if strings.ContainsAny(line, "\r\n\x00") || !utf8.ValidString(line) {
			return // not a header, or other bytes in an event
		}
		for _, door := range doors {
			if got := pairsBehind(t, door, line); !slices.Equal(got, parsed) {
				t.Errorf("of %q a function behind %s reads %q, want %q", line, door, got, parsed)
			}
		}
	})
}

// isCookie reports whether package cookie reads p: its name is a token and its
// value has no control bytes.
func isCookie(p pair) bool {
	notToken := func(r rune) bool {
		return r <= ' ' || r >= 0x7F || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	}
	control := func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7F }
	return p.name != "" && !strings.ContainsFunc(p.name, notToken) && !strings.ContainsFunc(p.value, control)
}

func unquoted(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// pairsBehind sends a Cookie line through a door's event to a handler.
func pairsBehind(t *testing.T, door frontdoor.Door, line string) []cookie.Pair {
	t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	r.Header["Cookie"] = []string{line}
	event, err := gateway.Event(door, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	var pairs []cookie.Pair
	handler := frontdoor.New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		pairs, err = cookie.Parse(r.Header)
	}), frontdoor.Options{Logger: slog.New(slog.DiscardHandler)})
	if _, e := handler.Invoke(t.Context(), event); e != nil || err != nil {
		t.Fatal(e, err)
	}
	return pairs
}

// A sealed cookie is found where a plain one is.
func TestSealedAmongOthers(t *testing.T) {
	ring, err := keyring.New("test", keyring.Format([]keyring.Key{keyring.NewKey("k", time.Now())}))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := cookie.New("sid", cookie.Attributes{})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := cookie.Seal[string](plain, ring, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil)
	if err := sealed.Set(w, r, "value"); err != nil {
		t.Fatal(err)
	}
	value := w.Result().Cookies()[0].Value
	for _, tt := range []struct {
		name, line string
		found      bool
	}{
		{"alone", "sid=V", true},
		{"among-others", "a=1; sid=V; b=2", true},
		{"without-spaces", "a=1;sid=V;b=2", true},
		{"with-spaces", "a=1;\t sid = V ;b=2", true},
		{"quoted", `sid="V"`, true},
		{"other-case", "SID=V", false},
		{"longer-name", "xsid=V; sid2=V", false},
		{"nameless", "V; =V", false},
		{"inside-a-value", "a=sid=V", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			line := strings.ReplaceAll(tt.line, "V", value)
			r.Header["Cookie"] = []string{line}
			got, opened := sealed.Get(r)
			_, read := plain.Get(r)
			shown := slices.ContainsFunc(headerPairs("Cookie", []string{line}), func(p pair) bool {
				return p.name == "sid" && unquoted(p.value) == value
			})
			if opened != tt.found || read != tt.found || shown != tt.found || opened && got != "value" {
				t.Errorf("sealed %t, plain %t, inspector %t; want %t", opened, read, shown, tt.found)
			}
		})
	}
}

// invoke is a function whose response is always the same.
type invoke string

func (payload invoke) Invoke(context.Context, string, lambda.Invocation) (*lambda.Response, error) {
	return &lambda.Response{ContentType: "application/json", Body: io.NopCloser(strings.NewReader(string(payload)))}, nil
}

// TestNoValueOfOddLines sends Set-Cookie lines that are hard to parse through
// each door, and looks for their values in what a developer may copy into an
// issue: the gateway's log, the inspector's events, and masked lines. Each must
// name the cookies.
func TestNoValueOfOddLines(t *testing.T) {
	for _, tt := range []struct{ name, line, cookie string }{
		{"nameless", "s3cret; Path=/", ""},
		{"nameless-equals", "=s3cret; Path=/", ""},
		{"nameless-without-attributes", "s3cret", ""},
		{"folded", "first=1; Path=/, second=s3cret; Path=/", "first"},
		{"folded-without-attributes", "first=1, second=s3cret", "first"},
		{"folded-date", "first=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT, second=s3cret", "first"},
		{"semicolon", "first=a; s3cret; Path=/", "first"},
	} {
		text, err := json.Marshal(tt.line)
		if err != nil {
			t.Fatal(err)
		}
		payload := invoke(`{"statusCode":200,"headers":{"Set-Cookie":` + string(text) + `},"multiValueHeaders":{"Set-Cookie":["kept=1",` + string(text) + `]}}`)
		for _, door := range doors {
			t.Run(tt.name+"-"+string(door), func(t *testing.T) {
				var log strings.Builder
				var jar useragent.Jar
				page := New(&jar, hosts.New(nil))
				api := &app.API{ID: "Api", Kind: app.REST, Routes: []app.Route{{Method: "GET", Path: "/", Function: &app.Function{ID: "F"}}}}
				h, err := gateway.New(api, payload, gateway.Options{
					Door: door, Log: slog.New(slog.NewTextHandler(&log, nil)),
					OnResponse: func(r *gateway.Report) { page.Record(exchangeOf(&jar, r)) },
				})
				if err != nil {
					t.Fatal(err)
				}
				r := httptest.NewRequest("GET", "http://localhost/", nil)
				h.ServeHTTP(httptest.NewRecorder(), r)
				entries, _ := page.since(0)
				if len(entries) != 1 {
					t.Fatalf("%d exchanges", len(entries))
				}
				list, _ := page.jarView()
				for where, text := range map[string]string{
					"log": log.String(), "exchange": string(mustJSON(entries[0].view())), "jar": string(mustJSON(list)), "mask": cookie.MaskLine(tt.line, "*"),
				} {
					if strings.Contains(text, "s3cret") {
						t.Errorf("%s: %s", where, text)
					}
				}
				if got := cookie.LineName(tt.line); got != tt.cookie {
					t.Errorf("LineName = %q, want %q", got, tt.cookie)
				}
			})
		}
	}
}

// exchangeOf returns what the inspector gets from a response.
func exchangeOf(jar *useragent.Jar, r *gateway.Report) Exchange {
	x := Exchange{URL: r.URL.String(), Status: r.Status, Response: r.ResponseCookies()}
	x.Event, x.Made = r.EventCookies()
	for _, line := range r.Header["Set-Cookie"] {
		x.SetCookie = append(x.SetCookie, SetCookie{Line: line, Verdict: jar.Set(useragent.Request{URL: &url.URL{Scheme: "http", Host: "localhost", Path: "/"}}, line)})
	}
	return x
}
