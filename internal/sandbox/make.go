package sandbox

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Make is Build for a function with a Makefile in dir, as sam build runs it: a
// rule, build-ID, that leaves bootstrap in the folder $(ARTIFACTS_DIR)
// ("Building custom runtimes with the AWS SAM CLI"). sam runs the rule in a
// copy of the folder, this in the folder itself, so that packages above it are
// found. GOOS and GOARCH are those of this machine in its environment; a
// Makefile that sets its own must agree with them.
func (b *Builder) Make(ctx context.Context, dir, rule string) (bootstrap string, err error) {
	return b.get(ctx, origin{dir, rule})
}

func (b *Builder) make(o origin) (string, error) {
	// A build under way must not write into the folder of one that runs.
	place := filepath.Join(b.cache, folderName(filepath.Join(o.dir, o.rule)))
	if err := os.MkdirAll(place, 0o700); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(b.cache, workPrefix)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	refuse := func(format string, args ...any) (string, error) {
		return "", &BuildError{Function: o.rule, Output: fmt.Sprintf(format, args...) + "\n"}
	}
	if _, err := os.Stat(filepath.Join(o.dir, "Makefile")); err != nil {
		return refuse("there is no Makefile in %s", o.dir)
	}
	var output tail
	err = run(b.ctx, &output, o.dir, []string{"ARTIFACTS_DIR=" + work}, "make", "ARTIFACTS_DIR="+work, o.rule)
	var failed *BuildError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New("no make: the make command, which the template's BuildMethod makefile needs, is not on PATH")
	case errors.As(err, &failed):
		return refuse("%s%s", &output, failed.Output)
	case err != nil:
		return "", err
	}
	old, fresh := filepath.Join(place, bootstrapName), filepath.Join(work, "bootstrap")
	if _, err := os.Stat(fresh); errors.Is(err, fs.ErrNotExist) {
		return refuse("make %s left no file bootstrap in $(ARTIFACTS_DIR)", o.rule)
	}
	if system := builtFor(fresh); system != "" && system != runtime.GOOS+"/"+runtime.GOARCH {
		return refuse("make %s built for %s, and this machine is %s/%s: let the Makefile write GOOS ?= and GOARCH ?=, so that the environment decides",
			o.rule, system, runtime.GOOS, runtime.GOARCH)
	}
	return old, replace(old, fresh)
}

// builtFor returns the system that a Go program was built for, "" for another
// file.
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

// A tail keeps the last of what is written to it.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	const most = 8 << 10
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-most):]
	return len(p), nil
}

func (t *tail) String() string { return string(t.text) }
