package sam

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
	"github.com/crumb-go/crumb/internal/rawcfn"
	"github.com/crumb-go/crumb/internal/router"
)

// define reads DefinitionBody or DefinitionUri, an OpenAPI document that has an
// API's operations; plain CloudFormation calls them Body and BodyS3Location, and may have
// operations beside them. If it cannot be read here, the routes of Events are served, all
// closed, because it may require authorization.
func (a *api) define(p cfn.Property) {
	body, uri, others := "DefinitionBody", "DefinitionUri", "in Events"
	if a.raw != nil {
		body, uri, others = "Body", "BodyS3Location", "beside it"
		a.source, a.definition = fromDefinition, a.raw.Document(nil)
	}
	name, read, inline := body, a.Document, !p.Value.Get(body).IsNull()
	if !inline {
		name, read = uri, a.DocumentFile
	}
	written := p.Value.Get(name)
	if written.IsNull() {
		return
	}
	if a.inline = inline && a.raw == nil; a.raw == nil {
		a.refuseBeside(p, uri)
	}
	documents := len(a.Documents)
	document, err := read(written)
	if err == nil {
		err = checkPaths(document)
	}
	if err != nil {
		if a.guard.unread.by == "" {
			a.guard.unread = denial{by: name, line: written.Line}
		}
		report := a.NotEmulated
		if err == errNoPaths && (a.Kind == app.HTTP || p.Value.Get("Auth") != nil || p.Value.Get("Cors") != nil) {
			report = a.Refuse
		}
		report(written.Line, "%s: %s cannot be read: %v; serving the routes %s, all closed, because it may require authorization", a.ID, name, err, others)
		a.source = fromEvents
		return
	}
	a.definition, a.definitionLine = document, written.Line
	if len(a.Documents) > documents {
		a.definitionFile = a.Documents[documents]
	}
	a.Note(written.Line, "%s: serving the routes of %s; the rest of it, such as models and validators, is not emulated", a.ID, name)
	merge := p.At("MergeDefinitions")
	if merge.Value.Str() != "" && !merge.Value.Bare {
		merge.Refuse("must be true or false, without quotes")
		merge.Value = nil
	}
	switch {
	case a.raw != nil:
		a.definition = a.raw.Document(document)
	case a.Kind == app.HTTP && a.inline:
		a.source = completed
	case a.inline && demanded(merge, false):
		a.source = merged
	default:
		a.source = fromDefinition
	}
	a.In(a.definitionFile, func() { a.checkDocument() })
	types := a.Resolve("", document.Get("x-amazon-apigateway-binary-media-types"))
	a.BinaryMediaTypes = append(a.BinaryMediaTypes, a.Property(a.ID, types).Texts()...)
	if a.Kind == app.HTTP && a.CORS == nil {
		const cors = "x-amazon-apigateway-cors"
		a.CORS = listCORS(a.Property(a.ID+" "+cors, capitalized(document.Get(cors))))
	}
}

// refuseBeside refuses the properties that SAM takes only with a DefinitionBody, and
// that beside a DefinitionUri. What they guard is closed.
func (a *api) refuseBeside(p cfn.Property, uri string) {
	if a.inline {
		if other := p.Value.Get(uri); !other.IsNull() {
			a.Refuse(other.Line, "%s has both DefinitionBody and DefinitionUri; the first is used", a.ID)
		}
		return
	}
	for _, name := range []string{"Auth", "Cors", "CorsConfiguration", "GatewayResponses", "MergeDefinitions"} {
		if v := p.Value.Get(name); !v.IsNull() {
			a.Refuse(v.Line, "%s: %s is supported only with DefinitionBody, not with DefinitionUri", a.ID, name)
		}
	}
	a.CORS = nil
}

