package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/crumb-go/crumb/functions/internal/demo"
	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/keyring"
	"github.com/crumb-go/crumb/shared/keyring/awssecret"
)

// start serves with the keys that the environment names.
func start() error {
	ring, err := keyring.FromEnv(context.Background(), demo.App, awssecret.New())
	if err != nil {
		return err
	}
	frontdoor.Start(newHandler(ring))
	return nil
}

// handler counts visits in a cookie that visitors cannot change.
type handler struct {
	visits cookie.Sealed[demo.VisitRecord]
}

func newHandler(ring *keyring.Ring) http.Handler {
	h := handler{demo.SealedVisits(ring)}
	return demo.Methods{http.MethodGet: h.count}
}

func (h handler) count(w http.ResponseWriter, r *http.Request) {
	demo.NoStore(w)
	// A forged cookie is replaced. But without keys a good cookie cannot be
	// distinguished from a forged one, so it must not be replaced then.
	switch err := h.visits.Check(r); {
	case withoutKeys(err):
		tryAgain(w, r, err)
		return
	case err != nil && !errors.Is(err, cookie.ErrAbsent):
		slog.InfoContext(r.Context(), "unreadable visits cookie, starting over", "reason", err)
	}
	record, ok := h.visits.Get(r)
	if !ok {
		record = demo.VisitRecord{Since: time.Now().UTC().Truncate(time.Second)}
	}
	record.Visits++
	err := h.visits.Set(w, r, record)
	switch {
	case withoutKeys(err):
		tryAgain(w, r, err)
	case err != nil:
		demo.Fail(w, r, err)
	default:
		demo.WritePage(w, http.StatusOK, greeting(record))
	}
}

// withoutKeys reports whether an error is temporary: there is no key before the first
// rotation, seconds after the first deployment, and keys may be outdated while the secret
// cannot be read.
func withoutKeys(err error) bool {
	return errors.Is(err, keyring.ErrNoKey) || errors.Is(err, keyring.ErrStale)
}

func tryAgain(w http.ResponseWriter, r *http.Request, err error) {
	w.Header().Set("Retry-After", "30")
	demo.Error(w, r, http.StatusServiceUnavailable, err, "The visits cannot be counted yet. Please try again in a moment.")
}

func greeting(record demo.VisitRecord) string {
	switch record.Visits {
	case 1:
		return "Welcome! This is your first visit."
	case 10:
		return fmt.Sprintf("Your tenth visit since %s: this cookie is on the house!", record.Since.Format("2 January 2006"))
	}
	return fmt.Sprintf("Welcome back! Visit %d, member since %s.", record.Visits, record.Since.Format("2 January 2006"))
}
