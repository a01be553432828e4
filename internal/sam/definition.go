package sam

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
)

// define reads DefinitionBody or DefinitionUri, an OpenAPI document that has an
// API's routes instead of Events. If it cannot be read here, the routes of Events
// are served, all closed, because it may require authorization.
func (r *reading) define(a *api, p property) {
	name, read := "DefinitionBody", r.Document
	if p.value.Get(name).IsNull() {
		name, read = "DefinitionUri", r.DocumentFile
	}
	written := p.value.Get(name)
	if written.IsNull() {
		return
	}
	documents := len(r.Documents)
	document, err := read(written)
	if err == nil {
		err = checkPaths(document)
	}
	if err != nil {
		a.guard.unread = denial{by: name, line: written.Line}
		r.NotEmulated(written.Line, "%s: %s cannot be read: %v; serving the routes in Events, all closed, because it may require authorization", a.ID, name, err)
		return
	}
	a.definition, a.definitionLine = document, written.Line
	if len(r.Documents) > documents {
		a.definitionFile = r.Documents[documents]
	}
	r.Note(written.Line, "%s: serving the routes of %s; the rest of it, such as models and validators, is not emulated", a.ID, name)
	a.mergeDefinition = p.at("MergeDefinitions").boolean(false)
	types := r.Resolve("", document.Get("x-amazon-apigateway-binary-media-types"))
	a.BinaryMediaTypes = append(a.BinaryMediaTypes, property{r.Template, a.ID, types}.texts()...)
	if a.Kind == app.HTTP && a.CORS == nil {
		const cors = "x-amazon-apigateway-cors"
		a.CORS = listCORS(property{r.Template, a.ID + " " + cors, capitalized(document.Get(cors))})
	}
}

// capitalized spells the keys of an OpenAPI map as SAM does.
func capitalized(v *cfn.Value) *cfn.Value {
	if v.IsNull() || v.Kind != cfn.Map {
		return v
	}
	fields := slices.Clone(v.Fields)
	for i, f := range fields {
		first := min(1, len(f.Key))
		fields[i].Key = strings.ToUpper(f.Key[:first]) + f.Key[first:]
	}
	return cfn.NewMap(v.Line, fields...)
}

func checkPaths(document *cfn.Value) error {
	paths := document.Get("paths")
	switch {
	case paths.IsNull() || paths.Kind != cfn.Map:
		return errors.New("it has no paths")
	case document.MixesCalls() || paths.MixesCalls():
		return errors.New("it includes another document")
	}
	return nil
}

// definedRoutes adds the routes of an API's definition.
func (r *reading) definedRoutes(a *api) {
	if a.definition == nil {
		return
	}
	for _, path := range a.definition.Get("paths").Fields {
		item := r.Open("", path.Value)
		if item.IsNull() || item.Kind != cfn.Map {
			continue
		}
		for _, f := range item.Fields {
			if method := methodOf(f.Key); method != "" {
				r.operation(a, method, path.Key, r.Open("", f.Value))
			}
		}
	}
}

// methodOf returns the method for an operation's key in a path, "" for other
// keys.
func methodOf(key string) string {
	method := strings.ToUpper(key)
	switch {
	case key == anyMethod:
		return "ANY"
	case method != "ANY" && slices.Contains(methods, method):
		return method
	}
	return ""
}

// operation adds the route of one operation ("x-amazon-apigateway-integration
// object").
func (r *reading) operation(a *api, method, path string, operation *cfn.Value) {
	where := a.ID + ": " + method + " " + path
	if path == "/$default" && a.Kind == app.HTTP {
		path = "$default"
	}
	integration := r.Open("", operation.Get("x-amazon-apigateway-integration"))
	if ref, ok := strings.CutPrefix(integration.Get("$ref").Str(), "#/"); ok {
		integration = a.definition.Get(strings.Split(ref, "/")...)
	}
	text := func(name string) string { return r.Resolve("", integration.Get(name)).Text }
	fn := r.functionOf(text("uri"))
	why := malformed(a.Kind, method, path)
	switch kind := strings.ToLower(text("type")); {
	case why != "":
	case integration.IsNull():
		why = "has no x-amazon-apigateway-integration"
	case kind != "aws_proxy":
		why = "has the integration " + strconv.Quote(kind) + ", which is not emulated"
	case fn == nil:
		why = "does not name a function of this template"
	}
	if why != "" {
		r.NotEmulated(a.definitionLine, "%s %s; the route is not served", where, why)
		return
	}
	route := app.Route{Line: a.definitionLine, Method: method, Path: path, Function: fn, Payload: "1.0"}
	if a.Kind == app.HTTP && text("payloadFormatVersion") == "2.0" {
		route.Payload = "2.0"
	}
	ms, _ := strconv.Atoi(text("timeoutInMillis")) // 0: not set
	route.Timeout = time.Duration(max(ms, 0)) * time.Millisecond
	route.Stream = a.Kind == app.REST && text("responseTransferMode") == "STREAM"
	r.guardRoute(a, &route, property{t: r.Template, where: where}, operation)
	a.add(route, definition)
}

// functionOf returns the function that a URI names by ARN, alias or name; nil if
// it names none.
func (r *reading) functionOf(uri string) *app.Function {
	_, name, found := strings.Cut(uri, "/functions/")
	if !found {
		name = uri
	}
	name, _, _ = strings.Cut(name, "/")
	if _, after, found := strings.Cut(name, ":function:"); found {
		name, _, _ = strings.Cut(after, ":")
	}
	name, _, _ = strings.Cut(name, ".") // F.Arn and F.Alias are placeholders
	if fn := r.functions[name]; fn != nil && name != "" {
		return fn
	}
	for _, fn := range r.app.Functions {
		if strings.HasPrefix(name, fn.ID+"Alias") { // the logical id that SAM gives an alias
			return fn
		}
	}
	return nil
}
