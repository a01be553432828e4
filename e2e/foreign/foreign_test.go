// Package foreign_test runs SAM projects that were written without crumb, each in
// the style of public Go samples and with a separate module.
package foreign_test

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// A project is a folder of testdata, or one without a template beside it, and its
// expected responses.
type project struct {
	name     string
	tool     string   // what it needs in addition to Go
	run      []string // packages for crumb run; nil: crumb start
	args     []string // flags
	apis     int
	stderr   string // what the start must print
	requests []request
}

type request struct {
	api          int // the n-th of the template
	method, path string
	body         string
	status       int
	want         string // in the body
	cookies      int    // how many the response sets
	token        string // the request's Authorization
	origin       string // the request's Origin, which the response allows
}

var projects = []project{
	{name: "hello", apis: 1, stderr: "template.yaml:50: ReportFunction is not run: the runtime python3.13 is not Go's", requests: []request{
		{method: "GET", path: "/hello", status: 200, want: "Hello, 127.0.0.1! VALUE JSON\n"},
		{method: "POST", path: "/hello", status: 403, want: "Missing Authentication Token"},
		{method: "POST", path: "/goodbye", body: "Ana", status: 201, want: "Goodbye, Ana"},
		{method: "POST", path: "/goodbye", status: 502, want: `{"message": "Internal server error"}`},
		{method: "GET", path: "/report", status: 502, want: "ReportFunction is not run here: the runtime python3.13 is not Go's"},
		{method: "GET", path: "/Prod/hello", status: 403, want: "Missing Authentication Token"},
	}},
	{name: "httpapi", apis: 1, requests: []request{
		{method: "GET", path: "/items/7", status: 200, want: `{"cookies":["a=1","b=2"],"parameters":{"id":"7"},"version":"2.0"}`},
		{method: "PUT", path: "/items/a%20b", status: 200, want: `"id":"a b"`},
		{method: "GET", path: "/v1/items/7", status: 200, want: `{"cookies":null,"parameters":{"id":"7"},"version":"1.0"}`},
		{method: "PATCH", path: "/files/a/b.txt", status: 200, want: `"path":"a/b.txt"`},
		{method: "DELETE", path: "/items/7", status: 404, want: `{"rawPath":"/items/7","routeKey":"$default"}`},
	}},
	{name: "apis", apis: 3, requests: []request{
		{api: 0, method: "GET", path: "/orders", status: 200, want: `{"level":"debug","role":"list","stage":"dev","table":"orders-dev","variables":{"colour":"blue"}}`},
		{api: 1, method: "GET", path: "/orders", status: 401, want: `{"message":"Unauthorized"}`},
		{api: 1, method: "GET", path: "/health", status: 200, want: `"stage":"admin","table":"orders-dev","variables":{"colour":"red","table":"orders-dev"}`},
		{api: 2, method: "POST", path: "/hook", status: 200, want: `{"level":"error","role":"hook","stage":"v2","table":"orders-dev","variables":{"colour":"green"}}`},
		{api: 2, method: "GET", path: "/orders", status: 404, want: `{"message":"Not Found"}`},
	}},
	{name: "apis", args: []string{"--api", "AdminApi", "--insecure-skip-authorizers", "--parameter-overrides", "Stage=live"}, apis: 1, requests: []request{
		{method: "GET", path: "/orders", status: 200, want: `{"level":"warn","role":"list","stage":"admin","table":"orders-live","variables":{"colour":"red","table":"orders-live"}}`},
	}},
	{name: "lambdalith", apis: 1, requests: []request{
		{method: "GET", path: "/", status: 200, want: "home"},
		{method: "GET", path: "/users/ana?page=2", status: 200, want: "user ana, page 2"},
		{method: "POST", path: "/session", status: 204, cookies: 2},
		{method: "GET", path: "/none", status: 404, want: "404 page not found"},
	}},
	{name: "dynamo", args: []string{"--parameter-overrides", "Endpoint=http://127.0.0.1:1"}, apis: 1, stderr: "TABLE_ARN", requests: []request{
		{method: "GET", path: "/notes/1", status: 503, want: `{"error":"no table `},
	}},
	{name: "stream", apis: 2, requests: []request{
		{api: 0, method: "GET", path: "/any/path", status: 200, want: "line 0\nline 1\nline 2\n", cookies: 2},
		{api: 1, method: "GET", path: "/", status: 403, want: "Forbidden"},
	}},
	{name: "openapi", apis: 2, stderr: "template.yaml:29: Shop: GET /about has the integration \"http_proxy\", which is not emulated; the route is not served", requests: []request{
		{api: 0, method: "GET", path: "/items/7", status: 200, want: `{"version":"","pathParameters":{"id":"7"}}`},
		{api: 0, method: "PUT", path: "/items/7", status: 403, want: "Forbidden"},
		{api: 0, method: "GET", path: "/about", status: 403, want: "Missing Authentication Token"},
		{api: 1, method: "POST", path: "/hooks/a", status: 200, want: `{"version":"2.0","pathParameters":{"name":"a"}}`},
	}},
	{name: "plain", apis: 2, stderr: "template.yaml:115: About: GET / has the integration \"http_proxy\", which is not emulated; the route is not served", requests: []request{
		{api: 0, method: "GET", path: "/items/7", status: 200, want: `{"authorizer":null,"name":"shop","parameters":{"id":"7"},"path":"/items/7","stage":"dev","variables":{"colour":"red"},"version":""}`},
		{api: 0, method: "PUT", path: "/items/7", status: 401, want: "Unauthorized"},
		{api: 0, method: "PUT", path: "/items/7", token: "nobody", status: 401, want: "Unauthorized"},
		{api: 0, method: "PUT", path: "/items/7", token: "let-me-in", status: 200, want: `"principalId":"ana"`},
		{api: 0, method: "DELETE", path: "/items/7", token: "let-me-in", status: 401},
		{api: 0, method: "OPTIONS", path: "/items/7", status: 200, origin: "https://shop.example"},
		{api: 0, method: "OPTIONS", path: "/cart", status: 403, want: "Missing Authentication Token"},
		{api: 0, method: "GET", path: "/cart", status: 200, want: `"name":"cart"`},
		{api: 0, method: "GET", path: "/", status: 403, want: "Missing Authentication Token"},
		{api: 1, method: "GET", path: "/any/path", origin: "https://shop.example", status: 200, want: `"path":"/any/path","stage":"$default","variables":null,"version":"2.0"`},
		{api: 1, method: "GET", path: "/admin/x", status: 401, want: "Unauthorized"},
		{api: 1, method: "GET", path: "/admin/x", token: "nobody", status: 403, want: "Forbidden"},
		{api: 1, method: "GET", path: "/admin/x", token: "let-me-in", status: 200, want: `"parameters":{"proxy":"x"}`},
	}},
	{name: "authorizers", apis: 2, stderr: "template.yaml:107: ScriptFunction is not run: the runtime python3.13 is not Go's", requests: []request{
		{api: 0, method: "GET", path: "/open", status: 200, want: `{"authorizer":null,"key":""}`},
		{api: 0, method: "GET", path: "/token", status: 401, want: "Unauthorized"}, // TestGuards and TestTokens have the others
		{api: 1, method: "GET", path: "/open", status: 200, want: `{"authorizer":null,"key":""}`},
	}},
	{name: "legacy", apis: 1, stderr: "crumb: PingFunction uses github.com/aws/aws-lambda-go v1.13.3, supported only by the retired go1.x runtime", requests: []request{
		{method: "GET", path: "/ping", status: 200, want: "pong from ping"},
	}},
	{name: "makefile", tool: "make", apis: 1, requests: []request{
		{method: "GET", path: "/one", status: 200, want: "I am one"},
		{method: "GET", path: "/two", status: 200, want: "I am two"},
	}},
	{name: "prebuilt", apis: 1, stderr: "template.yaml:12: ListFunction: its CodeUri bin/list is not a folder that exists, which sam build needs; it runs from the main package in cmd/list", requests: []request{
		{method: "GET", path: "/list", status: 200, want: "I am list"},
		{method: "GET", path: "/put", status: 200, want: "I am put"},
		{method: "GET", path: "/old", status: 200, want: "I am old"},
	}},
}

