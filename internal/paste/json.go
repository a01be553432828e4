package paste

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// json reads the JSON value that text begins with, and reports whether there is one.
func (r *reader) json(text string) bool {
	d := json.NewDecoder(strings.NewReader(text))
	var v any
	if d.Decode(&v) != nil {
		return false
	}
	r.next()
	h := har{}
	if json.Unmarshal([]byte(text[:d.InputOffset()]), &h); h.Log != nil {
		r.har(h.Log.Entries)
	} else {
		r.why = cmp.Or(r.why, "the JSON has no Set-Cookie header, and no cookies")
		r.walk(v, "JSON")
	}
	r.next()
	r.number += strings.Count(text[:d.InputOffset()], "\n")
	r.text = text[d.InputOffset():]
	if strings.HasPrefix(r.text, "\x00") { // the body of a streamed response
		r.text = ""
	}
	if rest := strings.TrimLeft(r.text, " \t\r"); rest == "" || rest[0] == '\n' {
		r.text = strings.TrimPrefix(rest, "\n")
	}
	return true
}

// har is an HTTP Archive (HAR 1.2), as browsers export it.
type har struct {
	Log *struct {
		Entries []harEntry `json:"entries"`
	} `json:"log"`
}

type harEntry struct {
	Started time.Time `json:"startedDateTime"`
	Request struct {
		URL string `json:"url"`
	} `json:"request"`
	Response struct {
		Headers []struct{ Name, Value string } `json:"headers"`
	} `json:"response"`
}

func (r *reader) har(entries []harEntry) {
	r.why = cmp.Or(r.why, "the HAR file has no Set-Cookie header; Chrome leaves them out unless it exports with sensitive data")
	for i, e := range entries {
		for _, h := range e.Response.Headers {
			if !strings.EqualFold(h.Name, "Set-Cookie") {
				continue
			}
			for value := range strings.SplitSeq(h.Value, "\n") { // which joins them in some exports
				l := Line{Value: value, Time: e.Started, Place: fmt.Sprintf("entry %d", i+1)}
				if u, err := url.Parse(e.Request.URL); err == nil && u.Host != "" {
					l.URL = u
				}
				r.lines = append(r.lines, l)
			}
		}
		r.next()
	}
}

// walk finds the Set-Cookie headers of a Lambda function's response, or of headers in
// another form: members named Set-Cookie, objects with a name and a value, and cookies.
func (r *reader) walk(v any, place string) {
	switch v := v.(type) {
	case []any:
		for _, member := range v {
			r.walk(member, place)
		}
	case map[string]any:
		if v["requestContext"] != nil {
			r.why = "this JSON is an event, a request; explain reads Set-Cookie, which responses have"
			return
		}
		if name, _ := v["name"].(string); strings.EqualFold(name, "Set-Cookie") {
			r.take(v["value"], place)
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			switch {
			case strings.EqualFold(key, "Set-Cookie"):
				r.take(v[key], place)
			case key == "cookies":
				r.take(v[key], key)
			case key == "headers" || key == "multiValueHeaders":
				r.walk(v[key], key)
			default:
				r.walk(v[key], place)
			}
		}
	}
}

// take adds a Set-Cookie header, or a list of them. Those in headers are often in
// multiValueHeaders, too.
func (r *reader) take(v any, place string) {
	switch v := v.(type) {
	case []any:
		for i, member := range v {
			if s, ok := member.(string); ok {
				r.take(s, fmt.Sprintf("%s[%d]", place, i))
			}
		}
	case string:
		for _, l := range r.lines[r.started:] {
			if l.Value == v && l.Place[:3] != place[:3] {
				return
			}
		}
		r.lines = append(r.lines, Line{Value: v, Place: place})
	}
}
