package cfn

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// An Error is a mistake in a template, or in a file of settings.
type Error struct {
	File string // as given to the function that read it
	Line int    // 1-based; 0: no single line
	Text string
}

// Error returns "file:line: text", which terminals and editors link.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
}

// lineError returns an error without its file.
func lineError(line int, format string, args ...any) error {
	return &Error{Line: line, Text: fmt.Sprintf(format, args...)}
}

// Located turns an error of Parse, or of a YAML reader, into one about a line
// of file.
func Located(file string, err error) *Error {
	if at := (*Error)(nil); errors.As(err, &at) {
		return &Error{file, at.Line, at.Text}
	}
	if at := (*yaml.LoadError)(nil); errors.As(err, &at) {
		return &Error{file, at.Mark.Line, at.Message}
	}
	return &Error{File: file, Text: err.Error()}
}

// A Finding is a sentence about one line of a template.
type Finding struct {
	Line int // 1-based; 0: no single line
	Text string
}

// A Report collects findings and errors while a template is read, and counts
// the work. Its texts never contain the value of a NoEcho parameter.
type Report struct {
	Findings []Finding         // in the order in which they were found
	Secrets  *strings.Replacer // removes the values of NoEcho parameters

	file   string
	noted  map[Finding]bool
	errs   []error
	worked int
}

func newReport(file string) *Report {
	return &Report{file: file, Secrets: strings.NewReplacer(), noted: map[Finding]bool{}}
}

// Note adds a finding, once.
func (r *Report) Note(line int, format string, args ...any) {
	f := Finding{line, r.Secrets.Replace(fmt.Sprintf(format, args...))}
	if !r.noted[f] {
		r.noted[f] = true
		r.Findings = append(r.Findings, f)
	}
}

// Fail adds an error, so that several are reported at once, unless there are
// many already.
func (r *Report) Fail(line int, format string, args ...any) {
	const enough = 20
	if len(r.errs) < enough {
		r.errs = append(r.errs, &Error{r.file, line, r.Secrets.Replace(fmt.Sprintf(format, args...))})
	}
}

// Err returns the errors, each an *Error, joined; nil when there are none.
func (r *Report) Err() error { return errors.Join(r.errs...) }

// Spend takes n units from the work that one template may cause, so that
// aliases and nested functions cannot grow without bound. A unit is one value,
// or 64 bytes of text. It reports whether any work is left; running out is an
// error.
func (r *Report) Spend(n int) bool {
	const most = 1 << 19
	if r.worked > most {
		return false
	}
	if r.worked += n; r.worked > most {
		r.Fail(0, "template too expensive to evaluate")
		return false
	}
	return true
}
