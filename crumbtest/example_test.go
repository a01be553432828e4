package crumbtest_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/crumbtest"
)

// A table of requests to one project.
func ExampleStart_table() {
	p := crumbtest.Start(t, "../template.yaml", crumbtest.Options{})
	rows := []struct {
		name, method, path string
		status             int
		body               string // what it holds
	}{
		{"guest", "GET", "/", 200, "Hello, Guest!"},
		{"other-method", "DELETE", "/", 405, "Method not allowed."},
		{"no-such-route", "GET", "/nowhere", 403, "Missing Authentication Token"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), row.method, p.URL+row.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := p.Client(t).Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != row.status || !strings.Contains(string(body), row.body) {
				t.Errorf("%s %s = %d %q, want %d and %q in it", row.method, row.path, resp.StatusCode, body, row.status, row.body)
			}
		})
	}
}

// A user signs in, and has a session in a table of the template until the tables are
// emptied. Another browser is not signed in.
func ExampleProject_Reset() {
	p := crumbtest.Start(t, "../template.yaml", crumbtest.Options{
		Env: map[string]map[string]string{"LoginFunction": {"DEMO_USERS": "true"}},
	})
	visit := func(client *http.Client, want int) {
		t.Helper()
		resp, err := client.Get(p.URL + "/me")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("GET /me = %d, want %d", resp.StatusCode, want)
		}
	}

	client := p.Client(t)
	resp, err := client.PostForm(p.URL+"/login", url.Values{"username": {"name"}, "password": {"password"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	visit(client, 200)
	visit(p.Client(t), 401)

	p.Reset()
	visit(client, 401)
}

// Tests that run at once, each with its own project and its own browser, and here
// each behind another front door.
func ExampleStart_parallel() {
	for name, template := range map[string]string{"rest": "../template.yaml", "http": "../template-http.yaml"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := crumbtest.Start(t, template, crumbtest.Options{})
			client := p.Client(t)
			for _, page := range []struct{ path, want string }{
				{"/", "Hello, Guest!"},
				{"/setcookie", "Cookie has been set!"},
				{"/", "Welcome back, Cobby!"},
			} {
				resp, err := client.Get(p.URL + page.path)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || !strings.Contains(string(body), page.want) {
					t.Errorf("GET %s = %q, %v, want %q in it", page.path, body, err, page.want)
				}
			}
		})
	}
}
