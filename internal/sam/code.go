package sam

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// code finds a function's source, or why crumb cannot run it. An image's is in
// the folder dockerContext.
func (r *reader) code(fn *app.Function, p, dockerContext *node) {
	uri, line := r.value(fn.ID+" CodeUri", p.get("CodeUri")), fn.Line
	if uri.line > 0 {
		line = uri.line
	}
	image := r.text(fn.ID+" PackageType", p.get("PackageType"), "Zip") == "Image" || !p.get("ImageUri").isNull()
	if !image && fn.Runtime == "" {
		r.fail(fn.Line, "%s needs a Runtime, such as provided.al2023", fn.ID)
		return
	}
	if !image && fn.Handler == "" {
		r.fail(fn.Line, "%s needs a Handler, such as bootstrap", fn.ID)
	}
	if fn.Dir = filepath.FromSlash(uri.text); !filepath.IsAbs(fn.Dir) { // without a CodeUri, sam build takes the template's folder
		fn.Dir = filepath.Join(filepath.Dir(r.t.File), fn.Dir)
	}
	fn.Dir = r.unlinked(fn.Dir)
	switch {
	case image:
		r.image(fn, dockerContext)
	case !p.get("InlineCode").isNull():
		fn.NotRun = "inline code is not Go"
	case !isGo(fn.Runtime):
		fn.NotRun = "the runtime " + fn.Runtime + " is not Go's"
	case fn.BuildMethod != "" && fn.BuildMethod != "go1.x" && fn.BuildMethod != "makefile":
		fn.NotRun = "the build method " + fn.BuildMethod + " is not Go's"
	case uri.kind == object, strings.HasPrefix(uri.text, "s3://"):
		fn.NotRun = "its code is in S3; crumb builds from a folder"
	case uri.standIn:
		fn.NotRun = "its CodeUri is known only once it is deployed"
	default:
		r.source(fn, line)
	}
	runtimeLine := fn.Line
	if n := p.get("Runtime"); !n.isNull() {
		runtimeLine = n.line
	}
	switch {
	case fn.NotRun != "":
		r.note(line, "%s is not run: %s", fn.ID, fn.NotRun)
	case image:
	case fn.Runtime == "go1.x":
		r.note(runtimeLine, "%s: Lambda no longer has the runtime go1.x; it runs here as provided.al2023 would run it", fn.ID)
	case !slices.Contains(osOnly, fn.Runtime):
		r.note(runtimeLine, "%s: Lambda has no runtime %s; it runs here as provided.al2023 would run it", fn.ID, fn.Runtime)
	}
}

// image finds the Go program in the folder that an image is made from.
func (r *reader) image(fn *app.Function, dockerContext *node) {
	dir := filepath.FromSlash(r.text(fn.ID+" DockerContext", dockerContext, ""))
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(filepath.Dir(r.t.File), dir)
	}
	if dockerContext.isNull() || packageName(dir) != "main" {
		fn.NotRun = "container images are not emulated"
		return
	}
	fn.Dir = r.unlinked(dir)
	r.note(dockerContext.line, "%s: its image is not made and its Dockerfile not read; it runs from the main package in %s", fn.ID, r.fromTemplate(dir))
}

// osOnly are the runtimes without a language ("Lambda runtimes").
var osOnly = []string{"provided", "provided.al2", "provided.al2023"}

// isGo reports whether a Go program can be behind a runtime.
func isGo(runtime string) bool {
	return runtime == "go1.x" || runtime == "provided" || strings.HasPrefix(runtime, "provided.")
}

// unlinked is dir without symbolic links on the way from the template to it, as
// sam build resolves them: the go command looks for go.mod above the name that
// it is given. Links above the template, which users do not think of, stay.
func (r *reader) unlinked(dir string) string {
	home := filepath.Dir(r.t.File)
	way, err := filepath.Rel(home, dir)
	if err != nil {
		return dir
	}
	realHome, err := filepath.EvalSymlinks(home)
	if err != nil {
		return dir
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil && real != filepath.Join(realHome, way) {
		return real
	}
	return dir
}
