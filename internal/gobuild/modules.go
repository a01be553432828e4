package gobuild

import (
	"cmp"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Package returns the folders of the main package with an import path, in the modules of
// the project with that module path: more than one if several modules have that path.
// The project is the repository, workspace or module around the template.
func (f *Finder) Package(path, module string) (dirs []string) {
	inner, ok := strings.CutPrefix(path+"/", module+"/")
	if module == "" || !ok {
		return nil
	}
	for _, root := range f.modules()[module] {
		if dir := filepath.Join(root, filepath.FromSlash(inner)); IsMain(dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// PackageOf returns the folder of a program whose func main is in file, the only one in
// its folder, in a module of the project; else "".
func (f *Finder) PackageOf(file string) string {
	dir, err := filepath.EvalSymlinks(filepath.Dir(file))
	if err != nil || !filepath.IsAbs(file) || !onlyMain(dir, filepath.Base(file)) {
		return ""
	}
	for _, roots := range f.modules() {
		for _, root := range roots {
			real, err := filepath.EvalSymlinks(root)
			if err != nil {
				continue
			}
			if inner, err := filepath.Rel(real, dir); err == nil && filepath.IsLocal(inner) && IsMain(dir) {
				return filepath.Join(root, inner)
			}
		}
	}
	return ""
}

// onlyMain reports whether func main is in a file of a folder, and in no other one that
// Lambda's system builds with it.
func onlyMain(dir, file string) bool {
	context := build.Default
	context.GOOS, context.CgoEnabled = "linux", false
	var in []string
	p, err := context.ImportDir(dir, 0)
	for _, name := range p.GoFiles {
		parsed, _ := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if parsed != nil && slices.ContainsFunc(parsed.Decls, func(d ast.Decl) bool {
			f, ok := d.(*ast.FuncDecl)
			return ok && f.Recv == nil && f.Name.Name == "main"
		}) {
			in = append(in, name)
		}
	}
	return err == nil && len(in) == 1 && in[0] == file
}

// modulesAround returns the folders of the modules in a project, by module path.
func modulesAround(dir string) map[string][]string {
	top := cmp.Or(folderWith(".git", dir), folderWith("go.work", dir), folderWith("go.mod", dir), dir)
	modules := map[string][]string{}
	walk(top, func(dir string) {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if found := moduleLine.FindSubmatch(text); err == nil && found != nil {
			path := strings.Trim(string(found[1]), "\"`")
			modules[path] = append(modules[path], dir)
		}
	})
	return modules
}

var moduleLine = regexp.MustCompile(`(?m)^\s*module\s+(\S+)`)

// sourcesOf returns the folder that a template's sources are in or below: the template's,
// unless a tool has written that, as the CDK, the Serverless Framework and sam build do.
func sourcesOf(home string) string {
	for dir := home; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if name := filepath.Base(dir); name == ".serverless" || name == ".aws-sam" || isAssembly(dir) {
			return sourcesOf(filepath.Dir(dir))
		}
	}
	return home
}

// isAssembly reports whether the CDK has written a folder.
func isAssembly(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, "cdk.out"))
	return err == nil && info.Mode().IsRegular()
}

// walk calls visit for top and the folders below it that may hold packages of the project
// itself. It ends after 50,000 files.
func walk(top string, visit func(dir string)) {
	left := 50_000
	filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if left--; left < 0 {
			return filepath.SkipAll
		}
		if err != nil || !d.IsDir() {
			return nil // unreadable folders and files are skipped
		}
		if path != top && (isSkipped(d.Name()) || isAssembly(path)) {
			return filepath.SkipDir
		}
		visit(path)
		return nil
	})
}
