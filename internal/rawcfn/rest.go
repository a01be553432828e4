package rawcfn

import (
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

// gatewayResponses returns the API's AWS::ApiGateway::GatewayResponse as the property that
// an API of SAM has.
func (a *assembly) gatewayResponses(line int) cfn.Field {
	var all []cfn.Field
	for _, f := range a.parts("GatewayResponse") {
		var own []cfn.Field
		for _, p := range a.Open("", f.Value.Get("Properties")).Fields {
			if p.Key != "ResponseType" && p.Key != "RestApiId" {
				own = append(own, p)
			}
		}
		all = append(all, cfn.Field{Key: a.text(f, "ResponseType"), Line: f.Line, Value: cfn.NewMap(f.Line, own...)})
	}
	return cfn.Field{Key: "GatewayResponses", Line: line, Value: cfn.NewMap(line, all...)}
}
