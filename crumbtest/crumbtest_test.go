package crumbtest_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/crumbtest"
)

// failing is a test that may fail.
type failing struct {
	testing.TB
	message string
}

func (f *failing) Fatalf(format string, args ...any) {
	f.message = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// failure returns what a test fails with.
func failure(t *testing.T, test func(testing.TB)) string {
	t.Helper()
	f, done := &failing{TB: t}, make(chan struct{})
	go func() {
		defer close(done)
		test(f)
	}()
	<-done
	return f.message
}

const function = `Transform: AWS::Serverless-2016-10-31
Parameters: {Size: {Type: Number, MaxValue: 3, Default: 1}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Handler: bootstrap, Runtime: provided.al2023, CodeUri: ., MemorySize: 128, Events: {Get: {Type: HttpApi}}}
`

// project writes a project of one function and returns its folder.
func project(t *testing.T, template, source string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"template.yaml": template, "main.go": source, "go.mod": "module example.com/app\n\ngo 1.26\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A cookie that a test has changed is sent as it is now, not as it came.
func TestChangedCookie(t *testing.T) {
	u := &url.URL{Scheme: "http", Host: "127.0.0.1", Path: "/"}
	c, err := http.ParseSetCookie("sid=good; Path=/; Expires=Fri, 31 Dec 9999 23:59:59 GMT; HttpOnly; SameSite=Lax")
	if err != nil {
		t.Fatal(err)
	}
	jar := new(crumbtest.Project).Client(t).Jar
	for _, value := range []string{"good", "forged"} {
		c.Value = value
		jar.SetCookies(u, []*http.Cookie{c})
		if got := jar.Cookies(u); len(got) != 1 || got[0].Value != value {
			t.Errorf("the jar has %v, want %s", got, value)
		}
	}
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	const source = "package main\n\nfunc main() {}\n"
	rows := []struct {
		name, template, source string
		options                crumbtest.Options
		want                   string // behind the project's folder
	}{
		{"compile-error", function, "package main\n\nfunc main() { undefined() }\n", crumbtest.Options{}, "main.go:3:15: undefined: undefined"},
		{"not-yaml", "Resources: [\n", source, crumbtest.Options{}, "template.yaml:2: "},
		{"no-transform", "Resources: {}\n", source, crumbtest.Options{}, "template.yaml: not a SAM template: "},
		{"no-route", strings.Replace(function, ", Events: {Get: {Type: HttpApi}}", "", 1), source, crumbtest.Options{}, "template.yaml has no function with an HTTP route"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			dir := project(t, row.template, row.source)
			got := failure(t, func(t testing.TB) { crumbtest.Start(t, dir, row.options) })
			if want := "crumbtest: " + filepath.Join(dir, row.want); !strings.HasPrefix(got, strings.TrimSuffix(want, " ")) {
				t.Errorf("Start fails with %q, want %q", got, want)
			}
		})
	}
}

func TestStartWithoutTemplate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rows := []struct{ name, template, want string }{
		{"file", filepath.Join(dir, "api.yaml"), filepath.Join(dir, "api.yaml") + " not found"},
		{"folder", dir, filepath.Join(dir, "template.yaml") + " not found"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := failure(t, func(t testing.TB) { crumbtest.Start(t, row.template, crumbtest.Options{}) })
			if want := "crumbtest: " + row.want; !strings.HasPrefix(got, want) {
				t.Errorf("Start fails with %q, want %q", got, want)
			}
		})
	}
}

// recorded is a test whose output is kept.
type recorded struct {
	testing.TB
	output *bytes.Buffer // written to under crumbtest's lock
}

func (r recorded) Output() io.Writer { return r.output }

