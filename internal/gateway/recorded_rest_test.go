package gateway_test

// The recordings of localstack are in its tests/aws/services, those of testTool from
// 2025-04-14 in us-west-2.
const (
	lsData      = "localstack test_lambda_aws_proxy_integration_request_data_mapping, 2024-07-22"
	lsSibling   = "localstack test_proxy_routing_with_hardcoded_resource_sibling, 2024-07-23"
	lsOrder     = "localstack test_routing_with_hardcoded_resource_sibling_order, 2024-07-23"
	lsNotFound  = "localstack test_routing_not_found, 2024-07-23"
	lsRemapping = "localstack test_apigateway_header_remapping_aws, 2024-12-11"
	lsTrace     = "localstack test_invocation_trace_id, 2024-08-07"
	lsBinary    = "localstack test_apigateway_s3 binary_support_request, 2025-03-17"
	ministack   = "ministackorg/ministack#1423, measured in eu-central-1 2026-08-17"
	floci       = "floci-io/floci#3399 and #3547, probes in us-west-2 2026-09-11 and 13"
	powertools  = "powertools-lambda-python tests/e2e/event_handler, live tests of 2022 and later"

	siblings = "POST /test, ANY /test/any, OPTIONS /{proxy+}"
	parts    = "GET /part1, GET /part1/hardcoded-value, GET /part1/{proxy+}"
	jobs     = "ANY /{proxy+}, GET /jobs/{operation_type}, OPTIONS /cors_only"
	users    = "GET /users/{userId}, PATCH /users/me"

	noToken = `{"message":"Missing Authentication Token"}`
)

