package cloud

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// beyondMoto are types that moto's CloudFormation ignores, including everything
// in an HTTP API.
var beyondMoto = []string{
	"AWS::ApiGateway::Deployment", "AWS::ApiGateway::Stage", "AWS::CloudWatch::Alarm", "AWS::Logs::MetricFilter",
	"AWS::SecretsManager::RotationSchedule", "AWS::SecretsManager::Secret",
}

// The stack is created, updated and deleted in moto.
func TestRehearsal(t *testing.T) {
	python := testenv.Python(t, "requirements.txt")
	s := expand(t, python, filepath.Join(testenv.Root(t), "template.yaml"), t.TempDir())
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
		if got := report.Created[id]; got != "CREATE_COMPLETE" && !slices.Contains(beyondMoto, r.Type) {
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
