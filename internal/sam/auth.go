package sam

import (
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
	"github.com/crumb-go/crumb/internal/sam/authorizers"
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
func openAuth(p cfn.Property, known []string, report func(int, string, ...any)) (auth cfn.Property, refused denial) {
	auth = p.Open()
	if auth.IsNull() {
		return auth, denial{}
	}
	if auth.Value.Kind != cfn.Map || p.Value.IsCall() {
		p.Refuse("must be a map")
		refused = denial{by: "Auth", line: auth.Value.Line}
	}
	if line := auth.OnlyKeys(report, known...); line > 0 {
		refused = denial{by: "Auth", line: line}
	}
	return auth, refused
}

// named returns the authorizer that p names. SAM runs before functions are evaluated,
// and refuses all but a name; one that is refused closes too.
func named(p cfn.Property) denial {
	v := p.Resolve()
	if v.Kind == cfn.List || v.Kind == cfn.Map || p.Value.IsCall() && !p.T.IsParameter(p.Value) {
		p.Refuse("must be the name of an authorizer")
		return denial{by: "Auth", line: p.Line(0)}
	}
	return denial{by: v.Text, line: p.Line(0)}
}

// demanded reports whether SAM takes p as true: all but a plain false.
func demanded(p cfn.Property, byDefault bool) bool {
	if p.IsNull() {
		return byDefault
	}
	v := p.Value
	if v.Kind == cfn.Scalar && v.Bare && (v.Text == "false" || v.Text == "0") || v.Kind == cfn.Scalar && v.Text == "" {
		return false
	}
	if on, known := p.Resolve().Bool(); !v.Bare && !(known && on) {
		p.T.Note(v.Line, "%s: SAM treats everything but a plain false as true", p.Where)
	}
	return true
}

// readGuard reads an API's Auth.
func (a *api) readGuard(p cfn.Property) {
	auth, refused := openAuth(p, apiAuth[a.Kind], a.Refuse)
	a.guard.unread = refused
	a.guard.preflightOpen = a.Kind == app.HTTP || !demanded(auth.At(toPreflight), true)
	a.guard.preflightWithoutKey = !demanded(auth.At(keyToPreflight), true)
	if key := auth.At("ApiKeyRequired"); demanded(key, false) {
		a.guard.key = denial{by: keyRequired, line: key.Line(0)}
	}
	a.guard.plan = a.usagePlanOf(auth.At("UsagePlan"))
	a.nameResourcePolicy(auth, a.ID)
	a.listAuthorizers(auth.At("Authorizers"))
	if a.Kind == app.REST || demanded(auth.At("EnableIamAuthorizer"), false) {
		a.guard.authorizers = append(a.guard.authorizers, iam)
	}
	d := auth.At("DefaultAuthorizer")
	a.guard.authorizer = named(d)
	switch by := a.guard.authorizer.by; {
	case by == "" || by == "Auth" || refused.by != "" || d.Resolve().Placeholder || slices.Contains(a.guard.authorizers, by):
	case a.Kind == app.REST && len(a.guard.authorizers) == 1:
		if by == noAuthorizer {
			break
		}
		a.guard.authorizer.ignored = true
		a.Note(d.Value.Line, "%s: SAM ignores DefaultAuthorizer without Authorizers: deployed, no authorizer guards these routes", a.ID)
	default:
		a.Refuse(d.Value.Line, "%s: DefaultAuthorizer names %s, which Authorizers does not have", a.ID, by)
	}
}

// nameResourcePolicy reports the ResourcePolicy of an Auth.
func (a *api) nameResourcePolicy(auth cfn.Property, where string) {
	if policy := auth.At("ResourcePolicy"); !policy.IsNull() {
		a.NotEmulated(policy.Value.Line, "%s: the resource policy is not evaluated", where)
	}
}

// listAuthorizers notes which authorizers Auth declares. readAuthorizers reads them, once
// the functions are known.
func (a *api) listAuthorizers(p cfn.Property) {
	if p.IsNull() {
		return
	}
	if p.Value.Kind != cfn.Map || p.Value.IsCall() {
		p.Refuse("must be a map")
		a.guard.unread = denial{by: "Auth", line: p.Value.Line}
		return
	}
	a.guard.declared = p.Value
	for _, f := range p.Fields() {
		a.guard.authorizers = append(a.guard.authorizers, f.Key)
	}
}

// scopesOf returns the scopes of an authorizer of Auth.
func (a *api) scopesOf(name string) []string {
	list, _ := authorizers.Scopes(a.Property(a.ID+" "+name, a.guard.declared.Get(name)).At("AuthorizationScopes"))
	return list
}

// eventAuthOf returns what an event's Auth adds to the security of its operation. What
// SAM refuses closes the route, unless it asks for openness that is there without it.
func (a *api) eventAuthOf(p cfn.Property) (list []requirement) {
	if p.Value.IsCall() {
		a.Note(p.Value.Line, "%s: SAM does not evaluate functions in Auth and ignores it; the route is closed here", p.Where)
		return []requirement{{name: "Auth", denial: denial{by: "Auth", line: p.Value.Line}}}
	}
	auth, refused := openAuth(p, eventAuth[a.Kind], a.Note) // SAM ignores other keys
	if refused.by != "" {
		list = append(list, requirement{name: "Auth", denial: refused})
	}
	if len(auth.Fields()) == 0 {
		return list
	}
	where := strings.TrimSuffix(auth.Where, " Auth")
	auth = auth.As(where)
	a.nameResourcePolicy(auth, where)
	if demanded(auth.At("OverrideApiAuth"), false) && auth.At("Authorizer").IsNull() && auth.At("ResourcePolicy").IsNull() && !demanded(auth.At("ApiKeyRequired"), false) {
		a.Refuse(auth.Value.Line, "%s: OverrideApiAuth needs an Authorizer, ApiKeyRequired or a ResourcePolicy", where)
	}
	by := named(auth.At("Authorizer"))
	if by.by == "" && a.Kind == app.HTTP {
		if by = a.guard.authorizer; by.by == "" {
			a.Refuse(auth.Value.Line, "%s: Auth needs an Authorizer, as %s has no DefaultAuthorizer", where, a.ID)
			by = denial{by: "Auth", line: auth.Value.Line}
		}
	}
	switch {
	case by.by == "" || by.by == "Auth" || a.guard.unread.by == "Auth" || slices.Contains(a.guard.authorizers, by.by):
	case by.by == iam:
		a.Refuse(by.line, "%s: %s has no authorizer %s; set EnableIamAuthorizer: true in its Auth", where, a.ID, iam)
	case by.by != noAuthorizer:
		a.Refuse(by.line, "%s: %s has no authorizer %s", where, a.ID, by.by)
	case a.guard.authorizer.by == "":
		a.Refuse(by.line, "%s: Authorizer NONE needs a DefaultAuthorizer, which %s does not have", where, a.ID)
	}
	own := auth.At("AuthorizationScopes")
	if by.by != "" {
		list = append(list, a.scoped(by, own))
	} else if !own.IsNull() && (own.Value.Kind != cfn.List || len(own.Value.Items) > 0) {
		a.Refuse(own.Value.Line, "%s: AuthorizationScopes needs an Authorizer", where)
		list = append(list, requirement{name: "Auth", denial: denial{by: "Auth", line: own.Value.Line}})
	}
	if key := auth.At("ApiKeyRequired"); !key.IsNull() {
		if demanded(key, false) {
			list = append(list, requirement{name: keyScheme, denial: denial{by: keyRequired, line: key.Line(0)}})
		} else {
			list = append(list, requirement{name: noKey})
			if a.guard.key.by == "" {
				a.Refuse(key.Value.Line, "%s: ApiKeyRequired: false needs an API with ApiKeyRequired, which %s is not", where, a.ID)
			}
		}
	}
	return list
}

// scoped returns the requirement of an authorizer with the scopes of an event, if it has
// any, or else those of the authorizer. An empty list counts for a REST API only.
func (a *api) scoped(by denial, own cfn.Property) requirement {
	list, ok := authorizers.Scopes(own)
	switch {
	case !ok:
		by = denial{by: "Auth", line: own.Line(by.line)}
	case own.IsNull() || len(list) == 0 && a.Kind == app.HTTP:
		list = a.scopesOf(by.by)
	}
	return requirement{by.by, by, list}
}
