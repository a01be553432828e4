package devicebound

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/session"
)

// Handler returns the endpoint to which browsers send their keys and proofs, for
// Config.Path and POST:
//
//	mux.Handle("POST /session/bind", sessions.Handler())
//
// It needs no protection against cross-site requests, and must not have one that rejects by
// Sec-Fetch-Site or Origin: a browser also refreshes on behalf of other origins, and ends
// the binding if it is rejected. Other sites cannot make requests with the headers that it
// requires, and get no response that they may read or show in a frame.
//
// A registration is answered with 200 and the session's instructions, or with 403. A
// refresh is answered with 200 and the same, with 403 and a challenge for another attempt,
// with {"continue":false} if the session has ended, or with 503 while that is not certain.
// Requests without the headers are 400, other methods 405. If the store fails it is 503,
// nothing has been given, and the browser tries again. None of these signs anyone out.
func (m *Manager[T]) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodPost {
			h.Set("Allow", http.MethodPost)
			http.Error(w, "POST only", http.StatusMethodNotAllowed)
			return
		}
		proof, proves := dbsc.Response(r.Header)
		id, refreshes := dbsc.SessionID(r.Header)
		switch {
		case refreshes:
			m.refresh(w, r, id, proof)
		case proves && len(r.Header.Values(dbsc.SessionIDHeader)) == 0:
			m.register(w, r, proof)
		default:
			http.Error(w, "not a request of device-bound sessions", http.StatusBadRequest)
		}
	})
}

// errRefused is the error for a registration or a proof that is not what was asked for.
var errRefused = errors.New("it does not sign the challenge of this session, or comes too late")

func (m *Manager[T]) register(w http.ResponseWriter, r *http.Request, proof string) {
	p, key, err := dbsc.VerifyRegistration(proof)
	if err != nil {
		m.refuse(w, r, "registration", err)
		return
	}
	var next *state
	why := session.ErrNone
	err = m.Rebind(r, func(binding []byte) ([]byte, error) {
		s, err := parse(binding)
		switch {
		case err != nil:
			return nil, err
		case s == nil || !s.register(p, key, m.b.times):
			why = errRefused
			return nil, session.ErrNone // the request may name another session
		}
		next = s
		return s.text(), nil
	})
	switch {
	case errors.Is(err, session.ErrNone):
		m.refuse(w, r, "registration", why)
	case err != nil:
		m.fail(w, r, err)
	default:
		m.give(w, r, next)
	}
}

func (m *Manager[T]) refresh(w http.ResponseWriter, r *http.Request, id, proof string) {
	var (
		next  *state // as it will be, nil: there is none with this id
		live  bool   // the request has a session, if another one
		good  bool
		wrong error // why the proof is not accepted
	)
	err := m.Rebind(r, func(binding []byte) ([]byte, error) {
		live, next, good, wrong = true, nil, false, nil
		s, err := parse(binding)
		if err != nil {
			return nil, err
		}
		if !s.bound() || s.ID != id {
			return nil, session.ErrNone
		}
		key, err := dbsc.ParseKey(s.Key)
		if err != nil {
			return nil, err
		}
		var p dbsc.Proof
		if proof != "" {
			p, wrong = key.Verify(proof) // without one p signs nothing
		}
		var changed bool
		good, changed = s.refresh(p, m.b.times)
		next = s
		if !changed {
			return nil, nil
		}
		return s.text(), nil
	})
	switch {
	case errors.Is(err, session.ErrNone) && live && next == nil:
		m.end(w, r)
	case errors.Is(err, session.ErrNone):
		m.missing(w, r, id, proof)
	case err != nil:
		m.fail(w, r, err)
	case good:
		m.give(w, r, next)
	default:
		if wrong != nil {
			m.logger().WarnContext(r.Context(), "devicebound: refused", "what", "refresh", "error", wrong)
		}
		m.challenge(w, next.ID, next.derive(refreshing, next.Challenge.N))
		http.Error(w, "prove it", http.StatusForbidden)
	}
}

// give responds with the bound cookie, the next challenge and the instructions. Some
// browsers need the latter at each refresh.
func (m *Manager[T]) give(w http.ResponseWriter, r *http.Request, s *state) {
	m.challenge(w, s.ID, s.derive(refreshing, s.Challenge.N))
	err := m.b.cookie.Set(w, s.derive(bound, s.Cookie.N))
	if err == nil {
		err = dbsc.Instructions{SessionID: s.ID, RefreshURL: m.b.url(r), Credentials: []dbsc.Credential{m.b.credential}}.Write(w)
	}
	if err != nil { // the connection broke off
		m.logger().WarnContext(r.Context(), "devicebound: response not sent", "error", err)
	}
}

func (m *Manager[T]) challenge(w http.ResponseWriter, id, value string) {
	_ = dbsc.Challenge{Value: value, SessionID: id}.Add(w.Header()) // id is one that was compared, or is quoted below
}

// renewing is longer than the response to a Renew may take to arrive. A refresh with the
// old cookie finds no session then, although there is one.
const renewing = time.Minute

// missing responds to a refresh for which there is no session. It has ended, most likely,
// but it may have been renewed a moment ago by a request whose response the browser does
// not have yet, and a browser that is told of the end forgets its key. So it is told only
// if it still sends the same cookie a minute later. The challenge, which it signs the next
// time, says when this began. It is the client's word, and only the client would lose by a
// wrong one.
func (m *Manager[T]) missing(w http.ResponseWriter, r *http.Request, id, proof string) {
	sum := sha256.Sum256([]byte(strings.Join(m.cookie.All(r), " ")))
	with := fmt.Sprintf("missing with %x since ", sum[:8])
	text, same := strings.CutPrefix(dbsc.UnverifiedChallenge(proof), with)
	since, err := strconv.ParseInt(text, 10, 64)
	switch same = same && err == nil; {
	case same && !moment(since).within(renewing):
		m.end(w, r)
		return
	case !same:
		m.challenge(w, id, with+strconv.FormatInt(int64(now()), 10))
	}
	w.Header().Set("Retry-After", "1")
	http.Error(w, "no such session", http.StatusServiceUnavailable) // section 8.8 has 429 too, by which Chromium 156 ends the session
}

func (m *Manager[T]) end(w http.ResponseWriter, r *http.Request) {
	if err := dbsc.WriteEnd(w); err != nil {
		m.logger().WarnContext(r.Context(), "devicebound: response not sent", "error", err)
	}
}

// refuse responds to a registration that is not accepted. The browser keeps no key then.
func (m *Manager[T]) refuse(w http.ResponseWriter, r *http.Request, what string, why error) {
	m.logger().WarnContext(r.Context(), "devicebound: refused", "what", what, "error", why)
	http.Error(w, "refused", http.StatusForbidden)
}

// fail responds where the store did not. It may have written: the challenge that the
// browser has is good for the grace then, and a new one is offered after that.
func (m *Manager[T]) fail(w http.ResponseWriter, r *http.Request, err error) {
	m.logger().ErrorContext(r.Context(), "devicebound: sessions are unavailable", "error", err)
	w.Header().Set("Retry-After", "1")
	http.Error(w, "Please try again.", http.StatusServiceUnavailable)
}

func (m *Manager[T]) logger() *slog.Logger { return cmp.Or(m.log, slog.Default()) }
