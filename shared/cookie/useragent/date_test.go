package useragent

import (
	"testing"
	"time"
)

// TestDates has the corner cases of rfc6265bis 5.1.1 that the vectors do not have.
func TestDates(t *testing.T) {
	const form = "2006-01-02 15:04:05"
	tests := []struct{ name, in, want string }{
		{"second-59", "1 Jan 2030 23:59:59", "2030-01-01 23:59:59"},
		{"second-60", "1 Jan 2030 00:00:60", ""},
		{"minute-60", "1 Jan 2030 00:60:00", ""},
		{"hour-24", "1 Jan 2030 24:00:00", ""},
		{"midnight", "1 Jan 2030 0:0:0", "2030-01-01 00:00:00"},
		{"year-00", "1 Jan 00 0:0:0", "2000-01-01 00:00:00"},
		{"year-69", "1 Jan 69 0:0:0", "2069-01-01 00:00:00"},
		{"year-70", "1 Jan 70 0:0:0", "1970-01-01 00:00:00"},
		{"year-99", "1 Jan 99 0:0:0", "1999-01-01 00:00:00"},
		{"year-100", "1 Jan 100 0:0:0", ""},
		{"year-1600", "31 Dec 1600 0:0:0", ""},
		{"year-1601", "1 Jan 1601 0:0:0", "1601-01-01 00:00:00"},
		{"year-of-one-digit", "11 Jan 7 0:0:0", ""},
		{"year-of-five-digits", "1 Jan 20300 0:0:0", ""},
		{"day-0", "0 Jan 2030 0:0:0", ""},
		{"first-day-counts", "0 1 Jan 2030 0:0:0", ""},
		{"first-year-counts", "1 Jan 00 2030 0:0:0", "2000-01-01 00:00:00"},
		{"day-of-three-digits", "001 Jan 2030 0:0:0", ""},
		{"leap-day", "29 Feb 2028 0:0:0", "2028-02-29 00:00:00"},
		{"no-leap-day", "29 Feb 2030 0:0:0", ""},
		{"first-of-each-counts", "1 Jan 2030 0:0:0 2 Feb 2031 1:1:1", "2030-01-01 00:00:00"},
		{"any-order", "2030 0:0:0 Jan 1", "2030-01-01 00:00:00"},
		{"day-before-year", "0:0:0 Jan 1 2030", "2030-01-01 00:00:00"},
		{"month-in-any-case", "1 jAN 2030 0:0:0", "2030-01-01 00:00:00"},
		{"month-and-more", "1 Januember 2030 0:0:0", "2030-01-01 00:00:00"},
		{"month-cut-short", "1 Ja 2030 0:0:0", ""},
		{"last-month", "1 Dec 2030 0:0:0", "2030-12-01 00:00:00"},
		{"text-behind-the-seconds", "1 Jan 2030 01:02:03Z", "2030-01-01 01:02:03"},
		{"text-behind-the-minutes", "1 Jan 2030 01:02x:03", ""},
		{"text-behind-the-hour", "1 Jan 2030 01x:02:03", ""},
		{"third-digit-of-the-seconds", "1 Jan 2030 01:02:031", ""},
		{"fraction", "1 Jan 2030 01:02:03.456", "2030-01-01 01:02:03"},
		{"no-seconds", "1 Jan 2030 01:02", ""},
		{"no-time", "1 Jan 2030", ""},
		{"no-day", "Jan 2030 0:0:0", ""},
		{"no-month", "1 2030 0:0:0", ""},
		{"text-behind-the-day", "1st Jan 2030 0:0:0", "2030-01-01 00:00:00"},
		{"text-behind-the-year", "1 Jan 2030AD 0:0:0", "2030-01-01 00:00:00"},
		{"nbsp-divides-nothing", "1\u00a0Jan 2030 0:0:0", ""},
		{"latin1-divides-nothing", "1\xa0Jan 2030 0:0:0", ""},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Engine("").parseDate(tt.in)
			text := ""
			if ok {
				text = got.Format(form)
			}
			if text != tt.want || ok && got.Location() != time.UTC {
				t.Errorf("parseDate(%q) = %v, %v, want %q", tt.in, got, ok, tt.want)
			}
		})
	}
}

