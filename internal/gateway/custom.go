package gateway

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/rawjson"
)

// gatewayTypes are the types of the gateway responses of a REST API by problem. For a
// problem with fallback alone no page names a type, and people see the DEFAULT_5XX of
// theirs. What API Gateway rejects in words of another form, as a head or a body that is too
// large, has none.
var gatewayTypes = [problems]string{
	noRoute:          "MISSING_AUTHENTICATION_TOKEN",
	unauthorized:     "UNAUTHORIZED",
	unsigned:         "MISSING_AUTHENTICATION_TOKEN",
	keyless:          "INVALID_API_KEY",
	expired:          "UNAUTHORIZED",
	forbidden:        "ACCESS_DENIED",
	denied:           "ACCESS_DENIED",
	notAuthorized:    "AUTHORIZER_CONFIGURATION_ERROR",
	eventTooLarge:    "REQUEST_TOO_LARGE",
	functionFailed:   fallback,
	badConfiguration: "API_CONFIGURATION_ERROR",
	limitPassed:      "INTEGRATION_TIMEOUT",
}

const fallback = "DEFAULT"

// custom returns the status and the body of e with what the template changes in them, and
// sets its headers ("Gateway response types for API Gateway").
func (x *exchange) custom(p problem, e errorResponse) (status int, body string) {
	kind := gatewayTypes[p]
	if x.door.name != frontdoor.REST || kind == "" {
		return e.status, e.body
	}
	byStatus := fmt.Sprintf("DEFAULT_%dXX", e.status/100)
	if kind == fallback {
		kind = byStatus
	}
	r, ok := x.gateway.api.Responses[kind]
	if !ok {
		r = x.gateway.api.Responses[byStatus]
	}
	h := x.w.Header()
	body = e.body
	if r.ContentType != "" {
		h.Set("Content-Type", r.ContentType)
		body = x.evaluate(r.Body, kind, e.body)
	}
	for _, header := range r.Headers {
		value := header.Value
		if header.From != "" {
			if value = x.sourceValue(app.IdentitySource{In: app.FromHeader, Name: header.From}); value == "" {
				continue
			}
		}
		h.Del(header.Name)
		x.addHeader(header.Name, value)
	}
	return cmp.Or(r.Status, e.status), body
}

// evaluate returns a body with the values of its variables, of which package sam lets no
// others through. What an authorizer's context does not have is "".
func (x *exchange) evaluate(body, kind, usual string) string {
	var text struct{ Message json.RawMessage }
	_ = json.Unmarshal([]byte(usual), &text) // restErrors are JSON but for those of no type
	return app.GatewayVariable.ReplaceAllStringFunc(body, func(name string) string {
		switch name {
		case "$context.error.messageString":
			return string(text.Message)
		case "$context.error.message":
			return plain(string(text.Message))
		case "$context.error.responseType":
			return kind
		case "$context.requestId":
			return x.requestID
		}
		value := x.request.authorizer
		for part := range strings.SplitSeq(strings.TrimPrefix(name, "$context.authorizer."), ".") {
			value = memberOf(value, part)
		}
		return plain(value)
	})
}

// memberOf returns the text of an object's member, "" if there is none or no object.
func memberOf(object, name string) string {
	if !strings.HasPrefix(object, "{") {
		return ""
	}
	for n, value := range rawjson.Members(object) {
		if n == name {
			return value
		}
	}
	return ""
}

// plain returns a JSON value as text: a string without its quotes.
func plain(value string) string {
	if strings.HasPrefix(value, `"`) {
		return rawjson.Unquote(value)
	}
	return value
}
