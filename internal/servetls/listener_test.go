package servetls

import (
	"crypto/tls"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener on the ends of pipes.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return nil }

// TestHandshakeLimit has a client that never begins its handshake.
func TestHandshakeLimit(t *testing.T) {
	const limit = 10 * time.Second
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer client.Close()
		ends := make(pipes, 1)
		l := NewListener(ends, &tls.Config{}, limit)
		defer l.Close()
		began := time.Now()
		ends <- server
		c, err := l.Accept()
		if err != nil || time.Since(began) != limit {
			t.Fatalf("Accept: %v after %v", err, time.Since(began))
		}
		if err := c.(*tls.Conn).Handshake(); err == nil {
			t.Error("the handshake succeeded")
		}
		if _, err := client.Write([]byte("x")); err == nil {
			t.Error("the connection is open")
		}
	})
}
