package sam

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// parameters gives every parameter and pseudo parameter its value.
func (r *reader) parameters() {
	for name, value := range r.pseudo() {
		r.values[name] = value
	}
	section := r.root.get("Parameters")
	if section != nil && section.kind != object {
		r.fail(section.line, "Parameters must be a map")
		return
	}
	if section != nil {
		for _, f := range section.fields {
			r.values[f.key] = r.parameter(f)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.o.Overrides)) {
		if r.values[name] == nil {
			r.note(0, "the parameter %s is given a value, but the template has no such parameter", name)
		}
	}
}

// parameter returns a parameter's value: the override, the default, or a
// stand-in. Its text never reaches a note or an error: it may be secret.
func (r *reader) parameter(f field) *node {
	p, kind := f.value, f.value.get("Type").str()
	value := p.get("Default")
	if text, ok := r.o.Overrides[f.key]; ok {
		value = &node{kind: scalar, line: f.line, text: text, quoted: true}
	}
	switch {
	case kind == "":
		r.fail(f.line, "the parameter %s needs a Type", f.key)
	case value.isNull() && p.get("Default") == nil:
		r.note(f.line, "the parameter %[1]s has no value: %[1]q stands in; set it with --parameter-overrides %[1]s=…", f.key)
		return &node{kind: scalar, line: f.line, text: f.key, standIn: true}
	case value.isNull():
		value = &node{kind: scalar, line: f.line}
	case value.kind != scalar:
		r.fail(value.line, "the Default of the parameter %s must be a text", f.key)
		return &node{kind: scalar, line: f.line}
	case strings.HasPrefix(kind, "AWS::SSM::Parameter::"):
		r.note(f.line, "the parameter %s is read from Systems Manager on deployment; here its own text is the value", f.key)
	}
	r.checkValue(f, kind, value)
	if kind == "CommaDelimitedList" || strings.Contains(kind, "List<") {
		return commaList(value)
	}
	return value
}

func (r *reader) checkValue(f field, kind string, value *node) {
	if allowed := f.value.get("AllowedValues"); allowed != nil {
		same := func(n *node) bool { return n.text == value.text }
		if !slices.ContainsFunc(allowed.items, same) {
			r.fail(f.line, "the value of the parameter %s is none of its AllowedValues", f.key)
		}
	}
	if kind == "Number" {
		if _, err := strconv.ParseFloat(value.text, 64); err != nil {
			r.fail(f.line, "the value of the parameter %s is not a number", f.key)
		}
	}
}

func commaList(value *node) *node {
	n := &node{kind: list, line: value.line}
	if value.text == "" {
		return n
	}
	for item := range strings.SplitSeq(value.text, ",") {
		n.items = append(n.items, &node{kind: scalar, line: value.line, text: strings.TrimSpace(item), quoted: true})
	}
	return n
}

// pseudo returns the pseudo parameters (CloudFormation user guide, "Get AWS
// values using pseudo parameters"), with the ids that sam local gives them.
func (r *reader) pseudo() map[string]*node {
	region := cmp.Or(r.o.Overrides["AWS::Region"], r.o.Region, "us-east-1")
	account := cmp.Or(r.o.Overrides["AWS::AccountId"], r.o.AccountID, "123456789012")
	stack := cmp.Or(r.o.Overrides["AWS::StackName"], r.o.StackName, "local")
	partition, suffix := "aws", "amazonaws.com"
	switch {
	case strings.HasPrefix(region, "cn-"):
		partition, suffix = "aws-cn", "amazonaws.com.cn"
	case strings.HasPrefix(region, "us-gov-"):
		partition = "aws-us-gov"
	}
	values := map[string]string{
		"AWS::Region":    region,
		"AWS::AccountId": account,
		"AWS::Partition": partition,
		"AWS::URLSuffix": suffix,
		"AWS::StackName": stack,
		"AWS::StackId": "arn:" + partition + ":cloudformation:" + region + ":" + account +
			":stack/" + stack + "/51af3dc0-da77-11e4-872e-1234567db123",
	}
	nodes := map[string]*node{"AWS::NoValue": {}, "AWS::NotificationARNs": {kind: list}}
	for name, value := range values {
		nodes[name] = &node{kind: scalar, text: cmp.Or(r.o.Overrides[name], value), quoted: true}
	}
	return nodes
}
