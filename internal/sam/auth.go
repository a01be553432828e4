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
	authorizers         property // Authorizers
	authorizer          denial   // DefaultAuthorizer
	key                 denial   // ApiKeyRequired
	preflightOpen       bool     // OPTIONS is exempt from DefaultAuthorizer
	preflightWithoutKey bool     // OPTIONS is exempt from ApiKeyRequired
	unread              denial   // an Auth that is refused, or a definition that cannot be read and may require authorization
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

// authorizer returns what p names, if anything; one that is refused closes too.
func authorizer(p property) denial {
	by := p.text("")
	if kind := p.resolve().Kind; kind == cfn.List || kind == cfn.Map {
		by = "Auth"
	}
	if by == "" {
		return denial{}
	}
	return denial{by: by, line: p.line(0)}
}

// readGuard reads an API's Auth, and notes what closes the preflights that a REST
// API responds to without a function.
func (r *reading) readGuard(a *api, p property) {
	auth, refused := openAuth(p, apiAuth[a.Kind])
	key := auth.at("ApiKeyRequired")
	a.guard.authorizers = auth.at("Authorizers").open()
	a.guard.authorizer, a.guard.unread = authorizer(auth.at("DefaultAuthorizer")), refused
	if key.boolean(false) {
		a.guard.key = denial{by: "ApiKeyRequired", line: key.line(0)}
	}
	a.guard.preflightOpen = a.Kind == app.HTTP || !auth.at(toPreflight).boolean(true)
	a.guard.preflightWithoutKey = !auth.at(keyToPreflight).boolean(true)
	if a.CORS != nil && a.Kind == app.REST {
		why, _ := a.whyClosed("OPTIONS", property{t: r.Template}, nil)
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

// guardRoute notes what guards a route. It has an event's auth, an operation, or
// neither.
func (r *reading) guardRoute(a *api, route *app.Route, auth property, operation *cfn.Value) {
	why, key := a.whyClosed(route.Method, auth, operation)
	route.Authorizer, route.ClosedAt = why.by, r.placeOf(why)
	route.Auth, route.APIKey = a.kindOf(r.Template, why.by), key
}

// whyClosed returns what rejects requests of a method without credentials, which
// crumb cannot check, and whether a key is required, perhaps in addition. It is the
// first of these that applies:
//
//   - the authorizer that the operation of a definition requires,
//   - the event's Authorizer; with NONE only a key may be required,
//   - the API's DefaultAuthorizer, unless the request is an OPTIONS that is exempt,
//   - the operation's key, the event's ApiKeyRequired or else the API's, with the
//     same exemption,
//   - a definition that cannot be read, since it may require anything.
//
// docs/why-403.md shows this as a table.
func (a *api) whyClosed(method string, auth property, operation *cfn.Value) (why denial, key bool) {
	demanded, demandedKey := a.demanded(auth.t, operation)
	preflight := method == "OPTIONS"
	auth, refused := openAuth(auth, eventAuth[a.Kind])
	auth = auth.as(strings.TrimSuffix(auth.where, " Auth"))
	by := authorizer(auth.at("Authorizer"))
	if by.by == "" && !(preflight && a.guard.preflightOpen) {
		by = a.guard.authorizer
	}
	if by.by == "NONE" {
		by = denial{}
	}
	required := a.guard.key
	if preflight && a.guard.preflightWithoutKey {
		required = denial{}
	}
	if own := auth.at("ApiKeyRequired"); own.boolean(required.by != "") {
		required = denial{by: "ApiKeyRequired", line: own.line(required.line)}
	} else {
		required = denial{}
	}
	required = cmp.Or(demandedKey, required)
	return cmp.Or(demanded, refused, by, required, a.guard.unread), required.by != ""
}

// demanded returns the security scheme and the key that an operation of the API's
// definition requires, or else those that the whole definition requires.
func (a *api) demanded(t *cfn.Template, operation *cfn.Value) (by, key denial) {
	if iam := operation.Get("x-amazon-apigateway-auth", "type"); t.Resolve("", iam).Text == "AWS_IAM" {
		by = denial{"AWS_IAM", iam.Line, a.definitionFile}
	}
	security := operation.Get("security")
	if security == nil && operation != nil {
		security = a.definition.Get("security")
	}
	for _, requirement := range t.Resolve("", security).Items {
		for _, f := range requirement.Fields {
			required := denial{f.Key, requirement.Line, a.definitionFile}
			switch kind := schemeKind(t, a.scheme(f.Key)); {
			case f.Key == "NONE":
			case kind == app.NoAuth:
				required.by = "ApiKeyRequired"
				key = cmp.Or(key, required)
			case kind == app.IAM:
				required.by = "AWS_IAM"
				fallthrough
			default:
				by = cmp.Or(by, required)
			}
		}
	}
	return by, key
}

// scheme returns a security scheme of the API's definition.
func (a *api) scheme(name string) *cfn.Value {
	if scheme := a.definition.Get("components", "securitySchemes", name); scheme != nil {
		return scheme
	}
	return a.definition.Get("securityDefinitions", name)
}

// kindOf returns the kind of the authorization that closes a route, as in
// app.Route.Authorizer.
func (a *api) kindOf(t *cfn.Template, by string) app.Auth {
	declared, scheme := a.guard.authorizers.value.Get(by), schemeKind(t, a.scheme(by))
	switch {
	case by == "", by == "ApiKeyRequired":
		return app.NoAuth
	case by == "AWS_IAM":
		return app.IAM
	case declared.IsNull() && scheme != app.NoAuth:
		return scheme
	case !declared.Get("UserPoolArn").IsNull():
		return app.Cognito
	case !declared.Get("JwtConfiguration").IsNull():
		return app.JWT
	case !declared.Get("FunctionArn").IsNull():
		return app.Lambda
	}
	return app.UnknownAuth
}

// schemeKind returns the kind of a security scheme ("x-amazon-apigateway-authtype",
// "x-amazon-apigateway-authorizer object"); app.NoAuth is that of a key.
func schemeKind(t *cfn.Template, scheme *cfn.Value) app.Auth {
	authorizer := t.Open("", scheme.Get("x-amazon-apigateway-authorizer"))
	authType := t.Resolve("", scheme.Get("x-amazon-apigateway-authtype")).Text
	switch t.Resolve("", authorizer.Get("type")).Text {
	case "jwt":
		return app.JWT
	case "cognito_user_pools":
		return app.Cognito
	case "request", "token":
		return app.Lambda
	}
	switch {
	case strings.EqualFold(authType, "awsSigv4"):
		return app.IAM
	case authType == "" && scheme.Get("type").Str() == "apiKey" && authorizer.IsNull():
		return app.NoAuth
	}
	return app.UnknownAuth
}
