package sam

import (
	"go/build"
	"os"
	"path/filepath"
	"strings"
)

// code finds a function's source, or why crumb cannot run it.
func (r *reader) code(fn *Function, p *node) {
	uri := r.value(fn.ID+" CodeUri", p.get("CodeUri"))
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
	switch {
	case image:
		fn.NotRun = "container images are not emulated"
	case !p.get("InlineCode").isNull():
		fn.NotRun = "inline code is not Go"
	case !isGo(fn.Runtime):
		fn.NotRun = "the runtime " + fn.Runtime + " is not Go's"
	case fn.BuildMethod != "" && fn.BuildMethod != "go1.x" && fn.BuildMethod != "makefile":
		fn.NotRun = "the build method " + fn.BuildMethod + " is not Go's"
	case uri.kind == object:
		fn.NotRun = "its code is in S3; crumb builds from a folder"
	case strings.HasPrefix(uri.text, "s3://"), strings.HasSuffix(uri.text, ".zip"):
		fn.NotRun = "its CodeUri is an archive; crumb builds from a folder"
	case uri.standIn:
		fn.NotRun = "its CodeUri is known only once it is deployed"
	case fn.BuildMethod == "makefile":
	default:
		fn.Dir, fn.NotRun = sourceDir(fn.Dir, fn.Handler)
	}
	if fn.NotRun != "" {
		r.note(fn.Line, "%s is not run: %s", fn.ID, fn.NotRun)
	} else if fn.Runtime == "go1.x" {
		r.note(fn.Line, "%s: Lambda no longer has the runtime go1.x; it runs here as provided.al2023 would run it", fn.ID)
	}
}

// isGo reports whether a Go program can be behind a runtime.
func isGo(runtime string) bool {
	return runtime == "go1.x" || runtime == "provided" || strings.HasPrefix(runtime, "provided.")
}

// sourceDir returns the folder of the main package: the one that CodeUri names
// or, as sam build has it, the one in it that Handler names.
func sourceDir(dir, handler string) (found, notRun string) {
	name := packageName(dir)
	if name == "main" {
		return dir, ""
	}
	if filepath.IsLocal(filepath.FromSlash(handler)) {
		if inner := filepath.Join(dir, filepath.FromSlash(handler)); packageName(inner) == "main" {
			return inner, ""
		}
	}
	if name == unreadable {
		return dir, "" // go build will say what is wrong
	}
	if name != "" {
		return dir, "the package in its CodeUri is " + name + ", not main"
	}
	if _, err := os.Stat(dir); err != nil {
		return dir, "its CodeUri is not a folder that exists: " + dir
	}
	return dir, "there is no Go package in its CodeUri"
}

const unreadable = "?"

// packageName returns the name of the Go package in dir, "" when there are no
// Go files and unreadable when they do not tell.
func packageName(dir string) string {
	p, _ := build.ImportDir(dir, 0)
	if p.Name == "" && len(p.InvalidGoFiles)+len(p.IgnoredGoFiles) > 0 {
		return unreadable
	}
	return p.Name
}
