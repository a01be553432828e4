package lambda

import (
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/procgroup"
)

// A sandbox is one process of a function.
type sandbox struct {
	pool       *Pool
	function   *function
	config     Function // as it was when the process started
	generation int
	key        string // the secret part of its Runtime API address
	tag        string // of its process and all that this starts, digits
	bootstrap  string
	started    time.Time
	gone       chan struct{} // closed when the process has ended

	// mu guards the fields below. Slow work under it, such as reading the output
	// of the process, delays only this sandbox.
	mu         sync.Mutex
	state      state
	timer      *time.Timer // for the state's time limit, which ends at deadline
	deadline   time.Time
	process    *os.Process           // nil before its start and after its end
	waiter     chan *runtimeResponse // of the request that waits for an event, or nil
	current    *call                 // the event that it has, or had last
	began      time.Time             // when it was given current
	expires    time.Time             // of its credentials; zero: never
	initError  *FunctionError
	lines      reporter
	extensions map[string]*extension // by id
}

// newSandbox makes a sandbox whose process is not started yet.
func newSandbox(f *function, config Function, bootstrap string, generation int) *sandbox {
	p := f.pool
	arn := "arn:aws:lambda:" + p.config.Region + ":" + app.DefaultAccountID + ":function:" + config.Called
	s := &sandbox{
		pool:       p,
		function:   f,
		config:     config,
		generation: generation,
		key:        randomHex(16),
		tag:        fmt.Sprintf("%s%06d", p.tag, p.started.Add(1)),
		bootstrap:  bootstrap,
		started:    time.Now(),
		gone:       make(chan struct{}),
		lines:      reporter{journal: p.journal, config: config, arn: arn, records: p.config.Records},
		extensions: make(map[string]*extension),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deadline = s.started.Add(p.config.InitLimit)
	s.timer = time.AfterFunc(p.config.InitLimit, func() { s.handle(expired, cause{why: s.timeout}) })
	return s
}

// A cause has the details of a trigger.
type cause struct {
	call    *call                      // the event concerned, if any; if it is not the current one, the trigger comes too late
	id      string                     // the event's id, for responding
	process *os.Process                // for keepProcess
	waiter  chan *runtimeResponse      // for await
	outcome outcome                    // for respond
	err     *FunctionError             // for keepInitError
	why     func(*call) *FunctionError // the error of the event, for failStart, failEvent and reportFailure
}

// handle makes the transition that the table has for a trigger. It returns the
// response to the request that is the trigger if it is rejected, else nil.
func (s *sandbox) handle(t trigger, with cause) *runtimeResponse {
	rejected, reschedule := s.locked(t, with)
	if reschedule {
		s.function.schedule()
	}
	return rejected
}

// locked is the part of handle under the lock. It also reports whether s has become
// free, or leaves room for another.
func (s *sandbox) locked(t trigger, with cause) (rejected *runtimeResponse, reschedule bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t == expired && time.Now().Before(s.deadline) {
		return nil, false // the state changed while the timer fired
	}
	before := s.state
	rejected = s.follow(t, with)
	return rejected, s.state != before && (s.state == idle || s.state >= stopping)
}

// follow makes one transition. mu is held.
func (s *sandbox) follow(t trigger, with cause) *runtimeResponse {
	if with.call != nil && t != given && with.call != s.current {
		return hangUp
	}
	if t == responding && (s.current == nil || with.id != s.current.id) {
		return errID
	}
	next := s.state.on(t)
	if next.rejected != nil {
		return next.rejected
	}
	s.enter(next.to)
	for _, a := range next.do {
		s.do(a, with)
	}
	return nil
}

// enter begins another state and its time limit. mu is held.
func (s *sandbox) enter(next state) {
	if next == s.state {
		return
	}
	s.function.moved(s, s.state, next)
	s.state = next
	switch next {
	case assigned:
		s.limit(s.config.Timeout)
	case stopping:
		s.timer.Stop()
	case gone:
		s.timer.Stop()
		s.process = nil
	}
}

// limit begins the state's time limit. mu is held.
func (s *sandbox) limit(d time.Duration) {
	s.deadline = time.Now().Add(d)
	s.timer.Reset(d)
}

// do does one action of a transition. mu is held.
func (s *sandbox) do(a action, with cause) {
	switch a {
	case keepProcess:
		s.process = with.process
	case keepInitError:
		s.initError = with.err
	case endInit:
		s.lines.init = time.Since(s.started)
		s.lines.measure(s.process)
		if len(s.config.Debugger) > 0 {
			s.lines.log("crumb: %s runs under the debugger\n", s.config.Name)
		}
	case failStart:
		s.failStart(with.why)
	case await:
		if s.waiter != nil {
			close(s.waiter)
		}
		s.waiter = with.waiter
	case park:
		left := s.pool.config.IdleTimeout
		if !s.expires.IsZero() && s.current != nil { // one event at least, or none might ever be served
			left = min(left, time.Until(s.expires))
		}
		s.limit(left)
		if left <= 0 || !s.function.park(s) {
			s.follow(retired, cause{})
		}
	case deliver:
		s.deliver(with.call)
	case finishIfFreed:
		if !s.extensionAtWork() {
			s.follow(finished, cause{})
		}
	case respond:
		s.current.finish(with.outcome)
	case failEvent:
		s.current.finish(outcome{err: with.why(s.current)})
	case report:
		s.report(nil)
	case reportFailure:
		s.report(with.why(s.current))
	case requeue:
		s.function.requeue(s.current)
	case kill:
		s.kill()
	case killNow:
		s.killNow()
	}
}

// deliver gives an idle sandbox an event. mu is held.
func (s *sandbox) deliver(c *call) {
	s.current, s.began = c, time.Now()
	s.lines.start(c.id)
	s.waiter <- nextResponse(c, s.deadline, s.lines.arn)
	s.waiter = nil
	s.notifyExtensions(c)
}

// report ends the log of the event, which failed unless err is nil. mu is held.
func (s *sandbox) report(err *FunctionError) {
	s.lines.end(s.current.id, time.Since(s.began), s.process, err)
	s.current.logged(s.lines.output.last())
}

// failStart fails the oldest waiting event because this sandbox could not start.
// mu is held.
func (s *sandbox) failStart(why func(*call) *FunctionError) {
	took := time.Since(s.started)
	if s.initError != nil {
		why = func(c *call) *FunctionError {
			s.initError.RequestID = c.id
			return s.initError
		}
	}
	c, err, wait, failures := s.function.startFailed(s.started, why) // before the client can cause another start
	c.finish(outcome{err: err})
	s.lines.initFailed(took, err)
	c.logged(s.lines.output.last())
	if err.Type == errorTimedOut || strings.HasSuffix(err.Message, exitedSilently) {
		s.lines.log("crumb: %s never asked for an event%s\n", s.config.Name, modulesOf(s.bootstrap).whySilent())
	}
	if wait > 0 {
		s.lines.log("crumb: %s failed to start %d times in a row; the next try is in %v\n", s.config.Name, failures, wait)
	}
}

// kill ends the process and everything it started: at once or, if an extension is
// registered, termGrace after SIGTERM, as Lambda does. mu is held.
func (s *sandbox) kill() {
	if s.process == nil || len(s.extensions) == 0 {
		s.killNow()
		return
	}
	terminate(s.process)
	s.limit(termGrace)
}

// killNow ends the process, if there is one, by SIGKILL. mu is held.
func (s *sandbox) killNow() {
	if s.process != nil {
		procgroup.Kill(s.process)
	}
}

// timeout is the error of c when the time limit has passed. mu is held.
func (s *sandbox) timeout(c *call) *FunctionError {
	limit := s.config.Timeout
	if s.current == nil { // while starting
		limit = s.pool.config.InitLimit
	}
	err := c.newError(errorTimedOut, "Task timed out after %.2f seconds", limit.Seconds())
	err.Timeout = s.current != nil
	return err
}

// next waits for the sandbox's next event, however long that takes.
func (s *sandbox) next() *runtimeResponse {
	waiter := make(chan *runtimeResponse, 1)
	if rejected := s.handle(asked, cause{waiter: waiter}); rejected != nil {
		if rejected == hangUp {
			<-s.gone // a program ends without its connection, and it may be handling SIGTERM
		}
		return rejected
	}
	select {
	case event, ok := <-waiter:
		if !ok { // a newer request took over
			return errState
		}
		return event
	case <-s.gone:
		return hangUp
	}
}

// claim reports whether c may be written to conn. If the process has closed conn,
// c goes to another one: a process that was killed must not swallow an event.
func (s *sandbox) claim(c *call, conn net.Conn) bool {
	if isHungUp(conn) {
		s.handle(hungUp, cause{call: c})
		return false
	}
	return s.handle(claimed, cause{call: c}) == nil
}

// beginResponse finds the event that a response belongs to, and rejects a second
// response.
func (s *sandbox) beginResponse(id string) (*call, *runtimeResponse) {
	if rejected := s.handle(responding, cause{id: id}); rejected != nil {
		return nil, rejected
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current, nil
}
