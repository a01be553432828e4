package devicebound_test

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/devicebound"
)

// A rewriting store returns other Bindings than were written.
type rewriting struct {
	session.Store
	rewrite func(binding []byte) []byte // nil: the same
}

func (s *rewriting) Get(ctx context.Context, k session.Key) (session.Record, error) {
	rec, err := s.Store.Get(ctx, k)
	if s.rewrite != nil {
		rec.Binding = s.rewrite(rec.Binding)
	}
	return rec, err
}

// A Binding that cannot be read is an error, not the end of the session, and does not show.
func TestBindingsThatAreNone(t *testing.T) {
	replaced := func(old, next string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(next), 1) }
	}
	const notOurs = "devicebound: the session's Binding is not one of this package"
	for _, tc := range []struct {
		name    string
		rewrite func([]byte) []byte
		get     string // its error, "" for none
		binding string
	}{
		{"not-json", func([]byte) []byte { return []byte("s3cret") }, notOurs, notOurs},
		{"without-id", replaced(`"id":`, `"no":`), notOurs, notOurs},
		{"without-secret", replaced(`"secret":`, `"no":`), notOurs, notOurs},
		{"short-secret", replaced(`"secret":"`, `"secret":"AAAA","no":"`), notOurs, notOurs},
		{"not-a-key", replaced(`"kty":`, `"no":`), "", dbsc.ErrProof.Error()},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				store := &rewriting{Store: new(session.Memory)}
				s := newSite(t, store, devicebound.Config{})
				b := signedIn(t, s, dbsc.ES256)
				one := the(t, b)
				store.rewrite = tc.rewrite
				_, get := s.Get(with("GET", "/", cookies(b)))
				_, binding := s.Binding(with("GET", "/", cookies(b)))
				for what, got := range map[string]struct {
					err  error
					want string
				}{"Get": {get, tc.get}, "Binding": {binding, tc.binding}} {
					if (got.err == nil) != (got.want == "") || got.err != nil && (!strings.HasPrefix(got.err.Error(), got.want) || errors.Is(got.err, session.ErrNone)) {
						t.Errorf("%s: %v, want %q", what, got.err, got.want)
					}
				}
				refusedBy(t, s, 503, cookies(b), dbsc.SessionIDHeader, one.id, dbsc.ResponseHeader, one.device.Refresh(one.challenge))
				if tc.get != "" {
					refusedBy(t, s, 503, cookies(b), dbsc.ResponseHeader, one.device.Register(one.challenge, ""))
				}
				store.rewrite = nil
				visits(t, b, "GET", "/me", 200, "1")
			})
		})
	}
}

// A challenge is good for twice the time of a bound cookie, and is replaced at the first
// request for one after half of that.
func TestChallengeTimes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		b := signedIn(t, s, dbsc.ES256)
		one := the(t, b)
		asks := func(proof string) *httptest.ResponseRecorder {
			header := []string{dbsc.SessionIDHeader, one.id}
			if proof != "" {
				header = append(header, dbsc.ResponseHeader, proof)
			}
			return answer(s, with("POST", "/session/bind", cookies(b), header...))
		}
		offered := func(w *httptest.ResponseRecorder) string {
			all, err := dbsc.Challenges(w.Header())
			if err != nil || len(all) != 1 || all[0].SessionID != one.id {
				t.Fatalf("challenges %v, %v", all, err)
			}
			return all[0].Value
		}
		first := one.challenge
		time.Sleep(life + time.Millisecond)
		if offered(asks("")) == first {
			t.Error("the challenge is not replaced")
		}
		if w := asks(one.device.Refresh(first)); w.Code != 200 {
			t.Errorf("the last challenge: %d", w.Code)
		} else {
			first = offered(w)
		}

		time.Sleep(life)
		if got := offered(asks("")); got != first {
			t.Error("the challenge is replaced too early")
		}
		time.Sleep(time.Millisecond)
		second := offered(asks(""))
		if second == first {
			t.Error("the challenge is not replaced")
		}
		time.Sleep(life) // the first is too old now, the second is not
		if w := asks(one.device.Refresh(first)); w.Code != 403 {
			t.Errorf("the last challenge, too late: %d", w.Code)
		}
		time.Sleep(life)
		if w := asks(one.device.Refresh(second)); w.Code != 200 {
			t.Errorf("the challenge after twice the time: %d", w.Code)
		} else {
			second = offered(w)
		}
		time.Sleep(2*life + time.Millisecond)
		if w := asks(one.device.Refresh(second)); w.Code != 403 {
			t.Errorf("the challenge, too late: %d", w.Code)
		}
	})
}

