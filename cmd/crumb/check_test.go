package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// check runs crumb check where sam is not on PATH.
func check(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Setenv("PATH", t.TempDir())
	var out, errs bytes.Buffer
	code = run(t.Context(), append([]string{"check"}, args...), nil, &out, &errs)
	return code, out.String(), errs.String()
}

// TestCheck compares what is printed about each template of testdata/check with the
// files beside it, which -update writes.
func TestCheck(t *testing.T) {
	templates, err := filepath.Glob("testdata/check/*.yaml")
	if err != nil || len(templates) == 0 {
		t.Fatal("no templates", err)
	}
	codes := map[string]int{"refused": 1} // else 0
	for _, template := range templates {
		name := strings.TrimSuffix(filepath.Base(template), ".yaml")
		t.Run(name, func(t *testing.T) {
			code, text, stderr := check(t, "-t", template)
			if code != codes[name] || stderr != "" {
				t.Errorf("exit code %d, stderr %q", code, stderr)
			}
			compareGolden(t, strings.TrimSuffix(template, "yaml")+"txt", filepath.ToSlash(text))
			code, stdout, stderr := check(t, "-t", template, "--json")
			if code != codes[name] || stderr != "" {
				t.Errorf("--json: exit code %d, stderr %q", code, stderr)
			}
			compareGolden(t, strings.TrimSuffix(template, "yaml")+"json", indented(t, stdout))
		})
	}
}

// indented returns JSON with the absolute paths of its files cut to their names.
func indented(t *testing.T, text string) string {
	t.Helper()
	folder, err := filepath.Abs("testdata/check")
	if err != nil {
		t.Fatal(err)
	}
	quoted, err := json.Marshal(folder + string(filepath.Separator))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(strings.ReplaceAll(text, string(quoted[:len(quoted)-1]), `"`)), "", "  "); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return b.String()
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s has\n%s\nnow it would be\n%s", file, want, got)
	}
}

// TestCheckForeign holds what is printed about projects as others write them.
func TestCheckForeign(t *testing.T) {
	projects, err := filepath.Glob("../../e2e/foreign/testdata/*")
	if err != nil || len(projects) < 10 {
		t.Fatal("only the projects", projects, err)
	}
	goldens, err := filepath.Abs("testdata/check/foreign")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range projects {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Chdir(dir)
			code, text, stderr := check(t)
			if code != 0 || stderr != "" {
				t.Errorf("exit code %d, stderr %q", code, stderr)
			}
			compareGolden(t, filepath.Join(goldens, filepath.Base(dir)+".txt"), text)
		})
	}
}

// The templates of this repository are clean.
func TestCheckOurs(t *testing.T) {
	for _, template := range []string{"template.yaml", "template-http.yaml"} {
		code, stdout, stderr := check(t, "-t", filepath.Join("..", "..", template))
		if code != 0 || stderr != "" || !strings.Contains(stdout, "SetCookieFunction") || !strings.HasSuffix(stdout, "\n\nFound nothing that AWS would refuse.\n") {
			t.Errorf("%s: exit code %d, stderr %q, stdout\n%s", template, code, stderr, stdout)
		}
	}
}

// Parameters and variables are read as by crumb start, and their values are not
// printed.
func TestCheckSettings(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"template.yaml": "Transform: AWS::Serverless-2016-10-31\nParameters: {Path: {Type: String}}\nResources:\n" +
			"  F: {Type: AWS::Serverless::Function, Properties: {Runtime: provided.al2023, Handler: bootstrap, Environment: {Variables: {AA: a}}, Events: {E: {Type: Api, Properties: {Path: !Ref Path, Method: get}}}}}\n",
		"samconfig.toml": "[default.global.parameters]\nparameter_overrides = \"Path=/toml\"\n[dev.global.parameters]\nparameter_overrides = \"Path=/dev\"\n",
		"env.json":       `{"F": {"AA": "s3cret", "BB": "s3cret"}}`,
		"main.go":        "package main\n\nfunc main() {}\n",
		"go.mod":         "module example.com/m\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name string
		args []string
		path string
	}{
		{"samconfig", nil, "/toml"},
		{"config-env", []string{"--config-env", "dev"}, "/dev"},
		{"config-file", []string{"--config-file", filepath.Join(dir, "samconfig.toml")}, "/toml"},
		{"parameter-overrides", []string{"--parameter-overrides", "Path=/flag"}, "/flag"},
	} {
		code, stdout, stderr := check(t, append(tc.args, "-t", dir, "--env-vars", filepath.Join(dir, "env.json"), "--json")...)
		var got checkJSON
		if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != 0 || stderr != "" {
			t.Fatalf("%s: %v, exit code %d, stdout %s, stderr %s", tc.name, err, code, stdout, stderr)
		}
		if path := got.APIs[0].Routes[0].Path; path != tc.path {
			t.Errorf("%s: path %s, want %s", tc.name, path, tc.path)
		}
		if env := got.Functions[0].Env; !slices.Equal(env, []string{"AA"}) || strings.Contains(stdout, "s3cret") {
			t.Errorf("%s: env %q in %s", tc.name, env, stdout)
		}
		if len(got.Findings) != 1 || !strings.Contains(got.Findings[0].Text, "--env-vars has B") {
			t.Errorf("%s: findings %v", tc.name, got.Findings)
		}
	}
}

