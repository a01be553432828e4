package cfn_test

import (
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/cfn"
)

func TestPseudoParameters(t *testing.T) {
	const all = `!Join [" ", [!Ref "AWS::Region", !Ref "AWS::Partition", !Ref "AWS::URLSuffix", !Ref "AWS::AccountId", !Ref "AWS::StackName"]]`
	for _, row := range []struct {
		name string
		o    cfn.Options
		want string
	}{
		{"default", cfn.Options{}, "us-east-1 aws amazonaws.com 123456789012 local"},
		{"region", cfn.Options{Region: "eu-west-3"}, "eu-west-3 aws amazonaws.com 123456789012 local"},
		{"china", cfn.Options{Region: "cn-north-1"}, "cn-north-1 aws-cn amazonaws.com.cn 123456789012 local"},
		{"gov", cfn.Options{Region: "us-gov-west-1"}, "us-gov-west-1 aws-us-gov amazonaws.com 123456789012 local"},
		{"overrides", cfn.Options{Region: "x", Parameters: map[string]string{"AWS::Region": "eu-north-1", "AWS::AccountId": "1", "AWS::StackName": "mine"}}, "eu-north-1 aws amazonaws.com 1 mine"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got, _, err := resolve(t, valued+all, row.o); err != nil || got.Text != row.want {
				t.Errorf("X = %q, %v, want %q", got.Text, err, row.want)
			}
		})
	}
}

