package local

import (
	"context"
	"errors"
	"fmt"
	"go/build"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/lambda"
)

// Debug runs one function under Delve. Then no time limit applies, so that there
// is time to step through a handler. Serve starts the function at once, so that a
// debugger can attach before the first request; with Invoke, a function waits for
// one.
type Debug struct {
	Port     int    // of Delve's headless server on 127.0.0.1; 0: no debugging
	Function string // as for Project.Function; may be "" if only one function runs
}

// findDelve looks on PATH, and where go install and VS Code's Go extension put it.
func findDelve() (dlv string, err error) {
	places := []string{"dlv"}
	if dir := os.Getenv("GOBIN"); dir != "" {
		places = append(places, filepath.Join(dir, "dlv"))
	}
	for _, dir := range filepath.SplitList(build.Default.GOPATH) {
		places = append(places, filepath.Join(dir, "bin", "dlv"))
	}
	for _, place := range places {
		if dlv, err = exec.LookPath(place); err == nil {
			break
		}
	}
	return dlv, err
}

// A debugger is Delve for one function. The zero value debugs none.
type debugger struct {
	id   string // of the function
	port int
	dlv  string // the path of its command
	wait bool   // for someone to attach, before the function begins
}

// find checks the requirements of d, before anything runs.
func (d Debug) find(a *app.App, command string) (debugger, error) {
	if d.Port == 0 {
		return debugger{}, nil
	}
	f, ids := named(slices.Collect(a.Runnable()), d.Function)
	switch {
	case f != nil:
	case command == Invoke:
		return debugger{}, nil // Project.Function will say what is wrong with the name
	case d.Function == "":
		return debugger{}, fmt.Errorf("--debug-port needs a function: choose one with --debug-function: %s", strings.Join(ids, ", "))
	default:
		return debugger{}, fmt.Errorf("--debug-function %q is not a function that runs here; these do: %s", d.Function, strings.Join(ids, ", "))
	}
	dlv, err := findDelve()
	if err != nil {
		return debugger{}, errors.New("--debug-port needs Delve: go install github.com/go-delve/delve/cmd/dlv@latest")
	}
	l, err := listenOn(context.Background(), loopback, d.Port, fmt.Errorf("--debug-port %d is in use or reserved: stop the process using it or pass another", d.Port))
	if err != nil {
		return debugger{}, err
	}
	l.Close()
	return debugger{id: f.ID, port: d.Port, dlv: dlv, wait: command == Invoke}, nil
}

func (d debugger) on() bool { return d.port != 0 }

// builder builds for the debugger, if there is one: not optimized, and with the sources'
// own paths, whatever GOFLAGS says, since an editor sets breakpoints by these.
func (d debugger) builder(cache string) *gobuild.Builder {
	if d.on() {
		return gobuild.New(cache, "-gcflags=all=-N -l", "-trimpath=false")
	}
	return gobuild.New(cache)
}

// unlimited is longer than anyone steps through a handler.
const unlimited = 24 * time.Hour

// wrap runs f under the debugger, if it is the one.
func (d debugger) wrap(f lambda.Function) lambda.Function {
	if !d.on() || f.Name != d.id {
		return f
	}
	f.Timeout = unlimited
	f.Debugger = []string{d.dlv, "exec", "--headless", "--accept-multiclient", "--api-version=2",
		"--listen=" + net.JoinHostPort(loopback, strconv.Itoa(d.port))}
	if !d.wait {
		f.Debugger = append(f.Debugger, "--continue")
	}
	return f
}

// startDebugged starts the function under the debugger, as it is now, in the background. If it does not
// compile, the log of builds says so.
func (p *Project) startDebugged(ctx context.Context) {
	if p.debugger.on() {
		go p.pool.Start(ctx, p.debugger.id)
	}
}
