package main

import (
	"net/http"
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
