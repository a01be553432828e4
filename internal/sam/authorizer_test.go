package sam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/sam"
)

func authorizer(d *app.Authorizer) string {
	line := fmt.Sprintf("%s %s", d.Name, d.Kind)
	if d.Function != nil {
		line += " " + d.Function.ID
	}
	if d.Token {
		line += " token"
	}
	if d.Payload != "" {
		line += fmt.Sprintf(" %s simple=%t", d.Payload, d.Simple)
	}
	for _, s := range d.Sources {
		line += fmt.Sprintf(" %s:%s", s.In, s.Name)
	}
	if d.Kind == app.Lambda {
		line += fmt.Sprintf(" %.0fs", d.TTL.Seconds())
	}
	if d.Validation != "" {
		line += " /" + d.Validation + "/"
	}
	if d.Kind == app.JWT {
		line += fmt.Sprintf(" iss=%s aud=%s", d.Issuer, d.Audience)
	}
	if d.Kind == app.Cognito {
		line += fmt.Sprint(" ", d.UserPools)
	}
	if d.NotRun != "" {
		line += "; not run: " + d.NotRun
	}
	return line
}

// authorizers writes the authorizers of a template's APIs, the guarded routes of each,
// and the findings, as lines of text.
func authorizers(t *app.App) string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, a := range t.APIs {
		for _, d := range a.Authorizers {
			add("%s", authorizer(d))
		}
		for _, r := range a.Routes {
			if r.Authorizer == "" {
				continue
			}
			line := fmt.Sprintf("%s by %s %s", r.Path, r.Authorizer, r.Auth)
			if r.Scopes != nil {
				line += fmt.Sprint(" ", r.Scopes)
			}
			if r.Declared == nil {
				line += " closed"
			}
			add("%s", line)
		}
	}
	for _, f := range t.Findings {
		if !strings.Contains(f.Text, "using placeholder") && !strings.Contains(f.Text, "is not run:") && !strings.Contains(f.Text, "serving the routes") {
			add("%s: %s", f.Severity, f.Text)
		}
	}
	return strings.ReplaceAll(strings.Join(lines, "\n")+"\n", "`", "'")
}

// guardedBy is a template with an authorizer of each of the APIs that rows declare.
const guardedBy = routed + `
Parameters: {Unset: {Type: String}, Names: {Type: CommaDelimitedList, Default: "A,B"}}
Resources:
  Pool: {Type: AWS::Cognito::UserPool}
  Client: {Type: AWS::Cognito::UserPoolClient}
  Auth: {Type: AWS::Serverless::Function, Properties: {FunctionName: !Sub "${AWS::StackName}-auth"}}
  Python: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13}}
`

type authorizerRow struct{ name, auth, events, want string }

func testAuthorizers(t *testing.T, kind, properties string, rows []authorizerRow) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			event := "{Type: " + kind + ", Properties: {Path: /a, Method: GET, " + map[string]string{"Api": "RestApiId", "HttpApi": "ApiId"}[kind] + ": !Ref Api%s}}"
			events := fmt.Sprintf(event, row.events)
			template := guardedBy + "  F: {Type: AWS::Serverless::Function, Properties: {Events: {A: " + events + "}}}\n" +
				"  Api: {Type: AWS::Serverless::" + kind + ", Properties: {" + properties + "Auth: {DefaultAuthorizer: Own, Authorizers: {Own: " + row.auth + "}}}}\n"
			testAuthorizer(t, template, row.want)
		})
	}
}

