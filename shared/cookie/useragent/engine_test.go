package useragent

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestEngines has a line for each difference, with what each engine does.
func TestEngines(t *testing.T) {
	const page = "https://app.example.com/"
	for _, tt := range []struct {
		name, origin, line        string
		chromium, firefox, safari Outcome
	}{
		{"tab", page, "a=1\t2", Ignored, Stored, Stored},
		{"tab-in-attribute", page, "a=1; x\ty", Ignored, Stored, Stored},
		{"nameless-equals", page, "=a=b", Ignored, Ignored, Ignored},
		{"nameless", page, "a", Stored, Stored, Ignored},
		{"nameless-after-equals", page, "=a", Stored, Ignored, Ignored},
		{"none-insecure", page, "a=1; SameSite=None", Ignored, Ignored, Stored},
		{"partitioned-insecure", page, "a=1; Partitioned", Ignored, Ignored, Ignored},
		{"secure-on-localhost", "http://localhost/", "a=1; Secure", Stored, Stored, Ignored},
		{"secure-over-http", "http://app.example.com/", "a=1; Secure", Ignored, Ignored, Ignored},
		{"prefix", page, "__Host-a=1; Path=/x; Secure", Ignored, Ignored, Ignored},
		{"prefix-in-lower-case", page, "__host-a=1; Path=/x; Secure", Ignored, Ignored, Stored},
		{"prefix-http", page, "__Http-a=1; Secure", Ignored, Ignored, Stored},
		{"prefix-host-http", page, "__Host-Http-a=1; Secure; Path=/", Ignored, Ignored, Stored},
		{"prefix-host-http-as-host", page, "__Host-Http-a=1; Secure; Path=/x; HttpOnly", Ignored, Ignored, Ignored},
		{"prefix-by-the-default-path", page, "__Host-a=1; Secure", Ignored, Ignored, Stored},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := map[Engine]Outcome{Chromium: tt.chromium, Firefox: tt.firefox, Safari: tt.safari}
			for _, e := range Engines() {
				if v := e.Explain(tt.line, mustURL(t, tt.origin), now); v.Outcome != want[e] {
					t.Errorf("%s: %v, want %s", e.Name(), v, want[e])
				}
			}
		})
	}
}

// TestEngineJar has what a jar of each engine sends with a request.
func TestEngineJar(t *testing.T) {
	app, other := mustURL(t, "https://app.example/"), mustURL(t, "https://other.example/")
	first, frame := Request{URL: app}, Request{URL: app, Initiator: other, Top: other, Subresource: true}
	post := Request{URL: app, Initiator: other, Method: "POST"}
	fromHTTP := Request{URL: app, Initiator: mustURL(t, "http://app.example/")}
	const none, strict = "a=1; Secure; SameSite=None", "a=1; SameSite=Strict"
	for _, tt := range []struct {
		name, line                string
		from, to                  Request
		chromium, firefox, safari bool
	}{
		{"third-party", none, frame, frame, true, true, false},
		{"third-party-partitioned", none + "; Partitioned", frame, frame, true, true, true},
		{"third-party-without-samesite", "a=1; Secure", frame, frame, false, true, false},
		{"first-party-to-third", none, first, frame, true, false, false},
		{"name-not-utf8", "\xe9", first, first, true, true, false},
		{"third-party-to-first", none, frame, first, true, false, false},
		{"post", "a=1", first, post, true, true, true},
		{"post-lax", "a=1; SameSite=Lax", first, post, false, false, false},
		{"other-scheme", strict, first, fromHTTP, false, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := map[Engine]bool{Chromium: tt.chromium, Firefox: tt.firefox, Safari: tt.safari}
			for _, e := range Engines() {
				j := Jar{Engine: e}
				j.Set(tt.from, tt.line)
				if got := j.Header(tt.to); (got != "") != want[e] {
					t.Errorf("%s sends %q, want a cookie: %t", e.Name(), got, want[e])
				}
			}
		})
	}
}

// TestEngineLifetimes has the Max-Age and Expires that engines read differently: how long a
// cookie is kept, "session" for until the browser closes.
func TestEngineLifetimes(t *testing.T) {
	for _, tt := range []struct{ name, attributes, model, chromium, firefox string }{
		{"usual", "Max-Age=60", "1m0s", "1m0s", "1m0s"},
		{"plus", "Max-Age=+60", "session", "1m0s", "session"},
		{"plus-behind-a-minus", "Max-Age=-+5", "session", "session", "deleted"},
		{"minus-and-letters", "Max-Age=-x", "session", "session", "deleted"},
		{"minus-alone", "Max-Age=-", "session", "session", "deleted"},
		{"last-is-invalid", "Max-Age=60; Max-Age=x", "1m0s", "session", "session"},
		{"last-is-valid", "Max-Age=x; Max-Age=60", "1m0s", "1m0s", "1m0s"},
		{"expires-behind-it", "Max-Age=60; Max-Age=x; Expires=Tue, 09 Jun 2026 10:20:14 GMT", "1m0s", "2m0s", "2m0s"},
		{"last-date-is-invalid", "Expires=Tue, 09 Jun 2026 10:20:14 GMT; Expires=x", "2m0s", "session", "session"},
		{"longest", "Max-Age=34560000", "9600h0m0s", "9600h0m0s", "9600h0m0s"},
		{"longer", "Max-Age=34560001", "9600h0m0s", "9600h0m0s", "9600h0m0s"},
		{"zone", "Expires=Tue, 09 Jun 2026 09:18:14 -0500", "deleted", "deleted", "4h0m0s"},
	} {
		for e, want := range map[Engine]string{"": tt.model, Chromium: tt.chromium, Firefox: tt.firefox} {
			v := e.Explain("a=1; "+tt.attributes, mustURL(t, "https://app.example/"), now)
			got := v.Cookie.Expires.Sub(now).String()
			if v.Outcome == Deleted {
				got = "deleted"
			} else if v.Cookie.Expires.IsZero() {
				got = "session"
			}
			if got != want {
				t.Errorf("%s: %s: %s, want %s", tt.name, e.Name(), got, want)
			}
		}
	}
}

