package lambda

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/shared/wire"
)

// answeredGrace is how long a sandbox may take from its answer to its request
// for the next event before others are started in its place.
const answeredGrace = 5 * time.Millisecond

// ErrClosed is what Invoke returns once Close was called.
var ErrClosed = errors.New("lambda: closed")

// Config says what a Pool runs and how. Only Functions is required.
type Config struct {
	Functions []Function

	// Logs receives what functions print and Lambda's START, END and REPORT
	// lines, whole lines in single writes. It is never written to by two
	// goroutines at once. Nil drops everything.
	Logs io.Writer

	// Records writes Lambda's own lines as JSON where a function's
	// AWS_LAMBDA_LOG_FORMAT is JSON, as Lambda does.
	Records bool

	Region    string // of ARNs; default app.DefaultRegion
	AccountID string // default app.DefaultAccountID

	MaxSandboxes int           // processes of one function at a time; default 32
	IdleTimeout  time.Duration // a sandbox without an event for so long ends; default 5 minutes
	InitLimit    time.Duration // how long a process may take to start; default Lambda's 10 s
}

// A Pool runs functions. Its methods may be called concurrently.
type Pool struct {
	config   Config
	journal  *journal
	server   *server
	launcher *launcher
	watchdog *watchdog

	// mu guards what follows and every field of functions, sandboxes and
	// calls that says so. Nothing slow happens under it.
	mu        sync.Mutex
	functions map[string]*function
	sandboxes map[string]*sandbox // those with a process, by key
	closed    bool

	processes sync.WaitGroup
	closing   sync.Once
	closeErr  error
}

// A function is a Function and its sandboxes. Pool.mu guards it.
type function struct {
	Function
	bootstrap  string      // what new sandboxes run
	file       os.FileInfo // and its identity
	generation int         // counts changes of bootstrap and configuration
	removed    bool        // no longer in the template

	pending  []*call     // events that no sandbox has yet, oldest first
	idle     []*sandbox  // waiting for an event, the last used at the end
	starting int         // sandboxes before their first next
	answered int         // sandboxes between their answer and the next next
	live     int         // all sandboxes that may still take an event
	hurry    *time.Timer // runs while events wait for those that have answered
	backoff  backoff

	warned bool // of what it is made with
}

// New opens the Runtime API on a loopback port. No process is started before
// the first event.
func New(config Config) (*Pool, error) {
	config.Region = cmp.Or(config.Region, app.DefaultRegion)
	config.AccountID = cmp.Or(config.AccountID, app.DefaultAccountID)
	config.MaxSandboxes = cmp.Or(config.MaxSandboxes, 32)
	config.IdleTimeout = cmp.Or(config.IdleTimeout, 5*time.Minute)
	config.InitLimit = cmp.Or(config.InitLimit, 10*time.Second)
	if config.MaxSandboxes < 0 || config.IdleTimeout < 0 || config.InitLimit < 0 {
		return nil, fmt.Errorf("lambda: MaxSandboxes %d, IdleTimeout %v and InitLimit %v must not be negative", config.MaxSandboxes, config.IdleTimeout, config.InitLimit)
	}
	if config.Logs == nil {
		config.Logs = io.Discard
	}
	p := &Pool{
		config:    config,
		functions: make(map[string]*function),
		sandboxes: make(map[string]*sandbox),
	}
	p.journal = newJournal(config.Logs)
	if err := p.Update(config.Functions); err != nil {
		p.journal.close()
		return nil, err
	}
	var err error
	if p.server, err = listen(p); err != nil {
		p.journal.close()
		return nil, fmt.Errorf("lambda: runtime API: %w", err)
	}
	p.launcher = newLauncher()
	p.watchdog = newWatchdog(p.server.address() + "/")
	return p, nil
}

