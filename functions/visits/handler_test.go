package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/functions/internal/demo"
	"github.com/crumb-go/crumb/functions/internal/lambdatest"
	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
	"github.com/crumb-go/crumb/shared/keyring"
)

func TestMain(m *testing.M) { lambdatest.Main(m, main) }

// publishedRing is the ring in events/env.json, with which the events are sealed.
func publishedRing(t *testing.T) *keyring.Ring {
	t.Helper()
	text, err := os.ReadFile("../../events/env.json")
	if err != nil {
		t.Fatal(err)
	}
	var env map[string]map[string]string
	if err := json.Unmarshal(text, &env); err != nil {
		t.Fatal(err)
	}
	for name, value := range env["VisitsFunction"] {
		t.Setenv(name, value)
	}
	t.Setenv("AWS_SAM_LOCAL", "true")
	ring, err := keyring.FromEnv(context.Background(), demo.App, nil)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestEvents(t *testing.T) {
	frontdoortest.Run(t, newHandler(publishedRing(t)), "../../events/visits")
}

// A year of visits with a browser that keeps the cookie.
func TestVisits(t *testing.T) {
	h := newHandler(publishedRing(t))
	before := time.Local
	time.Local = time.FixedZone("", -60*60) // where it is still 1999, but dates are in UTC
	t.Cleanup(func() { time.Local = before })
	synctest.Test(t, func(t *testing.T) {
		cookie := ""
		for i, want := range []string{
			"Welcome! This is your first visit.",
			"Welcome back! Visit 2, member since 1 January 2000.",
			"Welcome back! Visit 3, member since 1 January 2000.",
			"Welcome back! Visit 4, member since 1 January 2000.",
			"Welcome back! Visit 5, member since 1 January 2000.",
			"Welcome back! Visit 6, member since 1 January 2000.",
			"Welcome back! Visit 7, member since 1 January 2000.",
			"Welcome back! Visit 8, member since 1 January 2000.",
			"Welcome back! Visit 9, member since 1 January 2000.",
			"Your tenth visit since 1 January 2000: this cookie is on the house!",
			"Welcome back! Visit 11, member since 1 January 2000.",
		} {
			r := httptest.NewRequest("GET", "/visits", nil)
			r.Header.Set("Cookie", cookie)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != 200 || w.Body.String() != want {
				t.Errorf("visit %d: %d %q, want %q", i+1, w.Code, w.Body, want)
			}
			cookie, _, _ = strings.Cut(w.Header().Get("Set-Cookie"), ";")
			time.Sleep(364 * 24 * time.Hour)
		}
		time.Sleep(24 * time.Hour)
		r := httptest.NewRequest("GET", "/visits", nil)
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Body.String(); !strings.HasPrefix(got, "Welcome! This is your first visit") {
			t.Errorf("after a year: %q", got)
		}
	})
}

// The function as Lambda runs it, with keys from the secret that its environment names.
func TestFunction(t *testing.T) {
	secrets := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		fmt.Fprintf(w, `{"SecretString":%q}`, keyring.Format(keyring.Rotate(nil, time.Now(), demo.VisitsLife)))
	}))
	defer secrets.Close()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": secrets.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "SECRET",
		"CRUMB_KEYS": "", "CRUMB_KEYS_SECRET": "the-ring",
	} {
		t.Setenv(name, value)
	}
	responses, log := lambdatest.Invoke(t, lambdatest.Event(t, "../../events/visits/first.http.json"))
	if !strings.HasPrefix(responses[0], `{"statusCode":200,`) || !strings.Contains(responses[0], "visits=") {
		t.Errorf("%s\n%s", responses[0], log)
	}
}

func TestStartWithoutKeys(t *testing.T) {
	t.Setenv("CRUMB_KEYS", "")
	t.Setenv("CRUMB_KEYS_SECRET", "")
	if err := start(); err == nil || !strings.Contains(err.Error(), "CRUMB_KEYS") {
		t.Errorf("start: %v, want an error that names CRUMB_KEYS", err)
	}
}

