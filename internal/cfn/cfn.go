// Package cfn reads CloudFormation's language: YAML or JSON syntax, parameters,
// conditions, mappings, intrinsic functions, loops and includes. It is
// independent of resource types.
//
//	root, err := cfn.Parse(text)
//	…
//	t := cfn.New(file, root, cfn.Options{Dir: dir, Region: "eu-west-1"})
//	size := t.Resolve("F MemorySize", root.Get("Resources", "F", "Properties", "MemorySize"))
//
// A value is resolved only when a caller asks for it, so the properties of a
// resource that is not emulated, for example, are neither checked nor reported.
// Each value knows its line. A value that only a deployed stack has, such as
// the ARN of a table, gets a readable placeholder, and a Finding says so.
// Templates are not trusted: size, depth and the work they cause are bounded.
package cfn

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// MaxSize is CloudFormation's limit for a template, in bytes (CloudFormation
// quotas: template body in an S3 object, 1 MB).
const MaxSize = 1 << 20

// LanguageExtensions is the transform that Fn::ForEach and some functions
// require.
const LanguageExtensions = "AWS::LanguageExtensions"

// Options are what the template itself does not say.
type Options struct {
	Dir string // the folder that its paths are relative to, absolute

	// Parameters are values of parameters, pseudo parameters such as
	// AWS::StackName included. Names that the template does not have are noted.
	Parameters map[string]string

	Region, AccountID, StackName string // of the pseudo parameters

	// Names says what Ref returns, by resource type.
	Names map[string]Name

	// Known has what Ref ("") and GetAtt return of resources that are there, by logical id.
	Known map[string]map[string]string

	// Generated are resources that a transform adds.
	Generated []string
}

// A Name says what Ref and GetAtt return for a type of resource.
type Name struct {
	Property string // the property whose value it is, if set
	Logical  bool   // otherwise the logical id, which needs no placeholder
	Function bool   // a Lambda function, whose name is not used if it has a placeholder in it

	// Attributes are what GetAtt returns, as for Fn::Sub; ${Name} is what Ref returns.
	Attributes map[string]string
}

// A Template is a template whose values can be resolved. It is not safe for
// concurrent use.
type Template struct {
	*Report

	// Documents are the paths of the files that DocumentFile was asked for.
	Documents []string

	dir        string
	root       *Value
	names      map[string]Name
	known      map[string]map[string]string
	generated  []string
	parameters map[string]*Value // including pseudo parameters
	stored     map[string]int    // lines of parameters that Systems Manager has the value of
	conditions map[string]*Value // those evaluated; nil during evaluation
	naming     map[string]bool   // resources whose name is being resolved
}

// New prepares a template: it gives the parameters their values and expands the
// loops. Mistakes are collected in the Report, under the name file.
func New(file string, root *Value, o Options) *Template {
	t := &Template{
		Report: &Report{file: file, Secrets: strings.NewReplacer(), noted: map[app.Finding]bool{}},
		dir:    o.Dir, root: root, names: o.Names, known: o.Known, generated: o.Generated,
		parameters: pseudoParameters(o), stored: map[string]int{}, conditions: map[string]*Value{}, naming: map[string]bool{},
	}
	t.repeats("", root)
	t.readParameters(o.Parameters)
	t.mergeIncludes()
	if HasTransform(root, LanguageExtensions) {
		t.root = (&loops{t, map[*Value]*Value{}}).unroll(t.root)
	}
	return t
}

// repeats notes the keys that are twice in a document.
func (t *Template) repeats(file string, root *Value) {
	for _, f := range root.repeated {
		f.File = file
		t.add(f)
	}
}

// Section returns a section such as Resources, nil when there is none.
func (t *Template) Section(name string) *Value { return t.root.Get(name) }

// HasTransform reports whether the template asks for a transform.
func HasTransform(root *Value, name string) bool {
	transform := root.Get("Transform")
	return transform.Str() == name || transform != nil &&
		slices.ContainsFunc(transform.Items, func(v *Value) bool { return v.Text == name })
}

// IsParameter reports whether v refers to a parameter, which transforms know before
// functions are evaluated.
func (t *Template) IsParameter(v *Value) bool { return t.parameters[v.Ref()] != nil }

// Path returns a path in the template, relative to its folder, as an absolute
// one.
func (t *Template) Path(path string) string {
	if path = filepath.FromSlash(path); filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(t.dir, path)
}
