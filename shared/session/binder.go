package session

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
)

// A Binder binds sessions to more than their cookie, such as a key of the browser's
// device: package devicebound has one. Its methods are safe for concurrent use.
type Binder interface {
	// Bind is called by Start. It returns the Binding of the new session and may set
	// headers of the response.
	Bind(w http.ResponseWriter, r *http.Request) ([]byte, error)
	// Allow returns nil if a request may use a session with this Binding, which is
	// empty if the session was started without a Binder. An error that matches ErrNone
	// means that the request does not have this session. Get, Update and Renew return
	// the error. End, EndAll and EndUser do not ask.
	Allow(r *http.Request, binding []byte) error
	// Unbind is called by End and EndAll, once the sessions have ended. It deletes the
	// Binder's cookies, for example.
	Unbind(w http.ResponseWriter) error
}

// allow asks the Binder. Without one, a session with a Binding does not exist: a function
// that forgets to check it would let in a stolen cookie.
func (m *Manager[T]) allow(r *http.Request, rec Record) error {
	switch {
	case m.binder != nil:
		return m.binder.Allow(r, rec.Binding)
	case len(rec.Binding) > 0:
		return ErrNone
	}
	return nil
}

// bind returns the Binding of a new session.
func (m *Manager[T]) bind(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if m.binder == nil {
		return nil, nil
	}
	b, err := m.binder.Bind(w, r)
	return b, errors.Join(err, checkBinding(b))
}

func checkBinding(b []byte) error {
	if len(b) > MaxBinding {
		return fmt.Errorf("session: the Binding has %d bytes, at most %d", len(b), MaxBinding)
	}
	return nil
}

// Rebind changes the Binding of a session, for a Binder. It calls change with the Binding
// of each session that the request names, at most eight, without asking Allow, until one
// call does not return ErrNone. A nil result leaves the session as it is; other results of
// at most MaxBinding bytes are written, if no other request has written meanwhile: else
// change is called again with what that wrote. This is not a use of the session, and one
// that is recorded at the same moment may be forgotten.
//
// The errors are those of change, unchanged, ErrNone if there is no session left to try,
// and those of Update.
func (m *Manager[T]) Rebind(r *http.Request, change func(binding []byte) ([]byte, error)) error {
	return repeat(r.Context(), func() error {
		for _, id := range m.ids(r) {
			if err := m.rebindOne(r, id, change); !errors.Is(err, ErrNone) {
				return err
			}
		}
		return ErrNone
	})
}

func (m *Manager[T]) rebindOne(r *http.Request, id id, change func([]byte) ([]byte, error)) error {
	rec, err := m.live(r.Context(), id.key())
	if err != nil {
		return err
	}
	next, err := change(rec.Binding)
	if err != nil || next == nil {
		return err
	}
	if err := checkBinding(next); err != nil {
		return err
	}
	old := rec.Version
	rec.Binding, rec.Version = next, rand.Text()
	return m.store.Replace(r.Context(), id.key(), rec, old)
}
