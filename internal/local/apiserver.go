package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/servetls"
	"github.com/crumb-go/crumb/internal/spelling"
)

// An apiServer is an API on its port. The port stays when the template changes.
type apiServer struct {
	*http.Server
	port     int // as requested; 0: any
	url      string
	listener net.Listener
	serves   atomic.Pointer[served]
}

// served is an API according to the current template.
type served struct {
	API
	routes *gateway.Gateway
}

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.serves.Load().routes.ServeHTTP(w, r)
}

const loopback = "127.0.0.1"

// How long a client may take for a request's header, and between two requests.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
)

// The errors of sockets on Windows, where those of package syscall differ.
const (
	wsaEACCES     = syscall.Errno(10013)
	wsaEADDRINUSE = syscall.Errno(10048)
)

// listenOn opens a port. If it is in use or reserved, as those below 1024 or on Windows
// those of Hyper-V and Docker, the error is busy.
func listenOn(ctx context.Context, host string, port int, busy error) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	for _, taken := range []error{syscall.EADDRINUSE, wsaEADDRINUSE, syscall.EACCES, wsaEACCES} {
		if errors.Is(err, taken) {
			return nil, busy
		}
	}
	return l, err
}

// listen opens the port of an API.
func listen(ctx context.Context, id string, port int, o Options) (*apiServer, error) {
	if port > math.MaxUint16 {
		return nil, fmt.Errorf("%s would get port %d, but the last is %d: pass a lower --port", id, port, math.MaxUint16)
	}
	l, err := listenOn(ctx, o.Host, port, fmt.Errorf("port %d is in use or reserved (needed for %s): stop the process using it or pass another --port (0 = any free port)", port, id))
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	if tcp := l.Addr().(*net.TCPAddr); tcp.IP.IsUnspecified() {
		address = net.JoinHostPort(loopback, strconv.Itoa(tcp.Port)) // no browser opens [::]
		o.Log.Warn("listening on every address of this machine")
	}
	s := &apiServer{port: port, url: "http://" + address}
	if o.TLS != nil {
		s.url = "https://" + address
		l = servetls.NewListener(l, o.TLS, headerTimeout)
	}
	s.Server = newServer(s, o.Log)
	s.TLSConfig = o.TLS.Clone()
	s.listener = spelling.Keep(s.Server, l)
	return s, nil
}

// newServer returns a server with the time limits of all, which logs its errors.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelError),
	}
}

// serve serves until the server is closed.
func (s *site) serve(server *http.Server, l net.Listener) {
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		s.fail(err)
	}
}

// inspect serves the inspector on a separate port, on loopback whatever
// Options.Host is, until the site is closed. The ports of the APIs take
// precedence.
func (s *site) inspect(ctx context.Context) error {
	o := &s.options
	if s.cookies.page == nil {
		return nil
	}
	l, err := listenOn(ctx, loopback, o.InspectPort, fmt.Errorf("port %d is in use or reserved: pass another --inspect-port (0 = any free port)", o.InspectPort))
	if err != nil {
		return err
	}
	s.inspector = newServer(s.cookies.page, o.Log)
	s.inspectorURL = "http://" + l.Addr().String() + s.cookies.page.Path()
	go s.serve(s.inspector, l)
	return nil
}
