// Command faults is a Lambda function that fails as its path says.
package main

import (
	"net/http"
	"strings"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

func main() {
	frontdoor.Start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/panic":
			panic("of the handler")
		case "/abort":
			panic(http.ErrAbortHandler)
		case "/too-large":
			_, _ = w.Write(make([]byte, 7<<20))
		case "/cut-off":
			w.Header().Set("Content-Length", "10")
			_, _ = w.Write([]byte("half"))
		case "/late-cookie":
			w.WriteHeader(http.StatusOK)
			w.Header().Add("Set-Cookie", "a=1")
		case "/broken-cookie":
			w.Header().Add("Set-Cookie", "a=1\r\n2")
		case "/large-headers":
			for range 3 {
				w.Header().Add("Set-Cookie", "a="+strings.Repeat("x", 4000))
				w.Header().Add("Set-Cookie", "b="+strings.Repeat("x", 4000))
				w.Header().Add("Set-Cookie", "c="+strings.Repeat("x", 4000))
			}
		default:
			w.Header().Add("Set-Cookie", "a=1")
		}
	}))
}
