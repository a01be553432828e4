package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
)

// Each request in events/ gets the response beside it. After a change
// "go test ./functions/... -update" writes the responses, for you to read as a diff.
func TestEvents(t *testing.T) {
	frontdoortest.Run(t, newHandler(), "../../events/api")
}

func TestRoutes(t *testing.T) {
	for _, tc := range []struct {
		name, method, path string
		status             int
	}{
		{"root", "GET", "/", 200},
		{"head", "HEAD", "/theme", 200},
		{"light", "PUT", "/theme/light", 204},
		{"unknown-theme", "PUT", "/theme/pink", 404},
		{"unknown-path", "GET", "/nowhere", 404},
		{"unknown-method", "POST", "/theme", 405},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			newHandler().ServeHTTP(w, httptest.NewRequest(tc.method, tc.path, http.NoBody))
			if w.Code != tc.status {
				t.Errorf("status = %d %s, want %d", w.Code, w.Body, tc.status)
			}
			if got := w.Header().Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control = %q, want no-store", got)
			}
		})
	}
}
