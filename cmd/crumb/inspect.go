package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/inspect"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

type inspectFlags struct {
	port int
	off  bool
}

func (f *inspectFlags) register(cmd *cobra.Command) {
	cmd.Flags().Var((*port)(&f.port), "inspect-port", "port of the inspector, the page that shows each cookie; 0 picks a free one")
	cmd.Flags().BoolVar(&f.off, "no-inspect", false, "do without the inspector")
	cmd.MarkFlagsMutuallyExclusive("inspect-port", "no-inspect")
}

// newInspector returns the inspector that shows jar; nil where there shall be none.
func (f *startFlags) newInspector(jar *useragent.Jar) *inspect.Inspector {
	if f.inspect.off {
		return nil
	}
	return inspect.New(jar, gateway.NewHosts(f.allowHosts))
}

// inspect serves the inspector on a port of its own, on loopback whatever --host
// is, until the servers are closed. The ports of the APIs come first.
func (s *servers) inspect(ctx context.Context) error {
	f, page := s.flags.inspect, s.cookies.page
	if page == nil {
		return nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(f.port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %d is in use: choose another with --inspect-port (0 picks a free one)", f.port)
	} else if err != nil {
		return err
	}
	s.inspector = &http.Server{
		Handler:           page,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelError),
	}
	s.inspectorURL = "http://" + l.Addr().String() + page.Path()
	go func() {
		if err := s.inspector.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
	return nil
}

// printInspector says where the inspector is. Its token is in no log.
func (s *servers) printInspector(w io.Writer) {
	if s.inspectorURL != "" {
		fmt.Fprintf(w, "Inspector on %s\n", s.inspectorURL)
	}
}
