package devicebound_test

import (
	"errors"
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

// Only a page that another origin leads to loads itself again, as its browser refreshes for
// no such request (section 8.3). Without a bound cookie none is deleted: one may be on its way.
func TestDemandFromElsewhere(t *testing.T) {
	s := newSite(t, new(session.Memory), devicebound.Config{})
	for _, tc := range []struct {
		name, method, site, mode string
		page                     bool
	}{
		{"cross-site", "GET", "cross-site", "navigate", true},
		{"same-site", "GET", "same-site", "navigate", true},
		{"same-origin", "GET", "same-origin", "navigate", false},
		{"typed", "GET", "none", "navigate", false},
		{"script", "GET", "cross-site", "cors", false},
		{"post", "POST", "cross-site", "navigate", false},
		{"old-browser", "GET", "", "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			s.Demand(w, with(tc.method, "/me", "__Host-id=x", "Sec-Fetch-Site", tc.site, "Sec-Fetch-Mode", tc.mode))
			code, body, kind := 307, "", ""
			if tc.page {
				code, body, kind = 200, `<!doctype html><html lang="en"><meta http-equiv="refresh" content="0"><title>One moment</title></html>`+"\n", "text/html; charset=utf-8"
			}
			if h := w.Header(); w.Code != code || w.Body.String() != body || h.Get("Content-Type") != kind || h.Get("Cache-Control") != "no-store" || h.Get("Set-Cookie") != "" || (h.Get("Location") != "") == tc.page {
				t.Errorf("%d %q, header %q", w.Code, w.Body, h)
			}
		})
	}
}

// Retry only responds to the errors after which the browser can try again.
func TestRetry(t *testing.T) {
	s := newSite(t, new(session.Memory), devicebound.Config{})
	for _, tc := range []struct {
		name string
		err  error
		text string
		none bool // it matches session.ErrNone
		code int  // 0: left to the caller
		body string
	}{
		{"stale", devicebound.ErrStale, "devicebound: the bound cookie is missing or has run out: session: none", true, 307, ""},
		{"skipped", devicebound.ErrSkipped, "devicebound: the browser could not refresh the bound cookie", false, 503, "Please try again in a minute.\n"},
		{"pending", devicebound.ErrPending, "devicebound: the session is not bound yet: session: none", true, 0, ""},
		{"none", session.ErrNone, "session: none", true, 0, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.err.Error() != tc.text || errors.Is(tc.err, session.ErrNone) != tc.none {
				t.Errorf("%v", tc.err)
			}
			w := httptest.NewRecorder()
			if did := s.Retry(w, with("GET", "/me", ""), tc.err); did != (tc.code != 0) {
				t.Errorf("Retry = %v", did)
			}
			switch {
			case tc.code == 0 && (len(w.Header()) > 0 || w.Body.Len() > 0):
				t.Errorf("it wrote %q, %q", w.Header(), w.Body)
			case tc.code != 0 && (w.Code != tc.code || w.Body.String() != tc.body || w.Header().Get("Cache-Control") != "no-store"):
				t.Errorf("%d %q, header %q", w.Code, w.Body, w.Header())
			}
		})
	}
	if s.Retry(httptest.NewRecorder(), with("GET", "/me", ""), nil) {
		t.Error("Retry responds to no error")
	}
}

// Eight bound cookies are tried at most.
func TestEightBoundCookiesAtMost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		all := cookies(signedIn(t, s, dbsc.ES256))
		id, good := without(all, boundName), without(all, "__Host-id")
		wrong := strings.Repeat("; "+boundName+"=a", 7)
		if w := answer(s, with("GET", "/me", id+wrong+"; "+good)); w.Code != 200 {
			t.Errorf("as the eighth: %d", w.Code)
		}
		if w := answer(s, with("GET", "/me", id+wrong+"; "+boundName+"=b; "+good)); w.Code != 307 {
			t.Errorf("as the ninth: %d", w.Code)
		}
	})
}
