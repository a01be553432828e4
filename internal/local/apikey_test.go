package local

import (
	"os"
	"path/filepath"
	"runtime"
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
