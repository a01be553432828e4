// Package servetls accepts TLS connections after their handshake, and makes a certificate
// for this machine.
package servetls

import (
	"context"
	"crypto/tls"
	"net"
	"time"
)

// A listener accepts connections after their handshake, since only then it is known
// whether they speak HTTP/2. One whose handshake failed is accepted too: http.Server
// meets the same error, and reports it.
type listener struct {
	net.Listener
	config *tls.Config
	limit  time.Duration // of a handshake
	ready  chan accepted
	closed context.Context
	cancel context.CancelFunc
}

type accepted struct {
	conn net.Conn
	err  error
}

// NewListener returns a listener for the connections of l, each after its handshake, or
// its failure. A handshake fails after limit.
func NewListener(l net.Listener, config *tls.Config, limit time.Duration) net.Listener {
	t := &listener{Listener: l, config: config, limit: limit, ready: make(chan accepted)}
	t.closed, t.cancel = context.WithCancel(context.Background())
	go t.run()
	return t
}

func (l *listener) run() {
	for l.closed.Err() == nil {
		c, err := l.Listener.Accept()
		if err != nil {
			l.pass(accepted{err: err})
			continue
		}
		go func() {
			t := tls.Server(c, l.config)
			ctx, cancel := context.WithTimeout(l.closed, l.limit)
			defer cancel()
			t.HandshakeContext(ctx)
			if !l.pass(accepted{conn: t}) {
				c.Close()
			}
		}()
	}
}

// pass hands a to Accept, unless the listener is closed.
func (l *listener) pass(a accepted) bool {
	select {
	case l.ready <- a:
		return true
	case <-l.closed.Done():
		return false
	}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case a := <-l.ready:
		if l.closed.Err() == nil {
			return a.conn, a.err
		}
		if a.conn != nil {
			a.conn.Close()
		}
	case <-l.closed.Done():
	}
	return nil, net.ErrClosed
}

func (l *listener) Close() error {
	l.cancel()
	return l.Listener.Close()
}
