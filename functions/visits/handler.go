package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/crumb-go/crumb/shared/card"
	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/keyring"
	"github.com/crumb-go/crumb/shared/keyring/awssecret"
	"github.com/crumb-go/crumb/shared/page"
)

// start serves with the keys that the environment names.
func start() error {
	ring, err := keyring.FromEnv(context.Background(), card.App, awssecret.New())
	if err != nil {
		return err
	}
	frontdoor.Start(newHandler(ring))
	return nil
}

// handler stamps a loyalty card that its guest carries and cannot write on.
type handler struct {
	loyalty cookie.Sealed[card.Stamps]
}

func newHandler(ring *keyring.Ring) http.Handler {
	h := handler{card.Loyalty(ring)}
	return page.Methods{http.MethodGet: h.stamp}
}

func (h handler) stamp(w http.ResponseWriter, r *http.Request) {
	page.NoStore(w)
	// Guests can forge what they like, and start anew if they do. But without keys a
	// good card cannot be told from a forged one, and must not be replaced.
	switch err := h.loyalty.Check(r); {
	case withoutKeys(err):
		tryAgain(w, r, err)
		return
	case err != nil && !errors.Is(err, cookie.ErrAbsent):
		slog.InfoContext(r.Context(), "a new card for one that does not open", "reason", err)
	}
	stamps, ok := h.loyalty.Get(r)
	if !ok {
		stamps = card.Stamps{Since: time.Now().UTC().Truncate(time.Second)}
	}
	stamps.Visits++
	err := h.loyalty.Set(w, r, stamps)
	switch {
	case withoutKeys(err):
		tryAgain(w, r, err)
	case err != nil:
		page.Fail(w, r, err)
	default:
		page.Write(w, http.StatusOK, greeting(stamps))
	}
}

// withoutKeys reports whether an error will pass: there is no key before the first
// rotation, seconds after the first deployment, and none to rely on while the
// secret cannot be read.
func withoutKeys(err error) bool {
	return errors.Is(err, keyring.ErrNoKey) || errors.Is(err, keyring.ErrStale)
}

func tryAgain(w http.ResponseWriter, r *http.Request, err error) {
	w.Header().Set("Retry-After", "30")
	page.Error(w, r, http.StatusServiceUnavailable, err, "The stamp is not here yet. Please try again in a moment.")
}

func greeting(s card.Stamps) string {
	switch s.Visits {
	case 1:
		return "Welcome! This is your first visit."
	case 10:
		return fmt.Sprintf("Your tenth visit since %s: this cookie is on the house!", s.Since.Format("2 January 2006"))
	}
	return fmt.Sprintf("Welcome back! Visit %d, member since %s.", s.Visits, s.Since.Format("2 January 2006"))
}
