package frontdoor

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"sync"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"
)

// An Event is what a handler can learn about the Lambda event behind a request.
type Event struct {
	// Door is the service that sent the event.
	Door Door

	// Stage is the API's stage, such as "prod" or "$default"; "" behind a load
	// balancer or VPC Lattice.
	Stage string

	// Prefix stands before r.URL.Path in the URL that the client asked for, such
	// as "/prod" behind an API without a custom domain whose stage has that
	// name; usually "". A cookie that is not for "/" needs it in its Path, and a
	// link or a Location that begins with a slash before it. Under "crumb start" it
	// is what it would be when deployed, though local URLs have no stage.
	Prefix string

	// RequestID is the id that API Gateway or the Function URL gave the request,
	// else Lambda's.
	RequestID string

	text string
}

// Raw returns a copy of the event, with bytes that are not UTF-8 read as Latin-1.
// It has credentials in it: cookies, for one.
func (e Event) Raw() json.RawMessage {
	return json.RawMessage(e.text)
}

// EventFrom returns the event behind the request with this context; false if the
// request did not come through this package.
func EventFrom(ctx context.Context) (Event, bool) {
	i, ok := ctx.Value(invocationKey{}).(*invocation)
	if !ok {
		return Event{}, false
	}
	e := i.event
	id := e.requestID
	if id == "" {
		id = i.lambdaRequestID()
	}
	return Event{Door: e.door, Stage: e.stage, Prefix: e.prefix(), RequestID: id, text: e.text}, true
}

// invocation is the context of a request.
type invocation struct {
	context.Context
	event    *event
	function *function

	prefixLocations bool

	once     sync.Once
	apiProxy any // set by once
}

type invocationKey struct{}

func (i *invocation) Value(key any) any {
	switch key {
	case invocationKey{}:
		return i
	case http.ServerContextKey: // without it httputil.ReverseProxy sends halves as wholes
		return i.function.server
	case http.LocalAddrContextKey:
		return &net.TCPAddr{}
	case apiProxyKey:
		i.once.Do(func() { i.apiProxy = i.apiProxyContext() })
		return i.apiProxy
	}
	return i.Context.Value(key)
}

func (i *invocation) lambdaRequestID() string {
	if lc, ok := lambdacontext.FromContext(i.Context); ok {
		return lc.AwsRequestID
	}
	return ""
}

// apiProxyKey is the unexported context key of aws-lambda-go-api-proxy's core,
// learnt by listening to what it asks a context for.
var apiProxyKey = func() (key any) {
	core.GetAPIGatewayContextFromContext(listener{context.Background(), &key})
	return key
}()

type listener struct {
	context.Context
	asked *any
}

func (l listener) Value(key any) any {
	*l.asked = key
	return nil
}

// apiProxyContext is what core's Get...FromContext functions find under
// apiProxyKey, so that handlers written for aws-lambda-go-api-proxy keep
// working; nil where its types do not fit the event. Only core can make one.
func (i *invocation) apiProxyContext() any {
	e := i.event
	var stageVars map[string]string
	if e.stageVariables != "" && json.Unmarshal([]byte(e.stageVariables), &stageVars) != nil {
		return nil
	}
	switch e.door {
	case REST, HTTP1:
		r := events.APIGatewayProxyRequest{StageVariables: stageVars}
		if e.contextInto(&r.RequestContext) {
			return valueOf(new(core.RequestAccessor).EventToRequestWithContext(i.Context, r))
		}
	case HTTP, URL:
		r := events.APIGatewayV2HTTPRequest{StageVariables: stageVars, RawPath: "/"}
		if e.contextInto(&r.RequestContext) {
			return valueOf(new(core.RequestAccessorV2).EventToRequestWithContext(i.Context, r))
		}
	case ALB, ALBMulti:
		r := events.ALBTargetGroupRequest{}
		if e.contextInto(&r.RequestContext) {
			return valueOf(new(core.RequestAccessorALB).EventToRequestWithContext(i.Context, r))
		}
	}
	return nil
}

// contextInto decodes the request context into one of aws-lambda-go's types.
func (e *event) contextInto(to any) bool {
	return json.Unmarshal([]byte(e.context), to) == nil
}

func valueOf(r *http.Request, err error) any {
	if err != nil {
		return nil
	}
	return r.Context().Value(apiProxyKey)
}
