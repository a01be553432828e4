package frontdoor_test

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

// A function's main. The same binary serves a REST API, an HTTP API, a Function
// URL and a load balancer, at once if need be.
func ExampleStart() {
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "Hello, "+r.URL.Query().Get("name"))
	})
	main := func() { frontdoor.Start(hello) }
	_ = main
}

// Invoke a handler without Lambda, as a test does.
func ExampleNew() {
	handler := frontdoor.New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark", Path: "/"})
		http.SetCookie(w, &http.Cookie{Name: "sid", Path: "/", MaxAge: -1})
		w.WriteHeader(http.StatusNoContent)
	}), frontdoor.Options{})

	for _, event := range []string{
		`{"httpMethod": "GET", "path": "/", "requestContext": {"stage": "prod"}}`,
		`{"version": "2.0", "rawPath": "/", "requestContext": {"http": {"method": "GET", "path": "/"}}}`,
		`{"Records": [{"eventSource": "aws:sqs"}]}`,
	} {
		response, err := handler.Invoke(context.Background(), []byte(event))
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(string(response))
	}
	// Output:
	// {"statusCode":204,"multiValueHeaders":{"Set-Cookie":["theme=dark; Path=/","sid=; Path=/; Max-Age=0"]},"body":"","isBase64Encoded":false}
	// {"statusCode":204,"headers":{},"cookies":["theme=dark; Path=/","sid=; Path=/; Max-Age=0"],"body":"","isBase64Encoded":false}
	// frontdoor: event refused: it is not an HTTP request of a known door; its members are ["Records"]
}

// A cookie for a part of the site needs the stage in its Path: a browser sends
// nothing set for /account to /prod/account.
func ExampleEventFrom() {
	handler := frontdoor.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event, _ := frontdoor.EventFrom(r.Context())
		http.SetCookie(w, &http.Cookie{Name: "step", Value: "2", Path: event.Prefix + r.URL.Path})
		fmt.Println(event.Door, event.Stage, w.Header().Get("Set-Cookie"))
	}), frontdoor.Options{})

	_, err := handler.Invoke(context.Background(), []byte(
		`{"httpMethod": "GET", "path": "/account", "requestContext": {"stage": "prod", "path": "/prod/account"}}`))
	if err != nil {
		fmt.Println(err)
	}
	// Output: rest prod step=2; Path=/prod/account
}

// Behind a stage that is in the URL a redirect to /login would lose it.
func ExamplePrefixLocations() {
	mux := http.NewServeMux()
	mux.HandleFunc("/private", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/login", http.StatusSeeOther)
	})
	handler := frontdoor.New(frontdoor.PrefixLocations(mux), frontdoor.Options{})

	response, err := handler.Invoke(context.Background(), []byte(
		`{"httpMethod": "POST", "path": "/private", "requestContext": {"stage": "prod", "path": "/prod/private"}}`))
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(string(response))
	// Output: {"statusCode":303,"multiValueHeaders":{"Location":["/prod/login"]},"body":"","isBase64Encoded":false}
}

// A function's main that streams. What is written before Flush is sent while the
// handler goes on; cookies come first.
func ExampleStream() {
	count := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1", Path: "/"})
		for i := range 3 {
			fmt.Fprintln(w, i)
			_ = http.NewResponseController(w).Flush()
		}
	})
	main := func() { lambda.Start(frontdoor.Stream(count, frontdoor.Options{})) }
	_ = main
}
