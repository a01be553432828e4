package sam

import (
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

// A guard is an API's access control.
type guard struct {
	authorizer          denial   // DefaultAuthorizer
	authorizers         []string // those that Auth defines, and AWS_IAM
	declared            *cfn.Value
	key                 denial // ApiKeyRequired
	plan                usagePlan
	preflightOpen       bool   // OPTIONS is exempt from DefaultAuthorizer
	preflightWithoutKey bool   // OPTIONS is exempt from ApiKeyRequired
	unread              denial // an Auth that is refused, or a definition that cannot be read and may require authorization
}

// openAuth checks the keys of an Auth property, whose values are still to be
// resolved. What is wrong closes the routes.
func openAuth(p property, known []string, report func(int, string, ...any)) (auth property, refused denial) {
	auth = p.open()
	if auth.isNull() {
		return auth, denial{}
	}
	if auth.value.Kind != cfn.Map || p.value.IsCall() {
		p.refuse("must be a map")
		refused = denial{by: "Auth", line: auth.value.Line}
	}
	if line := onlyKeys(auth, report, known...); line > 0 {
		refused = denial{by: "Auth", line: line}
	}
	return auth, refused
}

// named returns the authorizer that p names. SAM runs before functions are evaluated,
// and refuses all but a name; one that is refused closes too.
func named(p property) denial {
	v := p.resolve()
	if v.Kind == cfn.List || v.Kind == cfn.Map || p.value.IsCall() && !p.t.IsParameter(p.value) {
		p.refuse("must be the name of an authorizer")
		return denial{by: "Auth", line: p.line(0)}
	}
	return denial{by: v.Text, line: p.line(0)}
}

// demanded reports whether SAM takes p as true: all but a plain false.
func demanded(p property, byDefault bool) bool {
	if p.isNull() {
		return byDefault
	}
	v := p.value
	if v.Kind == cfn.Scalar && v.Bare && (v.Text == "false" || v.Text == "0") || v.Kind == cfn.Scalar && v.Text == "" {
		return false
	}
	if on, known := p.resolve().Bool(); !v.Bare && !(known && on) {
		p.t.Note(v.Line, "%s: SAM treats everything but a plain false as true", p.where)
	}
	return true
}

// readGuard reads an API's Auth.
func (a *api) readGuard(p property) {
	auth, refused := openAuth(p, apiAuth[a.Kind], a.Refuse)
	a.guard.unread = refused
	a.guard.preflightOpen = a.Kind == app.HTTP || !demanded(auth.at(toPreflight), true)
	a.guard.preflightWithoutKey = !demanded(auth.at(keyToPreflight), true)
	if key := auth.at("ApiKeyRequired"); demanded(key, false) {
		a.guard.key = denial{by: keyRequired, line: key.line(0)}
	}
	a.guard.plan = a.usagePlanOf(auth.at("UsagePlan"))
	a.nameResourcePolicy(auth, a.ID)
	a.listAuthorizers(auth.at("Authorizers"))
	if a.Kind == app.REST || demanded(auth.at("EnableIamAuthorizer"), false) {
		a.guard.authorizers = append(a.guard.authorizers, iam)
	}
	d := auth.at("DefaultAuthorizer")
	a.guard.authorizer = named(d)
	switch by := a.guard.authorizer.by; {
	case by == "" || by == "Auth" || refused.by != "" || d.resolve().Placeholder || slices.Contains(a.guard.authorizers, by):
	case a.Kind == app.REST && len(a.guard.authorizers) == 1:
		if by == noAuthorizer {
			break
		}
		a.guard.authorizer.ignored = true
		a.Note(d.value.Line, "%s: SAM ignores DefaultAuthorizer without Authorizers: deployed, no authorizer guards these routes", a.ID)
	default:
		a.Refuse(d.value.Line, "%s: DefaultAuthorizer names %s, which Authorizers does not have", a.ID, by)
	}
}

// nameResourcePolicy reports the ResourcePolicy of an Auth.
func (a *api) nameResourcePolicy(auth property, where string) {
	if policy := auth.at("ResourcePolicy"); !policy.isNull() {
		a.NotEmulated(policy.value.Line, "%s: the resource policy is not evaluated", where)
	}
}

// listAuthorizers notes which authorizers Auth declares. readAuthorizers reads them, once
// the functions are known.
func (a *api) listAuthorizers(p property) {
	if p.isNull() {
		return
	}
	if p.value.Kind != cfn.Map || p.value.IsCall() {
		p.refuse("must be a map")
		a.guard.unread = denial{by: "Auth", line: p.value.Line}
		return
	}
	a.guard.declared = p.value
	for _, f := range p.fields() {
		a.guard.authorizers = append(a.guard.authorizers, f.Key)
	}
}

// scopesOf returns the scopes of an authorizer of Auth.
func (a *api) scopesOf(name string) []string {
	list, _ := scopes(property{a.Template, a.ID + " " + name, a.guard.declared.Get(name)}.at("AuthorizationScopes"))
	return list
}

// eventAuthOf returns what an event's Auth adds to the security of its operation. What
// SAM refuses closes the route, unless it asks for openness that is there without it.
func (a *api) eventAuthOf(p property) (list []requirement) {
	if p.value.IsCall() {
		a.Note(p.value.Line, "%s: SAM does not evaluate functions in Auth and ignores it; the route is closed here", p.where)
		return []requirement{{name: "Auth", denial: denial{by: "Auth", line: p.value.Line}}}
	}
	auth, refused := openAuth(p, eventAuth[a.Kind], a.Note) // SAM ignores other keys
	if refused.by != "" {
		list = append(list, requirement{name: "Auth", denial: refused})
	}
	if len(auth.fields()) == 0 {
		return list
	}
	where := strings.TrimSuffix(auth.where, " Auth")
	auth = auth.as(where)
	a.nameResourcePolicy(auth, where)
	if demanded(auth.at("OverrideApiAuth"), false) && auth.at("Authorizer").isNull() && auth.at("ResourcePolicy").isNull() && !demanded(auth.at("ApiKeyRequired"), false) {
		a.Refuse(auth.value.Line, "%s: OverrideApiAuth needs an Authorizer, ApiKeyRequired or a ResourcePolicy", where)
	}
	by := named(auth.at("Authorizer"))
	if by.by == "" && a.Kind == app.HTTP {
		if by = a.guard.authorizer; by.by == "" {
			a.Refuse(auth.value.Line, "%s: Auth needs an Authorizer, as %s has no DefaultAuthorizer", where, a.ID)
			by = denial{by: "Auth", line: auth.value.Line}
		}
	}
	switch {
	case by.by == "" || by.by == "Auth" || a.guard.unread.by == "Auth" || slices.Contains(a.guard.authorizers, by.by):
	case by.by != noAuthorizer:
		a.Refuse(by.line, "%s: %s has no authorizer %s", where, a.ID, by.by)
	case a.guard.authorizer.by == "":
		a.Refuse(by.line, "%s: Authorizer NONE needs a DefaultAuthorizer, which %s does not have", where, a.ID)
	}
	own := auth.at("AuthorizationScopes")
	if by.by != "" {
		list = append(list, a.scoped(by, own))
	} else if !own.isNull() && (own.value.Kind != cfn.List || len(own.value.Items) > 0) {
		a.Refuse(own.value.Line, "%s: AuthorizationScopes needs an Authorizer", where)
		list = append(list, requirement{name: "Auth", denial: denial{by: "Auth", line: own.value.Line}})
	}
	if key := auth.at("ApiKeyRequired"); !key.isNull() {
		if demanded(key, false) {
			list = append(list, requirement{name: keyScheme, denial: denial{by: keyRequired, line: key.line(0)}})
		} else {
			list = append(list, requirement{name: noKey})
			if a.guard.key.by == "" {
				a.Refuse(key.value.Line, "%s: ApiKeyRequired: false needs an API with ApiKeyRequired, which %s is not", where, a.ID)
			}
		}
	}
	return list
}

// scoped returns the requirement of an authorizer with the scopes of an event, if it has
// any, or else those of the authorizer. An empty list counts for a REST API only.
func (a *api) scoped(by denial, own property) requirement {
	list, ok := scopes(own)
	switch {
	case !ok:
		by = denial{by: "Auth", line: own.line(by.line)}
	case own.isNull() || len(list) == 0 && a.Kind == app.HTTP:
		list = a.scopesOf(by.by)
	}
	return requirement{by.by, by, list}
}
