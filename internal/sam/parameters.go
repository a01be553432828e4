package sam

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// parameters gives every parameter and pseudo parameter its value.
func (r *reader) parameters() {
	for name, value := range r.pseudo() {
		r.values[name] = value
	}
	section := r.root.get("Parameters")
	if !section.isNull() && section.kind != object {
		r.fail(section.line, "Parameters must be a map")
		return
	}
	if !section.isNull() {
		for _, f := range section.fields {
			r.values[f.key] = r.parameter(f)
		}
		r.hide = hider(section.fields, r.values)
	}
	for _, name := range slices.Sorted(maps.Keys(r.o.Overrides)) {
		if r.values[name] == nil {
			r.note(0, "the parameter %s is given a value, but the template has no such parameter", name)
		}
	}
}

// hider takes the values of NoEcho parameters out of notes and errors.
func hider(parameters []field, values map[string]*node) *strings.Replacer {
	var secrets []string
	for _, f := range parameters {
		v := values[f.key]
		if f.value.get("NoEcho").str() != "true" || v.standIn {
			continue
		}
		for _, n := range append([]*node{v}, v.items...) {
			if n.text != "" {
				secrets = append(secrets, n.text)
			}
		}
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // one may begin another
	var pairs []string
	for _, s := range secrets {
		pairs = append(pairs, s, "(NoEcho)")
	}
	return strings.NewReplacer(pairs...)
}

// parameter returns a parameter's value: the override, the default, or a
// stand-in. What it notes and reports never holds the value, which may be
// secret.
func (r *reader) parameter(f field) *node {
	kind := f.value.get("Type").str()
	if kind == "" {
		r.fail(f.line, "the parameter %s needs a Type", f.key)
	}
	value := f.value.get("Default")
	if text, ok := r.o.Overrides[f.key]; ok {
		value = &node{kind: scalar, line: f.line, text: text}
	}
	switch {
	case value == nil:
		r.note(f.line, "the parameter %[1]s has no value: %[1]q stands in; set it with --parameter-overrides %[1]s=…", f.key)
		return &node{kind: scalar, line: f.line, text: f.key, standIn: true}
	case value.kind == list || value.kind == object:
		r.fail(value.line, "the Default of the parameter %s must be a text", f.key)
	default:
		value = &node{kind: scalar, line: value.line, text: value.text} // a text, be it a number or nothing
	}
	if strings.HasPrefix(kind, "AWS::SSM::Parameter::") {
		r.note(f.line, "the parameter %s is read from Systems Manager on deployment; here its own text is the value", f.key)
	}
	if kind != "CommaDelimitedList" && !strings.Contains(kind, "List<") {
		r.check(f, kind, value)
		return value
	}
	value = commaList(value)
	for _, item := range value.items {
		r.check(f, kind, item)
	}
	return value
}

func commaList(value *node) *node {
	n := &node{kind: list, line: value.line}
	if value.text == "" {
		return n
	}
	for item := range strings.SplitSeq(value.text, ",") {
		n.items = append(n.items, &node{kind: scalar, line: value.line, text: strings.TrimSpace(item)})
	}
	return n
}

// pseudo returns the pseudo parameters (CloudFormation user guide, "Get AWS
// values using pseudo parameters"), with the ids that sam local gives them.
func (r *reader) pseudo() map[string]*node {
	region := cmp.Or(r.o.Overrides["AWS::Region"], r.o.Region, app.DefaultRegion)
	account := cmp.Or(r.o.Overrides["AWS::AccountId"], r.o.AccountID, app.DefaultAccountID)
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
		nodes[name] = &node{kind: scalar, text: cmp.Or(r.o.Overrides[name], value)}
	}
	return nodes
}
