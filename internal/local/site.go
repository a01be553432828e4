package local

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/hosts"
	"github.com/crumb-go/crumb/internal/inspect"
	"github.com/crumb-go/crumb/internal/token"
)

// An API is an API that is served.
type API struct {
	*app.API
	URL string // "http://127.0.0.1:3000"

	// StagePath is what AWS puts before each path when the API is deployed, such
	// as "/prod", or "". Local URLs do not have it.
	StagePath string

	// Key is the project's API key, which routes that require one accept because the
	// template has no other's value; "" when they do not. It is a secret.
	Key string

	// NotRun says why what guards a route cannot be checked here, which keeps the route
	// closed, or "".
	NotRun func(*app.Guard) string

	// Assumed is what events say of callers whose authorizer is skipped.
	Assumed authorizer.Assumed
}

// A site is what a Project serves: its APIs, and the inspector. Only its method
// servers is safe for concurrent use.
type site struct {
	options   Options
	newRoutes func(*app.API, authorizer.Config) (*gateway.Gateway, error)
	keyFile   string // of the project's API key
	trust     *token.Trust
	cookies   *cookieWatch
	failed    chan error // the error of the first server that failed

	inspector    *http.Server // nil: no inspector
	inspectorURL string

	mu   sync.Mutex
	apis []*apiServer // replaced as a whole, by update
}

func newSite(o Options, invoker gateway.Invoker, trust *token.Trust, debugging bool) *site {
	s := &site{options: o, trust: trust, cookies: newCookieWatch(o.Log), failed: make(chan error, 1)}
	if o.Inspect {
		s.cookies.page = inspect.New(&s.cookies.jar, hosts.New(o.AllowHosts))
	}
	s.newRoutes = func(api *app.API, c authorizer.Config) (*gateway.Gateway, error) {
		return gateway.New(api, invoker, gateway.Options{
			Door:        o.Door,
			Log:         o.Log,
			AllowHosts:  append(slices.Clone(o.AllowHosts), o.Host),
			NoTimeLimit: debugging,
			Authorizers: c,
			OnResponse:  s.cookies.response,
		})
	}
	return s
}

// update serves the APIs of a: running ones get their new routes, new ones get
// the next ports, and the ports of removed ones are closed. If it fails, nothing
// has changed.
func (s *site) update(ctx context.Context, a *app.App) error {
	if err := s.trust.Check(a); err != nil {
		return fmt.Errorf("--jwks: %w", err)
	}
	apis, err := s.choose(a)
	if err != nil {
		return err
	}
	routes, guards := make([]*gateway.Gateway, len(apis)), make([]authorizer.Config, len(apis))
	for i, api := range apis {
		if guards[i], err = s.guards(a, api); err != nil {
			return err
		}
		if routes[i], err = s.newRoutes(api, guards[i]); err != nil {
			return err
		}
	}
	before := s.servers()
	next, opened, err := s.listen(ctx, before, apis)
	if err != nil {
		closeAll(opened)
		return err
	}
	closeAll(slices.DeleteFunc(before, func(old *apiServer) bool { return slices.Contains(next, old) }))
	for i, server := range next {
		server.serves.Store(&served{API{apis[i], server.url, gateway.StagePath(apis[i], s.options.Door), guards[i].Key, routes[i].NotRun, guards[i].Assumed}, routes[i]})
	}
	for _, server := range opened {
		go s.serve(server.Server, server.listener)
	}
	s.mu.Lock()
	s.apis = next
	s.mu.Unlock()
	return nil
}

// choose lists the APIs to serve: those with a route, or the one of Options.API.
func (s *site) choose(a *app.App) ([]*app.API, error) {
	only := s.options.API
	apis := slices.DeleteFunc(slices.Clone(a.APIs), func(api *app.API) bool {
		return len(api.Routes) == 0 || only != "" && api.ID != only
	})
	switch {
	case len(apis) > 0:
		return apis, nil
	case only != "":
		return nil, fmt.Errorf("%s has no API %q with a route", a.File, only)
	}
	hint := ""
	for f := range a.Runnable() {
		hint = fmt.Sprintf("; crumb invoke %s --event FILE runs one with an event", f.ID)
		break
	}
	return nil, fmt.Errorf("%s has no function with an HTTP route%s", a.File, hint)
}

// listen finds the servers of apis in before, and opens the missing ones. An API
// that takes the place of another takes over its server: the port is in use until then.
func (s *site) listen(ctx context.Context, before []*apiServer, apis []*app.API) (all, opened []*apiServer, err error) {
	all = make([]*apiServer, len(apis))
	for i, api := range apis {
		if at := slices.IndexFunc(before, func(old *apiServer) bool { return old.serves.Load().ID == api.ID }); at >= 0 {
			all[i] = before[at]
		}
	}
	for i, api := range apis {
		if all[i] != nil {
			continue
		}
		port := s.nextPort(all)
		if at := slices.IndexFunc(before, func(old *apiServer) bool { return port != 0 && old.port == port }); at >= 0 {
			all[i] = before[at] // of an API that is gone
			continue
		}
		if all[i], err = listen(ctx, api.ID, port, s.options); err != nil {
			return nil, opened, err
		}
		opened = append(opened, all[i])
	}
	return all, opened, nil
}

// nextPort returns the first port from Options.Port on that is not in taken.
func (s *site) nextPort(taken []*apiServer) int {
	n := s.options.Port
	if n == 0 {
		return 0
	}
	for slices.ContainsFunc(taken, func(server *apiServer) bool { return server != nil && server.port == n }) {
		n++
	}
	return n
}

// servers returns a copy of the list.
func (s *site) servers() []*apiServer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.apis)
}

func (s *site) fail(err error) {
	select {
	case s.failed <- err:
	default:
	}
}

func (s *site) close() error {
	if s.inspector != nil {
		s.inspector.Close()
	}
	closeAll(s.servers())
	return nil
}

func closeAll(servers []*apiServer) {
	for _, server := range servers {
		server.Close()
		server.listener.Close() // of a server that was never started
	}
}
