package rawcfn

import (
	"iter"

	"github.com/crumb-go/crumb/internal/cfn"
)

// restStage returns the properties of a REST API's stage: an AWS::ApiGateway::Stage, or
// the one that a deployment makes.
func (a *assembly) restStage(line int) []cfn.Field {
	var stages []stage
	for _, f := range a.parts("Stage") {
		stages = append(stages, stage{f, f.Value.Get("Properties", "Variables")})
		if a.text(f, "CacheClusterEnabled") == "true" {
			a.NotEmulated(f.Value.Get("Properties", "CacheClusterEnabled").Line, "%s: CacheClusterEnabled is not emulated", f.Key)
		}
	}
	for _, f := range a.parts("Deployment") {
		if a.text(f, "StageName") != "" {
			stages = append(stages, stage{f, f.Value.Get("Properties", "StageDescription", "Variables")})
		}
	}
	return a.stage(line, stages, "Variables", "prod")
}

// restMethods adds the methods of a REST API.
func (a *assembly) restMethods() {
	resources := a.parts("Resource")
	for _, f := range a.parts("Method") {
		path, ok := a.pathOf(resources, f, "ResourceId", len(resources))
		if !ok {
			a.unplaced(a.id, f)
			a.NotEmulated(f.Line, "%s: its ResourceId leads to no root of %s in this template; the route is not served", f.Key, a.id)
			continue
		}
		if path == "" {
			path = "/"
		}
		p := f.Value.Get("Properties")
		if v := p.Get("RequestValidatorId"); !v.IsNull() {
			a.NotEmulated(v.Line, "%s: RequestValidatorId is not emulated", f.Key)
		}
		integration, more := small(a.Open("", p.Get("Integration"))), []cfn.Field(nil)
		if integration.Get("integrationResponses") != nil {
			integration, more = a.mock(p, integration)
		}
		a.add(f, a.text(f, "HttpMethod"), path, integration, more...)
		a.deployed(f)
	}
}

// pathOf returns the path of the resource that a property names, "" for that of the root.
func (a *assembly) pathOf(resources []cfn.Field, f cfn.Field, property string, depth int) (string, bool) {
	if a.text(f, property) == a.id+".RootResourceId" {
		return "", true
	}
	parent := find(resources, a.named(f, property))
	if parent == nil || depth == 0 {
		return "", false
	}
	path, ok := a.pathOf(resources, *parent, "ParentId", depth-1)
	return path + "/" + a.text(*parent, "PathPart"), ok
}

// deployed notes a method that deployments do not wait for.
func (a *assembly) deployed(method cfn.Field) {
	for _, d := range a.parts("Deployment") {
		if on := d.Value.Get("DependsOn"); on == nil || on.Text != method.Key && !on.Has(method.Key) {
			a.Note(d.Line, "%s: API Gateway may deploy %s without %s, which is not in DependsOn", d.Key, a.id, method.Key)
		}
	}
}

// GatewayResponses are the AWS::ApiGateway::GatewayResponse of an API: their types, and their
// other properties.
func (r Reader) GatewayResponses(api string) iter.Seq2[cfn.Field, string] {
	return func(yield func(f cfn.Field, kind string) bool) {
		for _, f := range r.Resources["AWS::ApiGateway::GatewayResponse"] {
			if r.named(f, "RestApiId") != api {
				continue
			}
			var own []cfn.Field
			for _, p := range r.Open("", f.Value.Get("Properties")).Fields {
				if p.Key != "ResponseType" && p.Key != "RestApiId" {
					own = append(own, p)
				}
			}
			if !yield(cfn.Field{Key: f.Key, Line: f.Line, Value: cfn.NewMap(f.Line, own...)}, r.text(f, "ResponseType")) {
				return
			}
		}
	}
}

// StrayResponses names the gateway responses of APIs that are not served.
func (r Reader) StrayResponses(served func(api string) bool) {
	for _, f := range r.Resources["AWS::ApiGateway::GatewayResponse"] {
		if !served(r.named(f, "RestApiId")) {
			r.NotEmulated(f.Line, "%s: its RestApiId names no API that is served here; it is not sent", f.Key)
		}
	}
}
