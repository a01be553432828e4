package adapters_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	awslambda "github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-lambda-go/lambdaurl"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/wire"
)

// A way makes a Lambda function of a handler, behind a door.
type way struct {
	name string
	wrap func(frontdoor.Door, http.Handler) awslambda.Handler
}

var quiet = frontdoor.Options{Logger: slog.New(slog.DiscardHandler)}

var (
	whole = []way{
		{"frontdoor", func(_ frontdoor.Door, h http.Handler) awslambda.Handler { return frontdoor.New(h, quiet) }},
		{"httpadapter", func(door frontdoor.Door, h http.Handler) awslambda.Handler {
			switch door {
			case frontdoor.REST, frontdoor.HTTP1:
				return awslambda.NewHandler(httpadapter.New(h).ProxyWithContext)
			case frontdoor.HTTP, frontdoor.URL:
				return awslambda.NewHandler(httpadapter.NewV2(h).ProxyWithContext)
			}
			return awslambda.NewHandler(httpadapter.NewALB(h).ProxyWithContext)
		}},
	}
	streamed = []way{
		{"frontdoor.Stream", func(_ frontdoor.Door, h http.Handler) awslambda.Handler {
			return awslambda.NewHandler(frontdoor.Stream(h, quiet))
		}},
		{"lambdaurl", func(_ frontdoor.Door, h http.Handler) awslambda.Handler {
			return awslambda.NewHandler(lambdaurl.Wrap(h))
		}},
	}
)

// An exchange is a request and its response.
type exchange struct {
	event, returned string   // between the door and the function
	arrived         []string // Cookie lines that the handler saw
	err             error    // of the function
	log             strings.Builder
	status          int
	cookies         []string // Set-Cookie lines that the client got
	body            string
}

// watch notes what h sees.
func (x *exchange) watch(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x.arrived = r.Header["Cookie"]
		h.ServeHTTP(w, r)
	})
}

// direct is an exchange with net/http's server.
func direct(t *testing.T, r row) *exchange {
	t.Helper()
	x := &exchange{}
	x.send(t, x.watch(r.handler), r.lines)
	return x
}

// through is an exchange by way of a function behind a door.
func through(t *testing.T, r row, door frontdoor.Door, streams bool, w way) *exchange {
	t.Helper()
	x := &exchange{}
	function := w.wrap(door, x.watch(r.handler))
	api := &app.API{
		ID: "Api", Kind: app.URL, Stage: "$default", Stream: streams, StageVariables: map[string]string{"color": "blue"},
		Routes: []app.Route{{Method: "ANY", Path: "$default", Payload: "2.0", Function: &app.Function{ID: "Function"}}},
	}
	h, err := gateway.New(api, invokerFunc(func(ctx context.Context, event []byte) (*lambda.Response, error) {
		ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "id"})
		returned, err := function.Invoke(ctx, event)
		x.event, x.returned, x.err = string(event), string(returned), err
		if err != nil {
			return nil, &lambda.FunctionError{Message: err.Error()}
		}
		out := &lambda.Response{ContentType: "application/json", Body: io.NopCloser(bytes.NewReader(returned))}
		if streams {
			out.ContentType = wire.StreamType
		}
		return out, nil
	}), gateway.Options{Door: door, Log: slog.New(slog.NewTextHandler(&x.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	x.send(t, h, r.lines)
	return x
}

type invokerFunc func(ctx context.Context, event []byte) (*lambda.Response, error)

func (f invokerFunc) Invoke(ctx context.Context, _ string, in lambda.Invocation) (*lambda.Response, error) {
	return f(ctx, in.Payload)
}

// send sends a request with Cookie lines as they are to a server of h.
func (x *exchange) send(t *testing.T, h http.Handler, cookies []string) {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var request strings.Builder
	request.WriteString("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n")
	for _, line := range cookies {
		request.WriteString("Cookie: " + line + "\r\n")
	}
	if _, err := io.WriteString(conn, request.String()+"\r\n"); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	x.status, x.cookies, x.body = res.StatusCode, res.Header["Set-Cookie"], string(body)
}
