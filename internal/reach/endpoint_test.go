package reach

import (
	"strings"
	"testing"
)

func TestEndpoint(t *testing.T) {
	for in, want := range map[string]string{
		"":                                 "",
		"http://127.0.0.1:4566":            "http://127.0.0.1:4566",
		"http://127.0.0.1:4566/":           "http://127.0.0.1:4566",
		"http://localhost:4566":            "http://127.0.0.1:4566",
		"HTTP://LOCALHOST":                 "http://127.0.0.1",
		"http://127.8.0.1:1/moto/a%2Fb":    "http://127.8.0.1:1/moto/a%2Fb",
		"http://[::1]:4566":                "http://[::1]:4566",
		"http://[::1]":                     "http://[::1]",
		"127.0.0.1:4566":                   "error",
		"localhost:4566":                   "error",
		"https://127.0.0.1:4566":           "error",
		"http://0.0.0.0:4566":              "error",
		"http://192.0.2.1:4566":            "error",
		"http://127.0.0.1.nip.io:4566":     "error",
		"http://app.localhost:4566":        "error",
		"http://key:secret@127.0.0.1:4566": "error",
		"http://key:secret@127.0.0.1:x":    "error",
		"http://127.0.0.1:4566?a=b":        "error",
		"http://127.0.0.1:4566#a":          "error",
		"http://127.0.0.1:x":               "error",
		"http://":                          "error",
	} {
		got, err := Endpoint(in)
		if err != nil {
			got = "error"
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("Endpoint(%q): %v, with the password", in, err)
		}
		if got != want {
			t.Errorf("Endpoint(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
}
