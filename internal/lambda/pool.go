package lambda

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/shared/wire"
)

// ErrClosed is returned by Invoke after Close was called.
var ErrClosed = errors.New("lambda: closed")

// Config says what a Pool runs and how. Only Functions is required.
type Config struct {
	Functions []Function

	// Logs receives the output of functions and Lambda's START, END and REPORT
	// lines, whole lines in single writes. Only one goroutine at a time writes
	// to it. Nil drops everything.
	Logs io.Writer

	// Records writes Lambda's own lines as JSON if a function's
	// AWS_LAMBDA_LOG_FORMAT is JSON, as Lambda does.
	Records bool

	Region string // of ARNs; default app.DefaultRegion

	MaxSandboxes int           // processes of one function at a time; default 32
	IdleTimeout  time.Duration // how long a sandbox may be idle; default 5 minutes
	InitLimit    time.Duration // how long a process may take to start; default Lambda's 10 s
}

// A Pool runs functions. Its methods may be called concurrently.
type Pool struct {
	config   Config
	journal  *journal
	server   *server
	launcher *launcher
	watchdog *watchdog
	tag      string       // begins the tags of its sandboxes
	started  atomic.Int64 // how many sandboxes were

	ctx  context.Context // until Close
	stop context.CancelFunc

	updating  sync.Mutex // one Update at a time
	processes sync.WaitGroup
	closing   sync.Once
	closeErr  error

	// mu guards the fields below. No other lock is taken while it is held.
	mu        sync.Mutex
	functions map[string]*function
	sandboxes map[string]*sandbox // those with a process, by key
	closed    bool
}

// New opens the Runtime API on a loopback port. No process starts before the
// first event, or Start.
func New(config Config) (*Pool, error) {
	config.Region = cmp.Or(config.Region, app.DefaultRegion)
	config.MaxSandboxes = cmp.Or(config.MaxSandboxes, 32)
	config.IdleTimeout = cmp.Or(config.IdleTimeout, 5*time.Minute)
	config.InitLimit = cmp.Or(config.InitLimit, 10*time.Second)
	if config.MaxSandboxes < 0 || config.IdleTimeout < 0 || config.InitLimit < 0 {
		return nil, fmt.Errorf("lambda: MaxSandboxes %d, IdleTimeout %v and InitLimit %v must not be negative", config.MaxSandboxes, config.IdleTimeout, config.InitLimit)
	}
	if config.Logs == nil {
		config.Logs = io.Discard
	}
	p := &Pool{config: config, sandboxes: make(map[string]*sandbox)}
	p.ctx, p.stop = context.WithCancel(context.Background())
	if err := p.Update(config.Functions); err != nil {
		return nil, err
	}
	var err error
	if p.server, err = listen(p); err != nil {
		return nil, fmt.Errorf("lambda: runtime API: %w", err)
	}
	p.journal = newJournal(config.Logs)
	p.launcher = newLauncher()
	p.tag = strconv.FormatInt(1e11+rand.Int64N(1e11), 10)
	p.watchdog = newWatchdog(p.server.address()+"/", p.tag)
	return p, nil
}

// Update replaces the functions, as after a change of the template. Sandboxes
// of a function that differs in more than Build finish their event and end;
// others stay warm.
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
	p.updating.Lock()
	defer p.updating.Unlock()
	for name, f := range p.replace(next) {
		if config, ok := next[name]; ok {
			f.update(config)
		} else {
			f.remove()
		}
	}
	return nil
}

// replace makes next the functions; those that stay keep their sandboxes and
// waiting events. It returns the previous functions, with their old configuration.
func (p *Pool) replace(next map[string]Function) (before map[string]*function) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before = p.functions
	p.functions = make(map[string]*function, len(next))
	for name, config := range next {
		f := before[name]
		if f == nil {
			f = &function{pool: p, config: config, sandboxes: make(map[*sandbox]bool)}
		}
		p.functions[name] = f
	}
	return before
}

