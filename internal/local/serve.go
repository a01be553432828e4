package local

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Listen opens the ports of the project's APIs, and of the inspector, and serves
// them until Close. It is called once, and fails if a function does not compile.
func (p *Project) Listen(ctx context.Context) error {
	a := p.app()
	if err := p.site.update(ctx, a); err != nil {
		return err
	}
	if err := p.site.inspect(ctx); err != nil {
		return err
	}
	endBySave := func() {}
	if p.options.Watch {
		endBySave = p.builds.endBySave(a)
	}
	err := p.progress.during(func() error { return p.builds.check(ctx, a) })
	endBySave()
	if err != nil {
		return err
	}
	if !p.options.Watch {
		return nil
	}
	if p.watcher, err = newWatcher(p.options.Log, p.reports, p.read.files); err != nil {
		return notWatching(err)
	}
	p.closers = append(p.closers, p.watcher.files.Close)
	return nil
}

func notWatching(err error) error {
	return fmt.Errorf("watch files: %w (disable with --no-watch)", err)
}

// APIs returns those that Listen serves, in the order of the template; with
// Options.Watch, of the current template.
func (p *Project) APIs() []API {
	var all []API
	for _, server := range p.site.servers() {
		all = append(all, server.serves.Load().API)
	}
	return all
}

// InspectorURL returns where Listen serves the inspector, "" without
// Options.Inspect. Its path has a token, which is a secret.
func (p *Project) InspectorURL() string { return p.site.inspectorURL }

// Serve builds all functions and, with Options.Watch, follows saved changes,
// until ctx is done. The error is that of a server that failed.
func (p *Project) Serve(ctx context.Context) error {
	began := time.Now()
	ctx, stop := context.WithCancel(ctx)
	var watching sync.WaitGroup
	defer watching.Wait() // it may still open ports, which Close closes
	defer stop()
	for _, s := range sourcesOf(p.app()) {
		go p.builds.build(ctx, s) // ideally before the first request
	}
	p.startDebugged(ctx)
	if p.watcher != nil {
		_, err := p.findSources(ctx)
		if err != nil && ctx.Err() == nil {
			return notWatching(err)
		}
		if p.watcher.savedSince(began) { // before it was watched
			p.markStale()
		}
		watching.Go(func() {
			p.watcher.run(ctx, p.markStale, func(config bool) { p.settle(ctx, config) })
		})
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-p.site.failed:
		return err
	}
}

// markStale lets the next request get what changed sources give: the program, and what an
// authorizer says.
func (p *Project) markStale() {
	p.builds.builder.MarkStale()
	for _, server := range p.site.servers() {
		server.serves.Load().routes.Forget()
	}
}

func (p *Project) findSources(ctx context.Context) (found bool, err error) {
	sources, err := p.Sources(ctx)
	if err != nil {
		return false, err
	}
	return p.watcher.add(sources)
}

// settle applies a burst of changes. With config set, the template or one of its
// configuration files is among them.
func (p *Project) settle(ctx context.Context, config bool) {
	if config {
		err := p.reload(ctx)
		if p.options.OnReload != nil {
			p.options.OnReload(err)
		}
	}
	found, err := p.findSources(ctx)
	switch {
	case errors.Is(err, context.Canceled): // by the next change, or the end
		return
	case err != nil:
		p.options.Log.Warn("watch", "error", err)
	}
	if found {
		p.markStale() // sources may have changed before they were watched
	}
	p.builds.startUsed(ctx, sourcesOf(p.app()))
	p.startDebugged(ctx)
}

// reload reads the template again. If it has a mistake, the old one is still
// served.
func (p *Project) reload(ctx context.Context) error {
	read, err := p.readTemplate(ctx)
	if err != nil {
		return fmt.Errorf("%w (still serving the last valid version)", err)
	}
	functions, err := p.take(read)
	if err == nil {
		err = p.pool.Update(functions)
	}
	if watchErr := p.watcher.follow(read.files); watchErr != nil {
		p.options.Log.Warn("file watcher failed", "error", watchErr)
	}
	return errors.Join(err, p.site.update(ctx, read.app))
}
