package gateway_test

const (
	ridge      = "fujiwara/ridge, events of 2020-03"
	serverless = "glassechidna/serverlessish#4, 2020-12-30"
	spring     = "spring-cloud-function CustomRuntimeEventLoopTest, 2023-07-11"
	manual     = "aws-lambda-dotnet ApiGatewayResponseExtensionsTestsManual, live in 2024-12"
	urlForm    = "localstack test_lambda_url_form_payload, 2025-11-24"
	urlDenied  = "localstack test_lambda_permission_url_invocation, 2025-11-24"
	urlFailing = "localstack test_lambda_url_invocation_exception, 2025-11-24"
)

// httpFacts are about HTTP APIs with payload 2.0.
var httpFacts = []fact{
	{"http-voker", voker, httpAPI, "", "POST /capture/space%20value?r=one&r=two&plus=a+b&e=\nX-Probe: first\nX-Probe: second\nCookie: a=1; b=2", "", wants{
		"event rawPath": `"/capture/space value"`, "event requestContext.http.path": `"/capture/space value"`, "event rawQueryString": `"r=one&r=two&plus=a+b&e="`, "event queryStringParameters": `{"e":"","plus":"a b","r":"one,two"}`,
		"event cookies": `["a=1","b=2"]`, "event headers.cookie": "absent", "event headers.x-probe": `"first,second"`}},
	{"http-dn-SimpleGetRequest", testTool, httpAPI, "POST /users/{id}", "POST /users/1?status=pending&tag=a&tag=b\nCookie: a=1; b=2\n\n", "", wants{
		"event routeKey": `"POST /users/{id}"`, "event queryStringParameters": `{"status":"pending","tag":"a,b"}`, "event cookies": `["a=1","b=2"]`, "event headers.content-length": `"0"`, "event body": "absent"}},
	{"http-dn-BinaryContent", testTool, httpAPI, "", "POST /x\nContent-Type: application/octet-stream\n\n\x01\x02\x03", "", wants{"event body": `"AQID"`, "event isBase64Encoded": "true"}},
	{"http-dn-SpecialCharactersInPath", testTool, httpAPI, "POST /users/{a}", "POST /users/****%20Doe", "", wants{
		"event rawPath": `"/users/**** Doe"`, "event requestContext.http.path": `"/users/**** Doe"`, "event pathParameters": `{"a":"**** Doe"}`}},
	{"http-dn-UnicodeCharactersInPath", testTool, httpAPI, "POST /products/{a}", "POST /products/%E2%98%95%20Coffee", "", wants{
		"event rawPath": `"/products/☕ Coffee"`, "event requestContext.http.path": `"/products/☕ Coffee"`, "event pathParameters": `{"a":"☕ Coffee"}`}},
	{"http-dn-SimpleJsonResponse", testTool, httpAPI, "", "GET /x", `{"statusCode":200,"headers":{"Content-Type":"application/json"},"body":"{\"a\":1}"}`, wants{"body": `{"a":1}`, "header Content-Type": "application/json"}},
	{"http-dn-SetsHeaders", testTool, httpAPI, "", "GET /x", `{"statusCode":200,"headers":{"Content-Type":"application/json","X-Custom-Header":"a"}}`, wants{"header Content-Type": "application/json", "header X-Custom-Header": "a"}},
	{"http-dn-SetsBodyNonBase64", testTool, httpAPI, "", "GET /x", `{"statusCode":200,"body":"Hello","isBase64Encoded":false}`, wants{"body": "Hello", "header Content-Type": plainUTF8}},
	{"http-dn-DefaultsToTextPlainContentType", testTool, httpAPI, "", "GET /x", `{"statusCode":200,"body":"Hello"}`, wants{"body": "Hello", "header Content-Type": plainUTF8}},
	{"http-dn-HandlesHeadersCorrectly", testTool, httpAPI, "", "GET /x", `{"statusCode":200,"headers":{"myheader":"a,other","anotherheader":"b"}}`, wants{"line Myheader: a,other": "true", "line Anotherheader: b": "true"}},
	{"http-payload-string", manual, httpAPI, "", "GET /x", `"Hello from lambda"`, wants{"status": "200", "body": "Hello from lambda", "header Content-Type": "application/json"}},
	{"http-payload-string-json", "aws-lambda-dotnet ApiGatewayResponseExtensionsJsonInference, live in 2024-12", httpAPI, "", "GET /x", `"{\"a\": 1}"`, wants{"status": "200", "body": `{"a": 1}`, "header Content-Type": "application/json"}},
	{"http-payload-string-json2", manual, httpAPI, "", "GET /x", `"{\"headers\": {\"X-A\": \"1\"}}"`, wants{"body": `{"headers": {"X-A": "1"}}`, "header Content-Type": "application/json", "has X-A": "false"}},
	{"http-cookie-order", ministack758, httpAPI, "", "GET /x", `{"statusCode":200,"headers":{"set-cookie":"a=header"},"cookies":["a=cookie"]}`, wants{"header Set-Cookie": "a=cookie|a=header"}},
	{"http-multi-ignored", "awslabs/aws-lambda-rust-runtime#876, 2024-05-15", httpAPI, "", "GET /x", `{"statusCode":200,"multiValueHeaders":{"X-A":["1"]}}`, wants{"status": "200", "has X-A": "false"}},
	{"http-500", "CodeGenieApp/serverless-express#355, 2021-01-28", httpAPI, "", "GET /x", "error", wants{"status": "500", "body": httpError, "header Content-Length": "35", "header Content-Type": "application/json"}},
	{"http-content-length-0", serverless, httpAPI, "", "GET /x", "", wants{"event headers.content-length": `"0"`}},
	{"http-encoded-hash", "honojs/hono#2156, 2024-02-06", httpAPI, "", "POST /RSC/%40id%2Fassets%2Frsf0.js%23save.txt", "", wants{"event rawPath": `"/RSC/@id/assets/rsf0.js#save.txt"`}},
	{"http-encoded-question", standard93 + ", 2026-09-15, whose captures are not public", httpAPI, "", "GET /users/me%3Fadmin=true", "", wants{"event rawPath": `"/users/me"`}},
	{"http-exact-trailing", powertools, httpAPI, "POST /todos", "POST /todos/", "", wants{"status": "404"}},
	{"http-lead-double", localstack8170 + "; " + powertools, httpAPI, "GET /hello", "GET //hello", "", wants{"status": "200", "route": "GET /hello"}},
	{"http-e2e-headers", powertools, httpAPI, "", "GET /x", `{"statusCode":200,"headers":{"Foo":"bar,zbr"},"cookies":["a=1","b=2"]}`, wants{"header Foo": "bar,zbr", "header Set-Cookie": "a=1|b=2"}},
	{"http-form-base64", ridge, httpAPI, "", "POST /x\nContent-Type: application/x-www-form-urlencoded\n\na=1", "", wants{"event body": `"YT0x"`, "event isBase64Encoded": "true"}},
}

