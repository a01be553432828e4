// Package rawcfn reads the resources of plain CloudFormation, written by hand, made by
// CDK or packaged by the Serverless Framework. It puts together what belongs to one API,
// in the form that package sam reads anyway: properties, and the paths of an OpenAPI
// document. So routes, guards and authorizers have one set of rules.
package rawcfn

import (
	"cmp"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
)

// served are the resources that something can be served of.
var served = []string{"AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api", "AWS::Lambda::Function"}

// Serves reports whether a template needs no transform to have something to serve.
func Serves(root *cfn.Value) bool {
	resources := root.Get("Resources")
	return resources != nil && slices.ContainsFunc(resources.Fields, func(f cfn.Field) bool {
		return slices.Contains(served, f.Value.Get("Type").Str())
	})
}

// Parts are the types of the resources that APIs are made of, besides the API itself.
var Parts = []string{
	"AWS::ApiGateway::Authorizer", "AWS::ApiGateway::Deployment", "AWS::ApiGateway::GatewayResponse", "AWS::ApiGateway::Method", "AWS::ApiGateway::Resource", "AWS::ApiGateway::Stage",
	"AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Deployment", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Stage",
}

// An API is an API with its parts.
type API struct {
	Kind       app.Kind
	Properties *cfn.Value // its own, and those of its stage

	Authorizers []cfn.Field           // resources
	IDs         map[*cfn.Value]string // the logical ids of the operations in Document

	// paths are those of OpenAPI. The security of each operation in them names authorizers
	// by logical id.
	paths []cfn.Field
	t     *cfn.Template
}

// A Reader reads the APIs of a template.
type Reader struct {
	*cfn.Template
	Resources map[string][]cfn.Field // by type, in the order of the template

	// Unplaced gets, by the logical id of an API, a guarded method or route whose place in
	// it is not known: any of the API's routes may take its requests.
	Unplaced map[string]cfn.Field
}

func (r Reader) unplaced(api string, f cfn.Field) {
	kind, key := r.Resolve("", f.Value.Get("Properties", "AuthorizationType")), r.Resolve("", f.Value.Get("Properties", "ApiKeyRequired"))
	open := kind.Kind == cfn.Null || kind.Text == "NONE" && !kind.Placeholder
	if !open || key.Kind != cfn.Null && key.Text != "false" {
		r.Unplaced[api] = f
	}
}

// An assembly is an API that is being put together.
type assembly struct {
	Reader
	API
	id     string
	ref    string // the property of its parts that names it
	prefix string // of their types
}

// API returns an AWS::ApiGateway::RestApi or an AWS::ApiGatewayV2::Api, false if it is
// of a kind that crumb does not serve.
func (r Reader) API(f cfn.Field) (API, bool) {
	a := &assembly{Reader: r, API: API{Kind: app.REST, IDs: map[*cfn.Value]string{}, t: r.Template}, id: f.Key, ref: "RestApiId", prefix: "AWS::ApiGateway::"}
	own := r.Open(f.Key, f.Value.Get("Properties"))
	if f.Value.Get("Type").Str() != "AWS::ApiGateway::RestApi" {
		a.Kind, a.ref, a.prefix = app.HTTP, "ApiId", "AWS::ApiGatewayV2::"
		if protocol := r.Resolve("", own.Get("ProtocolType")).Text; protocol == "WEBSOCKET" {
			r.NotEmulated(f.Line, "%s: WebSocket APIs are not emulated", f.Key)
			return API{}, false
		}
	}
	var fields []cfn.Field
	switch {
	case own.IsNull():
	case own.Kind != cfn.Map: // a call that is not evaluated here: as one among properties
		fields = []cfn.Field{{Key: "Fn::Transform", Line: own.Line, Value: own}}
	default:
		fields = slices.Clone(own.Fields)
	}
	if a.Kind == app.REST {
		fields = append(fields, a.restStage(f.Line)...)
		a.restMethods()
	} else {
		fields = append(fields, a.httpStage(f.Line, own)...)
		a.httpRoutes(own)
	}
	a.Authorizers = a.parts("Authorizer")
	a.Properties = cfn.NewMap(f.Line, fields...)
	return a.API, true
}

// Document returns an OpenAPI document, nil for none, with the API's own operations in it.
func (a API) Document(body *cfn.Value) *cfn.Value {
	var fields, paths []cfn.Field
	if body != nil {
		fields, paths = slices.Clone(body.Fields), slices.Clone(body.Get("paths").Fields)
	}
	for _, p := range a.paths {
		if i := slices.IndexFunc(paths, func(q cfn.Field) bool { return q.Key == p.Key }); i >= 0 {
			p.Value = cfn.NewMap(p.Line, slices.Concat(a.t.Open("", paths[i].Value).Fields, p.Value.Fields)...)
			paths = slices.Delete(paths, i, i+1)
		}
		paths = append(paths, p)
	}
	return cfn.NewMap(0, append(fields, cfn.Field{Key: "paths", Value: cfn.NewMap(0, paths...)})...)
}

