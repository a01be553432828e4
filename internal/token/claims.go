package token

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/shared/rawjson"
)

// claims are those of a token, with the JSON of each value.
type claims map[string]string

// parseClaims rejects a name that is there twice: two readers could read two values.
func parseClaims(payload string) (claims, error) {
	payload = strings.TrimSpace(payload)
	if !strings.HasPrefix(payload, "{") || !json.Valid([]byte(payload)) {
		return nil, malformed.because("the token's payload is not a JSON object")
	}
	all := claims{}
	for name, value := range rawjson.Members(payload) {
		if _, twice := all[name]; twice {
			return nil, malformed.because("a claim of the token is there twice")
		}
		all[name] = value
	}
	return all, nil
}

// text returns the value of a claim that is a string, else "".
func (c claims) text(name string) string {
	if value := c[name]; strings.HasPrefix(value, `"`) {
		return rawjson.Unquote(value)
	}
	return ""
}

// texts returns the value of a claim that is a string or an array of strings.
func (c claims) texts(name string) []string {
	value := c[name]
	switch {
	case strings.HasPrefix(value, `"`):
		return []string{rawjson.Unquote(value)}
	case !strings.HasPrefix(value, "["):
		return nil
	}
	var all []string
	for element := range rawjson.Elements(value) {
		if !strings.HasPrefix(element, `"`) {
			return nil
		}
		all = append(all, rawjson.Unquote(element))
	}
	return all
}

// scopes returns those of the claim scope, or of scp if there is none. Issuers write
// them as one string or as an array.
func (c claims) scopes() []string {
	name := "scope"
	if _, has := c[name]; !has {
		name = "scp"
	}
	var all []string
	for _, text := range c.texts(name) {
		all = append(all, strings.Fields(text)...)
	}
	return all
}

// seconds returns the value of a NumericDate (RFC 7519 section 2).
func (c claims) seconds(name string) (float64, bool) {
	n, err := strconv.ParseFloat(c[name], 64)
	return n, err == nil && math.Abs(n) < 1<<40
}

// judgeTime requires exp; nbf and iat count if the token has them.
func (c claims) judgeTime(at time.Time) error {
	now := float64(at.UnixNano()) / float64(time.Second)
	switch exp, ok := c.seconds("exp"); {
	case !ok:
		return expired.because("the token has no exp that is a time")
	case exp <= now:
		return expired.because("the token expired %v ago", time.Duration((now-exp)*float64(time.Second)).Round(time.Second))
	}
	for _, name := range []string{"nbf", "iat"} {
		if c[name] == "" {
			continue
		}
		if begin, ok := c.seconds(name); !ok || begin > now {
			return tooEarly.because("the token's %s is not a time in the past", name)
		}
	}
	return nil
}

// event returns the claims as an event has them: all strings. An HTTP API writes arrays
// as [a b] and drops null (floci-io/floci#2011, a capture). A REST API writes the two
// times as Java does, and arrays, as is guessed, with commas.
func (c claims) event(kind app.Auth) map[string]string {
	all := make(map[string]string, len(c))
	for _, name := range slices.Sorted(maps.Keys(c)) {
		value := c[name]
		if value == "null" {
			continue
		}
		if at, ok := c.seconds(name); kind == app.Cognito && ok && (name == "exp" || name == "iat") {
			all[name] = time.Unix(int64(at), 0).UTC().Format("Mon Jan 02 15:04:05 MST 2006")
			continue
		}
		if kind == app.Cognito {
			all[name] = listText(value, "", ",", "")
		} else {
			all[name] = listText(value, "[", " ", "]")
		}
	}
	return all
}

// listText writes a value as text: a string itself, an array as its elements, and all
// else as its JSON.
func listText(value, begin, between, end string) string {
	switch value[0] {
	case '"':
		return rawjson.Unquote(value)
	case '[':
		var elements []string
		for element := range rawjson.Elements(value) {
			elements = append(elements, listText(element, begin, between, end))
		}
		return begin + strings.Join(elements, between) + end
	}
	return value
}
