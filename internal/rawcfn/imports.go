package rawcfn

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/cfn"
)

// Import returns a template of the CDK, read from file, in which each Fn::ImportValue of
// what another template in its folder exports is the exported value. The resources that
// this value needs are then in the template too, on the line of the import, and under
// their logical ids, followed by the stack's where the template has such an id already.
// It also returns the paths of the templates that it read.
//
// APIs are not imported: routes and guards that further stacks add to one would be missing.
func Import(file string, root *cfn.Value) (*cfn.Value, []string) {
	if !holds(root, importValue, map[*cfn.Value]bool{}) {
		return root, nil
	}
	i := &importer{exports: map[string]place{}, taken: map[place]string{}, sections: map[string][]cfn.Field{}, done: map[*cfn.Value]*cfn.Value{}}
	for _, name := range sections {
		i.sections[name] = fieldsOf(root.Get(name))
	}
	var documents []string
	for _, s := range beside(file) {
		i.read(s)
		documents = append(documents, filepath.Join(filepath.Dir(file), s.name+suffix))
	}
	result := i.replace(root)
	for _, f := range fieldsOf(result) {
		if !slices.Contains(sections, f.Key) {
			i.fields = append(i.fields, f)
		}
	}
	for _, name := range sections {
		own := fieldsOf(result.Get(name))
		if all := append(slices.Clone(own), i.sections[name][len(own):]...); len(all) > 0 {
			i.fields = append(i.fields, cfn.Field{Key: name, Value: cfn.NewMap(0, all...)})
		}
	}
	return cfn.NewMap(0, i.fields...), documents
}

const importValue = "Fn::ImportValue"

// suffix is that of the CDK's templates.
const suffix = ".template.json"

// beside returns the other templates of the CDK in the folder of one, none if it is not the
// CDK's.
func beside(file string) (all []stack) {
	if !strings.HasSuffix(file, suffix) {
		return nil
	}
	names, _ := fs.Glob(os.DirFS(filepath.Dir(file)), "*"+suffix)
	for _, name := range names {
		text, err := cfn.ReadFile(filepath.Join(filepath.Dir(file), name))
		if err != nil || name == filepath.Base(file) {
			continue
		}
		if root, err := cfn.ParseJSON(text); err == nil {
			all = append(all, stack{strings.TrimSuffix(name, suffix), root})
		}
	}
	return all
}

// Elsewhere returns, by the logical id of an API that a template of the CDK exports, a
// guarded method or route that another template in its folder adds to it, on the line of
// the export. Crumb does not serve that one.
func Elsewhere(file string, root *cfn.Value) map[string]cfn.Field {
	type export struct {
		api  string
		line int
	}
	exports := map[string]export{}
	for _, f := range fieldsOf(root.Get("Outputs")) {
		if name := f.Value.Get("Export", "Name").Str(); name != "" {
			exports[name] = export{f.Value.Get("Value").Ref(), f.Line}
		}
	}
	if len(exports) == 0 {
		return nil
	}
	guarded := map[string]cfn.Field{}
	for _, s := range beside(file) {
		for _, f := range fieldsOf(s.root.Get("Resources")) {
			p := f.Value.Get("Properties")
			for _, property := range []string{"RestApiId", "ApiId"} {
				of, ok := exports[p.Get(property, importValue).Str()]
				kind, key := p.Get("AuthorizationType"), p.Get("ApiKeyRequired")
				open := (kind.IsNull() || kind.Str() == "NONE") && (key.IsNull() || key.Str() == "false")
				if isRoute := p.Get("HttpMethod") != nil || p.Get("RouteKey") != nil; ok && isRoute && !open {
					guarded[of.api] = cfn.Field{Key: f.Key + " of " + s.name + suffix, Line: of.line, Value: f.Value}
				}
			}
		}
	}
	return guarded
}

// sections are those of a template that resources refer to.
var sections = []string{"Parameters", "Mappings", "Conditions", "Resources"}

// A stack is another template, which is JSON, so that it has no aliases.
type stack struct {
	name string
	root *cfn.Value
}

