package sam

import (
	"path/filepath"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// code reads where a function's program is, and whether it can be Go's. An
// image's is in the folder dockerContext.
func (r *reader) code(fn *app.Function, p, dockerContext *node) {
	uri := r.value(fn.ID+" CodeUri", p.get("CodeUri"))
	fn.CodeLine, fn.RuntimeLine = fn.Line, fn.Line
	if uri.line > 0 {
		fn.CodeLine = uri.line
	}
	if n := p.get("Runtime"); !n.isNull() {
		fn.RuntimeLine = n.line
	}
	image := r.text(fn.ID+" PackageType", p.get("PackageType"), "Zip") == "Image" || !p.get("ImageUri").isNull()
	if !image && fn.Runtime == "" {
		r.fail(fn.Line, "%s needs a Runtime, such as provided.al2023", fn.ID)
		return
	}
	if !image && fn.Handler == "" {
		r.fail(fn.Line, "%s needs a Handler, such as bootstrap", fn.ID)
	}
	fn.Dir = r.folder(uri.text) // without a CodeUri, sam build takes the template's folder
	switch {
	case image && !dockerContext.isNull():
		fn.Image = &app.Image{Line: dockerContext.line, Dir: r.folder(r.text(fn.ID+" DockerContext", dockerContext, ""))}
	case image:
		fn.NotRun = "container images are not emulated"
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
	}
	if fn.NotRun != "" {
		r.note(fn.CodeLine, "%s is not run: %s", fn.ID, fn.NotRun)
	}
}

// isGo reports whether a Go program can be behind a runtime.
func isGo(runtime string) bool {
	return runtime == "go1.x" || runtime == "provided" || strings.HasPrefix(runtime, "provided.")
}

// folder returns a path of the template, which starts at its folder, as an
// absolute one.
func (r *reader) folder(path string) string {
	if path = filepath.FromSlash(path); filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(r.t.File), path)
}