// What functions print is in the test's output, with Lambda's lines, a finding of the
// template, and cookies that a browser does not keep.
func TestOutput(t *testing.T) {
	t.Parallel()
	dir := project(t, function+"  Nested: {Type: AWS::Serverless::Application, Properties: {Location: nested.yaml}}\n", `package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		next, err := http.Get(api + "next")
		if err != nil {
			return
		}
		io.Copy(io.Discard, next.Body)
		fmt.Println("printed by F")
		answer := `+"`"+`{"statusCode": 200, "cookies": ["__Host-a=1"]}`+"`"+`
		http.Post(api+next.Header.Get("Lambda-Runtime-Aws-Request-Id")+"/response", "", strings.NewReader(answer))
	}
}
`)
	var output bytes.Buffer
	t.Run("served", func(t *testing.T) {
		p := crumbtest.Start(recorded{t, &output}, dir, crumbtest.Options{})
		resp, err := p.Client(t).Get(p.URL + "/")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	})
	for _, want := range []string{"START RequestId: ", "\nprinted by F\n", "\nREPORT RequestId: ", filepath.Join(dir, "template.yaml") + ":", "__Host-"} {
		if !strings.Contains(output.String(), want) {
			t.Errorf("no %q in\n%s", want, &output)
		}
	}
}

func TestAPIURL(t *testing.T) {
	t.Parallel()
	dir := project(t, strings.Replace(function, "Events: {Get: {Type: HttpApi}}}", "Events: {Get: {Type: HttpApi}, Rest: {Type: Api, Properties: {Path: /, Method: get}}}, FunctionUrlConfig: {AuthType: NONE}}", 1), "package main\n\nfunc main() {}\n")
	p := crumbtest.Start(t, dir, crumbtest.Options{})
	seen := map[string]bool{}
	for _, id := range []string{"ServerlessHttpApi", "ServerlessRestApi", "FUrl"} {
		got := p.APIURL(t, id)
		if !strings.HasPrefix(got, "http://127.0.0.1:") || seen[got] {
			t.Errorf("APIURL(%s) = %s, after %v", id, got, seen)
		}
		seen[got] = true
	}
	if !seen[p.URL] {
		t.Errorf("URL = %s, want one of %v", p.URL, seen)
	}
	want := `crumbtest: no API "Nope" with a route; there are ["FUrl" "ServerlessHttpApi" "ServerlessRestApi"]`
	if got := failure(t, func(t testing.TB) { p.APIURL(t, "Nope") }); got != want {
		t.Errorf("of another API: %s, want %s", got, want)
	}
}

// With a token the function is called, which fails here; without one it is not.
func TestToken(t *testing.T) {
	t.Parallel()
	dir := project(t, strings.Replace(function, "Resources:\n", `Globals:
  HttpApi:
    Auth:
      DefaultAuthorizer: Jwt
      Authorizers:
        Jwt: {IdentitySource: $request.header.Authorization, JwtConfiguration: {issuer: "https://login.example", audience: [shop]}}
Resources:
`, 1), "package main\n\nfunc main() {}\n")
	p := crumbtest.Start(t, dir, crumbtest.Options{})
	for _, row := range []struct {
		name, token string
		status      int
	}{
		{"none", "", http.StatusUnauthorized},
		{"jwt", p.Token(t, "", nil), http.StatusInternalServerError},
		{"claims", p.Token(t, "ServerlessHttpApi.Jwt", map[string]any{"groups": []string{"a"}}, "read"), http.StatusInternalServerError},
		{"wrong-claims", p.Token(t, "Jwt", map[string]any{"aud": "other"}), http.StatusUnauthorized},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+row.token)
		resp, err := p.Client(t).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != row.status {
			t.Errorf("%s: %s, want %d", row.name, resp.Status, row.status)
		}
	}
	if got := failure(t, func(t testing.TB) { p.Token(t, "Nope", nil) }); !strings.HasPrefix(got, "crumbtest: no JWT or Cognito authorizer has the name Nope: ") {
		t.Errorf("of another authorizer: %s", got)
	}
	if got := failure(t, func(t testing.TB) { p.Token(t, "Jwt", map[string]any{"f": func() {}}) }); !strings.HasPrefix(got, "crumbtest: claim f: ") {
		t.Errorf("of a function: %s", got)
	}
}

