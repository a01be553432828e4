package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/session"
)

// guess counts n wrong attempts for a name, without hashing passwords.
func guess(t *testing.T, g guesses, n int, name, from string) {
	t.Helper()
	network := config{}.network(requestFrom(from))
	for range n {
		if wait, err := newAttempt(name, network).count(t.Context(), g); err != nil || wait != 0 {
			t.Fatalf("a guess at %s has to wait %v, %v", name, wait, err)
		}
	}
}

// spray guesses once for each of n names.
func spray(t *testing.T, g guesses, n int, from string) {
	t.Helper()
	for i := range n {
		guess(t, g, 1, fmt.Sprint("user ", i), from)
	}
}

// A user signs in after guesses were made.
func TestGuesses(t *testing.T) {
	const (
		wrong   = "username=name&password=x"
		nobody  = "username=nobody&password=x"
		user    = "192.0.2.1:1"
		another = "192.0.2.2:1"
	)
	for _, tc := range []struct {
		name   string
		before func(t *testing.T, g guesses)
		form   string
		want   int
	}{
		{"name-at-limit", func(t *testing.T, g guesses) { guess(t, g, 10, "name", user) }, right, 429},
		{"wrong-below-limit", func(t *testing.T, g guesses) { guess(t, g, 9, "name", user) }, wrong, 401},
		{"nobody-below-limit", func(t *testing.T, g guesses) { guess(t, g, 9, "nobody", user) }, nobody, 401},
		{"nobody-at-limit", func(t *testing.T, g guesses) { guess(t, g, 10, "nobody", user) }, nobody, 429},
		{"guessed-elsewhere", func(t *testing.T, g guesses) { guess(t, g, 10, "name", another); spray(t, g, 90, another) }, right, 303},
		{"below-limits", func(t *testing.T, g guesses) { guess(t, g, 9, "name", user); spray(t, g, 90, user) }, right, 303},
		{"address-at-limit", func(t *testing.T, g guesses) { spray(t, g, 100, user) }, right, 429},
		{"upper-case", func(t *testing.T, g guesses) { guess(t, g, 10, "name", user) }, "username=NAME&password=password", 429},
		{"capital", func(t *testing.T, g guesses) { guess(t, g, 10, "name", user) }, "username=Name&password=password", 429},
		{"spaces", func(t *testing.T, g guesses) { guess(t, g, 10, "name", user) }, "username=+name++&password=password", 429},
		{"nobody-upper-case", func(t *testing.T, g guesses) { guess(t, g, 10, "nobody", user) }, "username=NoBody+&password=x", 429},
		{"signs-in-by-another-case", func(*testing.T, guesses) {}, "username=Name+&password=password", 303},
	} {
		t.Run(tc.name, func(t *testing.T) {
			guesses := new(counts)
			tc.before(t, guesses)
			counted := guesses.sum()
			w := post(newHandler(new(session.Memory), config{users: quick{}, guesses: guesses}), tc.form, user)
			if w.Code != tc.want {
				t.Errorf("%d, want %d", w.Code, tc.want)
			}
			if wait, _ := strconv.Atoi(w.Header().Get("Retry-After")); (1 <= wait && wait <= 15*60+1) != (tc.want == 429) {
				t.Errorf("Retry-After %q with %d", w.Header().Get("Retry-After"), w.Code)
			}
			if says := w.Body.String() == "Too many attempts. Please try again later."; says != (tc.want == 429) {
				t.Errorf("%q with %d", w.Body, w.Code)
			}
			if signedIn := w.Header().Get("Set-Cookie") != ""; signedIn != (tc.want == 303) {
				t.Errorf("a cookie with %d: %v", w.Code, signedIn)
			}
			if added := guesses.sum() - counted; tc.want == 303 && added != 0 || tc.want == 401 && added != 2 {
				t.Errorf("%d attempts are counted after a %d", added, w.Code)
			}
		})
	}
}

