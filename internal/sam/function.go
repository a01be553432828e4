package sam

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
	"github.com/crumb-go/crumb/internal/rawcfn"
)

const lambdaFunction = "AWS::Lambda::Function"

// function reads a function of SAM, or one of plain CloudFormation, and returns its
// properties, for what is read later.
func (r *reading) function(f cfn.Field) property {
	var p property
	if f.Value.Get("Type").Str() == lambdaFunction {
		p = property{r.Template, f.Key, rawcfn.Function(r.Template, f)}
		r.nameInert(f.Key, p.value)
	} else {
		p = r.properties("Function", f.Key, f.Value)
	}
	metadata := property{r.Template, f.Key, f.Value.Get("Metadata")}
	fn := &app.Function{
		ID:          f.Key,
		Line:        f.Line,
		Handler:     p.at("Handler").text(""),
		Runtime:     p.at("Runtime").text(""),
		BuildMethod: metadata.at("BuildMethod").text(""),
		Timeout:     time.Duration(p.at("Timeout").number(3, 1, 900)) * time.Second,
		MemoryMB:    p.at("MemorySize").number(128, 128, 10240),
	}
	r.name(fn, p.at("FunctionName"))
	fn.Env = r.environment(fn, p.at("Environment").open())
	logging := p.at("LoggingConfig").open().as(fn.ID)
	fn.LogFormat = logging.at("LogFormat").text("")
	fn.LogLevel = logging.at("ApplicationLogLevel").text("")
	fn.SystemLogLevel = logging.at("SystemLogLevel").text("")
	if group := r.Resolve("", logging.value.Get("LogGroup")); !group.Placeholder { // then Lambda's default, without a note
		fn.LogGroup = group.Text
	}
	fn.Dockerfile = metadata.at("Dockerfile").text("Dockerfile")
	r.code(fn, p, metadata.at("DockerContext"))
	if asset := rawcfn.Asset(f); asset != "" && fn.NoSource != "" && fn.Runtime != "" {
		fn.Dir = r.Path(asset)
	}
	if layers := p.at("Layers"); !layers.isNull() {
		r.NotEmulated(layers.value.Line, "%s: layers are not emulated", fn.ID)
	}
	r.app.Functions = append(r.app.Functions, fn)
	return p
}

// functionName matches what CloudFormation accepts as a FunctionName.
var functionName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

// name reads a function's FunctionName. Where it is known only once it is
// deployed, the logical id takes its place.
func (r *reading) name(fn *app.Function, p property) {
	r.functions[fn.ID], fn.Name = fn, fn.ID
	switch v := r.Resolve("", p.value); {
	case v.Kind == cfn.Null || v.Placeholder:
	case v.Kind != cfn.Scalar || !functionName.MatchString(v.Text):
		p.refuse("must be 1 to 64 letters, digits, hyphens and underscores")
	default:
		fn.Name = v.Text
		if r.functions[v.Text] == nil {
			r.functions[v.Text] = fn
		}
	}
}

// What Lambda requires of variables ("Working with Lambda environment variables",
// "Lambda quotas").
var variableName = regexp.MustCompile("^[a-zA-Z][a-zA-Z0-9_]+$")

const maxVariables = 4096

// environment reads the variables that the template declares. Values from
// --env-vars take precedence.
func (r *reading) environment(fn *app.Function, environment property) map[string]string {
	given, own := map[string]string{}, map[string]string{}
	for _, vars := range []map[string]map[string]string{r.options.EnvVars, r.options.Env} {
		mine := vars[fn.ID]
		if mine == nil {
			mine = vars[fn.Name]
		}
		maps.Copy(given, vars["Parameters"])
		maps.Copy(given, mine)
		maps.Copy(own, mine)
	}

	env := map[string]string{}
	variables, size := environment.at("Variables").as(environment.where).open().as(fn.ID), 0
	for _, f := range variables.fields() {
		if !variableName.MatchString(f.Key) && !strings.HasPrefix(f.Key, "Fn::") {
			r.Refuse(f.Line, "%s: %s must have letters, digits and _, at least two, and begin with a letter, as the name of a variable", fn.ID, f.Key)
		}
		if value, ok := given[f.Key]; ok {
			env[f.Key] = value
		} else if value, ok := variable(variables.at(f.Key), f.Line); ok {
			env[f.Key] = value
			size += len(f.Key) + len(value)
		} else {
			continue
		}
		fn.EnvNames = append(fn.EnvNames, f.Key)
	}
	if size > maxVariables {
		r.Refuse(variables.line(fn.Line), "%s: %d bytes of variables, Lambda's limit is %d", fn.ID, size, maxVariables)
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		_, isOwn := own[key]
		switch {
		case variables.value.Get(key) != nil:
		case strings.HasPrefix(key, "AWS_ENDPOINT_URL"): // depends on the machine, so templates do not declare it
			env[key] = given[key]
		case isOwn:
			r.Note(fn.Line, "%s: %s has %s, which the template does not declare, so it is not set", fn.ID, r.options.EnvVarsFrom, key)
		}
	}
	return env
}

