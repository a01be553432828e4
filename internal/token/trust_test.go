package token_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
	"github.com/crumb-go/crumb/internal/token"
)

// project has one authorizer of each kind, and a name in two APIs.
func project() *app.App {
	return &app.App{File: "template.yaml", APIs: []*app.API{
		{ID: "Web", Authorizers: []*app.Authorizer{jwtAuthorizer, {Name: "Own", Kind: app.Lambda}}},
		{ID: "Admin", Authorizers: []*app.Authorizer{{Name: "Jwt", Kind: app.JWT, Issuer: "https://staff.example"}, pool}},
	}}
}

func TestFind(t *testing.T) {
	a := project()
	for _, row := range []struct{ name, want string }{
		{"Pool", "Admin Pool"},
		{"Admin.Pool", "Admin Pool"},
		{"Web.Jwt", "Web Jwt"},
		{"Admin.Jwt", "Admin Jwt"},
		{"Jwt", "more than one authorizer has the name Jwt: template.yaml has Web.Jwt, Admin.Jwt, Admin.Pool"},
		{"", "choose an authorizer: template.yaml has Web.Jwt, Admin.Jwt, Admin.Pool"},
		{"jwt", "no JWT or Cognito authorizer has the name jwt: template.yaml has Web.Jwt, Admin.Jwt, Admin.Pool"},
		{"Own", "the authorizer Own is a Lambda function, which decides itself which credentials it accepts"},
	} {
		got := ""
		if api, found, err := token.Find(a, row.name); err != nil {
			got = err.Error()
		} else {
			got = api.ID + " " + found.Name
		}
		if got != row.want {
			t.Errorf("Find(%q) = %s, want %s", row.name, got, row.want)
		}
	}
	a.APIs = a.APIs[:1]
	if _, found, err := token.Find(a, ""); err != nil || found != jwtAuthorizer {
		t.Errorf("the only one: %v, %v", found, err)
	}
	a.APIs[0].Authorizers = nil
	if _, _, err := token.Find(a, ""); err == nil || err.Error() != "template.yaml has no JWT or Cognito authorizer" {
		t.Errorf("none: %v", err)
	}
}

// writeSet writes a key set with one public key to a file.
func writeSet(t *testing.T, keys ...jose.JSONWebKey) string {
	t.Helper()
	text, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTrust(t *testing.T) {
	own := newKeys(t)
	ours := mustSign(t, own, token.Request{Authorizer: jwtAuthorizer, Expires: time.Hour})
	from := func(kid string) string {
		return sign(map[string]any{"alg": "RS256", "kid": kid}, claims(nil), theirs())
	}
	file := func(kid string) string { return writeSet(t, jose.JSONWebKey{KeyID: kid, Key: &theirs().PublicKey}) }
	web := project().APIs[0]
	const unknown, hint = "Jwt (t.yaml:7): the token's kid is not that of a trusted key", "; get one with crumb token -t shop.yaml --authorizer Web.Jwt"
	const elsewhere = "Jwt (t.yaml:7): crumb's own key is trusted only if the request's Host and client are those of loopback; --jwks sets another"
	for _, row := range []struct {
		name     string
		sets     []string
		loopback bool // the Host
		client   string
		token    string
		reason   string // "" when accepted
	}{
		{"own-key", nil, true, "127.0.0.1", ours, ""},
		{"own-key-over-ipv6", nil, true, "::1", ours, ""},
		{"own-key-at-another-host", nil, false, "127.0.0.1", ours, elsewhere},
		{"own-key-from-another-machine", nil, true, "192.168.1.7", ours, elsewhere},
		{"own-key-from-nowhere", nil, true, "", ours, elsewhere},
		{"foreign-key", nil, true, "127.0.0.1", from("all"), unknown + hint},
		{"set-for-all", []string{file("all")}, true, "127.0.0.1", from("all"), ""},
		{"set-for-all-elsewhere", []string{file("all")}, false, "192.168.1.7", from("all"), ""},
		{"set-replaces-own-key", []string{file("all")}, true, "127.0.0.1", ours, unknown},
		{"set-by-name", []string{file("all"), "Jwt=" + file("jwt")}, true, "127.0.0.1", from("jwt"), ""},
		{"set-by-name-wins", []string{file("all"), "Jwt=" + file("jwt")}, true, "127.0.0.1", from("all"), unknown},
		{"set-by-api-wins", []string{"Web.Jwt=" + file("web"), "Jwt=" + file("jwt")}, true, "127.0.0.1", from("web"), ""},
		{"set-of-another", []string{"Admin.Jwt=" + file("all")}, true, "127.0.0.1", from("all"), unknown + hint},
		{"set-of-another-keeps-own-key", []string{"Admin.Jwt=" + file("all")}, true, "127.0.0.1", ours, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			trust, err := token.NewTrust(own, row.sets)
			if err != nil {
				t.Fatal(err)
			}
			trust.Template = "shop.yaml"
			if err := trust.Check(project()); err != nil {
				t.Error(err)
			}
			r := request()
			r.Loopback, r.SourceIP = row.loopback, row.client
			accepted, err := trust.Verifier(project(), web)(t.Context(), r, row.token)
			if row.reason != "" {
				if fmt.Sprint(err) != row.reason {
					t.Errorf("%v, want %q", err, row.reason)
				}
				return
			}
			if err != nil || !strings.Contains(accepted.Object, `"iss":"https://login.example/"`) {
				t.Errorf("%+v, %v", accepted, err)
			}
		})
	}
}

