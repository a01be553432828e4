package devicebound_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/devicebound"
)

func TestDemand(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		b := signedIn(t, s, dbsc.ES256)
		time.Sleep(5 * time.Minute)
		stolen := cookies(b)
		visits(t, b, "POST", "/password?next=/me", 200, "changed")
		w := answer(s, with("POST", "/a/password?x=%20", stolen))
		if w.Code != 404 {
			t.Errorf("%d", w.Code)
		}
		w = answer(s, with("POST", "/password?x=%20", stolen)) // the thief only gets the redirect, again and again
		if loc := w.Header().Get("Location"); w.Code != 307 || loc != "./password?x=%20" || !strings.Contains(w.Header().Get("Set-Cookie"), boundName+"=; ") || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%d, Location %q, %q", w.Code, loc, w.Header())
		}
		free := signedIn(t, s, "")
		visits(t, free, "POST", "/password", 200, "changed")
	})
}

func TestDemandLocation(t *testing.T) {
	s := newSite(t, new(session.Memory), devicebound.Config{})
	for url, want := range map[string]string{
		"/":              "./",
		"/me":            "./me",
		"/a/b/":          "./",
		"/a/b%2Fc?d=/e":  "./b%2Fc?d=/e",
		"/a:b":           "./a:b",
		"//evil.example": "./evil.example",
	} {
		w := httptest.NewRecorder()
		s.Demand(w, httptest.NewRequest("GET", url, nil))
		if got := w.Header().Get("Location"); got != want {
			t.Errorf("%s: Location %q, want %q", url, got, want)
		}
	}
}
