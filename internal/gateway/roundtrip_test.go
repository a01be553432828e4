package gateway_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

var allDoors = []frontdoor.Door{rest, httpAPI, httpAPI1, furl, alb, albMulti}

// running is an Invoker that runs h as a function does.
func running(t testing.TB, h http.Handler) invokeFunc {
	f := frontdoor.New(h, frontdoor.Options{Logger: slog.New(slog.DiscardHandler)})
	return func(ctx context.Context, _ string, in lambda.Invocation) (*lambda.Response, error) {
		payload, err := f.Invoke(ctx, in.Payload)
		if err != nil {
			t.Errorf("frontdoor: %v\n%s", err, in.Payload)
			return nil, err
		}
		return &lambda.Response{ContentType: "application/json", Body: io.NopCloser(bytes.NewReader(payload))}, nil
	}
}

// TestRoundTrip sends a request through the event, the handler and the response
// of every door, and compares what the handler and the client see with what
// net/http alone would have shown them.
func TestRoundTrip(t *testing.T) {
	rows := []struct {
		name    string
		request func() *http.Request
	}{
		{"plain", with("GET", "/setcookie", "")},
		{"cookies", with("GET", "/", "", "Cookie", `sid=abc; theme="dark"; dup=1; dup=2; empty=; novalue; =noname; j={"a":1,"b":[2]}; sp = x`)},
		{"one-cookie-line-without-spaces", with("GET", "/", "", "Cookie", "a=1;b=2;c=3, 4")},
		{"path", with("GET", "/a%20b/c+d/%C3%A9", "")},
		{"path-escapes", with("GET", "/a%2Fb/100%2541/x%23", "")},
		{"query", with("GET", "/?b=x%20y&a=p+q&z=%2B%26%3D&e=", "")},
		{"headers", with("GET", "/", "", "Accept-Language", "en, de;q=0.5", "Date", "Wed, 21 Oct 2015 07:28:00 GMT", "If-None-Match", `"a,b", W/"c"`, "X_y", "1")},
		{"json", with("POST", "/", `{"a":"ü \u0000"}`, "Content-Type", "application/json")},
		{"form", with("POST", "/", "username=Zo%C3%AB&x=1", "Content-Type", "application/x-www-form-urlencoded")},
		{"text", with("PUT", "/", "a\r\nb\t\"quoted\" \\ ü \u2028", "Content-Type", "text/plain; charset=utf-8")},
		{"controls", with("POST", "/%01%1b%7f?a=%00%01%1f%7f", controls(), "Content-Type", "text/plain")},
		{"delete", with("DELETE", "/", "")},
	}
	lines := []string{
		"username=Cobby; Path=/; Max-Age=2592000; Expires=Wed, 21 Oct 2015 07:28:00 GMT; HttpOnly; Secure; SameSite=Lax",
		`q="a,b; c"; Path=/`, "ü=ü; Path=/",
	}
	for _, door := range allDoors {
		for _, row := range rows {
			t.Run(string(door)+"/"+row.name, func(t *testing.T) {
				handler := http.HandlerFunc(func(w http.ResponseWriter, got *http.Request) {
					want := row.request()
					body, _ := io.ReadAll(got.Body)
					wantBody, _ := io.ReadAll(want.Body)
					compare(t, "method", got.Method, want.Method)
					compare(t, "path", got.URL.Path, want.URL.Path)
					if door != httpAPI { // which decodes it
						compare(t, "escaped path", got.URL.EscapedPath(), want.URL.EscapedPath())
					}
					compare(t, "query", got.URL.Query().Encode(), want.URL.Query().Encode())
					compare(t, "host", got.Host, want.Host)
					compare(t, "cookie", got.Header.Get("Cookie"), want.Header.Get("Cookie"))
					compare(t, "body", string(body), string(wantBody))
					for name := range want.Header {
						compare(t, name, strings.Join(got.Header[name], "|"), strings.Join(want.Header[name], "|"))
					}
					for _, l := range lines {
						w.Header().Add("Set-Cookie", l)
					}
					w.Header().Set("Content-Type", "text/html; charset=utf-8")
					w.WriteHeader(http.StatusAccepted)
					io.WriteString(w, "<p>\"ü\"\x00</p>")
				})
				res, log := serve(t, oneRoute(app.HTTP, "2.0"), running(t, handler), gateway.Options{Door: door}, row.request())
				compare(t, "response body", bodyOf(t, res), "<p>\"ü\"\x00</p>")
				compare(t, "type", res.Header.Get("Content-Type"), "text/html; charset=utf-8")
				got := slices.Sorted(slices.Values(res.Header["Set-Cookie"])) // a load balancer keeps no order
				compare(t, "Set-Cookie", strings.Join(got, "|"), strings.Join(slices.Sorted(slices.Values(lines)), "|"))
				if res.StatusCode != http.StatusAccepted || log != "" {
					t.Errorf("status %d, log %q", res.StatusCode, log)
				}
			})
		}
	}
}