func TestNoKeyYet(t *testing.T) {
	t.Setenv("CRUMB_KEYS", "")
	t.Setenv("CRUMB_KEYS_SECRET", "empty")
	ring, err := keyring.FromEnv(context.Background(), demo.App, func(context.Context, string) (string, error) { return "", nil })
	if err != nil {
		t.Fatal(err)
	}
	log := logged(t)
	for _, cookie := range []string{"", "visits=" + strings.Repeat("A", 100)} {
		r := httptest.NewRequest("GET", "/visits", nil)
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		newHandler(ring).ServeHTTP(w, r)
		if w.Code != 503 || w.Header().Get("Retry-After") != "30" || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("response = %d, %v", w.Code, w.Header())
		}
		if got, want := w.Body.String(), "The visits cannot be counted yet. Please try again in a moment."; got != want {
			t.Errorf("body = %q, want %q", got, want)
		}
	}
	if strings.Contains(log.String(), "starting over") {
		t.Errorf("log = %s, but the cookie stays", log)
	}
}

// logged collects what the test logs with slog's default logger.
func logged(t *testing.T) *bytes.Buffer {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &log
}

// A cookie that does not open is logged, with the reason but without its value. An absent or a
// good one is not.
func TestForgedCookie(t *testing.T) {
	h := newHandler(publishedRing(t))
	log := logged(t)
	visit := func(cookie string) string {
		log.Reset()
		r := httptest.NewRequest("GET", "/visits", nil)
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		pair, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
		return pair
	}
	good := visit("")
	if log.Len() > 0 {
		t.Errorf("without a cookie: %s", log)
	}
	if visit(good); log.Len() > 0 {
		t.Errorf("with a good cookie: %s", log)
	}
	visit("visits=f0rged")
	if got := log.String(); !strings.Contains(got, `level=INFO msg="unreadable visits cookie, starting over" reason="`) || !strings.Contains(got, "is not a sealed value") || strings.Contains(got, "f0rged") {
		t.Errorf("with a forged cookie: %q", got)
	}
}

// A cookie that cannot be set is an error: here the response already sets another of its name.
func TestCookieFails(t *testing.T) {
	log := logged(t)
	w := httptest.NewRecorder()
	w.Header().Set("Set-Cookie", "visits=1; Domain=app.example")
	newHandler(publishedRing(t)).ServeHTTP(w, httptest.NewRequest("GET", "/visits", nil))
	if w.Code != 500 || !strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("%d %s, want 500; log = %s", w.Code, w.Body, log)
	}
}

// While the secret cannot be read, cookies are not replaced, and visits not counted.
func TestStaleKeys(t *testing.T) {
	t.Setenv("CRUMB_KEYS", "")
	t.Setenv("CRUMB_KEYS_SECRET", "ring")
	before := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	t.Cleanup(func() { slog.SetDefault(before) })
	synctest.Test(t, func(t *testing.T) {
		old := []keyring.Key{keyring.NewKey("", time.Now().Add(-time.Hour))}
		text, down := keyring.Format(old), error(nil)
		ring, err := keyring.FromEnv(context.Background(), demo.App, func(context.Context, string) (string, error) { return text, down })
		if err != nil {
			t.Fatal(err)
		}
		h := newHandler(ring)
		rotated := keyring.Format(keyring.Rotate(old, time.Now(), demo.VisitsLife))
		time.Sleep(10 * time.Minute)
		elsewhere, err := keyring.New(demo.App, rotated)
		if err != nil {
			t.Fatal(err)
		}
		visit := func(h http.Handler, cookie string) (int, http.Header, string) {
			r := httptest.NewRequest("GET", "/visits", nil)
			r.Header.Set("Cookie", cookie)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w.Code, w.Header(), w.Body.String()
		}
		_, header, _ := visit(newHandler(elsewhere), "")
		fresh, _, _ := strings.Cut(header.Get("Set-Cookie"), ";")
		_, header, _ = visit(h, "")
		known, _, _ := strings.Cut(header.Get("Set-Cookie"), ";")

		down = errors.New("down")
		time.Sleep(20 * time.Minute)
		for name, cookie := range map[string]string{
			"sealed-elsewhere": fresh, "sealed-here": known, "absent": "", "behind-a-forgery": "visits=x; " + fresh,
		} {
			code, header, _ := visit(h, cookie)
			if code != 503 || header.Get("Retry-After") != "30" || header.Get("Set-Cookie") != "" || header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %d, %v, want 503 and no cookie", name, code, header)
			}
		}
		text, down = rotated, nil
		time.Sleep(30 * time.Second)
		for _, cookie := range []string{fresh, known} {
			if code, _, body := visit(h, cookie); code != 200 || !strings.HasPrefix(body, "Welcome back! Visit 2, ") {
				t.Errorf("after the outage: %d %q, want visit 2", code, body)
			}
		}
	})
}
