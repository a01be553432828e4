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
	for name, template := range map[string]string{"sam": routed + sams, "openapi": routed + openAPIs, "plain": plain} {
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

// TestGatewayResponseMistakes holds that what SAM refuses of them is refused, and what
// crumb does not send is named.
func TestGatewayResponseMistakes(t *testing.T) {
	for _, row := range []struct{ name, responses, want string }{
		{"list", "[]", "Api GatewayResponses must be a map"},
		{"no-type", "{NOT_FOUND: {StatusCode: 404}}", "Api GatewayResponses: NOT_FOUND is not a type of gateway response"},
		{"no-map", "{UNAUTHORIZED: 404}", "Api GatewayResponses UNAUTHORIZED must be a map"},
		{"call", "{UNAUTHORIZED: !Select [0, [{StatusCode: 404}]]}", "Api GatewayResponses UNAUTHORIZED must be a map"},
		{"property", "{UNAUTHORIZED: {SubStatusCode: 1}}", "Api GatewayResponses UNAUTHORIZED does not support SubStatusCode"},
		{"status", "{UNAUTHORIZED: {StatusCode: four}}", "Api GatewayResponses UNAUTHORIZED StatusCode must be a whole number"},
		{"parameters", "{UNAUTHORIZED: {ResponseParameters: [a]}}", "Api GatewayResponses UNAUTHORIZED ResponseParameters must be a map"},
		{"parameter", "{UNAUTHORIZED: {ResponseParameters: {Footers: {A: \"'a'\"}}}}", "Api GatewayResponses UNAUTHORIZED ResponseParameters: Footers is not one of Headers, Paths and QueryStrings"},
		{"value", "{UNAUTHORIZED: {ResponseParameters: {Headers: {A: context.requestId}}}}", "Api GatewayResponses UNAUTHORIZED ResponseParameters Headers A: its value is neither in single quotes nor method.request.header.NAME, so it is not sent"},
		{"template", "{UNAUTHORIZED: {ResponseTemplates: a}}", "Api GatewayResponses UNAUTHORIZED ResponseTemplates must be a map"},
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
