package sam

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
)

// define reads DefinitionBody or DefinitionUri, an OpenAPI document that has an
// API's routes in the place of Events. Where it cannot be read here, those of
// Events are served, closed, since it may ask for authorization.
func (r *reader) define(a *api, p *node) {
	for _, property := range []string{"DefinitionBody", "DefinitionUri"} {
		n := p.get(property)
		if n.isNull() {
			continue
		}
		var err error
		if property == "DefinitionUri" {
			a.definition, err = r.documentFile(n)
		} else {
			a.definition, err = r.document(n)
		}
		if err != nil {
			a.closed = property
			r.note(n.line, "%s: %s is not read: %v; the routes of Events are served, closed, since it may ask for authorization", a.ID, property, err)
			return
		}
		a.defined = n.line
		r.note(n.line, "%s: the routes are those of %s; what else it has, such as models and validators, is not emulated", a.ID, property)
		a.merged = r.boolean(a.ID+" MergeDefinitions", p.get("MergeDefinitions"), false)
		types := r.quietly(a.definition.get("x-amazon-apigateway-binary-media-types"))
		a.BinaryMediaTypes = append(a.BinaryMediaTypes, r.strings(a.ID, types)...)
		if a.Kind == app.HTTP && a.CORS == nil {
			a.CORS = r.listCORS(a.ID+" x-amazon-apigateway-cors", capitalized(a.definition.get("x-amazon-apigateway-cors")))
		}
		return
	}
}

// capitalized is an object of OpenAPI in the spelling of SAM.
func capitalized(n *node) *node {
	if n.isNull() || n.kind != object {
		return n
	}
	spelt := newObject(n.line)
	for _, f := range n.fields {
		spelt.put(field{strings.ToUpper(f.key[:min(1, len(f.key))]) + f.key[min(1, len(f.key)):], f.line, f.value})
	}
	return spelt
}

// document returns a definition that stands in the template or that it includes.
func (r *reader) document(n *node) (*node, error) {
	if name, arg, _ := n.intrinsic(); name == "Fn::Transform" {
		if arg.get("Name").str() != "AWS::Include" {
			return nil, errors.New("a macro makes it")
		}
		return r.documentFile(arg.get("Parameters", "Location"))
	}
	return withPaths(r.called(n))
}

// documentFile returns the definition in a file that the template names.
func (r *reader) documentFile(n *node) (*node, error) {
	name := r.quietly(n).text
	path := r.folder(name)
	switch {
	case name == "", strings.HasPrefix(name, "s3://"):
		return nil, errors.New("it is in S3")
	case !isFile(path):
		return nil, errors.New("there is no " + name)
	case !r.spend(1024):
		return nil, errors.New("too large")
	}
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	document, err := parse(text)
	if err != nil {
		return nil, located(name, err)
	}
	return withPaths(document)
}

func withPaths(n *node) (*node, error) {
	paths := n.get("paths")
	isCall := func(f field) bool { return strings.HasPrefix(f.key, "Fn::") }
	switch {
	case paths.isNull() || paths.kind != object:
		return nil, errors.New("it has no paths")
	case slices.ContainsFunc(n.fields, isCall), slices.ContainsFunc(paths.fields, isCall):
		return nil, errors.New("it includes another")
	}
	return n, nil
}

// routesOf adds the routes of an API's definition.
func (r *reader) routesOf(a *api) {
	if a.definition == nil {
		return
	}
	for _, path := range a.definition.get("paths").fields {
		item := r.called(path.value)
		if item.isNull() || item.kind != object {
			continue
		}
		for _, f := range item.fields {
			if method := methodOf(f.key); method != "" {
				r.operation(a, method, path.key, r.called(f.value))
			}
		}
	}
}

// anyMethod is OpenAPI's word for ANY.
const anyMethod = "x-amazon-apigateway-any-method"

// methodOf returns the method of an operation by its key in a path, "" for what
// else a path holds.
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

