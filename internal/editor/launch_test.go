package editor_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/tailscale/hujson"

	"github.com/crumb-go/crumb/internal/editor"
)

// entry is the configuration as it is written, each line of it behind indent.
func entry(indent, unit string) string {
	lines := []string{"{", unit + `"name": "crumb: attach to port 5986",`, unit + `"type": "go",`, unit + `"debugAdapter": "dlv-dap",`,
		unit + `"request": "attach",`, unit + `"mode": "remote",`, unit + `"host": "127.0.0.1",`, unit + `"port": 5986`, "}"}
	return indent + strings.Join(lines, "\n"+indent)
}

var rows = []struct{ name, before, after string }{
	{"new", "", `{
    "version": "0.2.0",
    "configurations": [
` + entry("        ", "    ") + `
    ]
}
`},
	{"behind-others", `{
  // Use IntelliSense.
  "version": "0.2.0",
  "configurations": [
    {"name": "a", "type": "go"}
  ],
  "compounds": []
}`, `{
  // Use IntelliSense.
  "version": "0.2.0",
  "configurations": [
    {"name": "a", "type": "go"},
` + entry("    ", "  ") + `
  ],
  "compounds": []
}`},
	{"comments-and-trailing-comma", `{
	"configurations": [
		{
			"name": "a", // mine
		}, /* kept */ // to the end
	],
}
`, `{
	"configurations": [
		{
			"name": "a", // mine
		}, /* kept */ // to the end
` + entry("\t\t", "\t") + `,
	],
}
`},
	{"comment-without-comma", `{
	"configurations": [
		{"name": "a"} // the last ] }
		// another
	]
}
`, `{
	"configurations": [
		{"name": "a"}, // the last ] }
		// another
` + entry("\t\t", "\t") + `
	]
}
`},
	{"none-yet", `{"version": "0.2.0", "configurations": []}`, `{"version": "0.2.0", "configurations": [
` + entry("    ", "    ") + `
]}`},
	{"only-comments", `{
    "configurations": [
        // {"name": "old"},
    ]
}`, `{
    "configurations": [
        // {"name": "old"},
` + entry("        ", "    ") + `
    ]
}`},
	{"no-configurations", `{
    "version": "0.2.0" // of the format
}`, `{
    "version": "0.2.0", // of the format
    "configurations": [
` + entry("        ", "    ") + `
    ]
}`},
	{"no-members", `{}`, `{
    "configurations": [
` + entry("        ", "    ") + `
    ]
}`},
	{"same-name-elsewhere", `{"configurations": [
    {"name": "crumb: attach to port 5986", "type": "node", "request": "attach", "mode": "remote", "port": 5986},
    {"name": "b", "type": "go", "request": "attach", "mode": "remote", "port": 5987},
    {"name": "c", "type": "go", "request": "attach", "mode": "remote", "host": "vm", "port": 5986},
    {"name": "d", "type": "go", "request": "attach", "mode": "local", "port": 5986},
    5986
]}`, `{"configurations": [
    {"name": "crumb: attach to port 5986", "type": "node", "request": "attach", "mode": "remote", "port": 5986},
    {"name": "b", "type": "go", "request": "attach", "mode": "remote", "port": 5987},
    {"name": "c", "type": "go", "request": "attach", "mode": "remote", "host": "vm", "port": 5986},
    {"name": "d", "type": "go", "request": "attach", "mode": "local", "port": 5986},
    5986,
` + entry("    ", "    ") + `
]}`},
	{"the-last-of-two-counts", `{"configurations": [1], "configurations": [2]}`, `{"configurations": [1], "configurations": [2,
` + entry("    ", "    ") + `
]}`},
}