// Behind a proxy all requests come from one address, an attacker's too.
func TestGuessesBehindProxy(t *testing.T) {
	const origin, proxy = "https://app.example", "203.0.113.1:1"
	for _, tc := range []struct {
		name, header string
		attacker     map[string]string // headers
		guesses      int               // of the user's password
		want         int               // for the user, at 192.0.2.1
	}{
		{"attacker-elsewhere", "CloudFront-Viewer-Address", map[string]string{"CloudFront-Viewer-Address": "192.0.2.2:1"}, 10, 303},
		{"attacker-at-the-same-address", "CloudFront-Viewer-Address", map[string]string{"CloudFront-Viewer-Address": "192.0.2.1:1"}, 10, 429},
		{"attacker-past-the-proxy", "CloudFront-Viewer-Address", nil, 10, 303},
		{"no-header-told", "", map[string]string{"CloudFront-Viewer-Address": "192.0.2.2:1"}, 99, 303},
		{"no-header-told-many", "", map[string]string{"CloudFront-Viewer-Address": "192.0.2.2:1"}, 100, 429},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := config{users: quick{}, guesses: new(counts), origin: origin, addressHeader: tc.header}
			r := requestFrom(proxy)
			for name, value := range tc.attacker {
				r.Header.Set(name, value)
			}
			for range tc.guesses {
				if wait, err := newAttempt("name", c.network(r)).count(t.Context(), c.guesses); wait != 0 || err != nil {
					t.Fatal(wait, err)
				}
			}
			w := httptest.NewRecorder()
			r = postRequest(right, proxy)
			r.Header.Set("CloudFront-Viewer-Address", "192.0.2.1:40000")
			newHandler(new(session.Memory), c).ServeHTTP(w, r)
			if w.Code != tc.want {
				t.Errorf("%d, want %d", w.Code, tc.want)
			}
		})
	}
}

// A spraying attacker behind a proxy that does not send addresses locks nobody out.
func TestUnknownAddressHasNoLimit(t *testing.T) {
	g := new(counts)
	for i := range 1000 {
		if wait, err := newAttempt(fmt.Sprint("user ", i), netip.Prefix{}).count(t.Context(), g); wait != 0 || err != nil {
			t.Fatalf("name %d: %v, %v", i, wait, err)
		}
	}
}

