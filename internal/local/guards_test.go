package local

import (
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
)

// The project's key stays the same, and only its user can read it.
func TestProjectKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "project", "api-key")
	first, err := projectKey(file)
	if err != nil || len(first) < 20 { // AWS takes no shorter one
		t.Fatalf("%d characters, error %v", len(first), err)
	}
	again, err := projectKey(file)
	if err != nil || again != first {
		t.Errorf("another key, error %v", err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if made, err := projectKey(file); err != nil || made == "" {
		t.Errorf("an empty file gives the key %q, error %v", made, err)
	}
	if _, err := projectKey(filepath.Join(file, "below-a-file")); err == nil {
		t.Error("no error where no file can be")
	}
}

// A key is made only where a route asks for one that the template does not have.
func TestTakesProjectKey(t *testing.T) {
	asks := app.Guard{Authorizer: "ApiKeyRequired", APIKey: true}
	valued := []app.APIKey{{ID: "Mobile", Value: "v", Enabled: true}}
	for name, row := range map[string]struct {
		api  app.API
		want bool
	}{
		"open":      {app.API{Routes: []app.Route{{}}}, false},
		"route":     {app.API{Routes: []app.Route{{}, {Guard: asks}}}, true},
		"preflight": {app.API{CORS: &app.CORS{Guard: asks}}, true},
		"valued":    {app.API{Routes: []app.Route{{Guard: asks}}, Keys: valued}, false},
	} {
		if got := takesProjectKey(&row.api); got != row.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestClaimsFile: only with skipped authorizers, and what cannot be read ends the start.
func TestClaimsFile(t *testing.T) {
	tr := newTree(t)
	tr.write("template.yaml", `Transform: AWS::Serverless-2016-10-31
Resources:
  Web:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Members
        Authorizers:
          Members:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: {issuer: "https://login.example", audience: [shop]}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: hello/
      Handler: bootstrap
      Runtime: provided.al2023
      Events: {Web: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /, Method: get}}}
`)
	tr.write("flat.json", `{"sub":"ana"}`)
	tr.write("named.json", `{"Members":{"sub":"ana"}}`)
	tr.write("mixed.json", `{"Members":{"sub":"ana"},"sub":"bo"}`)
	for name, row := range map[string]struct {
		file  string
		skip  bool
		wrong string
	}{
		"flat":        {"flat.json", true, ""},
		"named":       {"named.json", true, ""},
		"mixed":       {"mixed.json", true, "some of its members are authorizers"},
		"missing":     {"none.json", true, "none.json"},
		"not-json":    {"template.yaml", true, "not a JSON object"},
		"not-skipped": {"flat.json", false, "--claims works together with --insecure-skip-authorizers only"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Open(Options{Template: tr.dir, Log: slog.New(slog.DiscardHandler), ClaimsFile: filepath.Join(tr.dir, row.file), InsecureSkipAuthorizers: row.skip})
			if err == nil {
				defer p.Close()
				err = p.Listen(t.Context())
			}
			if (err == nil) != (row.wrong == "") || err != nil && !strings.Contains(err.Error(), row.wrong) {
				t.Fatalf("error %v, want %q", err, row.wrong)
			}
			if err == nil && !p.APIs()[0].Assumed.Has(&p.APIs()[0].Routes[0].Guard) {
				t.Error("the route's events say nothing of the caller")
			}
		})
	}
}
