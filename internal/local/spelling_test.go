package local

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/internal/local/localtest"
	"github.com/crumb-go/crumb/internal/servetls"
	"github.com/crumb-go/crumb/internal/token"
)

// An echo responds with the event.
type echo struct{}

func (echo) Invoke(_ context.Context, _ string, in lambda.Invocation) (*lambda.Response, error) {
	text := fmt.Sprintf(`{"statusCode":200,"body":%q}`, in.Payload)
	return &lambda.Response{ContentType: "application/json", Body: io.NopCloser(strings.NewReader(text))}, nil
}

// serveEcho serves one route of a REST API that echoes events. It returns the address.
func serveEcho(t *testing.T, o Options) (address string) {
	t.Helper()
	o.Host, o.Log = "127.0.0.1", slog.New(slog.DiscardHandler)
	s := newSite(o, echo{}, new(token.Trust), false)
	t.Cleanup(func() { s.close() })
	api := &app.API{ID: "Api", Kind: app.REST, Stage: "prod", Routes: []app.Route{{Method: "ANY", Path: "/x", Function: &app.Function{ID: "F"}}}}
	if err := s.update(t.Context(), &app.App{APIs: []*app.API{api}}); err != nil {
		t.Fatal(err)
	}
	_, address, _ = strings.Cut(s.servers()[0].url, "://")
	return address
}

// TestSpelledNames holds that names of headers have the client's spelling with and
// without TLS, and lower case over HTTP/2; and that the request is still one over TLS.
func TestSpelledNames(t *testing.T) {
	certificate, err := servetls.SelfSigned(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	over := &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"}}
	for _, row := range []struct {
		name, scheme  string
		tls           *tls.Config
		http2         bool
		proto, header string
	}{
		{"plain", "http", nil, false, "HTTP/1.1", "x-Spelled"},
		{"tls-http1", "https", over, false, "HTTP/1.1", "x-Spelled"},
		{"tls-http2", "https", over, true, "HTTP/2.0", "x-spelled"},
	} {
		t.Run(row.name, func(t *testing.T) {
			address := serveEcho(t, Options{TLS: row.tls})
			idle, err := net.Dial("tcp", address) // which does not keep others from being accepted
			if err != nil {
				t.Fatal(err)
			}
			defer idle.Close()
			transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: row.http2}
			defer transport.CloseIdleConnections()
			for range 2 { // on one connection
				r, err := http.NewRequest("POST", row.scheme+"://"+address+"/x", strings.NewReader("X-SPELLED: 1\r\n\r\n"))
				if err != nil {
					t.Fatal(err)
				}
				r.Header["x-Spelled"] = []string{"a"}
				res, err := transport.RoundTrip(r)
				if err != nil {
					t.Fatal(err)
				}
				event, err := io.ReadAll(res.Body)
				res.Body.Close()
				for _, want := range []string{`"` + row.header + `":"a"`, `"X-Forwarded-Proto":"` + row.scheme + `"`} {
					if res.Proto != row.proto || !strings.Contains(string(event), want) || err != nil {
						t.Errorf("%s, %v: %s, want %s", res.Proto, err, event, want)
					}
				}
			}
		})
	}
}

// A client without TLS is told so.
func TestPlainRequestToTLS(t *testing.T) {
	certificate, err := servetls.SelfSigned(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	address := serveEcho(t, Options{TLS: &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"}}})
	if status, body := localtest.Get(t, "http://"+address+"/x"); status != 400 || body != "Client sent an HTTP request to an HTTPS server.\n" {
		t.Errorf("%d %q", status, body)
	}
}

// Closing ends what waits for a handshake.
func TestTLSListenerCloses(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := servetls.NewListener(tcp, &tls.Config{}, headerTimeout)
	conn, err := net.Dial("tcp", tcp.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if c, err := l.Accept(); c != nil || err == nil {
		t.Errorf("Accept after Close: %v, %v", c, err)
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is open")
	}
}
