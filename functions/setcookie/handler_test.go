package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/functions/internal/lambdatest"
	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
)

func TestMain(m *testing.M) { lambdatest.Main(m, main) }

func TestEvents(t *testing.T) {
	frontdoortest.Run(t, newHandler(""), "../../events/setcookie")
}

// The exact limits of the body and the username.
func TestForm(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	for _, tc := range []struct {
		name        string
		contentType string
		body        string
		status      int
	}{
		{"one-byte", form, "username=a", 200},
		{"longest", form, "username=" + strings.Repeat("a", 256), 200},
		{"too-long", form, "username=" + strings.Repeat("a", 257), 400},
		{"longest-unicode-escaped", form, "username=" + strings.Repeat("%F0%9F%8D%AA", 64), 200},
		{"too-long-unicode", form, "username=" + strings.Repeat("%F0%9F%8D%AA", 64) + "a", 400},
		{"every-control-byte", form, "username=%00%01%09%0A%0D%7F", 200},
		{"empty", form, "username=", 400},
		{"missing", form, "", 400},
		{"repeated", form, "username=a&username=a", 400},
		{"not-utf8", form, "username=%FF", 400},
		{"half-a-rune", form, "username=%F0%9F", 400},
		{"broken-escape", form, "username=%zz", 400},
		{"semicolon", form, "username=a;b", 400},
		{"body-at-limit", form, "username=a&pad=" + strings.Repeat("p", 8<<10-len("username=a&pad=")), 200},
		{"body-over-limit", form, "username=a&pad=" + strings.Repeat("p", 8<<10-len("username=a&pad=")+1), 413},
		{"with-charset", form + "; charset=utf-8", "username=a", 200},
		{"other-case", "Application/X-WWW-Form-URLEncoded", "username=a", 200},
		{"no-content-type", "", "username=a", 415},
		{"multipart", "multipart/form-data; boundary=x", "--x--", 415},
		{"text", "text/plain", "username=a", 415},
		{"malformed-content-type", form + "; =", "username=a", 415},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/setcookie", strings.NewReader(tc.body))
			r.Header.Set("Content-Type", tc.contentType)
			w := httptest.NewRecorder()
			newHandler("").ServeHTTP(w, r)
			if w.Code != tc.status {
				t.Errorf("status = %d %q, want %d", w.Code, w.Body, tc.status)
			}
			if sets := len(w.Header()["Set-Cookie"]); (sets == 1) != (tc.status == 200) {
				t.Errorf("%d Set-Cookie lines with status %d", sets, w.Code)
			}
			if got := w.Header().Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control = %q, want no-store", got)
			}
		})
	}
}

func TestUsernameInTheQueryIsNotTheForm(t *testing.T) {
	r := httptest.NewRequest("POST", "/setcookie?username=a", http.NoBody)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	newHandler("").ServeHTTP(w, r)
	if w.Code != 400 {
		t.Errorf("status = %d, want 400", w.Code)
	}
}

// The function as Lambda runs it: it accepts forms of the origin in its environment too.
func TestFunction(t *testing.T) {
	t.Setenv("PUBLIC_ORIGIN", "https://app.example")
	event := lambdatest.Event(t, "../../events/setcookie/post-cross-origin.http.json")
	responses, log := lambdatest.Invoke(t, event, strings.Replace(event, "https://evil.example", "https://app.example", 1))
	for i, want := range []string{`{"statusCode":403,`, `{"statusCode":200,`} {
		if !strings.HasPrefix(responses[i], want) {
			t.Errorf("%s, want number %d to begin with %s\n%s", responses[i], i+1, want, log)
		}
	}
}

// A cookie that cannot be set is an error: here the response already sets another of its name.
func TestCookieFails(t *testing.T) {
	w := httptest.NewRecorder()
	w.Header().Set("Set-Cookie", "username=a; Domain=app.example")
	newHandler("").ServeHTTP(w, httptest.NewRequest("GET", "/setcookie", nil))
	if w.Code != 500 || w.Body.String() != "Internal server error." || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %s, want 500", w.Code, w.Body)
	}
}
