package lambda

import (
	"bufio"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A server is the Lambda Runtime API and the part of the Extensions API that
// runtimes use, for all sandboxes on one loopback port. What follows the port
// in AWS_LAMBDA_RUNTIME_API tells them apart and keeps everybody else out.
//
// It reads requests with net/http but is no http.Server: two requests pass for
// each event, and without that server's goroutine, context and response writer
// an event takes a tenth less time. Runtimes need no TLS, HTTP/2 or time-outs.
type server struct {
	pool     *Pool
	listener net.Listener
	serving  sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]bool
	closed bool
}

func listen(p *Pool) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	v := &server{pool: p, listener: l, conns: make(map[net.Conn]bool)}
	v.serving.Go(v.accept)
	return v, nil
}

func (v *server) address() string { return v.listener.Addr().String() }

// close closes the port and every connection, and waits until they are.
func (v *server) close() error {
	err := v.listener.Close()
	v.mu.Lock()
	v.closed = true
	for conn := range v.conns {
		conn.Close()
	}
	v.mu.Unlock()
	v.serving.Wait()
	return err
}

func (v *server) accept() {
	for {
		conn, err := v.listener.Accept()
		if err != nil {
			if v.isClosed() {
				return
			}
			time.Sleep(5 * time.Millisecond) // out of files, perhaps not for long
			continue
		}
		v.mu.Lock()
		if v.closed {
			conn.Close()
		} else {
			v.conns[conn] = true
			v.serving.Go(func() { v.serve(conn) })
		}
		v.mu.Unlock()
	}
}

func (v *server) isClosed() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.closed
}

// maxHeader bounds a request's header; aws-lambda-go sends up to 1 MB of X-Ray
// cause in it.
const maxHeader = 2 << 20

// serve answers the requests of one connection, one after another.
func (v *server) serve(conn net.Conn) {
	defer func() {
		conn.Close()
		v.mu.Lock()
		delete(v.conns, conn)
		v.mu.Unlock()
	}()
	limited := &io.LimitedReader{R: conn}
	in, out := bufio.NewReader(limited), bufio.NewWriter(conn)
	for {
		limited.N = maxHeader
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		limited.N = math.MaxInt64
		if r.Header.Get("Expect") == "100-continue" {
			io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\n")
		}
		key, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		s := v.pool.sandbox(key)
		answer := notFound
		if s != nil {
			answer = runtimeAPI{s}.serve(r, path)
		}
		if answer == nil {
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		if answer.event != nil && !s.claim(answer.event, conn) {
			return
		}
		answer.write(out)
		if err := out.Flush(); err != nil {
			if answer.event != nil {
				s.requeueUnsent(answer.event)
			}
			return
		}
		if r.Close {
			return
		}
	}
}

// write writes the answer; the error is the writer's to remember.
func (a *runtimeResponse) write(w *bufio.Writer) {
	b := w.AvailableBuffer()
	b = append(b, "HTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(a.status), 10)
	b = append(b, ' ')
	b = append(b, http.StatusText(a.status)...)
	b = append(b, "\r\nContent-Type: application/json\r\n"...)
	b = append(b, a.header...)
	b = append(b, "Content-Length: "...)
	b = strconv.AppendInt(b, int64(len(a.body)), 10)
	b = append(b, "\r\n\r\n"...)
	w.Write(b)
	w.Write(a.body)
}
