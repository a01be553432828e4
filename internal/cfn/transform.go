package cfn

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// includes replaces each AWS::Include of a template by what its file has, before all other
// transforms ("AWS::Include transform"). One that cannot be read is left out where that
// cannot open a route; elsewhere it stays, and its readers do not know what it has. So do
// definitions, which Document reads.
type includes struct {
	*Template
	done   map[*Value]*Value
	nested int // in the file that is included on this line
}

// leftOut are the keys of maps that lack what an include would bring without being wrong.
var leftOut = []string{"Conditions", "Events", "Mappings", "Outputs", "Resources", "Variables"}

// merge returns v, the value of a key, with the fields of its includes; nil for one that is
// left out.
func (i *includes) merge(key string, v *Value) *Value {
	if v == nil || v.Kind != List && v.Kind != Map || key == "DefinitionBody" || key == "Body" || !i.Spend(1) {
		return v
	}
	if done, ok := i.done[v]; ok {
		return done
	}
	result, changed := &Value{Kind: v.Kind, Line: v.Line, repeated: v.repeated, index: map[string]*Value{}}, false
	for _, item := range v.Items {
		merged := i.merge("", item)
		changed = changed || merged != item
		result.Items = append(result.Items, merged)
	}
	for _, f := range v.Fields {
		if f.Key != "Fn::Transform" {
			merged := i.merge(f.Key, f.Value)
			changed = changed || merged != f.Value
			if merged != nil || f.Value == nil {
				result.put(Field{f.Key, f.Line, merged})
			}
			continue
		}
		file, err := i.included(key, f, v)
		if err != nil {
			i.Note(cmp.Or(i.nested, f.Line), "Fn::Transform is left out: %v", err)
		}
		switch {
		case err == nil && len(v.Fields) == 1:
			result, changed = file, true
		case err == nil:
			changed = true
			for _, f := range file.Fields {
				result.put(f)
			}
		case !slices.Contains(leftOut, key):
			result.put(f)
		case len(v.Fields) == 1:
			result, changed = nil, true
		default:
			changed = true
		}
	}
	if !changed {
		result = v
	}
	i.done[v] = result
	return result
}

// included returns what the file of an include has, on the line of that. It is in a map,
// the value of a key.
func (i *includes) included(key string, f Field, in *Value) (*Value, error) {
	switch {
	case f.Value.Get("Name").Str() != "AWS::Include":
		return nil, errors.New("a macro generates it")
	case i.nested > 0:
		return nil, errors.New("an included file cannot include another")
	}
	file, err := i.DocumentFile(f.Value.Get("Parameters", "Location"))
	if err != nil {
		return nil, err
	}
	if len(in.Fields) > 1 {
		if file.Kind != Map {
			return nil, errors.New("its file is not a map")
		}
		for _, field := range file.Fields {
			if in.Get(field.Key) != nil {
				return nil, fmt.Errorf("its file has %s, which is there already", field.Key)
			}
		}
	}
	inside := &includes{i.Template, map[*Value]*Value{}, f.Line}
	return i.onLine(f.Line, inside.merge(key, file)), nil
}

// onLine returns v as if all of it were on one line.
func (i *includes) onLine(line int, v *Value) *Value {
	if v == nil || !i.Spend(1) {
		return v
	}
	at := *v
	at.Line, at.Items, at.Fields = line, slices.Clone(v.Items), slices.Clone(v.Fields)
	for n, item := range at.Items {
		at.Items[n] = i.onLine(line, item)
	}
	if at.Kind == Map {
		at.index = make(map[string]*Value, len(at.Fields))
	}
	for n, f := range at.Fields {
		at.Fields[n] = Field{f.Key, line, i.onLine(line, f.Value)}
		at.index[f.Key] = at.Fields[n].Value
	}
	return &at
}

// mergeIncludes merges those of all sections but Parameters, which are read before.
func (t *Template) mergeIncludes() {
	i := &includes{t, map[*Value]*Value{}, 0}
	if parameters := t.root.Get("Parameters"); parameters != nil {
		i.done[parameters] = parameters
	}
	t.root = i.merge("", t.root)
}
