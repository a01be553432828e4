package local

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/local/localtest"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// newProgramTree returns programs without a template: two that link a stand-in for
// aws-lambda-go by another package, and one that does not.
func newProgramTree(t *testing.T) tree {
	t.Helper()
	tr := emptyTree(t)
	tr.writeModule("")
	tr.write("go.mod", goMod+"\nrequire github.com/aws/aws-lambda-go v1.55.1\n\nreplace github.com/aws/aws-lambda-go => ./sdk\n")
	tr.write("sdk/go.mod", "module github.com/aws/aws-lambda-go\n\ngo 1.26.0\n")
	tr.write("sdk/lambda/lambda.go", "package lambda\n")
	tr.write("sdk/events/events.go", "package events\n")
	tr.write("bootstrap/link.go", "package bootstrap\n\nimport (\n\t_ \"github.com/aws/aws-lambda-go/events\"\n\t_ \"github.com/aws/aws-lambda-go/lambda\"\n)\n")
	tr.write("cmd/users/main.go", mainText(`os.Getenv("NAME") + " one"`, "\t\"os\"\n"))
	tr.write("cmd/orders/main.go", mainText(`"orders"`, ""))
	tr.write("cmd/tool/main.go", "package main\n\nfunc main() {}\n")
	return tr
}

func (tr tree) packages(packages ...string) []string {
	for i, p := range packages {
		route, dir, isRoute := strings.Cut(p, "=")
		if !isRoute {
			packages[i] = filepath.Join(tr.dir, p)
			continue
		}
		packages[i] = route + "=" + filepath.Join(tr.dir, dir)
	}
	return packages
}

// Programs without a template are served, rebuilt when they are saved, and get new
// variables when their file is saved.
func TestPackages(t *testing.T) {
	t.Parallel()
	tr := newProgramTree(t)
	tr.write(".env", "NAME=Ana\n")
	p, _ := serve(t, Options{
		Packages:    tr.packages("/users/{id}=cmd/users", "/=cmd/orders", "cmd/users/main.go"),
		EnvVarsFile: filepath.Join(tr.dir, ".env"),
	})
	apis := p.APIs()
	until(t, apis[0].URL+"/users/7", "Ana one")
	until(t, apis[0].URL+"/users/7/x", "orders")
	until(t, apis[1].URL+"/users", "Ana one")
	tr.write("cmd/users/main.go", mainText(`os.Getenv("NAME") + " two in " + os.Getenv("LAMBDA_TASK_ROOT")`, "\t\"os\"\n"))
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	until(t, apis[0].URL+"/users/7", fmt.Sprintf("%q", "Ana two in "+here))
	tr.write(".env", "NAME=Zoe\n")
	until(t, apis[1].URL+"/", "Zoe two in ")
}

// A package gets each door's event on every path, also without a route in it.
func TestPackagesDoors(t *testing.T) {
	t.Parallel()
	tr := newProgramTree(t)
	for _, door := range []string{"", "rest", "http", "http1", "url", "alb", "alb-multi"} {
		o := Options{Packages: tr.packages("GET /users=cmd/users", "GET /=cmd/orders", "POST /=cmd/users")}
		o.Door = frontdoor.Door(door)
		p, _ := open(t, o)
		if err := p.Listen(t.Context()); err != nil {
			t.Fatal(err)
		}
		url := p.APIs()[0].URL
		for path, want := range map[string]string{"/": "orders", "/a/b": "orders", "/users": " one"} {
			if status, body := localtest.Get(t, url+path); status != 200 || body != want {
				t.Errorf("door %q: GET %s = %d %q, want %q", door, path, status, body, want)
			}
		}
	}
}