// Has reports whether a, which may be nil, has the authorizer with a logical id.
func (a *API) Has(id string) bool { return a != nil && find(a.Authorizers, id) != nil }

// Strays names the methods, routes and stages of APIs that are not among the template's.
func (r Reader) Strays() {
	for _, of := range []struct{ api, property, prefix string }{{"AWS::ApiGateway::RestApi", "RestApiId", "AWS::ApiGateway::"}, {"AWS::ApiGatewayV2::Api", "ApiId", "AWS::ApiGatewayV2::"}} {
		for _, f := range slices.Concat(r.Resources[of.prefix+"Method"], r.Resources[of.prefix+"Route"], r.Resources[of.prefix+"Stage"]) {
			if api := r.named(f, of.property); find(r.Resources[of.api], api) == nil {
				r.unplaced(api, f)
				r.NotEmulated(f.Line, "%s: its %s names no %s of this template; it is not served", f.Key, of.property, of.api)
			}
		}
	}
}

// parts returns the API's resources of a type, without its prefix.
func (a *assembly) parts(kind string) (list []cfn.Field) {
	for _, f := range a.Resources[a.prefix+kind] {
		if a.named(f, a.ref) == a.id {
			list = append(list, f)
		}
	}
	return list
}

// text resolves a property of a resource, where a placeholder is good enough.
func (r Reader) text(f cfn.Field, path ...string) string {
	return r.Resolve("", f.Value.Get(append([]string{"Properties"}, path...)...)).Text
}

// named returns the logical id of the resource that a property names, by Ref or by an
// attribute: the value of either is a placeholder that begins with it.
func (r Reader) named(f cfn.Field, property string) string {
	id, _, _ := strings.Cut(r.text(f, property), ".")
	return id
}

// find returns the resource with a logical id, nil if there is none.
func find(resources []cfn.Field, id string) *cfn.Field {
	if i := slices.IndexFunc(resources, func(f cfn.Field) bool { return f.Key == id }); i >= 0 {
		return &resources[i]
	}
	return nil
}

// A stage is a resource that has a StageName.
type stage struct {
	cfn.Field
	variables *cfn.Value
}

// stage returns the properties of the API's stage, under the names that SAM has for them.
// Of several the first is served.
func (a *assembly) stage(line int, stages []stage, variables, otherwise string) []cfn.Field {
	if len(stages) == 0 {
		a.Note(line, "%s: no stage of this template serves it, so that API Gateway does not either until it has one; here it has the stage %s", a.id, otherwise)
		return []cfn.Field{{Key: "StageName", Line: line, Value: scalar(line, otherwise)}}
	}
	first := stages[0]
	for _, s := range stages[1:] {
		if a.text(s.Field, "StageName") != a.text(first.Field, "StageName") { // a Deployment may make the one that a Stage has too
			a.NotEmulated(s.Line, "%s: only the first stage of an API is served, which is %s of %s", s.Key, first.Key, a.id)
		}
	}
	return []cfn.Field{
		{Key: "StageName", Line: first.Line, Value: first.Value.Get("Properties", "StageName")},
		{Key: variables, Line: first.Line, Value: first.variables},
	}
}

// fieldsOf returns the fields of a value, which may be nil.
func fieldsOf(v *cfn.Value) []cfn.Field {
	if v == nil {
		return nil
	}
	return v.Fields
}

func scalar(line int, text string) *cfn.Value {
	return &cfn.Value{Kind: cfn.Scalar, Line: line, Text: text}
}

// add adds an operation to the API's paths.
func (a *assembly) add(f cfn.Field, method, path string, integration *cfn.Value, more ...cfn.Field) {
	if method == "ANY" {
		method = "x-amazon-apigateway-any-method"
	}
	fields := append(a.security(f), more...)
	if integration != nil {
		fields = append(fields, cfn.Field{Key: "x-amazon-apigateway-integration", Line: integration.Line, Value: integration})
	}
	operation := cfn.NewMap(f.Line, fields...)
	a.IDs[operation] = f.Key
	own := cfn.Field{Key: strings.ToLower(method), Line: f.Line, Value: operation}
	i := slices.IndexFunc(a.paths, func(p cfn.Field) bool { return p.Key == path })
	if i < 0 {
		a.paths = append(a.paths, cfn.Field{Key: path, Line: f.Line, Value: cfn.NewMap(f.Line, own)})
		return
	}
	if first := a.paths[i].Value.Get(own.Key); first != nil {
		a.Refuse(f.Line, "%s: %s has the route %s %s already, on line %d", f.Key, a.id, strings.ToUpper(method), path, first.Line)
		guards := first.Get("security") // what guards one, guards both
		guards.Items = append(guards.Items, operation.Get("security").Items...)
		if iam := operation.Get(iamExtension); iam != nil {
			*first = *cfn.NewMap(first.Line, append(first.Fields, cfn.Field{Key: iamExtension, Line: iam.Line, Value: iam})...)
		}
		return
	}
	a.paths[i].Value = cfn.NewMap(a.paths[i].Line, append(slices.Clone(a.paths[i].Value.Fields), own)...)
}

