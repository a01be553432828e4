package adapters_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/crumb-go/crumb/shared/rawjson"
)

const same = "same"

// compareArrival says in a few words how the Cookie lines that a handler saw differ
// from those that it sees under net/http, and what the function got.
func compareArrival(want, got *exchange) (cell, note string) {
	switch wantCookies, gotCookies := pairs(want.arrived), pairs(got.arrived); {
	case slices.Equal(got.arrived, want.arrived):
		return same, ""
	case !slices.Equal(gotCookies, wantCookies):
		cell = differences(wantCookies, gotCookies)
	case len(got.arrived) == 1:
		cell = "in one line"
	default:
		cell = fmt.Sprintf("in %d lines", len(got.arrived))
	}
	lines := "lines"
	if len(got.arrived) == 1 {
		lines = "line"
	}
	return cell, fmt.Sprintf("the event has `%s`, and the handler sees the %s %s.", fragment(got.event, "Cookie"), lines, list(got.arrived))
}

// compareDeparture says so of the response that the client got.
func compareDeparture(want, got *exchange) (cell, note string) {
	if got.err != nil {
		return fmt.Sprintf("error, %d", got.status), fmt.Sprintf("the function returns no response but the error `%v`.", got.err)
	}
	note = fmt.Sprintf("the response has `%s`.", fragment(got.returned, "Set-Cookie"))
	switch {
	case strings.Contains(got.log.String(), "control byte"): // which crumb start does not let through, and AWS may
		return "has the line break", note
	case got.status != want.status:
		return strconv.Itoa(got.status), note
	case !slices.Equal(sorted(got.cookies), sorted(want.cookies)):
		return differences(want.cookies, got.cookies), note
	case !slices.Equal(got.cookies, want.cookies):
		return "in another order", note
	case got.body != want.body:
		return fmt.Sprintf("body `%s`", got.body), ""
	case strings.Contains(got.returned, `"set-Cookie"`):
		return "spelled in several ways", note
	}
	return same, ""
}

// pairs are the cookies of Cookie lines.
func pairs(lines []string) []string {
	return strings.Split(strings.Join(lines, "; "), "; ")
}

// differences says which of want are not in got, and which of got not in want, by
// names and values.
func differences(want, got []string) string {
	lost, more := without(want, got), without(got, want)
	switch {
	case len(lost) == 0 && slices.Equal(sorted(more), sorted(want)):
		return "each cookie twice"
	case len(lost) == 0 && len(more) == 0:
		return "in another order"
	case len(lost) == 0:
		return "also " + values(more)
	case len(more) == 0:
		return "without " + values(lost)
	}
	return values(more) + ", not " + values(lost)
}

// without is list without what is in other, each as often as it is there.
func without(list, other []string) []string {
	rest := slices.Clone(list)
	for _, s := range other {
		if i := slices.Index(rest, s); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
		}
	}
	return rest
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

func list(lines []string) string {
	var texts []string
	for _, line := range lines {
		texts = append(texts, "`"+readable(line)+"`")
	}
	return strings.Join(texts, ", ")
}

// values is the same without attributes.
func values(lines []string) string {
	var cookies []string
	for _, line := range lines {
		cookie, _, _ := strings.Cut(line, ";")
		cookies = append(cookies, cookie)
	}
	return list(cookies)
}

var long = regexp.MustCompile(`x{20,}`)

// readable is a line with its control bytes and those that are not UTF-8 as Go
// writes them, and with large values made short.
func readable(line string) string {
	var b strings.Builder
	for _, r := range long.ReplaceAllString(line, "x…x") {
		b.WriteRune(r)
	}
	if utf8.ValidString(line) {
		return strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(b.String())
	}
	return strings.Trim(strconv.QuoteToASCII(line), `"`)
}

// fragment is what an event or a response says about a header: the members that
// can have it, without other headers.
func fragment(object, header string) string {
	var members []string
	for name, value := range rawjson.Members(object) {
		switch {
		case name == "cookies", strings.HasSuffix(strings.ToLower(name), "headers") && value == "null":
			members = append(members, strconv.Quote(name)+":"+value)
		case name == "headers", name == "multiValueHeaders":
			if own := only(value, header); own != "" {
				members = append(members, strconv.Quote(name)+":{"+own+"}")
			}
		}
	}
	return readable(strings.Join(members, ","))
}

// only are the members of an object that have this name, in any spelling.
func only(object, header string) string {
	var own []string
	for name, value := range rawjson.Members(object) {
		if strings.EqualFold(name, header) {
			own = append(own, strconv.Quote(name)+":"+value)
		}
	}
	return strings.Join(own, ",")
}
