package frontdoor_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

func TestHeaderBudget(t *testing.T) {
	cookies := func(sizes ...int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i, size := range sizes {
				name := string(rune('a' + i))
				w.Header().Add("Set-Cookie", name+"="+strings.Repeat("v", size-len("a=")))
			}
		}
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		size    float64 // 0 for no line in the log
		biggest string
	}{
		{"at-the-limit", cookies(4096, 4096, 2048), 0, ""},
		{"one-over", cookies(4096, 4096, 2049), 10241, "Set-Cookie a"},
		{"biggest-is-named", cookies(4000, 4096, 4000), 12096, "Set-Cookie b"},
		{"another-header", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Big", strings.Repeat("v", 11000))
			w.Header().Set("Set-Cookie", "a=1")
		}, 11003, "X-Big"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			response, lines := logged(t, frontdoor.HTTP, test.handler)
			if response.status != 200 || len(response.header) == 0 {
				t.Errorf("response = %d with %d headers, want it sent", response.status, len(response.header))
			}
			if test.size == 0 {
				if len(lines) > 0 {
					t.Errorf("log = %v, want none", lines)
				}
				return
			}
			if len(lines) != 1 || lines[0]["level"] != "ERROR" || lines[0]["limit"] != 10240.0 || lines[0]["headerBytes"] != test.size || lines[0]["biggestHeader"] != test.biggest {
				t.Fatalf("log = %v, want an error with %v bytes, biggest %q", lines, test.size, test.biggest)
			}
			if want := "response has more header bytes than API Gateway documents for requests; it may not arrive"; lines[0]["msg"] != want {
				t.Errorf("log = %v, want %s", lines, want)
			}
			if strings.Contains(mustJSON(t, lines[0]), "vvv") {
				t.Error("the log has a value")
			}
			wantIDs(t, lines[0])
		})
	}
}

func TestResponseSize(t *testing.T) {
	const mb = 1 << 20
	const rest = len(`{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"cookies":["a=1"],"body":"","isBase64Encoded":false}`)
	const restALB = len(`{"statusCode":200,"statusDescription":"200 OK","headers":{"Content-Type":"text/plain; charset=utf-8","Set-Cookie":"a=1"},"body":"","isBase64Encoded":false}`)
	tests := []struct {
		name   string
		door   frontdoor.Door
		body   string
		status int
	}{
		{"lambda-fits", frontdoor.REST, strings.Repeat("x", 6*mb-200), 200},
		{"lambda-too-big", frontdoor.REST, strings.Repeat("x", 6*mb+100), 500},
		{"lambda-base64-fits", frontdoor.HTTP, strings.Repeat("\xff", 4*mb+mb/4), 200},
		{"lambda-base64-too-big", frontdoor.HTTP, strings.Repeat("\xff", 5*mb), 500},
		{"lambda-escapes-too-big", frontdoor.URL, strings.Repeat("\x00", 2*mb), 500},
		{"lambda-exact", frontdoor.URL, strings.Repeat("x", 6*mb+100-rest), 200},
		{"lambda-one-over", frontdoor.URL, strings.Repeat("x", 6*mb+101-rest), 500},
		{"alb-exact", frontdoor.ALB, strings.Repeat("x", mb-restALB), 200},
		{"alb-one-over", frontdoor.ALB, strings.Repeat("x", mb+1-restALB), 500},
		{"lattice-fits", frontdoor.Lattice, strings.Repeat("x", 2*mb), 200},
		{"alb-fits", frontdoor.ALB, strings.Repeat("x", mb-200), 200},
		{"alb-too-big", frontdoor.ALB, strings.Repeat("x", mb), 500},
		{"alb-multi-too-big", frontdoor.ALBMulti, strings.Repeat("x", mb), 500},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			response, lines := logged(t, test.door, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/plain; charset=utf-8")
				w.Header().Set("Set-Cookie", "a=1")
				_, _ = w.Write([]byte(test.body))
			})
			if response.status != test.status {
				t.Errorf("status = %d, want %d", response.status, test.status)
			}
			if test.status == 200 {
				if response.body != test.body || len(lines) > 0 {
					t.Errorf("body of %d bytes with log %v, want all %d and no line", len(response.body), lines, len(test.body))
				}
				return
			}
			limit := 6*mb + 100.0
			if test.door == frontdoor.ALB || test.door == frontdoor.ALBMulti {
				limit = mb
			}
			if len(lines) != 1 {
				t.Fatalf("log = %v, want one line", lines)
			}
			got := fmt.Sprint(lines[0]["level"], lines[0]["msg"], lines[0]["limit"], lines[0]["bodyBytes"], lines[0]["headerBytes"], lines[0]["biggestHeader"])
			want := fmt.Sprint("ERROR", "response rejected: bigger than the door takes", limit, float64(len(test.body)), float64(len("text/plain; charset=utf-8a=1")), "Content-Type")
			if bytes, _ := lines[0]["bytes"].(float64); got != want || bytes <= limit {
				t.Errorf("log = %v, want %s and more bytes than the limit", lines, want)
			}
			if response.header["Set-Cookie"] != nil {
				t.Errorf("Set-Cookie = %q in the response instead", response.header["Set-Cookie"])
			}
		})
	}
}
