package sam

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// value resolves a value wholly: the result calls no intrinsic function. A
// value that only a deployed stack has becomes a readable stand-in and a note
// that names where.
func (r *reader) value(where string, n *node) *node {
	r.where = where
	return r.eval(n)
}

// look resolves a value only if it is itself a call, and leaves what is in it.
func (r *reader) look(where string, n *node) *node {
	if _, _, ok := n.intrinsic(); ok {
		return r.value(where, n)
	}
	return n
}

// quietly resolves a value for which a stand-in is as good as the real one.
func (r *reader) quietly(n *node) *node {
	r.muted++
	defer func() { r.muted-- }()
	return r.eval(n)
}

func (r *reader) eval(n *node) *node {
	if n == nil || !r.spend(1+len(n.text)/64) {
		return &node{}
	}
	if name, arg, ok := n.intrinsic(); ok {
		return r.call(name, arg, n.line)
	}
	switch n.kind {
	case list:
		result := &node{kind: list, line: n.line}
		for _, item := range n.items {
			if v := r.eval(item); v.kind != null {
				result.items = append(result.items, v)
			}
		}
		return result
	case object:
		result := newObject(n.line)
		for _, f := range n.fields {
			v := r.eval(f.value)
			if _, _, called := f.value.intrinsic(); called && v.kind == null {
				continue // AWS::NoValue removes the field
			}
			result.put(field{f.key, f.line, v})
		}
		return result
	}
	return n
}

// call evaluates an intrinsic function (CloudFormation template reference,
// "Intrinsic functions").
func (r *reader) call(name string, arg *node, line int) *node {
	switch name {
	case "Ref":
		return r.ref(arg.text, line)
	case "Condition":
		return r.condition(arg.text, line)
	case "Fn::GetAtt":
		return r.getAtt(arg, line)
	case "Fn::Sub":
		return r.sub(arg, line)
	case "Fn::Join":
		return r.join(arg, line)
	case "Fn::Split":
		return r.split(arg, line)
	case "Fn::Select":
		return r.selectItem(arg, line)
	case "Fn::FindInMap":
		return r.findInMap(arg, line)
	case "Fn::ToJsonString":
		return r.toJSON(arg, line)
	case "Fn::Length":
		r.needsExtensions(name, line)
		if v := r.eval(arg); v.kind == list && !v.standIn {
			return &node{kind: scalar, line: line, text: strconv.Itoa(len(v.items)), bare: true}
		}
	case "Fn::If":
		return r.choose(arg, line)
	case "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not":
		return r.logic(name, arg, line)
	case "Fn::Base64":
		v := r.eval(arg)
		return &node{kind: scalar, line: line, text: base64.StdEncoding.EncodeToString([]byte(v.text)), standIn: v.standIn}
	}
	text := strings.TrimPrefix(name, "Fn::")
	if v := r.eval(arg); v.kind == scalar && v.text != "" {
		text = v.text
	}
	return r.stand(line, text, "%s is not resolved locally", name)
}

// stand returns a stand-in for a value that is not to be had, and notes why.
func (r *reader) stand(line int, text, why string, args ...any) *node {
	r.note(line, "%s: %s; %q stands in", r.where, fmt.Sprintf(why, args...), text)
	return &node{kind: scalar, line: line, text: text, standIn: true}
}

// ownNames are the properties whose value Ref returns when they are set (Return
// values of each type in the CloudFormation template reference).
var ownNames = map[string]string{
	"AWS::DynamoDB::Table":         "TableName",
	"AWS::DynamoDB::GlobalTable":   "TableName",
	"AWS::Events::EventBus":        "Name",
	"AWS::Kinesis::Stream":         "Name",
	"AWS::Lambda::Function":        "FunctionName",
	"AWS::Logs::LogGroup":          "LogGroupName",
	"AWS::S3::Bucket":              "BucketName",
	"AWS::SSM::Parameter":          "Name",
	"AWS::Serverless::Function":    "FunctionName",
	"AWS::Serverless::SimpleTable": "TableName",
}

