package frontdoor_test

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

// TestWhole compares with net/http's server which responses arrive whole. Where
// its client sees one cut off, New sends a 500, and Stream one or none that ends.
func TestWhole(t *testing.T) {
	writes := func(length string, parts ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if length != "" {
				w.Header().Set("Content-Length", length)
			}
			for _, part := range parts {
				_, _ = w.Write([]byte(part))
			}
		}
	}
	status := func(status int, h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			h(w, r)
		}
	}
	tests := []struct {
		name, method string
		handler      http.HandlerFunc
		whole        bool
	}{
		{"exact", "GET", writes("6", "abc", "def"), true},
		{"exact-19", "GET", writes("19", strings.Repeat("x", 19)), true},
		{"short-19", "GET", writes("19", "abc"), false},
		{"short", "GET", writes("6", "abc"), false},
		{"long-and-short", "GET", writes("100000", strings.Repeat("x", 5000)), false},
		{"nothing", "GET", writes("6"), false},
		{"empty-writes", "GET", writes("6", "", ""), false},
		{"over-at-once", "GET", writes("3", "abcdef"), false},
		{"over-later", "GET", writes("3", "abc", "def"), true},
		{"hole", "GET", writes("8", "abcde", "fghi", "jkl"), false},
		{"zero", "GET", writes("0"), true},
		{"zero-and-more", "GET", writes("0", "abc"), true},
		{"none", "GET", writes("", "abc"), true},
		{"not-a-length", "GET", writes("six", "abc"), true},
		{"negative", "GET", writes("-1", "abc"), true},
		{"plus", "GET", writes("+6", "abc"), false},
		{"two-lengths", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Content-Length"] = []string{"6", "3"}
			writes("", "abc")(w, r)
		}, false},
		{"other-spelling", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("content-length", "6")
			writes("", "abc")(w, r)
		}, false},
		{"flushed", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("Content-Length", "3")
			w.(http.Flusher).Flush()
			writes("", "abc")(w, r)
			w.(http.Flusher).Flush()
		}, true},
		{"too-late", "GET", func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte("abc"))
			w.(http.Flusher).Flush()
			w.Header().Set("Content-Length", "6")
		}, true},
		{"string", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "6")
			_, _ = io.WriteString(w, "abc")
		}, false},
		{"string-over", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "3")
			_, _ = io.WriteString(w, "abc")
			_, _ = io.WriteString(w, "def")
		}, true},
		{"file-that-shrank", "GET", func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "a.txt", time.Time{}, shrunk{strings.NewReader("abcdef")})
		}, false},
		{"head", "HEAD", writes("6", "abc"), true},
		{"head-nothing", "HEAD", writes("6"), true},
		{"head-over", "HEAD", writes("3", "abcdef"), true},
		{"no-content", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "6")
			status(http.StatusNoContent, writes("", "", "abc"))(w, r)
		}, true},
		{"not-modified", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "6")
			status(http.StatusNotModified, writes("", "", "abc"))(w, r)
		}, true},
		{"error-short", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "6")
			status(http.StatusNotFound, writes("", "abc"))(w, r)
		}, false},
		{"abort", "GET", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, false},
		{"abort-late", "GET", func(w http.ResponseWriter, r *http.Request) {
			writes("", "abc")(w, r)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, false},
		{"proxy", "GET", proxyTo(t, "Content-Length: 6\r\n\r\nabcdef"), true},
		{"proxy-short", "GET", proxyTo(t, "Content-Length: 100000\r\n\r\n"+strings.Repeat("x", 5000)), false},
		{"proxy-chunks", "GET", proxyTo(t, "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"), true},
		{"proxy-chunks-short", "GET", proxyTo(t, "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"), false},
		{"proxy-head", "HEAD", proxyTo(t, "Content-Length: 6\r\n\r\n"), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var errs []error // of the handler's writes
			handler := func(w http.ResponseWriter, r *http.Request) {
				errs = nil
				test.handler(watched{w, &errs}, r)
			}
			want, err := roundTrip(t, handler, test.method, "/")
			if (err == nil) != test.whole {
				t.Fatalf("net/http: error %v, want it whole: %v", err, test.whole)
			}
			wantErrs := errs
			for door, event := range eventsFor(t, test.method, "/") {
				got, log := loggedEvent(t, event, handler)
				checkErrs(t, door, errs, wantErrs)
				if test.whole && !got.equal(want) {
					t.Errorf("%s: response\n%v\nwant\n%v", door, got, want)
				}
				if !test.whole && (got.status != http.StatusInternalServerError || got.body != "Internal Server Error\n") {
					t.Errorf("%s: response %v, want a 500", door, got)
				}
				checkLog(t, door, log, test.whole)
				if door != frontdoor.URL && door != frontdoor.REST {
					continue
				}
				head, body, log, err := streamed(t, event, handler)
				checkErrs(t, door, errs, wantErrs)
				whole := err == nil && !strings.Contains(head, `"statusCode":500`)
				if whole != test.whole || whole && body != want.body {
					t.Errorf("%s: stream of %s with %.20q and error %v, want %.20q and it whole: %v", door, head, body, err, want.body, test.whole)
				}
				checkLog(t, door, log, test.whole)
			}
		})
	}
}

// checkLog wants one error where a response broke off, without a stack, and none
// where it is whole.
func checkLog(t *testing.T, door frontdoor.Door, log []map[string]any, whole bool) {
	t.Helper()
	var errs int
	for _, line := range log {
		if line["stack"] != nil {
			t.Errorf("%s: log = %v, want no stack", door, line)
		}
		if line["level"] != "ERROR" || line["header"] != nil {
			continue
		}
		errs++
		short := line["msg"] == "response broken off: its body is shorter than its Content-Length"
		written, _ := line["bodyBytes"].(float64)
		length, _ := line["contentLength"].(float64)
		if short != (written < length) || !short && line["msg"] != "handler aborted the response" {
			t.Errorf("%s: log = %v, want why the response broke off", door, line)
		}
	}
	if (errs == 0) != whole || errs > 1 {
		t.Errorf("%s: log = %v with the response whole: %v", door, log, whole)
	}
}

func checkErrs(t *testing.T, door frontdoor.Door, got, want []error) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: writing gave %v, net/http %v", door, got, want)
	}
}

// watched notes the error of each Write.
type watched struct {
	http.ResponseWriter
	errs *[]error
}

func (w watched) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	*w.errs = append(*w.errs, err)
	if err != nil && n != 0 {
		*w.errs = append(*w.errs, fmt.Errorf("%d bytes written", n))
	}
	return n, err
}

func (w watched) WriteString(s string) (int, error) {
	n, err := io.WriteString(w.ResponseWriter, s)
	*w.errs = append(*w.errs, err)
	if err != nil && n != 0 {
		*w.errs = append(*w.errs, fmt.Errorf("%d bytes written", n))
	}
	return n, err
}

func (w watched) Flush() { w.ResponseWriter.(http.Flusher).Flush() }

// shrunk has half of the bytes that it seems to have.
type shrunk struct{ *strings.Reader }

func (s shrunk) Read(p []byte) (int, error) {
	if s.Len() <= 3 {
		return 0, io.ErrUnexpectedEOF
	}
	return s.Reader.Read(p[:3])
}

// proxyTo is a reverse proxy to a server that sends this after its status line,
// whatever it is asked, and closes the connection.
func proxyTo(t *testing.T, response string) http.HandlerFunc {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 64<<10))
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n"+response)
			conn.Close()
		}
	}()
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: listener.Addr().String()})
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	return proxy.ServeHTTP
}
