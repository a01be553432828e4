package sam

import (
	"errors"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// source finds the folder that a function is built from: the one with its
// Makefile, or with its main package. That package is in CodeUri or, as sam
// build has it, in the folder there that Handler names. Where a project builds
// with scripts of its own, CodeUri names what these leave, often not there yet;
// then the package is looked for in the whole project.
func (r *reader) source(fn *app.Function, line int) {
	if fn.BuildMethod == "makefile" {
		if isFile(filepath.Join(fn.Dir, "Makefile")) {
			return
		}
		r.note(line, "%s: there is no Makefile in its CodeUri, so go build builds it", fn.ID)
		fn.BuildMethod = ""
	}
	dir, why := r.sourceDir(fn.Dir, fn.Handler)
	if why != "" {
		if dir = r.sourceElsewhere(fn); dir == "" {
			fn.NotRun = why
			return
		}
		r.note(line, "%s: %s; it runs from the main package in %s", fn.ID, why, r.fromTemplate(dir))
	}
	fn.Dir = dir
}

// sourceDir returns the folder of the main package in or below dir, or why
// there is none.
func (r *reader) sourceDir(dir, handler string) (found, why string) {
	name := packageName(dir)
	if name == "main" {
		return dir, ""
	}
	if filepath.IsLocal(filepath.FromSlash(handler)) {
		if inner := filepath.Join(dir, filepath.FromSlash(handler)); packageName(inner) == "main" || name == "" && packageName(inner) == unreadable {
			return inner, ""
		}
	}
	switch {
	case name == unreadable:
		return dir, "" // go build will say what is wrong
	case name != "":
		return "", "the package in its CodeUri is " + name + ", not main"
	case filepath.Ext(dir) == ".zip":
		return "", "its CodeUri is an archive"
	}
	if _, err := os.Stat(dir); err != nil {
		return "", "its CodeUri " + r.fromTemplate(dir) + " is not a folder that exists"
	}
	return "", "there is no Go package in its CodeUri"
}

// sourceElsewhere returns the folder of the main package that fn must be made
// from, "" when that cannot be told: the only one with the name of Handler or
// of a folder or archive in CodeUri, the last one first; else the one around
// CodeUri; else the only one there is.
func (r *reader) sourceElsewhere(fn *app.Function) string {
	root := r.projectRoot()
	all := r.mains(root)
	names := []string{filepath.Base(filepath.FromSlash(fn.Handler))}
	if uri, err := filepath.Rel(root, strings.TrimSuffix(fn.Dir, ".zip")); err == nil {
		folders := strings.Split(filepath.ToSlash(uri), "/")
		slices.Reverse(folders)
		names = append(names, folders...)
	}
	for _, name := range names {
		switch name {
		case "bootstrap", "main", ".", "..":
			continue // whatever the program is, its binary has that name
		}
		isNamed := func(dir string) bool { return filepath.Base(dir) == name }
		if i := slices.IndexFunc(all, isNamed); i >= 0 && !slices.ContainsFunc(all[i+1:], isNamed) {
			return all[i]
		}
	}
	for dir := fn.Dir; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if slices.Contains(all, dir) {
			return dir
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	return ""
}

// projectRoot is the module around the template or else the template's folder.
func (r *reader) projectRoot() string {
	home := filepath.Dir(r.t.File)
	for dir := home; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if isFile(filepath.Join(dir, "go.mod")) {
			return dir
		}
	}
	return home
}

// mains lists the folders of main packages in the project, once.
func (r *reader) mains(root string) []string {
	if r.mainDirs != nil {
		return r.mainDirs
	}
	r.mainDirs = []string{}
	const most = 50_000
	seen := 0
	filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if seen++; seen > most {
			return errors.New("too large to be searched")
		}
		if err != nil || !d.IsDir() {
			return nil // what cannot be read has nothing for us
		}
		if path != root && isSkipped(d.Name()) {
			return filepath.SkipDir
		}
		if packageName(path) == "main" {
			r.mainDirs = append(r.mainDirs, path)
		}
		return nil
	})
	return r.mainDirs
}

// isSkipped reports whether a folder's name says that it holds no packages of
// the project's own, as the go command and npm have it.
func isSkipped(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "vendor" || name == "testdata" || name == "node_modules"
}

// fromTemplate is dir as a template would name it.
func (r *reader) fromTemplate(dir string) string {
	if path, err := filepath.Rel(filepath.Dir(r.t.File), dir); err == nil {
		return filepath.ToSlash(path)
	}
	return dir
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
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
