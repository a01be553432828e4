package main

import (
	"errors"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/lambda"
)

// debugFlags put one function under Delve. Then no time limit holds: who steps
// through a handler is in no hurry.
type debugFlags struct {
	port     int
	function string
	dlv      string // path of the debugger, set by check
}

func (d *debugFlags) register(cmd *cobra.Command) {
	cmd.Flags().Var((*port)(&d.port), "debug-port", "run a function under Delve's headless server on this port, without time limits")
}

func (d debugFlags) on() bool { return d.port != 0 }

// of returns d for the function that the command runs.
func (d debugFlags) of(function string) debugFlags {
	d.function = function
	return d
}

// check finds what is missing for d, before anything runs.
func (d *debugFlags) check(template *app.App) error {
	if !d.on() {
		return nil
	}
	var ids []string
	for f := range template.Runnable() {
		ids = append(ids, f.ID)
	}
	if d.function == "" && len(ids) == 1 {
		d.function = ids[0]
	}
	if !slices.Contains(ids, d.function) {
		return fmt.Errorf("--debug-port needs --debug-function, one of %q", ids)
	}
	var err error
	if d.dlv, err = exec.LookPath("dlv"); err != nil {
		return errors.New("--debug-port needs Delve: go install github.com/go-delve/delve/cmd/dlv@latest")
	}
	return nil
}

// cache is where binaries for the debugger are kept, apart from the others.
func (d debugFlags) cache(dir string) string {
	if d.on() {
		return dir + "-debug"
	}
	return dir
}

func (d debugFlags) buildFlags() []string {
	if d.on() {
		return []string{"-gcflags=all=-N -l"}
	}
	return nil
}

func (d debugFlags) unlimited(c lambda.Config) lambda.Config {
	if d.on() {
		c.InitLimit, c.IdleTimeout = 24*time.Hour, 24*time.Hour
	}
	return c
}

// wrap puts the function under the debugger if it is the one.
func (d debugFlags) wrap(f lambda.Function) lambda.Function {
	if d.on() && f.Name == d.function {
		f.Timeout = 24 * time.Hour
		f.Debugger = []string{d.dlv, "exec", "--headless", "--accept-multiclient", "--continue", "--api-version=2",
			"--listen=" + net.JoinHostPort("127.0.0.1", strconv.Itoa(d.port))}
	}
	return f
}
