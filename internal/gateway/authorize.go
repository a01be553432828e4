package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/hosts"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/internal/router"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/rawjson"
	"github.com/crumb-go/crumb/shared/wire"
)

// newAuthorizers returns what runs the authorizers of api. Only the service that the
// template declares them for can.
func newAuthorizers(api *app.API, o Options) *authorizer.Runner {
	c := o.Authorizers
	c.API = api
	if own := ownDoors[api.Kind]; o.Door != "" && o.Door != own && (own != frontdoor.HTTP || o.Door != frontdoor.HTTP1) {
		c.Closed = "crumb runs no authorizer behind the door of another service"
	}
	return authorizer.New(c)
}

// refused are the problems of refusals.
var refused = [authorizer.Outcomes]problem{
	authorizer.Failed: notAuthorized, authorizer.Unauthorized: unauthorized, authorizer.Expired: expired, authorizer.Unsigned: unsigned,
	authorizer.Forbidden: forbidden, authorizer.Denied: denied, authorizer.BadKey: keyless, authorizer.LongARN: longARN,
}

// authorize returns an error unless the guard of the route lets the request pass.
func (x *exchange) authorize(guard *app.Guard) error {
	if authorizer.Open(guard) { // most are: nothing to look up
		return nil
	}
	r := &authorizer.Request{
		Guard: guard, Payload: x.door.payload(), SourceIP: x.sourceIP,
		ARN: x.methodARN(x.req.Method, x.path), PlainARN: x.methodARN(strings.ToUpper(x.req.Method), x.plainPath()),
		Loopback: hosts.Set(nil).Allow(x.req.Host), Key: x.sourceValue(app.IdentitySource{In: app.FromHeader, Name: "X-Api-Key"}),
	}
	if guard.APIKey { // the authorizer's event has it already
		x.identify(r.Key)
	}
	if d := guard.Declared; d != nil {
		for _, s := range d.Sources {
			r.Sources = append(r.Sources, x.sourceValue(s))
		}
		r.Call = func(ctx context.Context) ([]byte, error) { return x.callAuthorizer(ctx, d, r) }
	}
	grant, err := x.gateway.authorizers.Authorize(x.req.Context(), r)
	var refusal *authorizer.Refusal
	var build *gobuild.Error
	switch {
	case err == nil:
		x.request.authorizer = grant.Context
		x.identify(grant.Key)
		return nil
	case errors.As(err, &refusal):
		x.request.authorizer = refusal.Context
		if refusal.Challenge != "" {
			x.w.Header().Set("Www-Authenticate", refusal.Challenge)
		}
		return &gatewayError{refused[refusal.Outcome], err}
	case errors.As(err, &build), x.clientLeft(err):
		return err
	}
	return errorFor(notAuthorized, "%s: %s: %w", authorizer.Name(guard), x.running, err)
}

// identify writes an API key into the events to come.
func (x *exchange) identify(key string) {
	x.key, x.keyID = key, ""
	if id, ok := x.gateway.authorizers.KeyID(key); ok {
		x.keyID = stableID(id, 10)
	}
}

// authorizeOptions does so for the OPTIONS method that SAM adds to a path of a REST API.
func (x *exchange) authorizeOptions(path string, params []router.Param, guard *app.Guard) error {
	x.route, x.params = &app.Route{Method: http.MethodOptions, Path: path}, params
	defer func() { x.route = nil }() // it is not the template's
	return x.authorize(guard)
}

// httpAuthorizerTimeout is how long an authorizer of an HTTP API may take ("Quotas for
// configuring and running an HTTP API"). That of a REST API has its function's own limit.
const httpAuthorizerTimeout = 10 * time.Second

// callAuthorizer runs the function of a Lambda authorizer.
func (x *exchange) callAuthorizer(ctx context.Context, a *app.Authorizer, r *authorizer.Request) ([]byte, error) {
	x.running = a.Function.ID
	d := newDeadline(ctx, errTimeLimit)
	defer d.Close()
	in := lambda.Invocation{Payload: x.authorizerEvent(a, r), TraceID: x.traceID}
	if x.api.Kind == app.HTTP && !x.gateway.options.NoTimeLimit {
		in.Built = func() { d.Start(httpAuthorizerTimeout) }
	}
	response, err := x.gateway.invoker.Invoke(d, a.Function.ID, in)
	if err != nil {
		return nil, d.Cause(err)
	}
	defer response.Body.Close()
	payload, err := io.ReadAll(io.LimitReader(response.Body, wire.MaxPayload+1))
	if err == nil && len(payload) > wire.MaxPayload {
		err = fmt.Errorf("response of more than %d bytes", wire.MaxPayload)
	}
	return payload, err
}

