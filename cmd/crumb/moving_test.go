package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/local"
)

// What is on the screen is what a terminal makes of the text: \r goes back in the line.
func screen(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		var cells []rune
		for part := range strings.SplitSeq(line, "\r") {
			runes := []rune(part)
			cells = append(runes, cells[min(len(runes), len(cells)):]...)
		}
		lines = append(lines, strings.TrimRight(string(cells), " "))
	}
	return strings.Join(lines, "\n")
}

func TestMovingLine(t *testing.T) {
	var terminal strings.Builder
	m := &movingLine{out: &terminal}
	w := clearing{m, &terminal}
	show := func(want string) {
		t.Helper()
		if got := screen(terminal.String()); got != want {
			t.Errorf("the screen has %q, want %q", got, want)
		}
	}
	m.compiling(0, "go: downloading example.com/m v1.0.0")
	show("compiling: go: downloading example.com/m v1.0.0")
	m.compiling(2, "fmt")
	show("compiling package 2: fmt")
	fmt.Fprintln(w, "a line")
	show("a line\n")
	m.compiling(3, strings.Repeat("ü", 100))
	show("a line\ncompiling package 3: " + strings.Repeat("ü", 78-21))
	m.compiling(0, "")
	show("a line\n")
}

// A file gets no moving line, nor what removes one.
func TestNoMovingLine(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var o local.Options
	if stdout, stderr := moving(&o, f, f); stdout != f || stderr != f || o.OnCompile != nil {
		t.Error("a file is treated as a terminal")
	}
}
