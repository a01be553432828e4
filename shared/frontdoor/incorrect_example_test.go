package frontdoor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

const restRequest = `{"httpMethod": "POST", "path": "/login", "headers": {"cookie": "sid=abc"},
	"multiValueHeaders": {"cookie": ["sid=abc"]}, "requestContext": {"stage": "prod"}}`

// The classic mistake of choosing an adapter by hand: it decodes any JSON, so the
// one for HTTP APIs reads a REST API's POST of /login as a GET of /, without an
// error, and its response would be a 502. This package looks at the event.
func ExampleNew_incorrectAdapter() {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sid, _ := r.Cookie("sid")
		fmt.Println(r.Method, r.URL.Path, sid)
		w.WriteHeader(http.StatusNoContent)
	})

	// Incorrect: this function is behind a REST API.
	var event events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal([]byte(restRequest), &event); err != nil {
		fmt.Println(err)
	}
	if _, err := httpadapter.NewV2(handler).ProxyWithContext(context.Background(), event); err != nil {
		fmt.Println(err)
	}

	// Correct.
	if _, err := frontdoor.New(handler, frontdoor.Options{}).Invoke(context.Background(), []byte(restRequest)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// GET / sid=abc
	// POST /login sid=abc
}

// The classic mistake of joining cookies by commas, as other headers may be: a
// browser reads all of it as one cookie. Add each by itself, however the door
// wants them in the end.
func ExampleNew_incorrectJoinedCookies() {
	handler := frontdoor.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/incorrect" {
			w.Header().Set("Set-Cookie", "theme=dark, lang=en")
			return
		}
		w.Header().Add("Set-Cookie", "theme=dark")
		w.Header().Add("Set-Cookie", "lang=en")
	}), frontdoor.Options{})

	for _, path := range []string{"/incorrect", "/correct"} {
		event := fmt.Sprintf(`{"version": "2.0", "rawPath": %q, "requestContext": {"http": {"method": "GET", "path": %q}}}`, path, path)
		out, err := handler.Invoke(context.Background(), []byte(event))
		if err != nil {
			fmt.Println(err)
		}
		var response events.APIGatewayV2HTTPResponse
		if err := json.Unmarshal(out, &response); err != nil {
			fmt.Println(err)
		}
		fmt.Printf("%d %q\n", len(response.Cookies), response.Cookies)
	}
	// Output:
	// 1 ["theme=dark, lang=en"]
	// 2 ["theme=dark" "lang=en"]
}
