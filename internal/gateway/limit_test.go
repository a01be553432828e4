package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// TestLimitEdges holds that what is just as large as a limit passes, and that a
// byte more does not.
func TestLimitEdges(t *testing.T) {
	const kb, mb, host = 1 << 10, 1 << 20, len("localhost:3000")
	filled := func(n int) string { return strings.Repeat("x", n) }
	cookie := func(n int) *http.Request { return with("GET", "/x?a", "", "Cookie", filled(n))() }
	path := func(n int) *http.Request { return localRequest("GET", "/"+filled(n-1), "") }
	slashes := func(n int) *http.Request { return localRequest("GET", strings.Repeat("/", n-1)+"x", "") }
	line := func(n int) *http.Request {
		return localRequest("GET", "/"+filled(n-len("GET /?a HTTP/1.1"))+"?a", "")
	}
	body := func(n int) *http.Request { return with("POST", "/x", filled(n), "Content-Type", "text/plain")() }
	head := func(n int) *http.Request { // no header of it is too large
		r := localRequest("GET", "/x", "")
		for i := range 5 {
			r.Header.Set(string(rune('A'+i)), filled(n/5))
		}
		r.Header.Set("F", filled(n%5))
		return r
	}
	rows := []struct {
		name, source string
		door         frontdoor.Door
		request      func(n int) *http.Request
		most         int
		below, above string // status and the start of the body
	}{
		{"headers-rest", "Quotas for REST APIs", rest, cookie, 10*kb - host, "200 ok", "431 HTTP header is larger"},
		{"headers-http", "Quotas for HTTP APIs: the request line counts", httpAPI, cookie, 10*kb - host - len("GET /x?a HTTP/1.1"), "200 ok", "431 {"},
		{"headers-http1", "as above", httpAPI1, cookie, 10*kb - host - len("GET /x?a HTTP/1.1"), "200 ok", "431 {"},
		{"url-rest", "Quotas for REST APIs", rest, path, 10 * kb, "200 ok", "414 HTTP line is larger"},
		{"url-rest-slashes", "as above", rest, slashes, 10 * kb, "200 ok", "414 HTTP line is larger"},
		{"line-alb", albErrors, alb, line, 16 * kb, "200 ok", "400 <html>"},
		{"header-alb", albErrors, alb, cookie, 16*kb - len("Cookie: "), "200 ok", "400 <html>"},
		{"head-alb", albErrors, alb, head, 64*kb - host, "200 ok", "400 <html>"},
		{"head-alb-multi", albErrors, albMulti, head, 64*kb - host, "200 ok", "400 <html>"},
		{"body-rest", "Quotas for REST APIs: what fits is too large for Lambda", rest, body, 10 * mb, `413 {"message": "Request Too Long"}`, "413 HTTP content length exceeded"},
		{"body-alb", albErrors, alb, body, mb, "200 ok", "413 <html>"},
		{"body-alb-multi", albErrors, albMulti, body, mb, "200 ok", "413 <html>"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			for n, want := range map[int]string{row.most: row.below, row.most + 1: row.above} {
				res, _ := serve(t, oneRoute(app.HTTP, "2.0"), returning(`{"statusCode":200,"headers":{},"multiValueHeaders":{},"body":"ok"}`), gateway.Options{Door: row.door}, row.request(n))
				if got := fmt.Sprint(res.StatusCode, " ", bodyOf(t, res)); !strings.HasPrefix(got, want) {
					t.Errorf("with %d bytes: %s, want %s (%s)", n, got, want, row.source)
				}
			}
		})
	}
}

// Lambda takes 6 MB and 100 bytes as a request and as a response; a load
// balancer takes 1 MB.
func TestPayloadEdges(t *testing.T) {
	const lambda = 6<<20 + 100
	text := func(n int) *http.Request {
		return with("POST", "/x", strings.Repeat("x", n), "Content-Type", "text/plain")()
	}
	status := func(door frontdoor.Door, response string, r *http.Request) int {
		res, _ := serve(t, oneRoute(app.HTTP, "2.0"), returning(response), gateway.Options{Door: door}, r)
		return res.StatusCode
	}
	for _, row := range []struct {
		door     frontdoor.Door
		response int // the most bytes
		status   int // of one too large
	}{
		{rest, lambda, 502},
		{httpAPI, lambda, 500},
		{httpAPI1, lambda, 500},
		{furl, lambda, 502},
		{alb, 1 << 20, 502},
		{albMulti, 1 << 20, 502},
	} {
		t.Run(string(row.door), func(t *testing.T) {
			const before, after = `{"statusCode":200,"headers":{},"multiValueHeaders":{},"body":"`, `"}`
			for n, want := range map[int]int{row.response: 200, row.response + 1: row.status} {
				response := before + strings.Repeat("x", n-len(before)-len(after)) + after
				if got := status(row.door, response, localRequest("GET", "/x", "")); got != want {
					t.Errorf("a response of %d bytes: status %d, want %d", n, got, want)
				}
			}
			if row.response != lambda {
				return // its body's limit comes first
			}
			event, err := gateway.Event(row.door, text(6<<20-1<<14), oneRoute(app.HTTP, "2.0"))
			if err != nil {
				t.Fatal(err)
			}
			most := 6<<20 - 1<<14 + lambda - len(event)
			for n, want := range map[int]int{most: 200, most + 1: 413} {
				if got := status(row.door, before+after, text(n)); got != want {
					t.Errorf("an event of %d bytes: status %d, want %d", lambda+n-most, got, want)
				}
			}
		})
	}
}