// called resolves a value only if it is itself a call, such as Fn::If.
func (r *reader) called(n *node) *node {
	if _, _, ok := n.intrinsic(); ok {
		return r.quietly(n)
	}
	return n
}

// operation adds the route of one operation ("x-amazon-apigateway-integration
// object").
func (r *reader) operation(a *api, method, path string, operation *node) {
	where := a.ID + ": " + method + " " + path
	if path == "/$default" && a.Kind == app.HTTP {
		path = "$default"
	}
	integration := r.called(operation.get("x-amazon-apigateway-integration"))
	if ref, ok := strings.CutPrefix(integration.get("$ref").str(), "#/"); ok {
		integration = a.definition.get(strings.Split(ref, "/")...)
	}
	text := func(name string) string { return r.quietly(integration.get(name)).text }
	fn := r.functionOf(text("uri"))
	why := malformed(a.Kind, method, path)
	switch kind := strings.ToLower(text("type")); {
	case why != "":
	case integration.isNull():
		why = "has no x-amazon-apigateway-integration"
	case kind != "aws_proxy":
		why = "has the integration " + strconv.Quote(kind) + ", which is not emulated"
	case fn == nil:
		why = "names no function of this template"
	}
	if why != "" {
		r.note(a.defined, "%s %s; the route is not served", where, why)
		return
	}
	route := app.Route{Line: a.defined, Method: method, Path: path, Function: fn, Payload: "1.0"}
	if a.Kind == app.HTTP && text("payloadFormatVersion") == "2.0" {
		route.Payload = "2.0"
	}
	ms, _ := strconv.Atoi(text("timeoutInMillis")) // 0: it says nothing
	route.Timeout = time.Duration(max(ms, 0)) * time.Millisecond
	route.Stream = a.Kind == app.REST && text("responseTransferMode") == "STREAM"
	route.Authorizer = r.securityOf(a, where, method, operation)
	a.seen[method+" "+path] = a.defined
	a.Routes = append(a.Routes, route)
}

// functionOf returns the function that a URI names by its ARN, its alias or its
// name; nil when there is none.
func (r *reader) functionOf(uri string) *app.Function {
	_, name, found := strings.Cut(uri, "/functions/")
	if !found {
		name = uri
	}
	name, _, _ = strings.Cut(name, "/")
	if _, after, found := strings.Cut(name, ":function:"); found {
		name, _, _ = strings.Cut(after, ":")
	}
	name, _, _ = strings.Cut(name, ".") // F.Arn and F.Alias stand for what is not known here
	if fn := r.named[name]; fn != nil && name != "" {
		return fn
	}
	for _, fn := range r.t.Functions {
		if strings.HasPrefix(name, fn.ID+"Alias") { // the logical id that SAM gives an alias
			return fn
		}
	}
	return nil
}

// securityOf returns what guards an operation, "" when it is open: a scheme of
// its own or of the whole definition, else what the API's Auth says.
func (r *reader) securityOf(a *api, where, method string, operation *node) string {
	if r.quietly(operation.get("x-amazon-apigateway-auth", "type")).text == "AWS_IAM" {
		return "AWS_IAM"
	}
	security := operation.get("security")
	if security == nil {
		security = a.definition.get("security")
	}
	for _, requirement := range r.quietly(security).items {
		if requirement.kind != object || len(requirement.fields) == 0 || requirement.fields[0].key == "NONE" {
			continue
		}
		name := requirement.fields[0].key
		scheme := a.definition.get("components", "securitySchemes", name)
		if scheme == nil {
			scheme = a.definition.get("securityDefinitions", name)
		}
		authType := r.quietly(scheme.get("x-amazon-apigateway-authtype")).text
		switch {
		case strings.EqualFold(authType, "awsSigv4"):
			return "AWS_IAM"
		case authType == "" && scheme.get("type").str() == "apiKey" && scheme.get("x-amazon-apigateway-authorizer").isNull():
			return "ApiKeyRequired"
		}
		return name
	}
	return r.authorizer(a, where, method, nil)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
