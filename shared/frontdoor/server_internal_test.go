//go:build !lambda.norpc

package frontdoor

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/wire"
)

// serving serves h as Start does outside Lambda, until the test ends or asks for
// what was logged.
func serving(t *testing.T, h http.HandlerFunc) (url string, log func() string) {
	t.Helper()
	var buffer bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&buffer, nil)))
	server := httptest.NewUnstartedServer(nil)
	server.Config = newServer(h)
	server.Start()
	t.Cleanup(func() {
		server.Close()
		slog.SetDefault(before)
	})
	return server.URL, func() string {
		server.Close()
		return buffer.String()
	}
}

// What a handler sees is the connection's, whatever the client says.
func TestOutsideRequest(t *testing.T) {
	url, _ := serving(t, PrefixLocations(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, event := EventFrom(r.Context())
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "a=2")
		w.Header().Set("Location", "/next")
		fmt.Fprintf(w, "event %t tls %t host %s from %s cookies %q forged %q", event, r.TLS != nil, r.Host, host, r.Header["Cookie"], r.Header["X-Golambdaproxy-Apigw-Context"])
	})).ServeHTTP)
	r, err := http.NewRequestWithContext(t.Context(), "GET", url+"/a", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "app.example"
	r.Header = http.Header{
		"X-Forwarded-For": {"192.0.2.1"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"evil.example"}, "Forwarded": {"for=192.0.2.1;proto=https"},
		"X-GoLambdaProxy-ApiGw-Context": {`{"accountId": "1"}`}, "Cookie": {"a=1", "b=2; c=3"},
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	want := `event false tls false host app.example from 127.0.0.1 cookies ["a=1; b=2; c=3"] forged []`
	if err != nil || string(body) != want {
		t.Errorf("the handler saw\n%s, %v, want\n%s", body, err, want)
	}
	if got := fmt.Sprint(resp.Header["Set-Cookie"], resp.Header["Location"]); got != "[a=1 a=2] [/next]" {
		t.Errorf("Set-Cookie and Location = %s", got)
	}
}

func TestOutsideLimits(t *testing.T) {
	url, _ := serving(t, func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n, " bytes, too many: ", errors.As(err, new(*http.MaxBytesError)))
	})
	rows := []struct {
		name         string
		header, body int
		want         string
	}{
		{"largest", 60_000, wire.MaxAPIBody, "200 OK 10485760 bytes, too many: false"},
		{"body", 0, wire.MaxAPIBody + 1, "200 OK 10485760 bytes, too many: true"},
		{"header", 80_000, 0, "431 Request Header Fields Too Large 431 Request Header Fields Too Large"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			go func() { // the server may not read all of it
				fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nX: %s\r\nContent-Length: %d\r\n\r\n", strings.Repeat("x", row.header), row.body)
				_, _ = conn.Write(make([]byte, row.body))
			}()
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			if got := resp.Status + " " + string(body); got != row.want {
				t.Errorf("response %s, want %s", got, row.want)
			}
		})
	}
}

// The server limits what a client may send, and how long it may take in each of its
// states, as the package's documentation says.
func TestOutsideLimitsOfServer(t *testing.T) {
	s := newServer(http.NotFoundHandler())
	got := fmt.Sprint(s.MaxHeaderBytes, s.ReadHeaderTimeout, s.ReadTimeout, s.WriteTimeout, s.IdleTimeout)
	if want := "65536 10s 30s 1m0s 2m0s"; got != want {
		t.Errorf("limits %s, want %s", got, want)
	}
}

// No half is sent as a whole, and the log has no value.
func TestOutsidePanics(t *testing.T) {
	rows := []struct {
		name  string
		value any
		log   string // what a line of it holds
	}{
		{"value", "hidden", `level=ERROR msg="handler panicked" type=string stack="goroutine `},
		{"abort", http.ErrAbortHandler, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			url, log := serving(t, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "half")
				_ = http.NewResponseController(w).Flush()
				panic(row.value)
			})
			resp, err := http.Get(url)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if body, err := io.ReadAll(resp.Body); err == nil {
				t.Errorf("the response %q is whole", body)
			}
			if got := log(); strings.Contains(got, "hidden") || (got == "") != (row.log == "") || !strings.Contains(got, row.log) {
				t.Errorf("log = %q, want %q in it", got, row.log)
			}
		})
	}
}

// pipes is a listener in memory.
type pipes chan net.Conn

func (p pipes) Addr() net.Addr { return &net.UnixAddr{} }
func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Accept() (net.Conn, error) {
	if conn, ok := <-p; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func TestServeUntil(t *testing.T) {
	rows := []struct {
		name string
		slow bool // the handler does not end by itself
		want string
	}{
		{"ends-in-time", false, "done <nil>"},
		{"too-slow", true, "requests were broken off at shutdown: context deadline exceeded"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan struct{})
				server := newServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					select {
					case <-ended:
					case <-r.Context().Done():
					}
					_, _ = io.WriteString(w, "done")
				}))
				ctx, stop := context.WithCancel(t.Context())
				l, served := make(pipes), make(chan error, 1)
				go func() { served <- serveUntil(ctx, server, l) }()
				client, conn := net.Pipe()
				defer client.Close()
				l <- conn
				fmt.Fprint(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
				response := make(chan string, 1)
				go func() {
					resp, err := http.ReadResponse(bufio.NewReader(client), nil)
					if err != nil {
						response <- ""
						return
					}
					body, _ := io.ReadAll(resp.Body)
					response <- string(body) + " "
				}()
				synctest.Wait()
				begun := time.Now()
				stop()
				synctest.Wait()
				if !row.slow {
					close(ended)
				}
				err := <-served
				if got := <-response + fmt.Sprint(err); got != row.want {
					t.Errorf("response and error %q, want %q", got, row.want)
				}
				if took := time.Since(begun); row.slow && took != 8*time.Second {
					t.Errorf("a request under way had %v left, want 8s", took)
				}
			})
		})
	}
	t.Run("fails", func(t *testing.T) {
		l := make(pipes)
		l.Close()
		if err := serveUntil(t.Context(), newServer(http.NotFoundHandler()), brokenListener{l}); !errors.Is(err, net.ErrClosed) {
			t.Errorf("serveUntil = %v, want %v", err, net.ErrClosed)
		}
	})
}

// brokenListener has been closed by another.
type brokenListener struct{ pipes }

func (brokenListener) Close() error { return nil }