// restFacts are about events of REST APIs, and about their routes.
var restFacts = []fact{
	{"rest-plain", localstack, rest, "ANY /{proxy+}", "GET /proxy-value", "", wants{
		"event path": `"/proxy-value"`, "event resource": `"/{proxy+}"`, "event pathParameters": `{"proxy":"proxy-value"}`, "event requestContext.path": `"/test/proxy-value"`}},
	{"rest-identity-null", localstack, rest, "", "GET /x\nUser-Agent: ua", "", wants{
		"event requestContext.identity.caller": "null", "event requestContext.identity.accessKey": "null", "event requestContext.identity.sourceIp": `"127.0.0.1"`, "event requestContext.identity.userAgent": `"ua"`,
		"event stageVariables": "null", "event body": "null", "event isBase64Encoded": "false", "event version": "absent"}},
	{"rest-inner-double-slash", localstack, rest, "ANY /{proxy+}", "GET /proxy-value//double-slash", "", wants{
		"event path": `"/proxy-value//double-slash"`, "event pathParameters.proxy": `"proxy-value//double-slash"`, "event requestContext.path": `"/test/proxy-value//double-slash"`}},
	{"rest-plus-path", localstack, rest, "GET /user/{a}/plus/{b}", "GET /user/test%2Balias@example.com/plus/test+alias@example.com", "", wants{
		"event path": `"/user/test%2Balias@example.com/plus/test+alias@example.com"`, "event pathParameters": `{"a":"test%2Balias@example.com","b":"test+alias@example.com"}`}},
	{"rest-query-plus", localstack, rest, "", "GET /x?q=a%2Bb", "", wants{"event queryStringParameters.q": `"a+b"`}},
	{"rest-query-url", localstack, rest, "", "GET /x?to=https%3A%2F%2Fexample.com%2Fa%3Fb%3Dc", "", wants{"event queryStringParameters.to": `"https://example.com/a?b=c"`}},
	{"rest-query-multi", localstack, rest, "", "GET /x?tag=a&tag=b", "", wants{
		"event queryStringParameters": `{"tag":"b"}`, "event multiValueQueryStringParameters": `{"tag":["a","b"]}`}},
	{"rest-post-json", localstack, rest, "", "POST /x\nContent-Type: application/json\n\n{\"a\": 1}", "", wants{
		"event body": `"{\"a\": 1}"`, "event isBase64Encoded": "false"}},
	{"rest-no-content-length", localstack, rest, "", "POST /x\n\nabc", "", wants{
		"event headers.Content-Length": "absent", "event headers.content-length": "absent", "event multiValueHeaders.content-length": "absent"}},
	{"rest-pathvar", lsData, rest, "GET /{pathVariable}", "GET /test-path?q=1", "", wants{
		"event pathParameters": `{"pathVariable":"test-path"}`, "event queryStringParameters": `{"q":"1"}`}},
	{"rest-trailing-slash", localstack, rest, "ANY /{proxy+}", "GET /proxy-value/", "", wants{
		"event path": `"/proxy-value/"`, "event pathParameters.proxy": `"proxy-value"`, "event requestContext.path": `"/test/proxy-value/"`}},
	{"rest-lead-double-exact", localstack + "; localstack#11253, 2024-07-23", rest, "GET /hardcoded, ANY /{proxy+}", "GET //hardcoded", "", wants{
		"route": "GET /hardcoded", "event resource": `"/hardcoded"`, "event path": `"/hardcoded"`, "event pathParameters": "null", "event requestContext.path": `"/test//hardcoded"`}},
	{"rest-deployment-id", localstack, rest, "", "GET /x", "", wants{"event requestContext.deploymentId": `^"[a-z0-9]+"$`}},
	{"rest-authorization-name", localstack, rest, "", "GET /x\naUThorization: t", "", wants{"event headers.Authorization": `"t"`, "event multiValueHeaders.Authorization": `["t"]`, "event headers.authorization": "absent"}},
	{"rest-header-case", "localstack test_lambda_aws_proxy_integration, 2024-08-02; " + testTool, rest, "", "GET /x\nAccept: a\nContent-Type: b\ntEsT-HEADeR: c", "", wants{
		"event headers.Accept": `"a"`, "event headers.Content-Type": `"b"`, "event headers.tEsT-HEADeR": `"c"`, "event multiValueHeaders.tEsT-HEADeR": `["c"]`, "event headers.test-header": "absent"}},
	{"rest-dropped-headers", lsRemapping, rest, "", "GET /x\ncontent-md5: a\nexpect: 100-continue\nmax-forwards: 1\nproxy-authenticate: a\nserver: a\nwww-authenticate: a", "", wants{"status": "200",
		"event headers.content-md5": "absent", "event headers.expect": "absent", "event headers.max-forwards": "absent",
		"event headers.proxy-authenticate": "absent", "event headers.server": "absent", "event headers.www-authenticate": "absent"}},
	{"rest-dropped-hop", lsRemapping, rest, "", "POST /x\nconnection: close\nte: trailers\ntrailer: X-T\nupgrade: h2c\n\nabc", "", wants{"status": "200",
		"event headers.connection": "absent", "event headers.te": "absent", "event headers.trailer": "absent", "event headers.transfer-encoding": "absent", "event headers.upgrade": "absent"}},
	{"rest-unicode-path", testTool, rest, "POST /products/{a}/reviews/{b}", "POST /products/%E2%98%95%20Coffee/reviews/%F0%9F%98%8A%20Happy", "", wants{
		"event path": `"/products/%E2%98%95%20Coffee/reviews/%F0%9F%98%8A%20Happy"`, "event pathParameters": `{"a":"%E2%98%95%20Coffee","b":"%F0%9F%98%8A%20Happy"}`}},
	{"rest-special-path", testTool, rest, "POST /users/{a}/orders/{b}", "POST /users/****%20Doe/orders/Summer%20Sale%202023", "", wants{
		"event path": `"/users/****%20Doe/orders/Summer%20Sale%202023"`, "event pathParameters": `{"a":"****%20Doe","b":"Summer%20Sale%202023"}`}},
	{"rest-query-dn", testTool, rest, "", "GET /x?q=Hello%20World&tag=C%23%20Programming&tag=.NET%20Core", "", wants{
		"event queryStringParameters": `{"q":"Hello World","tag":".NET Core"}`, "event multiValueQueryStringParameters.tag": `["C# Programming",".NET Core"]`}},
	{"rest-simple-dn", testTool, rest, "POST /users/{userId}/orders", "POST /users/123/orders?status=pending&tag=important&tag=urgent\n\n", "", wants{
		"event body": "null", "event pathParameters": `{"userId":"123"}`, "event requestContext.resourcePath": `"/users/{userId}/orders"`, "event requestContext.path": `"/test/users/123/orders"`}},
	{"rest-voker", voker, rest, "ANY /{proxy+}", "POST /capture/space%20value?r=one&r=two&plus=a+b&e=\nX-Probe: first\nX-Probe: second\nCookie: a=1; b=2\nContent-Type: application/json\n\n{\"é\":1}", "", wants{
		"event path": `"/capture/space%20value"`, "event pathParameters.proxy": `"capture/space%20value"`, "event queryStringParameters": `{"e":"","plus":"a b","r":"two"}`, "event multiValueQueryStringParameters.r": `["one","two"]`,
		"event headers.Cookie": `"a=1; b=2"`, "event headers.X-Probe": `"second"`, "event multiValueHeaders.X-Probe": `["first","second"]`, "event body": `"{\"é\":1}"`}},
	{"rest-exact-trailing", powertools, rest, "POST /todos", "POST /todos/", "", wants{"status": "200", "route": "POST /todos"}},
	{"rest-text-binary-other", lsBinary, rest, "", "POST /x\nContent-Type: text/plain\n\na\xff", "", wants{"event body": "\"a\ufffd\"", "event isBase64Encoded": "false"}},
	{"rest-binary-match", lsBinary, rest, "", "POST /x\nContent-Type: image/png\n\n\xff\x00", "", wants{"event body": `"/wA="`, "event isBase64Encoded": "true"}},

	{"rest-route-POST-test", lsSibling, rest, siblings, "POST /test", "", wants{"route": "POST /test"}},
	{"rest-route-OPTIONS-test-any", lsSibling, rest, siblings, "OPTIONS /test/any", "", wants{"route": "ANY /test/any"}},
	{"rest-route-GET-test-any", lsSibling, rest, siblings, "GET /test/any", "", wants{"route": "ANY /test/any"}},
	{"rest-route-options-fallback", lsSibling, rest, siblings, "OPTIONS /test", "", wants{"status": "200", "route": "OPTIONS /{proxy+}"}},
	{"rest-route-order-part1-hardcoded-value", lsOrder, rest, parts, "GET /part1/hardcoded-value", "", wants{"route": "GET /part1/hardcoded-value"}},
	{"rest-route-order-part1-random-value", lsOrder, rest, parts, "GET /part1/random-value", "", wants{"route": "GET /part1/{proxy+}"}},
	{"rest-notfound", lsNotFound, rest, "GET /a", "GET /b", "", wants{"status": "403", "body": noToken, "header x-amzn-errortype": "MissingAuthenticationTokenException"}},
	{"rest-wrong-method", lsNotFound, rest, "GET /a", "POST /a", "", wants{"status": "403", "body": noToken}},
	{"rest-route-ms-GET-jobs", ministack, rest, jobs, "GET /jobs", "", wants{"status": "200", "route": "ANY /{proxy+}"}},
	{"rest-route-ms-POST-jobs", ministack, rest, jobs, "POST /jobs", "", wants{"status": "200", "route": "ANY /{proxy+}"}},
	{"rest-route-ms-GET-jobs-reboot", ministack, rest, jobs, "GET /jobs/reboot", "", wants{"status": "200", "route": "GET /jobs/{operation_type}"}},
	{"rest-route-ms-OPTIONS-cors_only", ministack, rest, jobs, "OPTIONS /cors_only", "", wants{"status": "200", "route": "OPTIONS /cors_only"}},
	{"rest-route-ms-POST-jobs-reboot", ministack, rest, jobs, "POST /jobs/reboot", "", wants{"status": "200", "route": "ANY /{proxy+}"}},
	{"rest-route-fl-GET-users-7", floci, rest, users, "GET /users/7", "", wants{"route": "GET /users/{userId}"}},
	{"rest-route-fl-post-me", floci, rest, users, "POST /users/me", "", wants{"status": "403", "body": noToken}},
}

