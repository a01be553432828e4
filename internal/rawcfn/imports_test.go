package rawcfn_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/crumb-go/crumb/internal/cfn"
	"github.com/crumb-go/crumb/internal/rawcfn"
)

// TestImport holds what a template has of the other stacks of its CDK app.
func TestImport(t *testing.T) {
	const code = `"Outputs": {"F": {"Value": {"Fn::GetAtt": ["F", "Arn"]}, "Export": {"Name": "Code:F"}}},`
	for _, row := range []struct {
		name, own string // the values of Resources
		others    map[string]string
		want      string // the values of Resources, with what else is there
	}{
		{"function-and-what-it-needs", `"I": {"uri": {"Fn::ImportValue": "Code:F"}}`, map[string]string{
			"Code":   `{` + code + `"Resources": {"F": {"Type": "AWS::Lambda::Function", "DependsOn": ["P"], "Env": [{"Ref": "T"}, {"Fn::ImportValue": "Data:U"}, {"Fn::Sub": "${T.Arn}/${AWS::Region}"}]}, "T": {"Type": "T"}, "P": {}, "Other": {}}}`,
			"Data":   `{"Outputs": {"U": {"Value": {"Ref": "U"}, "Export": {"Name": "Data:U"}}}, "Resources": {"U": {"Type": "U"}}}`,
			"Broken": `{`,
		}, `{"Resources":{"F":{"Env":[{"Ref":"T"},{"Ref":"U"},{"Fn::Sub":"${T.Arn}/${AWS::Region}"}],"Type":"AWS::Lambda::Function"},"I":{"uri":{"Fn::GetAtt":["F","Arn"]}},"T":{"Type":"T"},"U":{"Type":"U"}}}`},
		{"ids-that-are-there", `"I": {"uri": [{"Fn::ImportValue": "Code:F"}, {"Ref": "F"}]}, "F": {"Type": "own"}`, map[string]string{
			"Co-de": `{` + code + `"Resources": {"F": {"Type": "AWS::Lambda::Function", "Env": [{"Ref": "F"}, {"Fn::GetAtt": "F.Arn"}, {"Fn::Sub": ["${F.Arn} ${F} ${!T}", {"F": "1"}]}]}}}`,
		}, `{"Resources":{"F":{"Type":"own"},"FCode":{"Env":[{"Ref":"FCode"},{"Fn::GetAtt":["FCode","Arn"]},{"Fn::Sub":["${FCode.Arn} ${F} ${!T}",{"F":"1"}]}],"Type":"AWS::Lambda::Function"},"I":{"uri":[{"Fn::GetAtt":["FCode","Arn"]},{"Ref":"F"}]}}}`},
		{"sections", `"I": {"uri": {"Fn::ImportValue": "Code:F"}}}, "Parameters": {"Same": {"Type": "String"}, "P": {"Type": "Number"}`, map[string]string{
			"Code": `{` + code + `"Parameters": {"Same": {"Type": "String"}, "P": {"Type": "String"}}, "Mappings": {"M": {"a": {"b": "1"}}}, "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "1"]}, "D": {"Fn::Not": [{"Condition": "C"}]}},
				"Resources": {"F": {"Condition": "D", "Env": [{"Ref": "Same"}, {"Fn::If": ["C", {"Fn::FindInMap": ["M", "a", "b"]}, "2"]}, {"Statement": {"Condition": {"Bool": "true"}}}]}}}`,
		}, `{"Conditions":{"C":{"Fn::Equals":[{"Ref":"PCode"},"1"]},"D":{"Fn::Not":[{"Condition":"C"}]}},"Mappings":{"M":{"a":{"b":"1"}}},"Parameters":{"P":{"Type":"Number"},"PCode":{"Type":"String"},"Same":{"Type":"String"}},"Resources":{"F":{"Condition":"D","Env":[{"Ref":"Same"},{"Fn::If":["C",{"Fn::FindInMap":["M","a","b"]},"2"]},{"Statement":{"Condition":{"Bool":"true"}}}]},"I":{"uri":{"Fn::GetAtt":["F","Arn"]}}}}`},
		{"api-of-another-stack", `"M": {"Type": "AWS::ApiGateway::Method", "RestApiId": {"Fn::ImportValue": "Api:Id"}}`, map[string]string{
			"Api": `{"Outputs": {"Id": {"Value": {"Ref": "Api"}, "Export": {"Name": "Api:Id"}}}, "Resources": {"Api": {"Type": "AWS::ApiGateway::RestApi"}}}`,
		}, `{"Resources":{"M":{"RestApiId":{"Fn::ImportValue":"Api:Api"},"Type":"AWS::ApiGateway::Method"}}}`},
		{"each-needs-the-other", `"I": {"uri": {"Fn::ImportValue": "Code:F"}}`, map[string]string{
			"Code": `{` + code + `"Resources": {"F": {"Env": [{"Ref": "G"}, {"Ref": "None"}, {"Fn::Sub": "${None}"}]}, "G": {"Env": {"Ref": "F"}}}}`,
		}, `{"Resources":{"F":{"Env":[{"Ref":"G"},{"Fn::ImportValue":"Code:None"},{"Fn::ImportValue":"Code:${None}"}]},"G":{"Env":{"Ref":"F"}},"I":{"uri":{"Fn::GetAtt":["F","Arn"]}}}}`},
		{"not-exported-here", `"I": {"uri": {"Fn::ImportValue": "Code:Other"}}`, map[string]string{"Code": `{` + code + `"Resources": {"F": {}}}`},
			`{"Resources":{"I":{"uri":{"Fn::ImportValue":"Code:Other"}}}}`},
		{"nothing-imported", `"I": {"Type": "T"}`, map[string]string{"Code": `{` + code + `"Resources": {"F": {}}}`}, `{"Resources":{"I":{"Type":"T"}}}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "a[b") // which Glob would not find
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			for name, text := range row.others {
				if err := os.WriteFile(filepath.Join(dir, name+".template.json"), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			root, err := cfn.Parse([]byte(`{"Resources": {` + row.own + `}}`))
			if err != nil {
				t.Fatal(err)
			}
			root, _ = rawcfn.Import(filepath.Join(dir, "Web.template.json"), root)
			got, err := json.Marshal(root.Plain())
			if err != nil || string(got) != row.want {
				t.Errorf("Import = %s, %v\nwant %s", got, err, row.want)
			}
		})
	}
}
