package sam

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	// The integers and decimals of YAML 1.1 (yaml.org/type/int.html, float.html).
	yamlInt     = regexp.MustCompile(`^[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$`)
	yamlDecimal = regexp.MustCompile(`^[-+]?([0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)$`)
)

// plainText returns the text of a plain scalar as YAML 1.1 reads it, for that
// is what SAM reads: yes is true, 0777 is 511 and 1.10 is 1.1, and whether that
// is a boolean or a number. Dates, numbers in base 60 and numbers with an
// exponent stay as they are written, and count as texts.
func plainText(s string) (text string, bare bool) {
	if v, ok := yamlBool(s); ok {
		return strconv.FormatBool(v), true
	}
	if yamlInt.MatchString(s) {
		if i, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 0, 64); err == nil {
			return strconv.FormatInt(i, 10), true
		}
		return s, false // 08 is not octal: a text
	}
	if yamlDecimal.MatchString(s) {
		if f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64); err == nil {
			text := strconv.FormatFloat(f, 'f', -1, 64)
			if !strings.Contains(text, ".") {
				text += ".0"
			}
			return text, true
		}
	}
	return s, false
}

// yamlBool reads a boolean of YAML 1.1 (yaml.org/type/bool.html), without y
// and n, which no reader of templates takes for one.
func yamlBool(s string) (value, ok bool) {
	switch s {
	case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return true, true
	case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return false, true
	}
	return false, false
}
