package useragent

import (
	"slices"
	"testing"
	"time"
)

// TestZones: what a date says after its time, if that is not GMT (RFC 5322 3.3 and 4.3).
func TestZones(t *testing.T) {
	const date = "Tue, 05 Jan 2027 "
	tests := []struct {
		name, time, want string
		shift            time.Duration
	}{
		{"gmt", "10:00:00 GMT", "", 0},
		{"utc", "10:00:00 utc", "", 0},
		{"ut", "10:00:00 UT", "", 0},
		{"z", "10:00:00 Z", "", 0},
		{"z-at-once", "10:00:00Z", "", 0},
		{"none", "10:00:00", "", 0},
		{"zero", "10:00:00 +0000", "", 0},
		{"east", "10:00:00 +0200", "+0200", -2 * time.Hour},
		{"east-at-once", "10:00:00+0200", "+0200", -2 * time.Hour},
		{"east-behind-a-fraction", "10:00:00.5+0200", "+0200", -2 * time.Hour},
		{"east-at-midnight", "00:00:00 +0200", "+0200", -2 * time.Hour},
		{"east-by-a-minute", "10:00:00 +0001", "+0001", -time.Minute},
		{"west", "10:00:00 -0530", "-0530", 5*time.Hour + 30*time.Minute},
		{"with-a-colon", "10:00:00 +02:30", "+02:30", -150 * time.Minute},
		{"hours", "10:00:00 +02", "+02", -2 * time.Hour},
		{"hours-of-one-digit", "10:00:00 +2", "", 0},
		{"five-digits", "10:00:00 +02000", "", 0},
		{"of-gmt", "10:00:00 GMT+0200", "GMT+0200", -2 * time.Hour},
		{"of-utc", "10:00:00 UTC-03", "UTC-03", 3 * time.Hour},
		{"name", "10:00:00 PST", "PST", 0},
		{"name-at-midnight", "00:00:00 PST", "PST", 0},
		{"name-with-z", "10:00:00 NZDT", "NZDT", 0},
		{"name-of-five-letters", "10:00:00 CHAST", "CHAST", 0},
		{"word-of-six-letters", "10:00:00 summer", "", 0},
		{"name-before-the-time", "PST 10:00:00", "", 0},
		{"name-in-brackets", "10:00:00 GMT+0000 (hora de Islandia)", "", 0},
		{"days-of-the-week", "10:00:00 Sun Mon Tue Wed Thu Fri Sat", "", 0},
		{"day-in-full", "10:00:00 Tuesday", "", 0},
		{"month", "10:00:00 Jan", "", 0},
		{"year", "10:00:00 2027", "", 0},
		{"am", "10:00:00 AM", "", 0},
		{"pm", "11:59:00 PM", "PM", 12 * time.Hour},
		{"pm-at-once", "1:00:00pm", "PM", 12 * time.Hour},
		{"noon", "12:00:00 PM", "", 0},
		{"first-time-counts", "00:10:00 13:00:00 PM", "PM", 12 * time.Hour},
	}
	for _, tt := range tests {
		if zone, shift := zoneOf(date + tt.time); zone != tt.want || shift != tt.shift {
			t.Errorf("%s: zoneOf(%q) = %q, %v, want %q, %v", tt.name, tt.time, zone, shift, tt.want, tt.shift)
		}
	}
}

func TestSwallowed(t *testing.T) {
	tests := []struct {
		name, in   string
		first      bool
		rest       string
		attributes []string
	}{
		{"nothing", "", false, "", nil},
		{"blanks-and-commas-stay", "a, b,", false, "a, b,", nil},
		{"behind-a-comma", "1,Path=/,Secure", false, "1", []string{"Path=/", "Secure"}},
		{"behind-a-tab", "1\tPath=/", false, "1", []string{"Path=/"}},
		{"behind-a-comma-alone", ",Secure", false, "", []string{"Secure"}},
		{"behind-words", "a , b Secure", false, "a , b", []string{"Secure"}},
		{"behind-the-same-word", "xSecure Secure", false, "xSecure", []string{"Secure"}},
		{"at-the-start", "Secure HttpOnly", false, "Secure", []string{"HttpOnly"}},
		{"at-the-start-too", "Secure HttpOnly", true, "", []string{"Secure", "HttpOnly"}},
		{"up-to-another-cookie", "1, Path=/, b=2, Secure", false, "1", []string{"Path=/"}},
		{"date", "1 Expires=Tue, 05 Jan 2027 10:00:00 GMT Secure", false, "1", []string{"Expires=Tue 05 Jan 2027 10:00:00 GMT", "Secure"}},
		{"flag-with-a-value", "1 Secure=x", false, "1 Secure=x", nil},
		{"path-without-a-value", "1 Path", false, "1 Path", nil},
		{"only-words", "very Secure indeed", false, "very Secure indeed", nil},
		{"quotes", `"1, Path=/"`, false, `"1, Path=/"`, nil},
	}
	for _, tt := range tests {
		if rest, attributes := swallowed(tt.in, tt.first); rest != tt.rest || !slices.Equal(attributes, tt.attributes) {
			t.Errorf("%s: swallowed(%q, %v) = %q, %q, want %q, %q", tt.name, tt.in, tt.first, rest, attributes, tt.rest, tt.attributes)
		}
	}
}