// TestDatesOfEngines has the dates that engines read and the draft does not, or the other
// way round (docs/engines.md).
func TestDatesOfEngines(t *testing.T) {
	const form = "2006-01-02 15:04:05"
	tests := []struct{ name, in, chromium, firefox string }{
		{"usual", "Tue, 01 Jan 2030 01:02:03 GMT", "2030-01-01 01:02:03", "2030-01-01 01:02:03"},
		{"day-is-no-number", "1st Jan 2030 0:0:0", "", ""},
		{"year-is-no-number", "1 Jan 2030AD 0:0:0", "", ""},
		{"year-of-two-digits", "31 Jan 30 0:0:0", "2030-01-31 00:00:00", "2030-01-31 00:00:00"},
		{"year-of-three-digits", "1 Jan 100 0:0:0", "0100-01-01 00:00:00", ""},
		{"year-before-1601", "31 Dec 1600 0:0:0", "1600-12-31 00:00:00", "1600-12-31 00:00:00"},
		{"year-of-five-digits", "1 Jan 20300 0:0:0", "20300-01-01 00:00:00", "20300-01-01 00:00:00"},
		{"year-of-six-digits", "1 Jan 203000 0:0:0", "", ""},
		{"no-time", "1 Jan 2030", "", "2030-01-01 00:00:00"},
		{"no-seconds", "1 Jan 2030 10:30", "", "2030-01-01 10:30:00"},
		{"no-minutes", "1 Jan 2030 10:", "", "2030-01-01 00:00:00"},
		{"31st-of-february", "31 Feb 2030 0:0:0", "", "2030-03-03 00:00:00"},
		{"32nd-of-january", "32 Jan 2030 0:0:0", "", ""},
		{"slashes", "1/31/2030 10:00:00", "", "2030-01-31 10:00:00"},
		{"slashes-day-first", "31/1/2030 10:00:00", "", "2030-01-31 10:00:00"},
		{"slashes-month-first", "1/2/2030", "", "2030-01-02 00:00:00"},
		{"slashes-december-first", "12/1/2030", "", "2030-12-01 00:00:00"},
		{"slashes-december-second", "13/12/2030", "", "2030-12-13 00:00:00"},
		{"slashes-no-month", "13/13/2030", "", ""},
		{"slashes-no-day", "13/x/2030", "", ""},
		{"slashes-month-of-three-digits", "001/31/2030", "", ""},
		{"slashes-day-of-three-digits", "13/001/2030", "", ""},
		{"one-slash", "1/31 10:00:00", "", ""},
		{"three-slashes", "1/31/2030/1", "", ""},
		{"est", "1 Jan 2030 10:00:00 EST", "2030-01-01 10:00:00", "2030-01-01 15:00:00"},
		{"edt", "1 Jan 2030 10:00:00 edt", "2030-01-01 10:00:00", "2030-01-01 14:00:00"},
		{"cst", "1 Jan 2030 10:00:00 CST", "2030-01-01 10:00:00", "2030-01-01 16:00:00"},
		{"cdt", "1 Jan 2030 10:00:00 CDT", "2030-01-01 10:00:00", "2030-01-01 15:00:00"},
		{"mst", "1 Jan 2030 10:00:00 MST", "2030-01-01 10:00:00", "2030-01-01 17:00:00"},
		{"mdt", "1 Jan 2030 10:00:00 MDT", "2030-01-01 10:00:00", "2030-01-01 16:00:00"},
		{"pst", "1 Jan 2030 10:00:00 PST", "2030-01-01 10:00:00", "2030-01-01 18:00:00"},
		{"pdt", "1 Jan 2030 10:00:00 PDT", "2030-01-01 10:00:00", "2030-01-01 17:00:00"},
		{"jst", "1 Jan 2030 10:00:00 JST", "2030-01-01 10:00:00", "2030-01-01 01:00:00"},
		{"offset", "1 Jan 2030 10:00:00 +0230", "2030-01-01 10:00:00", "2030-01-01 07:30:00"},
		{"offset-of-gmt", "1 Jan 2030 10:00:00 GMT-0800", "2030-01-01 10:00:00", "2030-01-01 18:00:00"},
	}
	for _, tt := range tests {
		for e, want := range map[Engine]string{Chromium: tt.chromium, Safari: tt.chromium, Firefox: tt.firefox} {
			text := ""
			if got, ok := e.parseDate(tt.in); ok {
				text = got.Format(form)
			}
			if text != want {
				t.Errorf("%s: %s reads %q as %q, want %q", tt.name, e.Name(), tt.in, text, want)
			}
		}
	}
}

// TestDateDelimiters compares each byte with the list of rfc6265bis 5.1.1.
func TestDateDelimiters(t *testing.T) {
	for c := range 256 {
		want := c == 0x09 || 0x20 <= c && c <= 0x2f || 0x3b <= c && c <= 0x40 || 0x5b <= c && c <= 0x60 || 0x7b <= c && c <= 0x7e
		if _, ok := Engine("").parseDate("1 Jan" + string([]byte{byte(c)}) + "2030 0:0:0"); ok != want {
			t.Errorf("%#x divides: %v, want %v", c, ok, want)
		}
	}
}
