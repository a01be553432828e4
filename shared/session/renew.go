package session

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
)

// Renew gives the request's session a new id, for example when its user gains rights: the
// old id is useless afterwards. Data and absolute end stay. If several requests renew a
// session at the same time, one succeeds and the others get ErrNone. So does a request
// whose session is ended meanwhile.
//
// The errors are those of Get and Start. After an error of the store the session may have
// ended, but never exists twice.
func (m *Manager[T]) Renew(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	old, rec, err := m.find(r)
	if err != nil {
		return err
	}
	if err := m.unmarked(ctx, old.user, rec); errors.Is(err, ErrNone) { // all of the user's are being ended
		if err := m.deleteAll(ctx, []Key{old.key()}); err != nil {
			return err
		}
		return ErrNone
	} else if err != nil {
		return err
	}

	id := newID(old.user)
	place := rec
	place.Data, place.Binding, place.Version, place.Expires = nil, nil, rand.Text(), m.expires(rec)
	if err := m.store.Create(ctx, id.key(), place); err != nil {
		return err
	}
	if err := m.move(ctx, old, id, place.Version); err != nil {
		_, _ = m.store.Delete(ctx, id.key()) // an empty place is not a session, so this only saves room
		return err
	}
	return m.give(w, id)
}

// move moves a session from one id to the empty record under another. Whatever fails, it
// is never under both. See the package's documentation for the order.
func (m *Manager[T]) move(ctx context.Context, from, to id, version string) error {
	rec, err := m.store.Delete(ctx, from.key())
	if err != nil {
		return err
	}
	if rec.ended() {
		return ErrNone
	}
	if err := m.unmarked(ctx, from.user, rec); err != nil {
		return err
	}
	rec.Version, rec.Expires = rand.Text(), m.expires(rec)
	return m.store.Replace(ctx, to.key(), rec, version)
}

// unmarked returns ErrNone if the user's mark has changed since the session was started. A
// mark that was removed does not matter: it lived longer than any session from before it.
func (m *Manager[T]) unmarked(ctx context.Context, user Handle, rec Record) error {
	mark, err := m.store.Mark(ctx, user)
	if err == nil && mark != "" && mark != rec.Mark {
		return ErrNone
	}
	return err
}
