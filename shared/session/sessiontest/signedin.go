package sessiontest

import (
	"crypto/sha256"
	"net/http"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/session"
)

// SignedInCookie is the value of a cookie with cookie.Base64 that finds the session of
// SignedIn, for a function's test events.
const SignedInCookie = "YW4gZXhhbXBsZSB1c2VyLnRoZSB0b2tlbiBvZiB0aGUgZXZlbnRzLCAzMiBsb25n"

// SignedIn serves each request with h and a new store in memory. The store has one session,
// that of SignedInCookie, with data, which is JSON, and the default times.
func SignedIn(t testing.TB, data string, h func(session.Store) http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		store := new(session.Memory)
		k := session.Key{User: session.Handle([]byte("an example user.")), ID: sha256.Sum256([]byte("the token of the events, 32 long"))}
		now := time.Now()
		rec := session.Record{Data: []byte(data), Version: "1", Expires: now.Add(30 * time.Minute), Ends: now.Add(12 * time.Hour)}
		if err := store.Create(r.Context(), k, rec); err != nil {
			t.Errorf("Create: %v", err)
		}
		h(store).ServeHTTP(w, r)
	})
}
