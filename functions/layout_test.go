// Package functions_test compares template.yaml, functions/ and events/ with each other.
package functions_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/local"
	"github.com/crumb-go/crumb/internal/sam"
	"github.com/crumb-go/crumb/internal/samconfig"
)

func readTemplate(t *testing.T, file string) *app.App {
	t.Helper()
	env, err := samconfig.ReadEnvVars("../events/env.json")
	if err != nil {
		t.Fatal(err)
	}
	template, err := sam.Read(filepath.Join("..", file), sam.Options{EnvVars: env})
	if err != nil {
		t.Fatal(err)
	}
	local.FindSources(template)
	return template
}

func folders(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && e.Name() != "internal" {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		t.Fatalf("%s holds no folder", dir)
	}
	return names
}

func TestEveryFolderIsOneFunction(t *testing.T) {
	template := readTemplate(t, "template.yaml")
	var used []string
	for _, f := range template.Functions {
		if f.NotRun != "" {
			t.Errorf("%s is not run locally: %s", f.ID, f.NotRun)
		}
		used = append(used, filepath.Base(f.Dir))
	}
	slices.Sort(used)
	if got := folders(t, "."); !slices.Equal(got, used) {
		t.Errorf("functions/ holds %q, template.yaml uses %q", got, used)
	}
}

func TestMainsAreShort(t *testing.T) {
	for _, name := range folders(t, ".") {
		text, err := os.ReadFile(filepath.Join(name, "main.go"))
		if err != nil {
			t.Error(err)
			continue
		}
		if lines := strings.Count(string(text), "\n"); lines > 20 {
			t.Errorf("functions/%s/main.go has %d lines: what it does belongs into a package", name, lines)
		}
	}
}

// Cookies are declared once, in functions/internal/demo, so that no two functions differ.
func TestCookiesAreDeclaredOnce(t *testing.T) {
	sources, err := filepath.Glob("*/*.go")
	if err != nil || len(sources) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "cookie.New(") {
			t.Errorf("%s declares a cookie; functions/internal/demo is where they are declared", source)
		}
	}
}

// A function's events arrive on its own route, through each API that the
// project deploys.
func TestEventsMatchTheRoutes(t *testing.T) {
	template := readTemplate(t, "template.yaml")
	routes := map[string]string{} // folder to path
	for _, api := range template.APIs {
		for _, r := range api.Routes {
			if r.Method != "ANY" {
				t.Errorf("%s %s: a route takes ANY, or HEAD is an error at API Gateway", r.Method, r.Path)
			}
			routes[filepath.Base(r.Function.Dir)] = r.Path
		}
	}
	for _, name := range folders(t, "../events") {
		if _, ok := routes[name]; !ok {
			t.Errorf("events/%s belongs to no route", name)
		}
	}
	for name, path := range routes {
		for door, member := range map[string]string{"rest": "resource", "http": "rawPath"} {
			events, err := filepath.Glob("../events/" + name + "/*." + door + ".json")
			if err != nil || len(events) == 0 {
				t.Errorf("events/%s has no event of door %s", name, door)
			}
			for _, file := range events {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				var event map[string]any
				if err := json.Unmarshal(text, &event); err != nil {
					t.Errorf("%s: %v", file, err)
				} else if event[member] != path {
					t.Errorf("%s: %s = %v, want %s", file, member, event[member], path)
				}
			}
		}
	}
}

// Other sites cannot show a response in a frame: each expected response in events/ has the
// headers. e2e/browser checks them for every function, behind every door.
func TestResponsesCannotBeFramed(t *testing.T) {
	for _, name := range folders(t, "../events") {
		responses, err := filepath.Glob("../events/" + name + "/*.answer.json")
		if err != nil || len(responses) == 0 {
			t.Errorf("events/%s has no response", name)
		}
		for _, file := range responses {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, header := range []string{`"Content-Security-Policy": `, `frame-ancestors 'none'`, `"X-Content-Type-Options": `, `"Referrer-Policy": `} {
				if !strings.Contains(string(text), header) {
					t.Errorf("%s has no %s", file, header)
				}
			}
		}
	}
}

// Imports point one way, and a Lambda binary links only what it needs:
// these folders of this module, and these other modules.
func TestDependencies(t *testing.T) {
	shared := []string{"functions/", "shared/"}
	web := []string{"github.com/aws/aws-lambda-go", "github.com/awslabs/aws-lambda-go-api-proxy", "golang.org/x/net"}
	secrets := []string{
		"github.com/aws/aws-sdk-go-v2",
		"github.com/aws/aws-sdk-go-v2/internal/configsources",
		"github.com/aws/aws-sdk-go-v2/internal/endpoints/v2",
		"github.com/aws/aws-sdk-go-v2/service/secretsmanager",
		"github.com/aws/smithy-go",
	}
	tables := []string{
		"github.com/aws/aws-sdk-go-v2",
		"github.com/aws/aws-sdk-go-v2/internal/configsources",
		"github.com/aws/aws-sdk-go-v2/internal/endpoints/v2",
		"github.com/aws/aws-sdk-go-v2/service/dynamodb",
		"github.com/aws/aws-sdk-go-v2/service/internal/accept-encoding",
		"github.com/aws/aws-sdk-go-v2/service/internal/endpoint-discovery",
		"github.com/aws/smithy-go",
	}
	allowed := map[string][]string{
		"index":        web,
		"setcookie":    web,
		"getcookie":    web,
		"deletecookie": web,
		"visits":       slices.Concat(web, secrets),
		"login":        slices.Concat(web, tables),
		"logout":       slices.Concat(web, tables),
		"me":           slices.Concat(web, tables),
		"rotatekeys":   slices.Concat(web, secrets),
	}
	for _, name := range folders(t, ".") {
		t.Run(name, func(t *testing.T) {
			if allowed[name] == nil {
				t.Fatalf("functions/%s is new: add %q to allowed in TestDependencies, with the modules that it may link", name, name)
			}
			out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}} {{end}}{{.ImportPath}}", "./"+name).CombinedOutput()
			if err != nil {
				t.Fatalf("go list: %v\n%s", err, out)
			}
			for dep := range strings.Lines(string(out)) {
				module, path, found := strings.Cut(strings.TrimSpace(dep), " ")
				own, isOwn := strings.CutPrefix(path, "github.com/crumb-go/crumb/")
				switch {
				case !found: // of the standard library
				case isOwn && !slices.ContainsFunc(shared, func(folder string) bool { return strings.HasPrefix(own, folder) }),
					!isOwn && !slices.Contains(allowed[name], module):
					t.Errorf("links %s", path)
				}
			}
		})
	}
}
