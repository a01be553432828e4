// The smallest function behind shared/frontdoor.
package main

import (
	"io"
	"net/http"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

func main() {
	frontdoor.Start(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "Hello")
	}))
}
