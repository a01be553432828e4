package docs_test

import (
	"context"
	"net/http"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/keyring"
	"github.com/crumb-go/crumb/shared/keyring/awssecret"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/devicebound"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

// The lines of Go in docs/packages.md are here, where they are compiled.

var Theme = cookie.Must(cookie.New("theme", cookie.Attributes{MaxAge: 30 * 24 * time.Hour}))

var handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	err := Theme.Set(w, "dark") // one Set-Cookie line, or an error: never another value
	theme, ok := Theme.Get(r)   // false when absent, empty or malformed
	Theme.Delete(w)             // the same name, Domain and Path
	_, _, _ = err, theme, ok
})

func main() { frontdoor.Start(handler) }

type Card struct{ Visits int }

func sealed(ctx context.Context, text string, w http.ResponseWriter, r *http.Request, declared *cookie.Cookie) {
	ring, err := keyring.FromEnv(ctx, "shop", awssecret.New()) // CRUMB_KEYS, or the secret CRUMB_KEYS_SECRET
	_, _ = ring, err
	ring, err = keyring.New("shop", text) // or the text that "crumb keys new" prints
	_ = err
	card, err := cookie.Seal[Card](declared, ring, 365*24*time.Hour)
	_ = err

	err = card.Set(w, r, Card{Visits: 9})
	v, ok := card.Get(r) // false when absent, forged, expired …: Check says why
	_, _, _ = err, v, ok
}

type User struct{ Name string }

func signedIn(w http.ResponseWriter, r *http.Request, table string, declared *cookie.Cookie) {
	var account struct{ Handle session.Handle }
	sessions, err := session.New[User](dynamostore.New(dynamostore.LambdaClient(), table), session.Config{Cookie: declared})
	_ = err

	err = sessions.Start(w, r, account.Handle, User{Name: "Ana"}) // a new id at each login
	_ = err
	user, err := sessions.Get(r) // session.ErrNone: nobody is signed in
	_, _ = user, err
	err = sessions.EndAll(w, r) // signs out everywhere
	_ = err
}

func onADevice(w http.ResponseWriter, r *http.Request, table string, declared *cookie.Cookie, mux *http.ServeMux) {
	var account struct{ Handle session.Handle }
	bound, err := devicebound.New[User](dynamostore.New(dynamostore.LambdaClient(), table), session.Config{Cookie: declared}, devicebound.Config{})
	_ = err

	mux.Handle("POST /session/bind", bound.Handler()) // where browsers send keys and proofs

	err = bound.Start(w, r, account.Handle, User{Name: "Ana"}) // asks the browser for a key, too
	_ = err
	user, err := bound.Get(r)   // session.ErrNone without the second cookie
	if bound.Retry(w, r, err) { // the browser is asked for a proof, or to wait
		return
	}
	_ = user
}

var _, _, _, _ = main, sealed, signedIn, onADevice
