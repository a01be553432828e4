package sam

import "slices"

// guard reads what keeps an API's routes: Auth, and a definition of its own.
func (r *reader) guard(a *api, p *node) {
	where := a.ID + " Auth"
	a.auth = r.look(where, p.get("Auth"))
	a.defaultAuthorizer = r.text(where+" DefaultAuthorizer", a.auth.get("DefaultAuthorizer"), "")
	a.keyRequired = a.Kind == REST && r.boolean(where+" ApiKeyRequired", a.auth.get("ApiKeyRequired"))
	toPreflight := a.auth.get("AddDefaultAuthorizerToCorsPreflight")
	a.openPreflight = a.Kind == HTTP || toPreflight != nil && !r.boolean(where, toPreflight)
	if a.CORS != nil && a.defaultAuthorizer != "" && !a.openPreflight {
		r.note(a.Line, "%s: API Gateway asks for the authorizer %s in CORS preflights too, which browsers cannot pass; "+
			"set AddDefaultAuthorizerToCorsPreflight: false", a.ID, a.defaultAuthorizer)
	}
	if policy := a.auth.get("ResourcePolicy"); !policy.isNull() {
		r.note(policy.line, "%s: the resource policy is not evaluated", a.ID)
	}
	for _, property := range []string{"DefinitionBody", "DefinitionUri"} {
		n := p.get(property)
		if n.isNull() {
			continue
		}
		r.note(n.line, "%s: %s is not read; only the routes of Events are served", a.ID, property)
		if a.defaultAuthorizer == "" && (n.kind != object || r.guarded(n)) {
			a.defaultAuthorizer = property
		}
	}
}

// guarded reports whether an OpenAPI definition may ask for authorization. What
// cannot be read counts as such.
func (r *reader) guarded(n *node) bool {
	if !r.spend(1) {
		return true
	}
	for _, f := range n.fields {
		if f.key == "security" || f.key == "x-amazon-apigateway-auth" || f.key == "Fn::Transform" || r.guarded(f.value) {
			return true
		}
	}
	return slices.ContainsFunc(n.items, r.guarded)
}

// authorizer returns what guards one route, "" when it is open.
func (r *reader) authorizer(a *api, where, method string, event *node) string {
	auth := r.look(where+" Auth", event.get("Auth"))
	name := r.text(where+" Authorizer", auth.get("Authorizer"), "")
	if name == "" && (method != "OPTIONS" || !a.openPreflight) {
		name = a.defaultAuthorizer
	}
	if name != "" && name != "NONE" {
		return name
	}
	key := a.keyRequired
	if own := auth.get("ApiKeyRequired"); !own.isNull() {
		key = r.boolean(where+" ApiKeyRequired", own)
	}
	if a.Kind == REST && key {
		return "ApiKeyRequired"
	}
	return ""
}
