package devicebound_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/dbsc/dbsctest"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/devicebound"
)

// refusedBy sends what an attacker made to the endpoint. Nothing is given.
func refusedBy(t *testing.T, s *site, status int, cookies string, header ...string) {
	t.Helper()
	w := answer(s, with("POST", "/session/bind", cookies, header...))
	if w.Code != status || w.Header().Get("Set-Cookie") != "" || strings.Contains(w.Body.String(), "session_identifier") {
		t.Errorf("%d %s %q, want %d", w.Code, w.Body, w.Header(), status)
	}
}

// the returns the browser's only bond.
func the(t testing.TB, b *browser) *bond {
	t.Helper()
	ids := b.bound()
	if len(ids) != 1 {
		t.Fatalf("the browser has the sessions %v", ids)
	}
	return b.sessions[ids[0]]
}

// A copied jar opens the door until the bound cookie has run out, and never again.
func TestStolenJar(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		b := signedIn(t, s, dbsc.ES256)
		jar := cookies(b)
		get := func() int { return answer(s, with("GET", "/me", jar)).Code }
		for _, tc := range []struct {
			after time.Duration
			want  int
		}{{0, 200}, {10 * time.Minute, 200}, {9 * time.Second, 200}, {2 * time.Second, 307}, {time.Hour, 307}, {10 * time.Hour, 307}} {
			time.Sleep(tc.after)
			if got := get(); got != tc.want {
				t.Errorf("%v later: %d, want %d", tc.after, got, tc.want)
			}
		}
		visits(t, b, "GET", "/me", 200, "1")
		if got := get(); got != 307 { // an old cookie is not "the last one" after its own time
			t.Errorf("after the browser came back: %d", got)
		}
	})
}

// After a refresh the copied cookie has the grace, not its own time.
func TestStolenJarAfterRefresh(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		b := signedIn(t, s, dbsc.ES256)
		jar := cookies(b)
		time.Sleep(time.Minute)
		if why := b.refresh(t.Context(), the(t, b).id); why != "" {
			t.Fatal(why)
		}
		time.Sleep(10 * time.Second)
		if w := answer(s, with("GET", "/me", jar)); w.Code != 200 {
			t.Errorf("in the grace: %d", w.Code)
		}
		time.Sleep(time.Second)
		w := answer(s, with("GET", "/me", jar))
		if w.Code != 307 || !strings.HasPrefix(w.Header().Get("Set-Cookie"), boundName+"=;") {
			t.Errorf("after the grace: %d", w.Code)
		}
		if w := answer(s, with("GET", "/me", without(jar, boundName))); w.Code != 401 { // as the redirect says
			t.Errorf("after the redirect: %d", w.Code)
		}
		visits(t, b, "GET", "/me", 200, "1")
	})
}

// Without the bound cookie, or with someone else's, there is no way back to unbound.
func TestDroppedBoundCookie(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		b, other := signedIn(t, s, dbsc.ES256), signedIn(t, s, dbsc.ES256)
		jar := without(cookies(b), boundName)
		if w := answer(s, with("GET", "/me", jar)); w.Code != 307 { // the registration's response may be under way
			t.Errorf("in the grace: %d", w.Code)
		}
		time.Sleep(11 * time.Second)
		theirs, _, _ := strings.Cut(cookies(other)[strings.Index(cookies(other), boundName):], ";")
		for name, tc := range map[string]struct {
			cookies string
			want    int
		}{
			"dropped": {jar, 401}, "another-session's": {jar + "; " + theirs, 307}, "empty": {jar + "; " + boundName + "=", 307},
			"invented": {jar + "; " + boundName + "=" + strings.Repeat("A", 43), 307}, "many": {jar + strings.Repeat("; "+boundName+"=a", 100), 307},
		} {
			if w := answer(s, with("GET", "/me", tc.cookies)); w.Code != tc.want {
				t.Errorf("%s: %d", name, w.Code)
			}
			for _, path := range []string{"/renew", "/password"} {
				if w := answer(s, with("POST", path, tc.cookies)); w.Code < 300 {
					t.Errorf("%s: POST %s: %d", name, path, w.Code)
				}
			}
		}
		if w := answer(s, with("GET", "/me", theirs)); w.Code != 401 {
			t.Errorf("a bound cookie alone: %d", w.Code)
		}
		if err := s.Update(with("GET", "/", jar), func(*visitor) error { return nil }); err == nil {
			t.Error("Update works without the bound cookie")
		}
		visits(t, b, "GET", "/me", 200, "1")
	})
}

// A manager that does not know the binding, in a function that was forgotten, sees nothing.
func TestForgottenFunction(t *testing.T) {
	s := newSite(t, new(session.Memory), devicebound.Config{})
	plain, err := session.New[visitor](s.store, session.Config{Cookie: idCookie})
	if err != nil {
		t.Fatal(err)
	}
	for _, alg := range []dbsc.Algorithm{dbsc.ES256, ""} {
		if v, err := plain.Get(with("GET", "/", cookies(signedIn(t, s, alg)))); err != session.ErrNone {
			t.Errorf("%q: %v, %v", alg, v, err)
		}
	}
}

