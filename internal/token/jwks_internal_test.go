package token

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A servedSet is a transport that responds with keys, or fails.
type servedSet struct {
	calls int
	fails bool
}

func (s *servedSet) RoundTrip(r *http.Request) (*http.Response, error) {
	s.calls++
	if s.fails {
		return nil, io.ErrUnexpectedEOF
	}
	const set = `{"keys":[{"kty":"RSA","kid":"k1","e":"AQAB","n":"` // and an n that is long enough
	return &http.Response{StatusCode: 200, Request: r, Body: io.NopCloser(strings.NewReader(set + strings.Repeat("x", 342) + `"}]}`))}, nil
}

// A set is called again for an unknown id and after a failure, with a pause between, and
// after an hour, when keys that cannot be confirmed are no longer used.
func TestKeySetIsCalledAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		served := &servedSet{}
		s := &keySet{name: "https://login.example/keys", url: "https://login.example/keys", client: http.Client{Transport: served}}
		for i, step := range []struct {
			wait  time.Duration
			fails bool
			id    string
			found bool
			calls int
		}{
			{0, true, "k1", false, 1},
			{9 * time.Second, false, "k1", false, 1},
			{time.Second, false, "k1", true, 2},
			{59 * time.Minute, false, "k1", true, 2},
			{0, false, "k2", false, 3},
			{9 * time.Second, false, "k2", false, 3},
			{time.Second, false, "k2", false, 4},
			{59 * time.Minute, true, "k1", true, 4},
			{time.Minute, true, "k1", false, 5},
			{time.Minute, false, "k1", true, 6},
		} {
			time.Sleep(step.wait)
			served.fails = step.fails
			found, err := s.Find(t.Context(), step.id)
			if len(found) > 0 != step.found || served.calls != step.calls {
				t.Errorf("step %d: found %d keys (%v) after %d calls, want %v and %d", i, len(found), err, served.calls, step.found, step.calls)
			}
		}
	})
}

func TestRedirects(t *testing.T) {
	at := func(text string) *http.Request {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return &http.Request{URL: u}
	}
	for _, row := range []struct {
		from, to string
		allowed  bool
	}{
		{"https://a", "https://b", true},
		{"http://a", "https://b", true},
		{"http://a", "http://b", true},
		{"https://a", "http://b", false},
		{"https://a", "file:///etc/passwd", false},
		{"http://a", "gopher://b", false},
	} {
		if err := checkRedirect(at(row.to), []*http.Request{at(row.from)}); (err == nil) != row.allowed {
			t.Errorf("from %s to %s: %v", row.from, row.to, err)
		}
	}
}
