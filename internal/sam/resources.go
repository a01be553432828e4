package sam

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
	"github.com/crumb-go/crumb/internal/rawcfn"
)

// readResources reads the Resources section: first APIs and tables, then
// functions, whose events may refer to any API, then the routes.
func (r *reading) readResources() {
	section := r.Section("Resources")
	if section.IsNull() || section.Kind != cfn.Map || len(section.Fields) == 0 {
		r.Fail("the template has no Resources")
		return
	}
	var apis []cfn.Field
	for _, f := range section.Fields {
		kind := r.typeOf(f)
		r.resources[kind] = append(r.resources[kind], f)
		r.resource(kind, f)
		switch kind {
		case "", "AWS::Serverless::Function", lambdaFunction, "AWS::Lambda::Permission", "AWS::Lambda::Url",
			"AWS::ApiGateway::ApiKey", "AWS::ApiGateway::UsagePlan", "AWS::ApiGateway::UsagePlanKey":
		case "AWS::Serverless::Api", "AWS::Serverless::HttpApi", "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api":
			apis = append(apis, f)
		case "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::Serverless::SimpleTable":
			r.table(f)
		default:
			r.notEmulated(f, kind)
		}
	}
	for _, f := range apis {
		r.api(f)
	}
	r.plain().Strays()
	functions := slices.Concat(r.resources["AWS::Serverless::Function"], r.resources[lambdaFunction])
	slices.SortStableFunc(functions, func(f, g cfn.Field) int { return f.Line - g.Line })
	properties := make([]cfn.Property, len(functions))
	for i, f := range functions {
		properties[i] = r.function(f)
	}
	for _, f := range r.resources["AWS::Lambda::Permission"] {
		r.permitted = append(r.permitted, r.permission(f))
	}
	for _, a := range r.app.APIs {
		r.In(r.apis[a.ID].definitionFile, func() { r.apis[a.ID].defined() })
	}
	urls := r.entrances(properties)
	r.plain().StrayResponses(func(api string) bool { return r.apis[api] != nil })
	for _, f := range r.resources["AWS::Lambda::Url"] {
		r.url(f)
	}
	r.permissions(urls)
	r.readKeys()
	r.unusedVariables(r.options.EnvVars)
	r.unusedVariables(r.options.Env)
}

// plain reads what plain CloudFormation has of APIs.
func (r *reading) plain() rawcfn.Reader {
	return rawcfn.Reader{Template: r.Template, Resources: r.resources, Unplaced: r.unplaced}
}

// resource reads a resource for those who make it.
func (r *reading) resource(kind string, f cfn.Field) {
	if r.options.Make == nil || kind == "" {
		return
	}
	resource := app.Resource{ID: f.Key, Type: kind, Line: f.Line}
	if slices.Contains(r.options.Make, kind) {
		resource.Properties = map[string]any{}
		for _, p := range r.Resolve("", f.Value.Get("Properties")).Fields {
			resource.Properties[p.Key] = p.Value.Plain()
			if p.Value.HoldsPlaceholder() {
				resource.Waits = append(resource.Waits, p.Key)
			}
		}
	}
	r.app.Resources = append(r.app.Resources, resource)
}

// unusedVariables notes the functions that the template does not have, and the
// variables for all functions that none declares.
func (r *reading) unusedVariables(vars map[string]map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		if name != "Parameters" && r.functions[name] == nil {
			r.Note(0, "%s has values for %s, which is not a function of the template", r.options.EnvVarsFrom, name)
		}
	}
	unused := slices.DeleteFunc(slices.Sorted(maps.Keys(vars["Parameters"])), func(name string) bool {
		return slices.ContainsFunc(r.app.Functions, func(f *app.Function) bool { _, set := f.Env[name]; return set })
	})
	if len(unused) > 0 {
		r.Note(0, "%s has %s for all functions, but none declares it, so it is not set", r.options.EnvVarsFrom, strings.Join(unused, ", "))
	}
}

var alphanumeric = regexp.MustCompile("^[A-Za-z0-9]+$")

// typeOf returns a resource's type, "" if the resource is ignored.
func (r *reading) typeOf(f cfn.Field) string {
	if strings.HasPrefix(f.Key, "Fn::") {
		r.Refuse(f.Line, "%s needs the transform %s", f.Key, cfn.LanguageExtensions)
		return ""
	}
	kind := f.Value.Get("Type").Str()
	if !alphanumeric.MatchString(f.Key) {
		r.Refuse(f.Line, "%s must have letters and digits only, as the logical id of a resource", f.Key)
	}
	if kind == "" {
		r.Refuse(f.Line, "the resource %s needs a Type", f.Key)
	} else if !r.Holds(f.Value) {
		return ""
	} else if strings.HasPrefix(kind, "AWS::Serverless::") && !r.sam {
		r.Refuse(f.Line, "%s: %s needs Transform: %s", f.Key, kind, transform)
		return ""
	}
	return kind
}

// entrances reads the events and the URL of each function from its properties,
// and adds the APIs that they create. It returns those of URLs.
func (r *reading) entrances(properties []cfn.Property) (urls []*app.API) {
	for i, fn := range r.app.Functions {
		r.events(fn, properties[i].At("Events").Open())
		if url := r.functionURL(fn, properties[i].At("FunctionUrlConfig").Open()); url != nil {
			urls = append(urls, url)
		}
	}
	for _, id := range []string{implicitREST, implicitHTTP} {
		if a := r.apis[id]; a != nil && a.implicit {
			r.app.APIs = append(r.app.APIs, a.API)
		}
	}
	for _, a := range r.app.APIs {
		r.apis[a.ID].finish()
	}
	r.app.APIs = append(r.app.APIs, urls...)
	return urls
}

// unsupported are the resources that crumb does not emulate although they take
// part in responding to requests, or run code.
var unsupported = []string{
	"AWS::ApiGateway::", "AWS::ApiGatewayV2::", "AWS::AppSync::", "AWS::CloudFormation::Stack", "AWS::CloudFront::",
	"AWS::ElasticLoadBalancingV2::ListenerRule", "AWS::Lambda::EventSourceMapping",
	"AWS::Scheduler::Schedule", "AWS::Serverless::", "AWS::StepFunctions::StateMachine",
}

// quiet are those of them that do not change any response.
var quiet = []string{
	"AWS::ApiGateway::Account", "AWS::Serverless::Connector", "AWS::Serverless::LayerVersion",
}

func (r *reading) notEmulated(f cfn.Field, kind string) {
	starts := func(prefix string) bool { return strings.HasPrefix(kind, prefix) }
	switch {
	case slices.Contains(quiet, kind) || slices.Contains(rawcfn.Parts, kind) || !slices.ContainsFunc(unsupported, starts):
	case kind == "AWS::Serverless::Application" || kind == "AWS::CloudFormation::Stack":
		r.NotEmulated(f.Line, "%s: nested applications (%s) are not emulated", f.Key, kind)
	default:
		r.NotEmulated(f.Line, "%s: %s is not emulated", f.Key, kind)
	}
}
