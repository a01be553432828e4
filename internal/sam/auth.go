package sam

import (
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
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

// authOf reads an Auth property.
func (r *reader) authOf(where string, n *node, known []string) *node {
	auth := r.look(where, n)
	if auth.isNull() {
		return auth
	}
	if auth.kind != object {
		r.fail(n.line, "%s must be a map", where)
	}
	for _, f := range auth.fields {
		if !slices.Contains(known, f.key) {
			r.fail(f.line, "%s has no property %s; it takes %s", where, f.key, strings.Join(known, ", "))
		}
	}
	return auth
}

// guard reads what keeps an API's routes.
func (r *reader) guard(a *api, p *node) {
	where := a.ID + " Auth"
	auth := r.authOf(where, p.get("Auth"), apiAuth[a.Kind])
	a.defaultAuthorizer = r.text(where+" DefaultAuthorizer", auth.get("DefaultAuthorizer"), "")
	const toPreflight, keyToPreflight = "AddDefaultAuthorizerToCorsPreflight", "AddApiKeyRequiredToCorsPreflight"
	a.keyRequired = r.boolean(where+" ApiKeyRequired", auth.get("ApiKeyRequired"), false)
	a.openPreflight = a.Kind == app.HTTP || !r.boolean(where+" "+toPreflight, auth.get(toPreflight), true)
	a.keylessPreflight = !r.boolean(where+" "+keyToPreflight, auth.get(keyToPreflight), true)
	switch {
	case a.CORS == nil || a.Kind == app.HTTP:
	case a.defaultAuthorizer != "" && !a.openPreflight:
		a.CORS.Authorizer = a.defaultAuthorizer
		r.note(a.Line, "%s: API Gateway asks for the authorizer %s in CORS preflights too, which browsers cannot pass; "+
			"set %s: false", a.ID, a.defaultAuthorizer, toPreflight)
	case a.keyRequired && !a.keylessPreflight:
		a.CORS.Authorizer = "ApiKeyRequired"
		r.note(a.Line, "%s: API Gateway asks for an API key in CORS preflights too, which browsers do not send; "+
			"set %s: false", a.ID, keyToPreflight)
	}
	if policy := auth.get("ResourcePolicy"); !policy.isNull() {
		r.note(policy.line, "%s: the resource policy is not evaluated", a.ID)
	}
}

// authorizer returns what guards one route, "" when it is open.
func (r *reader) authorizer(a *api, where, method string, event *node) string {
	auth := r.authOf(where+" Auth", event.get("Auth"), eventAuth[a.Kind])
	name := r.text(where+" Authorizer", auth.get("Authorizer"), "")
	if name == "" && (method != "OPTIONS" || !a.openPreflight) {
		name = a.defaultAuthorizer
	}
	if name != "" && name != "NONE" {
		return name
	}
	keyRequired := a.keyRequired && !(method == "OPTIONS" && a.keylessPreflight)
	if r.boolean(where+" ApiKeyRequired", auth.get("ApiKeyRequired"), keyRequired) {
		return "ApiKeyRequired"
	}
	return a.closed
}
