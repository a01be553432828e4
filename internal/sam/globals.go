package sam

import (
	"slices"
	"strings"
)

// notShareable are properties that SAM does not take in a section of Globals
// (SAM developer guide, "Globals section of the AWS SAM template").
var notShareable = map[string][]string{
	"Function": {"Role", "Policies", "FunctionName", "Events", "Metadata", "InlineCode", "ImageUri", "PackageType"},
	"Api":      {"StageName", "DefinitionBody"},
	"HttpApi":  {"StageName", "DefinitionBody", "DefinitionUri"},
}

var globalSections = []string{
	"Api", "CapacityProvider", "Function", "HttpApi", "LayerVersion", "SimpleTable", "StateMachine", "WebSocketApi",
}

// globals reads the Globals section.
func (r *reader) globals() {
	section := r.root.get("Globals")
	if section.isNull() {
		return
	}
	if section.kind != object {
		r.fail(section.line, "Globals must be a map")
		return
	}
	for _, f := range section.fields {
		if !slices.Contains(globalSections, f.key) {
			r.fail(f.line, "Globals has no section %s; they are %s", f.key, strings.Join(globalSections, ", "))
			continue
		}
		if f.value.kind != object {
			r.fail(f.line, "Globals.%s must be a map", f.key)
			continue
		}
		for _, p := range f.value.fields {
			if slices.Contains(notShareable[f.key], p.key) {
				r.fail(p.line, "Globals.%s takes no %s; write it at each resource", f.key, p.key)
			}
		}
		r.shared[f.key] = f.value
	}
}

// properties returns a resource's properties with the Globals of its kind
// merged in, as far as IgnoreGlobals lets them.
func (r *reader) properties(kind, id string, resource *node) *node {
	own := r.look(id, resource.get("Properties"))
	if own.isNull() {
		own = newObject(resource.line)
	}
	global := r.shared[kind]
	if global == nil {
		return own
	}
	switch ignored := resource.get("IgnoreGlobals"); {
	case ignored.isNull():
		return r.merge(global, own)
	case ignored.text == "*":
		return own
	default:
		kept := newObject(global.line)
		if !r.spend(len(global.fields) * len(ignored.items)) {
			return own
		}
		for _, f := range global.fields {
			if !slices.ContainsFunc(ignored.items, func(n *node) bool { return n.text == f.key }) {
				kept.put(f)
			}
		}
		return r.merge(kept, own)
	}
}

// merge lays a resource's own value over the global one: maps are merged key
// by key, lists joined, and for the rest, calls of intrinsic functions among
// it, the own value wins.
func (r *reader) merge(global, own *node) *node {
	if !r.spend(1+len(global.fields)+len(own.fields)+len(global.items)+len(own.items)) || global.kind != own.kind {
		return own
	}
	_, _, called := global.intrinsic()
	_, _, calls := own.intrinsic()
	switch {
	case called || calls:
		return own
	case own.kind == list:
		return &node{kind: list, line: own.line, items: slices.Concat(global.items, own.items)}
	case own.kind != object:
		return own
	}
	merged := newObject(own.line)
	for _, f := range global.fields {
		if o := own.get(f.key); o != nil {
			f = field{f.key, o.line, r.merge(f.value, o)}
		}
		merged.put(f)
	}
	for _, f := range own.fields {
		if global.get(f.key) == nil {
			merged.put(f)
		}
	}
	return merged
}
