package demo_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/functions/internal/demo"
)

func TestForm(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	pad := func(n int) string { return "a=1&pad=" + strings.Repeat("p", n-len("a=1&pad=")) }
	for _, tc := range []struct {
		name, contentType, body string
		status                  int
		response                string // of Form, "" if it has a form
	}{
		{"form", form, "a=1", 200, ""},
		{"charset", form + "; charset=utf-8", "a=1", 200, ""},
		{"upper-case", strings.ToUpper(form), "a=1", 200, ""},
		{"at-limit", form, pad(8 << 10), 200, ""},
		{"over-limit", form, pad(8<<10 + 1), 413, "The form is over 8 KiB."},
		{"no-escape", form, "a=%zz", 400, "The form cannot be read."},
		{"no-type", "", "a=1", 415, "Send a form (application/x-www-form-urlencoded)."},
		{"malformed-type", form + "; =", "a=1", 415, "Send a form (application/x-www-form-urlencoded)."},
		{"json", "application/json", `{"a":1}`, 415, "Send a form (application/x-www-form-urlencoded)."},
		{"multipart", "multipart/form-data; boundary=x", "--x--", 415, "Send a form (application/x-www-form-urlencoded)."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/?a=2&b=2", strings.NewReader(tc.body))
			r.Header.Set("Content-Type", tc.contentType)
			w := httptest.NewRecorder()
			fields, ok := demo.Form(w, r)
			if ok != (tc.response == "") || w.Code != tc.status || w.Body.String() != tc.response {
				t.Errorf("ok %v, %d %q, want %d %q", ok, w.Code, w.Body, tc.status, tc.response)
			}
			if ok && (fields.Get("a") != "1" || fields.Has("b")) {
				t.Errorf("fields = %v, want those of the body alone", fields)
			}
		})
	}
}

func TestSameOrigin(t *testing.T) {
	const host = "https://abc.execute-api.eu-west-1.amazonaws.com/"
	for _, tc := range []struct {
		name, trusted, origin, site string
		status                      int
	}{
		{"no-browser", "", "", "", 201},
		{"same-origin", "", "https://app.example", "same-origin", 201},
		{"cross-site", "", "https://evil.example", "cross-site", 403},
		{"same-site", "", "https://evil.app.example", "same-site", 403},
		{"old-browser-other-host", "", "https://app.example", "", 403},
		{"old-browser-trusted", "https://app.example", "https://app.example", "", 201},
		{"old-browser-not-trusted", "https://app.example", "https://evil.example", "", 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			posted := func(w http.ResponseWriter, _ *http.Request) { demo.WritePage(w, http.StatusCreated, "") }
			r := httptest.NewRequest("POST", host, nil)
			for name, value := range map[string]string{"Origin": tc.origin, "Sec-Fetch-Site": tc.site} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			w := httptest.NewRecorder()
			demo.SameOrigin(demo.Methods{"POST": posted}, tc.trusted).ServeHTTP(w, r)
			if w.Code != tc.status || w.Code == 403 && w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%d %v, want %d", w.Code, w.Header(), tc.status)
			}
		})
	}
}

func TestSameOriginNeedsAnOrigin(t *testing.T) {
	for _, origin := range []string{"app.example", "https://app.example/", "https://"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q is accepted as an origin", origin)
				}
			}()
			demo.SameOrigin(demo.Methods{}, origin)
		}()
	}
}
