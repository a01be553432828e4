// Package cloudformation_test serves templates of plain CloudFormation as other tools
// write them: the AWS CDK with its construct for Go functions, and the Serverless
// Framework's successor osls. Both are the real ones, from npm, and neither has a network.
package cloudformation_test

import (
	"archive/zip"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// project returns a copy of the shop's programs, with the files of a tool.
func project(t *testing.T, tool string) string {
	t.Helper()
	dir := t.TempDir()
	for _, from := range []string{"go", tool} {
		if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", from))); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// node runs a script in dir with the packages of package.json.
func node(t *testing.T, dir, modules string, args ...string) {
	t.Helper()
	cmd := exec.Command(testenv.Tool(t, "node"), args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules, "CDK_OUTDIR=cdk.out", "HTTPS_PROXY=http://127.0.0.1:1", "HTTP_PROXY=http://127.0.0.1:1",
		"GOPROXY=off", "GOFLAGS=-mod=readonly", "AWS_ACCESS_KEY_ID=none", "AWS_SECRET_ACCESS_KEY=none", "SLS_NOTIFICATIONS_MODE=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}

// pack compiles a program and writes an archive with it.
func pack(t *testing.T, dir, archive, goarch string, source string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "bootstrap")
	cmd := exec.Command("go", "build", "-trimpath", "-o", program, source)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOOS=linux", "GOARCH="+goarch, "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	var file strings.Builder
	w := zip.NewWriter(&file)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	header.SetMode(0o755)
	entry, err := w.CreateHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := entry.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	testenv.Write(t, dir, archive, file.String())
}

// A shop is a running crumb start, with the URLs of its APIs.
type shop struct {
	*testenv.Crumb
	dir  string
	apis []string
}

var (
	written = regexp.MustCompile(`(?m)^(?://|#)   (\w+) +([A-Z]+) +(/\S*) +(\w+)$`)
	printed = regexp.MustCompile(`(?m)^([A-Z]+)  (http://127\.0\.0\.1:\d+)(/\S*)  (\w+)$`)
)

// start serves a template in dir, and compares the routes with the list that the app's
// source has in a comment.
func start(t *testing.T, dir, source, template string) *shop {
	t.Helper()
	cmd := exec.Command(testenv.Build(t), "start", "-t", template, "--port", "0", "--inspect-port", "off")
	cmd.Dir = dir
	s := &shop{Crumb: testenv.Start(t, cmd), dir: dir}
	text, err := os.ReadFile(filepath.Join(dir, source))
	if err != nil {
		t.Fatal(err)
	}
	var names, want, got []string
	for _, m := range written.FindAllStringSubmatch(string(text), -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
		want = append(want, strings.Join(m[1:], " "))
	}
	for _, m := range printed.FindAllStringSubmatch(s.Stdout, -1) {
		if !slices.Contains(s.apis, m[2]) {
			s.apis = append(s.apis, m[2])
		}
		if i := slices.Index(s.apis, m[2]); i < len(names) {
			m[2] = names[i]
		}
		// Logical ids end with what the tool adds.
		id := regexp.MustCompile(`LambdaFunction$|[0-9A-F]{8}$`).ReplaceAllString(m[4], "")
		got = append(got, strings.Join([]string{m[2], m[1], m[3], id}, " "))
	}
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Fatalf("routes:\n%s\nwant, of %s:\n%s", strings.Join(got, "\n"), source, strings.Join(want, "\n"))
	}
	return s
}

type request struct {
	api          int
	method, path string
	token        string
	body         string
	status       int
	want         string // in the body
	allow        string // Access-Control-Allow-Origin
}

const origin = "https://shop.example"

func (s *shop) get(t *testing.T, r request) (status int, body, allow string) {
	t.Helper()
	req, err := http.NewRequest(r.method, s.apis[r.api]+r.path, strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", origin)
	if r.method == "OPTIONS" {
		req.Header.Set("Access-Control-Request-Method", "GET")
	}
	if r.token != "" {
		req.Header.Set("Authorization", r.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text), resp.Header.Get("Access-Control-Allow-Origin")
}

func (s *shop) check(t *testing.T, requests []request) {
	t.Helper()
	for _, r := range requests {
		status, body, allow := s.get(t, r)
		if status != r.status || !strings.Contains(body, r.want) || allow != r.allow {
			t.Errorf("%+v: %d, %q, Access-Control-Allow-Origin %q", r, status, body, allow)
		}
	}
}

// replace changes a text in the source of a program.
func (s *shop) replace(t *testing.T, program, old, fresh string) {
	t.Helper()
	name := "cmd/" + program + "/main.go"
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil || !strings.Contains(string(text), old) {
		t.Fatalf("%s lacks %s, %v", name, old, err)
	}
	testenv.Write(t, s.dir, name, strings.ReplaceAll(string(text), old, fresh))
}

// until sends a request until the response has its status and body.
func (s *shop) until(t *testing.T, r request) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		status, body, _ := s.get(t, r)
		if status == r.status && strings.Contains(body, r.want) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("a minute after the change: %d, %q, want %+v", status, body, r)
		}
	}
}

func TestCDK(t *testing.T) {
	testenv.Long(t, "the CDK compiles three programs")
	modules := testenv.NodeModules(t, "package-lock.json")
	dir := project(t, "cdk")
	node(t, dir, modules, "app.js")
	s := start(t, dir, "app.js", "cdk.out/Shop.template.json")
	const in = "let me in"
	s.check(t, []request{
		{api: 0, method: "POST", path: "/items", body: `{"id":"a1"}`, status: 401, want: "Unauthorized", allow: origin},
		{api: 0, method: "POST", path: "/items", body: `{"id":"a1"}`, token: "wrong", status: 403, want: "not authorized"},
		{api: 0, method: "POST", path: "/items", body: `{"id":"a1"}`, token: in, status: 201},
		{api: 0, method: "GET", path: "/items", status: 200, want: "a1 by ana, payload \n"},
		{api: 0, method: "GET", path: "/items/a1", status: 200, want: "a1 by ana"},
		{api: 0, method: "OPTIONS", path: "/items/a1", status: 204, allow: origin},
		{api: 0, method: "GET", path: "/other/path", status: 200, want: "page /other/path\n"},
		{api: 1, method: "GET", path: "/items/a1", status: 200, want: "a1 by ana, payload 2.0\n", allow: origin},
		{api: 1, method: "OPTIONS", path: "/items/a1", status: 204, allow: origin},
		{api: 1, method: "GET", path: "/admin/x", status: 401, want: "Unauthorized", allow: origin},
		{api: 1, method: "GET", path: "/admin/x", token: "wrong", status: 403, want: "Forbidden", allow: origin},
		{api: 1, method: "GET", path: "/admin/x", token: in, status: 200, want: "page /admin/x\n", allow: origin},
		{api: 1, method: "GET", path: "/none", status: 404, want: "Not Found", allow: origin},
		{api: 2, method: "GET", path: "/any", status: 200, want: "page /any\n", allow: origin},
		{api: 3, method: "GET", path: "/any", status: 403, want: "Forbidden"},
	})
	s.replace(t, "page", `"page"`, `"saved page"`)
	s.until(t, request{api: 2, method: "GET", path: "/", status: 200, want: "saved page"})
	if want := " from cmd/items\n"; !strings.Contains(s.Stderr(), want) {
		t.Errorf("stderr lacks %q", want)
	}
}

func TestOSLS(t *testing.T) {
	testenv.Long(t, "three programs are compiled twice")
	modules := testenv.NodeModules(t, "package-lock.json")
	dir := project(t, "osls")
	other := map[string]string{"amd64": "arm64", "arm64": "amd64"}[runtime.GOARCH]
	pack(t, dir, "bin/items.zip", other, "./cmd/items")
	pack(t, dir, "bin/page.zip", other, "./cmd/page")
	pack(t, dir, "bin/guard.zip", runtime.GOARCH, "cmd/guard/main.go") // which does not say its package
	node(t, dir, modules, filepath.Join(modules, "osls", "bin", "serverless.js"), "package")
	s := start(t, dir, "serverless.yml", ".serverless/cloudformation-template-update-stack.json")
	s.check(t, []request{
		{api: 0, method: "GET", path: "/items", status: 200, want: "items of dev"},
		{api: 0, method: "OPTIONS", path: "/items", status: 200, allow: "*"},
		{api: 0, method: "PUT", path: "/items/7", status: 401, want: "Unauthorized"},
		{api: 0, method: "PUT", path: "/items/7", token: "let me in", status: 200, want: `id "7", by ana`},
		{api: 1, method: "GET", path: "/pages/home", status: 200, want: "page /pages/home\n", allow: "*"},
		{api: 1, method: "POST", path: "/other", status: 200, want: "page /other\n", allow: "*"},
		{api: 2, method: "GET", path: "/x", status: 200, want: "page /x\n"},
	})
	s.replace(t, "page", `"page"`, `"saved page"`)
	s.until(t, request{api: 1, method: "GET", path: "/pages/home", status: 200, want: "saved page"})
	s.replace(t, "guard", `"let me in"`, `"open sesame"`) // which has to be packed again
	pack(t, dir, "bin/guard.zip", runtime.GOARCH, "cmd/guard/main.go")
	s.until(t, request{api: 0, method: "PUT", path: "/items/8", token: "open sesame", status: 200, want: `id "8"`})
	for _, want := range []string{
		"ItemsLambdaFunction from cmd/items, PageLambdaFunction from cmd/page",
		"its program does not say its main package, as after go build main.go; it runs as it was packed, until --source GuardLambdaFunction=cmd/guard names its source",
	} {
		if !strings.Contains(s.Stderr(), want) {
			t.Errorf("stderr lacks %q", want)
		}
	}
}
