package sam_test

import (
	"testing"
)

// TestSchemes holds what is read from security schemes.
func TestSchemes(t *testing.T) {
	for _, row := range []struct{ name, kind, schemes, security, want string }{
		{"token", "Api", `{type: apiKey, name: X-Token, in: header, x-amazon-apigateway-authorizer: {type: token, identityValidationExpression: a+, authorizerResultTtlInSeconds: 0, authorizerUri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Auth.Arn}/invocations"}}`, "[]", `
Own lambda Auth token header:X-Token 0s /a+/
/a by Own lambda
note: Api: API Gateway has no permission to call Auth for the authorizer Own, so AWS responds with 500; add an AWS::Lambda::Permission
`},
		{"token-by-text", "Api", `{type: apiKey, name: A, in: header, x-amazon-apigateway-authorizer: {type: token, authorizerCredentials: arn, authorizerUri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-auth/invocations"}}`, "[]", `
Own lambda Auth token header:A 300s
/a by Own lambda
`},
		{"another-account", "Api", `{type: apiKey, name: A, in: header, x-amazon-apigateway-authorizer: {type: token, authorizerUri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:111111111111:function:local-auth/invocations"}}`, "[]", `
Own lambda token header:A 300s; not run: its function is not one of this template
/a by Own lambda
`},
		{"alias", "Api", `{type: apiKey, name: A, in: header, x-amazon-apigateway-authorizer: {type: token, authorizerUri: !Sub "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Auth.Alias}/invocations"}}`, "[]", `
Own lambda Auth token header:A 300s
/a by Own lambda
note: Api: API Gateway has no permission to call Auth for the authorizer Own, so AWS responds with 500; add an AWS::Lambda::Permission
`},
		{"token-in-query", "Api", `{type: apiKey, name: A, in: query, x-amazon-apigateway-authorizer: {type: token, authorizerUri: !GetAtt Auth.Arn}}`, "[]", `
/a by Own unknown closed
note: Api: API Gateway has no permission to call Auth for the authorizer Own, so AWS responds with 500; add an AWS::Lambda::Permission
refused: Api: the authorizer Own needs a name and in: header
`},
		{"request", "Api", `{type: apiKey, name: Unused, in: header, x-amazon-apigateway-authorizer: {type: request, identitySource: "method.request.header.A, method.request.querystring.q,stageVariables.v, context.identity.sourceIp", authorizerUri: !GetAtt Auth.Arn}}`, "[]", `
Own lambda Auth header:A querystring:q stageVariables:v context:identity.sourceIp 300s
/a by Own lambda
note: Api: API Gateway has no permission to call Auth for the authorizer Own, so AWS responds with 500; add an AWS::Lambda::Permission
`},
		{"request-without-sources", "Api", `{type: apiKey, name: Unused, in: header, x-amazon-apigateway-authorizer: {type: request, authorizerUri: !GetAtt Auth.Arn}}`, "[]", `
Own lambda Auth 300s; not run: its property identitySource is refused
/a by Own lambda
note: Api: API Gateway has no permission to call Auth for the authorizer Own, so AWS responds with 500; add an AWS::Lambda::Permission
refused: Api Own identitySource needs a source, unless responses are kept for 0 seconds
`},
		{"cognito", "Api", `{type: apiKey, name: A, in: header, x-amazon-apigateway-authorizer: {type: cognito_user_pools, providerARNs: [!GetAtt Pool.Arn]}}`, "[a, b]", `
Own cognito header:A [arn:aws:cognito-idp:us-east-1:123456789012:userpool/Pool]
/a by Own cognito [a b]
`},
		{"jwt-of-rest", "Api", `{type: oauth2, x-amazon-apigateway-authorizer: {type: jwt, jwtConfiguration: {issuer: "https://i", audience: [a]}, identitySource: $request.header.A}}`, "[]", `
/a by Own unknown closed
not-emulated: Api: the authorizer Own has the type "jwt", which is not emulated for REST APIs
`},
		{"jwt", "HttpApi", `{type: oauth2, x-amazon-apigateway-authorizer: {type: jwt, jwtConfiguration: {issuer: "https://i", audience: [a]}, identitySource: $request.header.A}}`, "[c]", `
Own jwt header:A iss=https://i aud=[a]
/a by Own jwt [c]
`},
		{"jwt-without-source", "HttpApi", `{type: oauth2, x-amazon-apigateway-authorizer: {type: jwt, jwtConfiguration: {issuer: "https://i", audience: [a]}}}`, "[]", `
Own jwt iss=https://i aud=[a]; not run: its property identitySource is refused
/a by Own jwt
refused: Api Own identitySource must be one header or one query parameter
`},
		{"lambda", "HttpApi", `{type: apiKey, name: A, in: header, x-amazon-apigateway-authorizer: {type: request, authorizerUri: !GetAtt Auth.Arn, authorizerPayloadFormatVersion: "2.0", enableSimpleResponses: true, identitySource: "$request.header.A,$context.routeKey", authorizerResultTtlInSeconds: 20}}`, "[]", `
Own lambda Auth 2.0 simple=true header:A context:routeKey 20s
/a by Own lambda
note: Api: API Gateway has no permission to call Auth for the authorizer Own, so AWS responds with 500; add an AWS::Lambda::Permission
`},
		{"lambda-of-text", "HttpApi", `{type: apiKey, name: A, in: header, x-amazon-apigateway-authorizer: {type: request, authorizerUri: !GetAtt Auth.Arn, identitySource: ["$request.header.A"], authorizerResultTtlInSeconds: 4000}}`, "[]", `
Own lambda Auth header:A 0s; not run: its property authorizerPayloadFormatVersion is refused
/a by Own lambda
refused: Api Own authorizerPayloadFormatVersion must be "1.0" or "2.0"
refused: Api Own authorizerResultTtlInSeconds must be a whole number from 0 to 3600
note: Api: API Gateway has no permission to call Auth for the authorizer Own, so AWS responds with 500; add an AWS::Lambda::Permission
`},
		{"scope-of-text", "HttpApi", `{type: oauth2, x-amazon-apigateway-authorizer: {type: jwt, jwtConfiguration: {issuer: "https://i", audience: [a]}, identitySource: $request.header.A}}`, "c", `
Own jwt header:A iss=https://i aud=[a]
/a by security unknown closed
note: Api: GET /a: security must be a list of maps
`},
	} {
		t.Run(row.name, func(t *testing.T) {
			template := guardedBy + "  F: {Type: AWS::Serverless::Function}\n  Api:\n    Type: AWS::Serverless::" + row.kind + "\n    Properties:\n      StageName: x\n      DefinitionBody:\n        openapi: 3.0.1\n" +
				"        paths: {/a: {get: {security: [{Own: " + row.security + "}], x-amazon-apigateway-integration: {type: aws_proxy, payloadFormatVersion: '2.0', uri: !GetAtt F.Arn}}}}\n" +
				"        components: {securitySchemes: {Own: " + row.schemes + "}}\n"
			testAuthorizer(t, template, row.want)
		})
	}
}
