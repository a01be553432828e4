package crumbtest_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/crumbtest"
)

// fetch is what a test does with a response: its status, and its body.
func fetch(t *testing.T, client *http.Client, method, url string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// A table of requests to one project.
func TestExampleTable(t *testing.T) {
	t.Parallel()
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
			status, body := fetch(t, p.Client(t), row.method, p.URL+row.path)
			if status != row.status || !strings.Contains(body, row.body) {
				t.Errorf("%s %s = %d %q, want %d and %q in it", row.method, row.path, status, body, row.status, row.body)
			}
		})
	}
}

// The demo's user signs in. The session is in a table of the template.
func TestExampleLogin(t *testing.T) {
	t.Parallel()
	p := crumbtest.Start(t, "../template.yaml", crumbtest.Options{
		Env: map[string]map[string]string{"LoginFunction": {"DEMO_USERS": "true"}},
	})
	client := p.Client(t)
	resp, err := client.PostForm(p.URL+"/login", url.Values{"username": {"name"}, "password": {"password"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if status, body := fetch(t, client, "GET", p.URL+"/me"); status != 200 || !strings.Contains(body, "Hello, name!") {
		t.Errorf("GET /me = %d %q", status, body)
	}
	if status, _ := fetch(t, p.Client(t), "GET", p.URL+"/me"); status != 401 {
		t.Errorf("GET /me in another browser = %d, want 401", status)
	}
	p.Reset()
	if status, _ := fetch(t, client, "GET", p.URL+"/me"); status != 401 {
		t.Errorf("GET /me after Reset = %d, want 401", status)
	}
}

// Each of several tests that run at once has a project of its own, and here each
// behind a door of its own.
func TestExampleParallel(t *testing.T) {
	for name, template := range map[string]string{"rest": "../template.yaml", "http": "../template-http.yaml"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := crumbtest.Start(t, template, crumbtest.Options{})
			client := p.Client(t)
			before, greeting := "Hello, Guest!", "Welcome back, Cobby!"
			if _, body := fetch(t, client, "GET", p.URL+"/"); !strings.Contains(body, before) {
				t.Errorf("GET / = %q, want %q in it", body, before)
			}
			fetch(t, client, "GET", p.URL+"/setcookie")
			if _, body := fetch(t, client, "GET", p.URL+"/"); !strings.Contains(body, greeting) {
				t.Errorf("GET / after /setcookie = %q, want %q in it", body, greeting)
			}
		})
	}
}
