package frontdoortest

import (
	"crypto/rand"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
		want   string // part of the error, "" for none
	}{
		{"pair", []string{"a.rest.json", "a.rest.answer.json"}, false, ""},
		{"other-files", []string{"a.rest.json", "a.rest.answer.json", "README.md"}, false, ""},
		{"empty", nil, false, "holds no event"},
		{"only-other-files", []string{"README.md"}, false, "holds no event"},
		{"no-answer", []string{"a.rest.json"}, false, "has no answer a.rest.answer.json"},
		{"no-answer-yet", []string{"a.rest.json"}, true, ""},
		{"no-event", []string{"a.rest.json", "a.rest.answer.json", "b.http.answer.json"}, false, "has no event b.http.json"},
		{"no-event-update", []string{"a.rest.json", "b.http.answer.json"}, true, "has no event b.http.json"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range test.files {
				write(t, filepath.Join(dir, name), "{}")
			}
			_, err := events(dir, test.update)
			check(t, err, test.want)
		})
	}
	_, err := events(filepath.Join(t.TempDir(), "missing"), false)
	check(t, err, "missing")
}

func TestRunOne(t *testing.T) {
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "a=1; Path=/")
		w.WriteHeader(http.StatusNoContent)
	})
	answer := func(cookie string) string {
		return `{"statusCode": 204, "multiValueHeaders": {"Set-Cookie": ["` + cookie + `"]}, "body": "", "isBase64Encoded": false}`
	}
	tests := []struct {
		name          string
		base          string
		event, answer string // files, "" for none
		want          string // part of the error, "" for none
	}{
		{"equal", "a.rest", event, answer("a=1; Path=/"), ""},
		{"other-cookie-bytes", "a.rest", event, answer("a=1; path=/"), "want:"},
		{"other-door", "a.http", event, answer("a=1; Path=/"), `door "rest", its name says "http"`},
		{"no-door", "a", event, answer("a=1; Path=/"), `its name says ""`},
		{"refused", "a.rest", `{}`, answer(""), "event refused"},
		{"answer-not-json", "a.rest", event, `{`, "answer.json: unexpected end"},
		{"no-answer", "a.rest", event, "", "no such file"},
		{"no-event", "a.rest", "", "", "no such file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), test.base)
			if test.event != "" {
				write(t, path+".json", test.event)
			}
			if test.answer != "" {
				write(t, path+".answer.json", test.answer)
			}
			check(t, run(t.Context(), t.Output(), hello, path, false), test.want)
		})
	}
}

func TestUpdate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.rest")
	write(t, path+".json", event)
	write(t, path+".answer.json", `{"old": true}`)
	if err := run(t.Context(), t.Output(), http.NotFoundHandler(), path, true); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), t.Output(), http.NotFoundHandler(), path, false); err != nil {
		t.Errorf("after an update: %v", err)
	}
}

func write(t *testing.T, path, text string) {
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