// Of lines for one cookie a browser keeps the last, in whatever order a door sends
// them.
func TestLastCookieWins(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for _, l := range []string{"a=1; Path=/", "b=1; Path=/", "a=2; Path=/", "b=2; Path=/", "a=3; Path=/"} {
			w.Header().Add("Set-Cookie", l)
		}
	})
	for _, door := range allDoors {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		r := localRequest("GET", "/", "")
		r.URL.Scheme, r.URL.Host = "http", r.Host
		res, _ := serve(t, oneRoute(app.HTTP, "2.0"), running(t, handler), gateway.Options{Door: door}, r)
		jar.SetCookies(r.URL, res.Cookies())
		kept := make(map[string]string)
		for _, c := range jar.Cookies(r.URL) {
			kept[c.Name] = c.Value
		}
		if want := map[string]string{"a": "3", "b": "2"}; !maps.Equal(kept, want) {
			t.Errorf("%s: the browser keeps %v of %q, want %v", door, kept, res.Header["Set-Cookie"], want)
		}
	}
}

// controls is each byte that JSON has to escape, and some that it need not.
func controls() string {
	var b strings.Builder
	for c := range byte(0x20) {
		b.WriteByte(c)
	}
	return b.String() + "\x7f\"\\/\u0080\u2028"
}

// TestStreamRoundTrip is the same for responses that frontdoor streams.
func TestStreamRoundTrip(t *testing.T) {
	f := frontdoor.Stream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Set-Cookie", "a=1, 2; Path=/")
		w.Header().Add("Set-Cookie", "b=2")
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, "one "+r.Header.Get("Cookie"))
		http.NewResponseController(w).Flush()
		io.WriteString(w, "\x00two")
	}), frontdoor.Options{Logger: slog.New(slog.DiscardHandler)})
	invoker := invokeFunc(func(ctx context.Context, _ string, in lambda.Invocation) (*lambda.Response, error) {
		body, err := f(ctx, in.Payload)
		if err != nil {
			return nil, err
		}
		return &lambda.Response{ContentType: body.(interface{ ContentType() string }).ContentType(), Body: io.NopCloser(body)}, nil
	})
	for _, door := range []frontdoor.Door{furl, rest} {
		api := oneRoute(app.URL, "2.0")
		api.Stream = true
		res, log := serve(t, api, invoker, gateway.Options{Door: door}, with("GET", "/", "", "Cookie", "c=3")())
		compare(t, string(door)+" body", bodyOf(t, res), "one c=3\x00two")
		compare(t, string(door)+" Set-Cookie", strings.Join(res.Header["Set-Cookie"], "|"), "a=1, 2; Path=/|b=2")
		if res.StatusCode != http.StatusAccepted || log != "" {
			t.Errorf("%s: status %d, log %q", door, res.StatusCode, log)
		}
	}
}

func compare(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s %q, want %q", what, got, want)
	}
}

// CrossOriginProtection compares the Origin with the Host that the handler
// sees, which is why that is the local one.
func TestCrossOriginProtectionWorksLocally(t *testing.T) {
	handler := http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for _, door := range allDoors {
		for origin, status := range map[string]int{"http://localhost:3000": 200, "https://evil.example": 403} {
			r := with("POST", "/", "a=1", "Origin", origin)()
			res, _ := serve(t, oneRoute(app.HTTP, "2.0"), running(t, handler), gateway.Options{Door: door}, r)
			if res.StatusCode != status {
				t.Errorf("%s: POST from %s: status %d, want %d", door, origin, res.StatusCode, status)
			}
		}
	}
}

