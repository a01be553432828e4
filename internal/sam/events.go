package sam

import (
	"cmp"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
	"github.com/crumb-go/crumb/internal/router"
	"github.com/crumb-go/crumb/shared/wire"
)

// events reads a function's events. HTTP events become routes.
func (r *reading) events(fn *app.Function, events cfn.Property) {
	if events.IsNull() {
		return
	}
	if events.Value.Kind != cfn.Map {
		events.Refuse("must be a map")
		return
	}
	for _, f := range events.Fields() {
		e := r.Property(fn.ID+" "+f.Key, f.Value).Open()
		switch kind := e.Value.Get("Type").Str(); kind {
		case "Api":
			r.event(app.REST, fn, f, e)
		case "HttpApi":
			r.event(app.HTTP, fn, f, e)
		case "":
			if !e.IsNull() {
				r.Refuse(f.Line, "%s: the event %s needs a Type", fn.ID, f.Key)
			}
		default:
			if !r.undriven[kind] {
				r.undriven[kind] = true
				r.NotEmulated(f.Line, "%s events are not emulated", kind)
			}
		}
	}
}

// event adds one HTTP event to its API.
func (r *reading) event(kind app.Kind, fn *app.Function, f cfn.Field, e cfn.Property) {
	p := e.At("Properties").As(e.Where).Open()
	misspelt := p.OnlyKeys(r.Refuse, eventProperties[kind]...) > 0
	a := r.apiOf(kind, f.Line, p)
	if a == nil {
		return
	}
	if a.raw != nil { // SAM adds nothing else
		r.permitted = append(r.permitted, permission{function: fn.ID, principal: gatewayPrincipal, action: invoke})
	}
	written := p.At("Method").Text("")
	method, path := strings.ToUpper(written), p.At("Path").Text("")
	if kind == app.HTTP && (path == "" && method == "" || path == "/$default") {
		path, method = "$default", "ANY"
	}
	if strings.EqualFold(method, anyMethod) {
		method = "ANY"
	}
	if a.source == fromDefinition || a.source == merged && strings.EqualFold(written, "ANY") && a.overrides(p.At("Auth")) {
		a.beside(method, path, p)
		return
	}
	if why := router.Malformed(kind, method, path); why != "" {
		if !misspelt || path != "" && method != "" {
			r.Refuse(f.Line, "%s %s", p.Where, why)
		}
		return
	}
	security := a.eventAuthOf(p.At("Auth"))
	if hidden := p.Value.Get("Fn::Transform"); hidden != nil {
		r.NotEmulated(hidden.Line, mayGuard, p.Where)
		security = append(security, requirement{name: "Auth", denial: denial{by: "Auth", line: hidden.Line}})
	}
	if a.source == merged && a.lost(method, path, written, p) {
		return
	}
	o := &operation{where: p.Where, line: f.Line, event: true, security: security, Route: app.Route{Line: f.Line, Method: method, Path: path, Function: fn, Payload: "1.0"}}
	payload := p.At("PayloadFormatVersion")
	if kind == app.HTTP {
		o.Payload = payloadVersion(payload)
	} else if !payload.IsNull() {
		r.Refuse(payload.Value.Line, "%s: SAM rejects PayloadFormatVersion on Api events, which are always 1.0; only HttpApi events support it", p.Where)
	}
	o.Timeout = timeout(kind, p)
	o.Stream = kind == app.REST && p.At("ResponseTransferMode").Text("") == "RESPONSE_STREAM"
	for _, name := range []string{"ValidateBody", "ValidateParameters"} {
		if v := p.Value.Get("RequestModel", name); v.Str() == "true" {
			r.NotEmulated(v.Line, "%s: %s is not emulated", p.Where, name)
		}
	}
	a.combine(o, !payload.IsNull())
}

