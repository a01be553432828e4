package page

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// The page as crumb serves it: to this machine only, until it is stopped.
func TestServe(t *testing.T) {
	testenv.Long(t, "the page is compiled and opened in two browsers")
	server := testenv.Start(t, exec.Command(testenv.Build(t), "explain", "--page"))
	for _, tc := range []struct {
		method, path, host string
		status             int
		contentType        string
	}{
		{"GET", "", "", 200, "text/html; charset=utf-8"},
		{"HEAD", "index.html", "localhost", 200, "text/html; charset=utf-8"},
		{"GET", "crumb.wasm", "", 200, "application/wasm"},
		{"GET", "page.js", "", 200, "text/javascript; charset=utf-8"},
		{"GET", "nothing", "", 404, "text/plain; charset=utf-8"},
		{"POST", "", "", 405, "text/plain; charset=utf-8"},
		{"GET", "", "rebound.example", 403, "text/plain; charset=utf-8"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), tc.method, server.URL+tc.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = tc.host
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tc.status || resp.Header.Get("Content-Type") != tc.contentType {
			t.Errorf("%s /%s of %q: %s %s, want %d %s", tc.method, tc.path, tc.host, resp.Status, resp.Header.Get("Content-Type"), tc.status, tc.contentType)
		}
		if got := resp.Header.Get("Content-Security-Policy"); got != "frame-ancestors 'none'" {
			t.Errorf("%s /%s: policy %q", tc.method, tc.path, got)
		}
	}
	in(t, "dark", func(v view) {
		v.open(server.URL)
		if back := eval[string](v, `getComputedStyle(document.body).backgroundColor`); back != "rgb(23, 24, 27)" {
			v.Errorf("the background is %s", back)
		}
		testContrast(v, server.URL)
		v.shows("#lines", "[samesite-none-insecure]")
	})
	server.Stop()
	if code := server.Cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("crumb ends with exit code %d", code)
	}
}

// A crumb that "go install" has downloaded compiles the page of its version, from the
// module cache, wherever it runs.
func TestInstalled(t *testing.T) {
	testenv.Long(t, "crumb is installed from a proxy, a minute")
	const module = "github.com/crumb-go/crumb"
	version := "v0.0.99-page." + strings.ToLower(rand.Text()) // the go command remembers what a version has
	proxy := filepath.Join(t.TempDir(), "proxy")
	clone := testenv.Clone(t)
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	err := filepath.WalkDir(clone, func(path string, entry fs.DirEntry, err error) error {
		if _, other := os.Stat(filepath.Join(path, "go.mod")); err == nil && entry.IsDir() && path != clone && other == nil {
			return fs.SkipDir // another module
		}
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(clone, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := w.Create(module + "@" + version + "/" + filepath.ToSlash(name))
		if err != nil {
			return err
		}
		_, err = file.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(clone, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"list": version, version + ".info": `{"Version":"` + version + `"}`, version + ".mod": string(mod), version + ".zip": packed.String()} {
		testenv.Write(t, proxy, module+"/@v/"+name, text)
	}
	bin, elsewhere := t.TempDir(), t.TempDir()
	t.Setenv("GOPROXY", "file://"+filepath.ToSlash(proxy)+","+strings.TrimSpace(run(t, "go", "env", "GOPROXY")))
	t.Setenv("GONOSUMDB", module)
	t.Setenv("GOBIN", bin)
	cache := strings.TrimSpace(run(t, "go", "env", "GOMODCACHE"))
	t.Cleanup(func() { // what this test has added there
		unpacked := filepath.Join(cache, filepath.FromSlash(module)+"@"+version)
		_ = filepath.WalkDir(unpacked, func(path string, entry fs.DirEntry, _ error) error { return os.Chmod(path, 0o700) })
		_ = os.RemoveAll(unpacked)
		left, _ := filepath.Glob(filepath.Join(cache, "cache", "download", filepath.FromSlash(module), "@v", version+".*"))
		for _, file := range left {
			_ = os.Remove(file)
		}
	})
	t.Chdir(elsewhere)
	run(t, "go", "install", module+"/cmd/crumb@"+version)
	crumb := filepath.Join(bin, "crumb")
	if out := run(t, crumb, "version"); !strings.Contains(out, version) {
		t.Fatal("installed: ", out)
	}
	if out, want := run(t, crumb, "explain", "--page-dir", "page"), "Wrote the page to page: any web server can serve it\n"; !strings.HasSuffix(out, want) {
		t.Errorf("crumb prints %q, want %q", out, want)
	}
	if _, err := os.Stat(filepath.Join("page", "crumb.wasm")); err != nil {
		t.Error(err)
	}
}
