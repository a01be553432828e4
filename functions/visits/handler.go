package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/crumb-go/crumb/shared/card"
	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/keyring"
	"github.com/crumb-go/crumb/shared/page"
)

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
	stamps, ok := h.loyalty.Get(r)
	if !ok {
		// Guests can forge what they like; whoever does, starts anew.
		if err := h.loyalty.Check(r); !errors.Is(err, cookie.ErrAbsent) {
			slog.InfoContext(r.Context(), "a new card for one that does not open", "reason", err)
		}
		stamps = card.Stamps{Since: time.Now().UTC().Truncate(time.Second)}
	}
	stamps.Visits++
	err := h.loyalty.Set(w, r, stamps)
	if errors.Is(err, keyring.ErrNoKey) { // until the first rotation, seconds after the first deployment
		w.Header().Set("Retry-After", "30")
		page.Write(w, http.StatusServiceUnavailable, "The stamp is not here yet. Please try again in a moment.")
		return
	}
	if err != nil {
		page.Fail(w, r, err)
		return
	}
	page.Write(w, http.StatusOK, greeting(stamps))
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
