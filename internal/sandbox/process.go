package sandbox

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// termGrace is the time from SIGTERM to SIGKILL, when an extension asked for it.
const termGrace = 500 * time.Millisecond

// A state is where a sandbox is in its life. Each has a time limit, and one
// timer watches over all of them.
type state int

const (
	starting state = iota // until the first next; Config.InitLimit
	idle                  // waits in next; Config.IdleTimeout
	busy                  // has an event; Function.Timeout
	dead                  // takes nothing any more; its process may still be ending
)

// A sandbox is one process of a function.
type sandbox struct {
	pool       *Pool
	function   *function
	config     Function // as it was when the process started
	generation int
	key        string // the secret part of its Runtime API address
	bootstrap  string
	output     *output
	gone       chan struct{} // closed when the process has ended

	// Guarded by Pool.mu.
	state     state
	timer     *time.Timer
	deadline  time.Time
	process   *os.Process
	waiter    chan *call // of the next request that waits for an event; takes one
	current   *call      // the event it has, until it asks for the next one
	extension bool       // wants SIGTERM
	started   time.Time
	init      time.Duration  // how long its start took, until a REPORT line said so
	initError *FunctionError // what it reported while starting
	answered  bool           // has answered and will be back for the next event in a moment
	peak      int            // peak resident memory in MB when last seen; 0: not known
	measured  time.Time      // when that was
}

