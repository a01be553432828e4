package local

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/inspect"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/internal/token"
)

func TestCookieWatch(t *testing.T) {
	rest := &app.API{ID: "Api", Kind: app.REST, Stage: "prod"}
	httpAPI := &app.API{ID: "Api", Kind: app.HTTP, Stage: "$default"}
	staged := &app.API{ID: "Api", Kind: app.HTTP, Stage: "v1"}
	function := &app.API{ID: "Url", Kind: app.URL}
	big := strings.Repeat("x", 4000)
	tests := []struct {
		name  string
		api   *app.API
		url   string
		lines []string
		want  []string // the text of each warning
	}{
		{"good", rest, "http://localhost:3000/a/b", []string{"sid=s3cret; Path=/; Secure; HttpOnly; SameSite=Lax"}, nil},
		{"default-path", rest, "http://localhost:3000/a/b", []string{"sid=s3cret"}, nil},
		{"ignored", rest, "http://localhost:3000/", []string{"sid=s3cret; SameSite=None"}, []string{`route="GET /x" cookie=sid why="SameSite is None without Secure (rfc6265bis 5.7: SameSite=None needs Secure)" id=samesite-none-insecure`}},
		{"ignored-twice", rest, "http://localhost:3000/", []string{"sid=s3cret; SameSite=None", "sid=s3cret2; SameSite=None", "b=s3cret; SameSite=None"}, []string{"cookie=sid", "cookie=b"}},
		{"secure-in-a-network", rest, "http://192.168.1.2:3000/", []string{"sid=s3cret; Secure; Path=/"}, []string{"id=secure-from-insecure"}},
		{"domain", httpAPI, "http://127.0.0.1:3000/", []string{"sid=s3cret; Domain=example.com; Path=/"}, []string{"id=domain-mismatch"}},
		{"changed", function, "http://localhost:3000/", []string{"sid=s3cret; Max-Age=9999999999; Path=/"}, []string{"do not interpret this cookie"}},
		{"folded", httpAPI, "http://localhost:3000/", []string{"a=s3cret; Path=/, b=s3cret"}, []string{"id=folded"}},
		{"stage", rest, "http://localhost:3000/cart", []string{"sid=s3cret; Path=/cart"}, []string{`at AWS, behind the stage prod`}},
		{"stage-of-http-api", staged, "http://localhost:3000/cart", []string{"sid=s3cret; Path=/cart"}, []string{`Path \"/cart\" is not above \"/v1/cart\"`}},
		{"no-stage", httpAPI, "http://localhost:3000/cart", []string{"sid=s3cret; Path=/cart"}, nil},
		{"stage-in-path", rest, "http://localhost:3000/cart", []string{"sid=s3cret; Path=/prod/cart"}, nil},
		{"elsewhere-on-purpose", rest, "http://localhost:3000/cart", []string{"sid=s3cret; Path=/prod/admin"}, nil},
		{"elsewhere-without-stage", rest, "http://localhost:3000/cart", []string{"sid=s3cret; Path=/admin"}, []string{"behind the stage prod"}},
		{"delete", rest, "http://localhost:3000/", []string{"sid=; Max-Age=0; Path=/"}, nil},
		{"delete-elsewhere", rest, "http://localhost:3000/", []string{"sid=s3cret; Path=/", "sid=; Max-Age=0; Path=/x"}, []string{"id=deletes-nothing"}},
		{"answer-too-large", rest, "http://localhost:3000/", []string{"a=1" + big + "; Path=/prod", "b=1" + big + "; Path=/prod", "c=1" + big + "; Path=/prod"}, []string{"limit=10240"}},
		{"cookies-too-large", httpAPI, "http://localhost:3000/", []string{"a=1" + big + "; Path=/", "b=1" + big + "; Path=/", "c=1" + big[:1000]}, []string{"cookie_bytes=9013"}},
		{"no-limit", function, "http://localhost:3000/", []string{"a=1" + big + "; Path=/", "b=1" + big + "; Path=/", "c=1" + big}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := warnings(t, func(w *cookieWatch) {
				u, err := url.Parse(tt.url)
				if err != nil {
					t.Fatal(err)
				}
				for range 2 { // the second time there are no new warnings
					w.response(report(tt.api, u, tt.lines...))
				}
			})
			if len(got) != len(tt.want) {
				t.Fatalf("warnings\n%s\nwant %d", strings.Join(got, "\n"), len(tt.want))
			}
			for i, want := range tt.want {
				if !strings.Contains(got[i], want) {
					t.Errorf("warning %s\nwant %s", got[i], want)
				}
			}
			if text := strings.Join(got, ""); strings.Contains(text, "s3cret") || strings.Contains(text, big[:1000]) {
				t.Errorf("a value is in %s", text)
			}
		})
	}
}

