package gateway_test

import (
	"errors"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/token"
)

// --claims fills events as an authorizer does that lets the caller pass; the sources are
// those of TestAuthorizerContexts and package token.
func TestAssumedCallers(t *testing.T) {
	const flat = `{"sub":"ana","level":7,"groups":["a","b"],"scope":"read write"}`
	guard := func(auth app.Auth, scopes ...string) app.Guard {
		return app.Guard{Authorizer: "Own", Auth: auth, Scopes: scopes}
	}
	rows := []struct {
		name    string
		kind    app.Kind
		payload string
		guard   app.Guard
		text    string
		want    string // requestContext.authorizer
	}{
		{"rest-lambda", app.REST, "1.0", guard(app.Lambda), `{"sub":"ana","level":7}`, `{"integrationLatency":0,"level":"7","sub":"ana"}`},
		{"rest-principal", app.REST, "1.0", guard(app.Lambda), `{"principalId":"ana"}`, `{"integrationLatency":0,"principalId":"ana"}`},
		{"http-lambda", app.HTTP, "2.0", guard(app.Lambda), flat, `{"lambda":{"groups":["a","b"],"level":7,"scope":"read write","sub":"ana"}}`},
		{"http1-lambda", app.HTTP, "1.0", guard(app.Lambda), flat, `{"groups":["a","b"],"level":7,"scope":"read write","sub":"ana"}`},
		{"jwt", app.HTTP, "2.0", guard(app.JWT), flat, `{"jwt":{"claims":{"groups":"[a b]","level":"7","scope":"read write","sub":"ana"},"scopes":null}}`},
		{"jwt-with-scopes", app.HTTP, "2.0", guard(app.JWT, "read"), flat, `{"jwt":{"claims":{"groups":"[a b]","level":"7","scope":"read write","sub":"ana"},"scopes":["read","write"]}}`},
		{"jwt-1.0", app.HTTP, "1.0", guard(app.JWT), `{"sub":"ana"}`, `{"claims":{"sub":"ana"},"scopes":null}`},
		{"cognito", app.REST, "1.0", guard(app.Cognito), flat, `{"claims":{"groups":"a,b","level":"7","scope":"read write","sub":"ana"}}`},
		{"by-name", app.REST, "1.0", guard(app.Cognito), `{"Own":{"sub":"ana"},"Other":{"sub":"bo"}}`, `{"claims":{"sub":"ana"}}`},
		{"by-another-name", app.REST, "1.0", guard(app.Cognito), `{"Other":{"sub":"bo"}}`, `absent`},
		{"name-of-a-claim", app.HTTP, "2.0", guard(app.JWT), `{"Own":"x"}`, `{"jwt":{"claims":{"Own":"x"},"scopes":null}}`},
		{"iam", app.REST, "1.0", guard(app.IAM), flat, `absent`},
		{"key", app.REST, "1.0", app.Guard{Authorizer: "ApiKeyRequired", APIKey: true}, flat, `absent`},
		{"open", app.REST, "1.0", app.Guard{}, flat, `absent`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			assumed, err := authorizer.ReadAssumed(row.text, []string{"Own", "Other"})
			if err != nil {
				t.Fatal(err)
			}
			api := oneRoute(row.kind, row.payload)
			api.Routes[0].Guard = row.guard
			f := respondWith("")
			o := gateway.Options{Authorizers: authorizer.Config{InsecureSkip: true, Assumed: assumed, Claims: token.Assume}}
			res, log := serve(t, api, f, o, with("GET", "/x", "")())
			if res.StatusCode != 200 || f.calls != 0 {
				t.Fatalf("status %d, %d calls, log %q", res.StatusCode, f.calls, log)
			}
			compare(t, "authorizer", member(t, f.got, "requestContext.authorizer"), row.want)
			if has := assumed.Has(&row.guard); has != (row.want != "absent") && row.guard.Authorizer != "" {
				t.Errorf("Has = %t", has)
			}
			o.Authorizers.InsecureSkip = false
			if res, _ := serve(t, api, failing(errors.New("invoked")), o, with("GET", "/x", "")()); row.guard.Authorizer != "" && res.StatusCode != 401 && res.StatusCode != 403 {
				t.Errorf("not skipped: status %d", res.StatusCode)
			}
		})
	}
}

func TestMalformedAssumed(t *testing.T) {
	for _, text := range []string{"", "[]", "{", `{"Own":{},"sub":"ana"}`, `{"Onw":{"sub":"ana"}}`} {
		if _, err := authorizer.ReadAssumed(text, []string{"Own"}); err == nil {
			t.Errorf("no error for %s", text)
		}
	}
	assumed, err := authorizer.ReadAssumed(`{"a":{}}`, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, _ := serve(t, guarded("token"), respondWith(""), gateway.Options{Authorizers: authorizer.Config{InsecureSkip: true, Assumed: assumed}}, with("GET", "/x", "")())
	if res.StatusCode != 500 { // as where an authorizer has it in its context
		t.Errorf("an object in the context of a REST API: status %d", res.StatusCode)
	}
}
