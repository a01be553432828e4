package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
	"github.com/crumb-go/crumb/shared/session"
)

func TestEvents(t *testing.T) {
	frontdoortest.Run(t, signedIn(t, newHandler), "../../events/me")
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

// signedIn serves each event with a store of its own, in which the session of the
// events begins.
func signedIn(t *testing.T, h func(session.Store) http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		store := new(session.Memory)
		k := session.Key{User: session.Handle([]byte("an example user.")), ID: sha256.Sum256([]byte("the token of the events, 32 long"))}
		now := time.Now()
		rec := session.Record{Data: []byte(`{"name":"Ana <b>"}`), Version: "1", Expires: now.Add(30 * time.Minute), Ends: now.Add(12 * time.Hour)}
		if err := store.Create(r.Context(), k, rec); err != nil {
			t.Error(err)
		}
		h(store).ServeHTTP(w, r)
	})
}
