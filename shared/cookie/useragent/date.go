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
//
// The engines that were run want whole numbers, and take every year. Firefox can do
// without the time, and counts on from a date that there is not.
func (e Engine) parseDate(s string) (time.Time, bool) {
	var clock [3]int // hour, minute, second
	loose, whole := e.has(looseDates), e.has(wholeNumbers)
	hasClock := loose
	day, month, year := -1, -1, -1
	number := func(token string, least, most int) (int, bool) {
		if whole && strings.Trim(token, digits) != "" || loose && len(token) == 3 {
			return 0, false
		}
		return parseNumber(token, least, most)
	}
	if loose {
		s = spellMonths(s)
	}
	for _, token := range strings.FieldsFunc(s, isDateDelimiter) {
		if c, ok := e.parseClock(token); ok && (!hasClock || loose) {
			clock, hasClock = c, true
		} else if n, ok := number(token, 1, 2); ok && day < 0 {
			day = n
		} else if n := parseMonth(token); n > 0 && month < 0 {
			month = n
		} else if n, ok := number(token, 2, e.yearDigits()); ok && year < 0 {
			year = n
		}
	}
	switch {
	case 70 <= year && year <= 99:
		year += 1900
	case 0 <= year && year <= 69:
		year += 2000
	}
	if month < 0 || year < 0 || day < 0 || !hasClock {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, clock[0], clock[1], clock[2], 0, time.UTC)
	exists := t.Day() == day && clock[1] <= 59 && clock[2] <= 59 // there is no 31st of June, and no hour 24
	if loose {
		t = t.Add(-zone(s))
	}
	return t, (whole || year >= 1601) && (exists || loose && day <= 31)
}

// zones are those with a name, in hours east of Greenwich.
var zones = map[string]time.Duration{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "JST": 9}

// zone returns how far the clock of a date like "… EST", "… +0200" or "… GMT+0200" is
// ahead.
func zone(s string) time.Duration {
	for _, field := range strings.Fields(s) {
		if hours, ok := zones[strings.ToUpper(field)]; ok {
			return hours * time.Hour
		}
		if t, err := time.Parse("-0700", strings.TrimPrefix(field, "GMT")); err == nil {
			_, seconds := t.Zone()
			return time.Duration(seconds) * time.Second
		}
	}
	return 0
}

// spellMonths writes a date like 1/31/2030 with the month's name.
func spellMonths(s string) string {
	fields := strings.Fields(s)
	for i, field := range fields {
		parts := strings.Split(field, "/")
		if len(parts) != 3 {
			continue
		}
		month, ok := parseNumber(parts[0], 1, 2)
		if day, _ := parseNumber(parts[1], 1, 2); month > 12 {
			month, parts[1] = day, parts[0]
		}
		if ok && 1 <= month && month <= 12 {
			fields[i] = parts[1] + " " + time.Month(month).String() + " " + parts[2]
		}
	}
	return strings.Join(fields, " ")
}

func (e Engine) yearDigits() int {
	if e.has(wholeNumbers) {
		return 5
	}
	return 4
}

func isDateDelimiter(r rune) bool {
	return r == '\t' || ' ' <= r && r <= '/' || ';' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
}

// parseClock reads h:m:s, one or two digits each, at the start of token; h:m where
// dates are loose.
func (e Engine) parseClock(token string) (clock [3]int, ok bool) {
	hour, rest, _ := strings.Cut(token, ":")
	minute, second, three := strings.Cut(rest, ":")
	if minute != "" && !three && e.has(looseDates) {
		second = "0"
	}
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
