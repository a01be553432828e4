package local

import (
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
)

func TestMasked(t *testing.T) {
	api := &app.API{Authorizers: []*app.Authorizer{{Sources: []app.IdentitySource{{In: app.FromHeader, Name: "X-Who"}, {In: app.FromQuery, Name: "who"}, {In: app.FromContext, Name: "stage"}}}}}
	for _, tc := range []struct {
		name    string
		text    string
		cookies func(string) string
		want    string
	}{
		{"event-array", `{"cookies":["a=secret","path=secret","secret"]}`, maskPairs, `{"cookies":["a=***","path=***","***"]}`},
		{"event-header", `{"headers":{"Cookie":"a=secret; b=sec=ret"}}`, maskPairs, `{"headers":{"Cookie":"a=***; b=***"}}`},
		{"event-multi", `{"multiValueHeaders":{"cookie":["a=secret; b=secret","c=secret"]}}`, maskPairs, `{"multiValueHeaders":{"cookie":["a=***; b=***","c=***"]}}`},
		{"authorization", `{"headers":{"authorization":"Bearer secret"}}`, maskPairs, `{"headers":{"authorization":"***"}}`},
		{"answer-array", `{"cookies":["a=secret; Path=/; HttpOnly"]}`, maskLine, `{"cookies":["a=***; Path=/; HttpOnly"]}`},
		{"answer-multi", `{"multiValueHeaders":{"Set-Cookie":["a=secret; Path=/"]}}`, maskLine, `{"multiValueHeaders":{"Set-Cookie":["a=***; Path=/"]}}`},
		{"cut-by-a-semicolon", `{"cookies":["sid=a;secret-rest; Path=/"]}`, maskLine, `{"cookies":["sid=***;***; Path=/"]}`},
		{"folded", `{"cookies":["a=b; Path=/, sid=secret"]}`, maskLine, `{"cookies":["a=***; Path=/***"]}`},
		{"nameless", `{"multiValueHeaders":{"Set-Cookie":["secret; Path=/"]}}`, maskLine, `{"multiValueHeaders":{"Set-Cookie":["***; Path=/"]}}`},
		{"body", `{"body":"username=a&password=secret"}`, maskPairs, `{"body":"*** (26 bytes)"}`},
		{"no-body", `{"body":null,"isBase64Encoded":false}`, maskPairs, `{"body":null,"isBase64Encoded":false}`},
		{"query", `{"queryStringParameters":{"token":"secret","page":"2"},"rawQueryString":"page=2&Access%5FToken=secret&code=secret"}`, maskPairs,
			`{"queryStringParameters":{"page":"2","token":"***"},"rawQueryString":"page=2\u0026Access%5FToken=***\u0026code=***"}`},
		{"multi-query", `{"multiValueQueryStringParameters":{"api_key":["secret","secret"],"a":["1"]}}`, maskPairs, `{"multiValueQueryStringParameters":{"a":["1"],"api_key":["***","***"]}}`},
		{"headers", `{"headers":{"X-Api-Key":"secret","X-Auth-Token":"secret","Proxy-Authorization":"secret","Accept-Encoding":"gzip"}}`, maskPairs,
			`{"headers":{"Accept-Encoding":"gzip","Proxy-Authorization":"***","X-Api-Key":"***","X-Auth-Token":"***"}}`},
		{"links", `{"headers":{"Referer":"https://a.example/?token=secret&a=1","Location":"me"}}`, maskPairs, `{"headers":{"Location":"me","Referer":"https://a.example/?token=***\u0026a=1"}}`},
		{"context", `{"requestContext":{"routeKey":"GET /x","identity":{"apiKey":"secret"},"stage":"prod"},"statusCode":200}`, maskPairs,
			`{"requestContext":{"identity":{"apiKey":"***"},"routeKey":"GET /x","stage":"prod"},"statusCode":200}`},
		{"identity-source", `{"identitySource":["secret","secret"],"authorizationToken":"secret"}`, maskPairs, `{"authorizationToken":"***","identitySource":["***","***"]}`},
		{"opaque-identity-source", `{"headers":{"x-who":"secret"},"multiValueHeaders":{"X-Who":["secret"]},"queryStringParameters":{"who":"secret","whose":"a"},"rawQueryString":"who=secret","stage":"prod"}`, maskPairs,
			`{"headers":{"x-who":"***"},"multiValueHeaders":{"X-Who":["***"]},"queryStringParameters":{"who":"***","whose":"a"},"rawQueryString":"who=***","stage":"prod"}`},
		{"jwt-anywhere", `{"rawPath":"/eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.secret-1_2/x","rawQueryString":"t=eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.secret","x":"eyJ.a"}`, maskPairs,
			`{"rawPath":"/***/x","rawQueryString":"t=***","x":"eyJ.a"}`},
		{"wrong-type", `{"cookies":{"a":"secret"}}`, maskPairs, `{"cookies":"***"}`},
		{"not-json", `secret`, maskPairs, "(not a JSON object)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := masker{tc.cookies, identitySources(api)}.masked([]byte(tc.text))
			if got != tc.want {
				t.Errorf("masked(%s) = %s, want %s", tc.text, got, tc.want)
			}
			if strings.Contains(got, "secret") {
				t.Errorf("%s still holds a value", got)
			}
		})
	}
}

// All of a response without statusCode is a body, whatever its members are named.
func TestMaskedResponse(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"object", `{"statusCode":200,"body":"secret","cookies":["a=secret"]}`, `{"body":"*** (6 bytes)","cookies":["a=***"],"statusCode":200}`},
		{"null-status", `{"statusCode":null,"name":"shown"}`, `{"name":"shown","statusCode":null}`},
		{"bare-object", `{"name":"secret","cookies":["a=secret"]}`, "*** (40 bytes, not an object with a statusCode)"},
		{"bare-text", `"secret"`, "*** (8 bytes, not an object with a statusCode)"},
		{"not-json", "secret", "*** (6 bytes, not an object with a statusCode)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := maskedResponse([]byte(tc.text)); got != tc.want {
				t.Errorf("maskedResponse(%s) = %s, want %s", tc.text, got, tc.want)
			}
		})
	}
}
