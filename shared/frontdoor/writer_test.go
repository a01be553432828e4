package frontdoor_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

// TestLikeNetHTTP runs handlers under net/http's server and behind each door.
// The client must not be able to tell which.
func TestLikeNetHTTP(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /getcookie", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "found") })
	mux.HandleFunc("POST /setcookie", func(http.ResponseWriter, *http.Request) {})
	png := []byte("\x89PNG\r\n\x1a\n\x00\x00\xff")

	tests := []struct {
		name    string
		method  string
		path    string
		handler http.HandlerFunc
	}{
		{"nothing", "GET", "/", func(http.ResponseWriter, *http.Request) {}},
		{"only-a-cookie", "GET", "/", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Add("Set-Cookie", "a=1; Path=/")
		}},
		{"default-status", "GET", "/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }},
		{"first-status", "GET", "/", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusCreated)
			w.WriteHeader(http.StatusInternalServerError)
		}},
		{"late-headers", "GET", "/", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-A", "early")
			w.WriteHeader(http.StatusOK)
			w.Header().Set("X-A", "late")
			w.Header().Add("Set-Cookie", "late=1")
			w.Header().Del("X-B")
			_, _ = io.WriteString(w, "x")
			w.Header().Set("Content-Type", "text/late")
		}},
		{"early-hints", "GET", "/", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(199) // the last that is informational
			w.Header().Set("X-A", "after")
			_, _ = io.WriteString(w, "x")
		}},
		{"head", "HEAD", "/", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Add("Set-Cookie", "a=1")
			if n, err := io.WriteString(w, "<html>"); n != 6 || err != nil {
				t.Errorf("Write = %d, %v; want 6, nil", n, err)
			}
		}},
		{"no-content", "GET", "/", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Add("Set-Cookie", "a=1")
			w.WriteHeader(http.StatusNoContent)
			if _, err := w.Write([]byte("x")); !errors.Is(err, http.ErrBodyNotAllowed) {
				t.Errorf("Write = %v, want ErrBodyNotAllowed", err)
			}
		}},
		{"not-modified", "GET", "/", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("Etag", `"1"`)
			w.WriteHeader(http.StatusNotModified)
			if _, err := io.WriteString(w, "x"); !errors.Is(err, http.ErrBodyNotAllowed) {
				t.Errorf("Write = %v, want ErrBodyNotAllowed", err)
			}
		}},
		{"sniffed-html", "GET", "/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>ü") }},
		{"sniffed-image", "GET", "/", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(png) }},
		{"sniffed-from-writes", "GET", "/", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(png[:3])
			_, _ = w.Write(png[3:])
		}},
		{"not-sniffed-encoded", "GET", "/", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			_, _ = io.WriteString(w, "<html>")
		}},
		{"not-sniffed-nil", "GET", "/", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			_, _ = io.WriteString(w, "<html>")
		}},
		{"empty-write", "GET", "/", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(nil) }},
		{"line-breaks", "GET", "/", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-A", " a\r\nX-B: b\n")
			w.Header().Add("Set-Cookie", "a=1\r\nX-B: b\r\n")
		}},
		{"bad-names", "GET", "/", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["X A"] = []string{"1"}
			w.Header()[""] = []string{"1"}
			w.Header()["X:A"] = []string{"1"}
			w.Header()["Ä"] = []string{"1"}
			for c := range 256 {
				w.Header()["y"+string([]byte{byte(c)})+"a"] = []string{"1"}
			}
			w.Header()["x-c"] = []string{"1"}
		}},
		{"spellings", "GET", "/", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["set-cookie"] = []string{"b=2"}
			w.Header()["SET-COOKIE"] = []string{"c=3"}
			w.Header().Add("Set-Cookie", "a=1")
		}},
		{"redirect", "GET", "/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x?a=1", http.StatusSeeOther) }},
		{"relative-redirect", "GET", "/a/b", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "c", http.StatusFound) }},
		{"error", "GET", "/", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusTeapot) }},
		{"unknown-status", "GET", "/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(299) }},
		{"range", "GET", "/", func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Range", "bytes=1-2")
			http.ServeContent(w, r, "a.txt", time.Time{}, strings.NewReader("abcd"))
		}},
		{"flush-fixes-headers", "GET", "/", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-A", "early")
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			w.Header().Set("X-A", "late")
			w.WriteHeader(http.StatusTeapot)
		}},
		{"string-writer", "GET", "/", func(w http.ResponseWriter, _ *http.Request) {
			_, ok := w.(io.StringWriter)
			if !ok {
				t.Error("no io.StringWriter")
			}
			_, _ = io.Copy(w, strings.NewReader(`"quoted\"`+"\n\t\x00\x1f\u2028é"))
		}},
		{"mux-get", "GET", "/getcookie", mux.ServeHTTP},
		{"mux-head", "HEAD", "/getcookie", mux.ServeHTTP},
		{"mux-method", "GET", "/setcookie", mux.ServeHTTP},
		{"mux-clean-path", "GET", "/a/../getcookie", mux.ServeHTTP},
		{"mux-not-found", "GET", "/x", mux.ServeHTTP},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := overHTTP(t, test.handler, test.method, test.path)
			for door, event := range eventsFor(t, test.method, test.path) {
				out, err := invoke(t, event, test.handler)
				if err != nil {
					t.Fatal(err)
				}
				if got := parse(t, out); !got.equal(want) {
					t.Errorf("%s: response\n%v\nwant\n%v", door, got, want)
				}
			}
		})
	}
}