// Invoke runs one event in a function and returns its response once it is
// complete or, if the function streams, once it has begun. It waits for a
// sandbox if all are busy. If ctx is done first, Invoke returns its error
// and the function runs to its end, as in Lambda.
//
// The error is a *FunctionError, Function.Build's, ctx's, ErrClosed, or one that
// names an unknown function or an event over wire.MaxPayload.
func (p *Pool) Invoke(ctx context.Context, name string, event Invocation) (*Response, error) {
	if len(event.Payload) > wire.MaxPayload {
		return nil, fmt.Errorf("lambda: event of %d bytes exceeds Lambda's limit of %d", len(event.Payload), wire.MaxPayload)
	}
	f, bootstrap, err := p.build(ctx, name)
	if err != nil {
		return nil, err
	}
	if event.Built != nil {
		event.Built()
	}
	c := newCall(event)
	if err := f.submit(c, bootstrap); err != nil {
		c.logged(nil)
		return nil, err
	}
	select {
	case o := <-c.done:
		return o.response, o.err
	case <-ctx.Done():
		c.abandon() // before it leaves the queue, so that requeue does not bring it back
		f.abandon(c)
		return nil, ctx.Err()
	}
}

// Start starts a process of a function before its first event, unless one runs its
// current program. With a Debugger it starts when the one before has ended. The error
// is Function.Build's, ErrClosed, or names what is missing. What the start comes to is
// in the log.
func (p *Pool) Start(ctx context.Context, name string) error {
	f, bootstrap, err := p.build(ctx, name)
	if err != nil {
		return err
	}
	return f.start(bootstrap)
}

// build finds a function and builds it.
func (p *Pool) build(ctx context.Context, name string) (f *function, bootstrap string, err error) {
	p.mu.Lock()
	f, closed := p.functions[name], p.closed
	p.mu.Unlock()
	switch {
	case closed:
		return nil, "", ErrClosed
	case f == nil:
		return nil, "", fmt.Errorf("lambda: no function %q", name)
	}
	f.mu.Lock()
	build := f.config.Build
	f.mu.Unlock()
	bootstrap, err = build(ctx)
	return f, bootstrap, err
}

// start runs a sandbox, unless the pool is closed.
func (p *Pool) start(s *sandbox) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.sandboxes[s.key] = s
	p.processes.Go(s.run)
	return true
}

// sandbox returns the one whose process has the key; nil if none has.
func (p *Pool) sandbox(key string) *sandbox {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sandboxes[key]
}

// forget records that the process of s has ended, and reports whether the pool
// is still open.
func (p *Pool) forget(s *sandbox) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.sandboxes, s.key)
	return !p.closed
}

// Close ends every sandbox, fails the events under way with ErrClosed and
// returns when no process, port or goroutine of the pool is left and the log
// is written. Later calls only wait for that.
func (p *Pool) Close() error {
	p.closing.Do(func() {
		p.end()
		p.journal.end()
		p.processes.Wait() // with the API still open: a SIGTERM handler may flush through it
		killStrays(p.server.address()+"/", p.tag)
		p.launcher.close()
		p.watchdog.close()
		p.closeErr = p.server.close()
		p.journal.close()
	})
	return p.closeErr
}

// end ends every sandbox, and fails the events that wait or are under way.
func (p *Pool) end() {
	p.mu.Lock()
	p.closed = true
	functions, sandboxes := slices.Collect(maps.Values(p.functions)), slices.Collect(maps.Values(p.sandboxes))
	p.mu.Unlock()
	for _, f := range functions {
		f.close()
	}
	for _, s := range sandboxes {
		s.function.close() // it may have been removed from functions
		s.handle(closed, cause{outcome: outcome{err: ErrClosed}})
	}
	p.stop() // last: an event would fail with this in place of ErrClosed
}
