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

func TestOnResponse(t *testing.T) {
	const v1 = `{"statusCode":201,"headers":{"set-cookie":"c=3"},"multiValueHeaders":{"Set-Cookie":["a=1","b=2"],"X-A":["c"]},"body":"x"}`
	const v2 = `{"statusCode":200,"cookies":["a=1","b=2"],"headers":{"Set-Cookie":"c=3"}}`
	cookie := []string{"Cookie", "sid=1; theme=dark"}
	twice := append([]string{"Cookie", "first=0"}, cookie...)
	rows := []struct {
		name             string
		door             frontdoor.Door
		target, response string
		headers          []string
		want             string
	}{
		{"rest-merges", rest, "/a%20b?c=d", v1, cookie, `
rest GET http://localhost:3000/a%20b?c=d 201, route "/{proxy+}"
in  headers.cookie: sid=1; theme=dark
in  multiValueHeaders.cookie: sid=1; theme=dark
out headers.set-cookie: c=3
out multiValueHeaders.Set-Cookie: a=1
out multiValueHeaders.Set-Cookie: b=2
Set-Cookie: a=1
Set-Cookie: b=2
Set-Cookie: c=3`},
		{"http", httpAPI, "/x", v2, cookie, `
http GET http://localhost:3000/x 200, route "/{proxy+}"
in  cookies: sid=1
in  cookies: theme=dark
out headers.Set-Cookie: c=3
out cookies: a=1
out cookies: b=2
Set-Cookie: a=1
Set-Cookie: b=2
Set-Cookie: c=3`},
		{"url", furl, "/x", v2, nil, `
url GET http://localhost:3000/x 200, route "/{proxy+}"
out headers.Set-Cookie: c=3
out cookies: a=1
out cookies: b=2
Set-Cookie: a=1
Set-Cookie: b=2
Set-Cookie: c=3`},
		{"alb-loses-lines", alb, "/x", `{"statusCode":200,"headers":{"Set-Cookie":"a=1"}}`, twice, `
alb GET http://localhost:3000/x 200, route "/{proxy+}"
in  headers.cookie: sid=1; theme=dark
out headers.Set-Cookie: a=1
Set-Cookie: a=1`},
		{"alb-multi", albMulti, "/x", `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1"]}}`, twice, `
alb-multi GET http://localhost:3000/x 200, route "/{proxy+}"
in  multiValueHeaders.cookie: first=0
in  multiValueHeaders.cookie: sid=1; theme=dark
out multiValueHeaders.Set-Cookie: a=1
Set-Cookie: a=1`},
		{"malformed", rest, "/x", v2, cookie, `
rest GET http://localhost:3000/x 502, route "/{proxy+}"
Function: malformed response: a REST API's response must not contain "cookies" (put cookies in multiValueHeaders)
in  headers.cookie: sid=1; theme=dark
in  multiValueHeaders.cookie: sid=1; theme=dark
out headers.Set-Cookie: c=3
out cookies: a=1
out cookies: b=2`},
		{"no-event", httpAPI, "/x", v2, []string{"Cookie", "big=" + strings.Repeat("x", 10231)}, `
http GET http://localhost:3000/x 431, no route
10265 bytes of request headers, limit 10240; how large are the cookies?
no event`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var seen []string
			o := gateway.Options{Door: row.door, OnResponse: func(r *gateway.Report) { seen = append(seen, describe(r)) }}
			serve(t, oneRoute(app.REST, "1.0"), returning(row.response), o, with("GET", row.target, "", row.headers...)())
			if got := strings.Join(seen, "\n---"); got != row.want {
				t.Errorf("reports\n%s\nwant\n%s", got, row.want)
			}
		})
	}
}

