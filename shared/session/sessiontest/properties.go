package sessiontest

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/crumb-go/crumb/shared/session"
)

// However often EndAll fails, once it succeeds no session is left, and until then the
// browser keeps its cookie.
func testEndAllFails(t *testing.T, switches int, s session.Store) {
	others := 2
	if switches < 0 {
		others = 9 // more than are deleted at once
	}
	failing(t, func(t *testing.T) (call, func(*httptest.ResponseRecorder, error, context.Context)) {
		w, other := newWorld(t, s, session.Config{}), newWorld(t, s, session.Config{})
		theirs := other.has(anyToken(), "5")
		own := w.has(anyToken(), "1")
		for range others {
			w.has(anyToken(), "2")
		}
		return w.endAll(own), func(rw *httptest.ResponseRecorder, err error, again context.Context) {
			for ctx := again; err != nil; ctx = t.Context() {
				if len(rw.Header()) > 0 {
					t.Errorf("EndAll: %v with header %v", err, rw.Header())
				}
				if !errors.Is(err, errFault) {
					t.Errorf("EndAll: %v", err)
					return
				}
				if w.live() > 0 {
					w.sees(own, 1)
				}
				rw, err = w.endAll(own)(ctx)
			}
			w.lives("after EndAll", 0)
			other.sees(theirs, 5)
		}
	})
}

// Two requests end all sessions, each the other's first, and both die. Either can be tried
// again.
func testEndAllTwiceFails(t *testing.T, s session.Store) {
	for n := int64(1); n <= 9; n++ {
		each(t, 1, func(o *orders) {
			w := newWorld(t, s, session.Config{})
			one, two := w.has(first(), "1"), w.has(last(), "2")
			w.has(anyToken(), "3")
			endAll := func(r *http.Request) func(ctx context.Context) {
				return func(ctx context.Context) {
					dies, _ := dead.fails(n, ctx.Value(requesterKey{}).(requester))
					if _, err := w.endAll(r)(dies.context(ctx)); err == nil {
						w.lives("after EndAll", 0)
					}
				}
			}
			o.together(endAll(one), endAll(two))
			w.succeeds(t.Context(), "EndAll, tried again", w.endAll(one))
			w.lives("after EndAll", 0)
		})
	}
}

func testEndFails(t *testing.T, _ int, s session.Store) {
	failing(t, func(t *testing.T) (call, func(*httptest.ResponseRecorder, error, context.Context)) {
		w := newWorld(t, s, session.Config{})
		own, twin, other := w.has(anyToken(), "1"), w.has(anyToken(), "2"), w.has(anyToken(), "3")
		own.Header["Cookie"] = append(own.Header["Cookie"], twin.Header["Cookie"]...)
		return w.end(own), func(rw *httptest.ResponseRecorder, err error, again context.Context) {
			for ctx := again; err != nil; ctx = t.Context() {
				if !errors.Is(err, errFault) || len(rw.Header()) > 0 {
					t.Errorf("End: %v with header %v", err, rw.Header())
					return
				}
				rw, err = w.end(own)(ctx)
			}
			w.lives("after End", 1)
			w.sees(other, 3)
		}
	})
}

// A Start that fails does not set a cookie, and the next one keeps the limit.
func testStartFails(t *testing.T, _ int, s session.Store) {
	failing(t, func(t *testing.T) (call, func(*httptest.ResponseRecorder, error, context.Context)) {
		w := newWorld(t, s, session.Config{MaxPerUser: 2})
		own := w.has(anyToken(), "1")
		for range 3 { // from before there was a limit
			w.has(anyToken(), "2")
		}
		return w.start(own), func(rw *httptest.ResponseRecorder, err error, again context.Context) {
			for ctx := again; err != nil; ctx = t.Context() {
				if !errors.Is(err, errFault) || len(rw.Header()) > 0 {
					t.Errorf("Start: %v with header %v", err, rw.Header())
					return
				}
				rw, err = w.start(own)(ctx)
			}
			w.sees(own, -1)
			w.sees(given(rw), 7)
			if n := w.live(); n > 2 {
				t.Errorf("%d sessions live, the limit is 2", n)
			}
		}
	})
}

