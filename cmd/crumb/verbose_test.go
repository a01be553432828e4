package main

import (
	"strings"
	"testing"
)

func TestMasked(t *testing.T) {
	for _, tc := range []struct {
		name    string
		text    string
		cookies func(string) string
		want    string
	}{
		{"event-array", `{"cookies":["a=secret","path=secret","secret"]}`, maskPairs, `{"cookies":["a=***","path=***","=***"]}`},
		{"event-header", `{"headers":{"Cookie":"a=secret; b=sec=ret"}}`, maskPairs, `{"headers":{"Cookie":"a=***; b=***"}}`},
		{"event-multi", `{"multiValueHeaders":{"cookie":["a=secret; b=secret","c=secret"]}}`, maskPairs, `{"multiValueHeaders":{"cookie":["a=***; b=***","c=***"]}}`},
		{"authorization", `{"headers":{"authorization":"Bearer secret"}}`, maskPairs, `{"headers":{"authorization":"***"}}`},
		{"answer-array", `{"cookies":["a=secret; Path=/; HttpOnly"]}`, maskLine, `{"cookies":["a=***; Path=/; HttpOnly"]}`},
		{"answer-multi", `{"multiValueHeaders":{"Set-Cookie":["a=secret; Path=/"]}}`, maskLine, `{"multiValueHeaders":{"Set-Cookie":["a=***; Path=/"]}}`},
		{"wrong-type", `{"cookies":{"a":"secret"}}`, maskPairs, `{"cookies":"***"}`},
		{"not-json", `secret`, maskPairs, "(not a JSON object)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := masked([]byte(tc.text), tc.cookies)
			if got != tc.want {
				t.Errorf("masked(%s) = %s, want %s", tc.text, got, tc.want)
			}
			if strings.Contains(got, "secret") {
				t.Errorf("%s still holds a value", got)
			}
		})
	}
}
