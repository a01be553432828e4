package cfn

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/crumb-go/crumb/internal/app"
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
		return &Error{file, at.Mark.Line, at.Message + adviceOn(at.Message)}
	}
	return &Error{File: file, Text: err.Error()}
}

// adviceOn says what is wrong, mostly, where the YAML parser has said this.
func adviceOn(message string) string {
	if strings.Contains(message, "did not find expected ',' or '}'") {
		return "; in a map within braces, a path such as '/{id}' needs quotes"
	}
	for _, start := range []string{"did not find expected key", "did not find expected '-'", "could not find expected ':'", "mapping values are not allowed"} {
		if strings.HasPrefix(message, start) {
			return " (indentation or a missing colon, here or in the line above)"
		}
	}
	return ""
}

// A Report collects findings and errors while a template is read, and counts
// the work. Its texts never contain the value of a NoEcho parameter.
type Report struct {
	Findings []app.Finding     // in the order in which they were found
	Secrets  *strings.Replacer // removes the values of NoEcho parameters

	file   string
	in     string // the document that findings are about; "": the template
	noted  map[app.Finding]bool
	err    error
	worked int
}

// Note adds a finding that is worth knowing.
func (r *Report) Note(line int, format string, args ...any) { r.find(app.Note, line, format, args) }

// NotEmulated adds a finding about something that works on AWS only.
func (r *Report) NotEmulated(line int, format string, args ...any) {
	r.find(app.NotEmulated, line, format, args)
}

// Refuse adds a finding about something that AWS would refuse. The caller leaves
// it out, or does what is safe.
func (r *Report) Refuse(line int, format string, args ...any) {
	r.find(app.Refused, line, format, args)
}

// In runs f, whose findings are about a document that the template includes; "" is
// the template.
func (r *Report) In(document string, f func()) {
	r.in, document = document, r.in
	f()
	r.in = document
}

func (r *Report) find(severity app.Severity, line int, format string, args []any) {
	r.add(app.Finding{Severity: severity, File: r.in, Line: line, Text: r.Secrets.Replace(fmt.Sprintf(format, args...))})
}

// add adds a finding, once.
func (r *Report) add(f app.Finding) {
	if !r.noted[f] {
		r.noted[f] = true
		r.Findings = append(r.Findings, f)
	}
}

// Fail records that nothing can be made of the template. The first reason counts.
func (r *Report) Fail(reason string) {
	if r.err == nil {
		r.err = &Error{File: r.file, Text: reason}
	}
}

// Err returns the *Error of Fail, nil when there is none.
func (r *Report) Err() error { return r.err }

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
		r.Fail("template too expensive to evaluate")
		return false
	}
	return true
}