// variable returns the value of an environment variable, false if it is not to be
// set.
func variable(p property, line int) (string, bool) {
	v := p.resolve()
	if p.value.IsCall() && v.Kind == cfn.Null {
		return "", false // AWS::NoValue
	}
	if v.Kind == cfn.List || v.Kind == cfn.Map {
		p.t.Refuse(line, "%s must be a string, not %s", p.where, v.Kind)
		return "", false
	}
	if isDynamic(v.Text) {
		p.t.Note(line, "%s: a dynamic reference is resolved only on deployment; using its own text", p.where)
	}
	return v.Text, true
}

// isDynamic reports whether a text has a dynamic reference, to a secret for example.
func isDynamic(text string) bool { return strings.Contains(text, "{{resolve:") }

// code reads where a function's program is, and whether it can be a Go program.
// That of an image is in the folder dockerContext.
func (r *reading) code(fn *app.Function, p, dockerContext property) {
	written := p.at("CodeUri").open()
	if !written.isNull() && inS3(written.value) {
		written = written.as("") // what is in S3 needs no note
	}
	uri := written.resolve()
	fn.CodeLine, fn.RuntimeLine = fn.Line, p.at("Runtime").line(fn.Line)
	if uri.Line > 0 {
		fn.CodeLine = uri.Line
	}
	inline := !p.at("InlineCode").isNull()
	if !inline && !inS3(uri) && !uri.Placeholder {
		fn.Dir = r.Path(uri.Text) // without a CodeUri, sam build takes the template's folder
	}
	if p.at("PackageType").text("Zip") == "Image" || !p.at("ImageUri").isNull() {
		if dockerContext.isNull() {
			fn.Dir, fn.NoSource = "", "container images are not emulated"
		} else {
			fn.Dir, fn.ImageLine = r.Path(dockerContext.text("")), dockerContext.value.Line
		}
	} else if fn.Runtime == "" {
		r.Refuse(fn.Line, "%s needs a Runtime, such as provided.al2023", fn.ID)
		fn.NotRun = "it has no Runtime"
		return
	} else {
		if fn.Handler == "" {
			r.Refuse(fn.Line, "%s needs a Handler, such as bootstrap", fn.ID)
		}
		fn.NotRun = notGo(fn, inline)
		switch {
		case inS3(uri):
			fn.NoSource, fn.S3Key = "its code is in S3", s3Key(uri)
		case uri.Placeholder:
			fn.NoSource = "its CodeUri is known only once it is deployed"
		}
	}
	if fn.NotRun != "" {
		r.NotEmulated(fn.CodeLine, "%s is not run: %s", fn.ID, fn.NotRun)
	}
}

func inS3(uri *cfn.Value) bool { return uri.Kind == cfn.Map || strings.HasPrefix(uri.Text, "s3://") }

// s3Key returns the key of code in S3, "" if it is known only once it is deployed.
func s3Key(uri *cfn.Value) string {
	key := uri.Get("S3Key") // of AWS::Lambda::Function
	if key == nil {
		key = uri.Get("Key")
	}
	switch {
	case uri.Kind == cfn.Scalar:
		return strings.TrimPrefix(uri.Text, "s3://")
	case key == nil || key.Placeholder:
		return ""
	}
	return key.Text
}

// notGo returns why a function is not a Go program, "" if it may be one.
func notGo(fn *app.Function, inline bool) string {
	switch {
	case inline:
		return "inline code is not Go"
	case fn.Runtime != "go1.x" && fn.Runtime != "provided" && !strings.HasPrefix(fn.Runtime, "provided."):
		return "the runtime " + fn.Runtime + " is not Go's"
	case fn.BuildMethod != "" && fn.BuildMethod != "go1.x" && fn.BuildMethod != "makefile":
		return "the build method " + fn.BuildMethod + " is not Go's"
	}
	return ""
}