func TestInvalidStatusPanics(t *testing.T) {
	out, lines := logged(t, "rest", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(99) })
	if out.status != http.StatusInternalServerError || len(lines) != 1 {
		t.Errorf("status %d with log %v, want 500 and one line", out.status, lines)
	}
}

// Frameworks ask the writer for the end of the request in the old way.
func TestCloseNotify(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	handled(t, ctx, fmt.Appendf(nil, restEvent, `"body": null`), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		gone := w.(interface{ CloseNotify() <-chan bool }).CloseNotify()
		select {
		case <-gone:
			t.Error("the client is gone before the context has ended")
		default:
		}
		cancel()
		<-gone
	}))
}

func TestPanic(t *testing.T) {
	type secret struct{ text string }
	values := map[string]struct {
		value any
		want  string
	}{
		"struct":       {secret{"hidden"}, "frontdoor_test.secret"},
		"string":       {"hidden", "string"},
		"error":        {errors.New("hidden"), "*errors.errorString"},
		"like-abort":   {errors.New(http.ErrAbortHandler.Error()), "*errors.errorString"},
		"uncomparable": {[]int{1}, "[]int"},
		"nil":          {nil, "*runtime.PanicNilError"},
	}
	for name, test := range values {
		t.Run(name, func(t *testing.T) {
			response, lines := logged(t, "rest", func(w http.ResponseWriter, _ *http.Request) {
				http.SetCookie(w, &http.Cookie{Name: "sid", Value: "hidden"})
				_, _ = io.WriteString(w, "half an ans")
				panic(test.value)
			})
			if response.status != 500 || response.body != "Internal Server Error\n" || response.header["Set-Cookie"] != nil {
				t.Errorf("response = %v, want a bare 500", response)
			}
			if len(lines) != 1 {
				t.Fatalf("log = %v, want one line", lines)
			}
			line := lines[0]
			stack, _ := line["stack"].(string)
			if line["type"] != test.want || line["level"] != "ERROR" || !strings.Contains(stack, "writer_test.go") {
				t.Errorf("log = %v, want an error of type %s with its stack", line, test.want)
			}
			if strings.Contains(mustJSON(t, line), "hidden") {
				t.Errorf("log = %v holds the panic's value", line)
			}
			wantIDs(t, line)
		})
	}
	t.Run("head", func(t *testing.T) {
		event := bytes.Replace(doorEvents(t)[frontdoor.REST], []byte(`"GET"`), []byte(`"HEAD"`), 1)
		out, err := invoke(t, event, func(http.ResponseWriter, *http.Request) { panic("x") })
		if err != nil {
			t.Fatal(err)
		}
		if got := parse(t, out); got.status != 500 || got.body != "" {
			t.Errorf("response = %v, want a 500 without a body", got)
		}
	})
}

// response is a response as a client sees it.
type response struct {
	status int
	header http.Header // names canonical, one value each but for Set-Cookie
	body   string
}

func (r response) equal(other response) bool {
	return r.status == other.status && r.body == other.body && maps.EqualFunc(r.header, other.header, slices.Equal)
}

// normal joins repeated headers and drops what a connection adds.
func normal(h http.Header) http.Header {
	n := make(http.Header)
	for name, values := range h {
		switch name {
		case "Date", "Content-Length", "Transfer-Encoding", "Connection":
		case "Set-Cookie":
			n[name] = slices.Sorted(slices.Values(values))
		default:
			n[name] = []string{strings.Join(values, ", ")}
		}
	}
	return n
}

func overHTTP(t *testing.T, h http.HandlerFunc, method, path string) response {
	t.Helper()
	got, err := roundTrip(t, h, method, path)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// roundTrip returns the error that a client has where a response is cut off.
func roundTrip(t *testing.T, h http.HandlerFunc, method, path string) (response, error) {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(t.Output(), nil), slog.LevelInfo)
	server.Start()
	defer server.Close()
	r, err := http.NewRequest(method, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity")
	got, err := server.Client().Transport.RoundTrip(r)
	if err != nil {
		return response{}, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	return response{got.StatusCode, normal(got.Header), string(body)}, err
}

// parse reads the response to a door.
func parse(t *testing.T, out []byte) response {
	t.Helper()
	var r struct {
		StatusCode        int
		Headers           map[string]string
		MultiValueHeaders map[string][]string
		Cookies           []string
		Body              string
		IsBase64Encoded   bool
	}
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	h := make(http.Header)
	for name, value := range r.Headers {
		h.Add(name, value)
	}
	for name, values := range r.MultiValueHeaders {
		for _, value := range values {
			h.Add(name, value)
		}
	}
	for _, line := range r.Cookies {
		h.Add("Set-Cookie", line)
	}
	if r.IsBase64Encoded {
		b, err := base64.StdEncoding.DecodeString(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		r.Body = string(b)
	}
	return response{r.StatusCode, normal(h), r.Body}
}

// eventsFor is a request without headers through each door.
func eventsFor(t testing.TB, method, path string) map[frontdoor.Door][]byte {
	t.Helper()
	events := make(map[frontdoor.Door][]byte)
	for door, event := range doorEvents(t) {
		event = bytes.ReplaceAll(event, []byte(`"GET"`), []byte(`"`+method+`"`))
		events[door] = bytes.ReplaceAll(event, []byte(`"/getcookie"`), []byte(`"`+path+`"`))
	}
	return events
}
