package cloud

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/need"
)

// The stack is created, updated and deleted in moto, which knows REST APIs but
// neither their deployments and stages, nor HTTP APIs.
func TestRehearsal(t *testing.T) {
	python := need.Python(t, "requirements.txt")
	s := expand(t, python, filepath.Join(need.Root(t), "template.yaml"), t.TempDir())
	var stderr strings.Builder
	cmd := exec.Command(python, "rehearse.py", s.file)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	type function struct {
		Runtime, Handler, Role string
		Timeout                int
	}
	var report struct {
		Created, Outputs   map[string]string
		Functions, Updated map[string]function
		Retention          []int
		Left               []string
	}
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatal(err)
	}
	for id, r := range s.Resources {
		if r.Type == "AWS::ApiGateway::Deployment" || r.Type == "AWS::ApiGateway::Stage" {
			continue
		}
		if got := report.Created[id]; got != "CREATE_COMPLETE" {
			t.Errorf("%s (%s): %q", id, r.Type, got)
		}
	}
	if url := report.Outputs["Url"]; !strings.HasPrefix(url, "https://") || !strings.HasSuffix(url, "/prod") {
		t.Errorf("Url = %q", url)
	}
	if want := s.of("AWS::Lambda::Function", nil); len(report.Functions) != want || len(report.Updated) != want {
		t.Errorf("%d functions, and %d after the update; want %d", len(report.Functions), len(report.Updated), want)
	}
	for name, f := range report.Functions {
		if f.Runtime != "provided.al2023" || f.Handler != "bootstrap" || !strings.Contains(f.Role, ":role/crumb-") {
			t.Errorf("%s: %+v", name, f)
		}
		if after := report.Updated[name]; after.Timeout != 7 || after.Role != f.Role {
			t.Errorf("%s after the update: %+v", name, after)
		}
	}
	for _, days := range report.Retention {
		if days != 30 {
			t.Errorf("logs are kept %d days", days)
		}
	}
	if len(report.Left) > 0 {
		t.Errorf("left after the deletion: %q", report.Left)
	}
}
