package sam

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// resources reads the Resources section, functions last, since their events
// refer to APIs anywhere in it.
func (r *reader) resources() {
	section := r.root.get("Resources")
	if section.isNull() || section.kind != object || len(section.fields) == 0 {
		r.fail(0, "the template has no Resources")
		return
	}
	var functions, permissions []field
	for _, f := range section.fields {
		if strings.HasPrefix(f.key, "Fn::") {
			r.note(f.line, "%s needs the transform %s", f.key, extensions)
			continue
		}
		kind := f.value.get("Type").str()
		switch {
		case kind == "":
			r.fail(f.line, "the resource %s needs a Type", f.key)
		case !r.holds(f.value):
		case kind == "AWS::Serverless::Function":
			functions = append(functions, f)
		case kind == "AWS::Serverless::Api":
			r.api(app.REST, f.key, f.line, f.value)
		case kind == "AWS::Serverless::HttpApi":
			r.api(app.HTTP, f.key, f.line, f.value)
		case isTable(kind):
			r.table(f)
		case kind == "AWS::Lambda::Permission":
			permissions = append(permissions, f)
		default:
			r.notEmulated(f, kind)
		}
	}
	properties := make([]*node, len(functions))
	for i, f := range functions {
		_, properties[i] = r.function(f)
	}
	for _, a := range r.t.APIs {
		r.routesOf(r.apis[a.ID])
	}
	var urls []*app.API
	for i, fn := range r.t.Functions {
		r.events(fn, r.look(fn.ID+" Events", properties[i].get("Events")))
		if url := r.functionURL(fn, properties[i].get("FunctionUrlConfig")); url != nil {
			urls = append(urls, url)
		}
	}
	for _, id := range []string{implicitREST, implicitHTTP} {
		if a := r.apis[id]; a != nil && a.implicit {
			r.t.APIs = append(r.t.APIs, a.API)
		}
	}
	r.t.APIs = append(r.t.APIs, urls...)
	r.permissions(permissions, urls)
	for _, f := range r.others {
		r.note(f.line, "events of type %s are not driven locally", f.key)
	}
	for _, name := range slices.Sorted(maps.Keys(r.o.EnvVars)) {
		if name != "Parameters" && r.named[name] == nil {
			r.note(0, "--env-vars has values for %s, which is no function of the template", name)
		}
	}
}

// unsupported are the resources that have a part in answering requests, or run
// code, and that crumb does not emulate.
var unsupported = []string{
	"AWS::ApiGateway::", "AWS::ApiGatewayV2::", "AWS::AppSync::", "AWS::CloudFormation::Stack", "AWS::CloudFront::",
	"AWS::ElasticLoadBalancingV2::ListenerRule", "AWS::Lambda::Function", "AWS::Lambda::Url", "AWS::Serverless::",
	"AWS::StepFunctions::StateMachine",
}

// quiet are resources among them that change no answer.
var quiet = []string{
	"AWS::ApiGateway::Account", "AWS::ApiGateway::ApiKey", "AWS::ApiGateway::UsagePlan", "AWS::ApiGateway::UsagePlanKey",
	"AWS::Serverless::Connector", "AWS::Serverless::LayerVersion", "AWS::Serverless::SimpleTable",
}

func (r *reader) notEmulated(f field, kind string) {
	starts := func(prefix string) bool { return strings.HasPrefix(kind, prefix) }
	switch {
	case slices.Contains(quiet, kind) || !slices.ContainsFunc(unsupported, starts):
	case kind == "AWS::Serverless::Application" || kind == "AWS::CloudFormation::Stack":
		r.note(f.line, "%s: nested applications (%s) are not emulated", f.key, kind)
	default:
		r.note(f.line, "%s: %s is not emulated", f.key, kind)
	}
}

func isTable(kind string) bool {
	return kind == "AWS::DynamoDB::Table" || kind == "AWS::Serverless::SimpleTable"
}

// table reads a DynamoDB table's name and key.
func (r *reader) table(f field) {
	p := f.value.get("Properties")
	t := app.Table{Name: cmp.Or(r.quietly(p.get("TableName")).text, f.key)}
	for _, want := range []string{"HASH", "RANGE"} {
		if schema := r.quietly(p.get("KeySchema")); schema.kind == list {
			for _, key := range schema.items {
				if key.get("KeyType").str() == want {
					t.Keys = append(t.Keys, key.get("AttributeName").str())
				}
			}
		}
	}
	if t.Keys == nil { // a SimpleTable
		t.Keys = []string{cmp.Or(r.quietly(p.get("PrimaryKey", "Name")).text, "id")}
	}
	r.t.Tables = append(r.t.Tables, t)
}

// strings returns the texts of a list, or of one text.
func (r *reader) strings(where string, n *node) []string {
	v := r.value(where, n)
	if v.kind == scalar {
		return []string{v.text}
	}
	var all []string
	for _, item := range v.items {
		all = append(all, item.text)
	}
	return all
}

// boolean reads a boolean, which a template may also write as a text. Absent is
// byDefault, and unknown is true: that is the careful answer wherever it is
// asked.
func (r *reader) boolean(where string, n *node, byDefault bool) bool {
	v := r.value(where, n)
	if v.kind == null {
		return byDefault
	}
	b, ok := yamlBool(v.text)
	if !ok && !v.standIn {
		r.fail(n.line, "%s must be true or false", where)
	}
	return b || !ok
}

// text reads a text; absent is byDefault.
func (r *reader) text(where string, n *node, byDefault string) string {
	v := r.value(where, n)
	if v.kind == list || v.kind == object {
		r.fail(n.line, "%s must be a text, not %s", where, v.kind)
	}
	return cmp.Or(v.text, byDefault)
}
