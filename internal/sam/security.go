package sam

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
	"github.com/crumb-go/crumb/internal/sam/authorizers"
)

// A denial says why a route is closed. The zero value means that it is open.
type denial struct {
	by   string // as in app.Route.Authorizer
	line int    // of the property that closes it
	file string // that has the line; "" is the template

	ignored bool // by SAM
}

// placeOf returns where d closes a route, as in app.Route.ClosedAt.
func (r *reading) placeOf(d denial) string {
	if d.by == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", filepath.Base(cmp.Or(d.file, r.app.File)), d.line)
}

// A requirement is an entry of an operation's security: a scheme that guards it, or
// one of SAM's markers, which guard nothing.
type requirement struct {
	name string
	denial
	scopes []string
}

// SAM's markers for an event that wants no DefaultAuthorizer or no key, its names of the
// schemes of IAM and of keys, and ours.
const (
	noAuthorizer = "NONE"
	noKey        = "api_key_false"
	iam          = "AWS_IAM"
	keyScheme    = "api_key"
	keyRequired  = "ApiKeyRequired"
)

// guardOf returns what guards an operation.
func (a *api) guardOf(o *operation) app.Guard {
	why, key := a.whyClosed(o)
	if why.name == severalAuthorizers {
		a.In(o.file, func() {
			a.NotEmulated(o.line, "%s: its security has %s and another authorizer, or other scopes; which of them API Gateway takes is not known, so the route is closed", o.where, why.by)
		})
	}
	g := app.Guard{Authorizer: why.by, ClosedAt: a.placeOf(why.denial), Auth: a.kindOf(why), APIKey: key, OpenOnAWS: why.ignored}
	if d := a.authorizer(why.by); d != nil && d.Kind == g.Auth {
		g.Declared = d
		if d.Kind != app.Lambda {
			g.Scopes = why.scopes
		}
	}
	return g
}

// whyClosed returns what guards an operation, and whether a key is required, perhaps in
// addition: a definition that cannot be read, since it may require anything, else the
// first authorizer in the security that SAM writes for it, else the key.
// docs/why-403.md shows this as a table. Which of two authorizers API Gateway takes is
// not known; then the name of the requirement is severalAuthorizers.
func (a *api) whyClosed(o *operation) (why requirement, key bool) {
	byKey := denial{}
	why = requirement{denial: cmp.Or(a.guard.unread, o.iam)}
	for _, q := range a.securityOf(o) {
		switch {
		case q.name == noAuthorizer && a.raw == nil || q.by == "":
		case q.by == keyRequired && a.authorizer(q.by) == nil:
			byKey = cmp.Or(byKey, q.denial)
		case why.by == "":
			why = q
		case a.kindOf(why) != app.UnknownAuth && (why.by != q.by || !slices.Equal(why.scopes, q.scopes)):
			why.name = severalAuthorizers
		}
	}
	if why.by == "" {
		why.denial = byKey
	}
	return why, byKey.by != ""
}

const severalAuthorizers = "several"

// securityOf returns the security that SAM writes for an operation: that of the
// definition and of the event, and the API's defaults unless it names an authorizer,
// NONE, or a key (swagger/swagger.py and open_api/open_api.py,
// set_path_default_authorizer and set_path_default_apikey_required).
func (a *api) securityOf(o *operation) []requirement {
	list, secured := slices.Clone(o.security), o.security != nil || o.written != nil
	is := func(names ...string) func(requirement) bool {
		return func(q requirement) bool { return slices.Contains(names, q.name) }
	}
	preflight := o.Method == "OPTIONS"
	if d := a.guard.authorizer; d.by != "" && !(preflight && a.guard.preflightOpen) {
		switch others := slices.DeleteFunc(slices.Clone(list), is(append(a.guard.authorizers, noAuthorizer)...)); {
		case a.Kind == app.HTTP && len(list) > 0:
		case len(others) == len(list):
			list, secured = append(list, requirement{d.by, d, a.scopesOf(d.by)}), true
		case len(others) > 0 && slices.ContainsFunc(list, is(noAuthorizer)):
			list = others
		}
	}
	if a.guard.key.by != "" {
		others := slices.DeleteFunc(slices.Clone(list), is(keyScheme, noKey))
		switch {
		case preflight && a.guard.preflightWithoutKey:
			list = others
		case slices.ContainsFunc(list, is(noKey)):
			list, secured = others, true
		default:
			list, secured = append(others, requirement{name: keyScheme, denial: a.guard.key}), true
		}
	}
	if !secured {
		return a.security
	}
	return list
}

