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
)

// An apiServer is an API on its port. The port stays when the template changes.
type apiServer struct {
	http.Server
	port     int // as requested; 0: any
	url      string
	listener net.Listener
	serves   atomic.Pointer[served]
}

// served is an API according to the current template.
type served struct {
	API
	routes http.Handler
}

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.serves.Load().routes.ServeHTTP(w, r)
}

// wsaEADDRINUSE is the error of sockets on Windows, where EADDRINUSE differs.
const wsaEADDRINUSE = syscall.Errno(10048)

func inUse(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, wsaEADDRINUSE)
}

// listen opens the port of an API.
func listen(ctx context.Context, id string, port int, o Options) (*apiServer, error) {
	if port > math.MaxUint16 {
		return nil, fmt.Errorf("%s would get port %d, but the last is %d: pass a lower --port", id, port, math.MaxUint16)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(o.Host, strconv.Itoa(port)))
	if inUse(err) {
		return nil, fmt.Errorf("port %d is in use (needed for %s): stop the process using it or pass another --port (0 = any free port)", port, id)
	} else if err != nil {
		return nil, err
	}
	s := &apiServer{port: port, listener: l, url: "http://" + l.Addr().String()}
	if o.TLS != nil {
		s.url = "https://" + l.Addr().String()
	}
	s.Handler = s
	s.ErrorLog = slog.NewLogLogger(o.Log.Handler(), slog.LevelError)
	s.TLSConfig = o.TLS.Clone()
	return s, nil
}

// serve serves an API until its server is closed.
func (s *site) serve(server *apiServer) {
	var err error
	if s.options.TLS != nil {
		err = server.ServeTLS(server.listener, "", "")
	} else {
		err = server.Serve(server.listener)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		s.fail(err)
	}
}
