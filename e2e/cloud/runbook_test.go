package cloud

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// The runbook's canary can be pasted into the template: it passes cfn-lint,
// shifts every function's traffic, and rolls back on the alarm.
func TestCanaryOfTheRunbook(t *testing.T) {
	python := testenv.Python(t, "requirements.txt")
	runbook, err := os.ReadFile(filepath.Join(testenv.Root(t), "docs", "deploying.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(runbook, -1)
	if len(blocks) != 1 {
		t.Fatalf("the runbook has %d blocks of YAML, want the canary", len(blocks))
	}
	template, err := os.ReadFile(filepath.Join(testenv.Root(t), "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var base, canary yaml.Node
	if err := yaml.Unmarshal(template, &base); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(blocks[0][1], &canary); err != nil {
		t.Fatal(err)
	}
	merge(base.Content[0], canary.Content[0])
	merged, err := yaml.Marshal(&base)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(file, merged, 0o600); err != nil {
		t.Fatal(err)
	}
	s := expand(t, python, file, t.TempDir())
	lint(t, file, s.file)

	functions := s.of("AWS::Lambda::Function", nil)
	if n := s.of("AWS::CodeDeploy::DeploymentGroup", func(id string, p properties) {
		if got := text(p.get("AlarmConfiguration", "Alarms")); got != `[{"Name":{"Ref":"ServerErrorsAlarm"}}]` {
			t.Errorf("%s has the alarms %s", id, got)
		}
		if p.get("AutoRollbackConfiguration", "Enabled") != true {
			t.Errorf("%s does not roll back", id)
		}
	}); n != functions {
		t.Errorf("%d functions shift traffic, want %d", n, functions)
	}
	for id, r := range s.Resources {
		if r.Type == "AWS::Lambda::Alias" && r.UpdatePolicy["CodeDeployLambdaAliasUpdate"] == nil {
			t.Errorf("%s is moved at once", id)
		}
	}
}

// merge merges one mapping into another, recursively.
func merge(into, from *yaml.Node) {
	for i := 0; i < len(from.Content); i += 2 {
		key, value := from.Content[i], from.Content[i+1]
		found := false
		for j := 0; j < len(into.Content) && !found; j += 2 {
			if found = into.Content[j].Value == key.Value; found {
				merge(into.Content[j+1], value)
			}
		}
		if !found {
			into.Content = append(into.Content, key, value)
		}
	}
}
