package sam

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
	"github.com/crumb-go/crumb/internal/router"
	"github.com/crumb-go/crumb/internal/sam/authorizers"
)

// An operation is one method of one path of an API, as SAM writes it into the API's
// definition before API Gateway imports that.
type operation struct {
	app.Route // without what guards it

	where   string // its name in findings
	file    string // that it is in; "" is the template
	line    int
	event   bool   // an event made or changed it
	missing string // why it is not served; "" when it is
	hasRole bool   // with which API Gateway calls the function

	written  *cfn.Value    // the security of the definition's operation
	security []requirement // of events; finish puts those of written before it
	iam      denial        // x-amazon-apigateway-auth
}

// noIntegration is the reason of an operation that an event can complete.
const noIntegration = "has no x-amazon-apigateway-integration"

// isTwice is the reason of an operation that is in a Body and beside it.
const isTwice = "is there twice"

// add adds an operation that the API does not have.
func (a *api) add(o *operation) {
	a.operations = append(a.operations, o)
	a.known[o.Method+" "+o.Path] = o
}

// A source is where an API's operations come from.
type source uint8

const (
	fromEvents     source = iota // there is no definition, or it cannot be read here
	fromDefinition               // the definition of a REST API, or the DefinitionUri of an HTTP API
	merged                       // a REST API's with MergeDefinitions
	completed                    // the DefinitionBody of an HTTP API
)

// combine joins an event to the operation of the same method and path, if there is
// one, as SAM does (samtranslator/model/eventsources/push.py, release 1.115):
//
//	source          a new route   function, stream   timeout, payload   auth
//	fromEvents      added         refused, as it is there already; closed if their Auth differs
//	fromDefinition  not served    definition         definition         definition; with OverrideApiAuth both
//	merged          added         event              event              event, else definition
//	completed       added         definition, else   event, else        both
//	                              event              definition
//
// Which of two events with one route in a definition counts depends on hashes of
// logical ids: crumb takes the first, and closes it if both have an Auth.
func (a *api) combine(e *operation, payloadGiven bool) {
	o := a.known[e.Method+" "+e.Path]
	switch {
	case o == nil:
		a.add(e)
		return
	case a.source == fromEvents:
		if a.guard.unread.by == "" {
			a.Refuse(e.Line, "%s: %s has the route %s %s already, on line %d", e.where, a.ID, e.Method, e.Path, o.Line)
		}
		if !slices.EqualFunc(o.security, e.security, func(p, q requirement) bool { return p.name == q.name && slices.Equal(p.scopes, q.scopes) }) {
			o.security = append(o.security, requirement{name: "Events", denial: denial{by: "Events", line: e.line}})
		}
	case o.event:
		a.Note(e.line, "%s: %s has the route %s %s already, on line %d; which of the two is deployed depends on hashes", e.where, a.ID, e.Method, e.Path, o.line)
		if o.security != nil && e.security != nil {
			o.security = append(o.security, requirement{name: "Events", denial: denial{by: "Events", line: e.line}})
		} else if o.security == nil {
			o.security = e.security
		}
	case a.source == merged:
		if e.security == nil {
			e.security, e.written = o.security, o.written
		}
		e.iam = o.iam
		*o = *e
	default:
		timeout, payload := o.Timeout, o.Payload
		if o.missing == noIntegration {
			o.Route, o.missing, payload = e.Route, "", e.Payload
		}
		if e.Timeout > 0 {
			timeout = e.Timeout
		}
		if payloadGiven {
			payload = e.Payload
		}
		o.Timeout, o.Payload = timeout, payload
		o.security = append(o.security, e.security...)
		o.event = true
	}
}

// checkSiblings refuses a second name for the variable segment of a REST API's path.
func (a *api) checkSiblings() {
	names := map[string]string{} // by the path before it
	for _, o := range a.operations {
		for i := range o.Path {
			before, name := o.Path[:i], o.Path[i:]
			if name, _, _ = strings.Cut(name, "/"); name == "" || name[0] != '{' || strings.HasSuffix(name, "+}") {
				continue
			}
			names[before] = cmp.Or(names[before], name)
			if first := names[before]; first != name {
				a.In(o.file, func() {
					a.Refuse(o.line, "%s: %s and %s are names of one path segment, which a REST API does not support", o.where, first, name)
				})
			}
		}
	}
}

