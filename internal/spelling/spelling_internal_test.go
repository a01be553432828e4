package spelling

import (
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"testing"
)

// endless is a connection that reads one head again and again.
type endless struct {
	net.Conn
	head string
}

func (c endless) Read(p []byte) (int, error) { return copy(p, c.head), nil }
func (endless) CloseWrite() error            { return io.EOF }

// A connection that is kept does not need more memory for each request.
func TestSpellingKeepsItsBuffer(t *testing.T) {
	head := "GET / HTTP/1.1\r\nHost: a\r\nx-A: " + strings.Repeat("a", 500) + "\r\n\r\n"
	c := &spelledConn{halfCloser: endless{head: head}}
	p := make([]byte, 4096)
	allocations := testing.AllocsPerRun(100, func() {
		c.headFollows(true)
		c.Read(p)
		c.headFollows(false)
	})
	if got, want := c.head(), "\nHost\nx-A\n"; got != want || allocations != 0 {
		t.Errorf("recorded %q, want %q; %v allocations a request", got, want, allocations)
	}
}

// unread is a connection with the head of a request whose body does not come. It says
// when the server closes its half.
type unread struct {
	net.Conn
	half chan struct{}
}

func (c unread) CloseWrite() error { close(c.half); return nil }

// one accepts one connection.
type one struct {
	net.Listener
	conn chan net.Conn
}

func (l one) Accept() (net.Conn, error) {
	if c, ok := <-l.conn; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

// A client that is still sending gets its response: http.Server closes its own half
// of the connection first, and the recorder must not hide how.
func TestSpellingClosesHalf(t *testing.T) {
	client, server := net.Pipe()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := one{tcp, make(chan net.Conn, 1)}
	half := make(chan struct{})
	l.conn <- unread{server, half}
	close(l.conn)
	s := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	go s.Serve(Keep(s, l))
	defer s.Close()
	if _, err := io.WriteString(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, client) // until the server closes
	select {
	case <-half:
	default:
		t.Error("the server did not close its half first")
	}
}

// Names that are not those of r.Header, one for one, are none.
func TestSpellingMatchesHeader(t *testing.T) {
	ignored := map[string]bool{"Host": true, "Transfer-Encoding": true, "Trailer": true}
	for name, row := range map[string]struct {
		head   string
		header http.Header
		want   map[string]string
	}{
		"same":             {"\nx-A\nX-b\nx-a\n", http.Header{"X-A": {"1", "2"}, "X-B": {"1"}}, map[string]string{"X-A": "x-A", "X-B": "X-b"}},
		"of-net-http":      {"\nHOST\nx-A\ntransfer-encoding\nTRAILER\n", http.Header{"X-A": {"1"}}, map[string]string{"Host": "HOST", "X-A": "x-A", "Transfer-Encoding": "transfer-encoding", "Trailer": "TRAILER"}},
		"added-by-it":      {"\nPRAGMA\n", http.Header{"Pragma": {"no-cache"}, "Cache-Control": {"no-cache"}}, map[string]string{"Pragma": "PRAGMA"}},
		"one-less":         {"\nx-A\n", http.Header{"X-A": {"1"}, "X-B": {"1"}}, nil},
		"one-more":         {"\nx-A\nx-C\n", http.Header{"X-A": {"1"}}, nil},
		"another":          {"\nx-A\nx-C\n", http.Header{"X-A": {"1"}, "X-B": {"1"}}, nil},
		"as-many-in-total": {"\nx-A\nx-B\nx-B\n", http.Header{"X-A": {"1", "2"}, "X-B": {"1"}}, nil},
		"no-token":         {"\nx A\n", http.Header{"X-A": {"1"}}, nil},
		"nothing":          {"", http.Header{"X-A": {"1"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			c := &spelledConn{names: []byte(row.head), whole: true}
			r := (&http.Request{Header: row.header}).WithContext(context.WithValue(t.Context(), connKey{}, c))
			if got := Of(r, ignored); !maps.Equal(got, row.want) {
				t.Errorf("Of = %v, want %v", got, row.want)
			}
		})
	}
}
