package local

import (
	"context"
	"crypto/tls"
	"net"
)

// A tlsListener accepts connections after their handshake, since only then it is known
// whether they speak HTTP/2. One whose handshake failed is accepted too: http.Server
// meets the same error, and reports it.
type tlsListener struct {
	net.Listener
	config *tls.Config
	ready  chan accepted
	closed context.Context
	cancel context.CancelFunc
}

type accepted struct {
	conn net.Conn
	err  error
}

func newTLSListener(l net.Listener, config *tls.Config) *tlsListener {
	t := &tlsListener{Listener: l, config: config, ready: make(chan accepted)}
	t.closed, t.cancel = context.WithCancel(context.Background())
	go t.run()
	return t
}

func (l *tlsListener) run() {
	for l.closed.Err() == nil {
		c, err := l.Listener.Accept()
		if err != nil {
			l.pass(accepted{err: err})
			continue
		}
		go func() {
			t := tls.Server(c, l.config)
			ctx, cancel := context.WithTimeout(l.closed, headerTimeout)
			defer cancel()
			t.HandshakeContext(ctx)
			if !l.pass(accepted{conn: t}) {
				c.Close()
			}
		}()
	}
}

// pass hands a to Accept, unless the listener is closed.
func (l *tlsListener) pass(a accepted) bool {
	select {
	case l.ready <- a:
		return true
	case <-l.closed.Done():
		return false
	}
}

func (l *tlsListener) Accept() (net.Conn, error) {
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

func (l *tlsListener) Close() error {
	l.cancel()
	return l.Listener.Close()
}
