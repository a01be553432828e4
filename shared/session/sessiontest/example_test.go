package sessiontest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/sessiontest"
)

// A test of your own store.
func ExampleTestStore() {
	_ = func(t *testing.T) { // TestStore
		sessiontest.TestStore(t, new(session.Memory))
	}
}

// A test of signing out with a store whose operations are one request each.
func ExampleTestSignOut() {
	_ = func(t *testing.T) { // TestSignOut
		sessiontest.TestSignOut(t, 2, sessiontest.Operations(new(session.Memory)))
	}
}

// A store that makes several requests for an operation, such as one for each page of a list,
// passes each of them to the Wire.
func ExampleOperations() {
	store := sessiontest.Operations(new(session.Memory))(func(_ context.Context, request func() error) error {
		fmt.Println("a request")
		return request()
	})
	_, _ = store.List(context.Background(), session.NewHandle())
	// Output: a request
}

var id = cookie.Must(cookie.New("__Host-id", cookie.Attributes{Encoding: cookie.Base64}))

type user struct {
	Name string `json:"name"`
}

func greet(s session.Store) http.Handler {
	sessions, err := session.New[user](s, session.Config{Cookie: id})
	if err != nil {
		panic(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, err := sessions.Get(r)
		fmt.Println(user.Name, err)
	})
}

// Test events of a function for signed-in users: their cookie is __Host-id= and
// SignedInCookie.
func ExampleSignedIn() {
	_ = func(t *testing.T) { // TestEvents
		frontdoortest.Run(t, sessiontest.SignedIn(t, `{"name":"Zoë"}`, greet), "../../events/me")
	}

	h := sessiontest.SignedIn(nil, `{"name":"Zoë"}`, greet) // in a test, t
	r := httptest.NewRequest("GET", "/me", nil)
	r.Header.Set("Cookie", "__Host-id="+sessiontest.SignedInCookie)
	h.ServeHTTP(httptest.NewRecorder(), r)
	// Output: Zoë <nil>
}