// Within the grace a repeated proof gets the same again, after it nothing.
func TestReplayedProof(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		b := signedIn(t, s, dbsc.ES256)
		one := the(t, b)
		proof := one.device.Refresh(one.challenge)
		replay := func() *httptest.ResponseRecorder {
			return answer(s, with("POST", "/session/bind", cookies(b), dbsc.SessionIDHeader, one.id, dbsc.ResponseHeader, proof))
		}
		first := replay()
		time.Sleep(10 * time.Second)
		second := replay()
		value := func(w *httptest.ResponseRecorder) string { return strings.Split(w.Header().Get("Set-Cookie"), ";")[0] }
		if first.Code != 200 || second.Code != 200 || value(first) != value(second) || first.Header().Get(dbsc.ChallengeHeader) != second.Header().Get(dbsc.ChallengeHeader) {
			t.Errorf("in the grace: %d %s, %d %s", first.Code, value(first), second.Code, value(second))
		}
		for _, after := range []time.Duration{time.Second, time.Minute, time.Hour} {
			time.Sleep(after)
			if w := replay(); w.Code != 403 || w.Header().Get("Set-Cookie") != "" {
				t.Errorf("%v later: %d %q", after, w.Code, w.Header())
			}
		}
		visits(t, b, "GET", "/me", 200, "1")
		if w := replay(); w.Code != 403 {
			t.Errorf("after another refresh: %d", w.Code)
		}
	})
}

