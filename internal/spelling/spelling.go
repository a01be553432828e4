// Package spelling keeps the spelling of an HTTP/1.1 client's header names, as API
// Gateway does in payload 1.0 and net/http does not. The names of each head are read
// from its connection a second time, and nothing but names: all values, their order,
// and where a request begins and ends are net/http's. Who could forge a name would
// change its case alone.
package spelling

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"sync"
)

// Keep lets a handler that s serves on the returned listener learn from Of how HTTP/1.1
// clients spell the names of headers. It sets ConnContext and ConnState of s.
func Keep(s *http.Server, l net.Listener) net.Listener {
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, c)
	}
	s.ConnState = func(c net.Conn, state http.ConnState) {
		if c, ok := c.(speller); ok {
			c.headFollows(state == http.StateNew || state == http.StateIdle)
		}
	}
	return listener{l}
}

type connKey struct{}

type listener struct{ net.Listener }

// Accept leaves an HTTP/2 connection as it is: http.Server knows it by its type. So it
// does one whose handshake, and with it the protocol, is still to come.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	half, ok := c.(halfCloser)
	if !ok {
		return c, err
	}
	spelled := &spelledConn{halfCloser: half}
	t, ok := c.(*tls.Conn)
	if !ok {
		return spelled, err
	}
	if state := t.ConnectionState(); state.HandshakeComplete && state.NegotiatedProtocol != "h2" {
		return spelledTLS{spelled, t}, err
	}
	return c, err
}

// halfCloser is what http.Server uses of a connection.
type halfCloser interface {
	net.Conn
	CloseWrite() error
}

type speller interface {
	headFollows(bool)
	head() string
}

// A spelledConn records the names of the head that net/http reads. It does so from
// the end of a request, its body included, until the next is handed to the handler,
// and no further than the head's empty line. What was read earlier, with a request
// before it, is missing; whatever is recorded is in this head.
type spelledConn struct {
	halfCloser

	mu          sync.Mutex
	reading     bool
	whole       bool   // the empty line was read
	blank, skip bool   // of the line that is read: empty so far, no more of a name
	names       []byte // each after "\n"; the first line has none
}

// spelledTLS has what http.Server needs for r.TLS if it is not given a *tls.Conn.
type spelledTLS struct {
	*spelledConn
	conn *tls.Conn
}

func (c spelledTLS) ConnectionState() tls.ConnectionState { return c.conn.ConnectionState() }

func (c *spelledConn) headFollows(yes bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reading = yes; yes {
		c.names, c.whole, c.blank, c.skip = c.names[:0], false, true, true
	}
}

func (c *spelledConn) Read(p []byte) (int, error) {
	n, err := c.halfCloser.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := 0; i < n && c.reading; i++ {
		c.record(p[i])
	}
	return n, err
}

// maxNames is how many bytes of names are kept, far more than any door takes.
const maxNames = 64 << 10

func (c *spelledConn) record(b byte) {
	switch {
	case b == '\n' && c.blank:
		c.reading, c.whole = false, true
	case len(c.names) == maxNames:
		c.reading = false
	case b == '\n':
		c.names, c.skip = append(c.names, b), false
	case b == ':':
		c.skip = true
	case !c.skip && b != '\r':
		c.names = append(c.names, b)
	}
	c.blank = b == '\n' || c.blank && b == '\r'
}

// head returns the names of a head that was read whole, each after "\n".
func (c *spelledConn) head() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.whole {
		return ""
	}
	return string(c.names)
}

// Of returns the client's spelling of the names in r.Header, by those: of a name in two
// spellings the first. It is nil unless the recorded names are those of r.Header, each
// as often, without what net/http takes away or adds. Names in ignored do not count.
func Of(r *http.Request, ignored map[string]bool) map[string]string {
	c, ok := r.Context().Value(connKey{}).(speller)
	if !ok {
		return nil
	}
	first, more := map[string]string{}, map[string]int{} // in r.Header than in the head
	for key, values := range r.Header {
		more[key] = len(values)
	}
	for name := range strings.SplitSeq(c.head(), "\n") {
		if name != "" {
			key := http.CanonicalHeaderKey(name)
			first[key] = cmp.Or(first[key], name)
			more[key]--
		}
	}
	for key, n := range more {
		added := key == "Cache-Control" && first[key] == "" // to a Pragma
		if n != 0 && !added && !ignored[key] {
			return nil
		}
	}
	return first
}
