package cookie_test

import (
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
