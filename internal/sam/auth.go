package sam

import (
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
)

// The properties of Auth, at each place where it stands. A misspelt one would
// leave a route open.
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

// A denial is why a route is closed; the zero value, that it is open.
type denial struct {
	by   string // as app.Route.Authorizer has it
	line int    // of what says so
}

// A guard is what an API says about access to its routes.
type guard struct {
	authorizer          denial // DefaultAuthorizer
	key                 denial // ApiKeyRequired
	preflightOpen       bool   // the authorizer leaves OPTIONS out
	preflightWithoutKey bool   // the key does
	unread              denial // a definition that cannot be read and may guard routes
}

// openAuth reads an Auth property, up to its parts.
func openAuth(p property, known []string) property {
	auth := p.open()
	if auth.isNull() {
		return auth
	}
	if auth.value.Kind != cfn.Map {
		p.fail("must be a map")
	}
	for _, f := range auth.fields() {
		if !slices.Contains(known, f.Key) {
			p.t.Fail(f.Line, "%s has no property %s; it takes %s", p.where, f.Key, strings.Join(known, ", "))
		}
	}
	return auth
}

// readGuard reads an API's Auth, and notes what closes the preflights that a REST
// API answers by itself.
func (r *reading) readGuard(a *api, p property) {
	auth := openAuth(p, apiAuth[a.Kind])
	authorizer, key := auth.at("DefaultAuthorizer"), auth.at("ApiKeyRequired")
	a.guard.authorizer = denial{authorizer.text(""), authorizer.line(0)}
	if key.boolean(false) {
		a.guard.key = denial{"ApiKeyRequired", key.line(0)}
	}
	a.guard.preflightOpen = a.Kind == app.HTTP || !auth.at(toPreflight).boolean(true)
	a.guard.preflightWithoutKey = !auth.at(keyToPreflight).boolean(true)
	if a.CORS != nil && a.Kind == app.REST {
		why := a.whyClosed("OPTIONS", property{t: r.Template}, nil)
		switch a.CORS.Authorizer = why.by; why {
		case denial{}:
		case a.guard.key:
			r.Note(a.Line, "%s: API Gateway asks for an API key in CORS preflights too, which browsers do not send; set %s: false", a.ID, keyToPreflight)
		default:
			r.Note(a.Line, "%s: API Gateway asks for the authorizer %s in CORS preflights too, which browsers cannot pass; set %s: false", a.ID, why.by, toPreflight)
		}
	}
	if policy := auth.at("ResourcePolicy"); !policy.isNull() {
		r.Note(policy.value.Line, "%s: the resource policy is not evaluated", a.ID)
	}
}

// whyClosed tells what turns away requests of a method that come without
// credentials, which crumb cannot check: the first that there is of
//
//   - what the operation of a definition demands,
//   - the event's Authorizer, where NONE leaves only a key,
//   - the API's DefaultAuthorizer, but of OPTIONS only where that is not left out,
//   - the event's ApiKeyRequired or else the API's, likewise,
//   - a definition that cannot be read, since it may demand anything.
//
// A route has an event's auth, an operation, or neither. docs/local.md has this
// as a table.
func (a *api) whyClosed(method string, auth property, operation *cfn.Value) denial {
	if demanded := a.demanded(auth.t, operation); demanded.by != "" {
		return demanded
	}
	preflight := method == "OPTIONS"
	auth = openAuth(auth, eventAuth[a.Kind])
	auth = auth.as(strings.TrimSuffix(auth.where, " Auth"))
	own := auth.at("Authorizer")
	authorizer := denial{own.text(""), own.line(0)}
	if authorizer.by == "" && !(preflight && a.guard.preflightOpen) {
		authorizer = a.guard.authorizer
	}
	if authorizer.by != "" && authorizer.by != "NONE" {
		return authorizer
	}
	key := a.guard.key
	if preflight && a.guard.preflightWithoutKey {
		key = denial{}
	}
	own = auth.at("ApiKeyRequired")
	if own.boolean(key.by != "") {
		return denial{"ApiKeyRequired", own.line(key.line)}
	}
	return a.guard.unread
}

// demanded returns what an operation of the API's definition demands: a scheme
// of its own or of the whole definition.
func (a *api) demanded(t *cfn.Template, operation *cfn.Value) denial {
	if iam := operation.Get("x-amazon-apigateway-auth", "type"); t.Resolve("", iam).Text == "AWS_IAM" {
		return denial{"AWS_IAM", iam.Line}
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
		return denial{name, requirement.Line}
	}
	return denial{}
}