// untemplated are uses of the folder of that name, whose programs have no template.
var untemplated = []project{
	{name: "untemplated", run: []string{"./services/web"}, args: []string{"--env-vars", "local.env"}, apis: 1, requests: []request{
		{method: "GET", path: "/", status: 200, want: "home of the corner shop"},
		{method: "GET", path: "/users/ana", status: 200, want: "user ana"},
		{method: "POST", path: "/session", status: 204, cookies: 2},
		{method: "GET", path: "/none", status: 404, want: "404 page not found"},
	}},
	{name: "untemplated", run: []string{"GET /orders/{id}=./services/orders/cmd/lambda", "/=services/web/main.go", "./services/orders/cmd/lambda"}, apis: 2, requests: []request{
		{api: 0, method: "GET", path: "/orders/7", status: 200, want: "lambda GET /orders/{id} 7"},
		{api: 0, method: "POST", path: "/orders/7", status: 404, want: "404 page not found"},
		{api: 0, method: "GET", path: "/users/ana", status: 200, want: "user ana"},
		{api: 1, method: "GET", path: "/any/path", status: 200, want: "lambda $default "},
	}},
	{name: "testdata/dynamo", run: []string{"GET /notes/{id}=./functions/notes"}, args: []string{"--table", "notes=id", "--env-vars", "run.env"}, apis: 1, requests: []request{
		{method: "GET", path: "/notes/1", status: 404, want: `{"error":"no such note"}`}, // the table is there
	}},
	{name: "untemplated", run: []string{"/users/{name}=./services/web"}, args: []string{"--door", "http", "--timeout", "30s"}, apis: 1, requests: []request{
		{method: "GET", path: "/users/ana", status: 200, want: "user ana"},
		{method: "GET", path: "/users", status: 404, want: `{"message":"Not Found"}`},
	}},
}

