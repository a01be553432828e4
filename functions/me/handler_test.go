package main

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/sessiontest"
)

// user is who is signed in by the cookie of the events.
const user = `{"name":"Ana <b>"}`

func TestEvents(t *testing.T) {
	frontdoortest.Run(t, sessiontest.SignedIn(t, user, newHandler), "../../events/me")
}

// A store that is down is not an answer about who is signed in.
func TestStoreDown(t *testing.T) {
	r := httptest.NewRequest("GET", "/me", nil)
	r.Header.Set("Cookie", "__Host-id="+strings.Repeat("A", 64))
	w := httptest.NewRecorder()
	newHandler(down{}).ServeHTTP(w, r)
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

type down struct{ session.Store }

func (down) Get(context.Context, session.Key) (session.Record, error) {
	return session.Record{}, errors.New("down")
}

// API Gateway serves /me/ as well, where "login" would be /me/login.
func TestSlash(t *testing.T) {
	r := httptest.NewRequest("GET", "/me/", nil)
	w := httptest.NewRecorder()
	newHandler(new(session.Memory)).ServeHTTP(w, r)
	if !strings.Contains(w.Body.String(), `href="../login"`) {
		t.Errorf("body = %s, want a link to ../login", w.Body)
	}
}
