package sam

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

const (
	// maxSize is the most that CloudFormation takes (CloudFormation quotas:
	// template body in an S3 object, 1 MB).
	maxSize = 1 << 20

	transform = "AWS::Serverless-2016-10-31"
)

// Options are what a template does not say itself. The zero value reads it as
// sam local does without any option.
type Options struct {
	// Overrides are parameter values. A name of a pseudo parameter, such as
	// AWS::StackName, sets that. Names that the template has not are noted.
	Overrides map[string]string

	// EnvVars are values of environment variables by function (logical id or
	// FunctionName), and by "Parameters" for all functions, in the format of
	// sam's --env-vars. As with sam, only variables that the template declares
	// are set; others are noted.
	EnvVars map[string]map[string]string

	Region    string // default us-east-1
	AccountID string // default 123456789012
	StackName string // default local
}

// Read reads the SAM template in file, YAML or JSON.
//
// What a template says that crumb does not do, and values that only a deployed
// stack has, become Findings. What SAM or CloudFormation would refuse is an
// error: one *Error, or several joined.
func Read(file string, o Options) (*app.App, error) {
	text, err := readFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("sam: there is no %s; go to the folder of your SAM template, or name one (-t)", file)
	} else if err != nil {
		return nil, err
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("sam: %w", err)
	}
	return read(file, path, text, o)
}

// Find returns the template in dir by the names that sam looks for:
// template.yaml, template.yml, template.json. Without one it is
// dir/template.yaml all the same, for Read to complain about.
func Find(dir string) string {
	return find(dir, "template.yaml", "template.yml", "template.json")
}

// find returns the first of names that is in dir, else the first of all.
func find(dir string, names ...string) string {
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return filepath.Join(dir, name)
		}
	}
	return filepath.Join(dir, names[0])
}

func readFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("sam: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("sam: %w", err)
	}
	if len(text) > maxSize {
		return nil, &Error{File: file, Text: "larger than 1 MB, which CloudFormation does not take"}
	}
	return text, nil
}

func read(file, path string, text []byte, o Options) (*app.App, error) {
	root, err := parse(text)
	if err != nil {
		return nil, located(file, err)
	}
	r := newReader(file, path, root, o)
	if !r.transforms(transform) {
		r.fail(0, "not a SAM template: it has no Transform: %s", transform)
		return nil, r.err()
	}
	r.parameters()
	if r.transforms(extensions) {
		r.root = r.unroll(r.root)
	}
	r.globals()
	r.resources()
	if err := r.err(); err != nil {
		return nil, err
	}
	r.t.Secrets = r.hide
	slices.SortStableFunc(r.t.Findings, app.Finding.Compare)
	return r.t, nil
}

// A reader holds what is known of a template while it is read.
type reader struct {
	o    Options
	file string
	root *node
	t    *app.App
	errs []error

	values   map[string]*node         // of parameters and pseudo parameters
	hide     *strings.Replacer        // of secrets in notes and errors
	shared   map[string]*node         // Globals by section
	decided  map[string]*node         // conditions; nil while under way
	naming   map[string]bool          // resources whose name is being made
	named    map[string]*app.Function // functions, by logical id and FunctionName
	apis     map[string]*api
	unrolled map[*node]*node // see unroll
	others   []field         // the first event of each type that is not HTTP, by type

	where string // what is being resolved, for notes
	muted int    // > 0: notes are not taken
	noted map[app.Finding]bool
	spent int
}

func newReader(file, path string, root *node, o Options) *reader {
	return &reader{
		o: o, file: file, root: root, t: &app.App{File: path},
		hide:   strings.NewReplacer(),
		values: map[string]*node{}, shared: map[string]*node{}, decided: map[string]*node{},
		naming: map[string]bool{}, named: map[string]*app.Function{}, apis: map[string]*api{}, noted: map[app.Finding]bool{}, unrolled: map[*node]*node{},
	}
}

// transforms reports whether the template asks for a transform.
func (r *reader) transforms(name string) bool {
	t := r.root.get("Transform")
	if t.str() == name {
		return true
	}
	return t != nil && slices.ContainsFunc(t.items, func(n *node) bool { return n.text == name })
}

// note takes a note, once.
func (r *reader) note(line int, format string, args ...any) {
	n := app.Finding{Line: line, Text: r.hide.Replace(fmt.Sprintf(format, args...))}
	if r.muted > 0 || r.noted[n] {
		return
	}
	r.noted[n] = true
	r.t.Findings = append(r.t.Findings, n)
}

// fail records an error and goes on, so that several are reported at once.
func (r *reader) fail(line int, format string, args ...any) {
	const enough = 20
	if len(r.errs) < enough {
		r.errs = append(r.errs, &Error{r.file, line, r.hide.Replace(fmt.Sprintf(format, args...))})
	}
}

func (r *reader) err() error { return errors.Join(r.errs...) }

// spend takes from the work that one template may cause, so that aliases and
// nested functions cannot grow without bound. It reports whether any is left.
func (r *reader) spend(n int) bool {
	const most = 1 << 19
	if r.spent > most {
		return false
	}
	if r.spent += n; r.spent > most {
		r.fail(0, "its values take more work than any real template needs")
		return false
	}
	return true
}
