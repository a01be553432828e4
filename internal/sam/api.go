package sam

import (
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
	"github.com/crumb-go/crumb/internal/rawcfn"
)

// The logical ids of the APIs that SAM creates for events that name no API.
const (
	implicitREST = "ServerlessRestApi"
	implicitHTTP = "ServerlessHttpApi"
)

// An api is an API that is read, with its operations and what guards them.
type api struct {
	*reading
	*app.API
	raw        *rawcfn.API // nil: SAM's
	implicit   bool
	guard      guard
	operations []*operation
	known      map[string]*operation // by method and path

	source         source
	definition     *cfn.Value    // the OpenAPI document; nil: operations are in Events
	definitionLine int           // of the property that has or names it
	definitionFile string        // "" is the template
	inline         bool          // it is in DefinitionBody
	security       []requirement // of operations that have none
}

// api reads an API of SAM, or one of plain CloudFormation with its parts.
func (r *reading) api(f cfn.Field) {
	kind, own := app.REST, (*rawcfn.API)(nil)
	switch f.Value.Get("Type").Str() {
	case "AWS::Serverless::Api":
	case "AWS::Serverless::HttpApi":
		kind = app.HTTP
	default:
		raw, ok := r.plain().API(f)
		if !ok {
			return
		}
		kind, own = raw.Kind, &raw
		if policy := raw.Properties.Get("Policy"); !policy.IsNull() && (policy.Kind == cfn.Map || policy.Text != "") {
			r.NotEmulated(policy.Line, "%s: the resource policy is not evaluated", f.Key)
		}
	}
	var p property
	if own != nil {
		p = property{r.Template, f.Key, own.Properties}
	} else {
		p = r.properties(sections[kind], f.Key, f.Value)
	}
	a := r.newAPI(kind, f.Line, p, own)
	a.Stage = p.at("StageName").text(map[app.Kind]string{app.REST: "Prod", app.HTTP: "$default"}[kind])
	if name := p.value.Get("StageName"); kind == app.REST && (name.IsNull() || name.Kind == cfn.Scalar && name.Text == "") {
		r.Refuse(f.Line, "%s needs a StageName", f.Key)
	}
	r.app.APIs = append(r.app.APIs, a.API)
}

var sections = map[app.Kind]string{app.REST: "Api", app.HTTP: "HttpApi"}

// implicit returns the API of events that name no API.
func (r *reading) implicit(kind app.Kind, line int) *api {
	id, stage := implicitREST, "Prod"
	if kind == app.HTTP {
		id, stage = implicitHTTP, "$default"
	}
	if a := r.apis[id]; a != nil {
		return a
	}
	a := r.newAPI(kind, line, r.properties(sections[kind], id, cfn.NewMap(line)), nil)
	a.implicit, a.Stage = true, stage
	return a
}

// newAPI reads what explicit and implicit APIs have in common. In findings p has
// the name of the API's logical id.
func (r *reading) newAPI(kind app.Kind, line int, p property, raw *rawcfn.API) *api {
	a := &api{reading: r, raw: raw, API: &app.API{ID: p.where, Line: line, Kind: kind}, known: map[string]*operation{}}
	for _, t := range p.at("BinaryMediaTypes").texts() {
		a.BinaryMediaTypes = append(a.BinaryMediaTypes, strings.ReplaceAll(t, "~1", "/"))
	}
	if kind == app.REST {
		a.StageVariables = stageVariables(p.at("Variables"), a.ID)
		a.Edge = isEdge(p.at("EndpointConfiguration"))
		a.CORS = restCORS(p.at("Cors"))
	} else {
		a.StageVariables = stageVariables(p.at("StageVariables"), a.ID)
		a.CORS = httpCORS(p.at("CorsConfiguration"))
	}
	a.readGuard(p.at("Auth"))
	a.define(p)
	if hidden := r.hidden(p.value, raw == nil); hidden > 0 {
		r.NotEmulated(hidden, mayGuard, a.ID)
		a.guard.unread = denial{by: "Fn::Transform", line: hidden}
	}
	if kind == app.REST {
		source := p.at("ApiKeySourceType")
		if source.isNull() {
			source.value = a.definition.Get("x-amazon-apigateway-api-key-source")
		}
		a.KeySource = a.keySource(source)
	}
	r.apis[a.ID] = a
	return a
}

const mayGuard = "%s: Fn::Transform cannot be read here; the routes are closed, because it may require authorization"

// hidden returns the line of a Fn::Transform that is left in the properties of an API or,
// for one of SAM, in Globals, so that the API may have a guard that is not seen; 0 for none.
func (r *reading) hidden(properties *cfn.Value, withGlobals bool) int {
	if properties.Kind != cfn.Map {
		return properties.Line
	}
	var globals *cfn.Value
	if withGlobals {
		globals = r.Section("Globals")
	}
	for _, v := range []*cfn.Value{properties, globals, globals.Get("Api"), globals.Get("HttpApi")} {
		if transform := v.Get("Fn::Transform"); transform != nil {
			return transform.Line
		}
	}
	return 0
}

// isEdge reports whether an EndpointConfiguration, a string or a map, of SAM or not, is that
// of an edge-optimized API, which is the default ("API endpoint types for REST
// APIs in API Gateway").
func isEdge(p property) bool {
	kind := p.open()
	if p.value != nil && kind.value.Kind == cfn.Map {
		if types := kind.at("Types").texts(); len(types) > 0 {
			return types[0] == "EDGE"
		}
		kind.value = kind.value.Get("Type")
	}
	return kind.as(p.where+" Type").text("EDGE") == "EDGE"
}

func stageVariables(p property, id string) map[string]string {
	p = p.as(id).open()
	if p.isNull() {
		return nil
	}
	variables := map[string]string{}
	for _, f := range p.fields() {
		if v := (property{p.t, id + " stage variable " + f.Key, f.Value}).resolve(); v.Kind == cfn.Scalar {
			variables[f.Key] = v.Text
		}
	}
	return variables
}
