package inspect_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/inspect"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// noted is what the page gets of device-bound sessions.
type noted struct {
	Device []struct{ What, Text string }
	// Of the jar:
	Name  string
	Bound bool
}

// header has names and values by turns.
func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

const (
	challenge    = `"` + secret + `";id="` + secret + `"`
	instructions = `{"session_identifier":"` + secret + `","scope":{"include_site":false},"credentials":[{"type":"cookie","name":"__Host-bound"}]}`
)

func TestDevice(t *testing.T) {
	id, proof := []string{"Sec-Secure-Session-Id", secret}, []string{"Secure-Session-Response", secret}
	both := slices.Concat(id, proof)
	tests := []struct {
		name              string
		url               string
		request, response []string
		status            int
		body, setCookie   string
		want              []string // each begins with
	}{
		{name: "nothing", status: 200, body: instructions},
		{name: "offered", status: 303, response: []string{"Secure-Session-Registration", `(ES256 RS256);path="/bind";challenge="` + secret + `"`},
			want: []string{"registration: offered: the browser may send a key, for one of [ES256 RS256], to /bind"}},
		{name: "offered-over-http", url: "http://localhost/", status: 303, response: []string{"Secure-Session-Registration", `(ES256);path="/bind"`},
			want: []string{"registration: browsers ignore it: the URL is not https"}},
		{name: "offered-without-path", status: 303, response: []string{"Secure-Session-Registration", `(ES256)`},
			want: []string{"registration: browsers ignore it: no member"}},
		{name: "malformed", status: 303, response: []string{"Secure-Session-Registration", `(` + secret, "Secure-Session-Challenge", `"` + secret},
			want: []string{"registration: browsers ignore it: dbsc: malformed", "challenge: browsers ignore it: dbsc: malformed"}},
		{name: "registered", request: proof, status: 200, response: []string{"Secure-Session-Challenge", challenge}, body: instructions, setCookie: "__Host-bound=" + secret + "; Max-Age=600; Path=/; Secure",
			want: []string{"proof: with the key that the browser has made", "challenge: the browser signs it in its next proof", "bound: a copied jar opens the session until END, then only the device"}},
		{name: "registered-without-cookie", request: proof, status: 200, body: instructions, setCookie: "bound=" + secret,
			want: []string{"proof", "bound: __Host-bound is not in the response"}},
		{name: "registered-with-ignored-cookie", request: proof, status: 200, body: instructions, setCookie: "__Host-bound=" + secret + "; Path=/bind; Max-Age=600; Secure",
			want: []string{"proof", "bound: __Host-bound is not in the response"}},
		{name: "registered-for-ever", request: proof, status: 200, body: instructions, setCookie: "__Host-bound=" + secret + "; Path=/; Secure",
			want: []string{"proof", "bound: a copied jar opens the session while __Host-bound is good, which has no end"}},
		{name: "registration-refused", request: proof, status: 403, want: []string{"proof", "ended: the browser forgets its key: the status is 403"}},
		{name: "refresh-without-proof", request: id, status: 403, response: []string{"Secure-Session-Challenge", challenge},
			want: []string{"refresh: the browser wants a new bound cookie, and sends no proof yet", "challenge: the browser signs it and asks again"}},
		{name: "refreshed", request: both, status: 200, body: instructions, setCookie: "__Host-bound=" + secret + "; Max-Age=600; Path=/; Secure",
			want: []string{"refresh", "proof: signed with the session's key", "bound: a copied jar opens the session until END, then only the device"}},
		{name: "refreshed-as-before", request: both, status: 200, want: []string{"refresh", "proof"}},
		{name: "continue-false", request: both, status: 200, body: `{"continue":false}`,
			want: []string{"refresh", "proof", "ended: the browser forgets its key: dbsc: invalid session instructions: the server ends the session"}},
		{name: "refresh-404", request: both, status: 404, want: []string{"refresh", "proof", "ended: the browser forgets its key: the status is 404"}},
		{name: "refresh-429", request: both, status: 429, want: []string{"refresh", "proof", "ended: the browser forgets its key: the status is 429"}},
		{name: "refresh-407", request: both, status: 407, want: []string{"refresh", "proof"}},
		{name: "refresh-503", request: both, status: 503, want: []string{"refresh", "proof"}},
		{name: "skipped", request: []string{"Secure-Session-Skipped", `quota_exceeded;session_identifier="` + secret + `"`}, status: 503,
			want: []string{"skipped: the browser did not refresh the bound cookie: quota_exceeded"}},
		{name: "many", status: 200, response: []string{"Secure-Session-Registration", strings.Repeat(`(ES256);path="/a", `, 40) + `(ES256);path="/a"`},
			want: slices.Repeat([]string{"registration: offered"}, 16)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRecorder()
			u, err := url.Parse(tt.url)
			if tt.url == "" {
				u, err = url.Parse("https://localhost/bind")
			}
			if err != nil {
				t.Fatal(err)
			}
			x := inspect.Exchange{URL: u.String(), Status: tt.status, Made: true}
			if tt.setCookie != "" {
				x.SetCookie = []inspect.SetCookie{{Line: tt.setCookie, Verdict: r.jar.Set(useragent.Request{URL: u}, tt.setCookie)}}
			}
			x.Device(header(tt.request...), header(tt.response...), func() []byte { return []byte(tt.body) })
			if len(x.SetCookie) > 0 {
				end := x.SetCookie[0].Verdict.Cookie.Expires.Local().Format("15:04:05")
				for n := range tt.want {
					tt.want[n] = strings.Replace(tt.want[n], "END", end, 1)
				}
			}
			r.Record(x)
			var notes []string
			for _, e := range read(t, r, "") {
				if strings.Contains(e.data, secret) {
					t.Errorf("a value is in %s", e.data)
				}
				if e.name == "exchange" {
					var n noted
					if err := json.Unmarshal([]byte(e.data), &n); err != nil {
						t.Fatal(err)
					}
					for _, d := range n.Device {
						notes = append(notes, d.What+": "+d.Text)
					}
					continue
				}
				var jar []noted
				if err := json.Unmarshal([]byte(e.data), &jar); err != nil {
					t.Fatal(err)
				}
				wanted := strings.Contains(strings.Join(tt.want, "\n"), "bound: a copied jar")
				if marked := slices.ContainsFunc(jar, func(n noted) bool { return n.Bound }); marked != wanted {
					t.Errorf("the jar is %v", jar)
				}
			}
			if !slices.EqualFunc(notes, tt.want, strings.HasPrefix) {
				t.Errorf("%s\nwant\n%s", strings.Join(notes, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}