// Update replaces the functions, as after a change of the template. Sandboxes
// of a function that differs in more than Build finish their event and end;
// the others stay warm.
func (p *Pool) Update(functions []Function) error {
	next := make(map[string]Function, len(functions))
	for _, f := range functions {
		if err := f.complete(); err != nil {
			return err
		}
		if _, ok := next[f.Name]; ok {
			return fmt.Errorf("lambda: two functions are named %q", f.Name)
		}
		next[f.Name] = f
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, old := range p.functions {
		if _, ok := next[name]; !ok {
			old.removed = true
			p.renew(old)
			delete(p.functions, name)
		}
	}
	for name, f := range next {
		old, ok := p.functions[name]
		if !ok {
			p.functions[name] = &function{Function: f}
			continue
		}
		same := old.sameAs(f)
		old.Function = f
		if !same {
			p.renew(old)
		}
	}
	return nil
}

// renew ends the sandboxes of f that have no event, and keeps the others from
// taking another. Pool.mu is held.
func (p *Pool) renew(f *function) {
	f.generation++
	f.backoff = backoff{}
	for _, s := range p.sandboxes {
		if s.function == f && s.state != busy {
			s.kill()
		}
	}
	p.schedule(f)
}

// Invoke runs one event in a function and returns its answer once that is
// complete, or, when the function streams, once it has begun. It waits for a
// sandbox if all are busy. When ctx is done first, Invoke returns its error
// and the function runs on to its end, as in Lambda.
//
// Errors are a *FunctionError, what Function.Build returned, ctx's error,
// ErrClosed, or one that names an unknown function or an event over wire.MaxPayload.
func (p *Pool) Invoke(ctx context.Context, name string, event Invocation) (*Response, error) {
	if len(event.Payload) > wire.MaxPayload {
		return nil, fmt.Errorf("lambda: an event of %d bytes is over Lambda's limit of %d", len(event.Payload), wire.MaxPayload)
	}
	p.mu.Lock()
	f, ok := p.functions[name]
	if !ok || p.closed {
		closed := p.closed
		p.mu.Unlock()
		if closed {
			return nil, ErrClosed
		}
		return nil, fmt.Errorf("lambda: no function %q", name)
	}
	build := f.Build
	p.mu.Unlock()

	bootstrap, err := build(ctx)
	if err != nil {
		return nil, err
	}
	if event.Built != nil {
		event.Built()
	}
	c := newCall(event)
	if err := p.submit(f, c, bootstrap); err != nil {
		return nil, err
	}
	select {
	case o := <-c.done:
		return o.response, o.err
	case <-ctx.Done():
		p.abandon(f, c)
		return nil, ctx.Err()
	}
}

// submit queues c for f, whose program is bootstrap now, and finds it a sandbox.
func (p *Pool) submit(f *function, c *call, bootstrap string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	file, err := os.Stat(bootstrap) // under mu, so that what is seen last is the newest
	if err != nil {
		return c.failure("Runtime.InvalidEntrypoint", "Couldn't find valid bootstrap(s): [%s]", bootstrap)
	}
	// A running program keeps its inode, so two files that are the same to
	// the system are the same program as long as a sandbox runs it.
	if f.file == nil || !os.SameFile(file, f.file) {
		f.bootstrap, f.file = bootstrap, file
		p.renew(f)
	}
	if err := f.backoff.check(c); err != nil {
		return err
	}
	f.pending = append(f.pending, c)
	p.schedule(f)
	return nil
}

// schedule hands pending events to idle sandboxes and starts a sandbox for
// each event that is left. A sandbox that has just answered counts as idle for
// a moment, or every client that asks one thing after another would get a
// second sandbox. Pool.mu is held.
func (p *Pool) schedule(f *function) {
	for len(f.pending) > 0 && len(f.idle) > 0 {
		s, c := f.idle[len(f.idle)-1], f.pending[0]
		f.pending = slices.Delete(f.pending, 0, 1)
		s.assign(c)
	}
	p.grow(f, f.answered)
	if f.hurry == nil && f.starting < len(f.pending) && f.live < p.most(f) {
		f.hurry = time.AfterFunc(answeredGrace, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			f.hurry = nil
			p.grow(f, 0)
		})
	}
}

// most is how many sandboxes f may have.
func (p *Pool) most(f *function) int {
	if len(f.Debugger) > 0 {
		return 1 // a debugger listens on one port
	}
	return p.config.MaxSandboxes
}

// grow starts sandboxes for the pending events that neither those which are
// starting nor those soon free will take. Pool.mu is held.
func (p *Pool) grow(f *function, free int) {
	for !p.closed && f.starting+free < len(f.pending) && f.live < p.most(f) {
		p.start(f)
	}
}

// abandon forgets a call whose client went away: one that waits is dropped,
// one that runs finishes unheard.
func (p *Pool) abandon(f *function, c *call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.pending = slices.DeleteFunc(f.pending, func(o *call) bool { return o == c })
	c.abandoned = true
	select {
	case o := <-c.done:
		o.discard()
	default:
	}
}

// Close ends every sandbox, fails the events under way with ErrClosed and
// returns when no process, port or goroutine of the pool is left and the log
// is written. Closing again only waits for that.
func (p *Pool) Close() error {
	p.closing.Do(func() {
		p.shut()
		p.journal.end()
		p.processes.Wait() // with the API still open: a SIGTERM handler may flush through it
		killStrays(p.server.address() + "/")
		p.launcher.close()
		p.watchdog.close()
		p.closeErr = p.server.close()
		p.journal.close()
	})
	return p.closeErr
}

func (p *Pool) shut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, f := range p.functions {
		f.refusePending()
	}
	for _, s := range p.sandboxes {
		s.function.refusePending() // it may be removed
		if s.state == busy {
			s.current.finish(outcome{err: ErrClosed})
			s.report(s.current, nil)
		}
		s.kill()
	}
}

// refusePending fails what waits. Pool.mu is held.
func (f *function) refusePending() {
	for _, c := range f.pending {
		c.finish(outcome{err: ErrClosed})
	}
	f.pending = nil
}
