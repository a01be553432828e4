// Package newproject follows crumb init: the projects that it writes pass their
// tests, run under crumb start and are valid for AWS's SAM CLI.
package newproject

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/samcli"
	"github.com/crumb-go/crumb/e2e/testenv"
)

// A step is a request, with the cookie that the responses before it set.
type step struct {
	request string // method, path and form
	status  int
	body    string // part of it
	cookie  string // the Set-Cookie line begins with it, "" for none
}

// form is what the steps post.
const form = "application/x-www-form-urlencoded"

// followed are the templates of crumb init, and what a user of each project does.
var followed = []struct {
	template string
	steps    []step
}{
	{"cookie", []step{
		{"GET / ", 200, "Hello, Guest!", ""},
		{"POST / name=Zo%C3%AB", 303, "", "name=Zo%C3%AB; Path=/; Expires="},
		{"GET / ", 200, "Welcome back, Zoë!", ""},
		{"POST / name=", 303, "", "name=; Path=/; Expires=Thu, 01 Jan 1970"},
		{"GET / ", 200, "Hello, Guest!", ""},
	}},
	{"chi", []step{
		{"GET /theme ", 200, `{"chosen":false,"theme":"light"}`, ""},
		{"PUT /theme/dark ", 204, "", "theme=dark; Path=/; Expires="},
		{"GET /theme ", 200, `{"chosen":true,"theme":"dark"}`, ""},
		{"DELETE /theme ", 204, "", "theme=; Path=/; Expires=Thu, 01 Jan 1970"},
		{"GET /theme ", 200, `{"chosen":false,"theme":"light"}`, ""},
		{"GET / ", 200, "sets a cookie", ""},
		{"GET /nowhere ", 404, "404 page not found", ""},
	}},
	{"login", []step{
		{"GET / ", 200, "Nobody is signed in.", ""},
		{"GET /login ", 200, "Password", ""},
		{"POST /login username=ana&password=wrong", 401, "Wrong user name or password.", ""},
		{"POST /login username=ana&password=password", 303, "", "__Host-id="},
		{"GET / ", 200, "Hello, ana!", ""},
		{"POST /logout ", 303, "", "__Host-id=; "},
		{"GET / ", 200, "Nobody is signed in.", ""},
	}},
}

func TestInit(t *testing.T) {
	testenv.Long(t, "new projects are built and run, half a minute")
	crumb := testenv.Build(t)
	for _, tc := range followed {
		t.Run(tc.template, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "My Shop")
			out := output(t, parent, crumb, "init", "My Shop", "--template", tc.template)
			for _, want := range []string{
				"Wrote a project to My Shop, as module example.com/my-shop\n",
				"Its go.mod replaces github.com/crumb-go/crumb by the clone in " + testenv.Root(t) + "\n",
				"\nNext:\n  cd 'My Shop'\n  go tool crumb start\n  go test ./...\n  sam build && sam deploy\n",
			} {
				if !strings.Contains(out, want) {
					t.Errorf("crumb init prints\n%s\nwant\n%s", out, want)
				}
			}
			output(t, dir, "go", "mod", "tidy", "-diff")
			output(t, dir, "go", "vet", "./...")
			output(t, dir, "go", "test", "./...")
			if out := output(t, dir, "gofmt", "-l", "."); out != "" {
				t.Errorf("not gofmt-ed: %s", out)
			}
			t.Run("start", func(t *testing.T) {
				cmd := exec.Command("go", "tool", "crumb", "start", "--port", "0", "--inspect-port", "off")
				cmd.Dir = dir
				server := testenv.Start(t, cmd)
				follow(t, server.URL, tc.steps)
				for line := range strings.Lines(server.Stderr()) {
					if strings.Contains(line, "template.yaml") || strings.Contains(line, `"level":"ERROR"`) {
						t.Errorf("crumb start prints %s", line)
					}
				}
			})
			t.Run("sam", func(t *testing.T) {
				sam, env := testenv.Tool(t, "sam"), samcli.Env(t)
				run := func(args ...string) {
					t.Helper()
					cmd := exec.Command(sam, args...)
					cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
					samcli.Output(t, cmd)
				}
				run("validate", "--lint")
				if tc.template == "cookie" { // it compiles for another processor, which takes long
					run("build")
				}
			})
			// What a second run finds is left alone.
			cmd := exec.Command(crumb, "init")
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "crumb: . has ") {
				t.Errorf("the second crumb init: %v\n%s", err, out)
			}
		})
	}
}

func output(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	return samcli.Output(t, cmd)
}

// follow sends requests as a browser does that keeps one cookie.
func follow(t *testing.T, url string, steps []step) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	cookie := ""
	for _, s := range steps {
		parts := strings.SplitN(s.request, " ", 3)
		r, err := http.NewRequestWithContext(t.Context(), parts[0], url+parts[1], strings.NewReader(parts[2]))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", form)
		if cookie != "" {
			r.Header.Set("Cookie", cookie)
		}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != s.status || !strings.Contains(string(body), s.body) {
			t.Errorf("%s: %d %s %v, want %d %s", s.request, resp.StatusCode, body, err, s.status, s.body)
		}
		if got := resp.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q", s.request, got)
		}
		lines := strings.Join(resp.Header["Set-Cookie"], "\n")
		if !strings.HasPrefix(lines, s.cookie) || (lines == "") != (s.cookie == "") {
			t.Errorf("%s: Set-Cookie %q, want %q", s.request, lines, s.cookie)
		}
		if lines == "" {
			continue
		}
		if !strings.HasSuffix(lines, "; Secure; HttpOnly; SameSite=Lax") {
			t.Errorf("%s: Set-Cookie %q is not the safe one", s.request, lines)
		}
		cookie, _, _ = strings.Cut(lines, ";")
		if strings.HasSuffix(cookie, "=") { // it was deleted
			cookie = ""
		}
	}
}