// A place is an entry of a stack: of Outputs, or of one of the sections.
type place struct {
	stack       stack
	section, id string
}

type importer struct {
	exports  map[string]place       // by their names
	taken    map[place]string       // the ids that entries have in the template
	sections map[string][]cfn.Field // of the template, then those taken
	done     map[*cfn.Value]*cfn.Value
	fields   []cfn.Field
}

// read adds the exports of a stack whose names are not computed.
func (i *importer) read(s stack) {
	for _, f := range fieldsOf(s.root.Get("Outputs")) {
		if name := f.Value.Get("Export", "Name").Str(); name != "" {
			i.exports[name] = place{s, "Outputs", f.Key}
		}
	}
}

// replace returns v, a value of the template, with the imports of what is exported.
func (i *importer) replace(v *cfn.Value) *cfn.Value {
	if v == nil || i.done[v] != nil {
		return i.done[v]
	}
	result := v
	if p, ok := i.exports[v.Get(importValue).Str()]; ok && len(v.Fields) == 1 {
		result = i.copied(p.stack, p.stack.root.Get("Outputs", p.id, "Value"), v.Line)
	} else if v.Kind == cfn.List || v.Kind == cfn.Map {
		result = each(v, v.Line, i.replace)
	}
	i.done[v] = result
	return result
}

// each returns a list or a map with f of its values.
func each(v *cfn.Value, line int, f func(*cfn.Value) *cfn.Value) *cfn.Value {
	if v.Kind != cfn.Map {
		result := *v
		result.Line, result.Items = line, nil
		for _, item := range v.Items {
			result.Items = append(result.Items, f(item))
		}
		return &result
	}
	var fields []cfn.Field
	for _, own := range v.Fields {
		at := own.Line
		if line != v.Line {
			at = line
		}
		fields = append(fields, cfn.Field{Key: own.Key, Line: at, Value: f(own.Value)})
	}
	return cfn.NewMap(line, fields...)
}

var (
	substituted = regexp.MustCompile(`\$\{[A-Za-z0-9:.]+\}`) // names in the text of a Fn::Sub
	notInIDs    = regexp.MustCompile(`[^A-Za-z0-9]`)
)

// copied returns a value of a stack as one of the template, and takes what it refers to.
func (i *importer) copied(s stack, v *cfn.Value, line int) *cfn.Value {
	if v == nil {
		return nil
	}
	again := func(v *cfn.Value) *cfn.Value { return i.copied(s, v, line) }
	unknown := func(id string) *cfn.Value {
		return cfn.NewMap(line, cfn.Field{Key: importValue, Line: line, Value: scalar(line, s.name+":"+id)})
	}
	if v.Kind != cfn.Map || len(v.Fields) != 1 {
		return each(v, line, again)
	}
	name, arg := v.Fields[0].Key, v.Fields[0].Value
	call := func(arg *cfn.Value) *cfn.Value { return cfn.NewMap(line, cfn.Field{Key: name, Line: line, Value: arg}) }
	first := func(section string) *cfn.Value { // the argument names an entry
		if len(fieldsOf(arg)) > 0 || len(arg.Items) == 0 || arg.Items[0].Kind != cfn.Scalar {
			return call(again(arg))
		}
		id, ok := i.take(s, section, arg.Items[0].Text, line)
		if !ok {
			return unknown(arg.Items[0].Text)
		}
		list := again(arg)
		list.Items[0] = scalar(line, id)
		return call(list)
	}
	switch name {
	case importValue:
		if p, ok := i.exports[arg.Str()]; ok {
			return i.copied(p.stack, p.stack.root.Get("Outputs", p.id, "Value"), line)
		}
	case "Ref":
		if id, ok := i.take(s, "", arg.Text, line); ok {
			return call(scalar(line, id))
		}
		return unknown(arg.Text)
	case "Condition":
		if id, ok := i.take(s, "Conditions", arg.Text, line); ok && arg.Kind == cfn.Scalar {
			return call(scalar(line, id))
		}
	case "Fn::GetAtt":
		if id, attribute, ok := strings.Cut(arg.Text, "."); ok {
			arg = &cfn.Value{Kind: cfn.List, Line: line, Items: []*cfn.Value{scalar(line, id), scalar(line, attribute)}}
		}
		return first("Resources")
	case "Fn::If":
		return first("Conditions")
	case "Fn::FindInMap":
		return first("Mappings")
	case "Fn::Sub":
		text, known := arg, true
		if arg.Kind == cfn.List && len(arg.Items) > 0 {
			text = arg.Items[0]
		}
		renamed := substituted.ReplaceAllStringFunc(text.Text, func(m string) string {
			name := m[2 : len(m)-1]
			if len(arg.Items) > 1 && arg.Items[1].Get(name) != nil {
				return m // its own variable
			}
			id, attribute, _ := strings.Cut(name, ".")
			fresh, ok := i.take(s, "", id, line)
			known = known && ok
			return strings.TrimSuffix("${"+fresh+"."+attribute, ".") + "}"
		})
		if !known {
			return unknown(text.Text)
		}
		if arg = again(arg); arg.Kind == cfn.List {
			arg.Items[0] = scalar(line, renamed)
			return call(arg)
		}
		return call(scalar(line, renamed))
	}
	return call(again(arg))
}

