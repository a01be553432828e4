package local

import (
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/token"
)

// guardedApp has a REST API with a Cognito authorizer and an HTTP API with a JWT
// authorizer, one route each.
func guardedApp() *app.App {
	api := func(id string, kind app.Kind, d *app.Authorizer, payload string, scopes ...string) *app.API {
		d.Sources = []app.IdentitySource{{In: app.FromHeader, Name: "Authorization"}}
		guard := app.Guard{Authorizer: d.Name, ClosedAt: "template.yaml:7", Auth: d.Kind, Declared: d, Scopes: scopes}
		return &app.API{ID: id, Kind: kind, Stage: "prod", Authorizers: []*app.Authorizer{d}, Routes: []app.Route{
			{Method: "GET", Path: "/x", Payload: payload, Function: &app.Function{ID: "F"}, Guard: guard},
		}}
	}
	jwt := &app.Authorizer{Name: "Jwt", Kind: app.JWT, Issuer: "https://login.example", Audience: []string{"shop"}}
	pool := &app.Authorizer{Name: "Pool", Kind: app.Cognito, UserPools: []string{"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Ab"}}
	return &app.App{APIs: []*app.API{api("Web", app.HTTP, jwt, "2.0", "orders/read"), api("Rest", app.REST, pool, "1.0")}}
}

func TestTokensOverHTTP(t *testing.T) {
	keys := &token.ProjectKeys{Dir: filepath.Join(t.TempDir(), "keys")}
	trust, err := token.NewTrust(keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	o := Options{Host: loopback, AllowHosts: []string{"shop.test"}, Log: slog.New(slog.NewTextHandler(&log, nil))}
	s := newSite(o, echo{}, trust, false)
	t.Cleanup(func() { s.close() })
	a := guardedApp()
	if err := s.update(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	sign := func(api int, r token.Request) string {
		r.Authorizer, r.Expires = a.APIs[api].Authorizers[0], r.Expires+time.Hour
		text, err := keys.Sign(r)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	web, rest := sign(0, token.Request{Scopes: []string{"orders/read", "x"}}), sign(1, token.Request{})
	for _, row := range []struct {
		name, host, credential string
		api, status            int
		challenge, body, log   string // parts
	}{
		{"jwt", "localhost", "Bearer " + web, 0, 200, "", `"jwt":{"claims":{"aud":"shop",`, ""},
		{"jwt-scopes", "localhost", web, 0, 200, "", `"scopes":["orders/read","x"]}`, ""},
		{"jwt-missing", "localhost", "", 0, 401, "Bearer", `{"message":"Unauthorized"}`, "crumb token --authorizer Jwt"},
		{"jwt-without-scope", "localhost", sign(0, token.Request{}), 0, 403, `Bearer scope="orders/read" error="insufficient_scope"`, `{"message":"Forbidden"}`, "crumb token --authorizer Jwt --scope orders/read"},
		{"jwt-of-another-pool", "localhost", rest, 0, 401, `error="invalid_token"`, `{"message":"Unauthorized"}`, "the token's iss is not https://login.example"},
		{"jwt-at-another-host", "shop.test", web, 0, 401, `error="invalid_token"`, `{"message":"Unauthorized"}`, "crumb's own key is trusted only"},
		{"cognito", "localhost", rest, 1, 200, "", `"authorizer":{"claims":{"aud":`, ""},
		{"cognito-missing", "localhost", "", 1, 401, "", `{"message":"Unauthorized"}`, "crumb token --authorizer Pool"},
		{"cognito-expired", "localhost", sign(1, token.Request{Expires: -2 * time.Hour}), 1, 401, "", `{"message":"The incoming token has expired"}`, "the token expired 1h0m"},
		{"cognito-access-token", "localhost", sign(1, token.Request{Scopes: []string{"x"}}), 1, 401, "", `{"message":"Unauthorized"}`, "which a route without scopes requires"},
	} {
		t.Run(row.name, func(t *testing.T) {
			log.Reset()
			r, err := http.NewRequestWithContext(t.Context(), "GET", s.servers()[row.api].url+"/x", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = row.host
			if row.credential != "" {
				r.Header.Set("Authorization", row.credential)
			}
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			got := response.Header.Get("Www-Authenticate")
			if response.StatusCode != row.status || !strings.Contains(string(body), row.body) || !strings.Contains(got, row.challenge) || row.challenge == "" && got != "" {
				t.Errorf("%s, WWW-Authenticate %q, body %s", response.Status, got, body)
			}
			if !strings.Contains(log.String(), row.log) {
				t.Errorf("log %s, want %s", &log, row.log)
			}
			if parts := strings.Split(row.credential, "."); len(parts) == 3 && strings.Contains(log.String(), parts[2]) {
				t.Errorf("the log has the token: %s", &log)
			}
		})
	}
}

// A key set for an authorizer that the template does not have, or no longer has, is named.
func TestKeySetOfNobody(t *testing.T) {
	trust, err := token.NewTrust(nil, []string{"Nobody=https://login.example/keys"})
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(Options{Host: loopback, Log: slog.New(slog.DiscardHandler)}, echo{}, trust, false)
	err = s.update(t.Context(), guardedApp())
	if err == nil || !strings.HasPrefix(err.Error(), "--jwks: no JWT or Cognito authorizer has the name Nobody: ") {
		t.Errorf("error %v", err)
	}
}
