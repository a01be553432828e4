package page_test

import (
	"bytes"
	"errors"
	"html"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/page"
)

func TestMethods(t *testing.T) {
	get := func(w http.ResponseWriter, r *http.Request) { page.Write(w, http.StatusOK, "got "+r.Method) }
	post := func(w http.ResponseWriter, r *http.Request) { page.Write(w, http.StatusCreated, "posted") }

	for _, tc := range []struct {
		name    string
		methods page.Methods
		method  string
		status  int
		allow   string
		body    string
	}{
		{"get", page.Methods{"GET": get}, "GET", 200, "", "got GET"},
		{"head-is-get", page.Methods{"GET": get}, "HEAD", 200, "", "got HEAD"},
		{"options", page.Methods{"GET": get}, "OPTIONS", 200, "GET, HEAD, OPTIONS", ""},
		{"options-with-post", page.Methods{"GET": get, "POST": post}, "OPTIONS", 200, "GET, HEAD, OPTIONS, POST", ""},
		{"post", page.Methods{"GET": get, "POST": post}, "POST", 201, "", "posted"},
		{"post-not-allowed", page.Methods{"GET": get}, "POST", 405, "GET, HEAD, OPTIONS", "Method not allowed."},
		{"lower-case-is-another-method", page.Methods{"GET": get}, "get", 405, "GET, HEAD, OPTIONS", "Method not allowed."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			tc.methods.ServeHTTP(w, httptest.NewRequest(tc.method, "/stage//any/path", nil))
			if w.Code != tc.status {
				t.Errorf("status = %d, want %d", w.Code, tc.status)
			}
			if got := w.Header().Get("Allow"); got != tc.allow {
				t.Errorf("Allow = %q, want %q", got, tc.allow)
			}
			if got := w.Body.String(); got != tc.body {
				t.Errorf("body = %q, want %q", got, tc.body)
			}
			if got := w.Header().Get("Content-Type"); got != "text/html; charset=utf-8" {
				t.Errorf("Content-Type = %q", got)
			}
		})
	}
}

func TestFailKeepsTheReasonInTheLog(t *testing.T) {
	var text bytes.Buffer
	log.SetOutput(&text)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })

	w := httptest.NewRecorder()
	page.Fail(w, httptest.NewRequest("GET", "/", nil), errors.New("the oven is cold"))
	if w.Code != 500 || strings.Contains(w.Body.String(), "oven") {
		t.Errorf("answer = %d %q, want 500 without the reason", w.Code, w.Body)
	}
	if !strings.Contains(text.String(), "the oven is cold") {
		t.Errorf("log = %q, want the reason", &text)
	}
}

func TestEscape(t *testing.T) {
	var all strings.Builder
	for r := range rune(0x300) {
		all.WriteRune(r)
	}
	if got, want := page.Escape(all.String()), html.EscapeString(all.String()); got != want {
		t.Errorf("Escape = %q, want %q", got, want)
	}
}
