package demo_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/crumb-go/crumb/functions/internal/demo"
	"github.com/crumb-go/crumb/shared/lambdalog"
)

func TestMethods(t *testing.T) {
	get := func(w http.ResponseWriter, r *http.Request) { demo.WritePage(w, http.StatusOK, "got "+r.Method) }
	post := func(w http.ResponseWriter, r *http.Request) { demo.WritePage(w, http.StatusCreated, "posted") }

	for _, tc := range []struct {
		name    string
		methods demo.Methods
		method  string
		status  int
		allow   string
		body    string
	}{
		{"get", demo.Methods{"GET": get}, "GET", 200, "", "got GET"},
		{"head-is-get", demo.Methods{"GET": get}, "HEAD", 200, "", "got HEAD"},
		{"options", demo.Methods{"GET": get}, "OPTIONS", 200, "GET, HEAD, OPTIONS", ""},
		{"options-with-post", demo.Methods{"GET": get, "POST": post}, "OPTIONS", 200, "GET, HEAD, OPTIONS, POST", ""},
		{"post", demo.Methods{"GET": get, "POST": post}, "POST", 201, "", "posted"},
		{"post-not-allowed", demo.Methods{"GET": get}, "POST", 405, "GET, HEAD, OPTIONS", "Method not allowed."},
		{"lower-case-is-another-method", demo.Methods{"GET": get}, "get", 405, "GET, HEAD, OPTIONS", "Method not allowed."},
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

// A browser finds the route next to another, whatever precedes that in its URL.
func TestBeside(t *testing.T) {
	tests := []struct{ name, browser, path, want string }{
		{"no-stage", "https://a.example/login", "/login", "https://a.example/me"},
		{"no-stage-slash", "https://a.example/login/", "/login/", "https://a.example/me"},
		{"stage", "https://a.example/prod/login", "/login", "https://a.example/prod/me"},
		{"stage-slash", "https://a.example/prod/login/", "/login/", "https://a.example/prod/me"},
		{"slashes", "https://a.example/prod/login//", "/login//", "https://a.example/prod/me"},
		{"base-path", "https://a.example/shop/login", "/shop/login", "https://a.example/shop/me"},
		{"base-path-slash", "https://a.example/shop/login/", "/shop/login/", "https://a.example/shop/me"},
		{"root", "https://a.example/", "/", "https://a.example/me"},
		{"stage-root", "https://a.example/prod/", "/", "https://a.example/prod/me"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", test.path, nil)
			w := httptest.NewRecorder()
			demo.SeeOther(w, r, "me")
			base, err := url.Parse(test.browser)
			if err != nil {
				t.Fatal(err)
			}
			got, err := base.Parse(w.Header().Get("Location"))
			if err != nil || got.String() != test.want || w.Code != http.StatusSeeOther {
				t.Errorf("status %d, from %s to %v (%v), want %s", w.Code, test.browser, got, err, test.want)
			}
		})
	}
}

// Each response of 500 or more logs a line with level ERROR and the reason, which the client does
// not see.
func TestFailuresAreLogged(t *testing.T) {
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	for _, tc := range []struct {
		name    string
		fail    func(http.ResponseWriter, *http.Request, error)
		status  int
		retry   string
		message string
		body    string
	}{
		{"fail", demo.Fail, 500, "", "Internal Server Error", "Internal server error."},
		{"try-again", demo.TryAgain, 503, "5", "Service Unavailable", "Temporary problem. Please try again."},
		{"error", func(w http.ResponseWriter, r *http.Request, err error) { demo.Error(w, r, 504, err, "late") }, 504, "", "Gateway Timeout", "late"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var log bytes.Buffer
			slog.SetDefault(lambdalog.New(&log, ""))
			ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "8476a536"})
			w := httptest.NewRecorder()
			tc.fail(w, httptest.NewRequestWithContext(ctx, "POST", "/", nil), errors.New("the oven is cold"))
			if w.Code != tc.status || w.Header().Get("Retry-After") != tc.retry || w.Body.String() != tc.body {
				t.Errorf("response = %d, %v, %q, want %d %q", w.Code, w.Header(), w.Body, tc.status, tc.body)
			}
			want := `"level":"ERROR","message":"` + tc.message + `","method":"POST","error":"the oven is cold","requestId":"8476a536"}` + "\n"
			if !strings.HasSuffix(log.String(), want) || strings.Count(log.String(), "\n") != 1 {
				t.Errorf("log = %s, want %s", &log, want)
			}
		})
	}
}
