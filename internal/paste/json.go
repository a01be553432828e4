package paste

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// maxBroken is how often what looks like JSON may be something else: each attempt may read
// the whole rest.
const maxBroken = 100

// json reads the JSON value that the text begins with, and reports whether there is one.
func (r *reader) json() bool {
	at := strings.TrimLeft(r.text, " \t")
	if r.state == head || r.name != "" || at == "" || at[0] != '{' && at[0] != '[' || r.broken == maxBroken {
		return false
	}
	d := json.NewDecoder(strings.NewReader(at))
	var v any
	if err := d.Decode(&v); err != nil {
		if r.broken++; errors.Is(err, io.ErrUnexpectedEOF) && at[0] == '{' && r.cut == "" {
			r.cut = fmt.Sprintf("the JSON from line %d on is not complete", r.number)
		}
		return false
	}
	if instructions, _ := v.(map[string]any); instructions["session_identifier"] != nil {
		r.add(Instructions, at[:d.InputOffset()], fmt.Sprintf("line %d", r.number))
		r.skip(at, d.InputOffset())
		return true
	} else if r.state == body {
		return false
	}
	r.next()
	r.why = "the JSON has no Set-Cookie header, and no cookies of a Lambda response"
	if list, _ := v.([]any); len(list) > 0 {
		if s, ok := list[0].(string); ok && bare.MatchString(s) { // the cookies alone
			r.take(SetCookie, v, "cookies")
		}
	}
	r.walk(v, "JSON", 1)
	r.next()
	r.skip(at, d.InputOffset())
	return true
}

// skip continues after n bytes of text.
func (r *reader) skip(text string, n int64) {
	r.number += strings.Count(text[:n], "\n")
	r.text = strings.TrimLeft(text[n:], " \t\r")
	if strings.HasPrefix(r.text, "\x00") { // the body of a streamed response
		r.text = ""
	}
	r.text = strings.TrimPrefix(r.text, "\n")
}

// walk finds the Set-Cookie headers of a Lambda function's response, of a HAR file and of
// headers in other forms: members named Set-Cookie, objects with a name and a value, and
// cookies. V is the number-th of its list.
func (r *reader) walk(v any, place string, number int) {
	switch v := v.(type) {
	case []any:
		for i, member := range v {
			r.walk(member, place, i+1)
		}
	case map[string]any:
		request, _ := v["request"].(map[string]any)
		name, _ := v["name"].(string)
		switch {
		case v["requestContext"] != nil:
			r.why = "this JSON is an event, a request; explain reads Set-Cookie, which responses have"
			return
		case request != nil && v["response"] != nil: // HAR
			r.next()
			to, _ := request["url"].(string)
			started, _ := v["startedDateTime"].(string)
			r.url = parse(to)
			r.date, _ = time.Parse(time.RFC3339, started)
			r.walk(request["headers"], fmt.Sprintf("entry %d", number), 1)
			r.answered = true
			r.walk(v["response"], fmt.Sprintf("entry %d", number), 1)
			return
		case strings.EqualFold(name, SetCookie):
			r.take(SetCookie, v["value"], place)
		case IsSession(name):
			r.take(http.CanonicalHeaderKey(name), v["value"], place)
		case v["entries"] != nil:
			r.why = "the HAR file has no Set-Cookie header; Chrome leaves them out unless it exports with sensitive data"
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			at := place
			if place == "JSON" && (key == "headers" || key == "multiValueHeaders" || key == "cookies") {
				at = key
			}
			text, _ := v[key].(string)
			switch {
			case strings.EqualFold(key, SetCookie) || key == "cookies":
				r.take(SetCookie, v[key], at)
			case IsSession(key):
				r.take(http.CanonicalHeaderKey(key), v[key], at)
			case (key == "body" || key == "text") && strings.Contains(text, `"session_identifier"`): // of Lambda, of HAR
				r.add(Instructions, text, at)
			default:
				r.walk(v[key], at, 1)
			}
		}
	}
}

// take adds a header, or a list of them. Those in headers are often in
// multiValueHeaders, too; in some HAR files, line breaks join several.
func (r *reader) take(name string, v any, place string) {
	switch v := v.(type) {
	case []any:
		for i, member := range v {
			if s, ok := member.(string); ok {
				r.take(name, s, fmt.Sprintf("%s[%d]", place, i))
			}
		}
	case string:
		if strings.HasPrefix(place, "entry") {
			for value := range strings.SplitSeq(v, "\n") {
				r.add(name, value, place)
			}
		} else if !slices.ContainsFunc(r.lines[r.started:], func(l Line) bool {
			return l.Name == name && l.Value == v && strings.HasPrefix(l.Place, "headers") && !strings.HasPrefix(place, "headers")
		}) {
			r.add(name, v, place)
		}
	}
}
