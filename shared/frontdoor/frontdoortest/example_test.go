package frontdoortest_test

import (
	"net/http"
	"testing"

	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
)

// The one test that a function needs for its events. They are files:
// "crumb event rest GET / > events/guest.rest.json" makes one, and
// "go test -update" writes events/guest.rest.answer.json.
func ExampleRun() {
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark", Path: "/"})
	})
	_ = func(t *testing.T) { // TestEvents
		frontdoortest.Run(t, handler, "events")
	}
}
