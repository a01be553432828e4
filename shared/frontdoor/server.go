//go:build !lambda.norpc

package frontdoor

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/crumb-go/crumb/shared/wire"
)

// The limits of Start's HTTP server. They are those of AWS or a little more, as a
// handler counts on what AWS keeps away from it.
const (
	maxRequestHeaders = 64 << 10 // a load balancer's; API Gateway takes less

	headerTimeout  = 10 * time.Second
	requestTimeout = 30 * time.Second     // to read all of one
	writeTimeout   = 2 * wire.HTTPTimeout // from the end of the headers to that of the response
	idleTimeout    = 2 * time.Minute      // longer than load balancers keep a connection by default
	shutdownGrace  = 8 * time.Second      // docker stop kills after 10
)

// startServer serves h over HTTP until SIGINT or SIGTERM. A second signal ends the
// process at once.
func startServer(h http.Handler) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	host := "127.0.0.1"
	if os.Getenv("PORT") != "" {
		host = "" // a container's is published on purpose
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, cmp.Or(os.Getenv("PORT"), "8080")))
	if err != nil {
		return err
	}
	slog.Info("serving HTTP, as this is not Lambda", "address", l.Addr().String())
	return serveUntil(ctx, newServer(h), l)
}

func newServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           http.MaxBytesHandler(outside{h}, wire.MaxAPIBody),
		MaxHeaderBytes:    maxRequestHeaders,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelError),
	}
}

// serveUntil serves until ctx is done, and then until the requests under way have
// their responses.
func serveUntil(ctx context.Context, server *http.Server, l net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		server.Close()
		return fmt.Errorf("requests were broken off at shutdown: %w", err)
	}
	return nil
}

// outside is a handler without a door in front of it.
type outside struct{ http.Handler }

func (o outside) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name := range r.Header {
		if strings.HasPrefix(name, forgeable) {
			delete(r.Header, name)
		}
	}
	if lines := r.Header["Cookie"]; len(lines) > 1 {
		r.Header["Cookie"] = []string{strings.Join(lines, "; ")}
	}
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p != http.ErrAbortHandler {
			slog.ErrorContext(r.Context(), "handler panicked", "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
		}
		panic(http.ErrAbortHandler) // net/http breaks the response off, and would log any other value
	}()
	o.Handler.ServeHTTP(w, r)
}