func TestNetwork(t *testing.T) {
	const cloudFront, other, remote = "CloudFront-Viewer-Address", "Client-Ip", "203.0.113.1:0"
	for _, tc := range []struct {
		name, remote, header string
		lines                []string
		origin, want         string
	}{
		{"ipv4", "192.0.2.1:1", "", nil, "", "192.0.2.1/32"},
		{"ipv4-no-port", "192.0.2.1", "", nil, "", "192.0.2.1/32"},
		{"ipv6", "[2001:db8::1]:1", "", nil, "", "2001:db8::/64"},
		{"ipv6-same-network", "[2001:db8::ffff:2]:0", "", nil, "", "2001:db8::/64"},
		{"ipv6-other-network", "[2001:db8:0:1::1]:1", "", nil, "", "2001:db8:0:1::/64"},
		{"ipv6-no-port", "2001:db8::1", "", nil, "", "2001:db8::/64"},
		{"ipv6-zone", "[fe80::1%eth0]:1", "", nil, "", "fe80::/64"},
		{"ipv4-in-ipv6", "[::ffff:192.0.2.1]:1", "", nil, "", "192.0.2.1/32"},
		{"door-does-not-tell", ":0", "", nil, "", "invalid Prefix"},
		{"header-not-believed", remote, "", []string{"192.0.2.1"}, "", "203.0.113.1/32"},
		{"proxy-that-does-not-tell", remote, "", []string{"192.0.2.1"}, "https://app.example", "invalid Prefix"},
		{"header", remote, other, []string{"192.0.2.1"}, "https://app.example", "192.0.2.1/32"},
		{"header-and-no-origin", remote, other, []string{"192.0.2.1"}, "", "192.0.2.1/32"},
		{"header-port", remote, other, []string{"192.0.2.1:4"}, "", "192.0.2.1/32"},
		{"header-ipv6", remote, other, []string{"2001:db8::a:1234"}, "", "2001:db8::/64"},
		{"header-ipv6-port", remote, other, []string{"[2001:db8::1]:4"}, "", "2001:db8::/64"},
		{"header-ipv4-in-ipv6", remote, other, []string{"::ffff:192.0.2.1"}, "https://app.example", "192.0.2.1/32"},
		{"header-ipv6-brackets", remote, other, []string{"[2001:db8::1]"}, "", "2001:db8::/64"},
		{"header-missing", remote, other, nil, "https://app.example", "203.0.113.1/32"},
		{"header-twice", remote, other, []string{"192.0.2.1", "192.0.2.2"}, "", "203.0.113.1/32"},
		{"header-list", remote, other, []string{"192.0.2.1, 192.0.2.2"}, "", "203.0.113.1/32"},
		{"header-empty", remote, other, []string{""}, "", "203.0.113.1/32"},
		{"header-no-address", remote, other, []string{"unknown"}, "", "203.0.113.1/32"},
		{"cloudfront", remote, cloudFront, []string{"192.0.2.1:46532"}, "", "192.0.2.1/32"},
		{"cloudfront-ipv6", remote, cloudFront, []string{"2001:db8:1:2:3:4:5:6:46532"}, "", "2001:db8:1:2::/64"},
		{"cloudfront-ipv6-short", remote, cloudFront, []string{"2001:db8::3:4:5:6:4653"}, "", "2001:db8::/64"},
		{"cloudfront-ipv6-brackets", remote, cloudFront, []string{"[2001:db8::1]:4653"}, "", "2001:db8::/64"},
		{"cloudfront-other-case", remote, "cloudfront-viewer-address", []string{"2001:db8::3:4:5:6:4653"}, "", "2001:db8::/64"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := requestFrom(tc.remote)
			for _, line := range tc.lines {
				name := tc.header
				if name == "" {
					name = other
				}
				r.Header.Add(name, line)
			}
			if got := (config{origin: tc.origin, addressHeader: tc.header}).network(r); got.String() != tc.want {
				t.Errorf("%v, want %s", got, tc.want)
			}
		})
	}
}

// An attempt is taken back from the window in which it was counted, and Retry-After is the start
// of the next window.
func TestWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // it is midnight
		g, from := new(counts), netip.MustParsePrefix("192.0.2.1/32")
		time.Sleep(15*time.Minute - 90*time.Second)
		first := newAttempt("name", from)
		if wait, err := first.count(t.Context(), g); wait != 0 || err != nil {
			t.Fatal(wait, err)
		}
		guess(t, g, maxOfNameAndAddress-1, "name", "192.0.2.1:1")
		wait, err := newAttempt("name", from).count(t.Context(), g)
		if err != nil || wait != 91*time.Second {
			t.Errorf("wait %v, %v, want 1m31s", wait, err)
		}
		late := newAttempt("name", from)
		time.Sleep(wait)
		if wait, err := late.count(t.Context(), g); err != nil || wait != time.Second {
			t.Errorf("an attempt counted after its window: wait %v, %v, want 1s", wait, err)
		}
		if err := first.takeBack(t.Context(), g); err != nil {
			t.Fatal(err)
		}
		guess(t, g, maxOfNameAndAddress, "name", "192.0.2.1:1") // and no more, although one was taken back
		if wait, _ := newAttempt("name", from).count(t.Context(), g); wait == 0 {
			t.Error("what was counted in the window before is taken back in this one")
		}
	})
}

// Concurrent attempts keep the limit.
func TestAttemptsAtOnce(t *testing.T) {
	g, from := new(counts), netip.MustParsePrefix("192.0.2.1/32")
	var made atomic.Int32
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			if wait, err := newAttempt("name", from).count(context.Background(), g); wait == 0 && err == nil {
				made.Add(1)
			}
		})
	}
	all.Wait()
	if made.Load() != maxOfNameAndAddress {
		t.Errorf("%d attempts may be made, want %d", made.Load(), maxOfNameAndAddress)
	}
}
