package samconfig_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/samconfig"
)

func TestParseOverrides(t *testing.T) {
	for _, row := range []struct {
		name  string
		texts []string
		want  string // with %q; an error when it does not start with map
	}{
		{"none", nil, `map[]`},
		{"blank", []string{" \t "}, `map[]`},
		{"one", []string{"Stage=prod"}, `map["Stage":"prod"]`},
		{"several", []string{"Stage=prod  Level=info\nN=1"}, `map["Level":"info" "N":"1" "Stage":"prod"]`},
		{"quoted", []string{`Stage=prod Key2="a b" Key3='c d'`}, `map["Key2":"a b" "Key3":"c d" "Stage":"prod"]`},
		{"quoted-name", []string{`"Stage"="prod"`}, `map["Stage":"prod"]`},
		{"quoted-pair", []string{`"Stage=a b"`}, `map["Stage":"a b"]`},
		{"escaped-space", []string{`Key=a\ b`}, `map["Key":"a b"]`},
		{"escaped-quote", []string{`Key="say \"hi\"" Other=it\'s`}, `map["Key":"say \"hi\"" "Other":"it's"]`},
		{"backslash", []string{`Key=C:\dir Other=a\`}, `map["Key":"C:\\dir" "Other":"a\\"]`},
		{"quote-in-quote", []string{`Key="it's"`}, `map["Key":"it's"]`},
		{"empty-value", []string{`Key= Other=""`}, `map["Key":"" "Other":""]`},
		{"equals-in-value", []string{`Key=a=b`}, `map["Key":"a=b"]`},
		{"comma-in-value", []string{`Hosts=a,b`}, `map["Hosts":"a,b"]`},
		{"long-form", []string{"ParameterKey=K,ParameterValue=V ParameterKey=L,ParameterValue=W"}, `map["K":"V" "L":"W"]`},
		{"long-form-quoted", []string{`ParameterKey=K,ParameterValue="a b"`}, `map["K":"a b"]`},
		{"texts", []string{"A=1 B=1", "B=2"}, `map["A":"1" "B":"2"]`},
		{"pseudo", []string{"AWS::Region=eu-west-1"}, `map["AWS::Region":"eu-west-1"]`},
		{"not-utf-8", []string{"K=\xff\xfe"}, `map["K":"\xff\xfe"]`},
		{"nul", []string{"K=a\x00b"}, `map["K":"a\x00b"]`},
		{"no-equals", []string{"Stage=prod secret"}, "parameter override 2, after Stage=…, is neither Name=Value nor ParameterKey=Name,ParameterValue=Value; a value with a space needs quotes"},
		{"no-equals-in-another-text", []string{"Stage=prod", "secret"}, "parameter override 2, after Stage=…, is neither"},
		{"no-name", []string{"=secret"}, "parameter override 1 is neither"},
		{"half-long-form", []string{"ParameterKey=K,Value=secret"}, "parameter override 1 is neither"},
		{"open-quote", []string{`K="secret`}, `the parameter overrides have an unclosed "`},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, _, err := samconfig.ParseOverrides(row.texts...)
			answer := fmt.Sprintf("%q", got)
			if err != nil {
				answer = err.Error()
			}
			if !strings.Contains(answer, row.want) || err != nil && !strings.HasPrefix(answer, "sam: ") {
				t.Errorf("ParseOverrides(%q) = %s, want %s", row.texts, answer, row.want)
			}
			if strings.Contains(answer, "secret") {
				t.Errorf("the error %q shows a value", answer)
			}
		})
	}
}

// TestOverrideFiles reads values from files, as sam does.
func TestOverrideFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"map.yaml":    "Stage: dev\nSize: 3\nOn: true\nHosts: [a, b]\nEmpty:\n",
		"map.json":    `{"Stage": "json"}`,
		"map.toml":    "Stage = \"toml\"\n",
		"list.yaml":   "- Stage=list Size=1\n- ['ParameterKey=Size,ParameterValue=2', {On: no}]\n",
		"nested.yaml": "- file://map.yaml\n- Stage=nested\n",
		"itself.yaml": "- file://itself.yaml\n",
		"number.yaml": "3\n",
		"word.yaml":   "- secret\n",
		"broken.json": "{\"Stage\":\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	for _, row := range []struct{ text, want string }{
		{"file://map.yaml", `map["Empty":"" "Hosts":"a,b" "On":"true" "Size":"3" "Stage":"dev"] ["map.yaml"]`},
		{"file://map.json", `map["Stage":"json"] ["map.json"]`},
		{"Stage=before file://map.toml Size=2", `map["Size":"2" "Stage":"toml"] ["map.toml"]`},
		{"file://" + filepath.ToSlash(filepath.Join(dir, "map.json")), `map["Stage":"json"]`},
		{"file://list.yaml", `map["On":"no" "Size":"2" "Stage":"list"] ["list.yaml"]`},
		{"file://nested.yaml", `map["Empty":"" "Hosts":"a,b" "On":"true" "Size":"3" "Stage":"nested"] ["nested.yaml" "map.yaml"]`},
		{"file://itself.yaml", "itself.yaml is one file:// too many, or names itself"},
		{"file://number.yaml", "number.yaml: must be Name=Value strings, or a table of names and values"},
		{"file://word.yaml", "word.yaml: parameter override 2 is neither"},
		{"file://broken.json", "broken.json:"},
		{"file://none.yaml", "sam: open none.yaml: "},
	} {
		values, files, err := samconfig.ParseOverrides(row.text)
		got := fmt.Sprintf("%q %q", values, files)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, row.want) || strings.Contains(got, "secret") || err != nil && !strings.HasPrefix(got, "sam: ") {
			t.Errorf("ParseOverrides(%s) = %s, want %s", row.text, got, row.want)
		}
	}
	config := filepath.Join(t.TempDir(), "samconfig.yaml")
	if err := os.WriteFile(config, []byte("default: {global: {parameters: {parameter_overrides: [Stage=x, 'file://"+filepath.ToSlash(filepath.Join(dir, "map.json"))+"']}}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := samconfig.Read(config, "", "local_invoke")
	if err != nil || c.Overrides["Stage"] != "json" || len(c.OverrideFiles) != 1 {
		t.Errorf("ReadConfig = %+v, %v", c, err)
	}
}

// TestConfigPorts reads what stands for flags of crumb start.
func TestConfigPorts(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{`port = 4567`, "4567  "},
		{`port = "4567"` + "\n" + `host = "0.0.0.0"` + "\n" + `debug_port = [5986]`, "4567 0.0.0.0 5986"},
		{`debug_port = "x"`, "  x"}, // the flag says what is wrong with it
		{`debug_port = [1, 2]`, "debug_port: must be a string or a number"},
		{`port = true`, "port: must be a string or a number"},
		{`host = 1`, "host: must be a string"},
	} {
		c, err := samconfig.Read(file(t, "samconfig.toml", "[default.local_start_api.parameters]\n"+row.text+"\n"), "", "local_start_api")
		got := fmt.Sprintf("%s %s %s", c.Port, c.Host, c.DebugPort)
		if err != nil {
			got = err.Error()
		}
		if !strings.HasSuffix(got, row.want) {
			t.Errorf("%s: %s, want %s", row.text, got, row.want)
		}
	}
}

func FuzzParseOverrides(f *testing.F) {
	f.Add("A=1 B=\"a b\" ParameterKey=K,ParameterValue='v' C=\\ \\")
	f.Fuzz(func(t *testing.T, text string) {
		values, _, err := samconfig.ParseOverrides(text)
		if err != nil {
			return
		}
		for name, value := range values {
			if name == "ParameterKey" || strings.ContainsAny(name+value, `"\`) {
				continue
			}
			again, _, err := samconfig.ParseOverrides(`"` + name + `"="` + value + `"`)
			if err != nil || again[name] != value {
				t.Errorf("%q reads %q, then %q, %v", name, value, again[name], err)
			}
		}
	})
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadConfig(t *testing.T) {
	const config = `version = 0.1
[default.global.parameters]
stack_name = "app"
region = "eu-west-1"
template_file = "app.yaml"
parameter_overrides = "Stage=global"
[default.local_start_api.parameters]
parameter_overrides = "Stage=local Greeting=\"a b\""
env_vars = "env.json"
[default.deploy.parameters]
parameter_overrides = "Stage=deploy"
[prod.global.parameters]
parameter_overrides = ["Stage=prod", "ParameterKey=Level,ParameterValue=info"]
[table.global.parameters.parameter_overrides]
Stage = "x"
Count = 3
On = true
[typed.global.parameters]
region = 3
env_vars = false
parameter_overrides = 3
[broken.global.parameters]
parameter_overrides = "secret"
`
	for _, row := range []struct{ name, env, command, want string }{
		{"command", "", "local_start_api", `app.yaml map["Greeting":"a b" "Stage":"local"] env.json eu-west-1`},
		{"default", "default", "local_start_api", `app.yaml map["Greeting":"a b" "Stage":"local"] env.json eu-west-1`},
		{"global-only", "", "local_invoke", `app.yaml map["Stage":"global"]  eu-west-1`},
		{"list", "prod", "local_start_api", ` map["Level":"info" "Stage":"prod"]  `},
		{"table", "table", "local_start_api", ` map["Count":"3" "On":"true" "Stage":"x"]  `},
		{"no-environment", "prdo", "local_start_api", `samconfig.toml: has no environment "prdo"`},
		{"types", "typed", "local_start_api", "parameter_overrides: must be Name=Value strings, or a table of names and values"},
		{"override", "broken", "local_start_api", "samconfig.toml: parameter_overrides: parameter override 1 is neither"},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := file(t, "samconfig.toml", config)
			c, err := samconfig.Read(path, row.env, row.command)
			answer := fmt.Sprintf("%s %q %s %s", c.TemplateFile, c.Overrides, c.EnvVarsFile, c.Region)
			answer = strings.ReplaceAll(answer, filepath.Dir(path)+string(filepath.Separator), "")
			if err != nil {
				answer = err.Error()
			}
			if !strings.Contains(answer, row.want) {
				t.Errorf("ReadConfig = %s, want %s", answer, row.want)
			}
		})
	}
}

