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

// A requirement is an entry of an operation's security: a scheme that guards it, or
// one of SAM's markers, which guard nothing.
type requirement struct {
	name string
	denial
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
	return app.Guard{Authorizer: why.by, ClosedAt: a.placeOf(why), Auth: a.kindOf(why.by), APIKey: key}
}

// whyClosed returns what rejects requests to an operation without credentials, which
// crumb cannot check, and whether a key is required, perhaps in addition: the first
// authorizer in the security that SAM writes for it, else the key, else a definition
// that cannot be read, since it may require anything. docs/why-403.md shows this as a
// table.
func (a *api) whyClosed(o *operation) (why denial, key bool) {
	by, byKey := o.iam, denial{}
	for _, q := range a.securityOf(o) {
		switch {
		case q.name == noAuthorizer:
		case q.by == keyRequired:
			byKey = cmp.Or(byKey, q.denial)
		default:
			by = cmp.Or(by, q.denial)
		}
	}
	return cmp.Or(by, byKey, a.guard.unread), byKey.by != ""
}

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
			list, secured = append(list, requirement{d.by, d}), true
		case len(others) > 0 && slices.ContainsFunc(list, is(noAuthorizer)):
			list = others
		}
	}
	if a.guard.key.by != "" {
		others := slices.DeleteFunc(slices.Clone(list), is(keyScheme, noKey))
		switch {
		case preflight && a.guard.preflightWithoutKey:
			secured = secured || len(others) != len(list)
			list = others
		case slices.ContainsFunc(list, is(noKey)):
			list, secured = others, true
		default:
			list, secured = append(others, requirement{keyScheme, a.guard.key}), true
		}
	}
	if !secured {
		return a.security
	}
	return list
}

// requirements reads a security of the API's definition. It must be a list of maps;
// any other is reported, and closes as does one that is not known.
func (a *api) requirements(where string, security *cfn.Value, report func(int, string, ...any)) (list []requirement) {
	closed := func(line int) requirement {
		report(line, "%s: security must be a list of maps", where)
		return requirement{"security", denial{"security", line, a.definitionFile}}
	}
	v := a.Resolve("", security)
	switch {
	case v.Placeholder:
		return []requirement{{"security", denial{"security", v.Line, a.definitionFile}}}
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
			by, scheme := f.Key, a.scheme(f.Key)
			switch kind := schemeKind(a.Template, scheme); {
			case kind == app.NoAuth || scheme == nil && by == keyScheme:
				by = keyRequired
			case kind == app.IAM:
				by = iam
			}
			list = append(list, requirement{f.Key, denial{by, q.Line, a.definitionFile}})
		}
	}
	return list
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
func (a *api) kindOf(by string) app.Auth {
	declared, scheme := a.guard.declared.Get(by), schemeKind(a.Template, a.scheme(by))
	switch {
	case by == "", by == keyRequired:
		return app.NoAuth
	case by == iam && declared.IsNull():
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
