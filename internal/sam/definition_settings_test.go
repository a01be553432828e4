package sam_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/sam"
)

func TestDefinitionSettings(t *testing.T) {
	template, err := sam.Read(project(t, `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}}
Conditions: {Never: !Equals [a, b]}
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      DefinitionBody:
        swagger: "2.0"
        x-amazon-apigateway-binary-media-types: [image/png]
        paths:
          /a:
            parameters: [{name: id, in: query}]
            summary: other members of a path are not operations
            get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn, timeoutInMillis: 1500, responseTransferMode: STREAM}}
          /left-out: !If [Never, {get: {}}, !Ref "AWS::NoValue"]
          /any: {x-amazon-apigateway-any-method: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}}}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionBody:
        openapi: 3.0.1
        x-amazon-apigateway-cors: {allowOrigins: ["https://a.example"], allowCredentials: true, maxAge: 60}
        paths: {/a: {get: {x-amazon-apigateway-integration: {type: http_proxy}}}, /t: {get: {x-amazon-apigateway-integration: {type: aws_proxy, timeoutInMillis: 1500, payloadFormatVersion: "1.0", uri: !GetAtt F.Arn}}}}
  F: {Type: AWS::Serverless::Function, Properties: {Events: {
    A: {Type: HttpApi, Properties: {Path: /b, Method: GET, ApiId: !Ref Http}},
    T: {Type: HttpApi, Properties: {Path: /t, Method: GET, ApiId: !Ref Http}},
    B: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Rest}},
    D: {Type: Api, Properties: {Path: /b, Method: GET, RestApiId: !Ref Rest}},
    C: {Type: Api, Properties: {Path: /any, Method: GET, RestApiId: !Ref Rest}}}}}
`), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rest, http := template.APIs[0], template.APIs[1]
	if !slices.Equal(rest.BinaryMediaTypes, []string{"image/png"}) || rest.Routes[0].Timeout != 1500*time.Millisecond || !rest.Routes[0].Stream {
		t.Errorf("the REST API is read as %+v", rest)
	}
	if r := http.Routes[0]; r.Path != "/t" || r.Timeout != 1500*time.Millisecond || r.Payload != "1.0" {
		t.Errorf("an event without settings changes those of the definition: %+v", r)
	}
	if c := http.CORS; c == nil || !slices.Equal(c.AllowOrigins, []string{"https://a.example"}) || !c.AllowCredentials || c.MaxAgeSeconds != 60 {
		t.Errorf("CORS = %+v", c)
	}
	var notes []string
	for _, n := range template.Findings {
		notes = append(notes, n.Text)
	}
	const read = ": serving the routes of DefinitionBody; the rest of it, such as models and validators, is not emulated"
	want := []string{
		"Rest" + read,
		"Http" + read,
		`Http: GET /a has the integration "http_proxy", which is not emulated; the route is not served`,
		"F D: Rest has a definition without GET /b, so API Gateway does not serve it",
	}
	if !slices.Equal(notes, want) {
		t.Errorf("notes:\n%s\nwant:\n%s", strings.Join(notes, "\n"), strings.Join(want, "\n"))
	}
}
