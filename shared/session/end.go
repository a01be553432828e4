package session

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// End ends the request's session, deletes the cookie, and asks the browser to clear what
// Config.ClearSiteData says, even if there is no session. If the request has several
// cookies with the name, it ends the sessions of all.
//
// The error is the store's. Then a session may continue, and the cookie is kept so that
// the user can try again.
func (m *Manager[T]) End(w http.ResponseWriter, r *http.Request) error {
	if err := m.deleteAll(r.Context(), keys(m.ids(r))); err != nil {
		return err
	}
	return m.forget(w)
}

// EndAll ends every session of the request's user that was started before, and does what
// End does. A request whose own session has ended cannot end others, but finishes what an
// earlier EndAll began.
//
// The errors are those of End. After one, some of the sessions may have ended; the
// request's own is the last, so that the user can try again.
func (m *Manager[T]) EndAll(w http.ResponseWriter, r *http.Request) error {
	named := keys(m.ids(r))
	for len(named) > 0 { // usually once: several cookies may belong to several users
		user := named[0].User
		others := func(k Key) bool { return k.User != user }
		if err := m.endAllOf(r.Context(), user, slices.DeleteFunc(slices.Clone(named), others)); err != nil {
			return err
		}
		named = slices.DeleteFunc(named, func(k Key) bool { return k.User == user })
	}
	return m.forget(w)
}

func (m *Manager[T]) endAllOf(ctx context.Context, user Handle, own []Key) error {
	for _, k := range own {
		if _, err := m.live(ctx, k); err == nil {
			return m.endUser(ctx, user, own)
		} else if !errors.Is(err, ErrNone) {
			return err
		}
	}
	mark, err := m.store.Mark(ctx, user)
	if err != nil || mark == "" {
		return err
	}
	return m.endMarked(ctx, user, mark, own)
}

// EndUser ends every session of a user, for example when a password has changed or an
// account is closed. Sessions that start meanwhile may continue. After an error some may
// have ended. The zero Handle is an error.
func (m *Manager[T]) EndUser(ctx context.Context, user Handle) error {
	if user == (Handle{}) {
		return errNoHandle
	}
	return m.endUser(ctx, user, nil)
}

// markLife is how long a user's mark is kept at least: as long as any session can last,
// whichever Manager of the store started it, as browsers keep cookies for at most 400
// days (RFC 6265bis section 5.5).
const markLife = rule.MaxLifetime

func (m *Manager[T]) endUser(ctx context.Context, user Handle, last []Key) error {
	mark := rand.Text()
	if err := m.store.SetMark(ctx, user, mark, time.Now().Add(max(markLife, m.absolute))); err != nil {
		return err
	}
	return m.endMarked(ctx, user, mark, last)
}

// endMarked ends the sessions of a user that were started before the mark, and those in
// last after all others.
func (m *Manager[T]) endMarked(ctx context.Context, user Handle, mark string, last []Key) error {
	all, err := m.store.List(ctx, user)
	if err != nil {
		return err
	}
	var others []Key
	for _, l := range all {
		if l.Mark != mark && !slices.Contains(last, l.Key) {
			others = append(others, l.Key)
		}
	}
	if err := m.deleteAll(ctx, others); err != nil {
		return err
	}
	return m.deleteAll(ctx, last)
}

// deleteAll deletes the records under some keys, eight at once: a user may have thousands
// of records from before their number was limited, and a function has only seconds. It
// returns the first error, and starts no deletion after it.
func (m *Manager[T]) deleteAll(ctx context.Context, keys []Key) error {
	var (
		all    sync.WaitGroup
		next   atomic.Int64
		once   sync.Once
		failed atomic.Bool
		first  error
	)
	for range min(8, len(keys)) {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(keys)) && !failed.Load(); i = next.Add(1) - 1 {
				if _, err := m.store.Delete(ctx, keys[i]); err != nil && !errors.Is(err, ErrNone) {
					once.Do(func() { first = err })
					failed.Store(true)
				}
			}
		})
	}
	all.Wait()
	return first
}

func (m *Manager[T]) forget(w http.ResponseWriter) error {
	noStore(w)
	if m.clearSiteData != "" {
		w.Header().Set("Clear-Site-Data", m.clearSiteData)
	}
	if m.binder != nil {
		if err := m.binder.Unbind(w); err != nil {
			return err
		}
	}
	return m.cookie.Delete(w)
}
