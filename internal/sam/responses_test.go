package sam_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/sam"
)

// TestGatewayResponses reads the same gateway responses as SAM, OpenAPI, and
// CloudFormation write them.
func TestGatewayResponses(t *testing.T) {
	const sams = `Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      GatewayResponses:
        UNAUTHORIZED:
          StatusCode: '402'
          ResponseParameters: {Headers: {WWW-Authenticate: "'Bearer'", X-Origin: method.request.header.Origin}, Paths: {P: "'p'"}}
          ResponseTemplates: {text/plain: $context.error.message}
`
	const openAPIs = `Conditions: {Never: !Equals [a, b]}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      DefinitionBody:
        openapi: 3.0.1
        paths: {}
        x-amazon-apigateway-gateway-responses:
          THROTTLED: !If [Never, {statusCode: 500}, !Ref AWS::NoValue]
          UNAUTHORIZED:
            statusCode: !If [Never, 500, 402]
            responseParameters: {gatewayresponse.header.WWW-Authenticate: "'Bearer'", gatewayresponse.header.X-Origin: method.request.header.Origin}
            responseTemplates: {text/plain: $context.error.message}
`
	const plain = `Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}
  Unauthorized:
    Type: AWS::ApiGateway::GatewayResponse
    Properties:
      RestApiId: !Ref Api
      ResponseType: UNAUTHORIZED
      StatusCode: "402"
      ResponseParameters: {gatewayresponse.header.WWW-Authenticate: "'Bearer'", gatewayresponse.header.X-Origin: method.request.header.Origin}
      ResponseTemplates: {text/plain: $context.error.message}
`
	want := map[string]app.GatewayResponse{"UNAUTHORIZED": {Status: 402, ContentType: "text/plain", Body: "$context.error.message",
		Headers: []app.GatewayHeader{{Name: "WWW-Authenticate", Value: "Bearer"}, {Name: "X-Origin", From: "Origin"}}}}
	const implicit = `Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Events: {A: {Type: Api, Properties: {Path: /a, Method: get}}}}}
  Unauthorized:
    Type: AWS::ApiGateway::GatewayResponse
    Properties:
      RestApiId: !Ref ServerlessRestApi
      ResponseType: UNAUTHORIZED
      StatusCode: 402
      ResponseParameters: {gatewayresponse.header.WWW-Authenticate: "'Bearer'", gatewayresponse.header.X-Origin: method.request.header.Origin}
      ResponseTemplates: {text/plain: $context.error.message}
`
	for name, template := range map[string]string{"sam": routed + sams, "implicit": routed + implicit, "openapi": routed + openAPIs, "plain": plain} {
		got, err := sam.Read(project(t, template), sam.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range got.Findings {
			if f.Severity != app.Note {
				t.Errorf("%s: line %d: %s", name, f.Line, f.Text)
			}
		}
		if !reflect.DeepEqual(got.APIs[0].Responses, want) {
			t.Errorf("%s: %+v, want %+v", name, got.APIs[0].Responses, want)
		}
	}
}

// TestPlainGatewayResponses holds that those of plain CloudFormation are named where they
// are not sent.
func TestPlainGatewayResponses(t *testing.T) {
	got, err := sam.Read(project(t, `Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}
  One: {Type: AWS::ApiGateway::GatewayResponse, Properties: {RestApiId: !Ref Api, ResponseType: UNAUTHORIZED, StatusCode: 402}}
  Two: {Type: AWS::ApiGateway::GatewayResponse, Properties: {RestApiId: !Ref Api, ResponseType: UNAUTHORIZED, StatusCode: 403}}
  Kindless: {Type: AWS::ApiGateway::GatewayResponse, Properties: {RestApiId: !Ref Api}}
  Odd: {Type: AWS::ApiGateway::GatewayResponse, Properties: {RestApiId: !Ref Api, ResponseType: THROTTLED, ResponseParameters: {gatewayresponse.footer.A: "'a'", gatewayresponse.path.A: "'a'"}}}
  Far: {Type: AWS::ApiGateway::GatewayResponse, Properties: {RestApiId: !Ref Nowhere, ResponseType: THROTTLED}}
`), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, f := range got.Findings {
		if f.Severity != app.Note && !strings.Contains(f.Text, "Nowhere") {
			texts = append(texts, fmt.Sprint(f.Line, " ", f.Text))
		}
	}
	const want = `4 Two: the API has a gateway response of the type UNAUTHORIZED already
5 Kindless: "" is not a type of gateway response
6 Odd ResponseParameters: gatewayresponse.footer.A is not a parameter of a gateway response
7 Far: its RestApiId names no API that is served here; it is not sent`
	if got := strings.Join(texts, "\n"); got != want {
		t.Errorf("findings:\n%s\nwant:\n%s", got, want)
	}
}

// TestGatewayResponseMistakes holds that what SAM refuses of them is refused, and what
// crumb does not send is named.
func TestGatewayResponseMistakes(t *testing.T) {
	for _, row := range []struct{ name, responses, want string }{
		{"list", "[]", "Api GatewayResponses must be a map"},
		{"no-type", "{NOT_FOUND: {StatusCode: 404}}", "Api GatewayResponses NOT_FOUND: \"NOT_FOUND\" is not a type of gateway response"},
		{"no-map", "{UNAUTHORIZED: 404}", "Api GatewayResponses UNAUTHORIZED must be a map"},
		{"call", "{UNAUTHORIZED: !Select [0, [{StatusCode: 404}]]}", "Api GatewayResponses UNAUTHORIZED must be a map"},
		{"property", "{UNAUTHORIZED: {SubStatusCode: 1}}", "Api GatewayResponses UNAUTHORIZED does not support SubStatusCode"},
		{"status", "{UNAUTHORIZED: {StatusCode: four}}", "Api GatewayResponses UNAUTHORIZED StatusCode must be a whole number"},
		{"parameters", "{UNAUTHORIZED: {ResponseParameters: [a]}}", "Api GatewayResponses UNAUTHORIZED ResponseParameters must be a map"},
		{"parameter", "{UNAUTHORIZED: {ResponseParameters: {Footers: {A: \"'a'\"}}}}", "Api GatewayResponses UNAUTHORIZED ResponseParameters does not support Footers; supported are Headers, Paths, QueryStrings"},
		{"value", "{UNAUTHORIZED: {ResponseParameters: {Headers: {A: context.requestId}}}}", "Api GatewayResponses UNAUTHORIZED ResponseParameters Headers A: its value is neither in single quotes nor method.request.header.NAME, so it is not sent"},
		{"template", "{UNAUTHORIZED: {ResponseTemplates: a}}", "Api GatewayResponses UNAUTHORIZED ResponseTemplates must be a map"},
		{"parameter-of-openapi", "{UNAUTHORIZED: {ResponseParameters: {gatewayresponse.header.A: \"'a'\"}}}", "Api GatewayResponses UNAUTHORIZED ResponseParameters does not support gatewayresponse.header.A"},
		{"status-of-openapi", "{UNAUTHORIZED: {statusCode: 402}}", "Api GatewayResponses UNAUTHORIZED does not support statusCode"},
		{"framing", "{UNAUTHORIZED: {ResponseParameters: {Headers: {transfer-encoding: method.request.header.A}}}}", "Api GatewayResponses UNAUTHORIZED ResponseParameters Headers transfer-encoding: a gateway response does not send this header here"},
		{"no-name", "{UNAUTHORIZED: {ResponseParameters: {Headers: {a b: \"'a'\"}}}}", "Api GatewayResponses UNAUTHORIZED ResponseParameters Headers a b: a gateway response does not send this header here"},
		{"line-end", "{UNAUTHORIZED: {ResponseParameters: {Headers: {A: \"'a\\r\\nB: c'\"}}}}", "Api GatewayResponses UNAUTHORIZED ResponseParameters Headers A: its value is neither"},
		{"from-nothing", "{UNAUTHORIZED: {ResponseParameters: {Headers: {A: method.request.header.}}}}", "Api GatewayResponses UNAUTHORIZED ResponseParameters Headers A: its value is neither"},
		{"template-list", "{UNAUTHORIZED: {ResponseTemplates: {text/plain: [a]}}}", "Api GatewayResponses UNAUTHORIZED ResponseTemplates text/plain must be a string, not a list"},
		{"templates", "{UNAUTHORIZED: {ResponseTemplates: {text/html: a, application/json: '{}'}}}", "Api GatewayResponses UNAUTHORIZED ResponseTemplates: the one for application/json is sent, whatever the request accepts"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := sam.Read(project(t, fmt.Sprintf(routed+"Resources:\n  Api: {Type: AWS::Serverless::Api, Properties: {StageName: x, GatewayResponses: %s}}\n", row.responses)), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var texts []string
			for _, f := range got.Findings {
				if f.Severity != app.Note {
					texts = append(texts, f.Text)
				}
			}
			if len(texts) != 1 || !strings.HasPrefix(texts[0], row.want) {
				t.Errorf("findings %q, want %q", texts, row.want)
			}
		})
	}
}