func (r *reader) ref(name string, line int) *node {
	if v := r.values[name]; v != nil {
		return v
	}
	resource := r.root.get("Resources", name)
	if resource == nil {
		return r.stand(line, name, "Ref %s names nothing in the template", name)
	}
	own := resource.get("Properties", ownNames[resource.get("Type").str()])
	if !own.isNull() && !r.naming[name] {
		r.naming[name] = true // a name may be made of itself by mistake
		defer delete(r.naming, name)
		return r.eval(own)
	}
	if isTable(resource.get("Type").str()) {
		return &node{kind: scalar, line: line, text: name} // its name here: see table
	}
	return r.stand(line, name, "Ref %s is known only once it is deployed", name)
}

func (r *reader) getAtt(arg *node, line int) *node {
	text := arg.text
	if arg.kind == list {
		var parts []string
		for _, item := range arg.items {
			parts = append(parts, r.eval(item).text)
		}
		text = strings.Join(parts, ".")
	}
	if !strings.Contains(text, ".") {
		r.fail(line, "Fn::GetAtt takes the name of a resource and of an attribute")
	}
	return r.stand(line, text, "GetAtt %s is known only once it is deployed", text)
}

// args returns the arguments of a function that takes a list of them, nil and
// an error recorded when they are not as many as it takes.
func (r *reader) args(name string, arg *node, line, least, most int) []*node {
	if arg.kind != list || len(arg.items) < least || len(arg.items) > most {
		r.fail(line, "%s takes a list of %d arguments", name, least)
		return nil
	}
	return arg.items
}

func (r *reader) join(arg *node, line int) *node {
	args := r.args("Fn::Join", arg, line, 2, 2)
	if args == nil {
		return &node{line: line}
	}
	items := r.eval(args[1])
	if items.kind != list {
		return items // a stand-in, or nothing
	}
	result := &node{kind: scalar, line: line}
	var parts []string
	size := 0
	for _, item := range items.items {
		text := item.flat()
		parts = append(parts, text)
		size += len(text) + len(args[0].text)
		result.standIn = result.standIn || item.standIn
	}
	if r.spend(size / 64) {
		result.text = strings.Join(parts, args[0].text)
	}
	return result
}

func (r *reader) split(arg *node, line int) *node {
	args := r.args("Fn::Split", arg, line, 2, 2)
	if args == nil {
		return &node{line: line}
	}
	text, separator := r.eval(args[1]), args[0].text
	result := &node{kind: list, line: line, standIn: text.standIn}
	if separator == "" || !r.spend(len(text.text)) {
		r.fail(line, "Fn::Split needs a delimiter")
		return result
	}
	for part := range strings.SplitSeq(text.text, separator) {
		result.items = append(result.items, &node{kind: scalar, line: line, text: part, standIn: text.standIn})
	}
	return result
}

func (r *reader) selectItem(arg *node, line int) *node {
	args := r.args("Fn::Select", arg, line, 2, 2)
	if args == nil {
		return &node{line: line}
	}
	index, items := r.eval(args[0]), r.eval(args[1])
	i, err := strconv.Atoi(index.text)
	switch {
	case err == nil && i >= 0 && i < len(items.items):
		return items.items[i]
	case index.standIn:
		return index
	case items.standIn && items.kind == scalar:
		return items
	case items.standIn:
		return r.stand(line, "Select", "Fn::Select has no item %d of a stand-in", i)
	}
	r.fail(line, "Fn::Select asks for an item that is not in its list")
	return &node{line: line}
}

func (r *reader) findInMap(arg *node, line int) *node {
	args := r.args("Fn::FindInMap", arg, line, 3, 4)
	if args == nil {
		return &node{line: line}
	}
	found, standIn := r.root.get("Mappings"), false
	var keys []string
	for _, a := range args[:3] {
		key := r.eval(a)
		keys = append(keys, key.text)
		found = found.get(key.text)
		standIn = standIn || key.standIn
	}
	switch {
	case found != nil:
		return r.eval(found)
	case len(args) == 4 && args[3].get("DefaultValue") != nil:
		return r.eval(args[3].get("DefaultValue"))
	case standIn:
		return r.stand(line, keys[2], "Fn::FindInMap has no entry for a stand-in")
	}
	r.fail(line, "Fn::FindInMap: the map %s has no such entry", keys[0])
	return &node{line: line}
}
