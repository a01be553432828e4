// Package frontdoor runs an http.Handler behind every AWS service that turns
// HTTP requests into Lambda events. Nothing has to be configured: the shape of
// each event says which door it came through, and the response takes the shape that
// this door reads, with every cookie in it.
//
//	func main() {
//		frontdoor.Start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//			http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark", Path: "/"})
//			fmt.Fprintln(w, "Hello,", r.URL.Query().Get("name"))
//		}))
//	}
//
// # Doors
//
// Where cookies stand in an event and in its response:
//
//	door       service                          Cookie                     Set-Cookie
//	rest       API Gateway REST API             multiValueHeaders          multiValueHeaders
//	http       API Gateway HTTP API, 2.0        cookies                    cookies
//	http1      API Gateway HTTP API, 1.0        multiValueHeaders          multiValueHeaders
//	url        Lambda Function URL              cookies, and headers too   cookies
//	alb        load balancer                    headers, the last line     headers, one each
//	alb-multi  load balancer, multi-value       multiValueHeaders          multiValueHeaders
//	lattice    VPC Lattice, event version 2.0   headers                    headers, one each
//
// Everything else is refused with an error that matches [ErrRefused], before the
// handler runs: WebSocket APIs, which drop Set-Cookie, Lambda@Edge, VPC Lattice's
// first event version, Lambda authorizers, and events that are not HTTP requests.
// The error names the event's top-level members and no values.
//
// Behind alb and lattice a header has one value. Several cookies each go out
// under another spelling of Set-Cookie (set-Cookie, SEt-Cookie), which clients
// read as the same, and a line in the log says so. Whether the load balancer
// passes all of them on is not documented: switch on the attribute
// lambda.multi_value_headers.enabled of its target group instead.
//
// # The request
//
// It is the one that net/http's server would have made. There is one Cookie line,
// values of headers are never split, and the path is decoded exactly once though
// some doors have decoded it before: r.URL.EscapedPath() tells "/a%2Fb" from
// "/a/b" wherever the door does. A parameter without a value, "?flag", is "?flag="
// behind a REST API or a load balancer, whose events do not tell them apart.
//
// r.URL has the path and the query only. r.Host is the host that the client asked
// for, and r.TLS is set where it used https. r.RemoteAddr is the client's address,
// as the door saw it, and port 0 where the door does not tell.
//
// The stage of an API is not in r.URL.Path, also where an HTTP API whose stage has
// a name puts it into the event's path, but in [Event].Prefix. The base path that a
// domain of a REST API is mapped by stays in r.URL.Path: http.StripPrefix takes it
// off. Behind a stage links are best relative, and [PrefixLocations] sees to
// redirects. [EventFrom] gives the stage, the request id and the event.
//
// The context ends at Lambda's deadline and when the handler returns. Deadlines
// for reading and writing, full duplex and Hijack are http.ErrNotSupported.
//
// The request's strings are parts of the event's text: strings.Clone what has to
// outlive the request, or all of the event does.
//
// Bytes in an event that are not valid UTF-8 are read as Latin-1, as they cannot
// be told from each other once a JSON decoder has replaced them.
//
// Handlers written for aws-lambda-go-api-proxy get its request context, stage
// variables and Lambda context from the functions of its package core that take
// a context. The X-Golambdaproxy-* headers, with which any client can forge
// these, are dropped.
//
// # The response
//
// It follows net/http's rules: 200 by default, the first status counts, headers
// count as they are at the first WriteHeader, Write or Flush, Content-Type is
// guessed where there is none, and HEAD, 204 and 304 have no body. A body that is
// not UTF-8 goes out as base64. (A REST API only undoes that for the media types
// in its binaryMediaTypes setting.)
//
// A response is sent whole or not at all. One whose handler panicked, with
// http.ErrAbortHandler too, or wrote less than its own Content-Length is replaced
// by a 500, and the log says so, for a panic with the type of its value and the
// stack. A httputil.ReverseProxy panics where its server breaks off. Content-Length
// need not be set, as the doors count.
//
// Headers of a connection (Connection and those that it names, Keep-Alive,
// Proxy-Connection, TE, Transfer-Encoding, Upgrade) and trailers are left out, with
// a warning in the log: the connection with the client is the door's, and no door
// has trailers.
//
// A cookie is sent with its exact bytes or a line in the log says why not:
//
//   - Of cookies with the same name, Domain, Path and Partitioned only the last one
//     that browsers store is sent, as load balancers reorder lines. A warning names
//     each line that is left out: it has been replaced, or browsers ignore it, as
//     one with the prefix __Host- and without Secure (RFC 6265bis section 5.7).
//   - A cookie that is set after the headers are fixed is lost, as in net/http, and
//     logged as an error.
//   - Line breaks in a cookie become spaces, as in net/http, and bytes that are not
//     UTF-8, which JSON cannot hold, become Latin-1; either is logged as an error.
//   - More than 10,240 bytes of header values are logged as an error, and sent. API
//     Gateway documents this limit for requests and none for responses. Two or three
//     cookies of the largest size are enough.
//
// A response bigger than the door takes is logged as an error and replaced by a
// 500: 6 MB of JSON, 1 MB behind a load balancer.
//
// # Outside Lambda
//
// [Start] serves plain HTTP where neither AWS_LAMBDA_RUNTIME_API nor
// _LAMBDA_SERVER_PORT is in the environment: on 127.0.0.1:8080, or on every address
// and the port in PORT where that is set, as in a container. A line in the log says
// where. SIGTERM and SIGINT shut it down: requests under way have 8 seconds left.
//
// Handlers then see net/http's own request. [EventFrom] finds no event,
// [PrefixLocations] no prefix, r.TLS is nil, and r.RemoteAddr and r.Host are those of
// the connection: X-Forwarded-For and its like are headers that any client can send,
// and nothing here believes them. The X-Golambdaproxy-* headers are dropped and
// Cookie lines joined, as everywhere.
//
// Responses are net/http's too: they are sent as they are written, Set-Cookie lines
// as they were added. One whose handler panics is broken off. A request has at most
// 64 KB of headers, 10 MB of body and 30 seconds to arrive, and its response is
// complete in 60 seconds.
//
// A program that is built with the tag lambda.norpc, as crumb builds functions, has
// no such server, which would make it 5 % bigger: it ends with an error outside
// Lambda. Build without the tag for a container.
//
// # Concurrency
//
// The functions that New and Stream return hold no state and may run at once, as
// AWS_LAMBDA_MAX_CONCURRENCY above 1 makes them.
package frontdoor

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/crumb-go/crumb/shared/lambdalog"
)

