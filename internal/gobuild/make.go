package gobuild

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
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
	err = tool{s.Dir, []string{artifacts, "PATH=" + path}, stdout, said}.run(ctx, nil, "make", artifacts, s.Rule)
	var failed *Error
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New("no make: the make command, which the template's BuildMethod makefile needs, is not on PATH")
	case errors.As(err, &failed):
		return fail("%s%s", &output, failed.Output)
	case err != nil:
		return "", err
	}
	old, fresh := filepath.Join(place, bootstrapName()), program(work)
	if fresh == "" {
		return fail("make %s left no file bootstrap in $(ARTIFACTS_DIR)", s.Rule)
	}
	if system := builtFor(fresh); system != "" && system != runtime.GOOS+"/"+runtime.GOARCH {
		return fail("make %s built for %s, and this machine is %s/%s: make the Makefile use the go command on PATH", s.Rule, system, runtime.GOOS, runtime.GOARCH)
	}
	return old, errors.Join(replaceRest(place, work, filepath.Base(fresh)), replace(old, fresh))
}

// withGoForThisMachine writes a go command into dir that builds for this machine,
// and returns a PATH that begins with dir.
func withGoForThisMachine(dir string) (path string, err error) {
	path = os.Getenv("PATH")
	real, err := exec.LookPath("go")
	if err != nil || runtime.GOOS == "windows" { // without sh, and seldom with make
		return path, nil
	}
	cgo := 0
	if os.Getenv("CGO_ENABLED") == "1" {
		cgo = 1
	}
	script := fmt.Sprintf("#!/bin/sh\nGOOS=%s GOARCH=%s CGO_ENABLED=%d exec '%s' \"$@\"\n", runtime.GOOS, runtime.GOARCH, cgo, strings.ReplaceAll(real, "'", `'\''`))
	return dir + string(filepath.ListSeparator) + path, os.WriteFile(filepath.Join(dir, "go"), []byte(script), 0o700)
}

// program returns the path of bootstrap in dir, or else of the only Go program
// there, or "".
func program(dir string) string {
	if file := filepath.Join(dir, "bootstrap"); exists(file) {
		return file
	}
	var programs []string
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		if file := filepath.Join(dir, f.Name()); f.Type().IsRegular() && builtFor(file) != "" {
			programs = append(programs, file)
		}
	}
	if len(programs) != 1 {
		return ""
	}
	return programs[0]
}

// replaceRest replaces the files in place by those in work, except the program.
func replaceRest(place, work, program string) error {
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
		if name := f.Name(); name != program && name != bootstrapName() {
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
