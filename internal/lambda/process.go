package lambda

import (
	"cmp"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/procgroup"
)

// exitedSilently is Lambda's message about a process that ended with status 0.
const exitedSilently = "Runtime exited without providing a reason"

// run starts the process, waits for its end and kills its children.
func (s *sandbox) run() {
	process, err := s.exec()
	open := s.pool.forget(s)
	close(s.gone)
	s.handle(exited, cause{why: func(c *call) *FunctionError {
		switch {
		case err != nil:
			return c.newError("Runtime.InvalidEntrypoint", "%v", err)
		case process.ExitCode() == 0:
			return c.newError("Runtime.ExitError", exitedSilently)
		}
		return c.newError("Runtime.ExitError", "Runtime exited with error: %v", process)
	}})
	if open {
		killStrays(s.address(), s.tag+" ")
	}
	if s.lines.output != nil { // only start sets it
		s.lines.output.close()
	}
}

// address is the value of AWS_LAMBDA_RUNTIME_API.
func (s *sandbox) address() string { return s.pool.server.address() + "/" + s.key }

// exec runs the process to its end. The error is one of starting it.
func (s *sandbox) exec() (*os.ProcessState, error) {
	p := s.pool
	made := modulesOf(s.bootstrap)
	s.warnAged(made)
	address, err := rpcAddress(made)
	if err != nil {
		return nil, err
	}
	environ, err := s.environ()
	if err != nil {
		return nil, err
	}
	output, w, err := newOutput(p.journal)
	if err != nil {
		return nil, err
	}
	command := append(slices.Clone(s.config.Debugger), s.bootstrap)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = s.dir()
	cmd.Env = environ
	if address != "" {
		cmd.Env = append(cmd.Env, "_LAMBDA_SERVER_PORT="+address[strings.LastIndexByte(address, ':')+1:])
	}
	cmd.Stdout, cmd.Stderr = w, w
	cmd.SysProcAttr = procgroup.Attr()
	err = s.start(cmd, output)
	w.Close()
	if err != nil {
		return nil, err
	}
	p.watchdog.guard(cmd.Process)
	if address != "" {
		p.processes.Go(func() { s.bridge(address) })
	}

	cmd.Wait() // how it ended is in ProcessState
	procgroup.Kill(cmd.Process)
	output.catchUp()
	p.watchdog.forget(cmd.Process)
	return cmd.ProcessState, nil
}

// start starts the process. Under the lock its first request waits until process
// is set, for signals and its peak memory.
func (s *sandbox) start(cmd *exec.Cmd, output *output) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines.output = output
	if err := s.pool.launcher.start(cmd); err != nil {
		return err
	}
	tag(cmd.Process, s.tag)
	s.follow(born, cause{process: cmd.Process})
	return nil
}

// A launcher starts processes from one thread that lives as long as the pool:
// Linux sends Pdeathsig when the thread that started a process ends, not when
// its program does.
type launcher struct {
	jobs chan func()
	done chan struct{}
}

func newLauncher() *launcher {
	l := &launcher{jobs: make(chan func()), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		for job := range l.jobs {
			job()
		}
	}()
	return l
}

func (l *launcher) start(cmd *exec.Cmd) error {
	err := make(chan error)
	l.jobs <- func() { err <- cmd.Start() }
	return <-err
}

func (l *launcher) close() {
	close(l.jobs)
	<-l.done
}

// apiVariable begins the environment entry that names the Runtime API. It marks
// the processes of a sandbox.
const apiVariable = "AWS_LAMBDA_RUNTIME_API="

// environ is the function's environment with the variables of this process, which
// win: os/exec keeps the last of two entries.
func (s *sandbox) environ() ([]string, error) {
	variables := map[string]string{}
	maps.Copy(variables, s.config.Env)
	if s.config.Credentials != nil {
		credentials, expires, err := s.config.Credentials(s.pool.ctx)
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		s.expires = expires
		s.mu.Unlock()
		maps.Copy(variables, credentials)
	}
	var env []string
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		env = append(env, name+"="+variables[name])
	}
	return append(env,
		"AWS_LAMBDA_LOG_STREAM_NAME="+s.started.UTC().Format("2006/01/02")+"/[$LATEST]"+randomHex(16),
		apiVariable+s.address(),
		"LAMBDA_TASK_ROOT="+s.dir(),
	), nil
}

func (s *sandbox) dir() string { return cmp.Or(s.config.Dir, filepath.Dir(s.bootstrap)) }
