package cfn

import (
	"slices"
	"strings"
)

func (r resolution) ref(name string, line int) *Value {
	if v := r.parameters[name]; v != nil {
		if line := r.stored[name]; line > 0 {
			r.Note(line, "the parameter %s is read from Systems Manager on deployment; using its own text as the value", name)
		}
		return v
	}
	if is, ok := r.known[name][""]; ok {
		return newText(line, is)
	}
	resource := r.root.Get("Resources", name)
	if resource == nil {
		if id, _, dotted := strings.Cut(name, "."); slices.Contains(r.generated, name) || dotted && r.root.Get("Resources", id) != nil {
			return r.placeholder(line, name, "Ref %s is known only once it is deployed", name)
		}
		return r.placeholder(line, name, "Ref %s: no such parameter or resource", name)
	}
	is := r.names[resource.Get("Type").Str()]
	if own := resource.Get("Properties", is.Property); !own.IsNull() && !r.naming[name] {
		r.naming[name] = true // a name may refer to itself by mistake
		defer delete(r.naming, name)
		named := r
		if is.Function {
			named.where = "" // nothing to note if the name is not used
		}
		if v := named.value(own); v.Kind != Null && !(v.Placeholder && is.Function) {
			return v
		}
	}
	if is.Logical {
		return newText(line, name)
	}
	return r.placeholder(line, name, "Ref %s is known only once it is deployed", name)
}

func (r resolution) getAtt(arg *Value, line int) *Value {
	text := arg.Text
	if arg.Kind == List {
		var parts []string
		for _, item := range arg.Items {
			parts = append(parts, r.value(item).Text)
		}
		text = strings.Join(parts, ".")
	}
	id, attribute, ok := strings.Cut(text, ".")
	if !ok {
		r.Refuse(line, "Fn::GetAtt requires the name of a resource and of an attribute")
	}
	if is, ok := r.known[id][attribute]; ok {
		return newText(line, is)
	}
	standIn := text
	if format := r.names[r.root.Get("Resources", id, "Type").Str()].Attributes[attribute]; format != "" {
		v := resolution{r.Template, ""}.sub(newText(line, strings.ReplaceAll(format, "${Name}", "${"+id+"}")), line)
		if standIn = v.Text; !v.Placeholder {
			return v
		}
	}
	return r.placeholder(line, standIn, "GetAtt %s is known only once it is deployed", text)
}

// GetAtt returns what Fn::GetAtt returns. Nothing is noted.
func (t *Template) GetAtt(id, attribute string) *Value {
	return resolution{t, ""}.getAtt(newText(0, id+"."+attribute), 0)
}

// sub evaluates Fn::Sub: ${Name}, ${Resource.Attribute}, ${!Literal}, and the
// names that its second argument defines.
func (r resolution) sub(arg *Value, line int) *Value {
	text, own := arg, (*Value)(nil)
	if arg.Kind == List {
		args := r.args("Fn::Sub", arg, line, 2, 2)
		if args == nil {
			return &Value{Line: line}
		}
		text, own = args[0], args[1]
	}
	result := newText(line, "")
	var b strings.Builder
	rest := text.Text
	for {
		before, after, found := strings.Cut(rest, "${")
		name, tail, closed := strings.Cut(after, "}")
		if !found || !closed {
			b.WriteString(rest)
			break
		}
		b.WriteString(before)
		rest = tail
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			b.WriteString("${" + literal + "}")
			continue
		}
		v := r.subName(strings.TrimSpace(name), own, line)
		text := v.flat()
		if !r.Spend(1 + len(text)/64) {
			break
		}
		b.WriteString(text)
		result.Placeholder = result.Placeholder || v.Placeholder
	}
	result.Text = b.String()
	return result
}

func (r resolution) subName(name string, own *Value, line int) *Value {
	if v := own.Get(name); v != nil {
		return r.value(v)
	}
	if strings.Contains(name, ".") {
		return r.getAtt(newText(0, name), line)
	}
	return r.ref(name, line)
}
