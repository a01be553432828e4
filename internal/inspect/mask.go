package inspect

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/crumb-go/crumb/shared/cookie"
)

const masked = "•••"

// attributes is what follows the first semicolon of a Set-Cookie line, without
// what may be a piece of a value.
func attributes(line string) string {
	_, rest, found := strings.Cut(cookie.MaskLine(line, masked), ";")
	if !found {
		return ""
	}
	return printable(";" + rest)
}

// maskedPath is the Path of a stored cookie without what may be a piece of
// another cookie, which a comma joined to it.
func maskedPath(path string) string {
	_, path, _ = strings.Cut(cookie.MaskLine("; Path="+path, masked), "Path=")
	return path
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
