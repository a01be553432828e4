package devicebound

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/crumb-go/crumb/shared/dbsc"
)

// A state is what the Binding of a session's record has, as JSON. Challenges and bound
// cookies are numbered, and derived from the secret, so that a repeated refresh gets the
// same ones: it would not matter then which of two responses the browser reads last.
//
// Anyone who reads the store could make both, but not the session's own cookie, which every
// request needs too.
type state struct {
	ID      string          `json:"id"`            // the session_identifier, not a secret
	Secret  []byte          `json:"secret"`        // random
	Offered moment          `json:"offered"`       // when the session was started
	Key     json.RawMessage `json:"key,omitempty"` // the device's, a JWK; none: not bound
	Since   moment          `json:"since,omitzero"`

	Challenge series `json:"challenge,omitzero"`
	Cookie    series `json:"cookie,omitzero"`
}

// A series numbers values that replace each other, from 1: the current one is N, the last
// N-1. Nobody has number 0.
type series struct {
	N         int    `json:"n"`
	Made      moment `json:"made"`               // the current one
	LastMade  moment `json:"lastMade,omitzero"`  // 0: there is no last one
	LastSpent moment `json:"lastSpent,omitzero"` // when the last one was used, 0: it was not
}

// A moment is in Unix milliseconds.
type moment int64

func now() moment { return moment(time.Now().UnixMilli()) }

func (m moment) time() time.Time { return time.UnixMilli(int64(m)) }

// within reports whether no more than d has passed since m, which may be in the future by
// the clock of another machine.
func (m moment) within(d time.Duration) bool { return int64(now()-m) <= d.Milliseconds() }

func newState() *state {
	s := &state{ID: rand.Text(), Secret: make([]byte, 32), Offered: now()}
	rand.Read(s.Secret) // never fails
	return s
}

// parse returns nil for a session that was started without this package.
func parse(binding []byte) (*state, error) {
	if len(binding) == 0 {
		return nil, nil
	}
	s := new(state)
	if json.Unmarshal(binding, s) != nil || s.ID == "" || len(s.Secret) != 32 { // the error would show it
		return nil, errors.New("devicebound: the session's Binding is not one of this package")
	}
	return s, nil
}

func (s *state) text() []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a state has only members that can be encoded
	}
	return text
}

func (s *state) bound() bool { return s != nil && len(s.Key) > 0 }

// derive returns a text of 43 letters that only the server can know.
func (s *state) derive(use string, n int) string {
	mac := hmac.New(sha256.New, s.Secret)
	fmt.Fprintf(mac, "%s %d", use, n)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (s *state) is(value, use string, n int) bool {
	return hmac.Equal([]byte(value), []byte(s.derive(use, n)))
}

// What texts are derived for.
const (
	registering = "registration" // challenge, number 0
	refreshing  = "refresh"      // challenges
	bound       = "cookie"
)

// next makes the current value the last.
func (s *series) next(spent moment) {
	*s = series{N: s.N + 1, Made: now(), LastMade: s.Made, LastSpent: spent}
}

// times are those of the Config.
type times struct {
	cookie, grace, register time.Duration
}

// challenge is how long a challenge is good. The browser gets one with each bound cookie,
// and signs it when that runs out; one after a longer pause costs it another request.
func (t times) challenge() time.Duration { return 2 * t.cookie }

// register binds the session to the key of a proof, if that is what Start has asked for.
func (s *state) register(p dbsc.Proof, k dbsc.Key, t times) bool {
	if s.bound() || !s.Offered.within(t.register) || !s.is(p.Challenge, registering, 0) {
		return false
	}
	s.Key, s.Since = k.JWK(), now()
	s.Challenge.next(0)
	s.Cookie.next(0)
	return true
}

// refresh reports whether a proof of the session's key signs a good challenge, and whether
// the state has changed.
func (s *state) refresh(p dbsc.Proof, t times) (good, changed bool) {
	c := s.Challenge
	last := s.is(p.Challenge, refreshing, c.N-1)
	switch {
	case s.is(p.Challenge, refreshing, c.N) && c.Made.within(t.challenge()),
		last && c.LastSpent == 0 && c.LastMade.within(t.challenge()):
		s.Challenge.next(now())
		s.Cookie.next(now())
		return true, true
	case last && c.LastSpent.within(t.grace):
		// Two tabs, or the response was lost: the same again.
		return true, false
	}
	// A challenge is replaced only when it is old: otherwise a thief, who can ask for
	// challenges with a copied jar, could replace those that the browser is signing.
	if !c.Made.within(t.challenge() / 2) {
		s.Challenge.next(0)
		return false, true
	}
	return false, false
}

// shows reports whether a value is a good bound cookie, and since when the browser has it.
func (s *state) shows(value string, t times) (moment, bool) {
	c := s.Cookie
	switch {
	case s.is(value, bound, c.N):
		return c.Made, c.Made.within(t.cookie + t.grace)
	case s.is(value, bound, c.N-1):
		return c.LastMade, c.Made.within(t.grace) && c.LastMade.within(t.cookie+t.grace)
	}
	return 0, false
}
