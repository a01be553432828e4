// Package crumbtest serves the API of a Go SAM project from a Go test, as "crumb
// start" does: its functions' real programs, behind the gateway that follows AWS,
// with the template's DynamoDB tables in memory.
//
//	func TestMe(t *testing.T) {
//		p := crumbtest.Start(t, "template.yaml", crumbtest.Options{})
//		client := p.Client(t)
//		form := url.Values{"username": {"name"}, "password": {"password"}}
//		if _, err := client.PostForm(p.URL+"/login", form); err != nil {
//			t.Fatal(err)
//		}
//		resp, err := client.Get(p.URL + "/me") // with the session's cookie
//		…
//	}
//
// # What a test gets
//
// Each Start is separate: its processes, its tables, and its APIs, on free ports of
// 127.0.0.1. So tests may run in parallel. A test that has several subtests starts
// once, and lets [Project.Reset] empty the tables between them. Functions are linked
// at their first request, and kept in the user's cache folder for the next run, as
// "crumb start" keeps them; all else is gone when the test ends.
//
// What functions, compilers and crumb print is in the test's output, which go test
// shows with -v and for tests that fail: a START, END and REPORT line for each
// request, what is not emulated, and cookies that a browser would not keep.
//
// # Results that go test keeps
//
// A test passes from go test's cache only while the sources of its functions are as
// they were, if they are in its own module. With functions in other modules, as in
// a go.work, run go test -count=1.
//
// Only tests import this package: it links the local gateway and a YAML parser, which
// no Lambda function needs.
package crumbtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/local"
	"github.com/crumb-go/crumb/internal/sam"
	"github.com/crumb-go/crumb/internal/token"
)

// Options are what a test can say of a project. The zero value takes everything from
// the template and from the samconfig beside it, as sam local start-api does.
type Options struct {
	// Parameters are values of the template's parameters by name. They win over
	// those of the samconfig.
	Parameters map[string]string

	// Env has values of environment variables by the logical id of a function and
	// the variable's name; those of the id "Parameters" are for all functions. As
	// with sam's --env-vars a function gets those that its template declares, and
	// those of the samconfig's env_vars where Env has none.
	Env map[string]map[string]string

	// Sources are main packages that functions are built from, each "ID=DIR", as with
	// crumb start --source: of a packaged function whose program does not say its own.
	// ID is a logical id or a FunctionName, and DIR is relative to the test's folder.
	Sources []string

	// AWSEndpoint is the URL of an emulator of AWS on this machine, which functions
	// call and in which the template's resources are made, as with crumb start
	// --aws-endpoint: "http://127.0.0.1:4566". With "" only DynamoDB, and other
	// functions, can be called.
	AWSEndpoint string
}

// A Project is a project whose APIs are served until the end of a test. Its methods
// may be called concurrently.
type Project struct {
	// URL is the first API's, "http://127.0.0.1:49152": without a slash at its end,
	// and without a stage.
	URL string

	local *local.Project
	urls  map[string]string // by logical id
}

// Start serves a project until t ends. The template's path, or that of its folder, is
// relative to the test's folder; "" is that folder. Where there is no template, it
// cannot be read or has no route, or a function does not compile, t fails at once, with
// file and line. What AWS would refuse in a template is in the test's output.
//
// Saved changes are not followed.
func Start(t testing.TB, template string, o Options) *Project {
	t.Helper()
	output := &output{to: t.Output()}
	p, err := local.Open(local.Options{
		Template:    template,
		Parameters:  o.Parameters,
		EnvVars:     o.Env,
		Sources:     o.Sources,
		AWSEndpoint: o.AWSEndpoint,
		Log:         slog.New(slog.NewTextHandler(output, nil)),
		Logs:        output,
		OnRead:      output.findings,
	})
	if missing := (*sam.MissingError)(nil); errors.As(err, &missing) {
		t.Fatalf("crumbtest: %s not found (the template's path is relative to the test's folder)", missing.File)
	} else if err != nil {
		t.Fatalf("crumbtest: %v", err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("crumbtest: %v", err)
		}
		output.close()
	})
	if err := showSources(t.Context(), p); err != nil {
		t.Fatalf("crumbtest: %v", err)
	}
	if err := p.Listen(t.Context()); err != nil {
		t.Fatalf("crumbtest: %v", err)
	}
	urls := map[string]string{}
	for _, api := range p.APIs() {
		urls[api.ID] = api.URL
	}
	return &Project{URL: p.APIs()[0].URL, local: p, urls: urls}
}

// showSources reads the folders of the functions' sources. go test sees that, and
// does not take the result of this test from its cache when one has changed.
func showSources(ctx context.Context, p *local.Project) error {
	sources, err := p.Sources(ctx)
	if err != nil {
		return err
	}
	for _, folder := range sources.Dirs {
		if _, err := os.ReadDir(folder); err != nil {
			return err
		}
	}
	return nil
}

// APIURL returns the URL of the API with this logical id, in the form of
// Project.URL. That of a function's own URL is the function's with "Url" behind it,
// those of a template without an API are ServerlessRestApi and ServerlessHttpApi. t
// fails where no such API is served.
func (p *Project) APIURL(t testing.TB, id string) string {
	t.Helper()
	url, ok := p.urls[id]
	if !ok {
		t.Fatalf("crumbtest: no API %q with a route; there are %q", id, slices.Sorted(maps.Keys(p.urls)))
	}
	return url
}

// Token returns a token that a JWT or Cognito authorizer of the template accepts for an
// hour, signed with the project's key as "crumb token" does. The authorizer is NAME or
// API.NAME, "" the only one. Claims, values for encoding/json, win over those that crumb
// sets: iss, aud, sub and the times. With scopes, a token for a Cognito authorizer is an
// access token. The test fails if the template does not have the authorizer.
func (p *Project) Token(t testing.TB, authorizer string, claims map[string]any, scopes ...string) string {
	t.Helper()
	r := token.Request{Claims: map[string]json.RawMessage{}, Scopes: scopes, Expires: time.Hour}
	for name, value := range claims {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatalf("crumbtest: claim %s: %v", name, err)
		}
		r.Claims[name] = text
	}
	text, err := p.local.Token(authorizer, r)
	if err != nil {
		t.Fatalf("crumbtest: %v", err)
	}
	return text
}

// APIKey returns a key that the API with this logical id accepts in the header x-api-key:
// the template's, or else the project's, as "crumb start" prints it. t fails where there
// is none.
func (p *Project) APIKey(t testing.TB, api string) string {
	t.Helper()
	for _, a := range p.local.APIs() {
		if a.ID != api {
			continue
		}
		for _, k := range a.Keys {
			if k.Enabled && k.Value != "" {
				return k.Value
			}
		}
		if a.Key != "" {
			return a.Key
		}
	}
	t.Fatalf("crumbtest: no API %q that accepts a key", api)
	return ""
}

// Reset empties the DynamoDB tables, so that a test does not see what one before it
// has stored. What a function's process holds in memory stays.
func (p *Project) Reset() { p.local.ResetTables() }

// findings writes what AWS would refuse in a template, what is not emulated, and notes.
func (o *output) findings(a *app.App) {
	for _, f := range a.Findings {
		fmt.Fprintln(o, a.Line(f))
	}
}
