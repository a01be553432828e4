package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/sessiontest"
)

// user is who is signed in by the cookie of the events.
const user = `{"name":"Ana <b>"}`

func TestEvents(t *testing.T) {
	frontdoortest.Run(t, sessiontest.SignedIn(t, user, func(s session.Store) http.Handler { return newHandler(s, "") }), "../../events/logout")
}

// API Gateway serves /logout/ as well, where "login" would be /logout/login.
func TestSlash(t *testing.T) {
	w := httptest.NewRecorder()
	newHandler(new(session.Memory), "").ServeHTTP(w, httptest.NewRequest("POST", "/logout/", nil))
	if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "../login" {
		t.Errorf("%d with Location %q, want 303 with ../login", w.Code, got)
	}
}
