package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/crumb-go/crumb/internal/local"
)

// A movingLine is the last line of a terminal, which says how far compiling has come.
// What else is written to the terminal goes through clearing.
type movingLine struct {
	mu    sync.Mutex
	out   io.Writer
	width int // of what is there now
}

// moving sets up such a line for a project, if stderr is a terminal, and returns writers
// in place of stdout and stderr.
func moving(o *local.Options, stdout, stderr io.Writer) (io.Writer, io.Writer) {
	if o.Records || !isTerminal(stderr) {
		return stdout, stderr
	}
	m := &movingLine{out: stderr}
	o.OnCompile = m.compiling
	return clearing{m, stdout}, clearing{m, stderr}
}

// compiling replaces the line, or removes it if packages is 0 and now is "". It is
// local.Options.OnCompile.
func (m *movingLine) compiling(packages int, now string) {
	const most = 78 // a longer line would wrap, and stay
	text := ""
	switch {
	case packages > 0:
		text = fmt.Sprintf("compiling package %d: %s", packages, now)
	case now != "":
		text = "compiling: " + now
	}
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most])
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clear()
	io.WriteString(m.out, text)
	m.width = utf8.RuneCountInString(text)
}

// clear removes the line, without escape sequences: not every terminal has them.
func (m *movingLine) clear() {
	if m.width > 0 {
		io.WriteString(m.out, "\r"+strings.Repeat(" ", m.width)+"\r")
		m.width = 0
	}
}

// clearing removes the line before it writes.
type clearing struct {
	line *movingLine
	w    io.Writer
}

func (c clearing) Write(p []byte) (int, error) {
	c.line.mu.Lock()
	defer c.line.mu.Unlock()
	c.line.clear()
	return c.w.Write(p)
}
