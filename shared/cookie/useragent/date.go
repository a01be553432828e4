package useragent

import (
	"strings"
	"time"
)

// parseDate reads a cookie-date: a time, a day, a month and a year in any order,
// and ignores everything else. It follows the steps of rfc6265bis 5.1.1:
//
//  1. Divide s into tokens at delimiters.
//  2. Of each token, try these in turn, and stop at the first that matches and was
//     not found before: the time, the day of the month, the month, the year.
//  3. A year of 70 to 99 is 1970 to 1999.
//  4. A year of 0 to 69 is 2000 to 2069.
//  5. Fail if a part is missing or out of range.
//  6. Fail if there is no such date.
func parseDate(s string) (time.Time, bool) {
	var clock [3]int // hour, minute, second
	var hasClock bool
	day, month, year := -1, -1, -1
	for _, token := range strings.FieldsFunc(s, isDateDelimiter) {
		if c, ok := parseClock(token); ok && !hasClock {
			clock, hasClock = c, true
		} else if n, ok := parseNumber(token, 1, 2); ok && day < 0 {
			day = n
		} else if n := parseMonth(token); n > 0 && month < 0 {
			month = n
		} else if n, ok := parseNumber(token, 2, 4); ok && year < 0 {
			year = n
		}
	}
	switch {
	case 70 <= year && year <= 99:
		year += 1900
	case 0 <= year && year <= 69:
		year += 2000
	}
	if !hasClock || month < 0 || year < 1601 || day < 1 || clock[0] > 23 || clock[1] > 59 || clock[2] > 59 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, clock[0], clock[1], clock[2], 0, time.UTC)
	return t, t.Day() == day // there is no 31st of June
}

func isDateDelimiter(r rune) bool {
	return r == '\t' || ' ' <= r && r <= '/' || ';' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
}

// parseClock reads h:m:s, one or two digits each, at the start of token.
func parseClock(token string) (clock [3]int, ok bool) {
	hour, rest, _ := strings.Cut(token, ":")
	minute, second, _ := strings.Cut(rest, ":")
	for i, field := range []string{hour, minute, second} {
		if clock[i], ok = parseNumber(field, 1, 2); !ok || i < 2 && len(strings.Trim(field, digits)) > 0 {
			return clock, false
		}
	}
	return clock, true
}

const digits = "0123456789"

// parseNumber reads least to most digits at the start of token, which no other digit
// may follow.
func parseNumber(token string, least, most int) (n int, ok bool) {
	count := len(token) - len(strings.TrimLeft(token, digits))
	if count < least || count > most {
		return 0, false
	}
	for _, c := range token[:count] {
		n = 10*n + int(c-'0')
	}
	return n, true
}

// parseMonth returns the month that token begins with, or 0.
func parseMonth(token string) int {
	const names = "janfebmaraprmayjunjulaugsepoctnovdec"
	if len(token) < 3 {
		return 0
	}
	for i := 0; i < len(names); i += 3 {
		if strings.EqualFold(token[:3], names[i:i+3]) {
			return i/3 + 1
		}
	}
	return 0
}
