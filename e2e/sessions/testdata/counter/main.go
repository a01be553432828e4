// Command counter is a function for tests: it counts in a session, and names the
// session's user.
package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

type visitor struct {
	Who string
	N   int
}

func main() {
	store := dynamostore.New(dynamostore.LambdaClient(), os.Getenv("TABLE"))
	sessions, err := session.New[visitor](store, session.Config{
		Cookie: cookie.Must(cookie.New("__Host-id", cookie.Attributes{Encoding: cookie.Base64})),
	})
	if err != nil {
		panic(err)
	}
	frontdoor.Start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := serve(w, r, sessions)
		switch {
		case errors.Is(err, session.ErrNone):
			http.Error(w, err.Error(), http.StatusUnauthorized)
		case err != nil:
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		default:
			fmt.Fprint(w, v.Who, " ", v.N)
		}
	}))
}

func serve(w http.ResponseWriter, r *http.Request, sessions *session.Manager[visitor]) (v visitor, err error) {
	switch r.URL.Path {
	case "/start":
		v.Who = r.FormValue("who")
		return v, sessions.Start(w, r, session.NewHandle(), v)
	case "/count":
		err = sessions.Update(r, func(now *visitor) error {
			now.N++
			v = *now
			return nil
		})
		return v, err
	default:
		return sessions.Get(r)
	}
}