const plainUTF8 = "text/plain; charset=utf-8"

// http1Facts are about HTTP APIs with payload 1.0.
var http1Facts = []fact{
	{"http1-path", testTool, httpAPI1, "POST /users/{a}/orders/{b}", "POST /users/****%20Doe/orders/Summer%20Sale%202023", "", wants{
		"event path": `"/users/****%20Doe/orders/Summer%20Sale%202023"`, "event requestContext.path": `"/users/**** Doe/orders/Summer Sale 2023"`}},
	{"http1-params-decoded", testTool, httpAPI1, "POST /users/{a}/orders/{b}", "POST /users/****%20Doe/orders/Summer%20Sale%202023", "", wants{
		"event pathParameters": `{"a":"**** Doe","b":"Summer Sale 2023"}`}},
	{"http1-header-own", testTool + "; " + spring, httpAPI1, "", "POST /x\nUser-Agent: ua\nContent-Type: text/plain\n\nabc", "", wants{
		"event headers.Content-Length": `"3"`, "event headers.Host": `"localhost"`, "event headers.User-Agent": `"ua"`, "event multiValueHeaders.Content-Type": `["text/plain"]`,
		"event headers.X-Amzn-Trace-Id": `^"Root=`, "event headers.X-Forwarded-For": `"127.0.0.1"`, "event headers.X-Forwarded-Port": `"80"`, "event headers.X-Forwarded-Proto": `"http"`}},
	{"http1-header-client", testTool, httpAPI1, "", "GET /x\nCookie: a=1\nX-Custom-Header: b", "", wants{
		"event headers.Cookie": `"a=1"`, "event headers.X-Custom-Header": `"b"`, "event multiValueHeaders.X-Custom-Header": `["b"]`, "event headers.cookie": "absent"}},
	{"http1-resource-id", testTool + "; " + spring, httpAPI1, "POST /a", "POST /a", "", wants{"event requestContext.resourceId": `"POST /a"`}},
	{"http1-cognito-amr", spring + "; aws-lambda-java-libs#444, 2023-09-22", httpAPI1, "", "GET /x", "", wants{"event requestContext.identity.cognitoAmr": "null"}},
	{"http1-no-ua", testTool, httpAPI1, "", "GET /x", "", wants{"event requestContext.identity.userAgent": `""`}},
	{"http1-combined", testTool, httpAPI1, "", "GET /x", `{"statusCode":200,"headers":{"Combined-Header":"single"},"multiValueHeaders":{"Combined-Header":["multi1","multi2"]}}`, wants{"header Combined-Header": "single|multi1|multi2"}},
	{"http1-ids", testTool, httpAPI1, "", "GET /x", "", wants{"same requestContext.requestId": "Apigw-Requestid", "same requestContext.extendedRequestId": "Apigw-Requestid"}},
	{"http1-query", testTool, httpAPI1, "", "GET /x?q=Hello%20World&tag=C%23%20Programming&tag=.NET%20Core", "", wants{
		"event queryStringParameters": `{"q":"Hello World","tag":".NET Core"}`, "event multiValueQueryStringParameters.tag": `["C# Programming",".NET Core"]`}},
	{"http1-binary", testTool, httpAPI1, "", "POST /x\nContent-Type: application/octet-stream\n\n\x01\x02\x03", "", wants{"event body": `"AQID"`, "event isBase64Encoded": "true"}},
	{"http1-default", serverless + "; " + spring, httpAPI1, "ANY $default", "GET /x", "", wants{
		"event resource": `"$default"`, "event requestContext.resourcePath": `"$default"`, "event pathParameters": "null"}},
	{"http-greedy-empty", "an event of 2022-02-06 in a public README; storacha/w3infra#166, 2023-03-15", httpAPI1, "ANY /handler/{proxy+}", "POST /handler/", "", wants{
		"status": "200", "event pathParameters": `{"proxy":""}`, "event path": `"/handler/"`}},
	{"http1-dn-SetsCorrectStatusCode", testTool, httpAPI1, "", "GET /x", `{"statusCode":201,"body":"x"}`, wants{"status": "201", "header Content-Type": plainUTF8}},
	{"http1-dn-SetsHeaders", testTool, httpAPI1, "", "GET /x", `{"statusCode":200,"headers":{"Content-Type":"application/json","X-Custom-Header":"a"}}`, wants{"header Content-Type": "application/json", "header X-Custom-Header": "a"}},
	{"http1-dn-SetsMultiValueHeaders", testTool, httpAPI1, "", "GET /x", `{"statusCode":200,"multiValueHeaders":{"X-Multi-Header":["a","b"]}}`, wants{"header X-Multi-Header": "a|b"}},
	{"http1-dn-HandlesHeadersCorrectly", testTool, httpAPI1, "", "GET /x", `{"statusCode":200,"headers":{"a-one":"1, 2"},"multiValueHeaders":{"a-two":["3","4"]}}`, wants{"header a-one": "1, 2", "header a-two": "3|4"}},
	{"http1-dn-SetsContentLength", testTool, httpAPI1, "", "GET /x", `{"statusCode":200,"body":"{\"message\":\"Hello, World!\"}"}`, wants{"header Content-Length": "27"}},
	{"http1-dn-HandlesZeroStatusCode", testTool, httpAPI1, "", "GET /x", `{"statusCode":0,"body":"x"}`, wants{"status": "500", "body": httpError}},
	{"http1-dn-UsesProvidedContentType", testTool, httpAPI1, "", "GET /x", `{"statusCode":200,"headers":{"Content-Type":"application/json"},"body":"Hello"}`, wants{"body": "Hello", "header Content-Type": "application/json"}},
	{"http1-dn-APIHeaders", testTool, httpAPI1, "", "GET /x", `{"statusCode":200,"body":"x"}`, wants{"has Apigw-Requestid": "true", "has Date": "true"}},
	{"http1-dn-b64", testTool, httpAPI1, "", "GET /x", `{"statusCode":200,"body":"aGk=","isBase64Encoded":true}`, wants{"body": "hi", "header Content-Type": plainUTF8}},
}

