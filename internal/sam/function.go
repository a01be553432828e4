package sam

import (
	"cmp"
	"go/build"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// function reads an AWS::Serverless::Function and returns also its properties.
func (r *reader) function(f field) (*Function, *node) {
	p := r.properties("Function", f.key, f.value)
	where := func(property string) string { return f.key + " " + property }
	fn := &Function{
		ID:          f.key,
		Line:        f.line,
		Handler:     r.text(where("Handler"), p.get("Handler"), ""),
		Runtime:     r.text(where("Runtime"), p.get("Runtime"), ""),
		BuildMethod: r.text(where("BuildMethod"), f.value.get("Metadata", "BuildMethod"), ""),
		Timeout:     time.Duration(r.number(where("Timeout"), p.get("Timeout"), 3, 1, 900)) * time.Second,
		MemoryMB:    r.number(where("MemorySize"), p.get("MemorySize"), 128, 128, 10240),
	}
	name := r.quietly(p.get("FunctionName")).text
	fn.Env = r.environment(fn, name, r.look(where("Environment"), p.get("Environment")))
	r.code(fn, p)
	if layers := p.get("Layers"); !layers.isNull() {
		r.note(layers.line, "%s: layers are not emulated", fn.ID)
	}
	r.t.Functions = append(r.t.Functions, fn)
	return fn, p
}

// number reads a whole number; absent or unknown is byDefault.
func (r *reader) number(where string, n *node, byDefault, least, most int) int {
	v := r.value(where, n)
	if v.kind == null || v.standIn {
		return byDefault
	}
	i, err := strconv.Atoi(v.text)
	if err != nil || i < least || i > most {
		r.fail(v.line, "%s must be a whole number from %d to %d", where, least, most)
		return byDefault
	}
	return i
}

// environment reads the variables that the template declares, and lays those of
// --env-vars over them.
func (r *reader) environment(fn *Function, name string, environment *node) map[string]string {
	env := map[string]string{}
	variables := r.look(fn.ID+" Environment", environment.get("Variables"))
	if variables != nil {
		for _, f := range variables.fields {
			where := fn.ID + " " + f.key
			v := r.value(where, f.value)
			if _, _, called := f.value.intrinsic(); called && v.kind == null {
				continue
			}
			if v.kind == list || v.kind == object {
				r.fail(f.line, "%s must be a text, not %s", where, v.kind)
			}
			if strings.Contains(v.text, "{{resolve:") {
				r.note(f.line, "%s: a dynamic reference is resolved only on deployment; its own text stands in", where)
			}
			env[f.key] = v.text
		}
	}
	given := maps.Clone(r.o.EnvVars["Parameters"])
	own := r.o.EnvVars[fn.ID]
	if len(own) == 0 && name != "" {
		own = r.o.EnvVars[name]
	}
	for _, key := range slices.Sorted(maps.Keys(own)) {
		if _, ok := env[key]; !ok {
			r.note(fn.Line, "%s: --env-vars has %s, which the template does not declare, so it is not set", fn.ID, key)
		}
	}
	for key := range env {
		if v, ok := own[key]; ok {
			env[key] = v
		} else if v, ok := given[key]; ok {
			env[key] = v
		}
	}
	return env
}

// code finds a function's source, or why crumb cannot run it.
func (r *reader) code(fn *Function, p *node) {
	uri := r.value(fn.ID+" CodeUri", p.get("CodeUri"))
	image := r.text(fn.ID+" PackageType", p.get("PackageType"), "Zip") == "Image" || !p.get("ImageUri").isNull()
	if !image && fn.Runtime == "" {
		r.fail(fn.Line, "%s needs a Runtime, such as provided.al2023", fn.ID)
		return
	}
	fn.Dir = filepath.Join(filepath.Dir(r.t.File), filepath.FromSlash(uri.text))
	if filepath.IsAbs(filepath.FromSlash(uri.text)) {
		fn.Dir = filepath.Clean(filepath.FromSlash(uri.text))
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
	case uri.text == "":
		r.fail(fn.Line, "%s needs a CodeUri", fn.ID)
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
	if packageName(dir) == "main" {
		return dir, ""
	}
	if handler != "" && filepath.IsLocal(filepath.FromSlash(handler)) {
		if inner := filepath.Join(dir, filepath.FromSlash(handler)); packageName(inner) == "main" {
			return inner, ""
		}
	}
	switch name := packageName(dir); {
	case name == "?":
		return dir, "" // go build will say what is wrong
	case name != "":
		return dir, "the package in its CodeUri is " + name + ", not main"
	}
	if _, err := os.Stat(dir); err != nil {
		return dir, "its CodeUri is not a folder that exists"
	}
	return dir, "there is no Go package in its CodeUri"
}

// packageName returns the name of the Go package in dir, "" when there are no
// Go files, "?" when they cannot be read.
func packageName(dir string) string {
	p, err := build.ImportDir(dir, 0)
	if p.Name == "" && len(p.GoFiles)+len(p.InvalidGoFiles)+len(p.IgnoredGoFiles) > 0 {
		return "?"
	}
	if _, none := err.(*build.NoGoError); none {
		return ""
	}
	return cmp.Or(p.Name, "")
}
