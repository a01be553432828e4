package lambda

import (
	"bytes"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// respondedGrace is how long a sandbox may take from its response to its request
// for the next event before others are started in its place.
const respondedGrace = 5 * time.Millisecond

// A function is a Function with its waiting events and its sandboxes.
type function struct {
	pool *Pool
	warn sync.Once // about the modules of its program

	// mu guards the fields below. A goroutine that holds a sandbox's lock may take
	// it, never the other way round, except with a new sandbox that no other
	// goroutine has seen.
	mu         sync.Mutex
	config     Function
	bootstrap  string      // what new sandboxes run
	file       os.FileInfo // identifies the program at bootstrap
	generation int         // counts changes of program and configuration
	removed    bool        // no longer in the template
	warm       bool        // a sandbox is to start, though no event may wait
	closed     bool        // nothing is started any more

	pending   []*call           // events that no sandbox has yet, oldest first
	sandboxes map[*sandbox]bool // except those whose process has ended
	counts    [states]int       // of sandboxes in each state
	idle      []*sandbox        // waiting for an event, the last used at the end
	growTimer *time.Timer       // runs while events wait for sandboxes that have responded
	backoff   backoff
}

// submit queues c and finds it a sandbox, which runs the program at bootstrap.
func (f *function) submit(c *call, bootstrap string) error {
	return f.change(func() (outdated []*sandbox, err error) {
		if outdated, err = f.take(bootstrap); err != nil {
			return nil, c.newError("Runtime.InvalidEntrypoint", "Couldn't find valid bootstrap(s): [%s]", bootstrap)
		}
		if f.closed {
			return outdated, ErrClosed
		}
		if err := f.backoff.check(c); err != nil {
			return outdated, err
		}
		f.pending = append(f.pending, c)
		return outdated, nil
	})
}

// change does what is to be done under mu, which returns the sandboxes to retire, and
// then gives events to sandboxes unless it has failed.
func (f *function) change(do func() (outdated []*sandbox, err error)) error {
	f.mu.Lock()
	outdated, err := do()
	f.mu.Unlock()
	for _, s := range outdated {
		s.handle(retired, cause{}) // ends it if it has no event, else keeps it from taking another
	}
	if err == nil {
		f.schedule()
	}
	return err
}

// take makes bootstrap the program of new sandboxes, and returns those of another
// one. mu is held, and covers the look at the file: the program seen last is the one
// that runs.
func (f *function) take(bootstrap string) (outdated []*sandbox, err error) {
	file, err := os.Stat(bootstrap)
	if err != nil {
		return nil, err
	}
	// A running program keeps its inode, so two files that are the same to
	// the system are the same program as long as a sandbox runs it. Windows tells
	// which file it is only when asked: now, not once another one has its path.
	os.SameFile(file, file)
	if f.file == nil || !os.SameFile(file, f.file) {
		f.file, f.bootstrap = file, bootstrap
		outdated = f.renew()
	}
	return outdated, nil
}

// start starts a sandbox, unless one has the program at bootstrap.
func (f *function) start(bootstrap string) error {
	return f.change(func() (outdated []*sandbox, err error) {
		outdated, err = f.take(bootstrap)
		f.warm = err == nil && !slices.ContainsFunc(slices.Collect(maps.Keys(f.sandboxes)), func(s *sandbox) bool {
			return s.generation == f.generation
		})
		return outdated, err
	})
}

// update replaces the configuration.
func (f *function) update(config Function) {
	f.change(func() (outdated []*sandbox, _ error) {
		if !f.config.sameAs(config) {
			outdated = f.renew()
		}
		f.config = config
		return outdated, nil
	})
}

// remove lets the queued events be served, and no more.
func (f *function) remove() {
	f.change(func() ([]*sandbox, error) {
		f.removed = true
		return f.renew(), nil
	})
}

// renew begins another generation, and returns the sandboxes of the last one, to be
// retired. mu is held.
func (f *function) renew() []*sandbox {
	f.generation++
	f.backoff = backoff{}
	f.idle = nil
	return slices.Collect(maps.Keys(f.sandboxes))
}

// schedule gives events to idle sandboxes, and starts others if they are too few.
func (f *function) schedule() {
	for {
		s, c := f.match()
		if s == nil {
			return
		}
		if s.handle(given, cause{call: c}) != nil { // it has ended since
			f.requeue(c)
		}
	}
}

// match takes an idle sandbox and an event for it out of their queues. If no
// sandbox is idle, it starts one for each event that is left. A sandbox that has
// just responded counts as idle for a moment: otherwise every client that sends
// one request after another would get a second one.
func (f *function) match() (*sandbox, *call) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.pending) > 0 && len(f.idle) > 0 {
		s := f.idle[len(f.idle)-1]
		f.idle = f.idle[:len(f.idle)-1]
		return s, f.takeOldest()
	}
	f.grow(f.counts[responded] + f.counts[finishing])
	if f.growTimer == nil && f.mayGrow(0) {
		f.growTimer = time.AfterFunc(respondedGrace, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.growTimer = nil
			f.grow(0)
		})
	}
	return nil, nil
}