// TestCheckUnreadable holds exit code 2.
func TestCheckUnreadable(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good := write("good.yaml", "Transform: AWS::Serverless-2016-10-31\nResources: {Bucket: {Type: AWS::S3::Bucket}}\n")
	broken := write("broken.yaml", "Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {\n")
	tabbed := write("broken.json", "{\"Transform\": \"AWS::Serverless-2016-10-31\",\n \"Resources\": {]}")
	plain := write("plain.yaml", "Resources: {Bucket: {Type: AWS::S3::Bucket}}\n")
	empty := write("empty.yaml", "Transform: AWS::Serverless-2016-10-31\n")
	config := write("config.toml", "[default]\n= 1\n")
	vars := write("vars.json", "[")
	missing := filepath.Join(dir, "missing")
	for _, tc := range []struct {
		name string
		args []string
		want problem
	}{
		{"broken-yaml", []string{"-t", broken}, problem{File: broken, Line: 4, Text: "did not find expected node content"}},
		{"broken-json", []string{"-t", tabbed}, problem{File: tabbed, Line: 2, Text: "did not find expected"}},
		{"not-sam", []string{"-t", plain}, problem{File: plain, Text: "not a SAM template: it has no Transform"}},
		{"no-resources", []string{"-t", empty}, problem{File: empty, Text: "the template has no Resources"}},
		{"missing", []string{"-t", missing}, problem{File: missing, Text: "not found: run crumb in your template's folder, pass -t, or write a project with crumb init"}},
		{"missing-config", []string{"-t", good, "--config-file", missing}, problem{File: missing, Text: "missing"}},
		{"broken-config", []string{"-t", good, "--config-file", config}, problem{File: config, Line: 2, Text: "expected"}},
		{"config-env", []string{"-t", good, "--config-file", write("c.toml", ""), "--config-env", "dev"}, problem{File: filepath.Join(dir, "c.toml"), Text: `has no environment "dev"`}},
		{"env-vars", []string{"-t", good, "--env-vars", vars}, problem{File: vars, Line: 1, Text: "the JSON is not complete"}},
		{"overrides", []string{"-t", good, "--parameter-overrides", "s3cret"}, problem{Text: "--parameter-overrides: sam: parameter override 1 is neither"}},
		{"argument", []string{good}, problem{Text: "unexpected argument"}},
		{"flag", []string{"--port", "1"}, problem{Text: "unknown flag: --port (crumb check --help)"}},
		{"flag-of-sam", []string{"--template-file", "t"}, problem{Text: "unknown flag: --template-file; use --template (crumb check --help)"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, stdout, stderr := check(t, append([]string{"--json"}, tc.args...)...)
			var got failure
			if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != 2 || stderr != "" {
				t.Fatalf("%v, exit code %d, stdout %q, stderr %q", err, code, stdout, stderr)
			}
			p := got.Error
			if got.Schema != 1 || p.File != tc.want.File || p.Line != tc.want.Line || !strings.Contains(p.Text, tc.want.Text) || strings.Contains(stdout, "s3cret") {
				t.Errorf("%s, want %+v", stdout, tc.want)
			}
			code, stdout, stderr = check(t, tc.args...)
			if code != 2 || stdout != "" || !strings.HasPrefix(stderr, "crumb check: ") || !strings.Contains(stderr, tc.want.Text) {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
			}
		})
	}
}

// Where there is sam, people read that it knows more.
func TestCheckNamesSAM(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"sam", "sam.exe"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	t.Chdir("testdata/check")
	for _, tc := range []struct{ flag, want string }{
		{"--json=false", "sam validate --lint -t refused.yaml knows more.\n"},
		{"--json", ""},
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), []string{"check", "-t", "refused.yaml", tc.flag}, nil, &stdout, &stderr)
		if code != 1 || stdout.Len() == 0 || stderr.String() != tc.want {
			t.Errorf("%s: exit code %d, stderr %q, want %q", tc.flag, code, &stderr, tc.want)
		}
	}
}