func TestParameters(t *testing.T) {
	for _, row := range []struct {
		name, parameter, override string // "-": none
		want                      string // of Ref, joined with |
		err, note                 string
	}{
		{"default", `{Type: String, Default: a}`, "-", "a", "", ""},
		{"override", `{Type: String, Default: a}`, "b", "b", "", ""},
		{"empty-override", `{Type: String, Default: a}`, "", "", "", ""},
		{"empty-default", `{Type: String, Default: ""}`, "-", "", "", ""},
		{"no-value", `{Type: String}`, "-", "P", "", `the parameter P has no value; using placeholder "P"; set it with --parameter-overrides P=…`},
		{"first-allowed", `{Type: String, AllowedValues: [test, prod]}`, "-", "test", "", `the parameter P has no value; using placeholder "test"`},
		{"yaml-boolean", `{Type: String, Default: no, AllowedValues: [yes, no]}`, "-", "false", "", ""},
		{"number", `{Type: Number, Default: 5}`, "6.5", "6.5", "", ""},
		{"not-a-number", `{Type: Number, Default: 5}`, "six", "", "the value of the parameter P is not a number", ""},
		{"list", `{Type: CommaDelimitedList, Default: "a,b"}`, "-", "a|b", "", ""},
		{"list-override", `{Type: CommaDelimitedList, Default: "a,b"}`, "c , d", "c|d", "", ""},
		{"empty-list", `{Type: CommaDelimitedList, Default: ""}`, "-", "", "", ""},
		{"number-list", `{Type: List<Number>, Default: "1,2"}`, "-", "1|2", "", ""},
		{"not-numbers", `{Type: List<Number>, Default: "1,x"}`, "-", "", "the value of the parameter P is not a number", ""},
		{"aws-list", `{Type: "List<AWS::EC2::Subnet::Id>", Default: "s-1,s-2"}`, "-", "s-1|s-2", "", ""},
		{"allowed", `{Type: String, AllowedValues: [a, b]}`, "b", "b", "", ""},
		{"not-allowed", `{Type: String, AllowedValues: [a, b]}`, "secret", "", "the value of the parameter P is not one of its AllowedValues", ""},
		{"list-not-allowed", `{Type: CommaDelimitedList, AllowedValues: [a, b]}`, "a,c", "", "is not one of its AllowedValues", ""},
		{"described", `{Type: String, AllowedValues: [a, b], ConstraintDescription: must be a or b}`, "secret", "", "the value of the parameter P is not one of its AllowedValues: must be a or b", ""},
		{"pattern", `{Type: String, AllowedPattern: "[a-z]+"}`, "abc", "abc", "", ""},
		{"pattern-whole", `{Type: String, AllowedPattern: "[a-z]+"}`, "secret1", "", "the value of the parameter P does not match its AllowedPattern", ""},
		{"pattern-either", `{Type: String, AllowedPattern: "a|b"}`, "ab", "", "does not match its AllowedPattern", ""},
		{"pattern-described", `{Type: String, AllowedPattern: "[a-z]+", ConstraintDescription: lower case letters only}`, "secret1", "", "AllowedPattern: lower case letters only", ""},
		{"pattern-list", `{Type: CommaDelimitedList, AllowedPattern: "[a-z]"}`, "a,1", "", "does not match its AllowedPattern", ""},
		{"pattern-default", `{Type: String, AllowedPattern: "[a-z]+", Default: "1"}`, "-", "", "does not match its AllowedPattern", ""},
		{"pattern-java", `{Type: String, AllowedPattern: "(?!a).*"}`, "b", "b", "", "the AllowedPattern is not checked: error parsing regexp"},
		{"min-length", `{Type: String, MinLength: 2}`, "é", "", "the value of the parameter P is shorter than its MinLength", ""},
		{"max-length", `{Type: String, MaxLength: "2"}`, "abc", "", "the value of the parameter P is longer than its MaxLength", ""},
		{"length-fits", `{Type: String, MinLength: 2, MaxLength: 2}`, "éé", "éé", "", ""},
		{"min-value", `{Type: Number, MinValue: 1}`, "0.5", "", "the value of the parameter P is less than its MinValue", ""},
		{"max-value", `{Type: Number, MaxValue: 10}`, "11", "", "the value of the parameter P is more than its MaxValue", ""},
		{"value-fits", `{Type: Number, MinValue: 1, MaxValue: 10}`, "10", "10", "", ""},
		{"bad-limit", `{Type: Number, MinValue: one}`, "1", "", "MinValue must be a number", ""},
		{"no-type", `{Default: a}`, "-", "", "the parameter P needs a Type", ""},
		{"default-map", `{Type: String, Default: {a: b}}`, "-", "", "the Default of the parameter P must be a string", ""},
		{"default-list", `{Type: String, Default: [a]}`, "-", "", "the Default of the parameter P must be a string", ""},
		{"ssm", `{Type: "AWS::SSM::Parameter::Value<String>", Default: /a}`, "-", "/a", "", "the parameter P is read from Systems Manager on deployment"},
		{"ssm-list", `{Type: "AWS::SSM::Parameter::Value<List<String>>", Default: "/a,/b"}`, "-", "/a|/b", "", "Systems Manager"},
	} {
		t.Run(row.name, func(t *testing.T) {
			template := strings.Replace(valued, "Parameters:\n", "Parameters:\n  P: "+row.parameter+"\n", 1)
			o := cfn.Options{Parameters: map[string]string{"Missing": "m"}}
			if row.override != "-" {
				o.Parameters["P"] = row.override
			}
			value := `!Join ["|", [!Ref P]]`
			if strings.Contains(row.want, "|") || strings.Contains(row.parameter, "List") {
				value = `!Join ["|", !Ref P]`
			}
			o.Names = names
			read := read(t, template+value, o)
			got, err := read.Resolve("X", read.Section("X")), refusals(read)
			if row.err != "" {
				if err == nil || !strings.Contains(err.Error(), row.err) || !strings.Contains(err.Error(), "template.yaml:") {
					t.Fatalf("the error is %v, want %q", err, row.err)
				}
				if strings.Contains(err.Error(), "secret") {
					t.Errorf("the error %q shows the value", err)
				}
				return
			}
			if err != nil || got.Text != row.want {
				t.Errorf("X = %q, %v, want %q", got.Text, err, row.want)
			}
			if findings := texts(read.Findings); !strings.Contains(findings, row.note) {
				t.Errorf("findings %q, want %q", findings, row.note)
			}
		})
	}
}

func TestParameterOfNothing(t *testing.T) {
	template := read(t, valued+"x", cfn.Options{Parameters: map[string]string{"Stgae": "test"}})
	if got := texts(template.Findings); !strings.Contains(got, "the parameter Stgae is set, but the template does not have it") {
		t.Errorf("findings %q", got)
	}
}

// A value that is given is not read from Systems Manager.
func TestParameterGivenForSystemsManager(t *testing.T) {
	template := read(t, valued+"x", cfn.Options{Parameters: map[string]string{"Ssm": "secret", "Missing": "m"}})
	if got := texts(template.Findings); got != "" {
		t.Errorf("findings %q", got)
	}
}

// The CDK of version 1 has three parameters for each asset, which cdk deploy sets.
func TestParameterOfAsset(t *testing.T) {
	asset := "AssetParameters" + strings.Repeat("0a", 32)
	template := strings.Replace(valued, "Parameters:\n", "Parameters:\n  "+asset+"S3BucketB1: {Type: String}\n  AssetParametersMine: {Type: String}\n", 1)
	got := texts(read(t, template+"x", cfn.Options{Parameters: map[string]string{"Missing": "m"}}).Findings)
	if strings.Contains(got, asset) || !strings.Contains(got, "the parameter AssetParametersMine has no value") {
		t.Errorf("findings %q", got)
	}
}
