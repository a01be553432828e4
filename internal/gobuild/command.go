package gobuild

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/procgroup"
)

// A tool is a build tool that runs in a folder.
type tool struct {
	dir    string
	temp   string   // the folder for temporary ones; "": in the user's cache
	env    []string // further environment variables
	stdout io.Writer
	said   func(line string) // gets the lines of stderr as they come; nil: nothing does
}

// goCommand runs the go command for this machine. If the command fails, the error
// is an *Error. The packages that the flag -v prints, and the modules that are looked up,
// are not in it.
func (t tool) goCommand(ctx context.Context, args ...string) error {
	leaveOut := func(line string) bool {
		return isPackage(line) || strings.HasPrefix(line, "go: finding ") || strings.HasPrefix(line, "go: found ")
	}
	err := t.run(ctx, leaveOut, "go", args...)
	if errors.Is(err, exec.ErrNotFound) {
		return errors.New("no Go toolchain: the go command is not on PATH (https://go.dev/doc/install)")
	}
	return err
}

// isPackage reports whether a line of the go command's is only the path of a package.
func isPackage(line string) bool { return line != "" && !strings.ContainsAny(line, " \t:#\"") }

// run runs a build tool. If it fails, the error is an *Error, without the lines of
// stderr that are left out.
func (t tool) run(ctx context.Context, leaveOut func(line string) bool, name string, args ...string) error {
	// A go command that is killed leaves its temporary files, so they get a folder.
	home := cmp.Or(os.Getenv("GOTMPDIR"), t.temp, tempDir())
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(home, tempPrefix)
	if err != nil {
		return err
	}
	defer remove(tmp)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = t.dir
	own := []string{"GOOS=" + runtime.GOOS, "GOARCH=" + runtime.GOARCH, "GOTMPDIR=" + tmp, "PWD=" + t.dir}
	cmd.Env = slices.Concat(os.Environ(), own, t.env)
	cmd.SysProcAttr = procgroup.Attr()
	cmd.Cancel = func() error { procgroup.Kill(cmd.Process); return nil }
	runtime.LockOSThread() // see procgroup.Attr
	defer runtime.UnlockOSThread()
	cmd.WaitDelay = time.Second // of a process that left the group, and has stderr open
	output := lines{each: t.said, leaveOut: leaveOut}
	cmd.Stdout, cmd.Stderr = t.stdout, &output
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &exit):
		return &Error{Function: filepath.Base(t.dir), Output: fromHere(output.String(), t.dir)}
	case err != nil:
		return fmt.Errorf("%s %s: %w", name, args[0], err)
	}
	return nil
}

// lines keeps what a tool prints, and passes its lines on as they come.
type lines struct {
	each     func(line string)      // may be nil
	leaveOut func(line string) bool // may be nil
	kept     bytes.Buffer
	rest     []byte // of a line that is not complete
}

func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		line, rest, complete := bytes.Cut(l.rest, []byte("\n"))
		if !complete {
			return len(p), nil
		}
		l.rest = rest
		text := strings.TrimSuffix(string(line), "\r")
		if l.each != nil {
			l.each(text)
		}
		if l.leaveOut == nil || !l.leaveOut(text) {
			l.kept.Write(line)
			l.kept.WriteByte('\n')
		}
	}
}

// String returns what is kept.
func (l *lines) String() string { return l.kept.String() + string(l.rest) }

// remove removes a folder to which processes that were just killed may still
// write.
func remove(dir string) {
	for n := 0; os.RemoveAll(dir) != nil && n < 100; n++ {
		time.Sleep(10 * time.Millisecond)
	}
}

// The go command names files relative to the folder that it ran in, as in
// "main.go:3:1: syntax error" or "../internal/demo/cookies.go:19:26: undefined: x".
var fromThere = regexp.MustCompile(`(?m)^[^\s#].*?\.(go|mod|work):\d`)

// fromHere names them as FromHere does.
func fromHere(output, dir string) string {
	return fromThere.ReplaceAllStringFunc(output, func(place string) string {
		i := strings.LastIndexByte(place, ':')
		file := filepath.Join(dir, place[:i])
		if filepath.IsAbs(place[:i]) || !exists(file) {
			return place
		}
		return FromHere(file) + place[i:]
	})
}

// FromHere returns the path of a file relative to the working directory, or as it is if
// it is not below that, so that a terminal or an editor can open it.
func FromHere(file string) string {
	here, err := os.Getwd()
	if err != nil {
		return file
	}
	if path, err := filepath.Rel(here, file); err == nil && filepath.IsLocal(path) {
		return path
	}
	return file
}
