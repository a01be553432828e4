// Package gateway is a local stand-in for the AWS services that put HTTP in
// front of Lambda: it turns a request into the event of a door, hands it to a
// function, and turns what the function returns into the door's response, limits
// and error bodies included. What sets the doors apart is in the table doors.
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
	"net/http"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
	"github.com/crumb-go/crumb/internal/hosts"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/internal/router"
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
	// respond to with an error body, and of cookies that a door loses. It never
	// sees a cookie's value. Nil drops it.
	Log *slog.Logger

	// AllowHosts are further names that a Host header may have, without port.
	AllowHosts []string

	// Authorizers says how authorizers and API keys are checked, or not at all. Its API and
	// Closed are set by the gateway.
	Authorizers authorizer.Config

	// NoTimeLimit lets a function take as long as it needs: a developer has
	// stopped it in a debugger.
	NoTimeLimit bool

	// OnResponse is called before each response goes out, the door's own included.
	// It may be called concurrently, and changes nothing.
	OnResponse func(*Report)
}

// A Gateway serves one API.
type Gateway struct {
	api      *app.API
	invoker  Invoker
	options  Options
	log      *slog.Logger
	hosts    hosts.Set
	door     *door // the one that a request meets before its route is known
	endpoint endpoint
	router   *router.Router

	authorizers *authorizer.Runner
}

// New returns the gateway of api. It reads api and its routes for as
// long as it serves, so they must not change.
func New(api *app.API, invoker Invoker, o Options) (*Gateway, error) {
	name := cmp.Or(o.Door, ownDoors[api.Kind])
	if name == "" {
		return nil, fmt.Errorf("gateway: %s: no API of kind %q", api.ID, string(api.Kind))
	}
	d := doors[name]
	if d == nil || d.errors == nil {
		return nil, fmt.Errorf("nothing can be served behind the door %q; choose one of %s", string(name), listDoors(true))
	}
	return &Gateway{
		api: api, invoker: invoker, options: o, log: cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		hosts: hosts.New(o.AllowHosts), door: d, endpoint: newEndpoint(api, d), router: router.New(slices.Concat(api.Routes, api.Mocks), d.tree),
		authorizers: newAuthorizers(api, o),
	}, nil
}

// NotRun says why requests that guard lets pass on AWS do not pass here; "" where they do.
func (g *Gateway) NotRun(guard *app.Guard) string { return g.authorizers.NotRun(guard) }

// Forget drops the cached responses of authorizers: one of their functions has changed.
func (g *Gateway) Forget() { g.authorizers.Forget() }

// listDoors lists all doors, or those behind which APIs can be served.
func listDoors(serving bool) string {
	var names []string
	for name, d := range doors {
		if !serving || d.errors != nil {
			names = append(names, string(name))
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// StagePath returns what stands before each path of api in the URLs that AWS gives
// it behind a door, by default its own: "/prod", or "" for none.
func StagePath(api *app.API, door frontdoor.Door) string {
	d := doors[cmp.Or(door, ownDoors[api.Kind])]
	if d == nil {
		return ""
	}
	return newEndpoint(api, d).stagePrefix()
}

// An exchange is one request and its response under way.
type exchange struct {
	*request
	gateway *Gateway
	w       http.ResponseWriter

	running   string            // the function that was called last
	eventText []byte            // the event, once there is one
	returned  *functionResponse // by the function, as far as it could be read
	reason    string            // why the door responds by itself
}

func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !g.hosts.Allow(r.Host) {
		writePage(w, http.StatusForbidden, fmt.Sprintf("crumb: Host %q is not a loopback name; allow it with --allow-host %s", r.Host, hosts.Name(r.Host)))
		return
	}
	x := &exchange{request: newRequest(r, g.api, g.door, g.endpoint), gateway: g, w: w}
	if err := x.checkHead(); err != nil {
		x.sendError(err)
		return
	}
	if cors := g.api.CORS; cors != nil && g.door.serveCORS != nil && g.door.serveCORS(x, cors) {
		return
	}
	if x.route, x.params = g.router.Match(r.Method, x.path); x.route == nil {
		x.sendError(&gatewayError{noRoute, errors.New("no such route")})
		return
	}
	if x.route.Mock != nil {
		x.mock()
		return
	}
	if g.door.name == frontdoor.HTTP && g.options.Door == "" && x.route.Payload == "1.0" {
		x.door = doors[frontdoor.HTTP1]
	}
	if err := x.prepare(); err != nil {
		x.sendError(err)
		return
	}
	x.invoke()
}

// prepare makes the event of a request that has a route.
func (x *exchange) prepare() error {
	if err := x.authorize(&x.route.Guard); err != nil {
		return err
	}
	function := x.route.Function
	if function.NotRun != "" {
		return notRunError(function.ID + " is not run here: " + function.NotRun)
	}
	if err := x.readBody(); err != nil {
		return err
	}
	event := x.event()
	if len(event) > wire.MaxPayload {
		return errorFor(eventTooLarge, "%s: event of %d bytes, Lambda's limit is %d", function.ID, len(event), wire.MaxPayload)
	}
	x.eventText = event
	return nil
}

// invoke lets the function respond. The door's patience starts when the function is
// built: there are no builds in the cloud.
func (x *exchange) invoke() {
	if warn := x.door.warnUnseen; warn != nil {
		warn(x)
	}
	x.running = x.route.Function.ID
	d := newDeadline(x.req.Context(), errTimeLimit)
	defer d.Close()
	in := lambda.Invocation{Payload: x.eventText, TraceID: x.traceID, Built: func() { d.Start(x.timeLimit()) }}
	if x.door.isLambda {
		in.RequestID = x.requestID
	}
	r, err := x.gateway.invoker.Invoke(d, x.running, in)
	if err != nil {
		x.sendError(d.Cause(err))
		return
	}
	defer r.Body.Close()
	defer context.AfterFunc(d, func() { r.Body.Close() })() // which ends a Read
	if x.streams(r.ContentType) {
		x.stream(d, r)
		return
	}
	x.respond(d, r)
}
