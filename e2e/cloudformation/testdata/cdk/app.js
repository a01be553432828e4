// A shop: a REST API and an HTTP API with a Lambda authorizer and CORS each, two Function
// URLs. Its list and its table are in another stack. What crumb must serve of it:
//
//   Rest  GET   /items             List
//   Rest  POST  /items             List
//   Rest  GET   /items/{id}        List
//   Rest  ANY   /{proxy+}          Page
//   Http  GET   /items/{id}        List
//   Http  ANY   /admin/{proxy+}    Page
//   Page  ANY   /*                 Page
//   Live  ANY   /*                 List
const cdk = require('aws-cdk-lib');
const apigateway = require('aws-cdk-lib/aws-apigateway');
const apigatewayv2 = require('aws-cdk-lib/aws-apigatewayv2');
const { HttpLambdaAuthorizer, HttpLambdaResponseType } = require('aws-cdk-lib/aws-apigatewayv2-authorizers');
const { HttpLambdaIntegration } = require('aws-cdk-lib/aws-apigatewayv2-integrations');
const dynamodb = require('aws-cdk-lib/aws-dynamodb');
const lambda = require('aws-cdk-lib/aws-lambda');
const { GoFunction } = require('@aws-cdk/aws-lambda-go-alpha');

const origin = 'https://shop.example';
const app = new cdk.App();
const stack = new cdk.Stack(app, 'Shop');
const store = new cdk.Stack(app, 'Store');
const program = (id, folder, props) => new GoFunction(props?.in ?? stack, id, { entry: `cmd/${folder}`, runtime: lambda.Runtime.PROVIDED_AL2023, ...props });

const table = new dynamodb.TableV2(store, 'Table', { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING } });
const list = program('List', 'items', { in: store, environment: { TABLE: table.tableName } });
table.grantReadWriteData(list);
const guard = program('Guard', 'guard');
const page = program('Page', 'page', { timeout: cdk.Duration.seconds(10), memorySize: 256 });

const rest = new apigateway.RestApi(stack, 'Rest', {
  deployOptions: { stageName: 'v1' },
  defaultCorsPreflightOptions: { allowOrigins: [origin], allowCredentials: true },
});
rest.addGatewayResponse('Unauthorized', {
  type: apigateway.ResponseType.UNAUTHORIZED,
  responseHeaders: { 'Access-Control-Allow-Origin': `'${origin}'` },
});
const items = rest.root.addResource('items');
items.addMethod('GET', new apigateway.LambdaIntegration(list));
items.addMethod('POST', new apigateway.LambdaIntegration(list), {
  authorizer: new apigateway.TokenAuthorizer(stack, 'RestGuard', { handler: guard }),
});
items.addResource('{id}').addMethod('GET', new apigateway.LambdaIntegration(list));
rest.root.addProxy({ defaultIntegration: new apigateway.LambdaIntegration(page) });

const http = new apigatewayv2.HttpApi(stack, 'Http', {
  corsPreflight: { allowOrigins: [origin], allowMethods: [apigatewayv2.CorsHttpMethod.GET], maxAge: cdk.Duration.minutes(5) },
});
http.addRoutes({ path: '/items/{id}', methods: [apigatewayv2.HttpMethod.GET], integration: new HttpLambdaIntegration('ListV2', list) });
http.addRoutes({
  path: '/admin/{proxy+}',
  methods: [apigatewayv2.HttpMethod.ANY],
  integration: new HttpLambdaIntegration('PageV2', page),
  authorizer: new HttpLambdaAuthorizer('HttpGuard', guard, { responseTypes: [HttpLambdaResponseType.SIMPLE] }),
});

page.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE, cors: { allowedOrigins: [origin] } });
new lambda.Alias(stack, 'Live', { aliasName: 'live', version: list.currentVersion })
  .addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