// takesOthers reports whether o may take a request of a route that is not served.
func (o *operation) takesOthers() bool { return o.Method == "ANY" || strings.ContainsAny(o.Path, "{$") }

// finish turns an API's operations into routes, and notes those that are not served,
// and what closes the preflights that a REST API responds to without a function.
func (a *api) finish() {
	if a.Kind == app.REST {
		a.checkSiblings()
	}
	part, found := a.unplaced[a.ID]
	if other, added := a.elsewhere[a.ID]; added && !found && slices.ContainsFunc(a.operations, (*operation).takesOthers) {
		part, found = other, true
	}
	if found && a.guard.unread.by == "" {
		a.guard.unread = denial{by: "AuthorizationType", line: part.Line}
		a.NotEmulated(part.Line, "%s is guarded and not served, so every route of %s is closed", part.Key, a.ID)
	}
	declared := authorizers.API{
		Template: a.Template, ID: a.ID, Kind: a.Kind, Declared: a.guard.declared, Document: a.definition, DocumentFile: a.definitionFile,
		FunctionOf: a.functionOf, MayCall: a.mayCall,
	}
	if a.raw != nil {
		declared.Resources = a.raw.Authorizers
	}
	a.Authorizers = declared.Read()
	var barred []*app.Function // those already noted
	for _, o := range a.operations {
		report := a.Note // SAM looks only where it adds something to an integration
		if o.missing != noIntegration && (o.security != nil || a.guard.authorizer.by != "" || a.guard.key.by != "") {
			report = a.Refuse
		}
		if a.Resolve("", o.written).IsNull() {
			o.written = nil // that of the definition applies
		}
		a.In(o.file, func() { o.security = append(a.requirements(o.where, o.file, o.written, report), o.security...) })
		if o.missing != "" {
			a.In(o.file, func() { a.NotEmulated(o.line, "%s %s; the route is not served", o.where, o.missing) })
			a.bar(o)
			continue
		}
		o.Guard = a.guardOf(o)
		if o.Mock != nil {
			a.Mocks = append(a.Mocks, o.Route)
			continue
		}
		a.Routes = append(a.Routes, o.Route)
		if a.raw != nil && !o.hasRole && !slices.Contains(barred, o.Function) && !a.mayCall(o.Function) {
			barred = append(barred, o.Function)
			a.In(o.file, func() {
				a.Note(o.line, "%s: API Gateway has no permission to call %s, so AWS responds with 500; %s", o.where, o.Function.ID, authorizers.AddPermission)
			})
		}
	}
	if a.CORS == nil || a.Kind != app.REST {
		return
	}
	preflight := &operation{Route: app.Route{Method: "OPTIONS"}}
	a.CORS.Guard = a.guardOf(preflight)
	switch why, _ := a.whyClosed(preflight); why.denial {
	case denial{}:
	case a.guard.key:
		a.Note(a.Line, "%s: API Gateway requires an API key for CORS preflights too, where browsers send none; set %s: false", a.ID, keyToPreflight)
	default:
		a.Note(a.Line, "%s: API Gateway runs the authorizer %s for CORS preflights too, which it rejects; set %s: false", a.ID, why.by, toPreflight)
	}
}

// bar keeps the requests of a guarded operation that is not served from a route that
// matches them too, such as /{proxy+}, and may be open.
func (a *api) bar(o *operation) {
	if router.Malformed(a.Kind, o.Method, o.Path) != "" {
		return
	}
	o.Guard, o.Function = a.guardOf(o), nil
	if o.Authorizer != "" || o.APIKey || o.missing == isTwice {
		o.Mock = &app.Mock{Status: http.StatusNotImplemented, Header: map[string]string{"Content-Type": "application/json"}, Body: `{"message":"Not Implemented"}`}
		a.Mocks = append(a.Mocks, o.Route)
	}
}