// beside reads an event whose API has its routes in a definition. It changes only
// what guards one, with OverrideApiAuth.
func (a *api) beside(method, path string, p cfn.Property) {
	o := a.known[method+" "+path]
	auth := p.At("Auth")
	override := a.overrides(auth)
	switch {
	case override && o == nil:
		a.Refuse(auth.Value.Line, "%s: %s has a definition without %s %s, which OverrideApiAuth needs", p.Where, a.ID, method, path)
	case override:
		if list := a.eventAuthOf(auth); o.missing != noIntegration {
			o.security = append(o.security, list...)
		}
	case o == nil && a.known["ANY "+path] == nil:
		a.Note(p.Value.Line, "%s: %s has a definition without %s %s, so API Gateway does not serve it", p.Where, a.ID, method, path)
	}
}

// overrides reports whether an event's auth is added to that of a definition.
func (a *api) overrides(auth cfn.Property) bool {
	return a.inline && !auth.IsNull() && auth.Value.Kind == cfn.Map && demanded(auth.At("OverrideApiAuth"), false)
}

// lost reports whether SAM loses an event although MergeDefinitions is set.
func (a *api) lost(method, path, written string, p cfn.Property) bool {
	switch {
	case len(a.definition.Get("paths").Fields) == 0:
		a.Note(p.Value.Line, "%s: SAM does not merge events into a definition without a path, so API Gateway does not serve it", p.Where)
		return true
	case strings.EqualFold(written, "ANY") && a.known[method+" "+path] != nil:
		a.Note(p.Value.Line, "%s: SAM merges ANY only under its name %s; the route of the definition is served", p.Where, anyMethod)
		return true
	}
	return false
}

// timeout reads an event's TimeoutInMillis ("Quotas for configuring and running
// a REST API in API Gateway", "Quotas for configuring and running an HTTP API").
func timeout(kind app.Kind, p cfn.Property) time.Duration {
	n, most := p.At("TimeoutInMillis"), wire.HTTPTimeout
	switch {
	case kind == app.REST && p.T.Resolve("", p.Value.Get("ResponseTransferMode")).Text == "RESPONSE_STREAM":
		most = wire.RESTTimeoutStream
	case kind == app.REST:
		most = wire.RESTTimeoutRaised
	}
	timeout := time.Duration(n.Number(0, 50, int(most.Milliseconds()))) * time.Millisecond
	if timeout > wire.RESTTimeout && most == wire.RESTTimeoutRaised {
		p.T.Note(n.Value.Line, "%s: more than 29 seconds requires a raised quota, which only Regional REST APIs can have", p.Where)
	}
	return timeout
}

func payloadVersion(p cfn.Property) string {
	version := p.Text("2.0")
	if version != "1.0" && version != "2.0" {
		p.Refuse(`must be "1.0" or "2.0"`)
		version = "2.0"
	}
	return version
}

// apiOf returns the API that an event names, or the implicit one.
func (r *reading) apiOf(kind app.Kind, line int, p cfn.Property) *api {
	name := "RestApiId"
	if kind == app.HTTP {
		name = "ApiId"
	}
	n := p.Value.Get(name)
	if n == nil {
		return r.implicit(kind, line)
	}
	id := cmp.Or(n.Ref(), n.Text) // SAM runs before other functions are evaluated
	a := r.apis[id]
	switch {
	case a == nil && (id == implicitREST && kind == app.REST || id == implicitHTTP && kind == app.HTTP):
		return r.implicit(kind, line)
	case a != nil && a.Kind == kind:
		return a
	case a != nil:
		r.Refuse(n.Line, "%s: %s names %s, an API of the other kind", p.Where, name, id)
	case r.Section("Resources").Get(id) == nil:
		r.Refuse(n.Line, "%s: %s must be a Ref to an API of this template; the route is not served", p.Where, name)
	default:
		r.NotEmulated(n.Line, "%s: the API %s is not one that is served here, or its condition is false; the route is not served", p.Where, id)
	}
	return nil
}