// The tables of --table are served here, also beside an emulator.
func TestPackagesTables(t *testing.T) {
	tr := newProgramTree(t)
	o := Options{Packages: tr.packages("cmd/users"), Tables: []string{"orders=id", "orders/by-state=state"}, AWSEndpoint: "http://127.0.0.1:4566"}
	p, _ := open(t, o)
	tables, url := p.app().Tables, p.functions(p.app())[0].Env["AWS_ENDPOINT_URL_DYNAMODB"]
	if len(tables) != 1 || tables[0].Name != "orders" || tables[0].Indexes[0].Name != "by-state" || p.tables == nil || url != p.tables.URL {
		t.Errorf("tables %v at %q", tables, url)
	}
	if p.TablesURL() != url {
		t.Errorf("TablesURL = %q", p.TablesURL())
	}
	if p, _ := open(t, Options{Packages: o.Packages}); p.TablesURL() != "" {
		t.Errorf("without tables TablesURL = %q", p.TablesURL())
	}
	o.Tables = []string{"orders"}
	if _, err := Read(o); err == nil || !strings.HasPrefix(err.Error(), "--table orders: is not like ") {
		t.Errorf("--table orders: %v", err)
	}
}

func TestReadPackages(t *testing.T) {
	tr := newProgramTree(t)
	tr.write("env.json", `{"Parameters": {"A": "1", "B": "1"}, "users": {"B": "2", "AWS_REGION": "x"}, "nobody": {}}`)
	o := Options{Packages: tr.packages("/users=cmd/users", "post /=cmd/orders", "/=cmd/orders"), EnvVarsFile: filepath.Join(tr.dir, "env.json")}
	a, err := Read(o)
	if err != nil {
		t.Fatal(err)
	}
	var routes, findings []string
	for _, api := range a.APIs {
		for _, r := range api.Routes {
			routes = append(routes, fmt.Sprint(api.ID, " ", api.Kind, " ", r.Method, " ", r.Path, " ", r.Function.Name))
		}
	}
	want := []string{"Api http ANY /users users", "Api http POST / orders", "Api http POST /{proxy+} orders", "Api http ANY $default orders"}
	if !slices.Equal(routes, want) {
		t.Errorf("routes %q, want %q", routes, want)
	}
	for _, f := range a.Findings {
		findings = append(findings, a.Line(f))
	}
	want = []string{
		"crumb: --env-vars has values for nobody, which is not one of the functions",
		"crumb: refused: users: Lambda reserves the variable AWS_REGION; its value is ignored",
	}
	if !slices.Equal(findings, want) {
		t.Errorf("findings %q, want %q", findings, want)
	}
	users := a.Functions[slices.IndexFunc(a.Functions, func(f *app.Function) bool { return f.ID == "users" })]
	if env := map[string]string{"A": "1", "B": "2", "AWS_REGION": "x"}; !maps.Equal(users.Env, env) {
		t.Errorf("variables %q, want %q", users.Env, env)
	}
}

func TestReadPackagesRefuses(t *testing.T) {
	tr := newProgramTree(t)
	for _, tc := range []struct {
		name     string
		packages []string
		want     string
	}{
		{"missing", []string{"cmd/none"}, "none is not a folder that exists"},
		{"no-go", []string{"cmd"}, "cmd has no Go package"},
		{"not-main", []string{"bootstrap"}, "bootstrap has the package bootstrap, not main"},
		{"not-for-lambda", []string{"cmd/tool"}, "tool does not link github.com/aws/aws-lambda-go/lambda, so Lambda cannot run it"},
		{"same-route", []string{"/a=cmd/users", "any /a=cmd/orders"}, "orders has the route of /a="},
		{"same-package", []string{"cmd/users", "cmd/users"}, "users has the route of "},
		{"same-rest", []string{"GET /{proxy+}=cmd/users", "GET /=cmd/orders"}, "orders has the route of GET /{proxy+}="},
		{"no-slash", []string{"users=cmd/users"}, "has a Path that does not start with /"},
		{"no-path", []string{"=cmd/users"}, "needs a Path and a Method"},
		{"no-package", []string{"/users="}, "has no Go package"},
		{"method", []string{"FETCH /users=cmd/users"}, `has a Method that API Gateway does not support: "FETCH"`},
		{"all-mistakes", []string{"cmd/none", "cmd"}, "exists\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := Read(Options{Packages: tr.packages(tc.packages...)}); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q in it", err, tc.want)
			}
		})
	}
}

