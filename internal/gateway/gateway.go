// Package gateway is a local stand-in for the AWS services that put HTTP in
// front of Lambda: it turns a request into the event of a door, hands it to a
// function, and turns the function's answer into a response, as AWS does,
// limits and error bodies included.
//
// Local paths carry no stage. The event has it where AWS puts it: in
// requestContext.path of a REST API, and before every path of an HTTP API
// whose stage has a name.
package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/wire"
)

// An Invoker runs one event in a function. Errors are *lambda.FunctionError,
// *gobuild.Error, the context's error, or something local.
type Invoker interface {
	Invoke(ctx context.Context, function string, event lambda.Invocation) (*lambda.Response, error)
}

// Options adjust a gateway. The zero value serves each API behind its own
// door, to programs that name this machine by a loopback name.
type Options struct {
	// Door, when set, serves every route as if behind that door instead:
	// rest, http, http1, url, alb or alb-multi.
	Door frontdoor.Door

	// Log takes what a developer must know of a request that AWS would only
	// answer with an error body, and of cookies that a door loses. It never
	// sees a cookie's value. Nil drops it.
	Log *slog.Logger

	// AllowHosts are further names that a Host header may have, without port.
	AllowHosts []string

	// InsecureAllowAnyHost switches the check of Host off. Any web page that the
	// developer opens can then read the API through DNS rebinding.
	InsecureAllowAnyHost bool

	// InsecureSkipAuthorizers opens the routes that an authorizer guards.
	// Crumb runs no authorizers; without this it refuses such requests.
	InsecureSkipAuthorizers bool

	// NoTimeLimit lets a function take as long as it needs: a developer has
	// stopped it in a debugger.
	NoTimeLimit bool

	// OnAnswer is called before each answer goes out, the door's own included.
	// It may be called concurrently, and changes nothing.
	OnAnswer func(*Report)
}

// A gateway serves one API.
type gateway struct {
	api     *app.API
	invoker Invoker
	Options
	hosts    Hosts
	door     frontdoor.Door // what answers where no route was found
	entrance entrance
	router   *router
}

// New returns the handler that serves api. It reads api and its routes for as
// long as it serves, so they must not change.
func New(api *app.API, invoker Invoker, o Options) (http.Handler, error) {
	g := &gateway{api: api, invoker: invoker, Options: o, door: cmp.Or(o.Door, ownDoors[api.Kind])}
	if g.Log == nil {
		g.Log = slog.New(slog.DiscardHandler)
	}
	if g.door == "" {
		return nil, fmt.Errorf("gateway: %s: no API of kind %q", api.ID, string(api.Kind))
	}
	if _, ok := failures[g.door]; !ok {
		return nil, fmt.Errorf("gateway: nothing can be served behind the door %q", string(g.door))
	}
	g.hosts = NewHosts(o.AllowHosts)
	g.entrance = newEntrance(api, g.door)
	g.router = newRouter(api.Routes, g.door == frontdoor.REST)
	return g, nil
}

// ownDoors are the doors of each kind of API.
var ownDoors = map[app.Kind]frontdoor.Door{app.REST: frontdoor.REST, app.HTTP: frontdoor.HTTP, app.URL: frontdoor.URL}

// StagePath returns what stands before each path of api in the URLs that AWS gives
// it behind a door, by default its own: "/prod", or "" for none.
func StagePath(api *app.API, door frontdoor.Door) string {
	return newEntrance(api, cmp.Or(door, ownDoors[api.Kind])).stagePrefix()
}

// doorOf is the door in front of a route.
func (g *gateway) doorOf(r *route) frontdoor.Door {
	if g.door == frontdoor.HTTP && g.Door == "" && r.Payload == "1.0" {
		return frontdoor.HTTP1
	}
	return g.door
}

// An exchange is one request and its response under way.
type exchange struct {
	*request
	gateway *gateway
	w       http.ResponseWriter

	eventText []byte  // the event, once there is one
	answered  *answer // what the function answered, as far as it could be read
	problem   string  // why the door answers by itself
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !g.InsecureAllowAnyHost && !g.hosts.Allow(r.Host) {
		refuseHost(w, r.Host)
		return
	}
	x := &exchange{request: newRequest(r, g.api, g.door, g.entrance), gateway: g, w: w}
	if problem, err := x.checkHead(); err != nil {
		x.fail(problem, err)
		return
	}
	if x.serveCORS() {
		return
	}
	x.route, x.params = g.router.match(r.Method, x.path)
	if x.route == nil {
		x.fail(noRoute, errors.New("no such route"))
		return
	}
	x.door = g.doorOf(x.route)
	x.serve()
}

// serve answers a request that has a route.
func (x *exchange) serve() {
	if x.authorize(x.route.Authorizer) {
		return
	}
	function := x.route.Function
	if function.NotRun != "" {
		x.refuse(function.ID + " is not run here: " + function.NotRun)
		return
	}
	if problem, err := x.readBody(); err != nil {
		x.fail(problem, err)
		return
	}
	event := x.event()
	if len(event) > wire.MaxPayload {
		x.fail(eventTooLarge, fmt.Errorf("%s: event of %d bytes, Lambda's limit is %d", function.ID, len(event), wire.MaxPayload))
		return
	}
	x.eventText = event
	x.warnUnseen()

	// The door's patience starts when the function is built: there are no
	// builds in the cloud.
	ctx, cancel := context.WithCancelCause(x.Context())
	defer cancel(nil)
	timer := time.AfterFunc(math.MaxInt64, func() { cancel(errLimit) })
	defer timer.Stop()
	invocation := lambda.Invocation{Payload: event, TraceID: x.traceID, Built: func() {
		if limit := x.timeLimit(); limit > 0 {
			timer.Reset(limit)
		}
	}}
	answer, err := x.gateway.invoker.Invoke(ctx, function.ID, invocation)
	if err != nil {
		x.failInvoke(orLimit(ctx, err))
		return
	}
	defer answer.Body.Close()
	defer context.AfterFunc(ctx, func() { answer.Body.Close() })() // which ends a Read
	if x.streams(answer.ContentType) {
		x.stream(ctx, cancel, answer)
		return
	}
	x.answer(ctx, answer)
}

// errLimit is why a context ends that ran into the door's own time limit.
var errLimit = errors.New("the time limit of the gateway itself passed")

// errIdle is why a context ends when a stream paused for too long.
var errIdle = errors.New("the gateway's limit for a pause in a stream passed")

// orLimit is errLimit or errIdle where that is what ended ctx, else err.
func orLimit(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errLimit) || errors.Is(cause, errIdle) {
		return cause
	}
	return err
}

// warnUnseen logs what the door takes from the request before the function
// can see it.
func (x *exchange) warnUnseen() {
	switch log := x.gateway.Log; {
	case x.door == frontdoor.ALB && len(x.Header["Cookie"]) > 1:
		log.Warn("a load balancer without multi-value headers passes on the last Cookie line only", "lines", len(x.Header["Cookie"]), "path", x.path)
	case x.door == frontdoor.REST && !x.binary() && !utf8.Valid(x.body):
		log.Warn("a REST API damages a body that is not UTF-8, unless BinaryMediaTypes lists its type", "type", x.Header.Get("Content-Type"), "path", x.path)
	}
}
