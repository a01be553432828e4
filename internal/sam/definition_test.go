package sam_test

import (
	"testing"
)

// TestDefinitions holds that the routes of a definition are served, and those of
// Events only if it cannot be read.
func TestDefinitions(t *testing.T) {
	testRoutes(t, []routeRow{
		{"operations", `
Globals: {Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap, AutoPublishAlias: live}}
Conditions: {Yes: !Equals [a, a]}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      DefinitionBody:
        swagger: "2.0"
        paths:
          /sub/{id}:
            parameters: [{name: id, in: path}]
            get: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}}
            post: {x-amazon-apigateway-integration: {type: AWS_PROXY, uri: !Sub "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:${G}:live/invocations"}}
          /any: {x-amazon-apigateway-any-method: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !Sub ["x/functions/${A}/invocations", {A: !Ref FAliaslive}]}}}
          /if: !If [Yes, {put: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt G.Alias}}}, {}]
          /literal: {delete: {x-amazon-apigateway-integration: {type: aws_proxy, uri: "arn:aws:lambda:us-east-1:1:function:own-name"}}}
          /mock: {options: {x-amazon-apigateway-integration: {type: mock}}, get: {}, any: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt G.Arn}}}
          /other: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt Elsewhere.Arn}}}
          /text: nothing
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionBody:
        openapi: 3.0.1
        paths:
          /$default: {x-amazon-apigateway-any-method: {x-amazon-apigateway-integration: {$ref: "#/components/x-amazon-apigateway-integrations/f"}}}
          /v1: {get: {x-amazon-apigateway-integration: {type: aws_proxy, payloadFormatVersion: "1.0", uri: !GetAtt F.Arn}}}
        components: {x-amazon-apigateway-integrations: {f: {type: aws_proxy, payloadFormatVersion: "2.0", uri: !GetAtt F.Arn}}}
  F: {Type: AWS::Serverless::Function, Properties: {Events: {A: {Type: Api, Properties: {Path: /event, Method: GET, RestApiId: !Ref Api}}}}}
  G: {Type: AWS::Serverless::Function, Properties: {FunctionName: own-name}}
`, `
rest Api x
  GET /sub/{id} F 1.0
  POST /sub/{id} G 1.0
  ANY /any F 1.0
  PUT /if G 1.0
  DELETE /literal G 1.0
http Http $default
  ANY $default F 2.0
  GET /v1 F 1.0
`},
		{"whole-arns", `
Globals: {Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      DefinitionBody:
        paths:
          /id: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:F/invocations"}}}
          /alias: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:F:live/invocations"}}}
          /name: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:own-name/invocations"}}}
          /sub: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !Sub "x/functions/arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${F}/invocations"}}}
          /bare: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: "arn:aws:lambda:us-east-1:1:function:F"}}}
          /bare-alias: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: "arn:aws:lambda:us-east-1:1:function:F:live"}}}
          /other: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: "x/functions/arn:aws:lambda:us-east-1:1:function:FF/invocations"}}}
          /none: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: "x/functions//invocations"}}}
  F: {Type: AWS::Serverless::Function}
  G: {Type: AWS::Serverless::Function, Properties: {FunctionName: own-name}}
`, `
rest Api x
  GET /id F 1.0
  GET /alias F 1.0
  GET /name G 1.0
  GET /sub F 1.0
  GET /bare F 1.0
  GET /bare-alias F 1.0
`},
		{"conditions", `
Globals: {Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}}
Conditions: {Yes: !Equals [a, a], No: !Equals [a, b]}
Resources:
  Whole:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      DefinitionBody: !If
        - No
        - {paths: {/no: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}}}}}
        - {paths: {/yes: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}}}}}
  Included: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: branching.yaml}}}}}
  F: {Type: AWS::Serverless::Function}
`, `
rest Whole x
  GET /yes F 1.0
rest Included x
  PUT /item F 1.0
  GET /operation F 1.0
  GET /integration F 1.0 Own
`},
		{"security", `
Globals: {Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      DefinitionBody:
        security: [{Own: []}]
        paths:
          /whole: {get: {x-amazon-apigateway-integration: &f {type: aws_proxy, uri: !GetAtt F.Arn}}}
          /open: {get: {security: [], x-amazon-apigateway-integration: *f}}
          /none: {get: {security: [{NONE: []}], x-amazon-apigateway-integration: *f}}
          /optional: {get: {security: [{}], x-amazon-apigateway-integration: *f}}
          /key: {get: {security: [{Key: []}], x-amazon-apigateway-integration: *f}}
          /iam: {get: {security: [{Sig: []}], x-amazon-apigateway-integration: *f}}
          /custom: {get: {security: [{Custom: []}], x-amazon-apigateway-integration: *f}}
          /auth: {get: {x-amazon-apigateway-auth: {type: AWS_IAM}, x-amazon-apigateway-integration: *f}}
        securityDefinitions:
          Own: {type: apiKey, x-amazon-apigateway-authorizer: {type: token}}
          Key: {type: apiKey, name: x-api-key, in: header}
          Sig: {type: apiKey, x-amazon-apigateway-authtype: awsSigV4}
          Custom: {type: apiKey, x-amazon-apigateway-authtype: custom}
  New:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      DefinitionBody:
        openapi: 3.0.1
        security: [{Sig: []}]
        paths:
          /whole: {get: {x-amazon-apigateway-integration: *f}}
          /key: {get: {security: [{Key: []}], x-amazon-apigateway-integration: *f}}
          /own: {get: {security: [{Own: []}], x-amazon-apigateway-integration: *f}}
          /no-value: {get: {security: !Ref "AWS::NoValue", x-amazon-apigateway-integration: *f}}
          /if: {get: {security: !If [Nope, [{Own: []}], []], x-amazon-apigateway-integration: *f}}
          /unknown: {get: {security: [{Nowhere: []}], x-amazon-apigateway-integration: *f}}
          /second: {get: {security: [{NONE: []}, {Own: []}], x-amazon-apigateway-integration: *f}}
        components:
          securitySchemes:
            Own: {type: apiKey, x-amazon-apigateway-authtype: custom, x-amazon-apigateway-authorizer: {type: request}}
            Key: {type: apiKey, name: x-api-key, in: header}
            Sig: {type: apiKey, x-amazon-apigateway-authtype: awsSigv4}
  Default:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      Auth: {DefaultAuthorizer: Cognito, Authorizers: {Cognito: {UserPoolArn: a}}}
      DefinitionBody: {paths: {/a: {get: {x-amazon-apigateway-integration: *f}}}}
  F: {Type: AWS::Serverless::Function}
`, `
rest Api x
  GET /whole F 1.0 Own
  GET /open F 1.0
  GET /none F 1.0
  GET /optional F 1.0
  GET /key F 1.0 ApiKeyRequired
  GET /iam F 1.0 AWS_IAM
  GET /custom F 1.0 Custom
  GET /auth F 1.0 AWS_IAM
rest New x
  GET /whole F 1.0 AWS_IAM
  GET /key F 1.0 ApiKeyRequired
  GET /own F 1.0 Own
  GET /no-value F 1.0 AWS_IAM
  GET /if F 1.0 security
  GET /unknown F 1.0 Nowhere
  GET /second F 1.0 Own
rest Default x
  GET /a F 1.0 Cognito
`},
		{"event-wins", `
Globals: {Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      MergeDefinitions: true
      Auth: {Authorizers: {T: {UserPoolArn: a}}}
      DefinitionBody:
        swagger: "2.0"
        paths:
          /a: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt G.Arn}}}
          /b: {get: {security: [{T: []}], x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt G.Arn}}}
          /any: {x-amazon-apigateway-any-method: {security: [{T: []}], x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt G.Arn}}}
          /twice: {get: {}}
  Pathless: {Type: AWS::Serverless::Api, Properties: {StageName: x, MergeDefinitions: true, DefinitionBody: {swagger: "2.0", paths: }}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: get, RestApiId: !Ref Api, Auth: {Authorizer: T}}}
        B: {Type: Api, Properties: {Path: /b, Method: get, RestApiId: !Ref Api}}
        C: {Type: Api, Properties: {Path: /any, Method: any, RestApiId: !Ref Api, Auth: {Authorizer: AWS_IAM}}}
        D: {Type: Api, Properties: {Path: /twice, Method: get, RestApiId: !Ref Api, Auth: {Authorizer: T}}}
        E: {Type: Api, Properties: {Path: /twice, Method: get, RestApiId: !Ref Api, Auth: {Authorizer: NONE}}}
        H: {Type: Api, Properties: {Path: /later, Method: get, RestApiId: !Ref Api}}
        I: {Type: Api, Properties: {Path: /later, Method: get, RestApiId: !Ref Api, Auth: {Authorizer: T}}}
        P: {Type: Api, Properties: {Path: /p, Method: get, RestApiId: !Ref Pathless}}
  G: {Type: AWS::Serverless::Function}
`, `
rest Api x
  GET /a F 1.0 T
  GET /b F 1.0 T
  ANY /any G 1.0 T
  GET /twice F 1.0 T
  GET /later F 1.0 T
rest Pathless x
`},
		{"override", `
Globals: {Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      Auth: {DefaultAuthorizer: T, Authorizers: {T: {UserPoolArn: a}}}
      DefinitionBody:
        swagger: "2.0"
        paths:
          /a: {get: {security: [], x-amazon-apigateway-integration: &g {type: aws_proxy, uri: !GetAtt G.Arn}}}
          /b: {get: {x-amazon-apigateway-integration: *g}}
          /c: {get: {security: [{T: []}], x-amazon-apigateway-integration: *g}}
          /d: {get: {x-amazon-apigateway-integration: *g}}
          /e: {get: {security: [{NONE: []}], x-amazon-apigateway-integration: *g}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: get, RestApiId: !Ref Api, Auth: {OverrideApiAuth: true, Authorizer: AWS_IAM}}}
        B: {Type: Api, Properties: {Path: /b, Method: get, RestApiId: !Ref Api, Auth: {OverrideApiAuth: true, Authorizer: NONE}}}
        C: {Type: Api, Properties: {Path: /c, Method: get, RestApiId: !Ref Api, Auth: {OverrideApiAuth: true, Authorizer: NONE}}}
        D: {Type: Api, Properties: {Path: /d, Method: get, RestApiId: !Ref Api, Auth: {Authorizer: NONE}}}
        E: {Type: Api, Properties: {Path: /d, Method: "*", RestApiId: !Ref Api}}
  G: {Type: AWS::Serverless::Function}
`, `
rest Api x
  GET /a G 1.0 AWS_IAM
  GET /b G 1.0
  GET /c G 1.0 T
  GET /d G 1.0 T
  GET /e G 1.0
`},
		{"http-completed", `
Globals: {Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}}
Resources:
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth: {DefaultAuthorizer: OAuth3, Authorizers: {OAuth2: &jwt {IdentitySource: a, JwtConfiguration: {issuer: i}}, OAuth3: *jwt}}
      DefinitionBody:
        openapi: 3.0.1
        paths:
          /basic: {get: {x-amazon-apigateway-integration: &g {type: aws_proxy, payloadFormatVersion: "1.0", uri: !GetAtt G.Arn}}}
          /plain: {x-amazon-apigateway-any-method: {x-amazon-apigateway-integration: *g}}
          /get: {get: {security: [{OAuth2: []}]}}
          /options: {options: {x-amazon-apigateway-integration: *g}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: HttpApi, Properties: {Path: /basic, Method: get, ApiId: !Ref Http, PayloadFormatVersion: "2.0", TimeoutInMillis: 5000, Auth: {Authorizer: OAuth2}}}
        B: {Type: HttpApi, Properties: {Path: /new, Method: get, ApiId: !Ref Http}}
        C: {Type: HttpApi, Properties: {Path: /plain, Method: any, ApiId: !Ref Http, Auth: {Authorizer: NONE}}}
        D: {Type: HttpApi, Properties: {Path: /get, Method: get, ApiId: !Ref Http}}
        E: {Type: HttpApi, Properties: {ApiId: !Ref Http}}
        F: {Type: HttpApi, Properties: {Path: /options, Method: options, ApiId: !Ref Http, Auth: {AuthorizationScopes: [s]}}}
  G: {Type: AWS::Serverless::Function}
`, `
http Http $default
  GET /basic G 2.0 OAuth2
  ANY /plain G 1.0
  GET /get F 2.0 OAuth2
  OPTIONS /options G 1.0 OAuth3
  GET /new F 2.0 OAuth3
  ANY $default F 2.0 OAuth3
`},
		{"merged", `
Globals: {Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      MergeDefinitions: true
      DefinitionBody: {paths: {/a: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}}}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Api}}
        B: {Type: Api, Properties: {Path: /b, Method: GET, RestApiId: !Ref Api}}
`, `
rest Api x
  GET /a F 1.0
  GET /b F 1.0
`},
		{"included-definitions", `
Globals: {Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}}
Resources:
  Open: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: ./open.yaml}}}}}
  Secured: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: secured.yaml}}}}}
  Loop: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: including.yaml}}}}}
  Elsewhere: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: "s3://bucket/open.yaml"}}}}}
  Macro: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {Fn::Transform: {Name: Own, Parameters: {Location: open.yaml}}}}}
  Beside: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {paths: {/a: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}}}}, Fn::Transform: {Name: AWS::Include, Parameters: {Location: secured.yaml}}}}}
  Listed: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {paths: [/a]}}}
  Pathless: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {openapi: 3.0.1}}}
  File: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionUri: open.yaml}}
  Bucket: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionUri: {Bucket: b, Key: k}}}
  Text: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionBody: open.yaml}}
  Missing: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionUri: missing.yaml}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Open}}
        B: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Secured}}
        C: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Loop}}
        D: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Elsewhere}}
        E: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Macro}}
        L: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Beside}}
        J: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Listed}}
        K: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Pathless}}
        F: {Type: HttpApi, Properties: {Path: /a, Method: GET, ApiId: !Ref File}}
        G: {Type: HttpApi, Properties: {Path: /a, Method: GET, ApiId: !Ref Bucket}}
        H: {Type: HttpApi, Properties: {Path: /a, Method: GET, ApiId: !Ref Text}}
        I: {Type: HttpApi, Properties: {Path: /a, Method: GET, ApiId: !Ref Missing, Auth: {Authorizer: NONE}}}
`, `
rest Open x
  GET /a F 1.0
rest Secured x
  GET /a F 1.0 Key
rest Loop x
  GET /a F 1.0 DefinitionBody
rest Elsewhere x
  GET /a F 1.0 DefinitionBody
rest Macro x
  GET /a F 1.0 DefinitionBody
rest Beside x
  GET /a F 1.0 DefinitionBody
rest Listed x
  GET /a F 1.0 DefinitionBody
rest Pathless x
  GET /a F 1.0 DefinitionBody
http File $default
  GET /a F 1.0
http Bucket $default
  GET /a F 2.0 DefinitionUri
http Text $default
  GET /a F 2.0 DefinitionBody
http Missing $default
  GET /a F 2.0 DefinitionUri
`},
	})
}
