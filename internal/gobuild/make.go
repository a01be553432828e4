package gobuild

import (
	"cmp"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// make runs a Makefile's rule.
func (b *Builder) make(ctx context.Context, s Source, place, work string, said func(string)) (string, error) {
	fail := func(format string, args ...any) (string, error) {
		return "", &Error{Function: s.Name(), Output: fmt.Sprintf(format, args...) + "\n"}
	}
	if !HasMakefile(s.Dir) {
		return fail("there is no Makefile in %s", s.Dir)
	}
	tools, err := os.MkdirTemp(b.cache, workPrefix)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tools)
	path, err := withGoForThisMachine(tools)
	if err != nil {
		return "", err
	}
	// Rules of one Makefile often write the same file before they copy it.
	said("waiting for another rule of a Makefile")
	b.making.Lock()
	defer b.making.Unlock()
	said("")
	var output tail
	stdout := io.MultiWriter(&output, &lines{each: said, leaveOut: func(string) bool { return true }})
	artifacts := "ARTIFACTS_DIR=" + filepath.ToSlash(work) // a shell eats backslashes
	err = tool{s.Dir, b.cache, []string{artifacts, "PATH=" + path}, stdout, said}.run(ctx, nil, "make", artifacts, s.Rule)
	var failed *Error
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New("no make: the make command, which the template's BuildMethod makefile needs, is not on PATH")
	case errors.As(err, &failed):
		return fail("%s%s", &output, failed.Output)
	case err != nil:
		return "", err
	}
	fresh, several := program(work, s.Program)
	if fresh == "" {
		text := fmt.Sprintf("make %s left no file %s in $(ARTIFACTS_DIR)", s.Rule, cmp.Or(s.Program, "bootstrap"))
		if several != "" {
			text += ", but several programs:" + several
		}
		return fail("%s", text)
	}
	if system := builtFor(fresh); system != "" && system != runtime.GOOS+"/"+runtime.GOARCH {
		return fail("make %s built for %s, and this machine is %s/%s: make the Makefile use the go command on PATH", s.Rule, system, runtime.GOOS, runtime.GOARCH)
	}
	// The program first moves to a name that is not in the way of other files.
	program, old := filepath.Join(work, bootstrapName()), filepath.Join(place, bootstrapName())
	if err := os.Rename(fresh, program); err != nil {
		return "", err
	}
	return old, errors.Join(replaceRest(place, work), replace(old, program))
}

// withGoForThisMachine writes a go command into dir that builds for this machine,
// and returns a PATH that begins with dir.
func withGoForThisMachine(dir string) (path string, err error) {
	path = os.Getenv("PATH")
	real, err := exec.LookPath("go")
	if err != nil || runtime.GOOS == "windows" { // without sh, and seldom with make
		return path, nil
	}
	cgo := 0 // the C compiler may be another machine's too
	if os.Getenv("CGO_ENABLED") == "1" {
		cgo = 1
	}
	script := fmt.Sprintf("#!/bin/sh\n[ -z \"$CGO_ENABLED\" ] || export CGO_ENABLED=%d\nGOOS=%s GOARCH=%s exec '%s' \"$@\"\n", cgo, runtime.GOOS, runtime.GOARCH, strings.ReplaceAll(real, "'", `'\''`))
	return dir + string(filepath.ListSeparator) + path, os.WriteFile(filepath.Join(dir, "go"), []byte(script), 0o700)
}

// program returns the path of a named program in dir, or of bootstrap, or else of the
// only Go program there or below. If there are several it returns their names.
func program(dir, name string) (file, several string) {
	for _, name := range []string{filepath.FromSlash(name), "bootstrap"} {
		if file := filepath.Join(dir, name); filepath.IsLocal(name) && exists(file) && !isDir(file) {
			return file, ""
		}
	}
	var programs []string
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && builtFor(path) != "" {
			programs = append(programs, path)
			several += " " + filepath.ToSlash(strings.TrimPrefix(path, dir+string(filepath.Separator)))
		}
		return nil // what cannot be read is not a program
	})
	if len(programs) == 1 {
		return programs[0], ""
	}
	return "", several
}

// replaceRest replaces the files in place by those in work, except the program.
func replaceRest(place, work string) error {
	old, err := os.ReadDir(place)
	fresh, err2 := os.ReadDir(work)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	var errs []error
	for _, f := range old {
		if f.Name() != bootstrapName() {
			errs = append(errs, os.RemoveAll(filepath.Join(place, f.Name())))
		}
	}
	for _, f := range fresh {
		if name := f.Name(); name != bootstrapName() {
			errs = append(errs, os.Rename(filepath.Join(work, name), filepath.Join(place, name)))
		}
	}
	return errors.Join(errs...)
}

// builtFor returns the GOOS/GOARCH that a Go program was built for; "" for other
// files.
func builtFor(file string) string {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return ""
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if settings["GOOS"] == "" {
		return ""
	}
	return settings["GOOS"] + "/" + settings["GOARCH"]
}

// A tail keeps the last 8 KiB that are written to it.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	const most = 8 << 10
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-most):]
	return len(p), nil
}

func (t *tail) String() string { return string(t.text) }
