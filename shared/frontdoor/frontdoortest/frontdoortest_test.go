package frontdoortest

import (
	"bytes"
	"crypto/rand"
	"errors"
	"flag"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

const event = `{"httpMethod": "GET", "path": "/", "headers": {"cookie": "n=1"}}`

// clock sets a cookie that depends on the time and on random bytes.
var clock = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: "n", Value: rand.Text()[:4], Expires: time.Now().Add(time.Hour)})
	_, _ = io.WriteString(w, r.Header.Get("Cookie"))
})

func TestRun(t *testing.T) {
	Run(t, clock, "testdata")
}

func TestEvents(t *testing.T) {
	tests := []struct {
		name   string
		files  []string
		update bool
		names  string
		want   string // part of the error, "" for none
	}{
		{"pair", []string{"a.rest.json", "a.rest.answer.json"}, false, "a.rest", ""},
		{"other-files", []string{"a.rest.json", "a.rest.answer.json", "README.md"}, false, "a.rest", ""},
		{"empty", nil, false, "", "holds no event, <case>.<door>.json"},
		{"only-other-files", []string{"README.md"}, false, "", "holds no event"},
		{"no-response", []string{"a.rest.json"}, false, "", "has no response a.rest.answer.json"},
		{"no-response-yet", []string{"a.rest.json"}, true, "a.rest", ""},
		{"no-event", []string{"a.rest.json", "a.rest.answer.json", "b.http.answer.json"}, false, "a.rest", "has no event b.http.json"},
		{"no-event-update", []string{"a.rest.json", "b.http.answer.json"}, true, "a.rest", "has no event b.http.json"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range test.files {
				save(t, filepath.Join(dir, name), "{}")
			}
			names, err := events(dir, test.update)
			check(t, err, test.want)
			if got := strings.Join(names, " "); got != test.names || err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("events = %s, %v, want %s and one error at most", got, err, test.names)
			}
		})
	}
	if _, err := events(filepath.Join(t.TempDir(), "missing"), false); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error = %v, want that there is no such folder", err)
	}
}

// TestRunFails runs this program again, where Run finds something to report. A
// folder of events in the environment asks for that.
func TestRunFails(t *testing.T) {
	const variable = "FRONTDOORTEST_DIR"
	if dir := os.Getenv(variable); dir != "" {
		Run(t, http.NotFoundHandler(), dir)
		return
	}
	dir := t.TempDir()
	rerun := func() string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRunFails$", "-test.v")
		cmd.Env = append(os.Environ(), variable+"="+dir)
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Errorf("the tests pass:\n%s", out)
		}
		return string(out)
	}
	if out := rerun(); !strings.Contains(out, "holds no event") || strings.Contains(out, "panic") {
		t.Errorf("an empty folder:\n%s", out)
	}
	save(t, filepath.Join(dir, "a.rest.json"), event)
	save(t, filepath.Join(dir, "a.rest.answer.json"), `{"statusCode": 200}`)
	save(t, filepath.Join(dir, "b.rest.json"), event)
	save(t, filepath.Join(dir, "b.rest.answer.json"), `{"statusCode": 200}`)
	save(t, filepath.Join(dir, "b.http.json"), event) // without a response, which does not stop the others
	out := rerun()
	for _, want := range []string{"has no response b.http.answer.json: write it, or run with -update", "--- FAIL: TestRunFails/a.rest", "response to " + filepath.Join(dir, "a.rest.json"), "--- FAIL: TestRunFails/b.rest", "if the new response is right: go test -update"} {
		if !strings.Contains(out, want) {
			t.Errorf("%s\nwant %s", out, want)
		}
	}
}

func TestUpdateIsAsked(t *testing.T) {
	if f := flag.Lookup("update"); f == nil || f.DefValue != "false" || f.Usage != "write the responses that handlers give into frontdoortest folders" {
		t.Errorf("-update is %+v, want it off, and explained", f)
	}
}

