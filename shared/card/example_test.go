package card_test

import (
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/crumb-go/crumb/shared/card"
	"github.com/crumb-go/crumb/shared/keyring"
	"github.com/crumb-go/crumb/shared/session"
)

// One declaration sets, reads and deletes.
func Example() {
	w := httptest.NewRecorder()
	fmt.Println(card.Username.Delete(w))
	fmt.Println(w.Header().Get("Set-Cookie"))

	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "username=Zo%C3%AB")
	fmt.Println(card.Username.Get(r))
	// Output:
	// <nil>
	// username=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; SameSite=Lax
	// Zoë true
}

func ExampleLoyalty() {
	ring, err := keyring.New(card.App, keyring.Format(keyring.Rotate(nil, time.Now(), card.VisitsLife)))
	if err != nil {
		panic(err)
	}
	loyalty := card.Loyalty(ring)

	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/visits", nil)
	fmt.Println(loyalty.Set(w, r, card.Stamps{Visits: 9}))
	r.AddCookie(w.Result().Cookies()[0])
	stamps, ok := loyalty.Get(r)
	fmt.Println(stamps.Visits, ok)
	// Output:
	// <nil>
	// 9 true
}

func ExampleSessions() {
	sessions := card.Sessions(new(session.Memory)) // in Lambda one of dynamostore

	w, r := httptest.NewRecorder(), httptest.NewRequest("POST", "/login", nil)
	fmt.Println(sessions.Start(w, r, session.NewHandle(), card.User{Name: "Zoë"}))
	r.AddCookie(w.Result().Cookies()[0])
	fmt.Println(sessions.Get(r))
	// Output:
	// <nil>
	// {Zoë} <nil>
}
