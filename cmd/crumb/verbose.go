package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"

	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/sandbox"
)

// verbose logs each event and each buffered answer, cookie values masked.
type verbose struct {
	gateway.Invoker
	log *slog.Logger
}

func (v verbose) Invoke(ctx context.Context, function string, event sandbox.Invocation) (*sandbox.Answer, error) {
	v.log.Info("event", "function", function, "event", masked(event.Payload, maskPairs))
	answer, err := v.Invoker.Invoke(ctx, function, event)
	if err != nil || answer.ContentType != "application/json" {
		return answer, err
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil {
		return nil, err
	}
	v.log.Info("answer", "function", function, "answer", masked(body, maskLine))
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

// masked is the JSON text of an event or an answer in which nothing is left of
// the values of cookies and of Authorization. cookies masks each element of
// that member: pairs in an event, whole Set-Cookie lines in an answer.
func masked(text []byte, cookies func(string) string) string {
	var object map[string]any
	if json.Unmarshal(text, &object) != nil {
		return "(not a JSON object)"
	}
	maskObject(object, cookies)
	out, _ := json.Marshal(object) // what was unmarshalled can be marshalled
	return string(out)
}

func maskObject(object map[string]any, cookies func(string) string) {
	for name, value := range object {
		switch strings.ToLower(name) {
		case "cookies":
			object[name] = mask(value, cookies)
		case "cookie":
			object[name] = mask(value, maskPairs)
		case "set-cookie":
			object[name] = mask(value, maskLine)
		case "authorization":
			object[name] = "***"
		default:
			if inner, ok := value.(map[string]any); ok {
				maskObject(inner, cookies)
			}
		}
	}
}

// mask applies f to a text or to each of an array.
func mask(value any, f func(string) string) any {
	switch value := value.(type) {
	case string:
		return f(value)
	case []any:
		for i := range value {
			value[i] = mask(value[i], f)
		}
		return value
	}
	return "***"
}

// maskPairs masks the values of a Cookie line.
func maskPairs(line string) string {
	parts := strings.Split(line, ";")
	for i, part := range parts {
		parts[i] = maskLine(part)
	}
	return strings.Join(parts, ";")
}

// maskLine masks the value of a Set-Cookie line, or of a pair.
func maskLine(line string) string {
	pair, attributes, more := strings.Cut(line, ";")
	name, _, ok := strings.Cut(pair, "=")
	if !ok {
		name = ""
	}
	if more {
		return name + "=***;" + attributes
	}
	return name + "=***"
}