func TestCookieWatchSaysSoMuch(t *testing.T) {
	got := warnings(t, func(w *cookieWatch) {
		for i := range maxWarnings + 1 {
			line := fmt.Sprintf("c%d=1; SameSite=None", i)
			w.response(report(&app.API{Kind: app.URL}, &url.URL{Scheme: "http", Host: "localhost"}, line))
		}
	})
	if len(got) != maxWarnings {
		t.Errorf("%d warnings, want %d", len(got), maxWarnings)
	}
}

// report returns the gateway's report about a response with these Set-Cookie
// lines.
func report(api *app.API, u *url.URL, lines ...string) *gateway.Report {
	return &gateway.Report{
		API: api, Route: &app.Route{Method: "GET", Path: "/x", Function: &app.Function{ID: "F"}},
		Method: "GET", URL: u, Status: 200, Header: http.Header{"Set-Cookie": lines},
	}
}

// warnings returns what is logged while do uses a cookieWatch.
func warnings(t *testing.T, do func(*cookieWatch)) []string {
	t.Helper()
	var out bytes.Buffer
	do(newCookieWatch(slog.New(slog.NewTextHandler(&out, nil))))
	return slices.Collect(strings.Lines(out.String()))
}

// answering is a function that always gives the same response.
type answering string

func (a answering) Invoke(context.Context, string, lambda.Invocation) (*lambda.Response, error) {
	return &lambda.Response{Body: io.NopCloser(strings.NewReader(string(a)))}, nil
}

// TestSiteWarnsOfCookies holds that served responses are watched.
func TestSiteWarnsOfCookies(t *testing.T) {
	got := warnings(t, func(w *cookieWatch) {
		s := newSite(Options{Log: w.log}, answering(`{"statusCode":200,"multiValueHeaders":{"set-cookie":["sid=s3cret; SameSite=None"]}}`), new(token.Trust), false)
		h, err := s.newRoutes(&app.API{ID: "Api", Kind: app.REST, Stage: "prod", Routes: []app.Route{
			{Method: "GET", Path: "/x", Payload: "1.0", Function: &app.Function{ID: "F"}},
		}}, authorizer.Config{})
		if err != nil {
			t.Fatal(err)
		}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, httptest.NewRequest("GET", "http://localhost:3000/x", nil))
		if got, want := answer.Header().Get("Set-Cookie"), "sid=s3cret; SameSite=None"; got != want {
			t.Errorf("Set-Cookie: %q, want it as the function wrote it, %q", got, want)
		}
	})
	if len(got) != 1 || !strings.Contains(got[0], "id=samesite-none-insecure") || strings.Contains(got[0], "s3cret") {
		t.Errorf("warnings %q", got)
	}
}