func TestReadConfigYAML(t *testing.T) {
	const config = `version: 0.1
default:
  global:
    parameters: {region: eu-west-1, parameter_overrides: Stage=global}
  local_start_api:
    parameters:
      template_file: app.yaml
      env_vars: env.json
      parameter_overrides:
        - Stage=local
        - {Count: 3, On: true}
`
	path := file(t, "samconfig.yaml", config)
	c, err := samconfig.Read(path, "", "local_start_api")
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%s %q %s %s", c.TemplateFile, c.Overrides, c.EnvVarsFile, c.Region)
	got = strings.ReplaceAll(got, filepath.Dir(path)+string(filepath.Separator), "")
	if want := `app.yaml map["Count":"3" "On":"true" "Stage":"local"] env.json eu-west-1`; got != want {
		t.Errorf("ReadConfig = %s, want %s", got, want)
	}
	if found := samconfig.Find(filepath.Dir(path)); found != path {
		t.Errorf("FindConfig = %s", found)
	}
	broken := file(t, "samconfig.yml", "version: 0.1\ndefault: [\n")
	if _, err := samconfig.Read(broken, "", "x"); err == nil || !strings.HasPrefix(err.Error(), broken+":") {
		t.Errorf("ReadConfig of broken YAML: %v, want its line", err)
	}
	if _, err := samconfig.Read(file(t, "samconfig.yaml", "- default\n"), "", "x"); err == nil || !strings.HasSuffix(err.Error(), "samconfig.yaml: must be a map of environments") {
		t.Errorf("ReadConfig of a list: %v", err)
	}
}

