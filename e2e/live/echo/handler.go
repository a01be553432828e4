package main

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"unicode/utf8"
)

// A handler serves those who send its token. Everybody else gets 403: without it the
// function would be open to the world, and responds with what it is sent.
//
// The token is a header of the request, which no page in a browser can add to a link or
// a form. So nobody can be led to a response of somebody else's making, although
// X-Echo-Response may say text/html.
type handler struct{ token string } // "": nobody is served

// Invoke reads three headers of the request:
//
//	X-Echo-Token     the token
//	X-Echo-Response  what Lambda is to get, byte for byte, in base64url
//	X-Echo-Fail      error or exit
//
// Without the last two the response has the event: as its body, and for HEAD in the
// header X-Echo-Event, in base64url.
func (h handler) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	var e event
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, errors.New("the event is not that of a request")
	}
	if h.token == "" || subtle.ConstantTimeCompare([]byte(e.header("X-Echo-Token")), []byte(h.token)) != 1 {
		return e.response(http.StatusForbidden, "text/plain", "X-Echo-Token is absent or wrong.")
	}
	switch e.header("X-Echo-Fail") {
	case "error":
		return nil, errors.New("X-Echo-Fail says so")
	case "exit":
		os.Exit(1)
	}
	if text := e.header("X-Echo-Response"); text != "" {
		return base64.RawURLEncoding.DecodeString(text)
	}
	if !utf8.Valid(payload) {
		return e.response(http.StatusInternalServerError, "text/plain", "The event is not UTF-8: "+base64.StdEncoding.EncodeToString(payload))
	}
	return e.response(http.StatusOK, "application/json", string(payload))
}

// An event is of any door.
type event struct {
	HTTPMethod        string              `json:"httpMethod"`
	Headers           map[string]string   `json:"headers"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders"`
	RequestContext    struct {
		ELB  json.RawMessage `json:"elb"`
		HTTP struct {
			Method string `json:"method"`
		} `json:"http"`
	} `json:"requestContext"`
}

func (e event) header(name string) string {
	for n, value := range e.Headers {
		if strings.EqualFold(n, name) {
			return value
		}
	}
	for n, values := range e.MultiValueHeaders {
		if strings.EqualFold(n, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// response is one that the event's door accepts.
func (e event) response(status int, contentType, body string) ([]byte, error) {
	headers := map[string]string{"Content-Type": contentType, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
	if e.HTTPMethod == http.MethodHead || e.RequestContext.HTTP.Method == http.MethodHead {
		headers["X-Echo-Event"] = base64.RawURLEncoding.EncodeToString([]byte(body))
	}
	response := map[string]any{"statusCode": status, "headers": headers, "body": body, "isBase64Encoded": false}
	if e.RequestContext.ELB != nil && e.MultiValueHeaders != nil {
		lists := map[string][]string{}
		for name, value := range headers {
			lists[name] = []string{value}
		}
		delete(response, "headers")
		response["multiValueHeaders"] = lists
	}
	return json.Marshal(response)
}
