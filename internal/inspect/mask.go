package inspect

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/crumb-go/crumb/shared/cookie"
)

const masked = "•••"

// attributes returns what follows the first semicolon of a Set-Cookie line,
// without anything that may be part of a value.
func attributes(line string) string {
	_, rest, found := strings.Cut(cookie.MaskLine(line, masked), ";")
	if !found {
		return ""
	}
	return printable(";" + rest)
}

// maskedPath returns the Path of a stored cookie, without anything that may be
// part of another cookie, joined with a comma.
func maskedPath(path string) string {
	_, path, _ = strings.Cut(cookie.MaskLine("; Path="+path, masked), "Path=")
	return path
}

// printableLines returns s with each of its lines printable.
func printableLines(s string) string {
	lines := strings.Split(s, "\n")
	for n, line := range lines {
		lines[n] = printable(strings.ReplaceAll(line, "\t", "    "))
	}
	return strings.Join(lines, "\n")
}

// printable returns s, quoted as in Go if it contains control bytes, letters
// without width or anything that changes the direction of text.
func printable(s string) string {
	for _, r := range s {
		if !strconv.IsPrint(r) || r == utf8.RuneError {
			return strconv.Quote(s)
		}
	}
	return s
}
