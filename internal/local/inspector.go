package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"
)

// inspect serves the inspector on a separate port, on loopback whatever
// Options.Host is, until the site is closed. The ports of the APIs take
// precedence.
func (s *site) inspect(ctx context.Context) error {
	o := &s.options
	if s.cookies.page == nil {
		return nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.InspectPort)))
	if inUse(err) {
		return fmt.Errorf("port %d is in use: pass another --inspect-port (0 = any free port)", o.InspectPort)
	} else if err != nil {
		return err
	}
	s.inspector = &http.Server{
		Handler:           s.cookies.page,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelError),
	}
	s.inspectorURL = "http://" + l.Addr().String() + s.cookies.page.Path()
	go func() {
		if err := s.inspector.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.fail(err)
		}
	}()
	return nil
}