// A program that reads a path parameter is named, unless it has a path.
func TestReadPackagesParameter(t *testing.T) {
	tr := newProgramTree(t)
	dir := filepath.Join(tr.dir, "cmd", "users")
	note := "crumb: users: its code reads a path parameter, which only a path has, as in crumb run '/users/{%s}=" + dir + "' /=" + dir
	for _, tc := range []struct{ name, code, run, want string }{
		{"named", `request.PathParameters["user"]`, "cmd/users", fmt.Sprintf(note, "user")},
		{"constant", `request.PathParameters[key]`, "cmd/users", fmt.Sprintf(note, "id")},
		{"with-a-path", `request.PathParameters["user"]`, "/users/{user}=cmd/users", ""},
		{"proxy", `request.PathParameters["proxy"]`, "cmd/users", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tr.write("cmd/users/v1.go", "package main // "+tc.code+"\n")
			a, err := Read(Options{Packages: tr.packages(tc.run)})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, f := range a.Findings {
				got += a.Line(f)
			}
			if got != tc.want {
				t.Errorf("findings %q, want %q", got, tc.want)
			}
		})
	}
}

// A program for the events of a REST API or a load balancer is named, unless a door is
// chosen, and one for no event of HTTP always.
func TestReadPackagesEvents(t *testing.T) {
	tr := newProgramTree(t)
	const (
		rest  = "crumb: users: its code has the event of a REST API, which --door rest sends"
		alb   = "crumb: users: its code has the event of a load balancer, which --door alb sends"
		other = "crumb: users: its code reads no event of an HTTP service; to send it another: crumb invoke "
	)
	for _, tc := range []struct{ name, file, text, door, want string }{
		{"v1", "cmd/users/v1.go", "package main // APIGatewayProxyRequest", "", rest},
		{"v1-response", "cmd/users/v1.go", "package main // APIGatewayProxyResponse", "", rest},
		{"door", "cmd/users/v1.go", "package main // APIGatewayProxyRequest", "http", ""},
		{"both", "cmd/users/v1.go", "package main // APIGatewayProxyRequest APIGatewayV2HTTPRequest", "", ""},
		{"adapter", "cmd/users/v1.go", "package main // chiadapter.New(r)", "", rest},
		{"adapter-v2", "cmd/users/v1.go", "package main // chiadapter.NewV2(r)", "", ""},
		{"alb", "cmd/users/v1.go", "package main // events.ALBTargetGroupRequest", "", alb},
		{"adapter-alb", "cmd/users/v1.go", "package main // httpadapter.NewALB(r)", "", alb},
		{"linked", "bootstrap/v1.go", "package bootstrap // httpadapter.New(r)", "", rest},
		{"test", "bootstrap/v1_test.go", "package bootstrap // httpadapter.New(r)", "", ""},
		{"not-linked", "cmd/tool/v1.go", "package main // httpadapter.New(r)", "", ""},
		{"queue", "cmd/users/v1.go", "package main // events.SQSEvent", "", other},
		{"trigger", "cmd/users/v1.go", "package main // events.CognitoEventUserPoolsPostConfirmation", "", other},
		{"authorizer", "cmd/users/v1.go", "package main // events.APIGatewayCustomAuthorizerRequestTypeRequest", "rest", other},
		{"no-events", "bootstrap/link.go", "package bootstrap\n\nimport _ \"github.com/aws/aws-lambda-go/lambda\"", "", other},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tr.write(tc.file, tc.text+"\n")
			defer tr.remove(tc.file)
			a, err := Read(Options{Packages: tr.packages("cmd/users"), Door: frontdoor.Door(tc.door)})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, f := range a.Findings {
				got += a.Line(f)
			}
			if got != tc.want && (tc.want != other || !strings.HasPrefix(got, other) || !strings.HasSuffix(got, " --event FILE")) {
				t.Errorf("findings %q, want %q", got, tc.want)
			}
		})
	}
}

func TestFunctionName(t *testing.T) {
	dirs := []string{"/w/cmd/api", "/w/users/lambda", "/w/orders/lambda", "/w/old/orders/lambda", "/w/my.api v2"}
	want := []string{"api", "users-lambda", "w-orders-lambda", "old-orders-lambda", "my-api-v2"}
	for i, dir := range dirs {
		if got := functionName(dir, dirs); got != want[i] {
			t.Errorf("functionName(%q) = %q, want %q", dir, got, want[i])
		}
	}
}
