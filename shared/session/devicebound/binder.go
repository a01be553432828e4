package devicebound

import (
	"net/http"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/session"
)

// A binder is the session.Binder of a Manager.
type binder struct {
	path         string
	cookie       *cookie.Cookie
	credential   dbsc.Credential // the cookie, as browsers compare it
	policy       Policy
	times        times
	allowSkipped func(*http.Request, dbsc.Skip) bool // nil: never
}

// Bind implements session.Binder.
func (b *binder) Bind(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	s := newState()
	err := dbsc.Registration{
		Algorithms: []dbsc.Algorithm{dbsc.ES256, dbsc.RS256},
		Path:       b.url(r),
		Challenge:  s.derive(registering, 0),
	}.Add(w.Header())
	return s.text(), err
}

// url is the endpoint's path as the browser has to ask for it.
func (b *binder) url(r *http.Request) string {
	e, _ := frontdoor.EventFrom(r.Context())
	return e.Prefix + b.path
}

// Allow implements session.Binder.
func (b *binder) Allow(r *http.Request, binding []byte) error {
	s, err := parse(binding)
	switch {
	case err != nil:
		return err
	case s.bound():
		return b.allowBound(r, s)
	case b.policy == AllowUnbound:
		return nil
	case s != nil && s.Offered.within(b.times.register):
		return ErrPending
	}
	return session.ErrNone
}

func (b *binder) allowBound(r *http.Request, s *state) error {
	if _, ok := b.shown(r, s); ok {
		return nil
	}
	for _, skip := range dbsc.Skips(r.Header) {
		if skip.SessionID != "" && skip.SessionID != s.ID {
			continue
		}
		if b.allowSkipped != nil && b.allowSkipped(r, skip) {
			return nil
		}
		return ErrSkipped
	}
	// The browser may be able to show it: the cookie in its jar is one that a lost response
	// has replaced, or the registration's response has not arrived yet, or the request comes
	// from another site. Without a cookie the second request is refused, so that no client
	// is sent round in circles for longer than the grace.
	if len(b.sent(r)) > 0 || s.Since.within(b.times.grace) || fromElsewhere(r) {
		return ErrStale
	}
	return session.ErrNone
}

// sent returns the request's cookies with the bound cookie's name, as many as are tried.
func (b *binder) sent(r *http.Request) []string {
	all := b.cookie.All(r)
	return all[:min(len(all), 8)]
}

// shown returns since when the browser has the good bound cookie that the request has.
func (b *binder) shown(r *http.Request, s *state) (moment, bool) {
	for _, value := range b.sent(r) {
		if since, ok := s.shows(value, b.times); ok {
			return since, true
		}
	}
	return 0, false
}

func (b *binder) describe(r *http.Request, binding []byte) (Binding, error) {
	s, err := parse(binding)
	if err != nil || !s.bound() {
		return Binding{}, err
	}
	key, err := dbsc.ParseKey(s.Key)
	if err != nil {
		return Binding{}, err
	}
	d := Binding{Since: s.Since.time(), Algorithm: key.Algorithm()}
	if since, ok := b.shown(r, s); ok {
		d.Proved = since.time()
	}
	return d, nil
}

// Unbind implements session.Binder.
func (b *binder) Unbind(w http.ResponseWriter) error { return b.cookie.Delete(w) }