// TestEngineLongAttributes: of attributes over 1,024 bytes, Firefox reads flags, and Safari all.
func TestEngineLongAttributes(t *testing.T) {
	x := strings.Repeat("x", 1025)
	for _, e := range Engines() {
		v := e.Explain("a=1; Path=/"+x+"; Secure="+x+"; HttpOnly="+x+"; Partitioned="+x, mustURL(t, "https://app.example/"), now)
		flags, path := e != Chromium, e == Safari
		if c := v.Cookie; c.Secure != flags || c.HTTPOnly != flags || (c.Partition != "") != flags || (c.Path != "/") != path {
			t.Errorf("%s: Secure %v, HttpOnly %v, Partition %q, Path of %d bytes", e.Name(), c.Secure, c.HTTPOnly, c.Partition, len(c.Path))
		}
	}
}

// TestEngineOrder: in Chromium a cookie that is overwritten moves to the end.
func TestEngineOrder(t *testing.T) {
	app := at(t, "https://app.example/")
	for _, tt := range []struct{ overwritten, chromium, others string }{
		{"a=4", "b=2; c=3; a=4", "a=4; b=2; c=3"},
		{"b=4", "a=1; c=3; b=4", "a=1; b=4; c=3"},
		{"c=4", "a=1; b=2; c=4", "a=1; b=2; c=4"},
	} {
		for e, want := range map[Engine]string{Chromium: tt.chromium, Firefox: tt.others, Safari: tt.others} {
			j := Jar{Engine: e}
			for _, line := range []string{"a=1", "b=2", "c=3", tt.overwritten} {
				j.Set(app, line)
			}
			if got := j.Header(app); got != want {
				t.Errorf("%s: %s, want %s", e.Name(), got, want)
			}
		}
	}
}

// TestEngineSuggestions: what an engine read counts.
func TestEngineSuggestions(t *testing.T) {
	for line, want := range map[string]string{
		"abc": `"abc", cookie.Attributes{}`,
		"sid=1; Max-Age=-; Expires=Tue, 09 Jun 2026 09:18:14 -0500":     `"sid", cookie.Attributes{}`,
		"sid=1; SameSite=None; Expires=Tue, 09 Jun 2026 09:18:14 -0500": `"sid", cookie.Attributes{MaxAge: 4 * time.Hour, SameSite: http.SameSiteNoneMode}`,
	} {
		if code := Firefox.Explain(line, mustURL(t, "https://app.example/"), now).Suggestion(); !strings.Contains(code, "cookie.New("+want+")") {
			t.Errorf("%q: %s\nwant %s", line, code, want)
		}
	}
}

// TestFirefoxBytes: a line without an equals sign is a name, and only values are UTF-8.
func TestFirefoxBytes(t *testing.T) {
	app := at(t, "https://app.example/")
	for line, want := range map[string]string{
		"n": "n=", "\xe9": "\xe9=", "a=\xe9": "a=\ufffd", "a=\xe2\x82x": "a=\ufffdx", "a=\xf0\x9f\x98": "a=\ufffd", "a=\xc0\xaf": "a=\ufffd\ufffd", "a=é": "a=é",
	} {
		j := Jar{Engine: Firefox}
		j.Set(app, line)
		if got := j.Header(app); got != want {
			t.Errorf("%q: Cookie: %q, want %q", line, got, want)
		}
	}
}

func TestEngineName(t *testing.T) {
	for e, want := range map[Engine]string{Chromium: "Chromium", Firefox: "Firefox", Safari: "Safari", "": "a browser"} {
		if got := e.Name(); got != want {
			t.Errorf("Name = %q, want %q", got, want)
		}
	}
}

// TestDocument compares docs/engines.md with the table of differences.
func TestDocument(t *testing.T) {
	document, err := os.ReadFile("../../../docs/engines.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	for _, trait := range traits {
		rows.WriteString("| " + trait.says)
		for _, e := range Engines() {
			rows.WriteString(map[bool]string{true: " | yes", false: " | "}[slices.Contains(trait.engines, e)])
		}
		rows.WriteString(" | " + trait.source + " |\n")
	}
	if !strings.Contains(string(document), rows.String()) {
		t.Errorf("docs/engines.md needs these rows:\n%s", &rows)
	}
}
