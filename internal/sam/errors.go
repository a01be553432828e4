package sam

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v4"
)

// An Error is a mistake in a template, or in a file of settings.
type Error struct {
	File string // as given to the function that read it
	Line int    // 1-based; 0 when no single line is meant
	Text string
}

// Error returns "file:line: text", which terminals and editors link.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
}

// An atLine is an error about one line of the template.
type atLine struct {
	line int
	text string
}

func (e *atLine) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.text) }

func lineError(line int, format string, args ...any) error {
	return &atLine{line, fmt.Sprintf(format, args...)}
}

// located returns an error of parsing as one about a line of file.
func located(file string, err error) error {
	if at := (*atLine)(nil); errors.As(err, &at) {
		return &Error{file, at.line, at.text}
	}
	if at := (*yaml.LoadError)(nil); errors.As(err, &at) {
		return &Error{file, at.Mark.Line, at.Message}
	}
	return &Error{File: file, Text: err.Error()}
}
