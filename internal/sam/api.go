package sam

import (
	"maps"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
	"github.com/crumb-go/crumb/internal/rawcfn"
	"github.com/crumb-go/crumb/internal/sam/responses"
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
	var p cfn.Property
	if own != nil {
		p = r.Property(f.Key, own.Properties)
	} else {
		p = r.properties(sections[kind], f.Key, f.Value)
	}
	a := r.newAPI(kind, f.Line, p, own)
	a.Stage = p.At("StageName").Text(map[app.Kind]string{app.REST: "Prod", app.HTTP: "$default"}[kind])
	if name := p.Value.Get("StageName"); kind == app.REST && (name.IsNull() || name.Kind == cfn.Scalar && name.Text == "") {
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
func (r *reading) newAPI(kind app.Kind, line int, p cfn.Property, raw *rawcfn.API) *api {
	a := &api{reading: r, raw: raw, API: &app.API{ID: p.Where, Line: line, Kind: kind}, known: map[string]*operation{}}
	for _, t := range p.At("BinaryMediaTypes").Texts() {
		a.BinaryMediaTypes = append(a.BinaryMediaTypes, strings.ReplaceAll(t, "~1", "/"))
	}
	if kind == app.REST {
		a.StageVariables = stageVariables(p.At("Variables"), a.ID)
		a.Edge = isEdge(p.At("EndpointConfiguration"))
		a.CORS = restCORS(p.At("Cors"))
	} else {
		a.StageVariables = stageVariables(p.At("StageVariables"), a.ID)
		a.CORS = httpCORS(p.At("CorsConfiguration"))
	}
	a.readGuard(p.At("Auth"))
	a.define(p)
	if hidden := r.hidden(p.Value, raw == nil); hidden > 0 {
		r.NotEmulated(hidden, mayGuard, a.ID)
		a.guard.unread = denial{by: "Fn::Transform", line: hidden}
	}
	if kind == app.REST {
		source := p.At("ApiKeySourceType")
		if source.IsNull() {
			source.Value = a.definition.Get("x-amazon-apigateway-api-key-source")
		}
		a.KeySource = a.keySource(source)
		a.Responses = a.responses(p.At("GatewayResponses"))
		for _, name := range []string{"MinimumCompressionSize", "CacheClusterEnabled"} {
			if v := p.At(name); !v.IsNull() && v.Text("") != "false" {
				r.NotEmulated(v.Value.Line, "%s: %s is not emulated", a.ID, name)
			}
		}
	}
	r.apis[a.ID] = a
	return a
}

// responses reads the gateway responses of a REST API. SAM's replace those of the definition.
func (a *api) responses(p cfn.Property) map[string]app.GatewayResponse {
	all := map[string]app.GatewayResponse{}
	a.In(a.definitionFile, func() {
		maps.Copy(all, responses.OpenAPI.Read(a.Property(a.ID+" "+responses.Extension, a.definition.Get(responses.Extension))))
	})
	if a.raw == nil {
		maps.Copy(all, responses.SAM.Read(p))
	}
	for f, kind := range a.plain().GatewayResponses(a.ID) {
		responses.Plain.Add(all, kind, f.Line, a.Property(f.Key, f.Value))
	}
	return all
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
func isEdge(p cfn.Property) bool {
	kind := p.Open()
	if p.Value != nil && kind.Value.Kind == cfn.Map {
		if types := kind.At("Types").Texts(); len(types) > 0 {
			return types[0] == "EDGE"
		}
		kind.Value = kind.Value.Get("Type")
	}
	return kind.As(p.Where+" Type").Text("EDGE") == "EDGE"
}

func stageVariables(p cfn.Property, id string) map[string]string {
	p = p.As(id).Open()
	if p.IsNull() {
		return nil
	}
	variables := map[string]string{}
	for _, f := range p.Fields() {
		if v := p.T.Property(id+" stage variable "+f.Key, f.Value).Resolve(); v.Kind == cfn.Scalar {
			variables[f.Key] = v.Text
		}
	}
	return variables
}