// take takes an entry of a section of a stack, of "" what Ref can name, and returns its id
// in the template, and whether it is known there.
func (i *importer) take(s stack, section, id string, line int) (string, bool) {
	if section == "" {
		if section = "Resources"; s.root.Get("Parameters", id) != nil {
			section = "Parameters"
		}
	}
	p := place{s, section, id}
	entry := s.root.Get(section, id)
	switch {
	case i.taken[p] != "":
		return i.taken[p], true
	case strings.HasPrefix(id, "AWS::"):
		return id, true
	case entry == nil, slices.Contains(served, entry.Get("Type").Str()) && entry.Get("Type").Str() != "AWS::Lambda::Function":
		return id, false
	}
	has := func(id string) *cfn.Value {
		if n := slices.IndexFunc(i.sections[section], func(f cfn.Field) bool { return f.Key == id }); n >= 0 {
			return i.sections[section][n].Value
		}
		return nil
	}
	fresh := id
	if own := has(id); own != nil && section != "Conditions" && section != "Resources" && reflect.DeepEqual(own.Plain(), entry.Plain()) {
		i.taken[p] = id
		return id, true
	}
	for n := 1; has(fresh) != nil; n++ {
		fresh = id + notInIDs.ReplaceAllString(s.name, "") + strings.Repeat("x", n-1)
	}
	i.taken[p] = fresh
	at := len(i.sections[section])
	i.sections[section] = append(i.sections[section], cfn.Field{Key: fresh, Line: line, Value: entry}) // which keeps its id
	if section == "Resources" {
		entry = i.resource(s, entry, line)
	} else {
		entry = i.copied(s, entry, line)
	}
	i.sections[section][at].Value = entry
	return fresh, true
}

// resource returns a resource of a stack as one of the template. What it depends on
// without a reference is not taken.
func (i *importer) resource(s stack, r *cfn.Value, line int) *cfn.Value {
	var fields []cfn.Field
	for _, f := range fieldsOf(r) {
		v := i.copied(s, f.Value, line)
		switch f.Key {
		case "DependsOn":
			continue
		case "Condition":
			id, _ := i.take(s, "Conditions", f.Value.Text, line)
			v = scalar(line, id)
		}
		fields = append(fields, cfn.Field{Key: f.Key, Line: line, Value: v})
	}
	return cfn.NewMap(line, fields...)
}

// holds reports whether a call of a function is in v.
func holds(v *cfn.Value, name string, seen map[*cfn.Value]bool) bool {
	if v == nil || seen[v] {
		return false
	}
	seen[v] = true
	in := func(v *cfn.Value) bool { return holds(v, name, seen) }
	return slices.ContainsFunc(v.Items, in) || slices.ContainsFunc(v.Fields, func(f cfn.Field) bool { return f.Key == name || in(f.Value) })
}
