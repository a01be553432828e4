package gateway

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/rawjson"
)

// A Report tells of a response that is about to go out, for as long as OnResponse
// runs: nothing of it may be kept but texts.
type Report struct {
	API    *app.API
	Route  *app.Route // nil where none was found
	Door   frontdoor.Door
	Method string
	URL    *url.URL // that the client asked for
	Cookie []string // the request's Cookie lines
	Began  time.Time
	Status int
	Header http.Header // of the response
	// Problem is why the door responds by itself, as it stands in the log; else "".
	Problem string
	Request http.Header // of the request

	event    []byte
	returned *functionResponse
}

// A CookieSource is a text about cookies in an event or in a function's response.
type CookieSource struct {
	Member string // where it stands: "cookies", "headers.cookie", "multiValueHeaders.Set-Cookie"
	Text   string
}

// report calls OnResponse.
func (x *exchange) report(status int) {
	if x.gateway.options.OnResponse == nil {
		return
	}
	asked := *x.req.URL
	asked.Scheme, _ = x.forwarded()
	asked.Host = x.host()
	re := &Report{
		API: x.api, Door: x.door.name, Method: x.req.Method, URL: &asked, Cookie: x.req.Header["Cookie"],
		Began: x.now, Status: status, Header: x.w.Header(), Problem: x.reason,
		Request: x.req.Header, event: x.eventText, returned: x.returned, Route: x.route,
	}
	x.gateway.options.OnResponse(re)
}

// EventCookies returns the cookies that the event has, each text where it
// stands; false if the request never became an event.
func (r *Report) EventCookies() (list []CookieSource, ok bool) {
	if r.event == nil {
		return nil, false
	}
	headers := false
	for name, value := range rawjson.Members(string(r.event)) {
		switch name {
		case "cookies":
			list = appendSources(list, name, value)
		case "headers", "multiValueHeaders":
			headers = true
			for header, v := range rawjson.Members(value) {
				if strings.EqualFold(header, "Cookie") {
					list = appendSources(list, name+"."+header, v)
				}
			}
		default:
			if headers { // what follows has no cookies, and may be long
				return list, true
			}
		}
	}
	return list, true
}

// appendSources appends a JSON text, or each text of an array.
func appendSources(list []CookieSource, member, value string) []CookieSource {
	if value[0] == '"' {
		return append(list, CookieSource{member, rawjson.Unquote(value)})
	}
	for v := range rawjson.Elements(value) {
		list = append(list, CookieSource{member, rawjson.Unquote(v)})
	}
	return list
}

// ResponseCookies returns the Set-Cookie lines of the function's response, each
// where it stands, before the door did with them what it does.
func (r *Report) ResponseCookies() []CookieSource {
	if r.returned == nil {
		return nil
	}
	var list []CookieSource
	add := func(member string, lines []line) {
		for _, l := range lines {
			if isSetCookie(l.name) {
				list = append(list, CookieSource{member + "." + l.name, l.value})
			}
		}
	}
	add("headers", r.returned.headers)
	add("multiValueHeaders", r.returned.multi)
	cookies, _ := parseList(r.returned.cookies) // another type carries none
	for _, text := range cookies {
		list = append(list, CookieSource{"cookies", text})
	}
	return list
}

// Body returns the body in the function's response, nil if there is none.
func (r *Report) Body() []byte {
	if r.returned == nil {
		return nil
	}
	body := []byte(r.returned.body)
	if r.returned.isBase64 {
		body, _ = base64.StdEncoding.DecodeString(r.returned.body) // "" if the door did not send it either
	}
	return body
}