// restResponseFacts are about responses of REST APIs.
var restResponseFacts = []fact{
	{"rest-ans-bool-header", validation, rest, "", "GET /x", `{"statusCode":200,"headers":{"test-header":true}}`, wants{"status": "200", "header test-header": "true"}},
	{"rest-ans-empty", responseFormat, rest, "", "GET /x", `{}`, wants{"status": "200", "body": ""}},
	{"rest-ans-only-headers", validation, rest, "", "GET /x", `{"headers":{"test-header":"value"}}`, wants{"status": "200", "body": "", "header test-header": "value"}},
	{"rest-ans-b64-true", validation, rest, "", "GET /x", `{"statusCode":200,"body":"aGk=","isBase64Encoded":true}`, wants{"body": "aGk="}},
	{"rest-ans-multi-string", validation, rest, "", "GET /x", `{"statusCode":200,"multiValueHeaders":{"test-multi":"value"}}`, wants{"status": "502", "body": restError}},
	{"rest-ans-status-string", validation, rest, "", "GET /x", `{"statusCode":"201"}`, wants{"status": "201"}},
	{"rest-ans-string", validation, rest, "", "GET /x", `"text"`, wants{"status": "502", "body": restError}},
	{"rest-fn-error", validation, rest, "", "GET /x", "error", wants{"status": "502", "body": restError}},
	{"rest-ans-multi-overwrite", validation, rest, "", "GET /x", `{"statusCode":200,"headers":{"test-multi":"value-solo"},"multiValueHeaders":{"test-multi":["value-multi"]}}`, wants{"header test-multi": "value-multi|value-solo"}},
	{"rest-ans-combined", testTool, rest, "", "GET /x", `{"statusCode":200,"headers":{"Combined-Header":"single"},"multiValueHeaders":{"Combined-Header":["multi1","multi2"]}}`, wants{"header Combined-Header": "multi1|multi2|single"}},
	{"rest-dn-SimpleJsonResponse", testTool, rest, "", "GET /x", `{"statusCode":200,"headers":{"Content-Type":"application/json"},"body":"{\"message\":\"Hello World\"}"}`, wants{"body": `{"message":"Hello World"}`, "header Content-Length": "25"}},
	{"rest-dn-SetsCorrectStatusCode", testTool, rest, "", "GET /x", `{"statusCode":201,"body":"x"}`, wants{"status": "201", "header Content-Type": "application/json"}},
	{"rest-dn-SetsHeaders", testTool, rest, "", "GET /x", `{"statusCode":200,"headers":{"Content-Type":"application/json","X-Custom-Header":"a"}}`, wants{"header Content-Type": "application/json", "header X-Custom-Header": "a"}},
	{"rest-dn-SetsMultiValueHeaders", testTool, rest, "", "GET /x", `{"statusCode":200,"multiValueHeaders":{"X-Multi-Header":["a","b"]}}`, wants{"header X-Multi-Header": "a|b", "header Content-Type": "application/json"}},
	{"rest-dn-SetsBodyNonBase64", testTool, rest, "", "GET /x", `{"statusCode":200,"body":"{\"a\":1}","isBase64Encoded":false}`, wants{"body": `{"a":1}`, "header Content-Type": "application/json"}},
	{"rest-dn-DefaultsToCorrectContentTYpe", testTool, rest, "", "GET /x", `{"statusCode":200,"body":"Hello"}`, wants{"body": "Hello", "header Content-Type": "application/json"}},
	{"rest-dn-HandlesHeadersCorrectly", testTool, rest, "", "GET /x", `{"statusCode":200,"headers":{"a-one":"1, 2"},"multiValueHeaders":{"a-two":["3","4"]}}`, wants{"header a-one": "1, 2", "header a-two": "3|4"}},
	{"rest-dn-SetsContentLength", testTool, rest, "", "GET /x", `{"statusCode":200,"body":"{\"message\":\"Hello, World!\"}"}`, wants{"header Content-Length": "27"}},
	{"rest-dn-HandlesZeroStatusCode", testTool, rest, "", "GET /x", `{"statusCode":0,"body":"x"}`, wants{"status": "502", "body": restError, "header Content-Length": "36", "header x-amzn-errortype": "InternalServerErrorException"}},
	{"rest-dn-UsesProvidedContentType", testTool, rest, "", "GET /x", `{"statusCode":200,"headers":{"Content-Type":"application/json"},"body":"Hello"}`, wants{"body": "Hello", "header Content-Type": "application/json"}},
	{"rest-dn-APIHeaders", testTool, rest, "", "GET /x", `{"statusCode":200,"body":"Hello"}`, wants{"header x-amzn-requestid": `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, "has x-amz-apigw-id": "true", "has x-amzn-trace-id": "true", "has date": "true"}},
	{"rest-dn-own502", testTool, rest, "", "GET /x", `{"statusCode":502,"headers":{"Content-Type":"application/json"},"body":"{}"}`, wants{"status": "502", "body": "{}", "has x-amzn-trace-id": "true", "has x-amzn-errortype": "false"}},
	{"rest-dn-valid", testTool, rest, "", "GET /x", `{"statusCode":200,"headers":{"Content-Type":"application/json"},"body":"{\"a\":1}"}`, wants{"status": "200", "body": `{"a":1}`, "header Content-Type": "application/json"}},
	{"rest-resp-name-case", testTool, rest, "", "GET /x", `{"statusCode":200,"headers":{"myheader":"a"},"multiValueHeaders":{"another-Header":["b"]}}`, wants{"line myheader: a": "true", "line another-Header: b": "true"}},
	{"rest-trace-full", lsTrace, rest, "", "GET /x\nX-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1", "", wants{"header x-amzn-trace-id": `^Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1`}},
	{"rest-trace-none-form", testTool, rest, "", "GET /x", "", wants{"header x-amzn-trace-id": `^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=1:[0-9a-f]{8}:0$`}},
	{"rest-mock-no-trace", lsTrace, rest, "GET /x", "OPTIONS /x", "", wants{"status": "200", "has x-amzn-trace-id": "false", "has x-amzn-requestid": "true", "has x-amz-apigw-id": "true"}},
	{"rest-502-no-trace", testTool, rest, "", "GET /x", `{"statusCode":0}`, wants{"status": "502", "has x-amzn-trace-id": "false", "has x-amzn-requestid": "true", "has x-amz-apigw-id": "true", "has x-amzn-errortype": "true", "has Content-Type": "true", "header Content-Length": "36"}},
	{"rest-id-alphabet", testTool, rest, "", "GET /x", "", wants{"header x-amz-apigw-id": `^[-\w]{15}=$`}},
	{"rest-e2e-headers", powertools, rest, "", "GET /x", `{"statusCode":200,"multiValueHeaders":{"Foo":["bar","zbr"],"Set-Cookie":["a=1","b=2"]}}`, wants{"header Foo": "bar|zbr", "header Set-Cookie": "a=1|b=2"}},
}