// testAuthorizer reads a template that begins with guardedBy.
func testAuthorizer(t *testing.T, template, want string) {
	t.Helper()
	got, err := sam.Read(project(t, template), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got.Findings = slices.DeleteFunc(got.Findings, func(f app.Finding) bool { return f.Line <= strings.Count(guardedBy, "\n") })
	if got, want := authorizers(got), strings.TrimLeft(want, "\n"); got != want {
		t.Errorf("%s\ngot\n%swant\n%s", template, got, want)
	}
}

func TestRESTAuthorizers(t *testing.T) {
	testAuthorizers(t, "Api", "StageName: x, ", []authorizerRow{
		{"token", `{FunctionArn: !GetAtt Auth.Arn}`, "", `
Own lambda Auth token header:Authorization 300s
/a by Own lambda
`},
		{"token-by-ref", `{FunctionArn: !Ref Auth, Identity: {Header: X-Token, ValidationExpression: "^Bearer .+", ReauthorizeEvery: 0}}`, "", `
Own lambda Auth token header:X-Token 0s /^Bearer .+/
/a by Own lambda
`},
		{"token-by-sub", `{FunctionArn: !Sub "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-auth:live", FunctionPayloadType: TOKEN, Identity: {ReauthorizeEvery: "3600"}}`, "", `
Own lambda Auth token header:Authorization 3600s
/a by Own lambda
`},
		{"alias", `{FunctionArn: !Ref Auth.Alias}`, "", `
Own lambda Auth token header:Authorization 300s
/a by Own lambda
`},
		{"request", `{FunctionArn: !GetAtt Auth.Arn, FunctionPayloadType: REQUEST, Identity: {Context: [identity.sourceIp], StageVariables: [v], QueryStrings: [q], Headers: [H, I], ReauthorizeEvery: 60}}`, "", `
Own lambda Auth header:H header:I querystring:q stageVariables:v context:identity.sourceIp 60s
/a by Own lambda
`},
		{"request-without-sources", `{FunctionArn: !GetAtt Auth.Arn, FunctionPayloadType: REQUEST, Identity: {ReauthorizeEvery: 0}}`, "", `
Own lambda Auth 0s
/a by Own lambda
`},
		{"request-needs-sources", `{FunctionArn: !GetAtt Auth.Arn, FunctionPayloadType: REQUEST}`, "", `
Own lambda Auth 300s; not run: its property Identity is refused
/a by Own lambda
refused: Api Own Identity needs a source, unless responses are kept for 0 seconds
`},
		{"request-of-a-parameter", `{FunctionArn: !GetAtt Auth.Arn, FunctionPayloadType: REQUEST, Identity: {Headers: !Ref Names}}`, "", `
Own lambda Auth 300s; not run: its property Headers is refused
/a by Own lambda
refused: Api Own Identity Headers must be a list
`},
		{"cognito", `{UserPoolArn: !GetAtt Pool.Arn, FunctionArn: !GetAtt Auth.Arn, Identity: {Header: X, ValidationExpression: c}}`, "", `
Own cognito header:X /c/ [arn:aws:cognito-idp:us-east-1:123456789012:userpool/Pool]
/a by Own cognito
`},
		{"cognito-request", `{UserPoolArn: !GetAtt Pool.Arn, FunctionPayloadType: REQUEST}`, "", `
Own cognito header:Authorization [arn:aws:cognito-idp:us-east-1:123456789012:userpool/Pool]; not run: its property Identity is refused
/a by Own cognito
refused: Api Own Identity needs a source, unless responses are kept for 0 seconds
`},
		{"cognito-pools", `{UserPoolArn: [!GetAtt Pool.Arn, !ImportValue Other], AuthorizationScopes: [a, b]}`, "", `
Own cognito header:Authorization [arn:aws:cognito-idp:us-east-1:123456789012:userpool/Pool Other]
/a by Own cognito [a b]
`},
		{"scopes-of-the-event", `{UserPoolArn: !GetAtt Pool.Arn, AuthorizationScopes: [a]}`, ", Auth: {AuthorizationScopes: [b, !Sub '${Pool}/c'], Authorizer: Own}", `
Own cognito header:Authorization [arn:aws:cognito-idp:us-east-1:123456789012:userpool/Pool]
/a by Own cognito [b Pool/c]
`},
		{"no-scopes-of-the-event", `{UserPoolArn: !GetAtt Pool.Arn, AuthorizationScopes: [a]}`, ", Auth: {AuthorizationScopes: [], Authorizer: Own}", `
Own cognito header:Authorization [arn:aws:cognito-idp:us-east-1:123456789012:userpool/Pool]
/a by Own cognito
`},
		{"scopes-not-a-list", `{UserPoolArn: !GetAtt Pool.Arn, AuthorizationScopes: a}`, "", `
Own cognito header:Authorization [arn:aws:cognito-idp:us-east-1:123456789012:userpool/Pool]; not run: its property AuthorizationScopes is refused
/a by Own cognito
refused: Api Own AuthorizationScopes must be a list
`},
		{"event-scopes-not-a-list", `{UserPoolArn: !GetAtt Pool.Arn}`, ", Auth: {AuthorizationScopes: a, Authorizer: Own}", `
Own cognito header:Authorization [arn:aws:cognito-idp:us-east-1:123456789012:userpool/Pool]
/a by Auth unknown closed
refused: F A AuthorizationScopes must be a list
`},
		{"another-language", `{FunctionArn: !GetAtt Python.Arn}`, "", `
Own lambda Python token header:Authorization 300s
/a by Own lambda
`},
		{"another-account", `{FunctionArn: "arn:aws:lambda:us-east-1:111111111111:function:local-auth"}`, "", `
Own lambda token header:Authorization 300s; not run: its function is not one of this template
/a by Own lambda
`},
		{"another-region", `{FunctionArn: !Sub "arn:aws:lambda:eu-west-1:${AWS::AccountId}:function:local-auth"}`, "", `
Own lambda token header:Authorization 300s; not run: its function is not one of this template
/a by Own lambda
`},
		{"longer-name", `{FunctionArn: !Sub "arn:aws:lambda:us-east-1:${AWS::AccountId}:function:local-auth2"}`, "", `
Own lambda token header:Authorization 300s; not run: its function is not one of this template
/a by Own lambda
`},
		{"imported", `{FunctionArn: !ImportValue Auth}`, "", `
Own lambda token header:Authorization 300s; not run: its function is not one of this template
/a by Own lambda
`},
		{"imported-alias", `{FunctionArn: !ImportValue AuthAliasLive}`, "", `
Own lambda token header:Authorization 300s; not run: its function is not one of this template
/a by Own lambda
`},
		{"unset", `{FunctionArn: !Ref Unset}`, "", `
Own lambda token header:Authorization 300s; not run: its function is not one of this template
/a by Own lambda
`},
		{"ttl-too-long", `{FunctionArn: !GetAtt Auth.Arn, Identity: {ReauthorizeEvery: 3601}}`, "", `
Own lambda Auth token header:Authorization 0s; not run: its property ReauthorizeEvery is refused
/a by Own lambda
refused: Api Own Identity ReauthorizeEvery must be a whole number from 0 to 3600
`},
		{"ttl-unknown", `{FunctionArn: !GetAtt Auth.Arn, Identity: {ReauthorizeEvery: !Ref Unset}}`, "", `
Own lambda Auth token header:Authorization 0s; not run: its property ReauthorizeEvery is known only once it is deployed
/a by Own lambda
`},
		{"header-unknown", `{FunctionArn: !GetAtt Auth.Arn, Identity: {Header: !Ref Unset}}`, "", `
Own lambda Auth token header:Unset 300s; not run: its property Header is known only once it is deployed
/a by Own lambda
`},
		{"header-secret", `{FunctionArn: !GetAtt Auth.Arn, Identity: {Header: "{{resolve:ssm:name}}"}}`, "", `
Own lambda Auth token header:{{resolve:ssm:name}} 300s; not run: its property Header is known only once it is deployed
/a by Own lambda
`},
		{"source-unknown", `{FunctionArn: !GetAtt Auth.Arn, FunctionPayloadType: REQUEST, Identity: {Headers: [A, !Ref Unset]}}`, "", `
Own lambda Auth header:A header:Unset 300s; not run: its property Headers is known only once it is deployed
/a by Own lambda
`},
		{"validation", `{FunctionArn: !GetAtt Auth.Arn, Identity: {ValidationExpression: "^(Bearer"}}`, "", `
Own lambda Auth token header:Authorization 300s /^(Bearer/; not run: its property ValidationExpression is refused
/a by Own lambda
refused: Api Own Identity ValidationExpression is not a regular expression: error parsing regexp: missing closing ): '^(Bearer'
`},
		{"validation-of-java", `{FunctionArn: !GetAtt Auth.Arn, Identity: {ValidationExpression: "^(?!Basic).*"}}`, "", `
Own lambda Auth token header:Authorization 300s /^(?!Basic).*/; not run: Go does not support its property ValidationExpression: error parsing regexp: invalid or unsupported Perl syntax: '(?!'
/a by Own lambda
`},
		{"type", `{FunctionArn: !GetAtt Auth.Arn, FunctionPayloadType: BOTH}`, "", `
Own lambda Auth 300s; not run: its property FunctionPayloadType is refused
/a by Own lambda
refused: Api Own FunctionPayloadType must be TOKEN or REQUEST
`},
		{"neither", `{Identity: {Header: A}}`, "", `
/a by Own unknown closed
refused: Api: the authorizer Own needs a UserPoolArn or a FunctionArn
`},
		{"jwt-of-an-http-api", `{JwtConfiguration: {issuer: a}}`, "", `
/a by Own unknown closed
note: Api Own does not support JwtConfiguration; supported are AuthorizationScopes, DisableFunctionDefaultPermissions, FunctionArn, FunctionInvokeRole, FunctionPayloadType, Identity, UserPoolArn
refused: Api: the authorizer Own needs a UserPoolArn or a FunctionArn
`},
		{"identity", `{FunctionArn: !GetAtt Auth.Arn, Identity: !If [No, {}, {}]}`, "", `
Own lambda Auth token header:Authorization 300s; not run: its property Identity is refused
/a by Own lambda
refused: Api Own Identity must be a map
`},
		{"misspelt", `{FunctionArn: !GetAtt Auth.Arn, Identty: {}}`, "", `
Own lambda Auth token header:Authorization 300s
/a by Own lambda
note: Api Own does not support Identty; supported are AuthorizationScopes, DisableFunctionDefaultPermissions, FunctionArn, FunctionInvokeRole, FunctionPayloadType, Identity, UserPoolArn
`},
		{"no-permission", `{FunctionArn: !GetAtt Auth.Arn, DisableFunctionDefaultPermissions: true}`, "", `
Own lambda Auth token header:Authorization 300s
/a by Own lambda
note: Api: API Gateway has no permission to call Auth for the authorizer Own, so AWS responds with 500; add an AWS::Lambda::Permission
`},
		{"a-role", `{FunctionArn: !GetAtt Auth.Arn, DisableFunctionDefaultPermissions: true, FunctionInvokeRole: arn}`, "", `
Own lambda Auth token header:Authorization 300s
/a by Own lambda
`},
		{"permission-unknown", `{FunctionArn: !GetAtt Auth.Arn, DisableFunctionDefaultPermissions: "yes"}`, "", `
Own lambda Auth token header:Authorization 300s; not run: its property DisableFunctionDefaultPermissions is refused
/a by Own lambda
refused: Api Own DisableFunctionDefaultPermissions must be true or false
note: Api: API Gateway has no permission to call Auth for the authorizer Own, so AWS responds with 500; add an AWS::Lambda::Permission
`},
	})
}

func TestHTTPAuthorizers(t *testing.T) {
	testAuthorizers(t, "HttpApi", "", []authorizerRow{
		{"iam", `{FunctionArn: !GetAtt Auth.Arn, AuthorizerPayloadFormatVersion: 2.0, EnableFunctionDefaultPermissions: true}`, ", Auth: {Authorizer: AWS_IAM}", `
Own lambda Auth 2.0 simple=false 0s
/a by AWS_IAM iam closed
refused: F A: Api has no authorizer AWS_IAM; set EnableIamAuthorizer: true in its Auth
`},
		{"two", `{FunctionArn: !GetAtt Auth.Arn, AuthorizerPayloadFormatVersion: 2.0, EnableFunctionDefaultPermissions: true}`, "", `
Own lambda Auth 2.0 simple=false 0s
/a by Own lambda
`},
		{"one", `{FunctionArn: !GetAtt Auth.Arn, AuthorizerPayloadFormatVersion: "1.0", FunctionInvokeRole: arn, Identity: {Headers: [A], ReauthorizeEvery: 5}}`, "", `
Own lambda Auth 1.0 simple=false header:A 5s
/a by Own lambda
`},
		{"simple", `{FunctionArn: !GetAtt Auth.Arn, AuthorizerPayloadFormatVersion: "2.0", EnableSimpleResponses: true, Identity: {QueryStrings: [q], Context: [routeKey]}}`, "", `
Own lambda Auth 2.0 simple=true querystring:q context:routeKey 0s
/a by Own lambda
note: Api: API Gateway has no permission to call Auth for the authorizer Own, so AWS responds with 500; set EnableFunctionDefaultPermissions: true, or add an AWS::Lambda::Permission
`},
		{"simple-of-one", `{FunctionArn: !GetAtt Auth.Arn, FunctionInvokeRole: arn, AuthorizerPayloadFormatVersion: "1.0", EnableSimpleResponses: true}`, "", `
Own lambda Auth 1.0 simple=true 0s; not run: its property EnableSimpleResponses is refused
/a by Own lambda
refused: Api Own EnableSimpleResponses needs the payload format 2.0
`},
		{"simple-unknown", `{FunctionArn: !GetAtt Auth.Arn, FunctionInvokeRole: arn, AuthorizerPayloadFormatVersion: "2.0", EnableSimpleResponses: !Ref Unset}`, "", `
Own lambda Auth 2.0 simple=false 0s; not run: its property EnableSimpleResponses is known only once it is deployed
/a by Own lambda
`},
		{"simple-text", `{FunctionArn: !GetAtt Auth.Arn, FunctionInvokeRole: arn, AuthorizerPayloadFormatVersion: "2.0", EnableSimpleResponses: maybe}`, "", `
Own lambda Auth 2.0 simple=false 0s; not run: its property EnableSimpleResponses is refused
/a by Own lambda
refused: Api Own EnableSimpleResponses must be true or false
`},
		{"version", `{FunctionArn: !GetAtt Auth.Arn, FunctionInvokeRole: arn, AuthorizerPayloadFormatVersion: 2}`, "", `
Own lambda Auth 2 simple=false 0s; not run: its property AuthorizerPayloadFormatVersion is refused
/a by Own lambda
refused: Api Own AuthorizerPayloadFormatVersion must be "1.0" or "2.0"
`},
		{"version-unknown", `{FunctionArn: !GetAtt Auth.Arn, FunctionInvokeRole: arn, AuthorizerPayloadFormatVersion: !Ref Unset}`, "", `
Own lambda Auth Unset simple=false 0s; not run: its property AuthorizerPayloadFormatVersion is known only once it is deployed
/a by Own lambda
`},
		{"kept-without-sources", `{FunctionArn: !GetAtt Auth.Arn, FunctionInvokeRole: arn, AuthorizerPayloadFormatVersion: "2.0", Identity: {ReauthorizeEvery: 60}}`, "", `
Own lambda Auth 2.0 simple=false 0s
/a by Own lambda
note: Api Own Identity ReauthorizeEvery: responses are not kept without an identity source
`},
		{"a-source-of-jwt", `{FunctionArn: !GetAtt Auth.Arn, FunctionInvokeRole: arn, AuthorizerPayloadFormatVersion: "2.0", IdentitySource: $request.header.A}`, "", `
Own lambda Auth 2.0 simple=false 0s; not run: its property IdentitySource is refused
/a by Own lambda
refused: Api Own IdentitySource is not a property of a lambda authorizer
`},
		{"another-language", `{FunctionArn: !GetAtt Python.Arn, FunctionInvokeRole: arn, AuthorizerPayloadFormatVersion: "2.0"}`, "", `
Own lambda Python 2.0 simple=false 0s
/a by Own lambda
`},
		{"jwt", `{IdentitySource: $request.header.Authorization, AuthorizationScopes: [a], JwtConfiguration: {Issuer: "https://i.example/", AUDIENCE: [b, !Ref Client]}}`, "", `
Own jwt header:Authorization iss=https://i.example/ aud=[b Client]
/a by Own jwt [a]
`},
		{"jwt-of-cognito", `{IdentitySource: $request.querystring.token, JwtConfiguration: {issuer: !Sub "https://cognito-idp.${AWS::Region}.amazonaws.com/${Pool}", audience: [!Ref Client]}}`, ", Auth: {AuthorizationScopes: [c]}", `
Own jwt querystring:token iss=https://cognito-idp.us-east-1.amazonaws.com/Pool aud=[Client]
/a by Own jwt [c]
`},
		{"jwt-of-a-pool", `{IdentitySource: $request.header.A, AuthorizationScopes: [a], JwtConfiguration: {issuer: !GetAtt Pool.ProviderURL, audience: [x]}}`, ", Auth: {AuthorizationScopes: [], Authorizer: Own}", `
Own jwt header:A iss=https://cognito-idp.us-east-1.amazonaws.com/Pool aud=[x]
/a by Own jwt [a]
`},
		{"jwt-without-issuer", `{IdentitySource: $request.header.A, JwtConfiguration: {audience: [x]}}`, "", `
Own jwt header:A iss= aud=[x]; not run: its property JwtConfiguration is refused
/a by Own jwt
refused: Api Own JwtConfiguration needs an issuer
`},
		{"jwt-without-audience", `{IdentitySource: $request.header.A, JwtConfiguration: {issuer: "https://i"}}`, "", `
Own jwt header:A iss=https://i aud=[]; not run: it has no audience
/a by Own jwt
`},
		{"jwt-without-source", `{JwtConfiguration: {issuer: "https://i"}}`, "", `
/a by Own unknown closed
refused: Api: the authorizer Own needs an IdentitySource
`},
		{"jwt-with-two-sources", `{IdentitySource: ["$request.header.A", "$request.header.B"], JwtConfiguration: {issuer: "https://i", audience: [x]}}`, "", `
Own jwt header:A header:B iss=https://i aud=[x]; not run: its property IdentitySource is refused
/a by Own jwt
refused: Api Own IdentitySource must be one header or one query parameter
`},
		{"jwt-of-the-context", `{IdentitySource: $context.a, JwtConfiguration: {issuer: "https://i", audience: [x]}}`, "", `
Own jwt context:a iss=https://i aud=[x]; not run: its property IdentitySource is refused
/a by Own jwt
refused: Api Own IdentitySource must be one header or one query parameter
`},
		{"jwt-with-a-source-of-rest", `{IdentitySource: method.request.header.A, JwtConfiguration: {issuer: "https://i", audience: [x]}}`, "", `
Own jwt iss=https://i aud=[x]; not run: its property IdentitySource is refused
/a by Own jwt
refused: Api Own IdentitySource has "method.request.header.A", which is not an identity source
`},
		{"jwt-with-a-function", `{IdentitySource: $request.header.A, FunctionArn: x, JwtConfiguration: {issuer: "https://i", audience: [x]}}`, "", `
Own jwt header:A iss=https://i aud=[x]; not run: its property FunctionArn is refused
/a by Own jwt
refused: Api Own FunctionArn is not a property of a jwt authorizer
`},
		{"pool", `{UserPoolArn: !GetAtt Pool.Arn}`, "", `
/a by Own unknown closed
note: Api Own does not support UserPoolArn; supported are AuthorizerPayloadFormatVersion, EnableFunctionDefaultPermissions, EnableSimpleResponses, FunctionArn, FunctionInvokeRole, Identity, AuthorizationScopes, IdentitySource, JwtConfiguration
refused: Api: the authorizer Own needs JwtConfiguration, or FunctionArn and AuthorizerPayloadFormatVersion
`},
	})
}
