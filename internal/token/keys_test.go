package token_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/token"
)

// newKeys returns keys in a folder that does not exist yet.
func newKeys(t *testing.T) *token.ProjectKeys {
	return &token.ProjectKeys{Dir: filepath.Join(t.TempDir(), "a", "token-keys")}
}

func mustSign(t *testing.T, keys *token.ProjectKeys, r token.Request) string {
	t.Helper()
	text, err := keys.Sign(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func files(t *testing.T, keys *token.ProjectKeys) []fs.DirEntry {
	t.Helper()
	entries, err := os.ReadDir(keys.Dir)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestKeysAreTheUsersOnly(t *testing.T) {
	keys := newKeys(t)
	if found, err := keys.Find(t.Context(), "x"); len(found) > 0 || err != nil {
		t.Errorf("without a folder: %v, %v", found, err)
	}
	if _, err := os.Stat(keys.Dir); err == nil {
		t.Error("looking for a key makes the folder")
	}
	os.MkdirAll(keys.Dir, 0o777)
	mustSign(t, keys, token.Request{Authorizer: jwtAuthorizer, Expires: time.Hour})
	mustSign(t, keys, token.Request{Authorizer: jwtAuthorizer, Expires: time.Hour})
	entries := files(t, keys)
	if len(entries) != 1 {
		t.Fatalf("%d files, want 1", len(entries))
	}
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	for path, want := range map[string]fs.FileMode{keys.Dir: 0o700, filepath.Join(keys.Dir, entries[0].Name()): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", path, info.Mode(), err, want)
		}
	}
}

// A key signs for 30 days. Each token verifies until it expires, and not longer.
func TestKeysRotate(t *testing.T) {
	keys := newKeys(t)
	synctest.Test(t, func(t *testing.T) {
		const day = 24 * time.Hour
		sign := func(expires time.Duration) string {
			return mustSign(t, keys, token.Request{Authorizer: jwtAuthorizer, Expires: expires})
		}
		accepts := func(text string) bool {
			_, err := token.Check(t.Context(), jwtAuthorizer, nil, text, keys)
			return err == nil
		}
		first := sign(token.MaxExpires)
		time.Sleep(30*day - time.Second)
		last := sign(token.MaxExpires)
		if n := len(files(t, keys)); n != 1 {
			t.Errorf("%d keys in 30 days, want 1", n)
		}
		if !accepts(first) {
			t.Error("the first token is refused before it expires")
		}
		time.Sleep(time.Second)
		second := sign(time.Hour)
		if n := len(files(t, keys)); n != 2 {
			t.Errorf("%d keys after 30 days, want 2", n)
		}
		if accepts(first) || !accepts(second) {
			t.Error("after 30 days the first token is accepted, or a new one refused")
		}
		time.Sleep(30*day - 2*time.Second)
		if !accepts(last) {
			t.Error("the last token of a key is refused before it expires")
		}
		time.Sleep(time.Second)
		if accepts(last) {
			t.Error("the last token of a key is accepted after it has expired")
		}
		time.Sleep(time.Second)
		forever := sign(time.Hour)
		if n := len(files(t, keys)); n != 2 {
			t.Errorf("%d keys after 60 days, want 2: the first is no longer needed", n)
		}
		if !accepts(forever) {
			t.Error("a new token is refused")
		}
	})
}

func TestManyCrumbsSignAtOnce(t *testing.T) {
	keys := newKeys(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			other := &token.ProjectKeys{Dir: keys.Dir}
			text, err := other.Sign(token.Request{Authorizer: pool, Expires: time.Hour, Claims: map[string]json.RawMessage{"aud": json.RawMessage(`"shop"`)}})
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := token.Check(t.Context(), pool, nil, text, keys); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// Deleting a key ends its tokens, also in a crumb that has read it.
func TestDeletedKey(t *testing.T) {
	keys := newKeys(t)
	text := mustSign(t, keys, token.Request{Authorizer: jwtAuthorizer, Expires: time.Hour})
	if _, err := token.Check(t.Context(), jwtAuthorizer, nil, text, keys); err != nil {
		t.Fatal(err)
	}
	os.RemoveAll(keys.Dir)
	if _, err := token.Check(t.Context(), jwtAuthorizer, nil, text, keys); err == nil {
		t.Error("the token of a deleted key is accepted")
	}
}

func TestDamagedKey(t *testing.T) {
	keys := newKeys(t)
	mustSign(t, keys, token.Request{Authorizer: jwtAuthorizer, Expires: time.Hour})
	file := filepath.Join(keys.Dir, files(t, keys)[0].Name())
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text[:len(text)-10], 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = keys.Sign(token.Request{Authorizer: jwtAuthorizer, Expires: time.Hour})
	if err == nil || !strings.Contains(err.Error(), file+" is not a signing key of crumb") {
		t.Errorf("error %v", err)
	}
}

func TestSign(t *testing.T) {
	keys := newKeys(t)
	raw := func(text string) json.RawMessage { return json.RawMessage(text) }
	bare := *pool
	bare.Validation = ""
	for _, row := range []struct {
		name   string
		r      token.Request
		scopes []string // the route's
		reason string   // "" when accepted
		claims map[string]string
	}{
		{"jwt", token.Request{Authorizer: jwtAuthorizer, Expires: time.Hour}, nil, "", map[string]string{"iss": "https://login.example/", "aud": "shop", "sub": "local-user"}},
		{"jwt-scopes", token.Request{Authorizer: jwtAuthorizer, Expires: time.Hour, Scopes: []string{"a", "b"}}, []string{"b"}, "", map[string]string{"aud": "shop", "scope": "a b"}},
		{"jwt-access", token.Request{Authorizer: jwtAuthorizer, Expires: time.Hour, Use: "access"}, nil, "", map[string]string{"aud": "", "client_id": "shop"}},
		{"cognito", token.Request{Authorizer: &bare, Expires: time.Hour}, nil, "", map[string]string{"token_use": "id", "cognito:username": "local-user"}},
		{"cognito-scopes", token.Request{Authorizer: &bare, Expires: time.Hour, Scopes: []string{"a"}}, []string{"a"}, "", map[string]string{"token_use": "access", "username": "local-user"}},
		{"claims", token.Request{Authorizer: jwtAuthorizer, Expires: time.Hour, Claims: map[string]json.RawMessage{"sub": raw(`"u-7"`), "n": raw("12345678901234567890"), "groups": raw(`["a","b"]`)}}, nil, "",
			map[string]string{"sub": "u-7", "n": "12345678901234567890", "groups": "[a b]"}},
		{"claims-win", token.Request{Authorizer: jwtAuthorizer, Expires: time.Hour, Claims: map[string]json.RawMessage{"aud": raw(`"other"`)}}, nil, "the token's aud is not shop or admin", nil},
		{"pattern", token.Request{Authorizer: pool, Expires: time.Hour}, nil, "the token's aud does not match", nil},
		{"expired", token.Request{Authorizer: jwtAuthorizer, Expires: -time.Hour}, nil, "the token expired 1h0m", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := mustSign(t, keys, row.r)
			accepted, err := token.Check(t.Context(), row.r.Authorizer, row.scopes, text, keys)
			if row.reason != "" {
				if err == nil || !strings.HasPrefix(err.Error(), row.reason) {
					t.Errorf("%v, want %s", err, row.reason)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range row.claims {
				if got := accepted.Claims[name]; got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
		})
	}
	for want, r := range map[string]token.Request{
		"--use is id or access":                       {Authorizer: jwtAuthorizer, Use: "refresh"},
		"a token lasts for 720h0m0s at most":          {Authorizer: jwtAuthorizer, Expires: token.MaxExpires + time.Second},
		"an id token of Cognito has no scopes: leave": {Authorizer: pool, Use: "id", Scopes: []string{"a"}},
		"Empty has no issuer":                         {Authorizer: &app.Authorizer{Name: "Empty", Kind: app.Cognito}},
	} {
		if _, err := keys.Sign(r); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
