package docs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A Reader follows documents.
type Reader struct {
	Dir   string   // where commands run; "cd" changes it
	Env   []string // as of exec.Cmd
	Cloud []string // additional variables of commands for AWS; without any these are skipped

	server  *server
	written map[string]bool // packages to vet, as patterns of the go command
}

// Follow does what a document says. The error begins with the number of the wrong
// line.
func (r *Reader) Follow(ctx context.Context, text string) error {
	blocks, err := Parse(text)
	if err != nil {
		return err
	}
	if len(blocks) == 0 {
		return errors.New("there is nothing to follow")
	}
	for _, b := range blocks {
		if err := r.block(ctx, b); err != nil {
			return err
		}
	}
	if err := r.vet(ctx); err != nil {
		return fmt.Errorf("at the end: %w", err)
	}
	return nil
}

// Close stops the server.
func (r *Reader) Close() {
	if r.server != nil {
		r.server.stop()
		r.server = nil
	}
}

func (r *Reader) block(ctx context.Context, b Block) error {
	switch b.Lang + " " + b.Word {
	case "console ", "console fails", "console server":
		return r.console(ctx, b)
	case "console cloud":
		if r.Cloud != nil {
			return r.console(ctx, b)
		}
	case "console log":
		if r.server == nil {
			return fmt.Errorf("%d: no server runs", b.Line)
		}
		return at(b.Line, r.server.printed(ctx, b.Text()))
	case "diff ":
		out, err := r.run(ctx, "git apply -", b.Text())
		if err != nil {
			return fmt.Errorf("%d: git apply: %w\n%s", b.Line, err, out)
		}
	}
	switch b.Word {
	case "file":
		return at(b.Line, r.write(b))
	case "part":
		file, err := os.ReadFile(filepath.Join(r.Dir, b.Path))
		if err != nil {
			return at(b.Line, err)
		}
		if !strings.Contains("\n"+string(file), "\n"+b.Text()) {
			return fmt.Errorf("%d: %s does not have these lines", b.Line, b.Path)
		}
	case "lines":
		return r.lines(b)
	}
	return nil
}

// lines looks for each line of a block in its file, ignoring white space.
func (r *Reader) lines(b Block) error {
	file, err := os.ReadFile(filepath.Join(r.Dir, b.Path))
	if err != nil {
		return at(b.Line, err)
	}
	there := map[string]bool{"": true}
	for line := range strings.Lines(string(file)) {
		there[spaced(line)] = true
	}
	for i, line := range b.Lines {
		if !there[spaced(line)] {
			return fmt.Errorf("%d: %s does not have this line", b.Line+1+i, b.Path)
		}
	}
	return nil
}

func spaced(line string) string { return strings.Join(strings.Fields(line), " ") }

func at(line int, err error) error {
	if err != nil {
		return fmt.Errorf("%d: %w", line, err)
	}
	return nil
}

func (r *Reader) write(b Block) error {
	file := filepath.Join(r.Dir, b.Path)
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	if b.Lang == "go" {
		if r.written == nil {
			r.written = map[string]bool{}
		}
		r.written["./"+filepath.ToSlash(filepath.Dir(b.Path))] = true
	}
	return os.WriteFile(file, []byte(b.Text()), 0o666)
}

// vet runs the compiler and go vet on the packages that were written since the
// last time.
func (r *Reader) vet(ctx context.Context) error {
	if len(r.written) == 0 {
		return nil
	}
	packages := slices.Sorted(maps.Keys(r.written))
	r.written = nil
	cmd := exec.CommandContext(ctx, "go", append([]string{"vet"}, packages...)...)
	cmd.Dir, cmd.Env = r.Dir, r.Env
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return nil
}

func (r *Reader) console(ctx context.Context, b Block) error {
	commands, err := b.Commands()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(commands[0].Text, "go mod ") { // else packages may lack modules until it has run
		if err := r.vet(ctx); err != nil {
			return at(b.Line, err)
		}
	}
	if b.Word == "server" {
		if len(commands) > 1 {
			return fmt.Errorf("%d: a server is one command", b.Line)
		}
		r.Close()
		line, port := withAnyPort(commands[0].Text)
		if r.server, err = startServer(r.command(ctx, line), port); err != nil {
			return at(b.Line, err)
		}
		return at(b.Line, r.server.printed(ctx, commands[0].Output))
	}
	for _, c := range commands {
		if dir, ok := strings.CutPrefix(c.Text, "cd "); ok {
			r.Dir = filepath.Join(r.Dir, dir)
			continue
		}
		var stdin string
		var env []string
		if b.Word == "cloud" {
			stdin, env = strings.Repeat("y\n", 9), r.Cloud
		}
		got, err := r.run(ctx, c.Text, stdin, env...)
		if failed := errors.As(err, new(*exec.ExitError)); err != nil && !failed {
			return at(c.Line, err)
		} else if failed != (b.Word == "fails") {
			return fmt.Errorf("%d: $ %s: %v\n%s", c.Line, c.Text, err, got)
		}
		if match(got, c.Output, false) < 0 {
			return fmt.Errorf("%d: $ %s prints\n%s\nthe document says\n%s", c.Line, c.Text, got, c.Output)
		}
	}
	return nil
}

// run runs a command line to its end and returns what it prints.
func (r *Reader) run(ctx context.Context, line, stdin string, env ...string) (string, error) {
	cmd := r.command(ctx, line)
	cmd.Env = slices.Concat(cmd.Env, env)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	text := strings.ReplaceAll(string(out), "\r", "")
	if r.server != nil {
		text = r.server.asDocumented(text)
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text, err
}

func (r *Reader) command(ctx context.Context, line string) *exec.Cmd {
	if r.server != nil {
		line = r.server.asRun(line)
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", line)
	cmd.Dir, cmd.Env = r.Dir, r.Env
	return cmd
}
