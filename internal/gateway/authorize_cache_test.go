package gateway_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/lambda"
)

// Responses are cached by identity sources for the whole stage, and by no more: D
// "Configure an API Gateway Lambda authorizer", "Control access to HTTP APIs".
func TestAuthorizerCache(t *testing.T) {
	type step struct {
		path, token string
		after       time.Duration
		status      int
		calls       int // so far
	}
	rows := []struct {
		name, kind string
		ttl        time.Duration
		response   string
		err        error
		steps      []step
	}{
		{"rest", "token", time.Minute, policyOf("Allow", "*", ""), nil, []step{
			{"/a", "t", 0, 200, 1}, {"/b", "t", 59 * time.Second, 200, 1}, {"/a", "u", 0, 200, 2}, {"/a", "t", time.Second, 200, 3}}},
		{"rest-matches-each-route", "token", time.Minute, policyOf("Allow", "arn:aws:execute-api:*:*:*/GET/a", ""), nil, []step{
			{"/a", "t", 0, 200, 1}, {"/b", "t", 0, 403, 1}, {"/a", "t", 0, 200, 1}}},
		{"rest-keeps-a-deny", "token", time.Minute, policyOf("Deny", "*", ""), nil, []step{{"/a", "t", 0, 403, 1}, {"/b", "t", 0, 403, 1}}},
		{"rest-no-errors", "token", time.Minute, "", &lambda.FunctionError{Message: "Unauthorized"}, []step{{"/a", "t", 0, 401, 1}, {"/a", "t", 0, 401, 2}}},
		{"rest-nothing-malformed", "token", time.Minute, "{}", nil, []step{{"/a", "t", 0, 500, 1}, {"/a", "t", 0, 500, 2}}},
		{"rest-off", "token", 0, policyOf("Allow", "*", ""), nil, []step{{"/a", "t", 0, 200, 1}, {"/a", "t", 0, 200, 2}}},
		{"simple", "simple", time.Minute, `{"isAuthorized":true}`, nil, []step{{"/a", "t", 0, 200, 1}, {"/b", "t", 0, 200, 1}}},
		{"simple-false", "simple", time.Minute, `{"isAuthorized":false}`, nil, []step{{"/a", "t", 0, 403, 1}, {"/b", "t", 0, 403, 1}}},
		{"http-off", "http2", 0, policyOf("Allow", "*", ""), nil, []step{{"/a", "t", 0, 200, 1}, {"/a", "t", 0, 200, 2}}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := guarded(row.kind)
				authorizerOf(api).TTL = row.ttl
				f := &authorized{respond: func(map[string]any) (string, error) { return row.response, row.err }}
				var log strings.Builder
				h, err := gateway.New(api, f, gateway.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
				if err != nil {
					t.Fatal(err)
				}
				for i, s := range row.steps {
					time.Sleep(s.after)
					w := httptest.NewRecorder()
					h.ServeHTTP(w, with("GET", s.path, "", "Authorization", s.token)())
					if w.Code != s.status || f.calls != s.calls {
						t.Errorf("request %d: status %d, %d calls, want %d, %d; log %s", i, w.Code, f.calls, s.status, s.calls, &log)
					}
				}
				if cached := row.name == "rest-matches-each-route"; cached && !strings.Contains(log.String(), "GET/a is cached for 1m0s") {
					t.Errorf("the log does not say that the policy is of an earlier request:\n%s", &log)
				}
			})
		})
	}
}

