// Package cfn reads CloudFormation's language: the syntax, YAML or JSON, and
// what values are written with, which is parameters, conditions, mappings,
// intrinsic functions, loops and includes. It knows no resource types.
//
//	root, err := cfn.Parse(text)
//	…
//	t := cfn.New(file, root, cfn.Options{Dir: dir, Region: "eu-west-1"})
//	size := t.Resolve("F MemorySize", root.Get("Resources", "F", "Properties", "MemorySize"))
//
// A value is resolved when somebody asks for it, so what nobody asks for, such
// as the properties of a resource that is not emulated, is neither checked nor
// reported. Each value knows its line. What only a deployed stack has, such as
// the ARN of a table, gets a readable stand-in, and a Finding that says so.
// Templates are not trusted: size, depth and the work they cause are bounded.
package cfn

import (
	"path/filepath"
	"slices"
)

// MaxSize is the most bytes that CloudFormation takes (CloudFormation quotas:
// template body in an S3 object, 1 MB).
const MaxSize = 1 << 20

// LanguageExtensions is the transform that Fn::ForEach and some functions need.
const LanguageExtensions = "AWS::LanguageExtensions"

// Options are what a template does not say itself.
type Options struct {
	Dir string // the folder at which its paths start, absolute

	// Parameters are values of parameters. A name of a pseudo parameter, such
	// as AWS::StackName, sets that. Names that the template has not are noted.
	Parameters map[string]string

	Region, AccountID, StackName string // of the pseudo parameters

	// Names tells by resource type what Ref returns.
	Names map[string]Name
}

// A Name is what Ref returns of a type of resource.
type Name struct {
	Property string // the property that it is when that is set
	Logical  bool   // else the logical id, as real as any other name
}

// A Template is a template whose values can be resolved. It is not for
// concurrent use.
type Template struct {
	*Report
	dir        string
	root       *Value
	names      map[string]Name
	parameters map[string]*Value // pseudo parameters among them
	conditions map[string]*Value // those decided; nil while under way
	naming     map[string]bool   // resources whose name is being resolved
}

// New makes a template ready: its parameters get their values, and its loops are
// written out. Mistakes are collected in the Report, about a file of that name.
func New(file string, root *Value, o Options) *Template {
	t := &Template{
		Report: newReport(file), dir: o.Dir, root: root, names: o.Names,
		parameters: pseudoParameters(o), conditions: map[string]*Value{}, naming: map[string]bool{},
	}
	t.readParameters(o.Parameters)
	if HasTransform(root, LanguageExtensions) {
		t.root = (&loops{t, map[*Value]*Value{}}).unroll(root)
	}
	return t
}

// Section returns a section such as Resources, nil when there is none.
func (t *Template) Section(name string) *Value { return t.root.Get(name) }

// HasTransform reports whether the template asks for a transform.
func HasTransform(root *Value, name string) bool {
	transform := root.Get("Transform")
	return transform.Str() == name || transform != nil &&
		slices.ContainsFunc(transform.Items, func(v *Value) bool { return v.Text == name })
}

// Path returns a path of the template, which starts at its folder, as an
// absolute one.
func (t *Template) Path(path string) string {
	if path = filepath.FromSlash(path); filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(t.dir, path)
}