// With a key the function is called, which fails here; without one it is not.
func TestAPIKey(t *testing.T) {
	t.Parallel()
	dir := project(t, strings.Replace(function, "Events: {Get: {Type: HttpApi}}}", "Events: {Get: {Type: HttpApi}, Rest: {Type: Api, Properties: {Path: /, Method: get, Auth: {ApiKeyRequired: true}}}}}", 1), "package main\n\nfunc main() {}\n")
	p := crumbtest.Start(t, dir, crumbtest.Options{})
	for key, status := range map[string]int{"": http.StatusForbidden, p.APIKey(t, "ServerlessRestApi"): http.StatusBadGateway} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.APIURL(t, "ServerlessRestApi")+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Api-Key", key)
		resp, err := p.Client(t).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != status {
			t.Errorf("with a key %t: %s, want %d", key != "", resp.Status, status)
		}
	}
	want := `crumbtest: no API "ServerlessHttpApi" that accepts a key`
	if got := failure(t, func(t testing.TB) { p.APIKey(t, "ServerlessHttpApi") }); got != want {
		t.Errorf("of an API without keys: %s, want %s", got, want)
	}
}

// go test does not keep the result of a test when a folder that it has read has
// changed. The log is the one that it goes by.
func TestSourcesAreSeen(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log")
	served(t, t.TempDir(), "-test.testlogfile="+log)
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"functions/index", "functions/internal/demo", "shared/frontdoor", ""} {
		if line := "open " + filepath.Join(root, filepath.FromSlash(folder)) + "\n"; !strings.Contains(string(text), line) {
			t.Errorf("the log has no %q", line)
		}
	}
}

// Nothing listens when the test has ended.
func TestStartEnds(t *testing.T) {
	t.Parallel()
	dir := project(t, function, "package main\n\nfunc main() {}\n")
	var url string
	t.Run("started", func(t *testing.T) {
		url = crumbtest.Start(t, dir, crumbtest.Options{}).URL
		resp, err := http.Get(url + "/nowhere/else")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	})
	if resp, err := http.Get(url); err == nil {
		resp.Body.Close()
		t.Errorf("GET %s = %s after the end", url, resp.Status)
	}
}

func TestClientCookies(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, url, line, to string
		want                string // the Cookie header
	}{
		{"secure-at-127.0.0.1", "http://127.0.0.1:1/a", "a=1; Secure", "http://127.0.0.1:2/", "a=1"},
		{"secure-at-localhost", "http://localhost/", "a=1; Secure", "http://localhost/", "a=1"},
		{"secure-elsewhere", "http://app.example/", "a=1; Secure", "http://app.example/", ""},
		{"host-prefix", "http://127.0.0.1/", "__Host-a=1; Secure; Path=/", "http://127.0.0.1/", "__Host-a=1"},
		{"host-prefix-with-path", "http://127.0.0.1/", "__Host-a=1; Secure; Path=/a", "http://127.0.0.1/a", ""},
		{"strict", "http://127.0.0.1/", "a=1; SameSite=Strict", "http://127.0.0.1/", "a=1"},
		{"path", "http://127.0.0.1/", "a=1; Path=/a", "http://127.0.0.1/b", ""},
		{"another-host", "http://127.0.0.1/", "a=1", "http://localhost/", ""},
		{"quoted", "http://127.0.0.1/", `a="1"`, "http://127.0.0.1/", `a="1"`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			client := new(crumbtest.Project).Client(t)
			from, to := parse(t, row.url), parse(t, row.to)
			client.Jar.SetCookies(from, (&http.Response{Header: http.Header{"Set-Cookie": {row.line}}}).Cookies())
			r := &http.Request{Header: http.Header{}}
			for _, c := range client.Jar.Cookies(to) {
				r.AddCookie(c)
			}
			if got := r.Header.Get("Cookie"); got != row.want {
				t.Errorf("after %q the client sends %q, want %q", row.line, got, row.want)
			}
		})
	}
}

// What a test puts into the jar is sent, and what a response has set can be seen.
func TestClientJar(t *testing.T) {
	t.Parallel()
	client, here := new(crumbtest.Project).Client(t), parse(t, "http://127.0.0.1/")
	client.Jar.SetCookies(here, []*http.Cookie{{Name: "a", Value: "1", Path: "/", MaxAge: 60, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}})
	cookies := client.Jar.Cookies(here)
	if len(cookies) != 1 {
		t.Fatalf("cookies = %v", cookies)
	}
	if c := cookies[0]; !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Expires.IsZero() || c.Domain != "" || c.Path != "/" {
		t.Errorf("the cookie = %#v", c)
	}
}

func parse(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