// Proofs that the session's key did not sign, or for another challenge, get a challenge and
// nothing else.
func TestProofsOfOthers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		b, other := signedIn(t, s, dbsc.ES256), signedIn(t, s, dbsc.RS256)
		mine, theirs, thief := the(t, b), the(t, other), dbsctest.NewDevice(dbsc.ES256)
		none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"dbsc+jwt"}`)) + "." +
			base64.RawURLEncoding.EncodeToString([]byte(`{"jti":"`+mine.challenge+`"}`)) + "."
		for name, proof := range map[string]string{
			"thief's-key":           thief.Refresh(mine.challenge),
			"embedded-key":          thief.Register(mine.challenge, ""),
			"own-key-embedded":      mine.device.Register(mine.challenge, ""),
			"other-session's-key":   theirs.device.Refresh(mine.challenge),
			"other's-challenge":     mine.device.Refresh(theirs.challenge),
			"registration's":        mine.device.Refresh("0"),
			"none":                  none,
			"not-a-proof":           "x",
			"the-challenge-itself":  mine.challenge,
			"for-a-missing-session": mine.device.Refresh("missing since 1"),
		} {
			t.Log(name)
			refusedBy(t, s, 403, cookies(b), dbsc.SessionIDHeader, mine.id, dbsc.ResponseHeader, proof)
		}
		refusedBy(t, s, 403, cookies(b), dbsc.SessionIDHeader, mine.id) // no proof
		time.Sleep(11 * time.Minute)
		visits(t, b, "GET", "/me", 200, "1") // none of it has hurt the browser
	})
}

// The identifier of another session, with its own good proof, and without any cookie.
func TestSwappedSession(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		b, other := signedIn(t, s, dbsc.ES256), signedIn(t, s, dbsc.ES256)
		mine, theirs := the(t, b), the(t, other)
		refusedBy(t, s, 200, cookies(b), dbsc.SessionIDHeader, theirs.id, dbsc.ResponseHeader, theirs.device.Refresh(theirs.challenge)) // {"continue":false}
		refusedBy(t, s, 503, "", dbsc.SessionIDHeader, theirs.id, dbsc.ResponseHeader, theirs.device.Refresh(theirs.challenge))
		refusedBy(t, s, 400, cookies(b), dbsc.SessionIDHeader, "\""+theirs.id, dbsc.ResponseHeader, mine.device.Refresh(mine.challenge))
		refusedBy(t, s, 400, cookies(b))
		refusedBy(t, s, 400, cookies(b), dbsc.SessionIDHeader, "", dbsc.ResponseHeader, mine.device.Register("c", ""))
		time.Sleep(11 * time.Minute)
		visits(t, b, "GET", "/me", 200, "1")
		visits(t, other, "GET", "/me", 200, "2")
	})
}

// A thief with the jar cannot register before the browser does, and does not use up its
// offer. Nor can anyone after it.
func TestRegistrationRace(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		login := answer(s, with("POST", "/login", ""))
		jar := strings.Split(login.Header().Get("Set-Cookie"), ";")[0]
		asked, _ := dbsc.Registrations(login.Header())
		elsewhere, _ := dbsc.Registrations(answer(s, with("POST", "/login", "")).Header())
		thief := dbsctest.NewDevice(dbsc.ES256)
		for name, proof := range map[string]string{
			"no-challenge":      thief.Refresh(asked[0].Challenge),
			"guessed":           thief.Register(strings.Repeat("A", 43), ""),
			"another-session's": thief.Register(elsewhere[0].Challenge, ""),
			"not-a-proof":       asked[0].Challenge,
		} {
			t.Log(name)
			refusedBy(t, s, 403, jar, dbsc.ResponseHeader, proof)
		}
		refusedBy(t, s, 403, "", dbsc.ResponseHeader, thief.Register(asked[0].Challenge, "")) // no session
		refusedBy(t, s, 200, jar, dbsc.SessionIDHeader, "unknown")                            // no hint at the challenge

		b := newBrowser(s.mux)
		b.jar.Set(request("/login"), login.Header().Get("Set-Cookie"))
		b.register(t.Context(), asked[0])
		visits(t, b, "GET", "/me", 200, "1")
		refusedBy(t, s, 403, cookies(b), dbsc.ResponseHeader, thief.Register(asked[0].Challenge, ""))
		refusedBy(t, s, 403, cookies(b), dbsc.ResponseHeader, thief.Register(the(t, b).challenge, ""))
		refusedBy(t, s, 403, cookies(b), dbsc.ResponseHeader, the(t, b).device.Register(asked[0].Challenge, "")) // once
		time.Sleep(11 * time.Minute)
		visits(t, b, "GET", "/me", 200, "1")
	})
}

func TestRegistrationTooLate(t *testing.T) {
	for _, tc := range []struct {
		name       string
		set, after time.Duration
		want       int
	}{{"in-time", 0, 5 * time.Minute, 200}, {"late", 0, 5*time.Minute + time.Second, 403}, {"short", time.Second, 2 * time.Second, 403}} {
		t.Run(tc.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := newSite(t, new(session.Memory), devicebound.Config{RegisterWithin: tc.set})
				login := answer(s, with("POST", "/login", ""))
				asked, _ := dbsc.Registrations(login.Header())
				time.Sleep(tc.after)
				proof := dbsctest.NewDevice(dbsc.ES256).Register(asked[0].Challenge, "")
				if w := answer(s, with("POST", "/session/bind", strings.Split(login.Header().Get("Set-Cookie"), ";")[0], dbsc.ResponseHeader, proof)); w.Code != tc.want {
					t.Errorf("%d, want %d", w.Code, tc.want)
				}
			})
		})
	}
}

// A thief who asks for challenges all the time, or for the registration, takes none from the
// browser that is signing one.
func TestChallengesCannotBeTaken(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		b := signedIn(t, s, dbsc.ES256)
		jar, id := cookies(b), the(t, b).id
		thief := dbsctest.NewDevice(dbsc.ES256)
		b.wire = func(r *http.Request) (*http.Response, error) {
			for range 50 {
				refusedBy(t, s, 403, jar, dbsc.SessionIDHeader, id)
				refusedBy(t, s, 403, jar, dbsc.SessionIDHeader, id, dbsc.ResponseHeader, thief.Refresh("x"))
			}
			return over(s.mux)(r)
		}
		for _, pause := range []time.Duration{11 * time.Minute, 21 * time.Minute, 3 * time.Hour} {
			time.Sleep(pause)
			visits(t, b, "GET", "/me", 200, "1")
		}
	})
}

// End and EndAll end the binding: neither the cookie nor the key helps.
func TestEnded(t *testing.T) {
	for _, path := range []string{"/logout", "/everywhere"} {
		t.Run(path[1:], func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := newSite(t, new(session.Memory), devicebound.Config{})
				b := signedIn(t, s, dbsc.ES256)
				jar, mine := cookies(b), the(t, b)
				visits(t, b, "POST", path, 200, "")
				if w := answer(s, with("GET", "/me", jar)); w.Code != 401 {
					t.Errorf("the jar: %d", w.Code)
				}
				challenge := mine.challenge
				for _, want := range []int{503, 503, 200} { // the last is {"continue":false}
					w := answer(s, with("POST", "/session/bind", jar, dbsc.SessionIDHeader, mine.id, dbsc.ResponseHeader, mine.device.Refresh(challenge)))
					if w.Code != want || w.Header().Get("Set-Cookie") != "" || want == 200 && w.Body.String() != `{"continue":false}` {
						t.Errorf("the key: %d %s %q", w.Code, w.Body, w.Header())
					}
					if c, _ := dbsc.Challenges(w.Header()); len(c) == 1 {
						challenge = c[0].Value
					}
					time.Sleep(40 * time.Second)
				}
			})
		})
	}
}

// The endpoint helps no other site: no CORS, no frame, nothing without the headers that only
// a browser itself can set.
func TestEndpointFromElsewhere(t *testing.T) {
	s := newSite(t, new(session.Memory), devicebound.Config{})
	b := signedIn(t, s, dbsc.ES256)
	for _, method := range []string{"GET", "HEAD", "PUT", "OPTIONS"} {
		w := answer(s, with(method, "/session/bind", cookies(b), "Origin", "https://evil.example", "Access-Control-Request-Method", "POST"))
		if w.Code != 405 || w.Header().Get("Allow") != "POST" || w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %q", method, w.Code, w.Header())
		}
	}
	refusedBy(t, s, 400, cookies(b), "Origin", "https://evil.example")
}