// What a handler sees of Lambda.
func TestInvocation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.rest")
	save(t, path+".json", event)
	synctest.Test(t, func(t *testing.T) {
		h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			lambda, ok := lambdacontext.FromContext(r.Context())
			if !ok || lambda.AwsRequestID != RequestID {
				t.Errorf("request id = %+v, want %s", lambda, RequestID)
			}
			if end, _ := r.Context().Deadline(); time.Until(end) != 3*time.Second {
				t.Errorf("the deadline is %v away, want 3s", time.Until(end))
			}
		})
		if err := run(t.Context(), t.Output(), h, path, true); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRunOne(t *testing.T) {
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "a=1; Path=/")
		w.WriteHeader(http.StatusNoContent)
	})
	response := func(cookie string) string {
		return `{"statusCode": 204, "multiValueHeaders": {"Set-Cookie": ["` + cookie + `"]}, "body": "", "isBase64Encoded": false}`
	}
	tests := []struct {
		name            string
		base            string
		event, response string // files, "" for none
		want            string // part of the error, "" for none
	}{
		{"equal", "a.rest", event, response("a=1; Path=/"), ""},
		{"other-cookie-bytes", "a.rest", event, response("a=1; path=/"), "want:"},
		{"other-door", "a.http", event, response("a=1; Path=/"), `door "rest", its name says "http"`},
		{"no-door", "a", event, response("a=1; Path=/"), `its name says ""`},
		{"refused", "a.rest", `{}`, response(""), "event refused"},
		{"response-not-json", "a.rest", event, `{`, "a.rest.answer.json: unexpected end of JSON input"},
		{"no-response", "a.rest", event, "", "open "},
		{"no-event", "a.rest", "", "", "a.rest.json: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), test.base)
			if test.event != "" {
				save(t, path+".json", test.event)
			}
			if test.response != "" {
				save(t, path+".answer.json", test.response)
			}
			check(t, run(t.Context(), t.Output(), hello, path, false), test.want)
		})
	}
}

func TestUpdate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.rest")
	save(t, path+".json", event)
	save(t, path+".answer.json", `{"old": true}`)
	var log bytes.Buffer
	if err := run(t.Context(), &log, http.NotFoundHandler(), path, true); err != nil {
		t.Fatal(err)
	}
	if got, want := log.String(), "wrote "+path+".answer.json\n"; got != want {
		t.Errorf("the log has %q, want %q", got, want)
	}
	text, err := os.ReadFile(path + ".answer.json")
	if got := string(text); err != nil || !strings.HasPrefix(got, "{\n \"statusCode\": 404,\n") || !strings.HasSuffix(got, "\n}\n") {
		t.Errorf("the response's file is %q, %v", got, err)
	}
	if err := run(t.Context(), t.Output(), http.NotFoundHandler(), path, false); err != nil {
		t.Errorf("after an update: %v", err)
	}
	save(t, path+".answer.json", `{"statusCode": 1}`)
	indented := "{\n \"statusCode\": 404,"
	check(t, run(t.Context(), t.Output(), http.NotFoundHandler(), path, false), "response to "+path+".json:\n"+indented)
	check(t, run(t.Context(), t.Output(), http.NotFoundHandler(), path, false), "}\nwant:\n{\n \"statusCode\": 1\n}\nif the new response is right: go test -update")
	save(t, path+".answer.json", string(text))
	log.Reset()
	if err := run(t.Context(), &log, http.NotFoundHandler(), path, true); err != nil || log.Len() > 0 {
		t.Errorf("an update that changes nothing: %v, the log has %q", err, log.String())
	}
	if err := os.Remove(path + ".answer.json"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path+".answer.json", 0o700); err != nil {
		t.Fatal(err)
	}
	check(t, run(t.Context(), &log, http.NotFoundHandler(), path, true), "a.rest.answer.json: ")
}

// What package frontdoor logs is in the test's output.
func TestLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.rest")
	save(t, path+".json", event)
	var log bytes.Buffer
	panics := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") })
	if err := run(t.Context(), &log, panics, path, true); err != nil || !strings.Contains(log.String(), `level=ERROR msg="handler panicked"`) {
		t.Errorf("run: %v, the log has %q, want the panic", err, log.String())
	}
}

func save(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("error = %v, want none", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("error = %v, want %q in it", err, want)
	}
}
