package cookie_test

import (
	"net/http"
	"testing"

	"github.com/crumb-go/crumb/shared/cookie"
)

// One pair of quotes belongs to the grammar; a second one belongs to the value.
func TestGetRemovesOnePairOfQuotes(t *testing.T) {
	for _, encoding := range []cookie.Encoding{cookie.Plain, cookie.Percent} {
		c := cookie.Must(cookie.New("a", cookie.Attributes{Encoding: encoding}))
		r := &http.Request{Header: http.Header{"Cookie": {`a=""b""`}}}
		if got, ok := c.Get(r); got != `"b"` || !ok {
			t.Errorf("encoding %d: Get = %q, %t, want %q, true", encoding, got, ok, `"b"`)
		}
	}
}