// Options are what New and Stream can be told. The zero value is good.
type Options struct {
	// Logger gets a line for each panic, lost or changed cookie, left out header,
	// and response that is broken off or too big. nil means slog.Default() as it is
	// at that time. Each line has the requestId and the door; none has the value of
	// a cookie, a header or a panic.
	Logger *slog.Logger
}

// Start serves h to whichever doors send events to this function, and does not
// return. Call it from main. In a process that Lambda has not started, as "go run"
// or a container does, it serves plain HTTP: see "Outside Lambda" above. It returns
// there after a shutdown, and exits with status 1 if it cannot serve, or if requests
// were broken off at the shutdown.
//
// It makes slog's default a logger that writes JSON lines to stderr, with Lambda's
// own names: timestamp, level, message and, in a line that is logged with the
// context of a request, requestId. They are JSON in either log format of the
// function, so that a filter by level always finds them. Lines below the log level
// in AWS_LAMBDA_LOG_LEVEL, by default INFO, are left out; lines of package log are
// INFO. An event that is refused is a line of level ERROR. For another logger call
// lambda.Start with New.
func Start(h http.Handler) {
	lambdalog.SetDefault()
	if outsideLambda() {
		if err := startServer(h); err != nil {
			slog.Error("serving plain HTTP failed", "error", err)
			os.Exit(1)
		}
		return
	}
	lambda.Start(lambdalog.Handler{Handler: New(h, Options{})})
}

// outsideLambda reports whether something other than Lambda, crumb or another of
// its emulators has started this process. Only the environment decides: nothing
// that a request holds could turn the one way of serving into the other.
func outsideLambda() bool {
	_, runtimeAPI := os.LookupEnv("AWS_LAMBDA_RUNTIME_API")
	_, rpc := os.LookupEnv("_LAMBDA_SERVER_PORT") // of the runtime go1.x
	return !runtimeAPI && !rpc
}

// New returns h as a Lambda function. Its Invoke responds to each event in the shape
// of the door that sent it and returns bytes of its own. An event that is not a
// request from one of the doors is an error that matches ErrRefused, and h does
// not run. Invoke may be called concurrently if h may.
func New(h http.Handler, o Options) lambda.Handler {
	return newFunction(h, o)
}

type function struct {
	handler http.Handler
	logger  *slog.Logger
	server  *http.Server // what handlers find in their context; it serves nothing
}

func newFunction(h http.Handler, o Options) *function {
	return &function{handler: h, logger: o.Logger, server: &http.Server{Handler: h}}
}

func (f *function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	e, err := decode(payload)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	i := &invocation{Context: ctx, event: e, function: f}
	r, err := e.request(i)
	if err != nil {
		return nil, err
	}
	w := newWriter(i, r)
	if !f.serve(i, w, r) || !w.whole() {
		return e.internalError().encode(e.door), nil
	}
	return i.encode(w.finish()), nil
}

// serve runs the handler and reports whether it came to its end. A panic does
// not end the process: the next request would have to wait for a new one.
func (f *function) serve(i *invocation, w http.ResponseWriter, r *http.Request) (ok bool) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			i.logError("handler aborted the response")
		default:
			i.logError("handler panicked",
				"type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
		}
		if r.MultipartForm != nil {
			_ = r.MultipartForm.RemoveAll() // as net/http does: /tmp outlives the request
		}
	}()
	f.handler.ServeHTTP(w, r)
	return true
}
