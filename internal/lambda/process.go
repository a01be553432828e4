package lambda

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/procgroup"
)

// termGrace is the time from SIGTERM to SIGKILL, when an extension asked for it.
const termGrace = 500 * time.Millisecond

// start begins a sandbox of f. Pool.mu is held.
func (p *Pool) start(f *function) {
	s := &sandbox{
		pool:       p,
		function:   f,
		config:     f.Function,
		generation: f.generation,
		key:        randomHex(16),
		bootstrap:  f.bootstrap,
		gone:       make(chan struct{}),
		started:    time.Now(),
		extensions: make(map[string]*extension),
	}
	s.timer = time.AfterFunc(p.config.InitLimit, s.expire)
	s.deadline = s.started.Add(p.config.InitLimit)
	f.starting++
	f.live++
	p.sandboxes[s.key] = s
	p.processes.Go(func() { s.run() })
}

// run starts the process, waits for its end and clears away what it leaves.
func (s *sandbox) run() {
	process, err := s.exec()
	if s.exited(process, err) {
		killStrays(s.address())
	}
	if s.output != nil {
		s.output.close()
	}
}

// address is what the process finds in AWS_LAMBDA_RUNTIME_API.
func (s *sandbox) address() string { return s.pool.server.address() + "/" + s.key }

// exec runs the process to its end. The error is that of starting it.
func (s *sandbox) exec() (*os.ProcessState, error) {
	p := s.pool
	made := modulesOf(s.bootstrap)
	s.warnAged(made)
	address, err := s.rpcAddress(made)
	if err != nil {
		return nil, err
	}
	output, w, err := newOutput(p.journal)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	s.output = output
	p.mu.Unlock()
	command := append(slices.Clone(s.config.Debugger), s.bootstrap)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = filepath.Dir(s.bootstrap)
	cmd.Env = s.environ()
	if address != "" {
		cmd.Env = append(cmd.Env, "_LAMBDA_SERVER_PORT="+address[strings.LastIndexByte(address, ':')+1:])
	}
	cmd.Stdout, cmd.Stderr = w, w
	cmd.SysProcAttr = procgroup.Attr()
	err = p.launcher.start(cmd)
	w.Close()
	if err != nil {
		return nil, err
	}
	p.watchdog.guard(cmd.Process)
	if address != "" {
		p.processes.Go(func() { s.bridge(address) })
	}

	p.mu.Lock()
	s.process = cmd.Process
	if s.state == dead { // killed before it was born
		procgroup.Kill(s.process)
	}
	p.mu.Unlock()

	cmd.Wait() // how it ended is in ProcessState
	procgroup.Kill(cmd.Process)
	p.watchdog.forget(cmd.Process)
	return cmd.ProcessState, nil
}

// exited settles what the end of a process means for the event it had, or for
// the one it was started for. It reports whether the pool goes on.
func (s *sandbox) exited(process *os.ProcessState, startError error) bool {
	p := s.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	was := s.state
	s.discard()
	s.process = nil
	close(s.gone)
	delete(p.sandboxes, s.key)

	describe := func(c *call) *FunctionError {
		switch {
		case startError != nil:
			return c.failure("Runtime.InvalidEntrypoint", "%v", startError)
		case process.ExitCode() == 0:
			return c.failure("Runtime.ExitError", "Runtime exited without providing a reason")
		}
		return c.failure("Runtime.ExitError", "Runtime exited with error: %v", process)
	}
	switch c := s.current; {
	case was == starting:
		s.failStart(describe)
	case was == busy && !c.sent:
		s.function.pending = slices.Insert(s.function.pending, 0, c)
	case was == busy && !c.finished:
		err := describe(c)
		c.finish(outcome{err: err})
		s.report(c, err)
	case was == busy:
		c.finish(outcome{err: describe(c)}) // cuts a stream
		s.report(c, nil)
	}
	p.schedule(s.function)
	return !p.closed
}

// expire ends a sandbox whose state lasted too long.
func (s *sandbox) expire() {
	p := s.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.state == dead || time.Now().Before(s.deadline) {
		return // the state changed while the timer fired
	}
	switch s.state {
	case starting:
		s.failStart(func(c *call) *FunctionError {
			return c.failure(timedOut, "Task timed out after %.2f seconds", p.config.InitLimit.Seconds())
		})
	case busy:
		c := s.current
		err := c.failure(timedOut, "Task timed out after %.2f seconds", s.config.Timeout.Seconds())
		err.Timeout = true
		c.finish(outcome{err: err})
		s.report(c, err)
	}
	s.kill() // only now: the client is to hear of the timeout, not of the end it brings
	p.schedule(s.function)
}

// failStart answers the oldest waiting event with what kept this sandbox from
// taking it. Pool.mu is held.
func (s *sandbox) failStart(describe func(*call) *FunctionError) {
	f := s.function
	c := newCall(Invocation{}) // stands in when its client went away
	if len(f.pending) > 0 {
		c = f.pending[0]
		f.pending = slices.Delete(f.pending, 0, 1)
	}
	err := describe(c)
	if s.initError != nil {
		err = s.initError
		err.RequestID = c.id
	}
	c.finish(outcome{err: err})
	s.reportInit(err)
	if wait := f.backoff.fail(s.started, err); wait > 0 {
		s.log("crumb: %s failed to start %d times in a row; the next try is in %v\n", f.Name, f.backoff.failures, wait)
	}
}

// kill ends s and everything it started: at once, or a moment after SIGTERM
// when an extension is registered, as in Lambda. Pool.mu is held.
func (s *sandbox) kill() {
	if s.state == dead {
		return
	}
	s.discard()
	switch {
	case s.process == nil:
	case len(s.extensions) > 0:
		terminate(s.process)
		s.timer = time.AfterFunc(termGrace, func() {
			s.pool.mu.Lock()
			defer s.pool.mu.Unlock()
			if s.process != nil {
				procgroup.Kill(s.process)
			}
		})
	default:
		procgroup.Kill(s.process)
	}
}
