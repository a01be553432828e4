package local

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// show links files into the folder of a program, those of an archive too.
func (p *Project) show(files []app.Beside, dir string) error {
	files = slices.Clone(files)
	for i, f := range files {
		if info, err := os.Stat(f.Path); f.Name == "." && err == nil && !info.IsDir() {
			if files[i].Path, err = p.builds.builder.Unpack(f.Path); err != nil {
				return err
			}
		}
	}
	return show(files, dir)
}

// show links files into the folder of a program, as far as they exist, and removes links
// to those that are gone. Where a link is not permitted it makes a copy.
func show(files []app.Beside, dir string) error {
	if len(files) == 0 {
		return nil
	}
	old, err := os.ReadDir(dir)
	errs := []error{err}
	for _, e := range old {
		if link := filepath.Join(dir, e.Name()); e.Type() == fs.ModeSymlink {
			if _, err := os.Stat(link); err != nil {
				errs = append(errs, os.Remove(link))
			}
		}
	}
	for _, f := range files {
		if f.Name != "." {
			errs = append(errs, link(f.Path, filepath.Join(dir, filepath.FromSlash(f.Name))))
			continue
		}
		entries, _ := os.ReadDir(f.Path) // it may appear later
		for _, e := range entries {
			if name := e.Name(); !strings.HasPrefix(name, "bootstrap") && !strings.HasPrefix(name, ".") && name != "node_modules" && name != "vendor" {
				errs = append(errs, link(filepath.Join(f.Path, e.Name()), filepath.Join(dir, e.Name())))
			}
		}
	}
	return errors.Join(errs...)
}

// link makes to a link to a file or folder.
func link(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return nil // it may appear later
	}
	at, err := os.Readlink(to)
	switch {
	case err == nil && at == from:
		return nil
	case err == nil:
		os.Remove(to) // the template has changed
	case !errors.Is(err, fs.ErrNotExist):
		return nil // a copy
	}
	err = errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.Symlink(from, to))
	switch {
	case err == nil || errors.Is(err, fs.ErrExist): // another event was sooner
		return nil
	case info.IsDir():
		return os.CopyFS(to, os.DirFS(from))
	}
	text, err := os.ReadFile(from)
	return errors.Join(err, os.WriteFile(to, text, 0o600))
}

// taskRoot is the folder of a function in Lambda.
const taskRoot = "/var/task"

// copied returns what the last stage of a Dockerfile copies into the working folder of
// the image, as far as it is in context. What comes from another stage is looked for by
// the end of its path: /src/data/a.csv is data/a.csv there, if src is not.
func copied(context, dockerfile string) (files []app.Beside) {
	text, _ := os.ReadFile(filepath.Join(context, filepath.FromSlash(dockerfile))) // without it nothing is copied
	work := taskRoot
	for line := range strings.Lines(strings.NewReplacer("\\\r\n", " ", "\\\n", " ").Replace(string(text))) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		isFlag := func(word string) bool { return strings.HasPrefix(word, "--") }
		switch keyword, args := strings.ToUpper(words[0]), slices.DeleteFunc(slices.Clone(words[1:]), isFlag); keyword {
		case "FROM":
			files, work = nil, taskRoot
		case "WORKDIR":
			work = inImage(work, words[1])
		case "COPY", "ADD":
			if list := []string(nil); json.Unmarshal([]byte(strings.Join(args, " ")), &list) == nil {
				args = list
			}
			for i := range len(args) - 1 {
				otherStage := slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, "--from=") })
				files = append(files, copies(context, work, args[i], args[len(args)-1], otherStage)...)
			}
		}
	}
	return files
}

// inImage is a path in an image, absolute.
func inImage(work, to string) string {
	to = strings.NewReplacer("${LAMBDA_TASK_ROOT}", taskRoot, "$LAMBDA_TASK_ROOT", taskRoot).Replace(to)
	if path.IsAbs(to) {
		return path.Clean(to)
	}
	return path.Join(work, to)
}

// copies returns what one argument of COPY puts into the folder work.
func copies(context, work, from, to string, otherStage bool) (files []app.Beside) {
	from = strings.TrimPrefix(path.Clean("/"+from), "/")
	var found []string
	for {
		if found, _ = filepath.Glob(filepath.Join(context, filepath.FromSlash(from))); len(found) > 0 {
			break
		}
		_, shorter, more := strings.Cut(from, "/")
		if !more || !otherStage {
			return nil
		}
		from = shorter
	}
	into, ok := strings.CutPrefix(inImage(work, to)+"/", strings.TrimSuffix(work, "/")+"/")
	if !ok {
		return nil // elsewhere in the image
	}
	for _, file := range found {
		name := strings.TrimSuffix(into, "/")
		info, err := os.Stat(file)
		if err == nil && !info.IsDir() && (into == "" || strings.HasSuffix(to, "/") || len(found) > 1) {
			name = path.Join(name, filepath.Base(file))
		}
		files = append(files, app.Beside{Name: path.Clean(name), Path: file})
	}
	return files
}
