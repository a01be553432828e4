package sam

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
)

// function reads an AWS::Serverless::Function and returns also its properties.
func (r *reader) function(f field) (*app.Function, *node) {
	p := r.properties("Function", f.key, f.value)
	where := func(property string) string { return f.key + " " + property }
	fn := &app.Function{
		ID:          f.key,
		Line:        f.line,
		Handler:     r.text(where("Handler"), p.get("Handler"), ""),
		Runtime:     r.text(where("Runtime"), p.get("Runtime"), ""),
		BuildMethod: r.text(where("BuildMethod"), f.value.get("Metadata", "BuildMethod"), ""),
		Timeout:     time.Duration(r.number(where("Timeout"), p.get("Timeout"), 3, 1, 900)) * time.Second,
		MemoryMB:    r.number(where("MemorySize"), p.get("MemorySize"), 128, 128, 10240),
	}
	name := r.quietly(p.get("FunctionName")).text
	r.named[fn.ID], r.named[name] = fn, fn
	fn.Env = r.environment(fn, name, r.look(where("Environment"), p.get("Environment")))
	logging := r.look(where("LoggingConfig"), p.get("LoggingConfig"))
	fn.LogFormat = r.text(where("LogFormat"), logging.get("LogFormat"), "")
	fn.LogLevel = r.text(where("ApplicationLogLevel"), logging.get("ApplicationLogLevel"), "")
	fn.SystemLogLevel = r.text(where("SystemLogLevel"), logging.get("SystemLogLevel"), "")
	r.code(fn, p, f.value.get("Metadata", "DockerContext"))
	if layers := p.get("Layers"); !layers.isNull() {
		r.note(layers.line, "%s: layers are not emulated", fn.ID)
	}
	r.t.Functions = append(r.t.Functions, fn)
	return fn, p
}

// number reads a whole number; absent or unknown is byDefault.
func (r *reader) number(where string, n *node, byDefault, least, most int) int {
	v := r.value(where, n)
	if v.kind == null || v.standIn {
		return byDefault
	}
	i, err := strconv.Atoi(v.text)
	if err != nil || i < least || i > most {
		r.fail(n.line, "%s must be a whole number from %d to %d", where, least, most)
		return byDefault
	}
	return i
}

// environment reads the variables that the template declares, with the values
// of --env-vars for those that have one there.
func (r *reader) environment(fn *app.Function, name string, environment *node) map[string]string {
	given := maps.Clone(r.o.EnvVars["Parameters"])
	own := r.o.EnvVars[fn.ID]
	if own == nil {
		own = r.o.EnvVars[name]
	}
	if given == nil {
		given = map[string]string{}
	}
	maps.Copy(given, own)

	env := map[string]string{}
	variables := r.look(fn.ID+" Environment", environment.get("Variables"))
	if variables == nil {
		variables = newObject(fn.Line)
	}
	for _, f := range variables.fields {
		if value, ok := given[f.key]; ok {
			env[f.key] = value
		} else if value, ok := r.variable(fn.ID+" "+f.key, f); ok {
			env[f.key] = value
		}
	}
	for _, key := range slices.Sorted(maps.Keys(own)) {
		switch {
		case variables.get(key) != nil:
		case strings.HasPrefix(key, "AWS_ENDPOINT_URL"): // about the machine, so no template has it
			env[key] = own[key]
		default:
			r.note(fn.Line, "%s: --env-vars has %s, which the template does not declare, so it is not set", fn.ID, key)
		}
	}
	return env
}

// variable returns the value of an environment variable, false when there is
// to be none.
func (r *reader) variable(where string, f field) (string, bool) {
	v := r.value(where, f.value)
	if _, _, called := f.value.intrinsic(); called && v.kind == null {
		return "", false // AWS::NoValue
	}
	if v.kind == list || v.kind == object {
		r.fail(f.line, "%s must be a text, not %s", where, v.kind)
	}
	if strings.Contains(v.text, "{{resolve:") {
		r.note(f.line, "%s: a dynamic reference is resolved only on deployment; its own text stands in", where)
	}
	return v.text, true
}
