package rawcfn

import (
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/cfn"
)

// httpStage returns the properties of an HTTP API's stage, which quick create makes too.
func (a *assembly) httpStage(line int, own *cfn.Value) []cfn.Field {
	var stages []stage
	for _, f := range a.parts("Stage") {
		stages = append(stages, stage{f, f.Value.Get("Properties", "StageVariables")})
		if on, _ := a.Resolve("", f.Value.Get("Properties", "AutoDeploy")).Bool(); !on && a.text(f, "DeploymentId") == "" {
			a.Note(f.Line, "%s: without AutoDeploy or a DeploymentId API Gateway serves nothing", f.Key)
		}
	}
	if len(stages) == 0 && !own.Get("Target").IsNull() {
		return nil
	}
	return a.stage(line, stages, "StageVariables", "$default")
}

// httpRoutes adds the routes of an HTTP API, that of quick create first.
func (a *assembly) httpRoutes(own *cfn.Value) {
	if target := own.Get("Target"); !target.IsNull() {
		kind := "AWS_PROXY"
		if strings.HasPrefix(a.Resolve("", target).Text, "http") {
			kind = "HTTP_PROXY"
		}
		line := target.Line
		var guarded []cfn.Field
		for _, f := range a.parts("ApiGatewayManagedOverrides") { // of which crumb takes what guards the route
			if route := a.Open("", f.Value.Get("Properties", "Route")); !route.IsNull() {
				guarded = []cfn.Field{{Key: "Properties", Line: f.Line, Value: route}}
			}
		}
		a.route(cfn.Field{Key: a.id, Line: line, Value: cfn.NewMap(line, guarded...)}, own.Get("RouteKey"), cfn.NewMap(line,
			cfn.Field{Key: "type", Line: line, Value: scalar(line, kind)},
			cfn.Field{Key: "uri", Line: line, Value: target},
			cfn.Field{Key: "payloadFormatVersion", Line: line, Value: scalar(line, "2.0")}))
	}
	integrations := a.parts("Integration")
	for _, f := range a.parts("Route") {
		id, _ := strings.CutPrefix(a.text(f, "Target"), "integrations/")
		a.route(f, f.Value.Get("Properties", "RouteKey"), a.target(find(integrations, id)))
	}
}

// route adds a route.
func (a *assembly) route(f cfn.Field, key, integration *cfn.Value) {
	text := a.Resolve("", key).Text
	method, path, ok := strings.Cut(text, " ")
	switch {
	case ok:
	case text == "$default", text == "" && f.Key == a.id:
		method, path = "ANY", "/$default"
	default:
		a.Refuse(f.Line, "%s: the RouteKey %q must be $default, or a method and a path", f.Key, text)
		return
	}
	a.add(f, method, path, integration)
}

// target returns an AWS::ApiGatewayV2::Integration, nil for nil.
func (a *assembly) target(f *cfn.Field) *cfn.Value {
	if f == nil {
		return nil
	}
	p := f.Value.Get("Properties")
	kind := a.text(*f, "IntegrationType")
	if kind == "AWS_PROXY" && p.Get("PayloadFormatVersion").IsNull() {
		a.Refuse(f.Line, "%s needs a PayloadFormatVersion", f.Key)
	}
	for _, name := range []string{"RequestParameters", "ResponseParameters"} {
		if v := p.Get(name); kind == "AWS_PROXY" && !v.IsNull() {
			a.NotEmulated(v.Line, "%s: %s is not emulated", f.Key, name)
		}
	}
	v := small(p)
	fields := slices.Clone(v.Fields)
	for from, to := range map[string]string{"integrationType": "type", "integrationUri": "uri"} {
		fields = append(fields, cfn.Field{Key: to, Line: v.Line, Value: v.Get(from)})
	}
	if subtype := v.Get("integrationSubtype"); !subtype.IsNull() {
		fields = append(fields, cfn.Field{Key: "type", Line: subtype.Line, Value: subtype})
	}
	return cfn.NewMap(v.Line, fields...)
}
