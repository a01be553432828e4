// Package responses reads the gateway responses of REST APIs: what they say in place of
// API Gateway's own words when a request does not reach a function, or fails ("Gateway
// responses for REST APIs in API Gateway").
package responses

import (
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
)

// Extension is the part of an OpenAPI document that has them.
const Extension = "x-amazon-apigateway-gateway-responses"

const jsonType = "application/json"

// types are those of API Gateway ("Gateway response types for API Gateway").
var types = strings.Fields(`ACCESS_DENIED API_CONFIGURATION_ERROR AUTHORIZER_CONFIGURATION_ERROR AUTHORIZER_FAILURE
	BAD_REQUEST_BODY BAD_REQUEST_PARAMETERS DEFAULT_4XX DEFAULT_5XX EXPIRED_TOKEN INTEGRATION_FAILURE INTEGRATION_TIMEOUT
	INVALID_API_KEY INVALID_SIGNATURE MISSING_AUTHENTICATION_TOKEN QUOTA_EXCEEDED REQUEST_TOO_LARGE RESOURCE_NOT_FOUND
	THROTTLED UNAUTHORIZED UNSUPPORTED_MEDIA_TYPE WAF_ACCESS_DENIED WAF_FILTERED`)

// evaluated are the variables that a body may have here; the gateway has their values.
var evaluated = []string{"$context.error.message", "$context.error.messageString", "$context.error.responseType", "$context.requestId", "$context.authorizer.NAME"}

// Read reads the GatewayResponses of SAM, or the Extension, by type. Only one in the Extension
// may be a call, as of Fn::If.
func Read(p cfn.Property, calls bool) map[string]app.GatewayResponse {
	p = p.Open()
	if p.IsNull() {
		return nil
	}
	all := map[string]app.GatewayResponse{}
	for _, f := range fields(p) {
		one := p.At(f.Key)
		if calls && f.Value.IsCall() {
			if one = one.Open(); one.IsNull() {
				continue
			}
		}
		switch {
		case one.IsNull() || one.Value.Kind != cfn.Map || one.Value.IsCall():
			p.T.Refuse(f.Line, "%s must be a map", one.Where)
		case !slices.Contains(types, f.Key):
			p.T.Refuse(f.Line, "%s: %s is not a type of gateway response", p.Where, f.Key)
		default:
			all[f.Key] = read(one)
		}
	}
	return all
}

// fields returns the fields of a map, which p has to be.
func fields(p cfn.Property) []cfn.Field {
	if !p.IsNull() && p.Value.Kind != cfn.Map {
		p.Refuse("must be a map")
	}
	return p.Fields()
}

// read reads one, as SAM writes it or as OpenAPI does.
func read(p cfn.Property) app.GatewayResponse {
	p.OnlyKeys(p.T.Refuse, "StatusCode", "ResponseParameters", "ResponseTemplates", "statusCode", "responseParameters", "responseTemplates")
	part := func(name string) cfn.Property {
		if v := p.At(name); !v.IsNull() {
			return v.Open()
		}
		return p.At(strings.ToLower(name[:1]) + name[1:]).Open()
	}
	r := app.GatewayResponse{Status: part("StatusCode").Number(0, 200, 599), Headers: headers(part("ResponseParameters"))}
	templates := part("ResponseTemplates")
	if all := fields(templates); len(all) > 0 {
		r.ContentType = all[0].Key
		if len(all) > 1 {
			if templates.Value.Get(jsonType) != nil {
				r.ContentType = jsonType
			}
			p.T.NotEmulated(all[0].Line, "%s: the one for %s is sent, whatever the request accepts", templates.Where, r.ContentType)
		}
		r.Body = templates.At(r.ContentType).Text("")
	}
	for _, v := range app.GatewayVariable.FindAllString(r.Body, -1) {
		if !slices.Contains(evaluated, v) && !strings.HasPrefix(v, "$context.authorizer.") {
			p.T.NotEmulated(templates.Line(p.Value.Line), "%s: %s is not evaluated, so the response has its usual body; evaluated are %s", p.Where, v, strings.Join(evaluated, ", "))
			r.ContentType, r.Body = "", ""
			break
		}
	}
	return r
}

// headers reads the parameters that are headers: by their names in SAM's Headers, or as
// gatewayresponse.header.NAME.
func headers(p cfn.Property) (list []app.GatewayHeader) {
	const prefix = "gatewayresponse.header."
	add := func(name string, value cfn.Property) {
		text := value.Text("")
		static, isStatic := strings.CutPrefix(text, "'")
		static, ends := strings.CutSuffix(static, "'")
		from, isHeader := strings.CutPrefix(text, "method.request.header.")
		switch {
		case isStatic && ends:
			list = append(list, app.GatewayHeader{Name: name, Value: static})
		case isHeader:
			list = append(list, app.GatewayHeader{Name: name, From: from})
		default:
			p.T.NotEmulated(value.Line(p.Value.Line), "%s: its value is neither in single quotes nor method.request.header.NAME, so it is not sent", value.Where)
		}
	}
	for _, f := range fields(p) {
		name, isHeader := strings.CutPrefix(f.Key, prefix)
		switch {
		case isHeader:
			add(name, p.At(f.Key))
		case f.Key == "Headers":
			all := p.At("Headers").Open()
			for _, h := range fields(all) {
				add(h.Key, all.At(h.Key))
			}
		case f.Key == "Paths" || f.Key == "QueryStrings" || strings.HasPrefix(f.Key, "gatewayresponse."):
			// which nothing in a response has
		default:
			p.T.Refuse(f.Line, "%s: %s is not one of Headers, Paths and QueryStrings", p.Where, f.Key)
		}
	}
	return list
}
