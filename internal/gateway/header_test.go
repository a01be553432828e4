package gateway_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// TestResponseHeaderOctets holds which octets a header's name (RFC 9110 section
// 5.6.2) and its value may have. What may not be there makes the response
// malformed: net/http would leave the header out without a word.
func TestResponseHeaderOctets(t *testing.T) {
	status := func(name, value string) int {
		response := `{"statusCode":200,"headers":{` + strconv.QuoteToASCII("X"+name) + `:` + strconv.QuoteToASCII("a"+value+"b") + `}}`
		response = strings.NewReplacer(`\x`, `\u00`, `\a`, `\u0007`, `\v`, `\u000b`).Replace(response)
		res, _ := serve(t, oneRoute(app.HTTP, "2.0"), returning(response), gateway.Options{}, localRequest("GET", "/", ""))
		return res.StatusCode
	}
	const token = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for c := range rune(0x100) {
		if got, want := status(string(c), ""), strings.ContainsRune(token, c); (got == 200) != want {
			t.Errorf("a name with %q: status %d", c, got)
		}
		if got, want := status("", string(c)), !strings.ContainsRune("\r\n\x00", c); (got == 200) != want {
			t.Errorf("a value with %q: status %d", c, got)
		}
	}
	if got := status("", ""); got != 200 {
		t.Errorf("a name of one letter: status %d", got)
	}
	res, _ := serve(t, oneRoute(app.HTTP, "2.0"), returning(`{"statusCode":200,"headers":{"":"a"}}`), gateway.Options{}, localRequest("GET", "/", ""))
	if res.StatusCode != 500 {
		t.Errorf("no name: status %d", res.StatusCode)
	}
}

// TestBytesOfAnEvent holds how bytes that JSON cannot hold get into an event, where
// UTF-8 is beside them.
func TestBytesOfAnEvent(t *testing.T) {
	for door, where := range map[frontdoor.Door]string{
		rest: "headers.cookie", httpAPI1: "headers.cookie", furl: "headers.cookie", alb: "headers.cookie",
		httpAPI: "cookies", albMulti: "multiValueHeaders.cookie", frontdoor.Lattice: "headers.cookie",
	} {
		event := eventOf(t, door, with("GET", "/", "", "Cookie", "a=\xe9é\xff")(), nil)
		if got := member(t, event, where); strings.Trim(got, `[]"`) != "a=ééÿ" {
			t.Errorf("%s: %s = %s", door, where, got)
		}
	}
}

// Nobody guesses a Content-Type where a load balancer sends none.
func TestNoContentType(t *testing.T) {
	res, _ := serve(t, oneRoute(app.HTTP, "2.0"), returning(`{"statusCode":200,"headers":{},"body":"<html>"}`), gateway.Options{Door: alb}, localRequest("GET", "/", ""))
	if got := res.Header["Content-Type"]; got != nil || res.StatusCode != 200 {
		t.Errorf("%d with Content-Type %q", res.StatusCode, got)
	}
}

// TestHeadersThatADoorOwns holds what becomes of the function's headers that a
// door writes itself, and of those that end at the first server.
func TestHeadersThatADoorOwns(t *testing.T) {
	for _, row := range []struct {
		name  string
		other bool // an HTTP API and a load balancer send it on
	}{
		{"Connection", false}, {"Content-Length", false}, {"Date", false}, {"Server", true},
		{"Www-Authenticate", true}, {"X-Amzn-Requestid", true}, {"X-Forwarded-For", true},
	} {
		for _, door := range allDoors {
			response := `{"statusCode":200,"headers":{"` + strings.ToLower(row.name) + `":"own"},"multiValueHeaders":{"` + row.name + `":["own"]}}`
			res, _ := serve(t, oneRoute(app.HTTP, "2.0"), returning(response), gateway.Options{Door: door}, localRequest("GET", "/", ""))
			renamed, sent := "X-Amzn-Remapped-"+row.name, res.Header.Get(row.name) == "own"
			if remaps := door == rest || door == furl; (res.Header.Get(renamed) == "own") != remaps || sent != (row.other && !remaps) {
				t.Errorf("%s: %s %q, %s %q", door, row.name, res.Header.Get(row.name), renamed, res.Header.Get(renamed))
			}
		}
	}
	for _, name := range []string{"Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade"} {
		for _, door := range allDoors {
			response := `{"statusCode":200,"headers":{"` + name + `":"own"},"multiValueHeaders":{"` + name + `":["own"]}}`
			res, _ := serve(t, oneRoute(app.HTTP, "2.0"), returning(response), gateway.Options{Door: door}, localRequest("GET", "/", ""))
			for sent, values := range res.Header {
				if values != nil && (sent == "" || sent == http.CanonicalHeaderKey(name)) {
					t.Errorf("%s: %s goes out as %q", door, name, sent)
				}
			}
		}
	}
}
