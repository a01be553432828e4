package rawcfn_test

import (
	"cmp"
	"fmt"
	"testing"

	"github.com/crumb-go/crumb/internal/cfn"
	"github.com/crumb-go/crumb/internal/rawcfn"
)

// TestMock holds what is static in a MOCK integration, in the form of OpenAPI.
func TestMock(t *testing.T) {
	const noTemplate = "has a mock integration whose requestTemplates have no plain statusCode for application/json"
	for _, row := range []struct{ name, integration, responses, want string }{
		{"plain", `requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: "200"}}`, "", `200 map[Content-Type:application/json] ""`},
		{"loose-json", `requestTemplates: {application/json: "{ statusCode: 204 }"}, responses: {default: {statusCode: 204}}`, "", `204 map[Content-Type:application/json] ""`},
		{"single-quotes", `requestTemplates: {application/json: "{'statusCode': '204',}"}, responses: {default: {statusCode: 204}}`, "", `204 map[Content-Type:application/json] ""`},
		{"lines", `requestTemplates: {application/json: "{\n  \"statusCode\" : 200\n}\n"}, responses: {default: {statusCode: 200}}`, "", `200 map[Content-Type:application/json] ""`},
		{"pattern", `requestTemplates: {application/json: '{"statusCode": 404}'}, responses: {default: {statusCode: 200}, "4\\d{2}": {statusCode: 404}}`, "", `404 map[Content-Type:application/json] ""`},
		{"pattern-of-another", `requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: 201}, "20": {statusCode: 500}, "(": {statusCode: 501}}`, "", `201 map[Content-Type:application/json] ""`},
		{"template-of-json", `requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: 200, responseTemplates: {text/html: <p>, application/json: "[1]"}}}`, "", `200 map[Content-Type:application/json] "[1]"`},
		{"empty-template", `requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: 200, responseTemplates: {application/json: ""}}}`, "", `200 map[Content-Type:application/json] ""`},
		{"own-type", `requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: 200, responseParameters: {method.response.header.x-a: "'it''s'"}}}`, `"200": {headers: {X-A: {}}}`, `200 map[Content-Type:application/json x-a:it''s] ""`},
		{"not-declared", `requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: 200, responseParameters: {method.response.header.A: "'a'"}}}`, `"200": {headers: {B: {}}}`, `200 map[Content-Type:application/json] ""
refused X: the method's response 200 does not declare the header A`},
		{"not-static", `requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: 200, responseParameters: {method.response.header.A: context.requestId}, responseTemplates: {application/json: "$context.path"}}}`, `"200": {headers: {A: {}}}`, `200 map[Content-Type:application/json] ""
not-emulated X: method.response.header.A has no static value, so it is not sent
not-emulated X: the response template is not evaluated, so the response has no body`},
		{"dynamic-status", `requestTemplates: {application/json: '{"statusCode": $input.params("s")}'}, responses: {default: {statusCode: 200}}`, "", noTemplate},
		{"more-in-the-template", `requestTemplates: {application/json: '{"a": {"b": 1}, "statusCode": 200, "c": 1}'}, responses: {default: {statusCode: 200}}`, "", `200 map[Content-Type:application/json] ""`},
		{"velocity", `requestTemplates: {application/json: '#if($a){"statusCode": 200}#end'}, responses: {default: {statusCode: 200}}`, "", noTemplate},
		{"other-type", `requestTemplates: {text/plain: '{"statusCode": 200}'}, responses: {default: {statusCode: 200}}`, "", noTemplate},
		{"no-response", `requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {"500": {statusCode: 500}}`, "", "has a mock integration without a response for the status 200"},
		{"no-status", `requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: OK}}`, "", "has a mock integration without a response for the status 200"},
		{"undeclared-status", `requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: 200}}`, `"204": {}`, "has a mock integration with the status 200, which is not among the method's responses"},
		{"type-by-parameter", `requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: 200, responseParameters: {method.response.header.content-type: "'text/html'"}, responseTemplates: {application/json: <p>}}}`, `"200": {headers: {Content-Type: {}}}`, `200 map[content-type:text/html] "<p>"`},
		{"nothing", `type: mock`, "", noTemplate},
	} {
		t.Run(row.name, func(t *testing.T) {
			responses := cmp.Or(row.responses, `"200": {}, "201": {}, "204": {}, "404": {}`)
			root, err := cfn.Parse([]byte("Integration: {" + row.integration + "}\nResponses: {" + responses + "}\n"))
			if err != nil {
				t.Fatal(err)
			}
			template := cfn.New("template.yaml", root, cfn.Options{})
			m, got := rawcfn.Mock(template, "X", root.Get("Integration"), root.Get("Responses"))
			if (m == nil) == (got == "") {
				t.Fatalf("%v, %q", m, got)
			}
			if m != nil {
				got = fmt.Sprintf("%d %v %q", m.Status, m.Header, m.Body)
			}
			for _, f := range template.Findings {
				got += fmt.Sprintf("\n%s %s", f.Severity, f.Text)
			}
			if got != row.want {
				t.Errorf("%s\nwant\n%s", got, row.want)
			}
		})
	}
}