const iamExtension = "x-amazon-apigateway-auth"

// properties are those of methods and routes. A misspelt one would leave a route open.
var properties = map[app.Kind][]string{
	app.REST: strings.Fields(`ApiKeyRequired AuthorizationScopes AuthorizationType AuthorizerId HttpMethod Integration MethodResponses
		OperationName RequestModels RequestParameters RequestValidatorId ResourceId RestApiId`),
	app.HTTP: strings.Fields(`ApiId ApiKeyRequired AuthorizationScopes AuthorizationType AuthorizerId ModelSelectionExpression
		OperationName RequestModels RequestParameters RouteKey RouteResponseSelectionExpression Target`),
}

// security returns what guards a method or a route, as OpenAPI has it. What is not known
// closes it.
func (a *assembly) security(f cfn.Field) []cfn.Field {
	p := f.Value.Get("Properties")
	line := f.Line
	required := func(name string, scopes *cfn.Value) *cfn.Value {
		if scopes.IsNull() {
			scopes = &cfn.Value{Kind: cfn.List, Line: line}
		}
		return cfn.NewMap(line, cfn.Field{Key: name, Line: line, Value: scopes})
	}
	var extra []cfn.Field
	security := &cfn.Value{Kind: cfn.List, Line: line} // none, not that of the document
	kind := p.Get("AuthorizationType")
	if !kind.IsNull() {
		line = kind.Line
	}
	v := a.Resolve("", kind)
	by := v.Text
	if v.Kind == cfn.List || v.Kind == cfn.Map {
		by = v.Kind.String()
	}
	for _, own := range fieldsOf(p) {
		if known := properties[a.Kind]; !slices.Contains(known, own.Key) {
			a.Refuse(own.Line, "%s does not support %s; supported are %s", f.Key, own.Key, strings.Join(known, ", "))
			security.Items = append(security.Items, required(own.Key, nil))
		}
	}
	switch {
	case v.Kind == cfn.Null || by == "NONE" && !v.Placeholder:
		if id := p.Get("AuthorizerId"); v.Kind == cfn.Null && len(security.Items) == 0 && !a.Resolve("", id).IsNull() {
			a.Note(id.Line, "%s: API Gateway ignores an AuthorizerId without an AuthorizationType: this route is open", f.Key)
		}
	case by == "AWS_IAM":
		extra = []cfn.Field{{Key: iamExtension, Line: line, Value: cfn.NewMap(line, cfn.Field{Key: "type", Line: line, Value: scalar(line, by)})}}
	case by == "CUSTOM" || by == map[app.Kind]string{app.REST: "COGNITO_USER_POOLS", app.HTTP: "JWT"}[a.Kind]:
		id, name := p.Get("AuthorizerId"), a.named(f, "AuthorizerId")
		if !id.IsNull() {
			line = id.Line
		}
		if find(a.parts("Authorizer"), name) == nil {
			a.NotEmulated(line, "%s: its AuthorizerId names no authorizer of %s in this template; the route is closed", f.Key, a.id)
			name = "AuthorizerId"
		}
		scopes := a.Resolve("", p.Get("AuthorizationScopes"))
		if !scopes.IsNull() && (scopes.Kind != cfn.List || slices.ContainsFunc(scopes.Items, func(v *cfn.Value) bool { return v.Kind != cfn.Scalar })) {
			a.Refuse(scopes.Line, "%s: AuthorizationScopes must be a list of texts", f.Key)
			name, scopes = "AuthorizationScopes", nil
		}
		security.Items = append(security.Items, required(name, scopes))
	default:
		a.Refuse(line, "%s: %s APIs do not have the AuthorizationType %s", f.Key, strings.ToUpper(string(a.Kind)), cmp.Or(by, `""`))
		security.Items = append(security.Items, required("AuthorizationType", nil))
	}
	if key := a.Resolve("", p.Get("ApiKeyRequired")); a.Kind == app.REST && !key.IsNull() {
		if on, known := key.Bool(); on || !known {
			line = key.Line
			security.Items = append(security.Items, required("api_key", nil))
		}
	}
	return append(extra, cfn.Field{Key: "security", Line: line, Value: security})
}

// small returns properties under OpenAPI's names, which begin with a small letter.
func small(properties *cfn.Value) *cfn.Value {
	if properties.IsNull() {
		return nil
	}
	var fields []cfn.Field
	for _, f := range properties.Fields {
		n := min(1, len(f.Key))
		fields = append(fields, cfn.Field{Key: strings.ToLower(f.Key[:n]) + f.Key[n:], Line: f.Line, Value: f.Value})
	}
	return cfn.NewMap(properties.Line, fields...)
}
