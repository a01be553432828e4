package main

import (
	"bytes"
	"context"
	"encoding/json"
	"go/format"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// explain runs crumb explain.
func explain(stdin string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(context.Background(), append([]string{"explain"}, args...), strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

func TestExplain(t *testing.T) {
	const response = "HTTP/2 200 \r\ncontent-type: text/html\r\nset-cookie: sid=s3cret; Path=/; Secure\r\nSet-Cookie:b=s3cret; SameSite=None\r\n\r\nSet-Cookie: c=body\r\n"
	tests := []struct {
		name  string
		stdin string
		args  []string
		code  int
		want  []string // in this order in stdout, or in stderr when the code is 2
	}{
		{"stored", "", []string{"sid=s3cret; Path=/; Secure; HttpOnly"}, 0,
			[]string{"Assuming the response came from https://app.example/cart", "STORED", `"sid", value of 6 bytes`, "app.example only", "every path", "when the browser closes"}},
		{"ignored", "", []string{"sid=s3cret; SameSite=None"}, 1,
			[]string{"IGNORED", "SameSite is None without Secure", "rfc6265bis 5.7", "[samesite-none-insecure]", `cookie.New("sid", cookie.Attributes{SameSite: http.SameSiteNoneMode})`}},
		{"changed", "", []string{"sid=s3cret; Max-Age=99999999; Path=/"}, 0,
			[]string{"STORED", "400 days", "[lifetime-capped]", "MaxAge: 400 * 24 * time.Hour"}},
		{"deleted", "", []string{"sid=; Max-Age=0; Path=/"}, 0, []string{"DELETED"}},
		{"url", "", []string{"--url", "http://localhost:3000/", "sid=s3cret; Secure; Path=/"}, 1,
			[]string{"DIFFERS", "STORED   Chromium keeps", "STORED   Firefox keeps", "IGNORED  Safari (documented, not run) silently drops", `by "localhost", which Safari does not take for https`, "[secure-from-insecure] in Safari"}},
		{"url-with-secrets", "> GET /in?code=s3cret HTTP/1.1\n> Host: app.example\n> \n< HTTP/1.1 200 OK\n< Set-Cookie: a=1; Path=/\n", nil, 0, []string{"came from https://app.example/in ("}},
		{"url-insecure", "", []string{"-u", "HTTP://app.example", "sid=s3cret; Secure"}, 1, []string{"[secure-from-insecure]"}},
		{"header-name", "", []string{"set-cookie:  sid=s3cret; Path=/"}, 0, []string{`"sid"`}},
		{"one-byte", "", []string{"sid=a"}, 0, []string{`"sid", value of 1 byte` + "\n"}},
		{"nameless", "", []string{"s3cret; Path=/"}, 1, []string{"without a name, value of 6 bytes", "Chromium keeps", "Safari (documented, not run) silently drops"}},
		{"browser", "", []string{"--browser", "firefox", "a=1\t2"}, 0, []string{"STORED   Firefox keeps the cookie"}},
		{"browser-ignores", "", []string{"--browser", "chromium", "a=1\t2"}, 1, []string{"IGNORED  Chromium silently drops the cookie", "[tab]\n"}},
		{"browser-documented", "", []string{"--browser", "safari", "a=1; SameSite=None"}, 0, []string{"STORED   Safari (documented, not run) keeps the cookie"}},
		{"browser-unknown", "", []string{"--browser", "opera", "a=1"}, 2, []string{`crumb explain: --browser "opera" is none of all, chromium, firefox and safari`}},
		{"differs", "", []string{"a=1\t2"}, 1, []string{"DIFFERS  browsers do not agree", "IGNORED  Chromium", "STORED   Firefox", "[tab] in Chromium", "[value-octets] in Firefox and Safari"}},
		{"agree-with-a-difference", "", []string{"a=\xe9; Path=/"}, 0, []string{"STORED   a browser keeps", "[value-octets] in Chromium and Safari", "U+FFFD", "[value-octets] in Firefox"}},
		{"stdin", "a=1; Path=/\r\nb=s3cret\x01; Path=/\nc=\xff", []string{"-"}, 1, []string{`STORED`, `"a"`, `IGNORED`, `"b"`, `[ctl]`, `STORED`, `"c"`}},
		{"stdin-without-dash", "a=1; Path=/\n", nil, 0, []string{`"a"`}},
		{"stdin-blank-line", "a=1; Path=/\n\nb=2", nil, 0, []string{`"a"`, `"b"`}},
		{"response", response, []string{"--url", "https://app.example/login"}, 1, []string{`STORED`, `"sid"`, `IGNORED`, `"b"`}},
		{"redirect", "HTTP/1.1 302 Found\nSet-Cookie: a=1; Path=/\n\nHTTP/1.1 200 OK\nSet-Cookie: b=2; Path=/\n\n", nil, 0, []string{`"a"`, `"b"`}},
		{"response-without-cookie", "HTTP/1.1 200 OK\r\nX: y\r\n\r\n", nil, 2, []string{"crumb explain: the response has no Set-Cookie header\n"}},
		{"response-of-head-alone", "HTTP/1.1 200 OK", nil, 2, []string{"no Set-Cookie header"}},
		{"curl-v", "> GET /in HTTP/1.1\n> Host: localhost:3000\n> \n< HTTP/1.1 200 OK\n< Set-Cookie: a=s3cret; SameSite=None\n", []string{"-"}, 1, []string{"Assuming the response came from http://localhost:3000/in (", `IGNORED`, `"a"`}},
		{"curl-v-with-url", "> GET /in HTTP/1.1\n> Host: localhost:3000\n> \n< HTTP/1.1 200 OK\n< Set-Cookie: a=s3cret; Secure\n", []string{"-", "-u", "http://app.example/"}, 1, []string{"[secure-from-insecure]"}},
		{"har", `{"log":{"entries":[{"startedDateTime":"2026-01-02T03:04:05Z","request":{"url":"https://shop.example/in"},"response":{"headers":[{"name":"set-cookie","value":"a=s3cret; Path=/; Expires=Sat, 03 Jan 2026 03:04:05 GMT"}]}}]}}`, []string{"-"}, 0,
			[]string{"The response came from https://shop.example/in at Fri, 02 Jan 2026 03:04:05 GMT.\n\nSTORED", "in 24 hours"}},
		{"bound-session", "HTTP/2 200\nsecure-session-registration: (ES256);path=\"/bind\";challenge=\"s3cret\"\nset-cookie: a=s3cret; Path=/\nsecure-session-challenge: \"s3cret\"\n", []string{"-"}, 1,
			[]string{"USED     Chromium acts on Secure-Session-Registration\n  the browser makes a key", "STORED", "IGNORED  Chromium silently ignores Secure-Session-Challenge\n\nignored:  Value has no challenge", "[challenge-id]"}},
		{"bound-session-of-an-argument", "", []string{"secure-session-registration: (none);path=\"/bind\""}, 1, []string{"IGNORED  Chromium silently ignores Secure-Session-Registration", "[registration-algorithm]"}},
		{"domain", "", []string{"a=s3cret; Domain=shop.example"}, 0, []string{"Assuming the response came from https://shop.example/cart (", "STORED", "shop.example and all its subdomains"}},
		{"lines-of-an-argument", "", []string{"Set-Cookie: a=s3cret\nSet-Cookie: b=s3cret"}, 0, []string{`"a"`, `"b"`}},
		{"html", "<p id=\"s3cret\">", []string{"-"}, 2, []string{"crumb explain: line 1 is not understood; write it as Set-Cookie: name=value; Path=/\n"}},
		{"event", `{"requestContext":{},"cookies":["a=s3cret"]}`, nil, 2, []string{"this JSON is an event"}},
		{"nothing", "", nil, 2, []string{"crumb explain: nothing to read\n"}},
		{"empty-line", "", []string{""}, 1, []string{"[empty]"}},
		{"cookie-header", "", []string{"Cookie: sid=s3cret"}, 2, []string{"which browsers send"}},
		{"cookie-header-on-stdin", "cookie: sid=s3cret", nil, 2, []string{"which browsers send"}},
		{"no-url", "", []string{"--url", "app.example", "a=1"}, 2, []string{`--url needs http or https and a host`}},
		{"broken-url", "", []string{"--url", "http://[::1", "a=1"}, 2, []string{"--url is not a URL"}},
		{"idn", "", []string{"--url", "https://bücher.example", "a=1"}, 2, []string{"xn--"}},
		{"fix", "", []string{"--fix", "flask", "sid=1; SameSite=None"}, 1, []string{"In Python, with Flask:", `    response.set_cookie("sid", value, path="/", secure=True, samesite="None", httponly=True)`}},
		{"fix-unknown", "", []string{"--fix", "django", "sid=1; SameSite=None"}, 2, []string{`crumb explain: --fix "django": there are crumb, net/http, flask, express, spring`}},
		{"page-with-a-line", "", []string{"--page", "a=1"}, 2, []string{"crumb explain: --page and --page-dir take no LINE"}},
		{"page-as-json", "", []string{"--page", "--json"}, 2, []string{"crumb explain: --json does not go with --page"}},
		{"flag", "", []string{"--ulr", "x"}, 2, []string{"crumb explain: unknown flag: --ulr; did you mean --url? (crumb explain --help)\n"}},
		{"two-lines", "", []string{"a=1", "b=2"}, 2, []string{`crumb explain: unexpected argument "b=2": put the whole line in quotes`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := explain(tt.stdin, tt.args...)
			if code != tt.code {
				t.Errorf("exit code = %d, want %d", code, tt.code)
			}
			text, silent := stdout, stderr
			if tt.code == 2 {
				text, silent = stderr, stdout
			}
			if silent != "" {
				t.Errorf("unexpected output %q", silent)
			}
			rest := text
			for _, want := range tt.want {
				_, after, found := strings.Cut(rest, want)
				if !found {
					t.Fatalf("no %q in order in\n%s", want, text)
				}
				rest = after
			}
			if strings.Contains(text, "s3cret") {
				t.Errorf("the value is in\n%s", text)
			}
			if strings.Contains(text, "\x1b") {
				t.Errorf("colour without a terminal:\n%q", text)
			}
		})
	}
}

func TestExplainJSON(t *testing.T) {
	code, stdout, _ := explain("a=s3cret; Path=/\nb=s3cret; Partitioned\n", "--json")
	if code != 1 {
		t.Errorf("exit code = %d, want 1", code)
	}
	type verdict struct {
		Outcome     string
		Stored      bool
		URL, Name   string
		ValueOctets int `json:"value_octets"`
		Path, Go    string
		Reasons     []struct{ ID, Effect, Rule string }
		Engines     map[string]struct {
			Outcome, Evidence string
			Stored            bool
		}
	}
	var got []verdict
	for dec := json.NewDecoder(strings.NewReader(stdout)); dec.More(); {
		var v verdict
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		got = append(got, v)
	}
	if len(got) != 2 {
		t.Fatalf("%d objects in\n%s", len(got), stdout)
	}
	if v := got[0]; v.Outcome != "stored" || !v.Stored || v.URL != "https://app.example/cart" || v.Name != "a" || v.ValueOctets != 6 || v.Path != "/" || v.Reasons == nil || v.Go != "" {
		t.Errorf("first verdict %+v", v)
	}
	if e := got[1].Engines; len(e) != 3 || e["chromium"].Evidence != "run" || e["firefox"].Outcome != "ignored" || e["safari"].Evidence != "documented" || e["safari"].Stored {
		t.Errorf("engines %+v", e)
	}
	if v := got[1]; v.Outcome != "ignored" || v.Stored || len(v.Reasons) == 0 || v.Go == "" {
		t.Errorf("second verdict %+v", v)
	}
	if lines := strings.Count(stdout, "\n"); lines != 2 || strings.Contains(stdout, "s3cret") {
		t.Errorf("%d lines, want one an object and no value:\n%s", lines, stdout)
	}
}

// TestExplainHint extracts the hint from the output and compiles it.
func TestExplainHint(t *testing.T) {
	_, stdout, _ := explain("", "__Host-a b=s3cret; Domain=app.example; Path=/x")
	_, code, found := strings.Cut(stdout, "In Go, with shared/cookie:\n\n")
	if !found {
		t.Fatalf("no hint in\n%s", stdout)
	}
	src := "package p\n" + strings.ReplaceAll("\n"+code, "\n    ", "\n")
	if _, err := parser.ParseFile(token.NewFileSet(), "hint.go", src, 0); err != nil {
		t.Error(err)
	}
	if formatted, err := format.Source([]byte(src)); err != nil || string(formatted) != src {
		t.Errorf("hint is not gofmt'd: %v\n%s", err, code)
	}
}

func TestColours(t *testing.T) {
	terminal, err := os.Open(os.DevNull) // a character device, like a terminal
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, tt := range []struct {
		name          string
		out           io.Writer
		noColor, term string
		want          string
	}{
		{"terminal", terminal, "", "xterm", "\x1b[31mx\x1b[0m"},
		{"no-color", terminal, "1", "xterm", "x"},
		{"dumb", terminal, "", "dumb", "x"},
		{"file", file, "", "xterm", "x"},
		{"pipe", io.Discard, "", "xterm", "x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("NO_COLOR", tt.noColor)
			t.Setenv("TERM", tt.term)
			if got := colours(tt.out)(red, "x"); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// TestExplainAtATerminal holds that explain does not silently wait for stdin.
func TestExplainAtATerminal(t *testing.T) {
	terminal, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	if _, err := readSetCookies("", false, terminal); err == nil || !strings.Contains(err.Error(), "pipe a response in") {
		t.Errorf("error %v", err)
	}
}
