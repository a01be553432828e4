package demo

import (
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/keyring"
	"github.com/crumb-go/crumb/shared/session"
)

// App is the demo's name for its keyring.
const App = "crumb"

// Username is the visitor's name, any UTF-8 text, kept for 30 days.
var Username = cookie.Must(cookie.New("username", cookie.Attributes{
	MaxAge:   30 * 24 * time.Hour,
	Encoding: cookie.Percent,
}))

// Visits counts a visitor's visits and is kept for a year after the last one. Its value is
// sealed: see SealedVisits.
var Visits = cookie.Must(cookie.New("visits", cookie.Attributes{MaxAge: VisitsLife}))

// VisitsLife is how long a Visits cookie can be opened. It is the longest life of anything
// that the demo seals, so keys must stay in the ring for as long.
const VisitsLife = 365 * 24 * time.Hour

// A VisitRecord is the value of a Visits cookie.
type VisitRecord struct {
	Visits int       `json:"visits"`
	Since  time.Time `json:"since"` // of the first visit
}

// SealedVisits returns Visits with its VisitRecord, sealed with ring. It panics if the
// declaration above is wrong or ring is nil.
func SealedVisits(ring *keyring.Ring) cookie.Sealed[VisitRecord] {
	s, err := cookie.Seal[VisitRecord](Visits, ring, VisitsLife)
	if err != nil {
		panic(err)
	}
	return s
}

// Session finds the session of a visitor who has signed in. Browsers delete it when they
// close; the session itself ends on the server.
var Session = cookie.Must(cookie.New("__Host-id", cookie.Attributes{Encoding: cookie.Base64}))

// User is the data of a session.
type User struct {
	Name string `json:"name"`
}

// Sessions returns the sessions of a store, with the default times of package session. It
// panics if the declaration above is wrong or the store is nil.
func Sessions(s session.Store) *session.Manager[User] {
	m, err := session.New[User](s, session.Config{Cookie: Session})
	if err != nil {
		panic(err)
	}
	return m
}