// TestInspectorIsShownAll holds that the inspector also shows what was logged
// before, and the door's own responses.
func TestInspectorIsShownAll(t *testing.T) {
	w := newCookieWatch(slog.New(slog.DiscardHandler))
	w.page = inspect.New(&w.jar, nil)
	u := &url.URL{Scheme: "http", Host: "localhost:3000", Path: "/x"}
	api := &app.API{ID: "Api", Kind: app.REST, Stage: "prod"}
	big := strings.Repeat("x", 4000)
	for range 2 {
		w.response(report(api, u, "sid=s3cret; Path=/x", "a=1"+big, "b=1"+big, "c=1"+big))
	}
	w.response(&gateway.Report{API: api, Door: "rest", Method: "GET", URL: u, Status: 403, Problem: "no such route"})
	for query, want := range map[string]string{"out=2&n=0": "sid=s3cret; Path=/x", "out=1&n=1": "a=1" + big} {
		answer := httptest.NewRecorder()
		w.page.ServeHTTP(answer, httptest.NewRequest("GET", "http://localhost"+w.page.Path()+"value?"+query, nil))
		if got := answer.Body.String(); got != want {
			t.Errorf("%s: %.40q, want %.40q", query, got, want)
		}
	}
	x := forInspector(report(api, u, "sid=1"), nil, w.tooLarge(report(api, u, "a=1"+big, "b=1"+big, "c=1"+big)))
	if x.Function != "F" || x.API != "Api" || x.Stage != "prod" || len(x.Warnings) != 2 {
		t.Errorf("shown: %+v", x)
	}
	if x := forInspector(&gateway.Report{API: api, URL: u, Problem: "no such route"}, nil, nil); x.Problem != "no such route" || x.Made || x.Function != "" {
		t.Errorf("shown of the door's own response: %+v", x)
	}
}

func TestDiffers(t *testing.T) {
	u := &url.URL{Scheme: "http", Host: "localhost:3000", Path: "/"}
	for line, want := range map[string]string{
		"sid=s3cret; Path=/":         "",
		"sid=s3cret; Path=/; Secure": "Chromium: stored; Firefox: stored; Safari: ignored (documented, not run)",
		"sid=s3\tcret":               "Chromium: ignored; Firefox: stored; Safari: stored (documented, not run)",
	} {
		if got := differs(u, line); got != want {
			t.Errorf("differs(%q) = %q, want %q", line, got, want)
		}
	}
}

func TestInspectorHidesCredentials(t *testing.T) {
	u, err := url.Parse("http://localhost:3000/x?who=s3cret&token=s3cret&page=2&next=eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.s3cret")
	if err != nil {
		t.Fatal(err)
	}
	api := &app.API{Authorizers: []*app.Authorizer{{Sources: []app.IdentitySource{{In: app.FromQuery, Name: "who"}}}}}
	got := forInspector(&gateway.Report{API: api, URL: u}, nil, nil).URL
	if want := "http://localhost:3000/x?who=***&token=***&page=2&next=***"; got != want {
		t.Errorf("URL %s, want %s", got, want)
	}
}

// TestInspectorReadsDeviceBoundSessions holds that it gets the headers of both sides and
// the body.
func TestInspectorReadsDeviceBoundSessions(t *testing.T) {
	for _, body := range []string{`"body":"{\"continue\":false}"`, `"isBase64Encoded":true,"body":"eyJjb250aW51ZSI6ZmFsc2V9"`} {
		s := newSite(Options{Log: slog.New(slog.DiscardHandler)}, answering(`{"statusCode":200,"headers":{"secure-session-challenge":"\"s3cret\";id=\"s3cret\""},`+body+`}`), new(token.Trust), false)
		s.cookies.page = inspect.New(&s.cookies.jar, nil)
		h, err := s.newRoutes(&app.API{ID: "Api", Kind: app.HTTP, Stage: "$default", Routes: []app.Route{
			{Method: "POST", Path: "/bind", Payload: "2.0", Function: &app.Function{ID: "F"}},
		}}, authorizer.Config{})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("POST", "https://localhost:3000/bind", nil)
		r.Header.Set("Sec-Secure-Session-Id", "s3cret")
		r.Header.Set("Secure-Session-Response", "s3cret")
		h.ServeHTTP(httptest.NewRecorder(), r)
		server := httptest.NewServer(s.cookies.page)
		defer server.Close()
		page, err := http.Get(server.URL + s.cookies.page.Path() + "events")
		if err != nil {
			t.Fatal(err)
		}
		defer page.Body.Close() // before the server, which waits for it
		got := ""
		for lines := bufio.NewScanner(page.Body); !strings.Contains(got, "event: jar") && lines.Scan(); {
			got += lines.Text() + "\n"
		}
		for _, want := range []string{`"what":"refresh"`, `"what":"proof"`, `"what":"challenge"`, `"what":"ended"`} {
			if !strings.Contains(got, want) || strings.Contains(got, "s3cret") {
				t.Errorf("want %s in %s", want, got)
			}
		}
	}
}
