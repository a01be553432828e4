package lambda

import (
	"context"
	"maps"
	"os"
	"slices"
	"sync"
	"time"
)

// respondedGrace is how long a sandbox may take from its response to its request
// for the next event before others are started in its place.
const respondedGrace = 5 * time.Millisecond

// A function is a Function, the events that wait for it, and what its sandboxes
// are doing.
type function struct {
	pool    *Pool
	program program

	// mu guards what follows. A sandbox's lock may be held when it is taken, never
	// the other way round.
	mu         sync.Mutex
	config     Function
	bootstrap  string // what new sandboxes run
	generation int    // counts changes of bootstrap and configuration
	removed    bool   // no longer in the template
	closed     bool   // nothing is started any more

	pending   []*call           // events that no sandbox has yet, oldest first
	sandboxes map[*sandbox]bool // those that have not ended
	counts    [states]int       // of sandboxes in each state
	idle      []*sandbox        // waiting for an event, the last used at the end
	growTimer *time.Timer       // runs while events wait for sandboxes that have responded
	backoff   backoff
	warned    bool // of what the program is made with
}

// A program is the file that a function runs.
type program struct {
	mu   sync.Mutex
	file os.FileInfo // its identity
}

// use calls change if another file is to run than before. The look at the file and
// change are one for all callers: what is seen last is what runs.
func (p *program) use(bootstrap string, change func()) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	file, err := os.Stat(bootstrap)
	if err != nil {
		return err
	}
	// A running program keeps its inode, so two files that are the same to
	// the system are the same program as long as a sandbox runs it.
	if p.file == nil || !os.SameFile(file, p.file) {
		p.file = file
		change()
	}
	return nil
}

// submit queues c, for which the program is at bootstrap, and finds it a sandbox.
func (f *function) submit(c *call, bootstrap string) error {
	var outdated []*sandbox
	err := f.program.use(bootstrap, func() {
		outdated = f.renew(func() { f.bootstrap = bootstrap })
	})
	if err != nil {
		return c.failure("Runtime.InvalidEntrypoint", "Couldn't find valid bootstrap(s): [%s]", bootstrap)
	}
	retire(outdated)
	if err := f.enqueue(c); err != nil {
		return err
	}
	f.schedule()
	return nil
}

func (f *function) enqueue(c *call) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return ErrClosed
	}
	if err := f.backoff.check(c); err != nil {
		return err
	}
	f.pending = append(f.pending, c)
	return nil
}

// update replaces the configuration.
func (f *function) update(config Function) {
	f.mu.Lock()
	same := f.config.sameAs(config)
	f.config.Build = config.Build
	f.mu.Unlock()
	if !same {
		retire(f.renew(func() { f.config = config }))
		f.schedule()
	}
}

// remove lets what is queued be served, and no more.
func (f *function) remove() {
	retire(f.renew(func() { f.removed = true }))
	f.schedule()
}

// renew changes what new sandboxes run, and returns the present ones, to be
// retired.
func (f *function) renew(change func()) []*sandbox {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	f.generation++
	f.backoff = backoff{}
	f.idle = nil
	return slices.Collect(maps.Keys(f.sandboxes))
}

// retire ends the sandboxes that have no event, and keeps the others from taking
// another.
func retire(sandboxes []*sandbox) {
	for _, s := range sandboxes {
		s.handle(retired, cause{})
	}
}

// schedule hands events to idle sandboxes, and has others started.
func (f *function) schedule() {
	for {
		s, c := f.match()
		if s == nil {
			return
		}
		if s.handle(given, cause{call: c}) != nil { // it has come to its end
			f.requeue(c)
		}
	}
}

// match takes an idle sandbox and an event for it out of their queues. Where there
// is no sandbox, match starts one for each event that is left. One that has just
// responded counts as idle for a moment, or every client that asks one thing after
// another would get a second sandbox.
func (f *function) match() (*sandbox, *call) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.pending) > 0 && len(f.idle) > 0 {
		s, c := f.idle[len(f.idle)-1], f.pending[0]
		f.idle = f.idle[:len(f.idle)-1]
		f.pending = slices.Delete(f.pending, 0, 1)
		return s, c
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

// mayGrow reports whether there are more events than sandboxes that are starting,
// or free soon, and room for another one. mu is held.
func (f *function) mayGrow(free int) bool {
	live := 0
	for _, n := range f.counts[:stopping] {
		live += n
	}
	return f.counts[starting]+free < len(f.pending) && live < f.maxSandboxes() && !f.closed
}

// maxSandboxes is how many there may be. mu is held.
func (f *function) maxSandboxes() int {
	if len(f.config.Debugger) > 0 {
		return 1 // a debugger listens on one port
	}
	return f.pool.config.MaxSandboxes
}

// grow starts sandboxes for the events that those which are starting, or free
// soon, will not take. mu is held.
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
	}
}

// moved takes note of what a sandbox does now.
func (f *function) moved(s *sandbox, from, to state) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[from]--
	f.counts[to]++
	if from == idle {
		f.unpark(s)
	}
	if to == gone {
		delete(f.sandboxes, s)
	}
}

// park offers an idle sandbox to the queue. It reports false when the sandbox must
// not take another event.
func (f *function) park(s *sandbox, generation int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if generation != f.generation || f.removed && len(f.pending) == 0 {
		return false
	}
	f.unpark(s) // it may have asked twice
	f.idle = append(f.idle, s)
	return true
}

// unpark takes a sandbox out of the queue, if it is there. mu is held.
func (f *function) unpark(s *sandbox) {
	f.idle = slices.DeleteFunc(f.idle, func(o *sandbox) bool { return o == s })
}

// requeue puts an event back where it was taken.
func (f *function) requeue(c *call) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pending = slices.Insert(f.pending, 0, c)
	if f.closed {
		f.failAll()
	}
}

// takeOldest takes the next event out of the queue; nil when it is empty.
func (f *function) takeOldest() *call {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.pending) == 0 {
		return nil
	}
	c := f.pending[0]
	f.pending = slices.Delete(f.pending, 0, 1)
	return c
}

// abandon drops an event that waits and whose client went away.
func (f *function) abandon(c *call) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pending = slices.DeleteFunc(f.pending, func(o *call) bool { return o == c })
}

// close fails what waits, and whatever would come.
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

func (f *function) startSucceeded() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.backoff = backoff{}
}

// startFailed returns how long the next start is held back, and how many have
// failed by now.
func (f *function) startFailed(started time.Time, err *FunctionError) (time.Duration, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	wait := f.backoff.fail(started, err)
	return wait, f.backoff.failures
}

// build is the present Build.
func (f *function) build() func(context.Context) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.config.Build
}

// warnOnce reports whether it is called for the first time.
func (f *function) warnOnce() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	first := !f.warned
	f.warned = true
	return first
}