// requirements reads a security of the API's definition, in a file or "". It must be a list of maps;
// any other is reported, and closes as does one that is not known.
func (a *api) requirements(where, file string, security *cfn.Value, report func(int, string, ...any)) (list []requirement) {
	closed := func(line int) requirement {
		report(line, "%s: security must be a list of maps", where)
		return requirement{name: "security", denial: denial{by: "security", line: line, file: file}}
	}
	v := a.Resolve("", security)
	switch {
	case v.Placeholder:
		return []requirement{{name: "security", denial: denial{by: "security", line: v.Line, file: file}}}
	case v.Kind != cfn.List && v.Kind != cfn.Null:
		return []requirement{closed(v.Line)}
	}
	for _, q := range v.Items {
		if q.Kind != cfn.Map {
			list = append(list, closed(q.Line))
			continue
		}
		if len(q.Fields) == 0 {
			list = append(list, requirement{}) // none is required
		}
		for _, f := range q.Fields {
			if f.Value.Kind == cfn.Scalar || f.Value.Kind == cfn.Map {
				list = append(list, closed(q.Line))
			}
			by, scheme := f.Key, a.scheme(f.Key)
			switch kind := schemeKind(a.Template, scheme); {
			case a.guard.declared.Get(f.Key) != nil || a.raw.Has(f.Key): // SAM replaces the scheme; a Method means the resource
			case kind == app.NoAuth || scheme == nil && by == keyScheme:
				by = keyRequired
			case kind == app.IAM:
				by = iam
			}
			list = append(list, requirement{f.Key, denial{by: by, line: q.Line, file: file}, f.Value.Texts()})
		}
	}
	return list
}

// authorizer returns one of the API's authorizers, nil if none has that name.
func (a *api) authorizer(name string) *app.Authorizer {
	if i := slices.IndexFunc(a.Authorizers, func(d *app.Authorizer) bool { return d.Name == name }); i >= 0 {
		return a.Authorizers[i]
	}
	return nil
}

// scheme returns a security scheme of the API's definition.
func (a *api) scheme(name string) *cfn.Value {
	if scheme := a.definition.Get("components", "securitySchemes", name); scheme != nil {
		return scheme
	}
	return a.definition.Get("securityDefinitions", name)
}

// kindOf returns the kind of the authorization that guards a route.
func (a *api) kindOf(why requirement) app.Auth {
	d := a.authorizer(why.by)
	switch {
	case why.by == "", why.by == keyRequired && d == nil: // an authorizer may have the name
		return app.NoAuth
	case why.ignored || why.name == severalAuthorizers:
		return app.UnknownAuth
	case d != nil:
		return d.Kind
	case why.by == iam:
		return app.IAM
	}
	return app.UnknownAuth
}

// schemeKind returns the kind of a security scheme without an authorizer
// ("x-amazon-apigateway-authtype"); app.NoAuth is that of a key.
func schemeKind(t *cfn.Template, scheme *cfn.Value) app.Auth {
	authType := t.Resolve("", scheme.Get("x-amazon-apigateway-authtype")).Text
	switch {
	case strings.EqualFold(authType, "awsSigv4"):
		return app.IAM
	case authType == "" && scheme.Get("type").Str() == "apiKey" && scheme.Get(authorizers.Extension).IsNull():
		return app.NoAuth
	}
	return app.UnknownAuth
}