// urlFacts are about Function URLs.
var urlFacts = []fact{
	{"url-dict", urlInvocation, furl, "", "GET /x", `{"hello": "world"}`, wants{"status": "200", "body": `{"hello":"world"}`, "header Content-Length": "17", "header Content-Type": "application/json"}},
	{"url-string", urlInvocation, furl, "", "GET /x", `"hello"`, wants{"body": "hello", "header Content-Length": "5", "header Content-Type": "application/json"}},
	{"url-int", urlInvocation, furl, "", "GET /x", `3`, wants{"status": "200", "body": "3"}},
	{"url-bool", urlInvocation, furl, "", "GET /x", `true`, wants{"status": "200", "body": "true"}},
	{"url-http-json", urlInvocation, furl, "", "GET /x", `{"statusCode":200,"body":"{\"hello\": \"world\"}"}`, wants{"body": `{"hello": "world"}`, "header Content-Length": "18", "header Content-Type": "application/json"}},
	{"url-body-object", furlEcho, furl, "", "GET /x", `{"statusCode":200,"headers":{"Content-Type":"application/json"},"body":{"a":1}}`, wants{"status": "200", "body": `{"a":1}`}},
	{"url-exception", urlFailing, furl, "", "GET /x", "error", wants{"status": "502", "body": urlError}},
	{"url-args", furlEcho, furl, "", "POST /x?q=query&multiQuery=foo&multiQuery=%2Fbar", "", wants{"event queryStringParameters": `{"multiQuery":"foo,/bar","q":"query"}`}},
	{"url-content-length", furlEcho, furl, "", "POST /x\nContent-Type: application/json\n\n{\"foo\":\"bar1\"}", "", wants{"event headers.content-length": `"14"`}},
	{"url-multipart", urlForm, furl, "", "POST /x\nContent-Type: multipart/form-data; boundary=b\n\n--b--\r\n", "", wants{"event body": `"LS1iLS0NCg=="`, "event isBase64Encoded": "true", "event headers.content-length": `"7"`}},
	{"url-request-id", "localstack test_request_id_invoke_url, 2025-11-24", furl, "", "GET /x", "", wants{"id": "x-amzn-requestid", "header x-amzn-requestid": `^[0-9a-f-]{36}$`, "same requestContext.requestId": "x-amzn-requestid"}},
	{"url-403-text", urlDenied, furl, "", "GET /x", "", wants{"status": "403", "body": `{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}`}},
	{"url-403-type", urlDenied, furl, "", "GET /x", "", wants{"status": "403", "header x-amzn-errortype": "AccessDeniedException"}},
	{"url-cors-both", "powertools-lambda-python#4163, 2024-04-19; samvera/serverless-iiif#71, 2022-07-05", furl, "", "GET /x\nOrigin: https://app.example", `{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"http://other.example"}}`, wants{"header Access-Control-Allow-Origin": "*|http://other.example"}},
	{"url-tls-headers", furlEcho + "; " + voker, furl, "", "GET /x", "", wants{"event headers.x-amzn-tls-version": `"TLSv1.3"`, "event headers.x-amzn-tls-cipher-suite": `"TLS_AES_128_GCM_SHA256"`}},
	{"url-voker", voker, furl, "", "POST /capture/space%20value?r=one&r=two&plus=a+b&e=\nX-Probe: first\nX-Probe: second\nCookie: a=1; b=2\nContent-Type: application/json\n\n{\"a\":1}", "", wants{
		"event rawPath": `"/capture/space%20value"`, "event requestContext.http.path": `"/capture/space value"`, "event rawQueryString": `"r=one&r=two&plus=a+b&e="`, "event queryStringParameters": `{"e":"","plus":"a b","r":"one,two"}`,
		"event cookies": `["a=1","b=2"]`, "event headers.cookie": `"a=1; b=2"`, "event headers.x-probe": `"first,second"`, "event body": `"{\"a\":1}"`, "event requestContext.accountId": `"anonymous"`}},
	{"url-trailing", powertools, furl, "", "POST /todos/", "", wants{"event rawPath": `"/todos/"`}},
	{"url-e2e-headers", powertools, furl, "", "GET /x", `{"statusCode":200,"headers":{"Foo":"bar,zbr"},"cookies":["a=1","b=2"]}`, wants{"header Foo": "bar,zbr", "header Set-Cookie": "a=1|b=2"}},
}

