// Package authorizers reads the authorizers that a template declares: those in the Auth
// of an API of SAM, in the security schemes of an OpenAPI document, and those of plain
// CloudFormation.
package authorizers

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
	"github.com/crumb-go/crumb/internal/rawcfn"
)

// An API is what is read of one. Authorizers of Auth and of resources come before those
// of the document, and win over them.
type API struct {
	*cfn.Template
	ID           string
	Kind         app.Kind
	Declared     *cfn.Value  // Authorizers of its Auth
	Resources    []cfn.Field // of plain CloudFormation
	Document     *cfn.Value  // OpenAPI
	DocumentFile string      // "" is the template

	FunctionOf func(uri string) *app.Function // nil if it names none of the template
	MayCall    func(*app.Function) bool       // whether a permission lets API Gateway call it
}

// A declaration is an authorizer that is read, from Auth or from a security scheme of
// the definition.
//
// What decides who is let through must be known here and now: with a placeholder the
// authorizer does not run. Exceptions are an issuer, an audience, a user pool and a
// scope. There the placeholder is as good as the value: crumb's own tokens have it, and
// no other token does.
type declaration struct {
	*app.Authorizer
	api  *API
	from cfn.Property
}

// Read returns the authorizers of a.
func (a *API) Read() (all []*app.Authorizer) {
	read := func(f cfn.Field, file string, fill func(*declaration)) {
		d := &declaration{&app.Authorizer{Name: f.Key, Line: f.Line, File: file}, a, a.Property(a.ID+" "+f.Key, f.Value)}
		if f.Value.IsNull() || f.Value.Kind != cfn.Map {
			d.refuseAll("%s: the authorizer %s must be a map")
		} else {
			fill(d)
		}
		if d.Kind == app.NoAuth {
			return
		}
		if d.NotRun != "" {
			a.NotEmulated(d.Line, "%s: the authorizer %s is not run: %s", a.ID, d.Name, d.NotRun)
		}
		all = append(all, d.Authorizer)
	}
	for _, f := range (cfn.Property{Value: a.Declared}).Fields() {
		read(f, "", map[app.Kind]func(*declaration){app.REST: (*declaration).rest, app.HTTP: (*declaration).http}[a.Kind])
	}
	for _, f := range a.Resources {
		read(cfn.Field{Key: f.Key, Line: f.Line, Value: a.Open("", f.Value.Get("Properties"))}, "", (*declaration).resource)
	}
	for _, schemes := range []*cfn.Value{a.Document.Get("components", "securitySchemes"), a.Document.Get("securityDefinitions")} {
		for _, f := range (cfn.Property{Value: schemes}).Fields() {
			if a.Declared.Get(f.Key) == nil && !f.Value.Get(Extension).IsNull() {
				a.In(a.DocumentFile, func() { read(f, a.DocumentFile, (*declaration).scheme) })
			}
		}
	}
	return all
}

func (d *declaration) at(name string) cfn.Property { return d.from.At(name) }

// stop says why crumb does not run the authorizer. The first reason counts.
func (d *declaration) stop(why string, args ...any) {
	if d.NotRun == "" {
		d.NotRun = fmt.Sprintf(why, args...)
	}
}

// refuse records a mistake in p, which keeps the authorizer from running.
func (d *declaration) refuse(p cfn.Property, format string, args ...any) {
	d.api.Refuse(p.Line(d.Line), "%s "+format, append([]any{p.Where}, args...)...)
	d.stop("its property %s is refused", p.Name())
}

// refuseAll records a mistake that leaves no authorizer. The format has the names of the
// API and of the authorizer.
func (d *declaration) refuseAll(format string) {
	d.Kind = app.NoAuth
	d.api.Refuse(d.Line, format, d.api.ID, d.Name)
}

// settled returns p resolved, and keeps the authorizer from running if that is known
// only once it is deployed.
func (d *declaration) settled(p cfn.Property) *cfn.Value {
	v := p.Resolve()
	if v.HoldsPlaceholder() || slices.ContainsFunc(append(v.Texts(), v.Text), cfn.IsDynamic) {
		d.stop("its property %s is known only once it is deployed", p.Name())
	}
	return v
}

// text reads a string.
func (d *declaration) text(p cfn.Property, byDefault string) string {
	if v := d.settled(p); v.Kind == cfn.List || v.Kind == cfn.Map {
		d.stop("its property %s is refused", p.Name())
	}
	return p.Text(byDefault)
}

