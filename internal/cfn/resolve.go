package cfn

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Resolve resolves a value completely: the result calls no intrinsic function.
// A value that only a deployed stack has becomes a placeholder, and a Finding
// that begins with where. With an empty where, for callers that are content
// with a placeholder, nothing is noted. A nil v counts as Null.
func (t *Template) Resolve(where string, v *Value) *Value { return resolution{t, where}.value(v) }

// Open resolves a value only if it is itself a call, and leaves its parts to
// the caller, to be resolved one by one. Where is as for Resolve.
func (t *Template) Open(where string, v *Value) *Value {
	if v.IsCall() {
		return t.Resolve(where, v)
	}
	return v
}

// A resolution resolves one value.
type resolution struct {
	*Template
	where string // as for Resolve
}

func (r resolution) value(v *Value) *Value {
	if v == nil || !r.Spend(1+len(v.Text)/64) {
		return &Value{}
	}
	if name, arg, ok := v.call(); ok {
		return r.call(name, arg, v.Line)
	}
	switch v.Kind {
	case List:
		result := &Value{Kind: List, Line: v.Line}
		for _, item := range v.Items {
			if item = r.value(item); item.Kind != Null {
				result.Items = append(result.Items, item)
			}
		}
		return result
	case Map:
		result := NewMap(v.Line)
		for _, f := range v.Fields {
			value := r.value(f.Value)
			if f.Value.IsCall() && value.Kind == Null {
				continue // AWS::NoValue removes the field
			}
			result.put(Field{f.Key, f.Line, value})
		}
		return result
	}
	return v
}

// call evaluates an intrinsic function (CloudFormation template reference,
// "Intrinsic functions").
func (r resolution) call(name string, arg *Value, line int) *Value {
	switch name {
	case "Ref":
		return r.ref(arg.Text, line)
	case "Condition":
		return r.condition(arg.Text, line)
	case "Fn::GetAtt":
		return r.getAtt(arg, line)
	case "Fn::Sub":
		return r.sub(arg, line)
	case "Fn::Join":
		return r.with(name, arg, line, 2, 2, r.join)
	case "Fn::Split":
		return r.with(name, arg, line, 2, 2, r.split)
	case "Fn::Select":
		return r.with(name, arg, line, 2, 2, r.selectItem)
	case "Fn::FindInMap":
		return r.with(name, arg, line, 3, 4, r.findInMap)
	case "Fn::ToJsonString":
		return r.toJSON(arg, line)
	case "Fn::Length":
		r.needsExtensions(name, line)
		if v := r.value(arg); v.Kind == List && !v.Placeholder {
			return &Value{Kind: Scalar, Line: line, Text: strconv.Itoa(len(v.Items)), Bare: true}
		}
	case "Fn::If":
		return r.with(name, arg, line, 3, 3, r.choose)
	case "Fn::Equals":
		return r.logic(name, arg, line, 2, 2, func(v []*Value) bool { return equal(v[0], v[1]) })
	case "Fn::Not":
		return r.logic(name, arg, line, 1, 1, func(v []*Value) bool { return isFalse(v[0]) })
	case "Fn::Or":
		return r.logic(name, arg, line, 2, 10, func(v []*Value) bool { return slices.ContainsFunc(v, isTrue) })
	case "Fn::And":
		return r.logic(name, arg, line, 2, 10, func(v []*Value) bool { return !slices.ContainsFunc(v, isFalse) })
	case "Fn::Base64":
		v := r.value(arg)
		return &Value{Kind: Scalar, Line: line, Text: base64.StdEncoding.EncodeToString([]byte(v.Text)), Placeholder: v.Placeholder}
	}
	text := strings.TrimPrefix(name, "Fn::")
	if v := r.value(arg); v.Kind == Scalar && v.Text != "" {
		text = v.Text
	}
	return r.placeholder(line, text, "%s is not resolved locally", name)
}

// placeholder returns a placeholder for a value that is not available, and
// notes why, unless the caller wants no findings.
func (r resolution) placeholder(line int, text, why string, args ...any) *Value {
	if r.where != "" {
		r.Note(line, "%s: %s; using placeholder %q", r.where, fmt.Sprintf(why, args...), text)
	}
	return &Value{Kind: Scalar, Line: line, Text: text, Placeholder: true}
}

// args returns the arguments of a function that takes a list of them. If there
// are too few or too many, it returns nil and records an error.
func (r resolution) args(name string, arg *Value, line, least, most int) []*Value {
	if arg.Kind != List || len(arg.Items) < least || len(arg.Items) > most {
		r.Refuse(line, "%s takes a list of %d arguments", name, least)
		return nil
	}
	return arg.Items
}

// with evaluates a function with its arguments, as from args; without them it is null.
func (r resolution) with(name string, arg *Value, line, least, most int, evaluate func(args []*Value, line int) *Value) *Value {
	if args := r.args(name, arg, line, least, most); args != nil {
		return evaluate(args, line)
	}
	return &Value{Line: line}
}

// needsExtensions refuses a function that is available only with a transform:
// without it the template cannot be deployed.
func (r resolution) needsExtensions(name string, line int) {
	if !HasTransform(r.root, LanguageExtensions) {
		r.Refuse(line, "%s needs the transform %s", name, LanguageExtensions)
	}
}