// mayGrow reports whether there are more events than sandboxes that are starting
// or, in number, free soon, and room for another one. mu is held.
func (f *function) mayGrow(free int) bool {
	most, live := f.pool.config.MaxSandboxes, len(f.sandboxes)-f.counts[stopping]
	if len(f.config.Debugger) > 0 {
		most, live = 1, len(f.sandboxes) // a debugger has one port, until it has ended
	}
	return (f.warm || f.counts[starting]+free < len(f.pending)) && live < most && !f.closed
}

// grow starts sandboxes for events that no sandbox will take which is starting or
// free soon. mu is held.
func (f *function) grow(free int) {
	for f.mayGrow(free) {
		s := newSandbox(f, f.config, f.bootstrap, f.generation)
		if !f.pool.start(s) {
			s.timer.Stop()
			f.failAll()
			return
		}
		f.sandboxes[s] = true
		f.counts[starting]++
		f.warm = false
	}
}

// moved records the new state of a sandbox.
func (f *function) moved(s *sandbox, from, to state) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[from]--
	f.counts[to]++
	switch {
	case from == idle:
		f.unpark(s)
	case from == starting && to == idle:
		f.backoff = backoff{}
	}
	if to == gone {
		delete(f.sandboxes, s)
	}
}

// park offers an idle sandbox to the queue. It reports false when the sandbox must
// not take another event.
func (f *function) park(s *sandbox) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s.generation != f.generation || f.removed && len(f.pending) == 0 {
		return false
	}
	f.unpark(s) // it may have asked twice
	f.idle = append(f.idle, s)
	return true
}

// unpark removes a sandbox from the queue, if it is there. mu is held.
func (f *function) unpark(s *sandbox) {
	f.idle = slices.DeleteFunc(f.idle, func(o *sandbox) bool { return o == s })
}

// requeue puts an event back at the head of the queue, unless its client went away.
func (f *function) requeue(c *call) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.isAbandoned() {
		return
	}
	f.pending = slices.Insert(f.pending, 0, c)
	if f.closed {
		f.failAll()
	}
}

// takeOldest removes the next event from the queue; nil if it is empty. mu is held.
func (f *function) takeOldest() *call {
	if len(f.pending) == 0 {
		return nil
	}
	c := f.pending[0]
	f.pending = slices.Delete(f.pending, 0, 1)
	return c
}

// abandon drops a waiting event whose client went away.
func (f *function) abandon(c *call) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pending = slices.DeleteFunc(f.pending, func(o *call) bool { return o == c })
}

// close fails the waiting events and all later ones.
func (f *function) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failAll()
}

// failAll is close. mu is held.
func (f *function) failAll() {
	f.closed = true
	for _, c := range f.pending {
		c.finish(outcome{err: ErrClosed})
	}
	f.pending = nil
}

// startFailed takes the oldest event, which fails because a sandbox could not
// start. It also returns how long the next start is held back, and how many have
// failed so far.
func (f *function) startFailed(started time.Time, why func(*call) *FunctionError) (c *call, err *FunctionError, wait time.Duration, failures int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c = f.takeOldest(); c == nil {
		c = newCall(Invocation{}) // its client went away
	}
	err = why(c)
	wait = f.backoff.countFailure(started, err)
	return c, err, wait, f.backoff.failures
}

// A backoff holds back a function that fails to start again and again.
type backoff struct {
	failures int
	last     time.Time
	until    time.Time
	err      *FunctionError
}

// countFailure counts a failure of a sandbox started at that time and returns how
// long to wait. Sandboxes that were started together count once.
func (b *backoff) countFailure(started time.Time, err *FunctionError) time.Duration {
	b.err = err
	if started.Before(b.last) {
		return 0
	}
	b.failures++
	b.last = time.Now()
	if b.failures < 3 {
		return 0
	}
	wait := 3 * time.Second
	if doublings := b.failures - 3; doublings < 5 { // from 37 on, the shift would overflow
		wait = 100 * time.Millisecond << doublings
	}
	b.until = b.last.Add(wait)
	return wait
}

// check returns the last error while it is too early for another try.
func (b *backoff) check(c *call) error {
	if b.err == nil || time.Now().After(b.until) {
		return nil
	}
	return &FunctionError{
		RequestID: c.id,
		Type:      b.err.Type,
		Message:   strings.ReplaceAll(b.err.Message, b.err.RequestID, c.id),
		Payload:   bytes.ReplaceAll(b.err.Payload, []byte(b.err.RequestID), []byte(c.id)),
	}
}
