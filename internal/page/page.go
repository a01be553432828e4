// Package page makes the page of crumb explain: package verdict as WebAssembly, for
// browsers. It needs no server beyond one of files, and sends nothing anywhere.
package page

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/hosts"
	"github.com/crumb-go/crumb/internal/scaffold"
)

//go:embed static
var static embed.FS

// program is the name of the WebAssembly. A folder that has it has a page.
const program = "crumb.wasm"

// Files are those of the page, by name.
type Files map[string][]byte

// Build compiles the page's program from source with the Go toolchain, which keeps what
// it has compiled.
func Build(ctx context.Context, source scaffold.Source) (Files, error) {
	module := source.Clone
	if module == "" {
		var err error
		if module, err = gobuild.Download(ctx, scaffold.Module+"@"+cmp.Or(source.Version, "latest")); err != nil {
			return nil, fmt.Errorf("the page is compiled from crumb's source, which is not here: %w", err)
		}
	}
	cache, done, err := gobuild.UseCache(module)
	if err != nil {
		return nil, err
	}
	defer done()
	builder := gobuild.New(cache, "-trimpath", "-buildvcs=false", "-ldflags=-s -w")
	builder.Env = []string{"GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0", "GOWORK=off"}
	defer builder.Close()
	compiled, err := builder.Build(ctx, gobuild.Source{Dir: filepath.Join(module, "internal", "page", "wasm")})
	if err != nil {
		return nil, err
	}
	goroot, err := gobuild.Root(ctx, module)
	if err != nil {
		return nil, err
	}
	files := Files{}
	for name, file := range map[string]string{program: compiled, "wasm_exec.js": filepath.Join(goroot, "lib", "wasm", "wasm_exec.js")} {
		if files[name], err = os.ReadFile(file); err != nil {
			return nil, err
		}
	}
	entries, err := static.ReadDir("static")
	for _, e := range entries {
		text, readErr := static.ReadFile("static/" + e.Name())
		files[e.Name()], err = text, errors.Join(err, readErr)
	}
	return files, err
}

// Write writes the files into a folder, which is new or empty or has a page already.
func (f Files) Write(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, program)); err != nil && len(entries) > 0 {
		return fmt.Errorf("%s has %s already: the page needs a new or empty folder, or that of an older page", dir, entries[0].Name())
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for name, text := range f {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// types are the content types of the page's files, which must not depend on the
// machine.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".wasm": "application/wasm",
}

// ServeHTTP serves the files to requests whose Host is a loopback name. The page
// has its policy itself, wherever it is served.
func (f Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "frame-ancestors 'none'") // which a page cannot say
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	name := cmp.Or(strings.TrimPrefix(r.URL.Path, "/"), "index.html")
	text, ok := f[name]
	switch {
	case !hosts.Set(nil).Allow(r.Host):
		http.Error(w, fmt.Sprintf("Host %q is not a loopback name.", r.Host), http.StatusForbidden)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "The page is read-only.", http.StatusMethodNotAllowed)
	case !ok:
		http.NotFound(w, r)
	default:
		h.Set("Content-Type", types[path.Ext(name)])
		_, _ = w.Write(text)
	}
}
