// Command lines is a function that responds with each line of a request's body as
// a Set-Cookie line.
package main

import (
	"io"
	"net/http"
	"strings"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

func main() {
	frontdoor.Start(http.HandlerFunc(serve))
}

func serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for line := range strings.FieldsFuncSeq(string(body), func(r rune) bool { return r == '\n' }) {
		w.Header().Add("Set-Cookie", line)
	}
}
