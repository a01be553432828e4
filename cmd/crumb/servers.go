package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// servers are the running APIs of one "crumb start".
type servers struct {
	flags   startFlags
	invoker gateway.Invoker
	log     *slog.Logger
	cookies *cookieWatch
	list    []*server
	failed  chan error // what ended a server that nobody stopped

	inspector    *http.Server // nil: there is none
	inspectorURL string
}

// A server is one API on its port. The port stays when the template changes.
type server struct {
	http.Server
	api      string
	port     int // as asked for; 0: any
	listener net.Listener
	secure   bool // speaks TLS
	handler  atomic.Pointer[http.Handler]
	routes   []string // as printed
	stage    string   // what AWS puts before each path, "/prod", or ""
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*s.handler.Load()).ServeHTTP(w, r)
}

func (s *server) url() string {
	scheme := "http"
	if s.secure {
		scheme = "https"
	}
	return scheme + "://" + s.listener.Addr().String()
}

// update serves the APIs of template: those that run already take their new
// routes, new ones get the next ports, and ports of those that went are closed.
// Where it fails nothing has changed.
func (s *servers) update(ctx context.Context, template *app.App) (err error) {
	apis, err := s.flags.selectAPIs(template)
	if err != nil {
		return err
	}
	handlers := make([]http.Handler, len(apis))
	for i, api := range apis {
		if handlers[i], err = s.newHandler(api); err != nil {
			return err
		}
	}
	next, fresh := make([]*server, len(apis)), []*server{}
	for i, api := range apis {
		next[i] = s.find(api.ID)
	}
	defer func() {
		if err != nil {
			closeAll(fresh)
		}
	}()
	for i, api := range apis {
		if next[i] == nil {
			if next[i], err = s.listen(ctx, api.ID, s.nextPort(next)); err != nil {
				return err
			}
			fresh = append(fresh, next[i])
		}
	}
	for _, old := range s.list {
		if !slices.Contains(next, old) {
			old.Close()
		}
	}
	for i, srv := range next {
		srv.routes = routeLines(srv.url(), apis[i])
		srv.stage = gateway.StagePath(apis[i], frontdoor.Door(s.flags.door))
		srv.handler.Store(&handlers[i])
	}
	for _, srv := range fresh {
		go s.serve(srv)
	}
	s.list = next
	return nil
}

// nextPort is the first from --port on that none of taken has.
func (s *servers) nextPort(taken []*server) int {
	if s.flags.port == 0 {
		return 0
	}
	n := s.flags.port
	for slices.ContainsFunc(taken, func(srv *server) bool { return srv != nil && srv.port == n }) {
		n++
	}
	return n
}

func (s *servers) newHandler(api *app.API) (http.Handler, error) {
	return gateway.New(api, s.invoker, gateway.Options{
		Door:                    frontdoor.Door(s.flags.door),
		Log:                     s.log,
		AllowHosts:              append(slices.Clone(s.flags.allowHosts), s.flags.host),
		NoTimeLimit:             s.flags.debug.on(),
		InsecureSkipAuthorizers: s.flags.insecureSkipAuthorizers,
		OnResponse:              s.cookies.answer,
	})
}

func (s *servers) find(api string) *server {
	for _, srv := range s.list {
		if srv.api == api {
			return srv
		}
	}
	return nil
}

// wsaEADDRINUSE is what EADDRINUSE is not on Windows: the error of its sockets.
const wsaEADDRINUSE = syscall.Errno(10048)

// listen opens the port of an API.
func (s *servers) listen(ctx context.Context, api string, port int) (*server, error) {
	if port > math.MaxUint16 {
		return nil, fmt.Errorf("%s would get port %d, and the last is %d: choose a lower --port", api, port, math.MaxUint16)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(s.flags.host, strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, wsaEADDRINUSE) {
		return nil, fmt.Errorf("port %d is in use, and %s needs it: stop who has it, or choose another with --port (0 picks free ones)", port, api)
	} else if err != nil {
		return nil, err
	}
	srv := &server{api: api, port: port, listener: l}
	srv.Handler = srv
	srv.ErrorLog = slog.NewLogLogger(s.log.Handler(), slog.LevelError)
	if srv.TLSConfig, err = s.flags.tlsConfig(); err != nil {
		l.Close()
		return nil, err
	}
	srv.secure = srv.TLSConfig != nil
	return srv, nil
}

func (s *servers) serve(srv *server) {
	var err error
	if srv.secure {
		err = srv.ServeTLS(srv.listener, "", "")
	} else {
		err = srv.Serve(srv.listener)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		s.failed <- err
	}
}

// print writes one line a route and where the APIs listen.
func (s *servers) print(w io.Writer) {
	for _, line := range s.routes() {
		fmt.Fprintln(w, line)
	}
	var urls []string
	for _, srv := range s.list {
		urls = append(urls, srv.url())
	}
	fmt.Fprintf(w, "Listening on %s (Ctrl-C stops)\n", strings.Join(urls, " "))
}

// printStages says which APIs have a stage in their URLs when deployed, which those
// here have not.
func (s *servers) printStages(w io.Writer) {
	for _, srv := range s.list {
		if srv.stage != "" {
			fmt.Fprintf(w, "%s: deployed, the URL begins with %s, which a link or redirect to /... would lose\n", srv.api, srv.stage)
		}
	}
}

// routes are the lines that print writes of routes.
func (s *servers) routes() []string {
	var lines []string
	for _, srv := range s.list {
		lines = append(lines, srv.routes...)
	}
	return lines
}

func routeLines(url string, api *app.API) []string {
	var lines []string
	for _, r := range api.Routes {
		path := strings.Replace(r.Path, "$default", "/*", 1)
		lines = append(lines, fmt.Sprintf("%s  %s%s  %s", r.Method, url, path, r.Function.ID))
	}
	return lines
}

func (s *servers) close() {
	if s.inspector != nil {
		s.inspector.Close()
	}
	closeAll(s.list)
}

func closeAll(list []*server) {
	for _, srv := range list {
		srv.Close()
		srv.listener.Close() // of one that never served
	}
}
