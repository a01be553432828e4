package wire_test

import (
	"testing"
	"time"
	"unicode/utf8"

	"github.com/crumb-go/crumb/shared/wire"
)

// TestLimits has the numbers of AWS's pages; 6291556 is in the error with which Lambda
// rejects a larger response.
func TestLimits(t *testing.T) {
	for name, tt := range map[string]struct{ got, want int }{
		"max-payload":       {wire.MaxPayload, 6291556},
		"max-async-payload": {wire.MaxAsyncPayload, 1048576},
		"max-alb-body":      {wire.MaxALBBody, 1048576},
		"max-api-body":      {wire.MaxAPIBody, 10485760},
		"max-headers":       {wire.MaxHeaders, 10240},
		"max-url":           {wire.MaxURL, 10240},
		"max-stream-head":   {wire.MaxStreamHead, 16384},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %d bytes, want %d", name, tt.got, tt.want)
		}
	}
	for name, tt := range map[string]struct {
		got  time.Duration
		want string
	}{
		"rest-timeout":        {wire.RESTTimeout, "29s"},
		"rest-timeout-raised": {wire.RESTTimeoutRaised, "5m0s"},
		"rest-timeout-stream": {wire.RESTTimeoutStream, "15m0s"},
		"http-timeout":        {wire.HTTPTimeout, "30s"},
		"rest-pause":          {wire.RESTPause, "5m0s"},
		"rest-edge-pause":     {wire.RESTEdgePause, "30s"},
	} {
		if tt.got.String() != tt.want {
			t.Errorf("%s: %v, want %s", name, tt.got, tt.want)
		}
	}
}

// TestStream has the head of a streamed response as Lambda's page on streaming writes it.
func TestStream(t *testing.T) {
	if wire.StreamType != "application/vnd.awslambda.http-integration-response" || wire.StreamHeadEnd != string(make([]byte, 8)) {
		t.Errorf("Content-Type %q, %q after the head", wire.StreamType, wire.StreamHeadEnd)
	}
}

func TestToUTF8(t *testing.T) {
	for name, tt := range map[string]struct{ in, want string }{
		"nothing":         {"", ""},
		"ascii":           {"a=1", "a=1"},
		"utf-8":           {"é☕", "é☕"},
		"latin-1":         {"a=\xe9\xff", "a=éÿ"},
		"both":            {"é\xe9", "éé"},
		"half-a-letter":   {"\xe2\x98", "â\u0098"},
		"replacement":     {"\ufffd\x80", "\ufffd\u0080"},
		"surrogate":       {"\xed\xa0\x80", "í\u00a0\u0080"},
		"control-and-del": {"\x00\x7f", "\x00\x7f"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := wire.ToUTF8(tt.in); got != tt.want {
				t.Errorf("ToUTF8(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzToUTF8(f *testing.F) {
	f.Add("é\xe9")
	f.Fuzz(func(t *testing.T, s string) {
		got := wire.ToUTF8(s)
		if !utf8.ValidString(got) {
			t.Errorf("ToUTF8(%q) = %q is not UTF-8", s, got)
		}
		if again := wire.ToUTF8(got); again != got {
			t.Errorf("ToUTF8(%q) = %q, and once more %q", s, got, again)
		}
		if utf8.ValidString(s) && got != s {
			t.Errorf("ToUTF8(%q) = %q", s, got)
		}
	})
}