// methodARN names a method and a path.
func (q *request) methodARN(method, path string) string {
	return "arn:aws:execute-api:" + app.DefaultRegion + ":" + app.DefaultAccountID + ":" + q.endpoint.apiID +
		"/" + q.endpoint.stage + "/" + method + "/" + wire.ToUTF8(strings.TrimPrefix(path, "/"))
}

// plainPath is the path as the router compares it.
func (q *request) plainPath() string {
	path := decodePath(q.path)
	if q.api.Kind == app.REST {
		return strings.TrimSuffix(path, "/")
	}
	return path
}

// authorizerEvent is the event of an authorizer's function ("Input to an API Gateway
// Lambda authorizer", "Control access to HTTP APIs with AWS Lambda authorizers"). It has
// no body.
func (q *request) authorizerEvent(a *app.Authorizer, r *authorizer.Request) []byte {
	w := &jsonWriter{append(make([]byte, 0, 4096), '{')}
	switch {
	case a.Token:
		w.text("type", "TOKEN")
		w.text("authorizationToken", r.Sources[0])
		w.text("methodArn", r.ARN)
	case q.api.Kind == app.REST:
		w.text("type", "REQUEST")
		w.text("methodArn", r.ARN)
		e := q.restV1()
		e.empty = true
		q.writeV1(w, e)
	case a.Payload == "1.0":
		w.text("type", "REQUEST")
		w.text("methodArn", r.ARN)
		for _, name := range []string{"identitySource", "authorizationToken"} {
			if len(r.Sources) == 0 {
				w.null(name)
			} else {
				w.text(name, strings.Join(r.Sources, ","))
			}
		}
		e := q.httpV1()
		e.empty, e.single = true, true
		q.writeV1(w, e)
	default:
		w.text("type", "REQUEST")
		w.text("routeArn", r.ARN)
		if len(r.Sources) == 0 {
			w.null("identitySource")
		} else {
			w.array("identitySource")
			for _, s := range r.Sources {
				w.value(s)
			}
			w.close(']')
		}
		q.writeHTTPHead(w)
	}
	w.close('}')
	return w.b
}

// sourceValue returns what an identity source is in this request, "" when it is missing.
// Of several values a REST API takes the last, and an HTTP API joins them, as in events.
func (q *request) sourceValue(s app.IdentitySource) string {
	one := comma
	if q.api.Kind == app.REST {
		one = last
	}
	var values []string
	switch s.In {
	case app.FromHeader:
		values = q.req.Header.Values(s.Name)
		switch http.CanonicalHeaderKey(s.Name) {
		case "Host":
			values = []string{q.host()}
		case "Cookie": // whose lines an HTTP/2 client may split (RFC 9113 section 8.2.3)
			one = func(lines []string) string { return strings.Join(lines, "; ") }
		}
	case app.FromQuery:
		for _, p := range grouped(q.query, true) {
			if p.name == s.Name {
				values = p.values
			}
		}
	case app.FromStageVariable:
		values = []string{q.api.StageVariables[s.Name]}
	case app.FromContext:
		values = []string{q.contextValue(s.Name)}
	}
	if len(values) == 0 {
		return ""
	}
	return wire.ToUTF8(one(values))
}

// contextValue returns a variable of $context, which the request context of payload 1.0
// has, "" for none.
func (q *request) contextValue(name string) string {
	if name == "routeKey" {
		return q.routeKey()
	}
	e := q.httpV1()
	if q.api.Kind == app.REST {
		e = q.restV1()
	}
	w := &jsonWriter{[]byte("{")}
	q.writeV1Context(w, e)
	w.close('}')
	value := string(w.b)
	for part := range strings.SplitSeq("requestContext."+name, ".") {
		object := value
		if value = ""; !strings.HasPrefix(object, "{") {
			return ""
		}
		for key, v := range rawjson.Members(object) {
			if key == part {
				value = v
			}
		}
	}
	switch {
	case value == "null", strings.HasPrefix(value, "{"):
		return ""
	case strings.HasPrefix(value, `"`):
		return rawjson.Unquote(value)
	}
	return value
}
