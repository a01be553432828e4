package local

import (
	"log/slog"
	"strings"
	"sync"
	"time"
)

// A progress says what compilers are doing while something waits for them: to show, or
// without it to the log, after two seconds and then every five.
type progress struct {
	log  *slog.Logger
	show func(packages int, now string) // as Options.OnCompile

	mu       sync.Mutex
	active   bool
	packages int
	now      string // what the go command or make printed last
}

// during runs f, for which something waits.
func (p *progress) during(f func() error) error {
	const first, next = 2 * time.Second, 5 * time.Second
	p.mu.Lock()
	p.active, p.packages, p.now = true, 0, ""
	p.mu.Unlock()
	tick := time.NewTimer(first) // when little has changed since the last start, it never ticks
	ended := make(chan error)
	go func() { ended <- f() }()
	for {
		select {
		case err := <-ended:
			tick.Stop()
			p.mu.Lock()
			defer p.mu.Unlock()
			p.active = false
			if p.show != nil {
				p.show(0, "")
			}
			return err
		case <-tick.C:
			tick.Reset(next)
			p.mu.Lock()
			if p.show == nil {
				p.log.Info("compiling; the first time takes a minute or more", "packages", p.packages, "doing", p.now)
			}
			p.mu.Unlock()
		}
	}
}

// said takes a line of the go command, which names each package that it compiles, or of
// make.
func (p *progress) said(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.active {
		return
	}
	if p.now = line; !strings.Contains(line, " ") {
		p.packages++
	}
	if p.show != nil {
		p.show(p.packages, line)
	}
}
