// Command crumb runs a Go project's SAM template on this machine: no Docker, no
// AWS account. See "crumb help".
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/procgroup"
)

func main() {
	if os.Getenv("GOMAXPROCS") == "" {
		// A gateway waits for a client, then for a function, and so on. One
		// thread responds a sixth sooner than two that wake each other. This
		// applies to all subcommands.
		runtime.GOMAXPROCS(1)
	}
	_ = procgroup.Bind() // if it fails, what functions started may survive
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C kills crumb at once
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run runs one command line and returns its exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var code exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintln(stderr, "crumb:", err)
	return 1
}

// An exitCode is an error that was already printed.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// exitNotUnderstood is the exit code of commands whose 1 is a verdict.
const exitNotUnderstood exitCode = 2

// notUnderstood prints err and turns it into an exit code.
func notUnderstood(cmd *cobra.Command, err error) error {
	if err == nil {
		return nil
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "crumb %s: %v\n", cmd.Name(), err)
	return exitNotUnderstood
}

func newRoot() *cobra.Command {
	info, _ := debug.ReadBuildInfo()
	build := newBuildInfo(info)
	root := &cobra.Command{
		Use:     "crumb",
		Version: build.String(),
		Short:   "Cookies for Go on AWS Lambda, done right",
		Long:    "Crumb runs the API of a Go project's SAM template on this machine,\nwithout Docker and without an AWS account, as AWS would run it.",
		Example: `  crumb start                                     # serve template.yaml on port 3000
  crumb run ./cmd/api                             # a Go program, without a template
  crumb check                                     # what AWS would refuse
  crumb event rest GET / --cookie username=Ana | crumb invoke index --event -
  crumb explain 'sid=1; SameSite=None'            # what a browser makes of it
  source <(crumb completion bash)                 # complete commands, functions and APIs`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(suggestFlag)
	root.AddCommand(newStart(), newRun(), newCheck(), newInvoke(), newEvent(), newKeys(), newExplain(), newToken(), newDebug(), newInit(), newVersion(build))
	root.Flags().Bool("version", false, "do what crumb version does")
	root.SetVersionTemplate("{{.Version}}\n")
	return root
}

// untilOrphaned returns a context that ends when the "go run" that started this
// process is gone, since go run does not pass on SIGTERM. If the process was not
// started by go run, the context is ctx itself.
func untilOrphaned(ctx context.Context) (context.Context, context.CancelFunc) {
	parent := os.Getppid()
	if !isGo(parent) {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		for os.Getppid() == parent {
			select {
			case <-ctx.Done():
				return
			case <-time.After(200 * time.Millisecond):
			}
		}
		cancel()
	}()
	return ctx, cancel
}

// isGo reports whether the process is the go command. Without /proc and ps it
// returns false.
func isGo(pid int) bool {
	name, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
	if err != nil {
		name, err = exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	}
	return err == nil && filepath.Base(strings.TrimSpace(string(name))) == "go"
}