// FuzzRequest: no request breaks the writer of events, and what is a request
// to net/http comes to the handler with the same cookies, path and body.
func FuzzRequest(f *testing.F) {
	for i, target := range []string{"/", "/a%20b?c=d&c=e", "//x/../y;z?%zz&=&;", "/%ff%00%2f", "/\"\\?\"\\"} {
		f.Add(byte(i), target, `sid=abc; q="a b\054c"; dup=1; dup=2`, "x=\xe9; ü=1", []byte("a=1"), "text/plain")
	}
	f.Add(byte(4), "/", "dup\xbbx\u03a7=2", "", []byte(nil), "text/plain")
	f.Add(byte(5), "/", "a=1;b=2,c=3", "", []byte("\xff\x00"), "image/png")
	f.Fuzz(func(t *testing.T, door byte, target, cookies, value string, body []byte, mediaType string) {
		raw := "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nCookie: " + cookies + "\r\nX-A: " + value + "\r\nContent-Type: " + mediaType + "\r\n\r\n"
		want, err := http.ReadRequest(readerOf(raw))
		if err != nil || !strings.HasPrefix(want.RequestURI, "/") || len(raw) > 8000 || len(want.Header["Cookie"]) != 1 {
			t.Skip()
		}
		want.Body, want.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		d := allDoors[int(door)%len(allDoors)]
		var called bool
		handler := http.HandlerFunc(func(w http.ResponseWriter, got *http.Request) {
			called = true
			if g, w := got.Header.Get("Cookie"), latin1(strings.Join(want.Header["Cookie"], "; ")); g != w {
				t.Errorf("%s: cookies %q, want %q", d, g, w)
			}
			wantBody := string(body)
			if d == rest {
				wantBody = string([]rune(wantBody)) // not binary: damaged, and logged
			}
			if b, _ := io.ReadAll(got.Body); string(b) != wantBody {
				t.Errorf("%s: body %q, want %q", d, b, wantBody)
			}
		})
		h, err := gateway.New(oneRoute(app.HTTP, "2.0"), running(t, handler), gateway.Options{Door: d})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, want)
		if called != (w.Code == http.StatusOK) {
			t.Errorf("%s: called %v, status %d", d, called, w.Code)
		}
	})
}

func readerOf(s string) *bufio.Reader { return bufio.NewReader(strings.NewReader(s)) }

// latin1 is s with each byte that is not part of UTF-8 read by itself.
func latin1(s string) string {
	var b strings.Builder
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			r = rune(s[i])
		}
		b.WriteRune(r)
	}
	return b.String()
}

// FuzzResponse: no response breaks a door, and a cookie goes out as it was written
// or not at all.
func FuzzResponse(f *testing.F) {
	for i, row := range responseRows {
		f.Add(byte(i), []byte(row.response))
	}
	f.Add(byte(0), []byte(" {\"statusCode\" : 200 ,\n\"multiValueHeaders\":{ \"Set-Cookie\" : [ \"a\\u00e9\\\"=1\" , \"\" ] } , \"body\":null } "))
	f.Fuzz(func(t *testing.T, door byte, payload []byte) {
		d := allDoors[int(door)%len(allDoors)]
		var written struct {
			Headers           map[string]any
			MultiValueHeaders map[string]any
			Cookies           []any
		}
		res, _ := serve(t, oneRoute(app.HTTP, "2.0"), returning(string(payload)), gateway.Options{Door: d}, localRequest("GET", "/", ""))
		if res.StatusCode < 200 || res.StatusCode > 599 {
			t.Errorf("%s: status %d", d, res.StatusCode)
		}
		if json.Unmarshal(payload, &written) != nil || !utf8.Valid(payload) {
			return
		}
		for _, c := range res.Header["Set-Cookie"] {
			if all := fmt.Sprint(written); !strings.Contains(all, c) || strings.ContainsAny(c, "\r\n\x00") {
				t.Errorf("%s: Set-Cookie %q is not in %s", d, c, payload)
			}
		}
	})
}