// Sessions that were started before EndAll was called have ended when it succeeds.
func testStartBesideEndAll(t *testing.T, switches int, s session.Store) {
	each(t, switches, func(o *orders) {
		w := newWorld(t, s, session.Config{})
		own, other := w.has(last(), "1"), w.has(first(), "2")
		started := httptest.NewRequest("GET", "/", nil)
		o.together(func(ctx context.Context) {
			if rw, ok := w.succeeds(ctx, "Start", w.start(httptest.NewRequest("POST", "/", nil))); ok {
				started = given(rw)
				if _, err := w.m.Get(started); err != nil && !errors.Is(err, session.ErrNone) {
					t.Errorf("Get: %v", err)
				}
			}
		}, func(ctx context.Context) {
			w.succeeds(ctx, "EndAll", w.endAll(own))
			w.sees(own, -1)
			w.sees(other, -1)
		})
		if err := w.m.EndUser(t.Context(), w.user); err != nil {
			t.Errorf("EndUser: %v", err)
		}
		w.lives("after EndUser", 0)
		w.sees(started, -1) // even if List does not show it
		next, _ := w.succeeds(t.Context(), "Start after that", w.start(httptest.NewRequest("POST", "/", nil)))
		next, _ = w.succeeds(t.Context(), "Renew of that", w.renew(given(next)))
		w.succeeds(t.Context(), "EndAll without a session", w.endAll(own))
		w.sees(given(next), 7)
	})
}

// Of sessions that start at once, no more are left than the limit.
func testStartsAreBounded(t *testing.T, switches int, s session.Store) {
	each(t, switches, func(o *orders) {
		w := newWorld(t, s, session.Config{MaxPerUser: 1})
		old := w.has(anyToken(), "1")
		start := func(ctx context.Context) {
			w.succeeds(ctx, "Start", w.start(httptest.NewRequest("POST", "/", nil)))
		}
		o.together(start, start)
		w.sees(old, -1)
		w.lives("both have started", 1)
	})
}

func testUpdateBesideEndAll(t *testing.T, switches int, s session.Store) {
	each(t, switches, func(o *orders) {
		w := newWorld(t, s, session.Config{})
		own, other := w.has(anyToken(), "1"), w.has(last(), "2")
		o.together(func(ctx context.Context) {
			w.succeeds(ctx, "Update", w.update(other), session.ErrNone)
			if _, err := w.m.Get(other.WithContext(ctx)); err != nil && !errors.Is(err, session.ErrNone) {
				t.Errorf("Get: %v", err)
			}
		}, func(ctx context.Context) {
			w.succeeds(ctx, "EndAll", w.endAll(own))
			w.lives("after EndAll", 0)
		})
		w.lives("in the end", 0)
	})
}

// Renew moves an update with the session, or the update finds no session.
func testUpdateBesideRenew(t *testing.T, switches int, s session.Store) {
	each(t, switches, func(o *orders) {
		w := newWorld(t, s, session.Config{})
		r, want := w.has(anyToken(), "1"), 1
		var renewed *httptest.ResponseRecorder
		o.together(func(ctx context.Context) {
			renewed, _ = w.succeeds(ctx, "Renew", w.renew(r))
		}, func(ctx context.Context) {
			if _, ok := w.succeeds(ctx, "Update", w.update(r), session.ErrNone); ok {
				want = 2
			}
		})
		w.sees(given(renewed), want)
		w.sees(r, -1)
		w.lives("in the end", 1)
	})
}

// A Renew that fails may lose the session, but never doubles it, and does not return
// ErrNone because the store failed.
func testRenewFails(t *testing.T, _ int, s session.Store) {
	failing(t, func(t *testing.T) (call, func(*httptest.ResponseRecorder, error, context.Context)) {
		w := newWorld(t, s, session.Config{})
		r := w.has(anyToken(), "1")
		return w.renew(r), func(rw *httptest.ResponseRecorder, err error, _ context.Context) {
			switch {
			case err == nil:
				w.sees(given(rw), 1)
				w.sees(r, -1)
				w.lives("after Renew", 1)
				return
			case !errors.Is(err, errFault) || len(rw.Header()) > 0:
				t.Errorf("Renew: %v with header %v", err, rw.Header())
			case w.live() > 1:
				t.Error("two sessions live")
			}
			if err := w.m.EndUser(t.Context(), w.user); err != nil {
				t.Errorf("EndUser: %v", err)
			}
			w.lives("after EndUser", 0)
		}
	})
}

