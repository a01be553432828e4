package gateway_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
)

// browserRequest is what a browser sends with a link.
func browserRequest() *http.Request {
	return with("GET", "/getcookie?a=b&c=d%20e", "",
		"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
		"Accept-Encoding", "gzip, deflate, br, zstd", "Accept-Language", "en-GB,en;q=0.9", "Cache-Control", "max-age=0",
		"Cookie", "theme=dark; username=Ana; cart=1,2,3; sid=3f9a0c5d7b", "Priority", "u=0, i", "Referer", "http://localhost:3000/",
		"Sec-Ch-Ua", `"Not;A=Brand";v="99", "Chromium";v="156"`, "Sec-Ch-Ua-Mobile", "?0", "Sec-Ch-Ua-Platform", `"Linux"`,
		"Sec-Fetch-Dest", "document", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Site", "same-origin", "Upgrade-Insecure-Requests", "1",
		"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36")()
}

// BenchmarkEvent reports, as "of-encoding-json", what an event costs compared
// with filling aws-lambda-go's type and calling json.Marshal.
func BenchmarkEvent(b *testing.B) {
	r := browserRequest()
	api := oneRoute(app.HTTP, "2.0")
	var own, std time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		if _, err := gateway.Event(httpAPI, r, api); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		if _, err := json.Marshal(typedEvent(r)); err != nil {
			b.Fatal(err)
		}
		own += middle.Sub(start)
		std += time.Since(middle)
	}
	b.ReportMetric(float64(own)/float64(std), "of-encoding-json")
	b.ReportMetric(float64(own.Nanoseconds())/float64(b.N), "event-ns/op")
}

// typedEvent is the event of an HTTP API the plain way.
func typedEvent(r *http.Request) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "$default", RawPath: r.URL.Path, RawQueryString: r.URL.RawQuery,
		Headers: make(map[string]string), QueryStringParameters: make(map[string]string),
	}
	for name, values := range r.Header {
		if name == "Cookie" {
			e.Cookies = strings.Split(strings.Join(values, "; "), "; ")
			continue
		}
		e.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	e.Headers["host"], e.Headers["x-forwarded-for"], e.Headers["x-forwarded-port"], e.Headers["x-forwarded-proto"] = r.Host, r.RemoteAddr, "3000", "http"
	for name, values := range r.URL.Query() {
		e.QueryStringParameters[name] = strings.Join(values, ",")
	}
	now := time.Now()
	e.RequestContext = events.APIGatewayV2HTTPRequestContext{
		RouteKey: "$default", AccountID: "123456789012", Stage: "$default", RequestID: "ATfSmjLgPHcESJw=", APIID: "sjzepsqsu5",
		DomainName: r.Host, DomainPrefix: "localhost", Time: now.Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: now.UnixMilli(),
		HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: r.Method, Path: r.URL.Path, Protocol: r.Proto, SourceIP: r.RemoteAddr, UserAgent: r.UserAgent()},
	}
	return e
}

// BenchmarkServe is the gateway's whole share of a request: everything but
// net/http and the function.
func BenchmarkServe(b *testing.B) {
	const response = `{"statusCode":200,"headers":null,"multiValueHeaders":{"Cache-Control":["no-store"],"Content-Type":["text/html; charset=utf-8"],"Set-Cookie":["username=Cobby; Path=/; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax"]},"body":"<!doctype html>\n<p>Cookie has been set!</p>\n"}`
	h, err := gateway.New(oneRoute(app.REST, "1.0"), returning(response), gateway.Options{})
	if err != nil {
		b.Fatal(err)
	}
	r := browserRequest()
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}
