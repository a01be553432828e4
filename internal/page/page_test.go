package page

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	files := Files{program: []byte("wasm"), "index.html": []byte("page")}
	dir := filepath.Join(t.TempDir(), "a", "page")
	for range 2 { // also over an older page
		if err := files.Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(dir, "index.html")); string(text) != "page" {
		t.Errorf("%q, %v", text, err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "index.html"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := files.Write(other); err == nil || !strings.Contains(err.Error(), "has index.html already") {
		t.Errorf("another folder: %v", err)
	}
	if text, err := os.ReadFile(filepath.Join(other, "index.html")); string(text) != "mine" {
		t.Errorf("%q, %v", text, err)
	}
	if err := files.Write(filepath.Join(other, "index.html")); err == nil {
		t.Error("a file instead of a folder gives no error")
	}
}

func TestServeHTTP(t *testing.T) {
	files := Files{"index.html": []byte("page"), "page.js": []byte("js")}
	for _, tc := range []struct {
		name, method, target, host string
		status                     int
		body                       string
	}{
		{"page", "GET", "/", "127.0.0.1:4000", 200, "page"},
		{"script", "GET", "/page.js", "localhost", 200, "js"},
		{"absent", "GET", "/page.css", "[::1]:80", 404, "404 page not found\n"},
		{"method", "DELETE", "/", "localhost", 405, "The page is read-only.\n"},
		{"host", "GET", "/", "page.example", 403, "Host \"page.example\" is not a loopback name.\n"},
		{"asterisk", "OPTIONS", "*", "localhost", 405, "The page is read-only.\n"},
		{"no-path", "GET", "http://localhost", "localhost", 200, "page"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, w := httptest.NewRequest(tc.method, tc.target, nil), httptest.NewRecorder()
			r.Host = tc.host
			files.ServeHTTP(w, r)
			if w.Code != tc.status || w.Body.String() != tc.body || w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%d %q %v, want %d %q", w.Code, w.Body, w.Header(), tc.status, tc.body)
			}
		})
	}
}

// Every file of the page has a type, and the page a policy that lets it load only its
// own files.
func TestStatic(t *testing.T) {
	entries, err := static.ReadDir("static")
	if err != nil || len(entries) != 4 {
		t.Fatalf("%d files, %v", len(entries), err)
	}
	for _, e := range entries {
		if types[filepath.Ext(e.Name())] == "" {
			t.Errorf("%s has no type", e.Name())
		}
	}
	text, err := static.ReadFile("static/index.html")
	if err != nil {
		t.Fatal(err)
	}
	const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';`
	if !strings.Contains(string(text), policy) {
		t.Error("the policy is another")
	}
	for _, weak := range []string{"<style", "style=", "onclick", "http://", "https://a", "<script>"} {
		if strings.Contains(strings.ReplaceAll(string(text), "https://app.example/cart", ""), weak) {
			t.Errorf("the page has %q", weak)
		}
	}
}
