package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// The deploy workflow's own commands build in one place, and deploy in another
// that gets only the artifact.
func TestDeployWorkflow(t *testing.T) {
	text := read(t, filepath.Join(testenv.Root(t), ".github", "workflows", "deploy-one.yml"))
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Name, Run string
				Env       map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text), &workflow); err != nil {
		t.Fatal(err)
	}
	account := newAccount(t)
	if account == nil {
		t.Skip("no account")
	}
	run := func(dir, job, apart string) string {
		t.Helper()
		var out strings.Builder
		for _, step := range workflow.Jobs[job].Steps {
			if step.Run == "" || strings.Contains(step.Run, apart) {
				continue
			}
			cmd := exec.Command("sh", "-euc", step.Run)
			cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
			cmd.Env = append(append(os.Environ(), account...), "CONFIG_ENV=default", "STACK=crumb-workflow")
			for key, value := range step.Env {
				cmd.Env = append(cmd.Env, key+"="+value)
			}
			if err := cmd.Run(); err != nil {
				t.Fatalf("%s: %v\n%s", step.Name, err, out.String())
			}
		}
		return out.String()
	}
	clone, empty := newRepository(t), t.TempDir()
	run(clone, "build", "govulncheck") // asks vuln.go.dev
	if err := os.Rename(filepath.Join(clone, "build.tar"), filepath.Join(empty, "build.tar")); err != nil {
		t.Fatal(err)
	}
	out := run(empty, "deploy", "curl") // no API Gateway
	if !strings.Contains(out, "Successfully created/updated stack - crumb-workflow in us-east-1") {
		t.Errorf("the deployment says\n%s", out)
	}
	programs, err := filepath.Glob(filepath.Join(empty, ".aws-sam", "build", "*", "bootstrap"))
	if err != nil || len(programs) == 0 {
		t.Fatalf("no programs in the artifact: %v", err)
	}
	for _, program := range programs {
		if info, err := os.Stat(program); err != nil {
			t.Error(err)
		} else if info.Mode()&0o111 == 0 {
			t.Errorf("%s has the mode %v, and Lambda cannot start it", program, info.Mode())
		}
	}
}
