package useragent

import (
	"net/http"
	"strings"
	"time"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// meant is the verdict on the line with what looks like mistakes of writing undone:
// misspelt attributes, attributes after a blank or a comma, time zones.
func (v Verdict) meant() Verdict {
	l := v.line
	pair, attributes := swallowed(l.Value, false)
	if l.Trimmed {
		pair += " "
	}
	if l.Named {
		pair = l.Name + "=" + pair
	}
	for a := range l.Attributes() {
		if more := joined(a); len(more) > 0 {
			attributes = append(attributes, more...)
			continue
		}
		if name, value := respelled(a); name != "" {
			a.Key, a.Value = name, value
		}
		rest, more := swallowed(a.Value, false)
		if t, ok := v.Engine.parseDate(rest); ok && a.Key == "Expires" {
			if _, shift := zoneOf(rest); !v.Engine.has(looseDates) {
				t = t.Add(shift)
			}
			rest = t.Format(http.TimeFormat)
		}
		attributes = append(append(attributes, a.Key+"="+rest), more...)
	}
	return explain(pair+";"+strings.Join(attributes, ";"), v.from, v.Cookie.Created, v.Engine)
}

// joined returns the attributes that an unknown one probably meant: "Secure HttpOnly".
func joined(a rule.Attribute) []string {
	text := a.Key
	if a.Value != "" {
		text += "=" + a.Value
	}
	if rest, attributes := swallowed(text, true); !a.Known && rest == "" {
		return attributes
	}
	return nil
}

// respelled returns the known attribute that an unknown one probably meant, or "":
// "Samesite" or "Max-Age: 3600".
func respelled(a rule.Attribute) (name, value string) {
	if name = resembles(a.Key); name != "" {
		return name, a.Value
	}
	key, value, _ := strings.Cut(a.Key, ":")
	return resembles(key), value
}

// swallowed finds attributes in s that follow a blank or a comma instead of a semicolon,
// up to the end of s or to what may be another cookie; rest is what is before them. With
// first, s may begin with one. A value in quotes has none.
func swallowed(s string, first bool) (rest string, attributes []string) {
	if strings.HasPrefix(s, `"`) {
		return s, nil
	}
	at, pos := len(s), 0
fields:
	for field := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' }) {
		pos += strings.Index(s[pos:], field)
		name, _, assigned := strings.Cut(field, "=")
		switch last := len(attributes) - 1; {
		case isAttribute(name, assigned) && (pos > 0 || first):
			at = min(at, pos)
			attributes = append(attributes, field)
		case last < 0:
		case assigned:
			break fields
		case strings.HasPrefix(strings.ToLower(attributes[last]), "expires="): // has blanks and a comma
			attributes[last] += " " + field
		default: // words that only look like attributes
			at, attributes = len(s), nil
		}
		pos += len(field)
	}
	if len(attributes) == 0 {
		return s, nil
	}
	return strings.TrimRight(s[:at], " \t,"), attributes
}

// isAttribute reports whether name is an attribute that browsers know, with a value where
// it has one.
func isAttribute(name string, assigned bool) bool {
	name = spelling(name)
	flag := name == "Secure" || name == "HttpOnly" || name == "Partitioned"
	return name != "" && flag != assigned
}

// spelling is the usual spelling of an attribute that browsers know, or "".
func spelling(name string) string {
	for _, known := range rule.Known() {
		if strings.EqualFold(name, known) {
			return known
		}
	}
	return ""
}

// names lists the names of attributes as a sentence does.
func names(attributes []string) string {
	var all []string
	for _, a := range attributes {
		name, _, _ := strings.Cut(a, "=")
		all = append(all, spelling(name))
	}
	last := len(all) - 1
	if last == 0 {
		return all[0]
	}
	return strings.Join(all[:last], ", ") + " and " + all[last]
}

// zoneOf returns what follows the time of a date and says that GMT is not meant, as which
// browsers read every time; "" for nothing. Shift is what the time lacks to be in GMT, zero
// if that is not known.
func zoneOf(date string) (zone string, shift time.Duration) {
	date, _, _ = strings.Cut(date, "(") // the name of the zone
	hour := -1
	for word := range strings.FieldsSeq(strings.ToUpper(date)) {
		if clock, ok := Engine("").parseClock(word); ok && hour < 0 {
			hour = clock[0]
			word = strings.TrimLeft(word, digits+":.")
		}
		offset := strings.TrimPrefix(strings.TrimPrefix(word, "GMT"), "UTC")
		switch {
		case hour < 0 || offset == "" || offset == "Z" || offset == "UT" || parseMonth(word) > 0:
		case strings.Contains("SUN MON TUE WED THU FRI SAT AM", word):
		case word == "PM":
			if hour < 12 {
				return word, 12 * time.Hour
			}
		case offset[0] == '+' || offset[0] == '-':
			if east, ok := minutes(offset[1:]); ok && east > 0 {
				if offset[0] == '+' {
					east = -east
				}
				return word, time.Duration(east) * time.Minute
			}
		case len(word) <= 5 && strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "":
			return word, 0
		}
	}
	return "", 0
}

// minutes reads the offset of a time zone: 02, 0200 or 02:00.
func minutes(s string) (n int, ok bool) {
	s = strings.Replace(s, ":", "", 1)
	n, ok = parseNumber(s, 2, 4)
	if len(s) == 4 {
		return n/100*60 + n%100, ok
	}
	return n * 60, ok
}
