package sam

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/shared/wire"
)

// events reads a function's events: the HTTP ones become routes.
func (r *reader) events(fn *app.Function, events *node) {
	if events.isNull() {
		return
	}
	if events.kind != object {
		r.fail(events.line, "%s Events must be a map", fn.ID)
		return
	}
	for _, f := range events.fields {
		event := r.look(fn.ID+" "+f.key, f.value)
		switch kind := event.get("Type").str(); kind {
		case "Api":
			r.route(app.REST, fn, f, event)
		case "HttpApi":
			r.route(app.HTTP, fn, f, event)
		case "":
			if !event.isNull() {
				r.fail(f.line, "%s: the event %s needs a Type", fn.ID, f.key)
			}
		default:
			if !slices.ContainsFunc(r.others, func(f field) bool { return f.key == kind }) {
				r.others = append(r.others, field{key: kind, line: f.line})
			}
		}
	}
}

// route adds the route of one event to its API.
func (r *reader) route(kind app.Kind, fn *app.Function, f field, event *node) {
	where := fn.ID + " " + f.key
	p := r.look(where, event.get("Properties"))
	a := r.apiOf(kind, where, f, p)
	if a == nil {
		return
	}
	method := strings.ToUpper(r.text(where+" Method", p.get("Method"), ""))
	path := r.text(where+" Path", p.get("Path"), "")
	if kind == app.HTTP && (path == "" && method == "" || path == "/$default") {
		path, method = "$default", "ANY"
	}
	if strings.EqualFold(method, anyMethod) {
		method = "ANY"
	}
	if why := malformed(kind, method, path); why != "" {
		r.fail(f.line, "%s %s", where, why)
		return
	}
	key := method + " " + path
	if a.definition != nil && (a.seen[key] == a.defined || !a.merged) {
		if a.seen[key] == 0 && a.seen["ANY "+path] == 0 {
			r.note(f.line, "%s: %s has a definition without %s, so API Gateway does not serve it", where, a.ID, key)
		}
		return
	}
	if line, ok := a.seen[key]; ok {
		r.fail(f.line, "%s: %s has the route %s already, on line %d", where, a.ID, key, line)
		return
	}
	a.seen[key] = f.line
	route := app.Route{Line: f.line, Method: method, Path: path, Function: fn, Payload: "1.0"}
	if kind == app.HTTP {
		route.Payload = r.payload(where, p.get("PayloadFormatVersion"))
	}
	if v := p.get("PayloadFormatVersion"); kind == app.REST && !v.isNull() {
		r.note(v.line, "%s: SAM refuses PayloadFormatVersion at an event of type Api, which is always 1.0; HttpApi takes it", where)
	}
	route.Timeout = r.timeout(where, kind, p)
	route.Stream = kind == app.REST && r.text(where+" ResponseTransferMode", p.get("ResponseTransferMode"), "") == "RESPONSE_STREAM"
	route.Authorizer = r.authorizer(a, where, method, p)
	a.Routes = append(a.Routes, route)
}

// timeout reads an event's TimeoutInMillis ("Quotas for configuring and running
// a REST API in API Gateway", "Quotas for configuring and running an HTTP API").
func (r *reader) timeout(where string, kind app.Kind, p *node) time.Duration {
	n, most := p.get("TimeoutInMillis"), wire.HTTPTimeout
	switch {
	case kind == app.REST && r.quietly(p.get("ResponseTransferMode")).text == "RESPONSE_STREAM":
		most = wire.RESTTimeoutStream
	case kind == app.REST:
		most = wire.RESTTimeoutRaised
	}
	timeout := time.Duration(r.number(where+" TimeoutInMillis", n, 0, 50, int(most.Milliseconds()))) * time.Millisecond
	if timeout > wire.RESTTimeout && most == wire.RESTTimeoutRaised {
		r.note(n.line, "%s: more than 29 seconds need a raised quota, which only a Regional REST API can have", where)
	}
	return timeout
}

var methods = []string{"ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

// malformed returns what is wrong with a route, "" when nothing is.
func malformed(kind app.Kind, method, path string) string {
	switch {
	case path == "" || method == "":
		return "needs a Path and a Method"
	case !slices.Contains(methods, method):
		return "has a Method that API Gateway does not know: " + strconv.Quote(method)
	case path == "$default" && kind == app.HTTP:
		return ""
	case !strings.HasPrefix(path, "/"):
		return "has a Path that does not start with /"
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		name, opens := strings.CutPrefix(s, "{")
		name, closes := strings.CutSuffix(name, "}")
		name, greedy := strings.CutSuffix(name, "+")
		switch {
		case opens != closes || strings.ContainsAny(name, "{}") || opens && name == "":
			return "has a Path whose braces do not hold a whole segment"
		case opens && greedy && i < len(segments)-1:
			return "has a Path that goes on after {" + name + "+}"
		}
	}
	return ""
}

func (r *reader) payload(where string, n *node) string {
	version := r.text(where+" PayloadFormatVersion", n, "2.0")
	if version != "1.0" && version != "2.0" {
		r.fail(n.line, "%s: PayloadFormatVersion must be \"1.0\" or \"2.0\"", where)
	}
	return version
}

// apiOf returns the API that an event names, or the implicit one.
func (r *reader) apiOf(kind app.Kind, where string, f field, p *node) *api {
	property := "RestApiId"
	if kind == app.HTTP {
		property = "ApiId"
	}
	n := p.get(property)
	if n == nil {
		return r.implicit(kind, f.line)
	}
	id := r.quietly(n).text // Ref gives a resource's logical id
	a, resource := r.apis[id], r.root.get("Resources", id)
	switch {
	case a == nil && id == implicitREST && kind == app.REST, a == nil && id == implicitHTTP && kind == app.HTTP:
		return r.implicit(kind, f.line)
	case a != nil && a.Kind == kind:
		return a
	case a != nil:
		r.fail(n.line, "%s: %s names %s, which is the other kind of API", where, property, id)
	case resource == nil:
		r.note(n.line, "%s: %s names an API outside this template; the route is not served", where, property)
	default:
		r.note(n.line, "%s: the API %s does not exist or is not a serverless one; the route is not served", where, id)
	}
	return nil
}
