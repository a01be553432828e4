package main

import (
	"crypto/sha256"
	"net/http"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
	"github.com/crumb-go/crumb/shared/session"
)

func TestEvents(t *testing.T) {
	frontdoortest.Run(t, signedIn(t, func(s session.Store) http.Handler { return newHandler(s, "") }), "../../events/logout")
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
