package local

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/cookie"
)

// verbose logs each event and each buffered response, with cookie values masked.
type verbose struct {
	gateway.Invoker
	log *slog.Logger
	app func() *app.App
}

func (v verbose) Invoke(ctx context.Context, function string, event lambda.Invocation) (*lambda.Response, error) {
	v.log.Info("event", "function", function, "event", masker{maskPairs, identitySources(v.app().APIs...)}.masked(event.Payload))
	response, err := v.Invoker.Invoke(ctx, function, event)
	if err != nil || response.ContentType != "application/json" {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return nil, err
	}
	v.log.Info("response", "function", function, "response", maskedResponse(body))
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// maskedResponse is masked for a response. Without statusCode all of it is a body,
// behind the services that accept that.
func maskedResponse(response []byte) string {
	var object map[string]json.RawMessage
	if json.Unmarshal(response, &object) == nil && object["statusCode"] != nil {
		return masker{cookies: maskLine}.masked(response)
	}
	return fmt.Sprintf("%s (%d bytes, not an object with a statusCode)", hidden, len(response))
}

// A masker hides what must not be pasted into an issue: values of cookies, bodies,
// credentials and everything whose name suggests one.
type masker struct {
	cookies func(string) string // masks an element of the member cookies: a pair in an event, a Set-Cookie line in a response
	sources []string            // names of headers and parameters with credentials, in lower case
}

// identitySources returns the names of the headers and parameters that authorizers take
// their credentials from, in lower case.
func identitySources(apis ...*app.API) (names []string) {
	for _, api := range apis {
		for _, d := range api.Authorizers {
			for _, s := range d.Sources {
				if s.In == app.FromHeader || s.In == app.FromQuery {
					names = append(names, strings.ToLower(s.Name))
				}
			}
		}
	}
	return names
}

// masked returns the JSON text of an event or a response.
func (m masker) masked(text []byte) string {
	var object map[string]any
	if json.Unmarshal(text, &object) != nil {
		return "(not a JSON object)"
	}
	m.maskObject(object)
	out, _ := json.Marshal(object) // never fails for unmarshalled data
	return jwt.ReplaceAllString(string(out), hidden)
}

// jwt is a signed token, wherever it is: an authorizer may take it from any header or
// parameter.
var jwt = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]*`)

func (m masker) maskObject(object map[string]any) {
	for name, value := range object {
		switch lower := strings.ToLower(name); {
		case lower == "cookies":
			object[name] = mask(value, m.cookies)
		case lower == "cookie":
			object[name] = mask(value, maskPairs)
		case lower == "set-cookie":
			object[name] = mask(value, maskLine)
		case lower == "body":
			object[name] = mask(value, maskBody)
		case lower == "rawquerystring":
			object[name] = mask(value, m.maskQuery)
		case lower == "location", lower == "referer":
			object[name] = mask(value, m.maskURL)
		case m.isSecret(lower):
			object[name] = mask(value, func(string) string { return hidden })
		default:
			m.maskInside(value)
		}
	}
}

// maskInside masks the objects inside value, a member that is not itself a
// secret.
func (m masker) maskInside(value any) {
	switch value := value.(type) {
	case map[string]any:
		m.maskObject(value)
	case []any:
		for _, element := range value {
			m.maskInside(element)
		}
	}
}

const hidden = "***"

// Names of headers, parameters and variables with secret values: those that
// contain one of secretParts anywhere, or one of secretWords as a word.
var (
	secretParts = []string{"authorization", "authenticat", "credential", "identitysource", "password", "passwd", "passphrase", "secret", "session", "signature", "token",
		"apikey", "api-key", "api_key", "accesskey", "access-key", "access_key", "privatekey", "private-key", "private_key"}
	secretWords = []string{"auth", "code", "jwt", "key", "otp", "pass", "pin", "pwd", "sid", "sig"}
)

// isSecret reports whether a name in lower case suggests a secret, or is that of one.
func (m masker) isSecret(name string) bool {
	words := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("-_.:[] ", r) })
	return slices.Contains(m.sources, name) || slices.ContainsFunc(secretParts, func(part string) bool { return strings.Contains(name, part) }) ||
		slices.ContainsFunc(words, func(word string) bool { return slices.Contains(secretWords, word) })
}

// mask applies f to a string or to each element of an array, and hides objects.
func mask(value any, f func(string) string) any {
	switch value := value.(type) {
	case nil, bool:
		return value
	case string:
		return f(value)
	case []any:
		for i := range value {
			value[i] = mask(value[i], f)
		}
		return value
	}
	return hidden
}

func maskPairs(line string) string { return cookie.MaskPairs(line, hidden) }

func maskLine(line string) string { return cookie.MaskLine(line, hidden) }

func maskBody(body string) string {
	if body == "" {
		return ""
	}
	return fmt.Sprintf("%s (%d bytes)", hidden, len(body))
}

// maskQuery masks the parameters of a query whose names suggest a secret.
func (m masker) maskQuery(query string) string {
	parts := strings.Split(query, "&")
	for i, part := range parts {
		name, _, valued := strings.Cut(part, "=")
		plain, err := url.QueryUnescape(name)
		if valued && (err != nil || m.isSecret(strings.ToLower(plain))) {
			parts[i] = name + "=" + hidden
		}
	}
	return strings.Join(parts, "&")
}

func (m masker) maskURL(address string) string {
	before, query, found := strings.Cut(address, "?")
	if found {
		before += "?" + m.maskQuery(query)
	}
	return jwt.ReplaceAllString(before, hidden)
}