// albFacts are about load balancers, without and with multi-value headers.
var albFacts = []fact{
	{"alb-last", serverless, alb, "", "GET /x\nX-A: first\nX-A: last", `{"statusCode":200}`, wants{"event headers.x-a": `"last"`}},
	{"alb-multi-all", serverless, albMulti, "", "GET /x\nX-A: first\nX-A: last", `{"statusCode":200}`, wants{"event multiValueHeaders.x-a": `["first","last"]`}},
	{"alb-headers-null", awsGo207 + ", 2020-10-08", alb, "", "GET /x", `{"statusCode":200,"headers":null,"multiValueHeaders":{"Set-Cookie":["a=1"]}}`, wants{"status": "502"}},
	{"alb-headers-empty", awsGo207, alb, "", "GET /x", `{"statusCode":200,"headers":{},"multiValueHeaders":null}`, wants{"status": "200"}},
	{"alb-no-status", awsGo438, alb, "", "GET /x", `{"headers":{},"body":"x"}`, wants{"status": "502"}},
	{"alb-unknown", awsGo438, alb, "", "GET /x", `{"statusCode":200,"headers":{},"extra":1}`, wants{"status": "200"}},
	{"alb-query-raw", "jeremydaly/lambda-api#131, 2019-10-29; dougmoscrop/serverless-http#74, 2019-01-31", alb, "", "GET /x?foo=hello%20world", "", wants{"event queryStringParameters.foo": `"hello%20world"`}},
	{"alb-trailing", powertools, albMulti, "", "POST /todos/", "", wants{"event path": `"/todos/"`}},
	{"alb-status-only", awsGo438 + "; awsdocs/elb-application-load-balancers-user-guide#33, 2020-11-01", alb, "", "GET /x", `{"statusCode":200}`, wants{"status": "200"}},
	{"alb-body-null", awsGo438 + "; powertools-lambda-python#4671, 2024-07", alb, "", "GET /x", `{"statusCode":200,"headers":{},"body":null}`, wants{"status": "502"}},
	{"alb-bool-header", "lambda-api#117, 2019-07; lambda-dispatch#52, 2024-01-01; serverless-express PR 699, 2025-07", alb, "", "GET /x", `{"statusCode":404,"headers":{"x-error":true}}`, wants{"status": "502"}},
	{"alb-status-string", "adamchainz/apig-wsgi#52, 2019-03-31", alb, "", "GET /x", `{"statusCode":"200","headers":{}}`, wants{"status": "502"}},
	{"alb-desc-null", "aws-lambda-dotnet#507, 2019-08-15", alb, "", "GET /x", `{"statusCode":301,"statusDescription":null,"headers":{}}`, wants{"status": "502"}},
	{"alb-multi-order", serverlessHTTP244, albMulti, "", "GET /x", `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1","a=2"]}}`, wants{"header Set-Cookie": "a=2|a=1"}},
	{"alb-e2e-multi", powertools, albMulti, "", "GET /x", `{"statusCode":200,"multiValueHeaders":{"Foo":["bar","zbr"],"Set-Cookie":["a=1","b=2"]}}`, wants{"header Foo": "zbr|bar", "header Set-Cookie": "b=2|a=1"}},
}
