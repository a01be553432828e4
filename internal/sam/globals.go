package sam

import (
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/cfn"
)

var globalSections = []string{
	"Api", "CapacityProvider", "Function", "HttpApi", "LayerVersion", "SimpleTable", "StateMachine", "WebSocketApi",
}

// readGlobals reads the Globals section.
func (r *reading) readGlobals() {
	section := r.Section("Globals")
	if section.IsNull() {
		return
	}
	if section.Kind != cfn.Map {
		r.Refuse(section.Line, "Globals must be a map")
		return
	}
	for _, f := range section.Fields {
		if !slices.Contains(globalSections, f.Key) {
			r.Refuse(f.Line, "Globals does not support the section %s; supported are %s", f.Key, strings.Join(globalSections, ", "))
			continue
		}
		if f.Value.Kind != cfn.Map {
			r.Refuse(f.Line, "Globals.%s must be a map", f.Key)
			continue
		}
		var shared []cfn.Field
		for _, p := range f.Value.Fields {
			if slices.Contains(notShareable[f.Key], p.Key) {
				r.Refuse(p.Line, "Globals.%s does not support %s; set it on each resource", f.Key, p.Key)
				continue
			} else if known := properties[f.Key]; known != nil && !slices.Contains(known, p.Key) {
				r.Refuse(p.Line, "Globals.%s does not support %s", f.Key, p.Key)
				continue
			}
			shared = append(shared, p)
		}
		r.globals[f.Key] = cfn.NewMap(f.Value.Line, shared...)
	}
}

// properties returns a resource's properties, under its logical id, merged with
// the Globals of a section, except those that IgnoreGlobals excludes.
func (r *reading) properties(section, id string, resource *cfn.Value) cfn.Property {
	p := r.Property(id, resource.Get("Properties")).Open()
	if p.IsNull() {
		p.Value = cfn.NewMap(resource.Line)
	}
	own := p.Value
	defer func() { r.checkProperties(section, id, own, p.Value) }()
	global := r.globals[section]
	if global == nil {
		return p
	}
	switch ignored := resource.Get("IgnoreGlobals"); {
	case ignored.IsNull():
		p.Value = r.merge(global, p.Value)
	case ignored.Text != "*" && r.Spend(len(global.Fields)*len(ignored.Items)):
		for _, name := range ignored.Items {
			if !slices.Contains(properties[section], name.Text) {
				r.Refuse(name.Line, "%s: IgnoreGlobals names %s, which Globals.%s does not support", id, name.Text, section)
			}
		}
		kept := slices.DeleteFunc(slices.Clone(global.Fields), func(f cfn.Field) bool { return ignored.Has(f.Key) })
		p.Value = r.merge(cfn.NewMap(global.Line, kept...), p.Value)
	}
	return p
}

// merge merges a resource's own value into the global one. Maps are merged key by
// key and lists are joined. Otherwise, as for calls of intrinsic functions, the
// own value wins.
func (r *reading) merge(global, own *cfn.Value) *cfn.Value {
	if !r.Spend(1+len(global.Fields)+len(own.Fields)+len(global.Items)+len(own.Items)) || global.Kind != own.Kind {
		return own
	}
	switch {
	case global.IsCall() || own.IsCall():
		return own
	case own.Kind == cfn.List:
		return &cfn.Value{Kind: cfn.List, Line: own.Line, Items: slices.Concat(global.Items, own.Items)}
	case own.Kind != cfn.Map:
		return own
	}
	var fields []cfn.Field
	for _, f := range global.Fields {
		if o := own.Get(f.Key); o != nil {
			f = cfn.Field{Key: f.Key, Line: o.Line, Value: r.merge(f.Value, o)}
		}
		fields = append(fields, f)
	}
	for _, f := range own.Fields {
		if global.Get(f.Key) == nil {
			fields = append(fields, f)
		}
	}
	return cfn.NewMap(own.Line, fields...)
}