func testRenewTwice(t *testing.T, switches int, s session.Store) {
	each(t, switches, func(o *orders) {
		w := newWorld(t, s, session.Config{})
		r := w.has(anyToken(), "1")
		var won []*httptest.ResponseRecorder
		renew := func(ctx context.Context) {
			if rw, ok := w.succeeds(ctx, "Renew", w.renew(r), session.ErrNone); ok {
				won = append(won, rw)
			}
		}
		o.together(renew, renew)
		if len(won) != 1 {
			t.Fatalf("%d of two renewals won", len(won))
		}
		w.sees(given(won[0]), 1)
		w.sees(r, -1)
		w.lives("in the end", 1)
		if all, err := s.List(t.Context(), w.user); err != nil || len(all) != 1 {
			t.Errorf("List = %v, %v: the place of the one that lost is still there", all, err)
		}
	})
}

// A session that End has ended is not renewed.
func testRenewBesideEnd(t *testing.T, switches int, s session.Store) {
	each(t, switches, func(o *orders) {
		w := newWorld(t, s, session.Config{})
		ender := &deletes{Store: s}
		end := newWorld(t, ender, session.Config{})
		r := w.has(anyToken(), "1")
		renewed := false
		o.together(func(ctx context.Context) {
			_, renewed = w.succeeds(ctx, "Renew", w.renew(r), session.ErrNone)
		}, func(ctx context.Context) {
			w.succeeds(ctx, "End", end.end(r))
		})
		w.sees(r, -1)
		if renewed == ender.did {
			t.Errorf("End found the session: %v, Renew too: %v", ender.did, renewed)
		}
		if renewed {
			w.lives("after Renew", 1)
		} else {
			w.lives("Renew found no session", 0)
		}
	})
}

// deletes records whether a deletion found a record.
type deletes struct {
	session.Store
	did bool
}

func (d *deletes) Delete(ctx context.Context, k session.Key) (session.Record, error) {
	rec, err := d.Store.Delete(ctx, k)
	d.did = d.did || err == nil
	return rec, err
}

// A session that EndAll has ended is not renewed. It takes two switches to create a record
// that the list has missed.
func testRenewBesideEndAll(t *testing.T, switches int, s session.Store) {
	if switches == 0 || switches == 1 {
		switches = 2
	}
	besideEndAll(t, switches, s, firstOrLast, renewOnce, 0)
}

func renewOnce(w *world, ctx context.Context, r *http.Request) {
	w.succeeds(ctx, "Renew", w.renew(r), session.ErrNone)
}

// Nor is one that is renewed twice meanwhile.
func testRenewTwiceBesideEndAll(t *testing.T, s session.Store) {
	besideEndAll(t, 2, s, lastOnly, func(w *world, ctx context.Context, r *http.Request) {
		if rw, ok := w.succeeds(ctx, "Renew", w.renew(r), session.ErrNone); ok {
			w.succeeds(ctx, "Renew again", w.renew(given(rw)), session.ErrNone)
		}
	}, 0)
}

// An EndAll that dies after any request can be tried again.
func testRenewBesideEndAllThatFails(t *testing.T, s session.Store) {
	for n := int64(1); n <= 9; n++ {
		besideEndAll(t, 1, s, lastOnly, renewOnce, n)
	}
}

// besideEndAll renews a session while another request ends all, which dies with its n-th
// request to the store, unless n is 0, and tries again. The renewed session is the first in
// a list, or the last.
func besideEndAll(t *testing.T, switches int, s session.Store, places []place, renew func(*world, context.Context, *http.Request), n int64) {
	for _, p := range places {
		each(t, switches, func(o *orders) {
			w := newWorld(t, s, session.Config{})
			r, own := w.has(p.renewed(), "1"), w.has(p.own(), "2")
			o.together(func(ctx context.Context) {
				renew(w, ctx, r)
			}, func(ctx context.Context) {
				if n > 0 {
					dies, _ := dead.fails(n, ctx.Value(requesterKey{}).(requester))
					_, _ = w.endAll(own)(dies.context(ctx))
				}
				w.succeeds(ctx, "EndAll", w.endAll(own))
				w.lives("after EndAll", 0)
			})
			w.lives("in the end", 0)
		})
	}
}

type place struct{ renewed, own func() token }

var (
	firstOrLast = []place{{first, last}, {last, first}}
	lastOnly    = firstOrLast[1:]
)