func TestAddConfiguration(t *testing.T) {
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			for _, form := range []struct{ name, mark, newline string }{{"unix", "", "\n"}, {"windows", "\ufeff", "\r\n"}} {
				if row.before == "" && form.newline == "\r\n" {
					continue // nothing says so
				}
				before := form.mark + strings.ReplaceAll(row.before, "\n", form.newline)
				want := form.mark + strings.ReplaceAll(row.after, "\n", form.newline)
				if !strings.Contains(before, "\n") {
					want = form.mark + row.after
				}
				got, added, err := editor.AddConfiguration([]byte(before), editor.Attach(5986))
				if err != nil || !added || string(got) != want {
					t.Errorf("%s: added %v, %v:\n%s\nwant\n%s", form.name, added, err, got, want)
				}
				again, added, err := editor.AddConfiguration(got, editor.Attach(5986))
				if err != nil || added || string(again) != string(got) {
					t.Errorf("%s: a second time: added %v, %v:\n%s", form.name, added, err, again)
				}
			}
		})
	}
}

// The user may have renamed it, or added to it.
func TestAlreadyThere(t *testing.T) {
	for _, file := range []string{
		`{"configurations": [{"name": "mine", "type": "go", "request": "attach", "mode": "remote", "port": 5986, "showLog": true}]}`,
		`{"configurations": [{"port": 5986, /* here */ "host": "localhost", "mode": "remote", "request": "attach", "type": "go",}, {}]}`,
	} {
		got, added, err := editor.AddConfiguration([]byte(file), editor.Attach(5986))
		if err != nil || added || string(got) != file {
			t.Errorf("AddConfiguration(%s) = %s, %v, %v", file, got, added, err)
		}
	}
}

func TestNotAConfigurationFile(t *testing.T) {
	for _, file := range []string{"[]", "{", `{"configurations": {}}`, "// nothing", `{"a": 1} {}`, "{'a': 1}"} {
		if got, added, err := editor.AddConfiguration([]byte(file), editor.Attach(5986)); err == nil || added || got != nil {
			t.Errorf("AddConfiguration(%s) = %s, %v, %v, want an error", file, got, added, err)
		}
	}
}

// What was there is still there, in its order, and what comes out is a launch.json
// with one configuration more.
func FuzzAddConfiguration(f *testing.F) {
	for _, row := range rows {
		f.Add(row.before)
		f.Add(strings.ReplaceAll(row.before, "\n", "\r\n"))
	}
	f.Add(`{"configurations":[/**/],}`)
	f.Fuzz(func(t *testing.T, before string) {
		got, added, err := editor.AddConfiguration([]byte(before), editor.Attach(5986))
		if err != nil {
			return
		}
		all := configurations(t, string(got))
		if !added {
			if string(got) != before {
				t.Errorf("not added, and changed: %q", got)
			}
			return
		}
		if strings.TrimSpace(strings.TrimPrefix(before, "\ufeff")) != "" {
			rest := before
			for _, b := range got {
				if rest != "" && rest[0] == b {
					rest = rest[1:]
				}
			}
			if rest != "" {
				t.Errorf("of %q, %q is not in %q", before, rest, got)
			}
			if old := configurations(t, before); !slices.Equal(all[:len(all)-1], old) {
				t.Errorf("the configurations %s were %s", all, old)
			}
		}
		var last editor.Configuration
		if err := json.Unmarshal([]byte(all[len(all)-1]), &last); err != nil || last != editor.Attach(5986) {
			t.Errorf("the last configuration is %s", all[len(all)-1])
		}
	})
}

// configurations lists those of a launch.json as VS Code reads it.
func configurations(t *testing.T, file string) (all []string) {
	t.Helper()
	text, err := hujson.Standardize([]byte(strings.TrimPrefix(file, "\ufeff")))
	if err != nil {
		t.Fatalf("%v in %q", err, file)
	}
	var launch map[string]json.RawMessage
	var entries []json.RawMessage
	if err := json.Unmarshal(text, &launch); err != nil {
		t.Fatalf("%v in %q", err, file)
	}
	if list, ok := launch["configurations"]; ok {
		if err := json.Unmarshal(list, &entries); err != nil {
			t.Fatalf("%v in %q", err, file)
		}
	}
	for _, e := range entries {
		all = append(all, string(e))
	}
	return all
}
