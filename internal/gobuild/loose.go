package gobuild

import (
	"cmp"
	"encoding/json"
	"go/build"
	"os"
	"path/filepath"
	"strings"
)

// Loose reports whether there is no go.mod around dir, as in projects that are older than
// modules. Then the go command gets one that crumb keeps in its cache, and that it
// completes by the newest release of each module that is imported.
func Loose(dir string) bool { return folderWith("go.mod", dir) == "" }

// looseFlags returns the flags of the go command for the main package in dir, none unless
// it is loose. No file of the project is written.
func (s settings) looseFlags(dir string) ([]string, error) {
	if dir = strings.TrimSuffix(dir, allBelow); !Loose(dir) || s["GO111MODULE"] == "off" {
		return nil, nil
	}
	root := looseRoot(dir)
	path := loosePath(root, dir)
	own := filepath.Join(tempDir(), looseDir, folderName(dir, path))
	mod, overlay := filepath.Join(own, "go.mod"), filepath.Join(own, "overlay.json")
	if !exists(mod) {
		// The go command looks for go.mod in the project before it reads the file of -modfile.
		text, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(root, "go.mod"): mod}})
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(own, 0o700); err != nil {
			return nil, err
		}
		for file, text := range map[string]string{overlay: string(text), mod: "module " + path + "\n"} {
			if err := writeWhole(file, text); err != nil {
				return nil, err
			}
		}
	}
	return []string{"-mod=mod", "-modfile=" + mod, "-overlay=" + overlay}, markUsed(own)
}

// writeWhole writes a file that another process may read or write.
func writeWhole(file, text string) error {
	temp, err := os.CreateTemp(filepath.Dir(file), "")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	if _, err := temp.WriteString(text); err != nil {
		temp.Close()
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	return os.Rename(temp.Name(), file)
}

// looseRoot returns the folder that packages of a loose program are below: the repository,
// else the working directory.
func looseRoot(dir string) string {
	here, _ := os.Getwd()
	if rel, err := filepath.Rel(here, dir); err != nil || !filepath.IsLocal(rel) {
		here = ""
	}
	return cmp.Or(folderWith(".git", dir), here, dir)
}

// loosePath returns the path of the module in root: the one by which the program in dir
// imports a package there, as github.com/ana/shop where it imports
// github.com/ana/shop/model and root has the folder model.
func loosePath(root, dir string) string {
	p, _ := build.ImportDir(dir, 0) // a mistake is for go build to report
	itself := packageName(root)
	for _, path := range p.Imports {
		if strings.HasPrefix(path, "github.com/aws/") || isDir(filepath.Join(build.Default.GOROOT, "src", filepath.FromSlash(path))) {
			continue // a project may have its own lambda, events or session
		}
		for i := range path {
			if path[i] != '/' {
				continue
			}
			if name := packageName(filepath.Join(root, filepath.FromSlash(path[i:]))); name != "" && name != "main" {
				return path[:i]
			}
		}
		if filepath.Base(path) == itself && strings.Contains(path, "/") {
			return path
		}
	}
	return "crumb.invalid/loose" // by which no package is imported
}
