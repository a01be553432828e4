package main

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
)

// Each request in events/ gets the response beside it. After a change
// "go test ./functions/... -update" writes the responses, for you to read as a diff.
func TestEvents(t *testing.T) {
	frontdoortest.Run(t, newHandler(), "../../events/hello")
}

func TestSave(t *testing.T) {
	for _, tc := range []struct {
		name, form string
		status     int
	}{
		{"unicode", "name=Zo%C3%AB", 303},
		{"forget", "name=", 303},
		{"longest", "name=" + strings.Repeat("a", 100), 303},
		{"too-long", "name=" + strings.Repeat("a", 101), 400},
		{"not-utf8", "name=%FF", 400},
		{"no-name", "", 400},
		{"form-too-large", "name=a&more=" + strings.Repeat("a", 4<<10), 400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", strings.NewReader(tc.form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			newHandler().ServeHTTP(w, r)
			if w.Code != tc.status {
				t.Fatalf("status = %d %s, want %d", w.Code, w.Body, tc.status)
			}
			if sent := len(w.Header()["Set-Cookie"]); (sent == 1) != (tc.status == 303) {
				t.Errorf("%d Set-Cookie lines with status %d", sent, w.Code)
			}
		})
	}
}
