package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/inspect"
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

// inspect serves the inspector on a port of its own, on loopback whatever --host
// is, until the servers are closed.
func (s *servers) inspect(ctx context.Context) error {
	f := s.flags.inspect
	if f.off {
		return nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(f.port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %d is in use: choose another with --inspect-port (0 picks a free one)", f.port)
	} else if err != nil {
		return err
	}
	page := inspect.New(&s.cookies.jar, gateway.NewHosts(slices.Clone(s.flags.allowHosts)))
	s.cookies.page = page
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
