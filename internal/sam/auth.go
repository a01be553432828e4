package sam

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
)

// The properties of Auth, wherever it may appear. A misspelt one would leave a
// route open.
var (
	apiAuth = map[app.Kind][]string{
		app.REST: {
			"AddApiKeyRequiredToCorsPreflight", "AddDefaultAuthorizerToCorsPreflight", "ApiKeyRequired", "Authorizers",
			"DefaultAuthorizer", "InvokeRole", "ResourcePolicy", "UsagePlan",
		},
		app.HTTP: {"Authorizers", "DefaultAuthorizer", "EnableIamAuthorizer"},
	}
	eventAuth = map[app.Kind][]string{
		app.REST: {"ApiKeyRequired", "AuthorizationScopes", "Authorizer", "InvokeRole", "OverrideApiAuth", "ResourcePolicy"},
		app.HTTP: {"AuthorizationScopes", "Authorizer"},
	}
)

const (
	toPreflight    = "AddDefaultAuthorizerToCorsPreflight"
	keyToPreflight = "AddApiKeyRequiredToCorsPreflight"
)

// A denial says why a route is closed. The zero value means that it is open.
type denial struct {
	by   string // as in app.Route.Authorizer
	line int    // of the property that closes it
	file string // that has the line; "" is the template
}

// placeOf returns where d closes a route, as in app.Route.ClosedAt.
func (r *reading) placeOf(d denial) string {
	if d.by == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", filepath.Base(cmp.Or(d.file, r.app.File)), d.line)
}

// A guard is an API's access control.
type guard struct {
	authorizer          denial // DefaultAuthorizer
	key                 denial // ApiKeyRequired
	preflightOpen       bool   // OPTIONS is exempt from DefaultAuthorizer
	preflightWithoutKey bool   // OPTIONS is exempt from ApiKeyRequired
	unread              denial // an Auth that is refused, or a definition that cannot be read and may require authorization
}

// openAuth checks the keys of an Auth property, whose values are still to be
// resolved. What it refuses closes the routes.
func openAuth(p property, known []string) (auth property, refused denial) {
	auth = p.open()
	if auth.isNull() {
		return auth, denial{}
	}
	if auth.value.Kind != cfn.Map {
		p.refuse("must be a map")
		refused = denial{by: "Auth", line: auth.value.Line}
	}
	for _, f := range auth.fields() {
		if !slices.Contains(known, f.Key) {
			p.t.Refuse(f.Line, "%s does not support %s; supported are %s", p.where, f.Key, strings.Join(known, ", "))
			refused = denial{by: "Auth", line: f.Line}
		}
	}
	return auth, refused
}

// authorizer returns what p names; one that is refused closes too.
func authorizer(p property) denial {
	by := p.text("")
	if kind := p.resolve().Kind; kind == cfn.List || kind == cfn.Map {
		by = "Auth"
	}
	return denial{by: by, line: p.line(0)}
}

// readGuard reads an API's Auth, and notes what closes the preflights that a REST
// API responds to without a function.
func (r *reading) readGuard(a *api, p property) {
	auth, refused := openAuth(p, apiAuth[a.Kind])
	key := auth.at("ApiKeyRequired")
	a.guard.authorizer, a.guard.unread = authorizer(auth.at("DefaultAuthorizer")), refused
	if key.boolean(false) {
		a.guard.key = denial{by: "ApiKeyRequired", line: key.line(0)}
	}
	a.guard.preflightOpen = a.Kind == app.HTTP || !auth.at(toPreflight).boolean(true)
	a.guard.preflightWithoutKey = !auth.at(keyToPreflight).boolean(true)
	if a.CORS != nil && a.Kind == app.REST {
		why := a.whyClosed("OPTIONS", property{t: r.Template}, nil)
		switch a.CORS.Authorizer, a.CORS.ClosedAt = why.by, r.placeOf(why); why {
		case denial{}:
		case a.guard.key:
			r.Note(a.Line, "%s: API Gateway requires an API key for CORS preflights too, where browsers send none; set %s: false", a.ID, keyToPreflight)
		default:
			r.Note(a.Line, "%s: API Gateway runs the authorizer %s for CORS preflights too, which it rejects; set %s: false", a.ID, why.by, toPreflight)
		}
	}
	if policy := auth.at("ResourcePolicy"); !policy.isNull() {
		r.NotEmulated(policy.value.Line, "%s: the resource policy is not evaluated", a.ID)
	}
}

// whyClosed returns what rejects requests of a method without credentials, which
// crumb cannot check. It is the first of these that applies:
//
//   - what the operation of a definition requires,
//   - the event's Authorizer; with NONE only a key may be required,
//   - the API's DefaultAuthorizer, unless the request is an OPTIONS that is exempt,
//   - the event's ApiKeyRequired or else the API's, with the same exemption,
//   - a definition that cannot be read, since it may require anything.
//
// A route has an event's auth, an operation, or neither. docs/why-403.md shows
// this as a table.
func (a *api) whyClosed(method string, auth property, operation *cfn.Value) denial {
	if demanded := a.demanded(auth.t, operation); demanded.by != "" {
		return demanded
	}
	preflight := method == "OPTIONS"
	auth, refused := openAuth(auth, eventAuth[a.Kind])
	if refused.by != "" {
		return refused
	}
	auth = auth.as(strings.TrimSuffix(auth.where, " Auth"))
	by := authorizer(auth.at("Authorizer"))
	if by.by == "" && !(preflight && a.guard.preflightOpen) {
		by = a.guard.authorizer
	}
	if by.by != "" && by.by != "NONE" {
		return by
	}
	key := a.guard.key
	if preflight && a.guard.preflightWithoutKey {
		key = denial{}
	}
	own := auth.at("ApiKeyRequired")
	if own.boolean(key.by != "") {
		return denial{by: "ApiKeyRequired", line: own.line(key.line)}
	}
	return a.guard.unread
}

// demanded returns the security scheme that an operation of the API's definition
// requires, or else the one that the whole definition requires.
func (a *api) demanded(t *cfn.Template, operation *cfn.Value) denial {
	if iam := operation.Get("x-amazon-apigateway-auth", "type"); t.Resolve("", iam).Text == "AWS_IAM" {
		return denial{"AWS_IAM", iam.Line, a.definitionFile}
	}
	security := operation.Get("security")
	if security == nil && operation != nil {
		security = a.definition.Get("security")
	}
	for _, requirement := range t.Resolve("", security).Items {
		if requirement.Kind != cfn.Map || len(requirement.Fields) == 0 || requirement.Fields[0].Key == "NONE" {
			continue
		}
		name := requirement.Fields[0].Key
		scheme := a.definition.Get("components", "securitySchemes", name)
		if scheme == nil {
			scheme = a.definition.Get("securityDefinitions", name)
		}
		authType := t.Resolve("", scheme.Get("x-amazon-apigateway-authtype")).Text
		switch {
		case strings.EqualFold(authType, "awsSigv4"):
			name = "AWS_IAM"
		case authType == "" && scheme.Get("type").Str() == "apiKey" && scheme.Get("x-amazon-apigateway-authorizer").IsNull():
			name = "ApiKeyRequired"
		}
		return denial{name, requirement.Line, a.definitionFile}
	}
	return denial{}
}