// open returns p, which must be a map if it is there, as SAM does not evaluate functions.
func (d *declaration) open(p cfn.Property) cfn.Property {
	if !p.IsNull() && (p.Value.Kind != cfn.Map || p.Value.IsCall()) {
		d.refuse(p, "must be a map")
	}
	return p
}

// seconds reads how long responses are kept.
func (d *declaration) seconds(p cfn.Property, byDefault int) {
	n := p.Number(-1, 0, 3600)
	if d.settled(p).Kind == cfn.Null {
		n = byDefault
	} else if n < 0 {
		d.stop("its property %s is refused", p.Name())
	}
	d.TTL = time.Duration(max(n, 0)) * time.Second
}

// validation reads a regular expression.
func (d *declaration) validation(p cfn.Property) {
	d.Validation = d.text(p, "")
	_, err := regexp.Compile(d.Validation)
	if wrong := (*syntax.Error)(nil); errors.As(err, &wrong) {
		switch wrong.Code {
		case syntax.ErrInvalidPerlOp, syntax.ErrInvalidEscape, syntax.ErrInvalidRepeatOp, syntax.ErrInvalidRepeatSize:
			d.stop("Go does not support its property %s: %v", p.Name(), err)
		default:
			d.refuse(p, "is not a regular expression: %v", err)
		}
	}
}

// sources are the properties of Identity in SAM's order, and the prefixes of what SAM
// makes of them for a REST API and for an HTTP API.
var sources = []struct {
	property   string
	in         app.SourceKind
	rest, http string
}{
	{"Headers", app.FromHeader, "method.request.header.", "$request.header."},
	{"QueryStrings", app.FromQuery, "method.request.querystring.", "$request.querystring."},
	{"StageVariables", app.FromStageVariable, "stageVariables.", "$stageVariables."},
	{"Context", app.FromContext, "context.", "$context."},
}

// identity reads the sources in an Identity.
func (d *declaration) identity(p cfn.Property) {
	for _, kind := range sources {
		list := p.At(kind.property)
		if !list.IsNull() && list.Value.Kind != cfn.List {
			d.refuse(list, "must be a list")
			continue
		}
		for _, name := range d.settled(list).Texts() {
			d.Sources = append(d.Sources, app.IdentitySource{In: kind.in, Name: name})
		}
	}
}

// expressions reads the sources in a list of expressions, or in a string with commas.
func (d *declaration) expressions(p cfn.Property) {
	d.settled(p)
	for expression := range strings.SplitSeq(strings.Join(p.Texts(), ","), ",") {
		expression = strings.TrimSpace(expression)
		known := expression == ""
		for _, kind := range sources {
			prefix := kind.rest
			if d.api.Kind == app.HTTP {
				prefix = kind.http
			}
			if name, is := strings.CutPrefix(expression, prefix); is && name != "" {
				d.Sources = append(d.Sources, app.IdentitySource{In: kind.in, Name: name})
				known = true
			}
		}
		if !known {
			d.refuse(p, "has %q, which is not an identity source", expression)
		}
	}
}

// function reads which function of the template a Lambda authorizer calls. If neither the
// authorizer nor a permission lets API Gateway call it, a note gives advice.
func (d *declaration) function(p cfn.Property, permitted bool, advice string) {
	d.Kind = app.Lambda
	text := d.api.Resolve("", p.Value).Text
	fn := d.api.FunctionOf(text)
	switch arn := rawcfn.FunctionARN(text); {
	case fn == nil:
	case strings.HasPrefix(arn, "arn:"):
		own := d.api.GetAtt(fn.ID, "Arn").Text
		if rest, is := strings.CutPrefix(arn, own); !is || rest != "" && rest[0] != ':' {
			fn = nil // of another account or region
		}
	case p.Value.Ref() == "" && !strings.Contains(arn, "."): // neither a name nor an alias, but an import, for example
		fn = nil
	}
	if fn == nil {
		d.stop("its function is not one of this template")
		return
	}
	d.Function = fn
	if !permitted && !d.api.MayCall(fn) {
		d.api.Note(d.Line, "%s: API Gateway has no permission to call %s for the authorizer %s, so AWS responds with 500; %s", d.api.ID, fn.ID, d.Name, advice)
	}
}
