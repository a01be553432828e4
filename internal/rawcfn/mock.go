package rawcfn

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
)

// A request template that chooses a status without evaluating anything, in JSON of which
// API Gateway is not strict: CDK writes { statusCode: 204 }.
var choice = regexp.MustCompile(`^\s*\{[^$#]*?\bstatusCode["']?\s*:\s*["']?(\d+)\b[^$#]*\}\s*$`)

const jsonType = "application/json"

// Mock returns the response of a MOCK integration, as OpenAPI has it, with the responses
// of its method, or why there is none. What of it is not static is named.
//
// The request's template chooses a status, the integration's response is the first whose
// pattern matches that, and the method's response says which headers it may have ("Set up
// mock integrations in API Gateway"). Requests of another Content-Type are answered alike.
func Mock(t *cfn.Template, where string, integration, responses *cfn.Value) (m *app.Mock, missing string) {
	chosen := choice.FindStringSubmatch(t.Resolve("", integration.Get("requestTemplates", jsonType)).Text)
	if chosen == nil {
		return nil, "has a mock integration whose requestTemplates have no plain statusCode for " + jsonType
	}
	r := t.Open("", response(t.Open("", integration.Get("responses")), chosen[1]))
	status := t.Resolve("", r.Get("statusCode")).Text
	m = &app.Mock{Header: map[string]string{}}
	if m.Status, _ = strconv.Atoi(status); m.Status < 200 || m.Status > 599 {
		return nil, "has a mock integration without a response for the status " + chosen[1]
	}
	if t.Open("", responses).Get(status) == nil { // which AWS does not deploy
		return nil, "has a mock integration with the status " + status + ", which is not among the method's responses"
	}
	declared := t.Open("", t.Open("", t.Open("", responses).Get(status)).Get("headers"))
	hasType := false
	parameters := t.Open("", r.Get("responseParameters"))
	for _, f := range fieldsOf(parameters) {
		name, isHeader := strings.CutPrefix(f.Key, "method.response.header.")
		text := t.Resolve("", f.Value).Text
		value, opens := strings.CutPrefix(text, "'")
		value, closes := strings.CutSuffix(value, "'")
		switch {
		case !isHeader || !opens || !closes:
			t.NotEmulated(f.Line, "%s: %s has no static value, so it is not sent", where, f.Key)
		case !slices.ContainsFunc(fieldsOf(declared), func(d cfn.Field) bool { return strings.EqualFold(d.Key, name) }):
			t.Refuse(f.Line, "%s: the method's response %s does not declare the header %s", where, status, name)
		default:
			m.Header[name] = value
			hasType = hasType || strings.EqualFold(name, "Content-Type")
		}
	}
	kind := jsonType
	templates := fieldsOf(t.Open("", r.Get("responseTemplates")))
	if i := slices.IndexFunc(templates, func(f cfn.Field) bool { return f.Key == jsonType }); i > 0 {
		templates = templates[i:]
	}
	if len(templates) > 0 {
		kind, m.Body = templates[0].Key, t.Resolve("", templates[0].Value).Text
		if strings.ContainsAny(m.Body, "$#") {
			t.NotEmulated(templates[0].Line, "%s: the response template is not evaluated, so the response has no body", where)
			m.Body = ""
		}
	}
	if !hasType {
		m.Header["Content-Type"] = kind
	}
	return m, ""
}

// response returns the integration's response for a status.
func response(responses *cfn.Value, status string) *cfn.Value {
	for _, f := range fieldsOf(responses) {
		if is, err := regexp.MatchString("^(?:"+f.Key+")$", status); err == nil && is && f.Key != "" {
			return f.Value
		}
	}
	return responses.Get("default")
}

// mock returns a method's integration and its responses as OpenAPI has them.
func (a *assembly) mock(p, integration *cfn.Value) (*cfn.Value, []cfn.Field) {
	byStatus := func(list *cfn.Value, key func(*cfn.Value) string, value func(*cfn.Value) *cfn.Value) cfn.Field {
		var fields []cfn.Field
		for _, r := range a.Resolve("", list).Items {
			fields = append(fields, cfn.Field{Key: key(r), Line: r.Line, Value: value(r)})
		}
		return cfn.Field{Key: "responses", Line: integration.Line, Value: cfn.NewMap(integration.Line, fields...)}
	}
	of := byStatus(integration.Get("integrationResponses"), func(r *cfn.Value) string {
		if pattern := r.Get("SelectionPattern").Str(); pattern != "" {
			return pattern
		}
		return "default"
	}, small)
	own := byStatus(p.Get("MethodResponses"), func(r *cfn.Value) string { return r.Get("StatusCode").Str() }, func(r *cfn.Value) *cfn.Value {
		var headers []cfn.Field
		for _, f := range fieldsOf(r.Get("ResponseParameters")) {
			headers = append(headers, cfn.Field{Key: strings.TrimPrefix(f.Key, "method.response.header."), Line: f.Line, Value: f.Value})
		}
		return cfn.NewMap(r.Line, cfn.Field{Key: "headers", Line: r.Line, Value: cfn.NewMap(r.Line, headers...)})
	})
	return cfn.NewMap(integration.Line, append(slices.Clone(integration.Fields), of)...), []cfn.Field{own}
}