func TestReadConfigFiles(t *testing.T) {
	broken := file(t, "samconfig.toml", "version = 0.1\nregion = nowhere\n")
	if _, err := samconfig.Read(broken, "", "x"); err == nil || !strings.HasPrefix(err.Error(), broken+":2: ") {
		t.Errorf("ReadConfig of broken TOML: %v, want line 2", err)
	}
	if _, err := samconfig.Read(filepath.Join(t.TempDir(), "samconfig.toml"), "", "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("ReadConfig of a missing file: %v", err)
	}
	c, err := samconfig.Read(file(t, "samconfig.toml", "version = 0.1\n"), "", "x")
	if err != nil || len(c.Overrides) != 0 || c.TemplateFile != "" {
		t.Errorf("ReadConfig of nothing = %+v, %v", c, err)
	}
}

func TestReadEnvVars(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"values", `{"F": {"A": "x", "B": 3, "C": true, "D": null, "E": 1.10}, "Parameters": {"A": "y"}}`,
			`map["F":map["A":"x" "B":"3" "C":"true" "D":"" "E":"1.10"] "Parameters":map["A":"y"]]`},
		{"empty", `{}`, `map[]`},
		{"list", `[]`, "env.json:1: must be an object with one object for each function"},
		{"flat", "{\n\"A\": \"secret\"}", `env.json:2: "A" must be an object of variables, not a string`},
		{"nested", `{"F": {"A": {"B": "secret"}}}`, `env.json:1: "A" must be a string, not a map`},
		{"duplicate", `{"F": {"A": "1", "A": "2"}}`, `duplicate key "A"`},
		{"not-json", "{\n\n'F': 1}", "env.json:3: "},
		{"more", "{}\n{}", "unexpected text after the end of the JSON value"},
		{"deep", `{"F": ` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`, "env.json:1: nested deeper than 100 levels"},
		{"as-deep-as-may-be", `{"F": ` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, `"F" must be an object of variables, not a list`},
		{"cut", `{"F": {"A": `, "env.json:1: the JSON is not complete"},
		{"dotenv", "# local\r\nA=x\r\nexport B=\"two words\"\r\nC='a#b' # why\r\n", `map["Parameters":map["A":"x" "B":"two words" "C":"a#b"]]`},
		{"dotenv-with-bom", "\ufeffA=x", `map["Parameters":map["A":"x"]]`},
		{"dotenv-of-the-shell", "A=$HOME", `map["Parameters":map["A":""]]`},
		{"not-dotenv", "A=x\nsecret words\nB=y\n", "env.json:2: is not like NAME=value, and the file is not JSON"},
		{"dotenv-without-a-name", "\n# why\n=secret\n", "env.json:3: is not like"},
		{"dotenv-of-several-lines", "A=x\nB=\"two\nlines\"\n", `map["Parameters":map["A":"x" "B":"two\nlines"]]`},
		{"dotenv-without-an-end", "A=x\nB=\"secret\nlines\n", "env.json:2: is not like"},
		{"nothing", "\n", "env.json: has neither JSON nor lines like NAME=value"},
		{"comments", "# nothing\n", "env.json: has neither JSON nor lines like NAME=value"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := samconfig.ReadEnvVars(file(t, "env.json", row.text))
			answer := fmt.Sprintf("%q", got)
			if err != nil {
				answer = err.Error()
			}
			if !strings.Contains(answer, row.want) || strings.Contains(answer, "secret") {
				t.Errorf("ReadEnvVars = %s, want %s", answer, row.want)
			}
		})
	}
	if _, err := samconfig.ReadEnvVars(filepath.Join(t.TempDir(), "env.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("ReadEnvVars of a missing file: %v", err)
	}
}
