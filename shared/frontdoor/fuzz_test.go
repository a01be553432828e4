package frontdoor_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

// FuzzInvoke gives any bytes as an event. Either they are refused and the
// handler does not run, or it runs once on a sound request and the response is one
// that its door can read. The second time is like the first.
func FuzzInvoke(f *testing.F) {
	for _, event := range doorEvents(f) {
		f.Add(event)
	}
	f.Add([]byte(`{"httpMethod": "G", "path": "/", "httpMethod": null}`))
	text, err := os.ReadFile("testdata/frontdoor.json")
	if err != nil {
		f.Fatal(err)
	}
	var file struct {
		Vectors []struct{ Event json.RawMessage }
	}
	if err := json.Unmarshal(text, &file); err != nil {
		f.Fatal(err)
	}
	for _, v := range file.Vectors {
		f.Add([]byte(v.Event))
	}
	f.Fuzz(func(t *testing.T, event []byte) {
		runs := 0
		handler := frontdoor.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			runs++
			body, err := io.ReadAll(r.Body)
			if err != nil || int64(len(body)) != r.ContentLength {
				t.Errorf("body of %d bytes, %v; ContentLength %d", len(body), err, r.ContentLength)
			}
			if !strings.HasPrefix(r.URL.Path, "/") || r.RequestURI != r.URL.RequestURI() || r.Method == "" {
				t.Errorf("%s %s has the path %q", r.Method, r.RequestURI, r.URL.Path)
			}
			if lines := r.Header["Cookie"]; len(lines) > 1 {
				t.Errorf("%d Cookie lines", len(lines))
			}
			for name, values := range r.Header {
				if strings.HasPrefix(name, "X-Golambdaproxy-") || slices.ContainsFunc(values, func(v string) bool { return !utf8.ValidString(v) }) {
					t.Errorf("header %q: %q", name, values)
				}
			}
			e, ok := frontdoor.EventFrom(r.Context())
			if !ok || !json.Valid(e.Raw()) {
				t.Error("no event")
			}
			w.Header().Set("Set-Cookie", "a=1")
			_, _ = w.Write(body)
		}), frontdoor.Options{Logger: slog.New(slog.DiscardHandler)})

		before := bytes.Clone(event)
		first, err := handler.Invoke(t.Context(), event)
		if (err == nil) != (runs == 1) || err != nil && !errors.Is(err, frontdoor.ErrRefused) {
			t.Errorf("error %v after %d runs", err, runs)
		}
		if err == nil && !json.Valid(first) {
			t.Errorf("response %q is not JSON", first)
		}
		second, again := handler.Invoke(t.Context(), event)
		if !bytes.Equal(first, second) || (err == nil) != (again == nil) {
			t.Errorf("responses %q and %q, errors %v and %v", first, second, err, again)
		}
		if !bytes.Equal(before, event) {
			t.Error("the event was changed")
		}
	})
}

// FuzzRoundTrip sets a cookie through each door and sends it back through the
// same one: what was set is what is read. A body comes back as well.
func FuzzRoundTrip(f *testing.F) {
	f.Add("username", "Cobby", []byte("text"))
	f.Add("cart", `1,2,3 "x"\`, []byte("\x00\xff"))
	f.Add("a", "é😀=%41", []byte("<html>\u2028"))
	f.Fuzz(func(t *testing.T, name, value string, body []byte) {
		line := name + "=" + value
		if strings.ContainsAny(line, ";\r\n\x00") || strings.Contains(name, "=") || !utf8.ValidString(line) {
			t.Skip() // not one cookie, or not one that JSON can carry
		}
		for door, event := range doorEvents(t) {
			handler := frontdoor.New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Set-Cookie"] = []string{line}
				_, _ = w.Write(body)
			}), frontdoor.Options{Logger: slog.New(slog.DiscardHandler)})
			out, err := handler.Invoke(t.Context(), event)
			if err != nil {
				t.Fatal(err)
			}
			response := parse(t, out)
			if response.body != string(body) || !slices.Equal(response.header["Set-Cookie"], []string{line}) {
				t.Fatalf("%s: response %v, want cookie %q and body %q", door, response, line, body)
			}
			got := ""
			_, err = invoke(t, withCookie(t, event, line), func(_ http.ResponseWriter, r *http.Request) {
				got = r.Header.Get("Cookie")
			})
			if err != nil || got != line {
				t.Errorf("%s: Cookie = %q, %v; want %q", door, got, err, line)
			}
		}
	})
}

// withCookie replaces the cookies in one of testdata's events.
func withCookie(t *testing.T, event []byte, line string) []byte {
	t.Helper()
	e := decoded[map[string]any](t, event)
	if _, ok := e["cookies"]; ok {
		e["cookies"] = []string{line}
	}
	for _, headers := range []string{"headers", "multiValueHeaders"} {
		h, ok := e[headers].(map[string]any)
		if !ok || h["cookie"] == nil {
			continue
		}
		if _, ok := h["cookie"].(string); ok {
			h["cookie"] = line
		} else {
			h["cookie"] = []string{line}
		}
	}
	return []byte(mustJSON(t, e))
}
