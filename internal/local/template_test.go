package local

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
)

const configured = `Transform: AWS::Serverless-2016-10-31
Parameters: {Stage: {Type: String, Default: template}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: hello/
      Handler: bootstrap
      Runtime: provided.al2023
      Environment: {Variables: {REGION: !Ref AWS::Region, STAGE: !Ref Stage, TABLE: template}}
`

// TestRead holds which of template, samconfig and options takes precedence.
func TestRead(t *testing.T) {
	tr := newTree(t)
	tr.write("template.yaml", configured)
	tr.write("samconfig.toml", `version = 0.1
[default.global.parameters]
region = "eu-west-1"
env_vars = "env.json"
[default.local_start_api.parameters]
parameter_overrides = "Stage=samconfig"
[dev.local_start_api.parameters]
parameter_overrides = "Stage=dev"
`)
	tr.write("env.json", `{"F": {"TABLE": "samconfig"}}`)
	tr.write("own.json", `{"F": {"TABLE": "option"}}`)
	type variables = map[string]string
	for _, tc := range []struct {
		name    string
		options Options
		want    variables
		envVars string // the file that is watched
	}{
		{"samconfig", Options{}, variables{"REGION": "eu-west-1", "STAGE": "samconfig", "TABLE": "samconfig"}, "env.json"},
		{"of-another-command", Options{Command: Invoke}, variables{"REGION": "eu-west-1", "STAGE": "template", "TABLE": "samconfig"}, "env.json"},
		{"of-another-environment", Options{ConfigEnv: "dev"}, variables{"REGION": "us-east-1", "STAGE": "dev", "TABLE": "template"}, ""},
		{"options", Options{Region: "eu-north-1", Overrides: []string{"Stage=option"}, EnvVarsFile: filepath.Join(tr.dir, "own.json")},
			variables{"REGION": "eu-north-1", "STAGE": "option", "TABLE": "option"}, "own.json"},
		{"over-options", Options{Overrides: []string{"Stage=option"}, Parameters: variables{"Stage": "over"}, EnvVars: map[string]variables{"F": {"TABLE": "over"}}},
			variables{"REGION": "eu-west-1", "STAGE": "over", "TABLE": "over"}, "env.json"},
		{"of-a-function-that-no-file-has", Options{ConfigEnv: "dev", EnvVars: map[string]variables{"F": {"TABLE": "over"}}},
			variables{"REGION": "us-east-1", "STAGE": "dev", "TABLE": "over"}, ""},
		{"beside-the-file", Options{EnvVars: map[string]variables{"Parameters": {"STAGE": "all"}}},
			variables{"REGION": "eu-west-1", "STAGE": "all", "TABLE": "samconfig"}, "env.json"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.options.Template = tr.dir
			r, err := tc.options.read()
			if err != nil {
				t.Fatal(err)
			}
			if got := r.app.Functions[0].Env; !maps.Equal(got, tc.want) {
				t.Errorf("variables %q, want %q", got, tc.want)
			}
			p, _ := open(t, tc.options)
			if got, want := p.functions(p.app())[0].Env["AWS_REGION"], tc.want["REGION"]; got != want {
				t.Errorf("AWS_REGION is %s, want the template's %s", got, want)
			}
			files := []string{"template.yaml", "samconfig.toml"}
			if tc.envVars != "" {
				files = append(files, tc.envVars)
			}
			for i, name := range files {
				files[i] = filepath.Join(tr.dir, name)
			}
			if !slices.Equal(r.files, files) {
				t.Errorf("read %q, want %q", r.files, files)
			}
		})
	}
}

// A note about variables names the file that is at fault.
func TestNoteOfEnvVarsFile(t *testing.T) {
	tr := newTree(t)
	tr.write("template.yaml", configured)
	tr.write("samconfig.toml", "[default.global.parameters]\nenv_vars = \"env.json\"\n")
	tr.write("env.json", `{"Typo": {"TABLE": "x"}}`)
	file := filepath.Join(tr.dir, "env.json")
	for from, o := range map[string]Options{
		file + ", which env_vars of the samconfig names,": {},
		"--env-vars": {EnvVarsFile: file},
	} {
		o.Template = tr.dir
		a, err := Read(o)
		if err != nil {
			t.Fatal(err)
		}
		want := from + " has values for Typo, which is not a function of the template"
		if !slices.ContainsFunc(a.Findings, func(f app.Finding) bool { return f.Text == want }) {
			t.Errorf("findings %v, want %q", a.Findings, want)
		}
	}
}