func TestProjects(t *testing.T) {
	crumb := testenv.Build(t)
	for _, p := range slices.Concat(projects, untemplated) {
		t.Run(strings.Join(slices.Concat([]string{p.name}, p.run, p.args), "-"), func(t *testing.T) {
			t.Parallel()
			if p.tool != "" {
				testenv.Tool(t, p.tool)
			}
			args, dir := append([]string{"run"}, p.run...), p.name
			if p.run == nil {
				args, dir = []string{"start", "--template", folder(t, p.name)}, t.TempDir() // the working directory must not matter
			}
			cmd := exec.Command(crumb, slices.Concat(args, []string{"--port", "0", "--no-watch"}, p.args)...)
			cmd.Dir = dir
			c := testenv.Start(t, cmd)
			_, listening, _ := strings.Cut(c.Stdout, "Listening on ")
			urls := strings.Fields(strings.TrimSuffix(listening, "(Ctrl-C stops)\n"))
			if len(urls) != p.apis {
				t.Fatalf("serves %q, want %d APIs", urls, p.apis)
			}
			for _, r := range p.requests {
				r.check(t, urls[r.api])
			}
			c.Stop() // now its stderr is complete
			if !strings.Contains(c.Stderr(), p.stderr) {
				t.Errorf("stderr does not say %q", p.stderr)
			}
		})
	}
}

