package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDebug(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, tc := range []struct {
		name   string
		args   string
		before string // the file; "" for none
		stdout string // ... is any text
		stderr string
		after  string
	}{
		{"prints", "debug", "", `Run a function under Delve...--debug-port 5986 ..."debugAdapter": "dlv-dap",...GoLand:...Port           5986...dlv connect 127.0.0.1:5986`, "", ""},
		{"another-port", "debug --debug-port 4000", "", `--debug-port 4000 ..."port": 4000...Port           4000...`, "", ""},
		{"writes", "debug --vscode", "", `.vscode/launch.json: added "crumb: attach to port 5986"`, "", `{..."version": "0.2.0"..."port": 5986...}`},
		{"adds", "debug --vscode --debug-port 4000", "{ // mine\n\"configurations\": [{}]}", `.vscode/launch.json: added "crumb: attach to port 4000"`, "", "{ // mine\n\"configurations\": [{},...\"port\": 4000...]}"},
		{"already-there", "debug --vscode", `{"configurations": [{"type": "go", "request": "attach", "mode": "remote", "port": 5986}]}`,
			`.vscode/launch.json: a configuration for port 5986 is already there`, "", `{"configurations": [{"type": "go", "request": "attach", "mode": "remote", "port": 5986}]}`},
		{"broken", "debug --vscode", `{"configurations": [`, "", `crumb: .vscode/launch.json is as it was: hujson: ...; crumb debug prints the configuration to add`, `{"configurations": [`},
		{"port-0", "debug --debug-port 0", "", "", "crumb: --debug-port 0 is not a port to attach to", ""},
		{"not-a-port", "debug --debug-port x", "", "", `crumb: invalid argument "x" for "--debug-port" flag: a port is a number from 0 to 65535`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := os.RemoveAll(".vscode"); err != nil {
				t.Fatal(err)
			}
			if tc.before != "" {
				if err := os.Mkdir(".vscode", 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(".vscode", "launch.json"), []byte(tc.before), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var stdout, stderr strings.Builder
			code := run(t.Context(), strings.Fields(tc.args), nil, &stdout, &stderr)
			if want := tc.stderr != ""; (code == 1) != want {
				t.Errorf("exit code %d", code)
			}
			after, err := os.ReadFile(filepath.Join(".vscode", "launch.json"))
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			for _, text := range []struct{ name, got, want string }{
				{"stdout", filepath.ToSlash(stdout.String()), tc.stdout}, {"stderr", filepath.ToSlash(stderr.String()), tc.stderr}, {"launch.json", string(after), tc.after},
			} {
				if rest, ok := inOrder(text.got, text.want); !ok {
					t.Errorf("%s is\n%s\nand lacks %q", text.name, text.got, rest)
				}
			}
		})
	}
}

// inOrder reports whether text is made of the parts of want between "..." in their
// order, and what is missing.
func inOrder(text, want string) (missing string, ok bool) {
	if want == "" {
		return text, text == ""
	}
	for part := range strings.SplitSeq(want, "...") {
		_, after, found := strings.Cut(text, part)
		if !found {
			return part, false
		}
		text = after
	}
	return "", true
}
