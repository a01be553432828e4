package cookie_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/keyring"
)

func ExampleSeal() {
	type loyalty struct {
		Visits int
		Since  time.Time
	}
	const life = 365 * 24 * time.Hour

	// At start-up; the ring comes from keyring.FromEnv.
	ring, err := keyring.New("bakery", keyring.Format(keyring.Rotate(nil, time.Now(), life)))
	if err != nil {
		panic(err)
	}
	declared := cookie.Must(cookie.New("loyalty", cookie.Attributes{MaxAge: life}))
	card, err := cookie.Seal[loyalty](declared, ring, life)
	if err != nil {
		panic(err)
	}

	handler := func(w http.ResponseWriter, r *http.Request) {
		v, ok := card.Get(r)
		if !ok {
			v.Since = time.Now()
		}
		v.Visits++
		if err := card.Set(w, r, v); err != nil {
			http.Error(w, "Try again later.", http.StatusServiceUnavailable)
			return
		}
		fmt.Printf("visit %d\n", v.Visits)
	}

	// A browser with a jar, three times.
	r := httptest.NewRequest("GET", "/", nil)
	for range 3 {
		w := httptest.NewRecorder()
		handler(w, r)
		r = httptest.NewRequest("GET", "/", nil)
		r.AddCookie(w.Result().Cookies()[0])
	}
	// Output:
	// visit 1
	// visit 2
	// visit 3
}

const year = 365 * 24 * time.Hour

// newLoyalty seals a number of visits, with a new ring.
func newLoyalty() cookie.Sealed[int] {
	ring, err := keyring.New("bakery", keyring.Format(keyring.Rotate(nil, time.Now(), year)))
	if err != nil {
		panic(err)
	}
	loyalty, err := cookie.Seal[int](cookie.Must(cookie.New("loyalty", cookie.Attributes{MaxAge: year})), ring, year)
	if err != nil {
		panic(err)
	}
	return loyalty
}

func ExampleSealed_Set() {
	loyalty := newLoyalty()
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	fmt.Println(loyalty.Set(w, r, 9))

	c := w.Result().Cookies()[0]
	fmt.Println(c.Name, len(c.Value), "bytes", c.MaxAge, "seconds")
	// Output:
	// <nil>
	// loyalty 56 bytes 31536000 seconds
}

// A forged value counts as absent.
func ExampleSealed_Get() {
	loyalty := newLoyalty()
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	_ = loyalty.Set(w, r, 9)

	r.AddCookie(w.Result().Cookies()[0])
	fmt.Println(loyalty.Get(r))

	r.Header.Set("Cookie", "loyalty=10")
	fmt.Println(loyalty.Get(r))
	// Output:
	// 9 true
	// 0 false
}

// The reason is for the log, not for the client.
func ExampleSealed_Check() {
	loyalty, other := newLoyalty(), newLoyalty()
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	fmt.Println(loyalty.Check(r))
	_ = other.Set(w, r, 9)
	r.AddCookie(w.Result().Cookies()[0])

	err := loyalty.Check(r)
	fmt.Println(errors.Is(err, keyring.ErrUnknownKey))
	// Output:
	// cookie: "loyalty": Value is absent
	// true
}

// A handler that only reads keeps the cookie alive: after half of its life, and after a rotation
// of the keys, the value is sealed again.
func ExampleSealed_Renew() {
	loyalty := newLoyalty()
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	_ = loyalty.Set(w, r, 9)
	r.AddCookie(w.Result().Cookies()[0])

	w = httptest.NewRecorder()
	fmt.Println(loyalty.Renew(w, r), len(w.Header()["Set-Cookie"])) // it was sealed just now
	// Output: <nil> 0
}

func ExampleSealed_Delete() {
	w := httptest.NewRecorder()
	fmt.Println(newLoyalty().Delete(w))
	fmt.Println(w.Header().Get("Set-Cookie"))
	// Output:
	// <nil>
	// loyalty=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; SameSite=Lax
}