// Without a template, crumb start says how to run each program, of all modules, and of
// the tool that deploys them.
func TestWithoutTemplate(t *testing.T) {
	cmd := exec.Command(testenv.Build(t), "start")
	cmd.Dir = "untemplated"
	out, err := cmd.CombinedOutput()
	const want = "crumb: template.yaml not found, and crumb does not read main.tf; to serve Go programs without a template: " +
		"crumb run ./services/orders/cmd/lambda ./services/web\n"
	if err == nil || string(out) != want {
		t.Errorf("crumb start: %v, %q, want %q", err, out, want)
	}
}

// A project that is older than Go's modules runs as it is.
func TestLoose(t *testing.T) {
	dir := t.TempDir()
	testenv.Write(t, dir, "cmd/api/main.go", `package main

import (
	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/ana/shop/price"
)

func main() {
	lambda.Start(func(event events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		return events.APIGatewayProxyResponse{StatusCode: 200, Body: event.HTTPMethod + " " + event.Path + price.Of(event.PathParameters["item"])}, nil
	})
}
`)
	testenv.Write(t, dir, "price/price.go", `// Package price has the prices of the shop.
package price

// Of returns the price of an item.
func Of(item string) string { return ": " + item + " is 3 EUR" }
`)
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(testenv.Build(t), "run", "GET /{item}=./cmd/api", "--door", "rest", "--port", "0")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=file:///"+strings.TrimPrefix(filepath.ToSlash(strings.TrimSpace(string(cache))), "/")+"/cache/download", "GONOSUMDB=*")
	c := testenv.Start(t, cmd)
	request{method: "GET", path: "/tea", status: 200, want: "GET /tea: tea is 3 EUR"}.check(t, c.URL)
	request{method: "POST", path: "/tea", status: 403, want: "Missing Authentication Token"}.check(t, c.URL)
	c.Stop()
	if want := "crumb: api: there is no go.mod, so the newest release of each module is used"; !strings.Contains(c.Stderr(), want) {
		t.Errorf("stderr does not say %q", want)
	}
}

// A saved change of a program without a template is in a response soon.
func TestRunReload(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("untemplated")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(testenv.Build(t), "run", "./services/orders/cmd/lambda", "--port", "0")
	cmd.Dir = dir
	url := testenv.Start(t, cmd).URL
	request{method: "GET", path: "/", status: 200, want: "lambda $default"}.check(t, url)
	serve, err := os.ReadFile(filepath.Join(dir, "services/orders/serve/serve.go"))
	if err != nil {
		t.Fatal(err)
	}
	testenv.Write(t, dir, "services/orders/serve/serve.go", strings.Replace(string(serve), "body :=", `body := "saved " +`, 1))
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(body) == "saved lambda $default " {
			break
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("after a save: %v, %q", err, body)
		}
	}
}

func (r request) check(t *testing.T, url string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), r.method, url+r.path, strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Cookie", "a=1; b=2")
	for name, value := range map[string]string{"Authorization": r.token, "Origin": r.origin} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	client := &http.Client{Timeout: 5 * time.Minute} // the first request waits for the compiler
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != r.status || !strings.Contains(string(body), r.want) {
		t.Errorf("%s %s = %d %q, want %d with %q", r.method, r.path, resp.StatusCode, body, r.status, r.want)
	}
	if got := resp.Header.Get("Access-Control-Allow-Origin"); got != r.origin {
		t.Errorf("%s %s allows the origin %q, want %q", r.method, r.path, got, r.origin)
	}
	if got := len(resp.Header["Set-Cookie"]); got != r.cookies {
		t.Errorf("%s %s sets %d cookies, want %d", r.method, r.path, got, r.cookies)
	}
}

// folder returns the absolute folder of a project.
func folder(t *testing.T, name string) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestEveryProject finds projects that no test runs.
func TestEveryProject(t *testing.T) {
	run := map[string]bool{}
	for _, p := range projects {
		run[p.name] = true
	}
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !run[e.Name()] {
			t.Errorf("testdata/%s is not run", e.Name())
		}
	}
}
