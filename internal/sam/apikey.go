package sam

import (
	"slices"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
)

// A usagePlan is what SAM makes of an API's Auth UsagePlan: a plan with one key.
type usagePlan struct {
	plan, key string // logical ids
	line      int
}

// usagePlanOf reads the UsagePlan of an Auth (SAM translator, release 1.115,
// model/api/api_generator.py).
func (a *api) usagePlanOf(p cfn.Property) usagePlan {
	if p.IsNull() {
		return usagePlan{}
	}
	line := p.Value.Line
	switch create := p.At("CreateUsagePlan"); create.Text("") {
	case "PER_API":
		return usagePlan{a.ID + "UsagePlan", a.ID + "ApiKey", line}
	case "SHARED":
		return usagePlan{"ServerlessUsagePlan", "ServerlessApiKey", line}
	case "NONE":
	default:
		a.Refuse(create.Line(line), "%s must be PER_API, SHARED or NONE", create.Where)
	}
	return usagePlan{}
}

// keySource reads where a REST API finds the key of a request.
func (a *api) keySource(p cfn.Property) app.KeySource {
	switch source := app.KeySource(p.Text(string(app.KeyInHeader))); {
	case source == app.KeyInHeader || source == app.KeyFromAuthorizer:
		return source
	case !p.Resolve().Placeholder:
		p.Refuse("must be HEADER or AUTHORIZER")
	}
	return app.KeyInHeader
}

// readKeys gives each REST API its keys: those that a usage plan of its stage has. Ref of
// a key, a plan, an API or a stage is a placeholder, which begins with the logical id.
func (r *reading) readKeys() {
	keys, planKeys := r.resources["AWS::ApiGateway::ApiKey"], r.resources["AWS::ApiGateway::UsagePlanKey"]
	text := func(f cfn.Field, name string) string { return r.Resolve("", f.Value.Get("Properties", name)).Text }
	for _, a := range r.app.APIs {
		if a.Kind != app.REST {
			continue
		}
		own := r.apis[a.ID].guard.plan
		mine := []string{own.plan}
		for _, plan := range r.resources["AWS::ApiGateway::UsagePlan"] {
			for _, stage := range r.Resolve("", plan.Value.Get("Properties", "ApiStages")).Items {
				if name := stage.Get("Stage"); stage.Get("ApiId").Str() == a.ID && name != nil && (name.Placeholder || name.Text == a.Stage) {
					mine = append(mine, plan.Key)
				}
			}
		}
		for _, key := range keys {
			k := r.key(key)
			if slices.ContainsFunc(planKeys, func(f cfn.Field) bool {
				return text(f, "KeyId") == key.Key && slices.Contains(mine, text(f, "UsagePlanId"))
			}) {
				a.Keys = append(a.Keys, k)
			}
		}
		if own.key != "" {
			a.Keys = append(a.Keys, app.APIKey{ID: own.key, Line: own.line, Enabled: true})
		}
	}
	for _, key := range keys {
		if !slices.ContainsFunc(r.app.APIs, func(a *app.API) bool {
			return slices.ContainsFunc(a.Keys, func(k app.APIKey) bool { return k.ID == key.Key })
		}) {
			r.Note(key.Line, "%s is in no usage plan of an API of this template, so that API Gateway rejects the key", key.Key)
		}
	}
}

// key reads an AWS::ApiGateway::ApiKey. A value that is known only once it is deployed is
// as none.
func (r *reading) key(f cfn.Field) app.APIKey {
	p := r.Property(f.Key, f.Value.Get("Properties"))
	k := app.APIKey{ID: f.Key, Line: f.Line}
	if enabled := p.At("Enabled"); !enabled.Resolve().Placeholder {
		k.Enabled, _ = enabled.Resolve().Bool()
	}
	if !k.Enabled {
		r.Note(f.Line, "%s: API Gateway rejects the key unless Enabled is true", f.Key)
	}
	if v := r.Resolve("", p.Value.Get("Value")); !v.Placeholder && !cfn.IsDynamic(v.Text) {
		k.Value = v.Text
		if k.Value != "" && len(k.Value) < 20 {
			p.At("Value").Refuse("must be at least 20 characters long")
			k.Enabled = false
		}
	}
	return k
}