// A door that does not read the member cookies loses what is in it, and the log
// names each cookie, without its value.
func TestUnreadCookies(t *testing.T) {
	for _, door := range []frontdoor.Door{frontdoor.HTTP1, frontdoor.ALB, frontdoor.ALBMulti} {
		resp, log := serve(t, oneRoute(app.HTTP, "1.0"), returning(`{"statusCode":200,"headers":{},"multiValueHeaders":{},"cookies":["a=s3cret; Path=/","b=s3cret"]}`),
			gateway.Options{Door: door}, with("GET", "/x", "")())
		lost := strings.Count(log, "a Set-Cookie is lost: this service does not read the member cookies")
		if resp.StatusCode != 200 || lost != 2 || !strings.Contains(log, "cookie=a ") || !strings.Contains(log, "cookie=b ") || strings.Contains(log, "s3cret") {
			t.Errorf("%s: status %d, log %s, want 200 and that a and b are lost", door, resp.StatusCode, log)
		}
	}
}

// A member cookies that is not a list is ignored, and the log says so.
func TestUnreadableCookies(t *testing.T) {
	resp, log := serve(t, oneRoute(app.HTTP, "1.0"), returning(`{"statusCode":200,"headers":{},"cookies":"a=s3cret"}`), gateway.Options{Door: alb}, with("GET", "/x", "")())
	if resp.StatusCode != 200 || !strings.Contains(log, "the member cookies is ignored: this service does not read it\" function=Function path=/x") || strings.Contains(log, "s3cret") {
		t.Errorf("status %d, log %s", resp.StatusCode, log)
	}
}

// The page shows the body that the function returned, as the door would send it.
func TestBodyOfAReport(t *testing.T) {
	for response, want := range map[string]string{
		`{"statusCode":200,"body":"text"}`:                            "text",
		`{"statusCode":200,"body":"dGV4dA==","isBase64Encoded":true}`: "text",
		`{"statusCode":200,"body":"?","isBase64Encoded":true}`:        "",
		`malformed`: "none",
	} {
		got := ""
		report := func(r *gateway.Report) {
			if got = string(r.Body()); r.Body() == nil {
				got = "none"
			}
		}
		serve(t, oneRoute(app.REST, "1.0"), returning(response), gateway.Options{OnResponse: report}, with("GET", "/x", "")())
		if got != want {
			t.Errorf("of %s: %q, want %q", response, got, want)
		}
	}
}

func describe(r *gateway.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s %s %s %d, ", r.Door, r.Method, r.URL, r.Status)
	if r.Route != nil {
		fmt.Fprintf(&b, "route %q", r.Route.Path)
	} else {
		b.WriteString("no route")
	}
	if r.Problem != "" {
		b.WriteString("\n" + r.Problem)
	}
	event, ok := r.EventCookies()
	if !ok {
		b.WriteString("\nno event")
	}
	for _, c := range event {
		fmt.Fprintf(&b, "\nin  %s: %s", c.Member, c.Text)
	}
	for _, c := range r.ResponseCookies() {
		fmt.Fprintf(&b, "\nout %s: %s", c.Member, c.Text)
	}
	for _, line := range r.Header["Set-Cookie"] {
		fmt.Fprintf(&b, "\nSet-Cookie: %s", line)
	}
	return b.String()
}

// A response of the door's own and a streamed one are reported once.
func TestOnResponseOnce(t *testing.T) {
	post := &app.API{ID: "Api", Kind: app.HTTP, Routes: []app.Route{
		{Method: "POST", Path: "/x", Payload: "2.0", Function: &app.Function{ID: "F", NotRun: "it is in Python"}},
	}}
	rows := []struct {
		name    string
		api     *app.API
		request func() *http.Request
		want    int
	}{
		{"no-route", post, with("GET", "/x", ""), 404},
		{"not-run", post, with("POST", "/x", ""), 500},
		{"foreign-host", post, func() *http.Request {
			r := localRequest("POST", "/x", "")
			r.Host = "evil.example"
			return r
		}, 0},
		{"header-refused", oneRoute(app.REST, "1.0"), with("GET", "/x", ""), 502},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, times := 0, 0
			o := gateway.Options{OnResponse: func(r *gateway.Report) { got, times = r.Status, times+1 }}
			serve(t, row.api, returning(`{"statusCode":200,"headers":{"A":"b\u0000"}}`), o, row.request())
			if got != row.want || times != min(row.want, 1) {
				t.Errorf("reported %d times, last status %d; want %d", times, got, row.want)
			}
		})
	}
}
