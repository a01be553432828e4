package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/sessiontest"

	"github.com/crumb-go/crumb/examples/login/internal/users"
)

// local are the users of events/env.json: ana, whose password is "password".
func local(t *testing.T) users.List {
	t.Helper()
	text, err := os.ReadFile("../../events/env.json")
	if err != nil {
		t.Fatal(err)
	}
	var env struct{ WebFunction map[string]string }
	if err := json.Unmarshal(text, &env); err != nil {
		t.Fatal(err)
	}
	list, err := users.Parse(env.WebFunction["USERS"])
	if err != nil || len(list) == 0 {
		t.Fatalf("events/env.json has %d users, %v", len(list), err)
	}
	return list
}

// Each request in events/ gets the response beside it, from a store with one
// session: that of the cookie __Host-id= and sessiontest.SignedInCookie. After a
// change "go test ./functions/... -update" writes the responses, for you to read as
// a diff.
func TestEvents(t *testing.T) {
	list := local(t)
	h := sessiontest.SignedIn(t, `{"name":"ana"}`, func(s session.Store) http.Handler { return newHandler(s, list) })
	frontdoortest.Run(t, h, "../../events/web")
}

// A session ends on the server: a copy of its cookie does not work any more.
func TestSignInAndOut(t *testing.T) {
	h := newHandler(new(session.Memory), local(t))
	send := func(method, path, form, cookie string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if cookie != "" {
			r.Header.Set("Cookie", cookie)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	right := url.Values{"username": {"ana"}, "password": {"password"}}.Encode()
	wrong := url.Values{"username": {"ana"}, "password": {"Password"}}.Encode()
	if w := send("POST", "/login", wrong, ""); w.Code != 401 || len(w.Header()["Set-Cookie"]) != 0 {
		t.Errorf("a wrong password: %d %q", w.Code, w.Header()["Set-Cookie"])
	}
	w := send("POST", "/login", right, "")
	if w.Code != 303 || len(w.Header()["Set-Cookie"]) != 1 {
		t.Fatalf("the right password: %d %s", w.Code, w.Body)
	}
	cookie, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	if w := send("GET", "/", "", cookie); !strings.Contains(w.Body.String(), "Hello, ana!") {
		t.Errorf("signed in: %d %s", w.Code, w.Body)
	}
	if w := send("POST", "/logout", "", cookie); w.Code != 303 {
		t.Errorf("signing out: %d %s", w.Code, w.Body)
	}
	if w := send("GET", "/", "", cookie); !strings.Contains(w.Body.String(), "Nobody is signed in.") {
		t.Errorf("signed out: %d %s", w.Code, w.Body)
	}
}

func TestPolicyAllowsTheScript(t *testing.T) {
	sum := sha256.Sum256([]byte(askAgain))
	if want := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
		t.Errorf("the policy has no %s", want)
	}
}
