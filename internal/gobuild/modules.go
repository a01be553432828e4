package gobuild

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
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