// A request proves what the cookie that it has was given for, and a bound cookie is good for
// Grace after it has run out.
func TestProved(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		b := signedIn(t, s, dbsc.ES256)
		begin, before := time.Now(), cookies(b)
		time.Sleep(time.Minute)
		if why := b.refresh(t.Context(), the(t, b).id); why != "" {
			t.Fatal(why)
		}
		for jar, want := range map[string]time.Time{before: begin, cookies(b): begin.Add(time.Minute)} {
			if got, err := s.Binding(with("GET", "/", jar)); err != nil || !got.Proved.Equal(want) {
				t.Errorf("Binding = %+v, %v, want proved at %v", got, err, want)
			}
		}
		jar := cookies(b)
		time.Sleep(life + grace)
		if w := answer(s, with("GET", "/me", jar)); w.Code != 200 {
			t.Errorf("at the end of the grace: %d", w.Code)
		}
		time.Sleep(time.Millisecond)
		if _, err := s.Binding(with("GET", "/", jar)); !errors.Is(err, devicebound.ErrStale) {
			t.Errorf("Binding after the grace: %v, want ErrStale", err)
		}

		// The last cookie has both limits: its own time, and Grace after the refresh.
		visits(t, b, "GET", "/me", 200, "1")
		jar = cookies(b)
		time.Sleep(life + grace/2)
		if why := b.refresh(t.Context(), the(t, b).id); why != "" {
			t.Fatal(why)
		}
		time.Sleep(grace / 2)
		if w := answer(s, with("GET", "/me", jar)); w.Code != 200 {
			t.Errorf("the last cookie at the end of its time: %d", w.Code)
		}
		time.Sleep(time.Millisecond)
		if w := answer(s, with("GET", "/me", jar)); w.Code != 307 {
			t.Errorf("the last cookie after its time: %d", w.Code)
		}
	})
}

// The browser is told of the end of a session if it sends the same cookies for longer than a
// minute, and keeps the challenge that says since when.
func TestMissing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		b := signedIn(t, s, dbsc.ES256)
		jar, one := cookies(b), the(t, b)
		visits(t, b, "POST", "/logout", 200, "")
		challenge := "1"
		for _, tc := range []struct {
			name    string
			after   time.Duration
			cookies string
			code    int
			offers  bool
		}{
			{"first", 0, jar, 503, true},
			{"a-minute-later", time.Minute, jar, 503, false},
			{"other-cookies", 0, jar + "; __Host-id=QUFB", 503, true},
			{"the-first-again", 0, jar, 503, true},
			{"without-a-time", 0, jar, 503, true},
			{"over-a-minute-later", time.Minute + time.Millisecond, jar, 200, false},
		} {
			time.Sleep(tc.after)
			if tc.name == "without-a-time" {
				challenge = challenge[:strings.LastIndexByte(challenge, ' ')+1] + "x"
			}
			w := answer(s, with("POST", "/session/bind", tc.cookies, dbsc.SessionIDHeader, one.id, dbsc.ResponseHeader, one.device.Refresh(challenge)))
			all, err := dbsc.Challenges(w.Header())
			if w.Code != tc.code || err != nil || (len(all) > 0) != tc.offers {
				t.Errorf("%s: %d, challenges %v, %v", tc.name, w.Code, all, err)
			}
			if len(all) > 0 {
				challenge = all[0].Value
			}
		}
	})
}
