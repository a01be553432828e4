package sam

import (
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// The logical ids that SAM gives the APIs of events that name none.
const (
	implicitREST = "ServerlessRestApi"
	implicitHTTP = "ServerlessHttpApi"
)

// An api is an API and what its routes need of it.
type api struct {
	*app.API
	implicit          bool
	defaultAuthorizer string
	definition        *node  // the OpenAPI document that has its routes; nil: Events have them
	defined           int    // its line
	merged            bool   // Events add to it
	closed            string // the property with a definition that cannot be read and may guard routes
	openPreflight     bool   // the default authorizer leaves OPTIONS out
	keyRequired       bool
	keylessPreflight  bool           // which leaves OPTIONS out too
	seen              map[string]int // routes, by method and path: their lines
}

// api reads an AWS::Serverless::Api or HttpApi.
func (r *reader) api(kind app.Kind, id string, line int, resource *node) {
	p := r.properties(sections[kind], id, resource)
	a := r.newAPI(kind, id, line, p)
	stage := p.get("StageName")
	if kind == app.REST && stage.isNull() {
		r.fail(line, "%s needs a StageName", id)
	}
	a.Stage = r.text(id+" StageName", stage, "$default")
	r.t.APIs = append(r.t.APIs, a.API)
}

var sections = map[app.Kind]string{app.REST: "Api", app.HTTP: "HttpApi"}

// implicit returns the API of events that name none.
func (r *reader) implicit(kind app.Kind, line int) *api {
	id, stage := implicitREST, "Prod"
	if kind == app.HTTP {
		id, stage = implicitHTTP, "$default"
	}
	if a := r.apis[id]; a != nil {
		return a
	}
	a := r.newAPI(kind, id, line, r.properties(sections[kind], id, newObject(line)))
	a.implicit, a.Stage = true, stage
	return a
}

// newAPI reads what explicit and implicit APIs have in common.
func (r *reader) newAPI(kind app.Kind, id string, line int, p *node) *api {
	a := &api{API: &app.API{ID: id, Line: line, Kind: kind}, seen: map[string]int{}}
	variables := p.get("Variables")
	if kind == app.HTTP {
		variables = p.get("StageVariables")
	}
	a.StageVariables = r.variables(id, variables)
	for _, t := range r.strings(id+" BinaryMediaTypes", p.get("BinaryMediaTypes")) {
		a.BinaryMediaTypes = append(a.BinaryMediaTypes, strings.ReplaceAll(t, "~1", "/"))
	}
	if kind == app.REST {
		a.Edge = r.isEdge(id+" EndpointConfiguration", p.get("EndpointConfiguration"))
		a.CORS = r.restCORS(id, p.get("Cors"))
	} else {
		a.CORS = r.httpCORS(id, p.get("CorsConfiguration"))
	}
	r.guard(a, p)
	r.define(a, p)
	r.apis[id] = a
	return a
}

// isEdge reports whether an EndpointConfiguration, a text or a map, is that of an
// edge-optimized API, which is the default ("API endpoint types for REST APIs in
// API Gateway").
func (r *reader) isEdge(where string, n *node) bool {
	n = r.look(where, n)
	if n != nil && n.kind == object {
		n = n.get("Type")
	}
	return r.text(where+" Type", n, "EDGE") == "EDGE"
}

func (r *reader) variables(id string, n *node) map[string]string {
	n = r.look(id, n)
	if n.isNull() {
		return nil
	}
	variables := map[string]string{}
	for _, f := range n.fields {
		if v := r.value(id+" stage variable "+f.key, f.value); v.kind == scalar {
			variables[f.key] = v.text
		}
	}
	return variables
}

// functionURL reads a FunctionUrlConfig.
func (r *reader) functionURL(fn *app.Function, n *node) *app.API {
	n = r.look(fn.ID+" FunctionUrlConfig", n)
	if n.isNull() {
		return nil
	}
	where := fn.ID + " FunctionUrlConfig "
	route := app.Route{Line: n.line, Method: "ANY", Path: "$default", Function: fn, Payload: "2.0"}
	switch auth := r.text(where+"AuthType", n.get("AuthType"), ""); auth {
	case "NONE":
	case "":
		r.fail(n.line, "%sneeds an AuthType", where)
	default:
		route.Authorizer = "AWS_IAM"
	}
	return &app.API{
		ID:     fn.ID + "Url",
		Line:   n.line,
		Kind:   app.URL,
		Stage:  "$default",
		CORS:   r.listCORS(where+"Cors", n.get("Cors")),
		Stream: r.text(where+"InvokeMode", n.get("InvokeMode"), "BUFFERED") == "RESPONSE_STREAM",
		Routes: []app.Route{route},
	}
}
