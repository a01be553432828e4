// Package page looks at the page of "crumb explain --page" in Chromium and Firefox,
// and tries its fixes in the frameworks.
package page

import (
	"encoding/json"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/testenv"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// Lines that need each part of a fix.
var broken = []string{
	"sid=1; SameSite=None",
	"sid=1; SameSite=Strict; Max-Age=x",
	"__Host-sid=1; Path=/account",
	`sid=1; Path="/x"; Domain=example.com; Max-Age="5400"; Partitioned`,
	"sid=a;b",
	"sid=\x01\xff",
	"sid=1; Max-Age=0",
	"sid=1; Path=/, theme=dark",
}

// runFlask runs each fix, a program, and prints the Set-Cookie line that it makes as JSON.
const runFlask = `
import base64, json, sys, urllib.parse
import flask
for code in json.load(sys.stdin):
    response = flask.Response()
    value = b"\x00\xff" if "base64" in code else "a; b" if "quote" in code else "v"
    exec(code)
    print(json.dumps(response.headers.getlist("Set-Cookie")))
`

// What Flask makes of its fixes is stored as it is written.
func TestFlaskFixes(t *testing.T) {
	var flask useragent.Framework
	for _, f := range useragent.Frameworks() {
		if f.ID == "flask" {
			flask = f
		}
	}
	origin := &url.URL{Scheme: "https", Host: "app.example.com", Path: "/account"}
	var programs []string
	for _, line := range broken {
		programs = append(programs, useragent.Explain(line, origin, time.Now()).SuggestionIn(flask))
	}
	stdin, err := json.Marshal(programs)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(testenv.Python(t, "../flask/requirements.txt"), "-c", runFlask)
	cmd.Stdin = strings.NewReader(string(stdin))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, programs)
	}
	results := json.NewDecoder(strings.NewReader(string(out)))
	for i, line := range broken {
		var made []string
		if err := results.Decode(&made); err != nil || len(made) != 1 {
			t.Fatalf("%q: %q, %v", line, made, err)
		}
		v := useragent.Explain(made[0], origin, time.Now())
		if v.Outcome != useragent.Stored || v.Suggestion() != "" || v.Has("value-octets") {
			t.Errorf("Flask makes\n%q of\n%s\nwhich is\n%s", made[0], programs[i], v)
		}
	}
}
