// Package responses reads the gateway responses of REST APIs: what they say in place of
// API Gateway's own words when a request does not reach a function, or fails ("Gateway
// responses for REST APIs in API Gateway").
package responses

import (
	"net/http"
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
	THROTTLED UNAUTHORIZED UNSUPPORTED_MEDIA_TYPE WAF_FILTERED`)

// evaluated are the variables that a body may have here; the gateway has their values.
var evaluated = []string{"$context.error.message", "$context.error.messageString", "$context.error.responseType", "$context.requestId", "$context.authorizer.NAME"}

// A Form is how a template writes a gateway response.
type Form struct {
	status, parameters, templates string
	nested                        bool // headers are in the parameters' Headers
}

// The forms: of SAM's GatewayResponses, of the Extension, and of AWS::ApiGateway::GatewayResponse.
var (
	SAM     = &Form{"StatusCode", "ResponseParameters", "ResponseTemplates", true}
	OpenAPI = &Form{"statusCode", "responseParameters", "responseTemplates", false}
	Plain   = &Form{"StatusCode", "ResponseParameters", "ResponseTemplates", false}
)

// Read reads a map by type. SAM refuses calls in it.
func (form *Form) Read(p cfn.Property) map[string]app.GatewayResponse {
	p = p.Open()
	if p.IsNull() {
		return nil
	}
	all := map[string]app.GatewayResponse{}
	for _, f := range fields(p) {
		one := p.At(f.Key)
		if form != SAM && f.Value.IsCall() {
			if one = one.Open(); one.IsNull() {
				continue
			}
		}
		form.Add(all, f.Key, f.Line, one)
	}
	return all
}

// Add adds the gateway response p of a type.
func (form *Form) Add(all map[string]app.GatewayResponse, kind string, line int, p cfn.Property) {
	_, twice := all[kind]
	switch {
	case p.IsNull() || p.Value.Kind != cfn.Map || p.Value.IsCall():
		p.T.Refuse(line, "%s must be a map", p.Where)
	case !slices.Contains(types, kind):
		p.T.Refuse(line, "%s: %q is not a type of gateway response", p.Where, kind)
	case twice:
		p.T.Refuse(line, "%s: the API has a gateway response of the type %s already", p.Where, kind)
	default:
		all[kind] = form.read(p)
	}
}

// fields returns the fields of a map, which p has to be.
func fields(p cfn.Property) []cfn.Field {
	if !p.IsNull() && p.Value.Kind != cfn.Map {
		p.Refuse("must be a map")
	}
	return p.Fields()
}

func (form *Form) read(p cfn.Property) app.GatewayResponse {
	p.OnlyKeys(p.T.Refuse, form.status, form.parameters, form.templates)
	r := app.GatewayResponse{Status: p.At(form.status).Number(0, 200, 599), Headers: form.headers(p.At(form.parameters).Open())}
	templates := p.At(form.templates).Open()
	for _, f := range fields(templates) {
		if r.ContentType != "" && f.Key != jsonType || f.Key == "" || f.Value.IsNull() {
			continue
		}
		if text := templates.At(f.Key).Resolve(); text.Kind == cfn.Scalar {
			r.ContentType, r.Body = f.Key, text.Text
		} else {
			templates.At(f.Key).Refuse("must be a string, not %s", text.Kind)
		}
	}
	if all := templates.Fields(); len(all) > 1 {
		p.T.NotEmulated(all[0].Line, "%s: the one for %s is sent, whatever the request accepts", templates.Where, r.ContentType)
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

// headers reads the parameters that are headers. Those of paths and query strings change
// nothing in a response.
func (form *Form) headers(p cfn.Property) (list []app.GatewayHeader) {
	all := p
	if form.nested {
		p.OnlyKeys(p.T.Refuse, "Headers", "Paths", "QueryStrings")
		fields(p) // which says that it must be a map
		all = p.At("Headers").Open()
	}
	for _, f := range fields(all) {
		name := f.Key
		if !form.nested {
			place, rest, _ := strings.Cut(strings.TrimPrefix(f.Key, "gatewayresponse."), ".")
			if name = rest; place != "header" {
				if place != "path" && place != "querystring" {
					p.T.Refuse(f.Line, "%s: %s is not a parameter of a gateway response", p.Where, f.Key)
				}
				continue
			}
		}
		value := all.At(f.Key)
		text := value.Text("")
		static, opens := strings.CutPrefix(text, "'")
		static, closes := strings.CutSuffix(static, "'")
		from, fromHeader := strings.CutPrefix(text, "method.request.header.")
		switch {
		case !sendable(name):
			p.T.NotEmulated(f.Line, "%s: a gateway response does not send this header here", value.Where)
		case opens && closes && !strings.ContainsFunc(static, isControl):
			list = append(list, app.GatewayHeader{Name: name, Value: static})
		case fromHeader && from != "":
			list = append(list, app.GatewayHeader{Name: name, From: from})
		default:
			p.T.NotEmulated(f.Line, "%s: its value is neither in single quotes nor method.request.header.NAME, so it is not sent", value.Where)
		}
	}
	return list
}

func isControl(r rune) bool { return r < ' ' || r == 0x7F }

// sendable reports whether name can be a header's (RFC 9110 section 5.6.2) and is not one by
// which API Gateway itself delivers the response.
func sendable(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "", "Connection", "Content-Length", "Date", "Keep-Alive", "Proxy-Connection", "Server", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "X-Amzn-Requestid":
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r) })
}
