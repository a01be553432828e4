package cfn

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// readParameters gives every parameter its value, and hides those of NoEcho
// parameters in the Report.
func (t *Template) readParameters(given map[string]string) {
	section := t.Section("Parameters")
	if !section.IsNull() && section.Kind != Map {
		t.Refuse(section.Line, "Parameters must be a map")
		return
	}
	if !section.IsNull() {
		for _, f := range section.Fields {
			t.parameters[f.Key] = t.parameter(f, given)
		}
		t.Secrets = hider(section.Fields, t.parameters)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if t.parameters[name] == nil {
			t.Note(0, "the parameter %s is set, but the template does not have it", name)
		}
	}
}

// hider removes the values of NoEcho parameters from strings.
func hider(parameters []Field, values map[string]*Value) *strings.Replacer {
	var secrets []string
	for _, f := range parameters {
		if v := values[f.Key]; f.Value.Get("NoEcho").Str() == "true" && !v.Placeholder {
			secrets = append(append(secrets, v.Text), v.Texts()...)
		}
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // one may be a prefix of another
	var pairs []string
	for _, s := range secrets {
		if s != "" {
			pairs = append(pairs, s, "(NoEcho)")
		}
	}
	return strings.NewReplacer(pairs...)
}

// parameter returns a parameter's value: the one given, the default, or a
// placeholder. Its findings and errors never contain the value, which may be
// secret.
func (t *Template) parameter(f Field, given map[string]string) *Value {
	kind := f.Value.Get("Type").Str()
	if kind == "" {
		t.Refuse(f.Line, "the parameter %s needs a Type", f.Key)
	}
	value := f.Value.Get("Default")
	text, isGiven := given[f.Key]
	if isGiven {
		value = newText(f.Line, text)
	}
	switch {
	case value == nil:
		text := f.Key
		if allowed := f.Value.Get("AllowedValues"); allowed != nil && len(allowed.Items) > 0 {
			text = allowed.Items[0].Text
		}
		if !ofAsset.MatchString(f.Key) {
			t.Note(f.Line, "the parameter %[1]s has no value; using placeholder %[2]q; set it with --parameter-overrides %[1]s=…", f.Key, text)
		}
		return &Value{Kind: Scalar, Line: f.Line, Text: text, Placeholder: true}
	case value.Kind == List || value.Kind == Map:
		t.Refuse(value.Line, "the Default of the parameter %s must be a string", f.Key)
	default:
		value = newText(value.Line, value.Text) // a string, also for a number or null
	}
	if strings.HasPrefix(kind, "AWS::SSM::Parameter::") && !isGiven {
		t.stored[f.Key] = f.Line
	}
	c := constraints{t, f, kind}
	if kind != "CommaDelimitedList" && !strings.Contains(kind, "List<") {
		c.check(value.Text)
		return value
	}
	value = commaList(value)
	for _, item := range value.Items {
		c.check(item.Text)
	}
	return value
}

// ofAsset matches the parameters by which cdk deploy of version 1 says where an asset is
// in S3. Here it is beside the template.
var ofAsset = regexp.MustCompile(`^AssetParameters[0-9a-f]{64}(S3Bucket|S3VersionKey|ArtifactHash)`)

func commaList(value *Value) *Value {
	list := &Value{Kind: List, Line: value.Line}
	if value.Text == "" {
		return list
	}
	for item := range strings.SplitSeq(value.Text, ",") {
		list.Items = append(list.Items, newText(value.Line, strings.TrimSpace(item)))
	}
	return list
}

// pseudoParameters returns the pseudo parameters (CloudFormation user guide,
// "Get AWS values using pseudo parameters").
func pseudoParameters(o Options) map[string]*Value {
	region := cmp.Or(o.Parameters["AWS::Region"], o.Region)
	account := cmp.Or(o.Parameters["AWS::AccountId"], o.AccountID)
	stack := cmp.Or(o.Parameters["AWS::StackName"], o.StackName)
	partition, suffix := "aws", "amazonaws.com"
	switch {
	case strings.HasPrefix(region, "cn-"):
		partition, suffix = "aws-cn", "amazonaws.com.cn"
	case strings.HasPrefix(region, "us-gov-"):
		partition = "aws-us-gov"
	}
	texts := map[string]string{
		"AWS::Region":    region,
		"AWS::AccountId": account,
		"AWS::Partition": partition,
		"AWS::URLSuffix": suffix,
		"AWS::StackName": stack,
		"AWS::StackId": "arn:" + partition + ":cloudformation:" + region + ":" + account +
			":stack/" + stack + "/51af3dc0-da77-11e4-872e-1234567db123",
	}
	values := map[string]*Value{"AWS::NoValue": {}, "AWS::NotificationARNs": {Kind: List}}
	for name, text := range texts {
		values[name] = newText(0, cmp.Or(o.Parameters[name], text))
	}
	return values
}
