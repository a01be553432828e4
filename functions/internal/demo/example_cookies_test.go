package demo_test

import (
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/crumb-go/crumb/functions/internal/demo"
	"github.com/crumb-go/crumb/shared/keyring"
	"github.com/crumb-go/crumb/shared/session"
)

// One declaration sets, reads and deletes.
func Example() {
	w := httptest.NewRecorder()
	fmt.Println(demo.Username.Delete(w))
	fmt.Println(w.Header().Get("Set-Cookie"))

	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "username=Zo%C3%AB")
	fmt.Println(demo.Username.Get(r))
	// Output:
	// <nil>
	// username=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; SameSite=Lax
	// Zoë true
}

func ExampleSealedVisits() {
	ring, err := keyring.New(demo.App, keyring.Format(keyring.Rotate(nil, time.Now(), demo.VisitsLife)))
	if err != nil {
		panic(err)
	}
	visits := demo.SealedVisits(ring)

	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/visits", nil)
	fmt.Println(visits.Set(w, r, demo.VisitRecord{Visits: 9}))
	r.AddCookie(w.Result().Cookies()[0])
	record, ok := visits.Get(r)
	fmt.Println(record.Visits, ok)
	// Output:
	// <nil>
	// 9 true
}

func ExampleSessions() {
	sessions := demo.Sessions(new(session.Memory)) // in Lambda, one from dynamostore

	w, r := httptest.NewRecorder(), httptest.NewRequest("POST", "/login", nil)
	fmt.Println(sessions.Start(w, r, session.NewHandle(), demo.User{Name: "Zoë"}))
	r.AddCookie(w.Result().Cookies()[0])
	fmt.Println(sessions.Get(r))
	// Output:
	// <nil>
	// {Zoë} <nil>
}
