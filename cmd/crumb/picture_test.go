package main

import (
	"bytes"
	"flag"
	"fmt"
	"html"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "draw the README's picture of crumb explain again")

// The README's picture of crumb explain is what it prints. With -update it is
// drawn again.
func TestExplainPicture(t *testing.T) {
	const picture, line = "../../docs/images/explain.svg", "__Host-id=s3cret; Path=/; Domain=app.example"
	code, stdout, _ := explain("", line)
	if code != 1 {
		t.Fatalf("exit code = %d, want 1", code)
	}
	got := draw(fmt.Sprintf("$ crumb explain '%s'\n%s", line, stdout))
	if *update {
		if err := os.WriteFile(picture, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what crumb explain prints; go test ./cmd/crumb -run ExplainPicture -update draws\n%s", picture, got)
	}
}

// draw returns an SVG of what a terminal shows.
func draw(text string) []byte {
	const size, advance, leading, margin = 14, 8.43, 20, 20
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	columns := 0
	for _, line := range lines {
		columns = max(columns, utf8.RuneCountInString(line))
	}
	width, height := int(float64(columns)*advance)+2*margin, len(lines)*leading+2*margin
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="8" fill="#17181b"/>`+"\n", width, height)
	fmt.Fprintf(&b, `<g font-family="ui-monospace, 'SF Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="%d">`+"\n", size)
	for i, line := range lines {
		fill := "#ececee"
		switch word, _, _ := strings.Cut(line, " "); word {
		case "$":
			fill = "#8cc0ff"
		case "IGNORED", "ignored:":
			fill = "#ff9a96"
		}
		fmt.Fprintf(&b, `<text xml:space="preserve" x="%d" y="%d" fill="%s">%s</text>`+"\n", margin, margin+size+i*leading, fill, html.EscapeString(line))
	}
	b.WriteString("</g>\n</svg>\n")
	return b.Bytes()
}
