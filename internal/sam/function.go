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
func (r *reading) function(f cfn.Field) cfn.Property {
	var p cfn.Property
	if f.Value.Get("Type").Str() == lambdaFunction {
		p = r.Property(f.Key, rawcfn.Function(r.Template, f))
		r.nameInert(f.Key, p.Value)
	} else {
		p = r.properties("Function", f.Key, f.Value)
	}
	metadata := r.Property(f.Key, f.Value.Get("Metadata"))
	fn := &app.Function{
		ID:          f.Key,
		Line:        f.Line,
		Handler:     p.At("Handler").Text(""),
		Runtime:     p.At("Runtime").Text(""),
		BuildMethod: metadata.At("BuildMethod").Text(""),
		Timeout:     time.Duration(p.At("Timeout").Number(3, 1, 900)) * time.Second,
		MemoryMB:    p.At("MemorySize").Number(128, 128, 10240),
	}
	r.name(fn, p.At("FunctionName"))
	fn.Env = r.environment(fn, p.At("Environment").Open())
	logging := p.At("LoggingConfig").Open().As(fn.ID)
	fn.LogFormat = logging.At("LogFormat").Text("")
	fn.LogLevel = logging.At("ApplicationLogLevel").Text("")
	fn.SystemLogLevel = logging.At("SystemLogLevel").Text("")
	if group := r.Resolve("", logging.Value.Get("LogGroup")); !group.Placeholder { // then Lambda's default, without a note
		fn.LogGroup = group.Text
	}
	fn.Dockerfile = metadata.At("Dockerfile").Text("Dockerfile")
	r.code(fn, p, metadata.At("DockerContext"))
	if asset := rawcfn.Asset(f); asset != "" && fn.NoSource != "" && fn.Runtime != "" {
		fn.Dir = r.Path(asset)
	}
	if layers := p.At("Layers"); !layers.IsNull() {
		r.NotEmulated(layers.Value.Line, "%s: layers are not emulated", fn.ID)
	}
	r.app.Functions = append(r.app.Functions, fn)
	return p
}

// functionName matches what CloudFormation accepts as a FunctionName.
var functionName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

// name reads a function's FunctionName. Where it is known only once it is
// deployed, the logical id takes its place.
func (r *reading) name(fn *app.Function, p cfn.Property) {
	r.functions[fn.ID], fn.Name = fn, fn.ID
	switch v := r.Resolve("", p.Value); {
	case v.Kind == cfn.Null || v.Placeholder:
	case v.Kind != cfn.Scalar || !functionName.MatchString(v.Text):
		p.Refuse("must be 1 to 64 letters, digits, hyphens and underscores")
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
func (r *reading) environment(fn *app.Function, environment cfn.Property) map[string]string {
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
	variables, size := environment.At("Variables").As(environment.Where).Open().As(fn.ID), 0
	for _, f := range variables.Fields() {
		if !variableName.MatchString(f.Key) && !strings.HasPrefix(f.Key, "Fn::") {
			r.Refuse(f.Line, "%s: %s must have letters, digits and _, at least two, and begin with a letter, as the name of a variable", fn.ID, f.Key)
		}
		if value, ok := given[f.Key]; ok {
			env[f.Key] = value
		} else if value, ok := variable(variables.At(f.Key), f.Line); ok {
			env[f.Key] = value
			size += len(f.Key) + len(value)
		} else {
			continue
		}
		fn.EnvNames = append(fn.EnvNames, f.Key)
	}
	if size > maxVariables {
		r.Refuse(variables.Line(fn.Line), "%s: %d bytes of variables, Lambda's limit is %d", fn.ID, size, maxVariables)
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		_, isOwn := own[key]
		switch {
		case variables.Value.Get(key) != nil:
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
func variable(p cfn.Property, line int) (string, bool) {
	v := p.Resolve()
	if p.Value.IsCall() && v.Kind == cfn.Null {
		return "", false // AWS::NoValue
	}
	if v.Kind == cfn.List || v.Kind == cfn.Map {
		p.T.Refuse(line, "%s must be a string, not %s", p.Where, v.Kind)
		return "", false
	}
	if cfn.IsDynamic(v.Text) {
		p.T.Note(line, "%s: a dynamic reference is resolved only on deployment; using its own text", p.Where)
	}
	return v.Text, true
}

// code reads where a function's program is, and whether it can be a Go program.
// That of an image is in the folder dockerContext.
func (r *reading) code(fn *app.Function, p, dockerContext cfn.Property) {
	written := p.At("CodeUri").Open()
	if !written.IsNull() && inS3(written.Value) {
		written = written.As("") // what is in S3 needs no note
	}
	uri := written.Resolve()
	fn.CodeLine, fn.RuntimeLine = fn.Line, p.At("Runtime").Line(fn.Line)
	if uri.Line > 0 {
		fn.CodeLine = uri.Line
	}
	inline := !p.At("InlineCode").IsNull()
	if !inline && !inS3(uri) && !uri.Placeholder {
		fn.Dir = r.Path(uri.Text) // without a CodeUri, sam build takes the template's folder
	}
	if p.At("PackageType").Text("Zip") == "Image" || !p.At("ImageUri").IsNull() {
		if dockerContext.IsNull() {
			fn.Dir, fn.NoSource = "", "container images are not emulated"
		} else {
			fn.Dir, fn.ImageLine = r.Path(dockerContext.Text("")), dockerContext.Value.Line
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
