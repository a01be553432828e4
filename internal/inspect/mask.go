package inspect

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maskAttributes is what follows the first semicolon of a Set-Cookie line,
// without what may be a piece of a value: one that a semicolon has cut, or of a
// further cookie behind a comma.
func maskAttributes(line string) string {
	_, rest, found := strings.Cut(line, ";")
	if !found {
		return ""
	}
	parts := strings.Split(rest, ";")
	for n, part := range parts {
		name, value, valued := strings.Cut(part, "=")
		lead := part[:len(part)-len(strings.TrimLeft(part, " \t"))]
		switch {
		case strings.Trim(part, " \t") == "":
		case !attributes[strings.ToLower(strings.Trim(name, " \t"))]:
			parts[n] = lead + masked
		case valued:
			parts[n] = name + "=" + cut(maskFolded(value), 200)
		}
	}
	return printable(";" + strings.Join(parts, ";"))
}

// maskFolded is an attribute's value without a further cookie behind a comma.
func maskFolded(value string) string {
	before, _, found := strings.Cut(value, "=")
	if comma := strings.LastIndexByte(before, ','); found && comma >= 0 {
		return before[:comma] + masked
	}
	return value
}

const masked = "•••"

// attributes are those that stand in specifications, by their lower-case names.
var attributes = map[string]bool{
	"expires": true, "max-age": true, "domain": true, "path": true, "secure": true, "httponly": true, "samesite": true,
	"partitioned": true, "priority": true,
}

// printableLines is s with each of its lines printable.
func printableLines(s string) string {
	lines := strings.Split(s, "\n")
	for n, line := range lines {
		lines[n] = printable(strings.ReplaceAll(line, "\t", "    "))
	}
	return strings.Join(lines, "\n")
}

// printable is s where all of it can be seen, else s as Go quotes it: control
// bytes, letters without width and what turns the direction of text.
func printable(s string) string {
	for _, r := range s {
		if !strconv.IsPrint(r) || r == utf8.RuneError {
			return strconv.Quote(s)
		}
	}
	return s
}