// checkDocument refuses a definition that API Gateway would not import.
func (a *api) checkDocument() {
	d := a.definition
	version := a.Resolve("", d.Get("openapi")).Text
	if version == "" && a.Kind == app.REST {
		version = a.Resolve("", d.Get("swagger")).Text
	}
	if version == "" {
		a.Refuse(d.Line, "%s: the definition needs its version, as openapi: 3.0.1", a.ID)
	}
	for _, part := range []string{"request-validators", "policy", "minimum-compression-size"} {
		if v := d.Get("x-amazon-apigateway-" + part); !v.IsNull() {
			a.NotEmulated(v.Line, "%s: x-amazon-apigateway-%s is not emulated", a.ID, part)
		}
	}
	if v := d.Get("securityDefinitions"); !v.IsNull() && v.Kind != cfn.Map {
		a.Refuse(v.Line, "%s: securityDefinitions must be a map", a.ID)
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

var errNoPaths = errors.New("it has no paths")

func checkPaths(document *cfn.Value) error {
	paths := document.Get("paths")
	switch {
	case document.MixesCalls() || paths != nil && paths.MixesCalls():
		return errors.New("it includes another document")
	case paths == nil || paths.Kind == cfn.Scalar || paths.Kind == cfn.List:
		return errNoPaths
	}
	return nil
}

// defined reads the operations of an API's definition.
func (a *api) defined() {
	if a.definition == nil {
		return
	}
	a.security = a.requirements(a.ID, a.definitionFile, a.definition.Get("security"), a.Note)
	for _, path := range a.definition.Get("paths").Fields {
		item := a.Open("", path.Value)
		if item.IsNull() && path.Value.IsCall() {
			continue
		}
		if item.Kind != cfn.Map {
			a.Refuse(path.Line, "%s: the path %s of the definition must be a map", a.ID, path.Key)
			continue
		}
		for _, f := range item.Fields {
			method, v := methodOf(f.Key), a.Open("", f.Value)
			switch {
			case method != "" && v.Kind != cfn.Map && !v.IsNull():
				a.Refuse(f.Line, "%s: %s %s of the definition must be a map", a.ID, method, path.Key)
			case a.raw != nil && a.raw.IDs[v] != "" && method == "":
				a.readOperation(strings.ToUpper(f.Key), path.Key, f.Line, v) // to say that it is none
			case method != "":
				a.readOperation(method, path.Key, f.Line, v)
			case f.Key == "tags" || strings.EqualFold(f.Key, "any"):
				a.Refuse(f.Line, "%s: %s is not a method of the path %s; ANY is %s", a.ID, f.Key, path.Key, anyMethod)
			}
		}
	}
}

// anyMethod is OpenAPI's word for ANY.
const anyMethod = "x-amazon-apigateway-any-method"

// methodOf returns the method for an operation's key in a path, "" for other
// keys.
func methodOf(key string) string {
	method := strings.ToUpper(key)
	switch {
	case key == anyMethod:
		return "ANY"
	case method != "ANY" && slices.Contains(router.Methods, method):
		return method
	}
	return ""
}

// readOperation adds one operation ("x-amazon-apigateway-integration object").
func (a *api) readOperation(method, path string, line int, written *cfn.Value) {
	o := &operation{where: a.ID + ": " + method + " " + path, file: a.definitionFile, line: line}
	at, ownNames := a.definitionLine, false
	if a.raw != nil && a.raw.IDs[written] != "" {
		o.where, o.file, at = a.raw.IDs[written]+": "+method+" "+path, "", line
		ownNames = true
	}
	if path == "/$default" && a.Kind == app.HTTP {
		path = "$default"
	}
	integration := a.Open("", written.Get("x-amazon-apigateway-integration"))
	if ref, ok := strings.CutPrefix(integration.Get("$ref").Str(), "#/"); ok {
		integration = a.definition.Get(strings.Split(ref, "/")...)
	}
	text := func(name string) string { return a.Resolve("", integration.Get(name)).Text }
	fn := a.functionOf(text("uri"))
	o.missing = router.Malformed(a.Kind, method, path)
	switch kind := strings.ToLower(text("type")); {
	case o.missing != "":
	case integration.IsNull() && ownNames:
		o.missing = "has no integration in this template"
	case integration.IsNull():
		o.missing = noIntegration
	case kind == "mock" && a.Kind == app.REST:
		a.In(o.file, func() { o.Mock, o.missing = rawcfn.Mock(a.Template, o.where, integration, written.Get("responses")) })
	case kind != "aws_proxy":
		o.missing = "has the integration " + strconv.Quote(kind) + ", which is not emulated"
	case fn == nil:
		o.missing = "does not name a function of this template"
	}
	o.Line, o.Method, o.Path, o.Payload = at, method, path, "1.0"
	if o.Mock == nil {
		o.Function = fn
	}
	if a.Kind == app.HTTP && text("payloadFormatVersion") == "2.0" {
		o.Payload = "2.0"
	}
	ms, _ := strconv.Atoi(text("timeoutInMillis")) // 0: not set
	o.Timeout = time.Duration(max(ms, 0)) * time.Millisecond
	o.Stream = a.Kind == app.REST && text("responseTransferMode") == "STREAM"
	o.iam = a.authType(written, o.file)
	o.written = written.Get("security")
	o.hasRole = text("credentials") != "" || text("credentialsArn") != ""
	if first := a.known[o.Method+" "+o.Path]; first != nil && a.raw != nil {
		a.In(o.file, func() {
			a.Refuse(o.line, "%s: %s has the route %s %s already, on line %d", o.where, a.ID, o.Method, o.Path, first.line)
		})
		first.missing = isTwice
		return
	}
	a.add(o)
}

// authType returns what the x-amazon-apigateway-auth of an operation requires. What is
// neither NONE nor AWS_IAM closes it.
func (a *api) authType(operation *cfn.Value, file string) denial {
	const extension = "x-amazon-apigateway-auth"
	auth := a.Open("", operation.Get(extension))
	kind := a.Resolve("", auth.Get("type"))
	switch {
	case auth.IsNull() || auth.Kind == cfn.Map && !auth.IsCall() && (kind.Kind == cfn.Null || kind.Text == noAuthorizer && !kind.Placeholder):
		return denial{}
	case kind.Text == iam:
		return denial{by: iam, line: kind.Line, file: file}
	}
	return denial{by: extension, line: auth.Line, file: file}
}

// functionIn returns the name in a URI, or the logical id that begins its placeholder.
func functionIn(uri string) string {
	name := rawcfn.FunctionARN(uri)
	if _, after, found := strings.Cut(name, ":function:"); found {
		name = after
	}
	name, _, _ = strings.Cut(name, ":") // an alias
	name, _, _ = strings.Cut(name, ".") // F.Arn and F.Alias are placeholders
	return name
}

// functionOf returns the function that a URI names by ARN, version, alias or name; nil if
// it names none.
func (r *reading) functionOf(uri string) *app.Function {
	name := functionIn(uri)
	for _, f := range slices.Concat(r.resources["AWS::Lambda::Alias"], r.resources["AWS::Lambda::Version"]) {
		if f.Key == name {
			name = functionIn(r.Resolve("", f.Value.Get("Properties", "FunctionName")).Text)
			break
		}
	}
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
