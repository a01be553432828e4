// Package visit is the handler that the measurements run: it reads three
// cookies and sets two.
package visit

import (
	"fmt"
	"net/http"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
)

var (
	username = cookie.Must(cookie.New("username", cookie.Attributes{MaxAge: 30 * 24 * time.Hour}))
	theme    = cookie.Must(cookie.New("theme", cookie.Attributes{}))
	cart     = cookie.Must(cookie.New("cart", cookie.Attributes{}))
)

// Cookies is what a client must send.
const Cookies = "username=Ana; theme=dark; cart=3f9a0c5d7b"

// Handler responds with version and the cookies. A query with "slow" delays the
// response.
func Handler(version string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "slow" {
			time.Sleep(500 * time.Millisecond)
		}
		name, _ := username.Get(r)
		colour, _ := theme.Get(r)
		items, _ := cart.Get(r)
		for _, err := range []error{username.Set(w, name), theme.Set(w, colour)} {
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		fmt.Fprintf(w, "%s %s %s %s", version, name, colour, items)
	})
}
