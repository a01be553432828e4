// Package scaffold writes new projects: copies of those in package examples, under
// a new name.
package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/crumb-go/crumb/examples"
)

// Module is the path of this module.
const Module = "github.com/crumb-go/crumb"

const (
	goVersion   = "1.26.0" // crumb's own
	placeholder = "my-app" // the name of each example
)

// Templates are the projects that there are; the first is the default.
var Templates = []string{"cookie", "chi", "login"}

// kept are the files that a folder may have before, as a new repository does.
// None of them is replaced.
var kept = map[string]bool{".git": true, ".gitignore": true, "LICENSE": true, "README.md": true}

// A Project is to be written.
type Project struct {
	Dir      string // created if it does not exist
	Template string // one of Templates
	Name     string // of the CloudFormation stack, as NameOf returns it
	Module   string // the path of its Go module, as CheckModule accepts it
	Source   Source // of this module
}

// NameOf makes a name for a project of that of its folder: lower-case letters,
// digits and hyphens, at most 60, as CloudFormation's stacks need it. It begins
// with a letter.
func NameOf(dir string) string {
	words := strings.FieldsFunc(strings.ToLower(filepath.Base(dir)), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	name := strings.Join(words, "-")
	if name == "" || name[0] <= '9' {
		name = strings.TrimRight("app-"+name, "-")
	}
	return strings.TrimRight(name[:min(len(name), 60)], "-")
}

// modulePath is one of elements that neither begin nor end with a dot.
var modulePath = regexp.MustCompile(`^[\w~-]+(\.+[\w~-]+)*(/[\w~-]+(\.+[\w~-]+)*)*$`)

// CheckModule returns an error for what cannot be the path of a module.
func CheckModule(module string) error {
	if !modulePath.MatchString(module) {
		return fmt.Errorf("%q is not a module path; write it as github.com/you/shop", module)
	}
	if first, _, _ := strings.Cut(module, "/"); !strings.Contains(first, ".") {
		// The standard library has those, and may get more.
		return fmt.Errorf("module path %q: the part before the first slash needs a dot, as in example.com/%s", module, module)
	}
	return nil
}

// Write writes a project. It never replaces a file: if the folder has other files
// than those of a new repository, nothing is written. Existing files that were left
// as they are are returned.
func Write(p Project) (left []string, err error) {
	if err := free(p.Dir); err != nil {
		return nil, err
	}
	files, err := fs.Sub(examples.Files, p.Template)
	if err != nil {
		return nil, err
	}
	rename := strings.NewReplacer(Module+"/examples/"+p.Template, p.Module, placeholder, p.Name)
	write := func(name, text string) error {
		file := filepath.Join(p.Dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return err
		}
		err := create(file, text)
		if errors.Is(err, fs.ErrExist) && kept[name] {
			left = append(left, name)
			return nil
		}
		return err
	}
	err = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		return write(name, rename.Replace(string(text)))
	})
	if err != nil {
		return left, err
	}
	return left, write("go.mod", goMod(p))
}

// free returns an error that names the first file in the way.
func free(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if !kept[e.Name()] {
			return fmt.Errorf("%s has %s already: a project needs a new or empty folder (.git, .gitignore, LICENSE and README.md may be there)", dir, e.Name())
		}
	}
	return nil
}

func create(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