// request is one to a route that jwtAuthorizer guards.
func request() *authorizer.Request {
	return &authorizer.Request{Guard: &app.Guard{Authorizer: "Jwt", Auth: app.JWT, ClosedAt: "t.yaml:7", Declared: jwtAuthorizer}}
}

func TestTrustErrors(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "page.html")
	if err := os.WriteFile(text, []byte("<html>secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, make([]byte, 1<<20+1), 0o600); err != nil {
		t.Fatal(err)
	}
	file := writeSet(t, jose.JSONWebKey{KeyID: "k1", Key: &theirs().PublicKey})
	for _, row := range []struct {
		sets []string
		want string
	}{
		{[]string{filepath.Join(dir, "none")}, "none: "},
		{[]string{text}, "page.html: not a JSON Web Key Set"},
		{[]string{large}, "large: over 1048576 bytes"},
		{[]string{"Jwt=" + file, "Jwt=https://login.example/keys"}, "two key sets for the same authorizers"},
		{[]string{"https://login.example/keys?secret", "HTTPS://user:secret@login.example"}, "two key sets for the same authorizers"},
		{[]string{"https://"}, "the URL of a key set is malformed"},
		{[]string{"ftp://login.example/keys"}, "ftp://login.example/keys: "},
		{[]string{"Nobody=" + file}, "no JWT or Cognito authorizer has the name Nobody: template.yaml has Web.Jwt"},
		{[]string{"Own=" + file}, "the authorizer Own is a Lambda function"},
	} {
		trust, err := token.NewTrust(nil, row.sets)
		if err == nil {
			err = trust.Check(project())
		}
		if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, want %s", row.sets, err, row.want)
		}
	}
}

// A file that changes counts for the next token. Keys of other kinds are left out, and
// a private key verifies as its public one.
func TestKeySetFile(t *testing.T) {
	file := writeSet(t, jose.JSONWebKey{KeyID: "k1", Key: theirs()}, jose.JSONWebKey{KeyID: "k1", Key: []byte("0123456789012345678901234567890123456789")})
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	set := strings.Replace(string(text), `{"keys":[`, `{"keys":[{"kty":"new"},{},7,`, 1)
	if err := os.WriteFile(file, []byte(set), 0o600); err != nil {
		t.Fatal(err)
	}
	trust, err := token.NewTrust(nil, []string{file})
	if err != nil {
		t.Fatal(err)
	}
	check := trust.Verifier(project(), project().APIs[0])
	if _, err := check(t.Context(), request(), sign(rs256, claims(nil), theirs())); err != nil {
		t.Error(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if accepted, err := check(t.Context(), request(), sign(rs256, claims(nil), theirs())); err == nil {
		t.Errorf("after the file is gone: %v", accepted)
	}
}

// Nothing is called before the first token. Errors do not have the URL's credentials or query.
func TestKeySetURL(t *testing.T) {
	file := writeSet(t, jose.JSONWebKey{KeyID: "k1", Key: &theirs().PublicKey})
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		switch r.URL.Path {
		case "/keys":
			http.ServeFile(w, r, file)
		case "/moved":
			http.Redirect(w, r, "/keys", http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file://"+file, http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/large":
			w.Write(make([]byte, 1<<20+1))
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	for _, row := range []struct{ path, reason string }{
		{"/keys", ""},
		{"/moved", ""},
		{"/file", "/file: too many redirects, or one to another scheme"},
		{"/loop", "/loop: too many redirects, or one to another scheme"},
		{"/large", "/large: over 1048576 bytes"},
		{"/none", "/none: status 404 Not Found"},
	} {
		calls = 0
		trust, err := token.NewTrust(nil, []string{"Jwt=" + strings.Replace(server.URL, "://", "://user:secret@", 1) + row.path + "?key=secret"})
		if err != nil {
			t.Fatal(err)
		}
		if calls > 0 {
			t.Errorf("%s: called before the first token", row.path)
		}
		check := func(kid string) error {
			text := sign(map[string]any{"alg": "RS256", "kid": kid}, claims(nil), theirs())
			_, err := trust.Verifier(project(), project().APIs[0])(t.Context(), request(), text)
			return err
		}
		err = check("k1")
		if got := fmt.Sprint(err); row.reason == "" && err != nil || row.reason != "" && got != "Jwt (t.yaml:7): read key set "+server.URL+row.reason {
			t.Errorf("%s: %s, want %q", row.path, got, row.reason)
		}
		before := calls
		if check("k1"); calls != before {
			t.Errorf("%s: called again at once", row.path)
		}
		if check("unknown"); calls != before {
			t.Errorf("%s: called again at once for an unknown id", row.path)
		}
	}
}