// start begins a sandbox of f. Pool.mu is held.
func (p *Pool) start(f *function, bootstrap string) {
	s := &sandbox{
		pool:       p,
		function:   f,
		config:     f.Function,
		generation: f.generation,
		key:        randomHex(16),
		bootstrap:  bootstrap,
		gone:       make(chan struct{}),
		started:    time.Now(),
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
	if s.pool.exited(s, process, err) {
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
	output, w, err := newOutput(p.journal)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	s.output = output
	p.mu.Unlock()
	cmd := exec.Command(s.bootstrap)
	cmd.Dir = filepath.Dir(s.bootstrap)
	cmd.Env = s.environ()
	cmd.Stdout, cmd.Stderr = w, w
	cmd.SysProcAttr = ownGroup()
	err = p.launcher.start(cmd)
	w.Close()
	if err != nil {
		return nil, err
	}

	p.mu.Lock()
	s.process = cmd.Process
	if s.state == dead { // killed before it was born
		killGroup(s.process)
	}
	p.mu.Unlock()

	cmd.Wait() // how it ended is in ProcessState
	killGroup(cmd.Process)
	return cmd.ProcessState, nil
}

// exited settles what the end of a process means for the event it had, or for
// the one it was started for. It reports whether the pool goes on.
func (p *Pool) exited(s *sandbox, process *os.ProcessState, startError error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := s.state
	p.discard(s)
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
		s.report(c, err.status())
		s.log("%s\n%s\n", err.Message, err.Type)
	case was == busy:
		c.finish(outcome{err: describe(c)}) // cuts a stream
		s.report(c, "")
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
	was := s.state
	s.measure() // while there is a process to ask
	p.kill(s)
	switch was {
	case starting:
		s.failStart(func(c *call) *FunctionError {
			return c.failure(timedOut, "Task timed out after %.2f seconds", p.config.InitLimit.Seconds())
		})
	case busy:
		c := s.current
		err := c.failure(timedOut, "Task timed out after %.2f seconds", s.config.Timeout.Seconds())
		err.Timeout = true
		c.finish(outcome{err: err})
		s.report(c, err.status())
		s.log("%s %s Task timed out after %.2f seconds\n", logTime(), c.id, s.config.Timeout.Seconds())
	}
	p.schedule(s.function)
}

// failStart answers the oldest waiting event with what kept this sandbox from
// taking it. Pool.mu is held.
func (s *sandbox) failStart(describe func(*call) *FunctionError) {
	f := s.function
	c := newCall(Invocation{}, "") // stands in when the client went away
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
	s.log("INIT_REPORT Init Duration: %.2f ms\tPhase: init\t%s\n", milliseconds(time.Since(s.started)), err.status())
	s.log("%s\n%s\n", err.Message, err.Type)
	if wait := f.backoff.fail(s.started, err); wait > 0 {
		s.log("crumb: %s failed to start %d times in a row; the next try is in %v\n", f.Name, f.backoff.failures, wait)
	}
}

// next waits for the sandbox's next event; its arrival is what ends the one
// before. Nil without a refusal means that the runtime is gone or must go.
func (s *sandbox) next() (*call, *refusal) {
	waiter, refused := s.wait()
	if refused != nil {
		return nil, refused
	}
	select {
	case c, ok := <-waiter:
		if !ok {
			return nil, errState
		}
		return c, nil
	case <-s.gone:
		return nil, nil
	}
}

// wait makes s idle and returns where its event will come. Where none will, it
// returns nil.
func (s *sandbox) wait() (<-chan *call, *refusal) {
	p, f := s.pool, s.function
	p.mu.Lock()
	defer p.mu.Unlock()
	switch s.state {
	case starting:
		f.backoff = backoff{}
		s.init = time.Since(s.started)
		s.measure()
	case idle: // a newer request takes over from one that was given up
		close(s.waiter)
	case busy:
		if !s.current.finished {
			return nil, errState
		}
		s.report(s.current, "")
		s.current = nil
	case dead:
		return nil, nil
	}
	defer p.schedule(f)
	if s.generation != f.generation || (f.removed && len(f.pending) == 0) {
		p.kill(s)
		return nil, nil
	}
	s.enter(idle, p.config.IdleTimeout)
	s.waiter = make(chan *call, 1)
	f.idle = append(f.idle, s)
	return s.waiter, nil
}

// assign gives an idle sandbox an event. Pool.mu is held.
func (s *sandbox) assign(c *call) {
	s.enter(busy, s.config.Timeout)
	s.current = c
	c.start, c.deadline, c.sent = time.Now(), s.deadline, false
	s.log("START RequestId: %s Version: $LATEST\n", c.id)
	s.waiter <- c
}

// send reports whether c may be written to conn. Where the process is gone, c
// goes to another.
func (s *sandbox) send(c *call, conn net.Conn) bool {
	gone := hungUp(conn)
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	if s.state != busy || s.current != c {
		return false
	}
	if gone {
		s.giveBack(c)
		return false
	}
	c.sent = true
	return true
}

// unsent takes note that c could not be written whole.
func (s *sandbox) unsent(c *call) {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	if s.state == busy && s.current == c && !c.finished {
		s.giveBack(c)
	}
}

// giveBack takes an event from a process that hung up on it, and will soon be
// gone, and puts it first in the queue. Pool.mu is held.
func (s *sandbox) giveBack(c *call) {
	s.pool.kill(s)
	s.function.pending = slices.Insert(s.function.pending, 0, c)
	s.pool.schedule(s.function)
}

// enter begins a state and its time limit. Pool.mu is held.
func (s *sandbox) enter(next state, limit time.Duration) {
	s.leave()
	s.state = next
	s.deadline = time.Now().Add(limit)
	s.timer.Reset(limit)
}

// leave undoes what a state means to the function. Pool.mu is held.
func (s *sandbox) leave() {
	f := s.function
	switch s.state {
	case starting:
		f.starting--
	case idle:
		f.idle = slices.DeleteFunc(f.idle, func(o *sandbox) bool { return o == s })
	case busy:
		s.setAnswered(false)
	}
}

// setAnswered says whether s, busy, is about to be idle. Pool.mu is held.
func (s *sandbox) setAnswered(yes bool) {
	switch {
	case yes && !s.answered && s.state == busy:
		s.function.answered++
		s.answered = true
	case !yes && s.answered:
		s.function.answered--
		s.answered = false
	}
}

// discard makes s take no event any more. Pool.mu is held.
func (p *Pool) discard(s *sandbox) {
	if s.state == dead {
		return
	}
	s.leave()
	s.state = dead
	s.timer.Stop()
	s.function.live--
}

// kill ends s and everything it started: at once, or a moment after SIGTERM
// when an extension is registered, as in Lambda. Pool.mu is held.
func (p *Pool) kill(s *sandbox) {
	if s.state == dead {
		return
	}
	p.discard(s)
	switch {
	case s.process == nil:
	case s.extension:
		terminate(s.process)
		s.timer = time.AfterFunc(termGrace, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			if s.process != nil {
				killGroup(s.process)
			}
		})
	default:
		killGroup(s.process)
	}
}

// report writes the lines that end an event. Pool.mu is held.
func (s *sandbox) report(c *call, status string) {
	took := time.Since(c.start)
	s.measure()
	var more string
	if s.peak > 0 {
		more = fmt.Sprintf("Max Memory Used: %d MB\t", s.peak)
	}
	if s.init > 0 {
		more += fmt.Sprintf("Init Duration: %.2f ms\t", milliseconds(s.init))
	}
	billed := (took + s.init + time.Millisecond - 1) / time.Millisecond // a start is billed too, since August 2025
	s.init = 0
	s.log("END RequestId: %s\nREPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\tMemory Size: %d MB\t%s%s\n",
		c.id, c.id, milliseconds(took), billed, s.config.MemoryMB, more, status)
}

// measure takes the peak memory of the process, while there is one. The system
// takes its time to tell, so it is asked 100 times a second at most. Pool.mu is
// held.
func (s *sandbox) measure() {
	if s.process != nil && time.Since(s.measured) > 10*time.Millisecond {
		s.peak = max(s.peak, peakMB(s.process))
		s.measured = time.Now()
	}
}

// log writes lines of Lambda's behind all that the process printed so far.
// Pool.mu is held.
func (s *sandbox) log(format string, args ...any) {
	lines := fmt.Appendf(nil, format, args...)
	if s.output == nil { // it never started
		s.pool.journal.append(lines)
		return
	}
	s.output.sayAfter(lines)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func logTime() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z") }

// A backoff holds back a function that fails to start again and again.
type backoff struct {
	failures int
	last     time.Time
	until    time.Time
	err      *FunctionError
}

// fail counts a failure of a sandbox started at that time and returns how long
// to wait. Sandboxes that were started together count once.
func (b *backoff) fail(started time.Time, err *FunctionError) time.Duration {
	b.err = err
	if started.Before(b.last) {
		return 0
	}
	b.failures++
	b.last = time.Now()
	if b.failures < 3 {
		return 0
	}
	wait := min(100*time.Millisecond<<(b.failures-3), 3*time.Second)
	b.until = b.last.Add(wait)
	return wait
}

// check returns the last failure while it is too early for another try.
func (b *backoff) check(c *call) error {
	if b.err == nil || time.Now().After(b.until) {
		return nil
	}
	err := *b.err
	err.RequestID = c.id
	return &err
}
