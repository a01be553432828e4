package lambda

import (
	"context"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// maxHeader bounds a request's header; aws-lambda-go sends up to 1 MB of X-Ray
	// cause in it.
	maxHeader = 2 << 20

	headerTimeout = time.Minute // for a request's header, once its connection is open

	// connIdleTimeout is for a connection between two requests, while the function
	// runs. It is far longer than Lambda's limit, for functions under a debugger. A
	// process that ends closes its connections.
	connIdleTimeout = 24 * time.Hour
)

// A server is the Lambda Runtime API and the part of the Extensions API that
// runtimes use, for all sandboxes on one loopback port. The secret key after the
// port in AWS_LAMBDA_RUNTIME_API identifies a sandbox and keeps other programs out.
type server struct {
	pool     *Pool
	listener net.Listener
	http     http.Server
	serving  sync.WaitGroup // the listener and every connection
}

type connKey struct{}

func listen(p *Pool) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	v := &server{pool: p, listener: l}
	v.http = http.Server{
		Handler:           http.HandlerFunc(v.serve),
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       connIdleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(io.Discard, "", 0), // the error of an event says enough
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, conn)
		},
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				v.serving.Add(1)
			case http.StateClosed:
				v.serving.Done()
			}
		},
	}
	v.serving.Go(func() { v.http.Serve(l) }) // until close
	return v, nil
}

func (v *server) address() string { return v.listener.Addr().String() }

// close closes the port and every connection, and waits for their goroutines.
func (v *server) close() error {
	err := v.http.Close()
	v.serving.Wait()
	return err
}

// serve passes a request to the sandbox whose key it has.
func (v *server) serve(w http.ResponseWriter, r *http.Request) {
	key, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	s, response := v.pool.sandbox(key), notFound
	if s != nil {
		response = runtimeAPI{s}.serve(r, path)
	}
	if response == hangUp {
		panic(http.ErrAbortHandler)
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		panic(http.ErrAbortHandler)
	}
	if response.event == nil {
		response.write(w)
		return
	}
	// An event must not be lost with a process that ends before or during the write.
	if !s.claim(response.event, r.Context().Value(connKey{}).(net.Conn)) {
		panic(http.ErrAbortHandler)
	}
	if response.write(w) != nil || http.NewResponseController(w).Flush() != nil {
		s.handle(hungUp, cause{call: response.event})
		panic(http.ErrAbortHandler)
	}
}

// write writes the response without a Date, as AWS's Runtime API does.
func (a *runtimeResponse) write(w http.ResponseWriter) error {
	header := w.Header()
	maps.Copy(header, a.header)
	header["Date"] = nil
	header["Content-Type"] = []string{"application/json"}
	header["Content-Length"] = []string{strconv.Itoa(len(a.body))}
	w.WriteHeader(a.status)
	_, err := w.Write(a.body)
	return err
}
