package paste

import (
	"encoding/json"
	"fmt"
	"maps"
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
	if r.state != loose || r.name != "" || at == "" || at[0] != '{' && at[0] != '[' || r.broken == maxBroken {
		return false
	}
	d := json.NewDecoder(strings.NewReader(at))
	var v any
	if d.Decode(&v) != nil {
		r.broken++
		return false
	}
	r.next()
	r.why = "the JSON has no Set-Cookie header, and no cookies"
	r.walk(v, "JSON", 1)
	r.next()
	r.number += strings.Count(at[:d.InputOffset()], "\n")
	r.text = strings.TrimLeft(at[d.InputOffset():], " \t\r")
	if strings.HasPrefix(r.text, "\x00") { // the body of a streamed response
		r.text = ""
	}
	r.text = strings.TrimPrefix(r.text, "\n")
	return true
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
			r.walk(v["response"], fmt.Sprintf("entry %d", number), 1)
			return
		case strings.EqualFold(name, "Set-Cookie"):
			r.take(v["value"], place)
		case v["entries"] != nil:
			r.why = "the HAR file has no Set-Cookie header; Chrome leaves them out unless it exports with sensitive data"
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			at := place
			if place == "JSON" && (key == "headers" || key == "multiValueHeaders" || key == "cookies") {
				at = key
			}
			if strings.EqualFold(key, "Set-Cookie") || key == "cookies" {
				r.take(v[key], at)
			} else {
				r.walk(v[key], at, 1)
			}
		}
	}
}

// take adds a Set-Cookie header, or a list of them. Those in headers are often in
// multiValueHeaders, too; in some HAR files, line breaks join several.
func (r *reader) take(v any, place string) {
	switch v := v.(type) {
	case []any:
		for i, member := range v {
			if s, ok := member.(string); ok {
				r.take(s, fmt.Sprintf("%s[%d]", place, i))
			}
		}
	case string:
		if strings.HasPrefix(place, "entry") {
			for value := range strings.SplitSeq(v, "\n") {
				r.add(value, place)
			}
		} else if !slices.ContainsFunc(r.lines[r.started:], func(l Line) bool {
			return l.Value == v && strings.HasPrefix(l.Place, "headers") && !strings.HasPrefix(place, "headers")
		}) {
			r.add(v, place)
		}
	}
}