// Two authorizers that want the same header share nothing.
func TestAuthorizersDoNotShare(t *testing.T) {
	api := guarded("token")
	other := *authorizerOf(api)
	other.Name = "Other"
	api.Routes = append(api.Routes, app.Route{Method: "GET", Path: "/other", Function: api.Routes[0].Function, Payload: "1.0",
		Guard: app.Guard{Authorizer: "Other", Auth: app.Lambda, Declared: &other}})
	authorizerOf(api).TTL, other.TTL = time.Hour, time.Hour
	f := respondWith(policyOf("Allow", "*", ""))
	h, err := gateway.New(api, f, gateway.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range []string{"/x", "/other"} {
		h.ServeHTTP(httptest.NewRecorder(), with("GET", path, "", "Authorization", "t")())
		if f.calls != i+1 {
			t.Errorf("%s: %d calls", path, f.calls)
		}
	}
}

// Requests of a token that are under way at once each call the authorizer; those after its
// first response do not.
func TestAuthorizerCallsAtOnce(t *testing.T) {
	const clients = 8
	synctest.Test(t, func(t *testing.T) {
		api := guarded("token")
		authorizerOf(api).TTL = time.Hour
		var calls atomic.Int32
		invoker := invokeFunc(func(_ context.Context, function string, _ lambda.Invocation) (*lambda.Response, error) {
			if function != "Auth" {
				return jsonResponse(`{"statusCode":200}`), nil
			}
			calls.Add(1)
			time.Sleep(time.Second)
			return jsonResponse(policyOf("Allow", "*", "")), nil
		})
		h, err := gateway.New(api, invoker, gateway.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for round := range 2 {
			var all sync.WaitGroup
			for range clients {
				all.Go(func() {
					w := httptest.NewRecorder()
					if h.ServeHTTP(w, with("GET", "/x", "", "Authorization", "t")()); w.Code != 200 {
						t.Errorf("status %d", w.Code)
					}
				})
			}
			if all.Wait(); calls.Load() != clients {
				t.Errorf("round %d: %d calls so far, want %d", round, calls.Load(), clients)
			}
		}
	})
}

// A response that was asked for before the cache was emptied is not kept.
func TestForgottenAuthorizers(t *testing.T) {
	api := guarded("token")
	authorizerOf(api).TTL = time.Hour
	var h *gateway.Gateway
	f := &authorized{}
	f.respond = func(map[string]any) (string, error) {
		if f.calls == 1 {
			h.Forget()
		}
		return policyOf("Allow", "*", ""), nil
	}
	h, err := gateway.New(api, f, gateway.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, calls := range []int{1, 2, 2} {
		h.ServeHTTP(httptest.NewRecorder(), with("GET", "/x", "", "Authorization", "t")())
		if f.calls != calls {
			t.Errorf("request %d: %d calls so far, want %d", i, f.calls, calls)
		}
	}
	h.Forget()
	if h.ServeHTTP(httptest.NewRecorder(), with("GET", "/x", "", "Authorization", "t")()); f.calls != 3 {
		t.Errorf("%d calls, want one more after Forget", f.calls)
	}
}

// A client that sends ever new tokens does not fill the memory: a thousand responses are
// kept, then it starts again with none.
func TestAuthorizerCacheIsBounded(t *testing.T) {
	api := guarded("token")
	authorizerOf(api).TTL = time.Hour
	f := respondWith(policyOf("Allow", "*", ""))
	h, err := gateway.New(api, f, gateway.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(token int) int {
		h.ServeHTTP(httptest.NewRecorder(), with("GET", "/x", "", "Authorization", fmt.Sprint(token))())
		return f.calls
	}
	for i := range 1000 {
		ask(i)
	}
	if calls := ask(0); calls != 1000 {
		t.Errorf("%d calls, want the first response from the cache", calls)
	}
	ask(1000)
	if calls := ask(0); calls != 1002 {
		t.Errorf("%d calls, want the first token to be asked about again", calls)
	}
}

// Two lists of sources are two entries, whatever they look like one after the other.
func TestAuthorizerCacheKeepsSourcesApart(t *testing.T) {
	api := guarded("request")
	authorizerOf(api).TTL = time.Hour
	authorizerOf(api).Sources = []app.IdentitySource{{In: app.FromQuery, Name: "a"}, {In: app.FromQuery, Name: "b"}}
	f := respondWith(policyOf("Allow", "*", ""))
	h, err := gateway.New(api, f, gateway.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, query := range []string{"a=1&b=23", "a=12&b=3", "a=1,2&b=3", "a=1&b=2,3", "a=1&b=1:2"} {
		h.ServeHTTP(httptest.NewRecorder(), with("GET", "/x?"+query, "")())
		if f.calls != i+1 {
			t.Errorf("%s: %d calls, want %d", query, f.calls, i+1)
		}
	}
}
