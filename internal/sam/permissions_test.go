package sam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/sam"
)

// TestPermissions holds that a permission to call a Function URL is noted, on the
// line of its action, if it is only one of the two that a caller needs.
func TestPermissions(t *testing.T) {
	const (
		url  = "Action: lambda:InvokeFunctionUrl"
		call = "Action: lambda:InvokeFunction"
		all  = ", Principal: '*'"
		cdn  = ", Principal: cloudfront.amazonaws.com"
	)
	for _, row := range []struct {
		name, auth  string
		permissions []string // properties
		want        string   // names of those noted
	}{
		{"url-only", "AWS_IAM", []string{"FunctionName: !Ref F, " + url + all}, "P0"},
		{"both", "AWS_IAM", []string{"FunctionName: !Ref F, " + url + cdn, "FunctionName: !Ref F, " + call + cdn}, ""},
		{"both-by-other-names", "AWS_IAM", []string{
			"FunctionName: !GetAtt F.Arn, " + url + cdn,
			"FunctionName: !Sub 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${F}', " + call + cdn,
		}, ""},
		{"by-its-own-name", "AWS_IAM", []string{"FunctionName: own, " + url + cdn, "FunctionName: !GetAtt F.Arn, " + call + cdn}, ""},
		{"all-actions", "AWS_IAM", []string{"FunctionName: !Ref F, Action: lambda:*" + cdn}, ""},
		{"all-actions-elsewhere", "AWS_IAM", []string{"FunctionName: !Ref F, " + url + cdn, "FunctionName: !Ref F, Action: '*'" + cdn}, ""},
		{"another-caller", "AWS_IAM", []string{"FunctionName: !Ref F, " + url + cdn, "FunctionName: !Ref F, " + call + ", Principal: s3.amazonaws.com"}, "P0"},
		{"everybody-else-too", "AWS_IAM", []string{"FunctionName: !Ref F, " + url + cdn, "FunctionName: !Ref F, " + call + all}, ""},
		{"another-function", "AWS_IAM", []string{"FunctionName: !Ref F, " + url + cdn, "FunctionName: G, " + call + cdn}, "P0 P1"},
		{"another-source", "AWS_IAM", []string{
			"FunctionName: !Ref F, SourceArn: !Sub 'arn:${A}', " + url + cdn, "FunctionName: !Ref F, SourceArn: !Sub 'arn:${B}', " + call + cdn,
		}, "P0 P1"},
		{"the-same-source", "AWS_IAM", []string{
			"FunctionName: !Ref F, SourceArn: !Sub 'arn:${A}', " + url + cdn, "FunctionName: !Ref F, SourceArn: !Sub 'arn:${A}', " + call + cdn,
		}, ""},
		{"every-source", "AWS_IAM", []string{"FunctionName: !Ref F, SourceArn: a, " + url + cdn, "FunctionName: !Ref F, " + call + cdn}, ""},
		{"every-account", "AWS_IAM", []string{"FunctionName: !Ref F, " + url + cdn, "FunctionName: !Ref F, SourceAccount: '1', " + call + cdn}, ""},
		{"another-account", "AWS_IAM", []string{
			"FunctionName: !Ref F, SourceAccount: '2', " + url + cdn, "FunctionName: !Ref F, SourceAccount: '1', " + call + cdn,
		}, "P0 P1"},
		{"another-organization", "AWS_IAM", []string{
			"FunctionName: !Ref F, PrincipalOrgID: o-2, " + url + all, "FunctionName: !Ref F, PrincipalOrgID: o-1, " + call + all,
		}, "P0"},
		{"call-only-of-a-cdn", "AWS_IAM", []string{"FunctionName: !Ref F, " + call + cdn}, "P0"},
		{"call-only-via-a-url", "AWS_IAM", []string{"FunctionName: !Ref F, InvokedViaFunctionUrl: true, " + call + all}, "P0"},
		{"call-only-with-a-type", "AWS_IAM", []string{"FunctionName: !Ref F, FunctionUrlAuthType: AWS_IAM, " + call + all}, "P0"},
		{"call-of-a-service", "AWS_IAM", []string{"FunctionName: !Ref F, " + call + ", Principal: s3.amazonaws.com"}, ""},
		{"open", "NONE", []string{"FunctionName: !Ref F, " + url + all}, ""},
		{"a-url-of-its-own", "", []string{"FunctionName: !Ref F, FunctionUrlAuthType: NONE, " + url + all}, "P0"},
		{"not-made", "AWS_IAM", []string{"FunctionName: !Ref F, " + url + cdn, "FunctionName: !Ref F, " + call + cdn + " if Never"}, "P0"},
	} {
		t.Run(row.name, func(t *testing.T) {
			template := "Transform: AWS::Serverless-2016-10-31\nConditions: {Never: !Equals [a, b]}\nResources:\n" +
				"  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap, FunctionName: own"
			if row.auth != "" {
				template += ", FunctionUrlConfig: {AuthType: " + row.auth + "}"
			}
			template += "}}\n"
			want := map[string]int{}
			for i, properties := range row.permissions {
				id := fmt.Sprint("P", i)
				properties, condition, conditional := strings.Cut(properties, " if ")
				template += "  " + id + ":\n    Type: AWS::Lambda::Permission\n    Properties: {" + properties + "}\n"
				if strings.Contains(row.want, id) {
					want[id] = strings.Count(template, "\n")
				}
				if conditional {
					template += "    Condition: " + condition + "\n"
				}
			}
			got, err := sam.Read(project(t, template), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			noted := map[string]int{}
			for _, note := range got.Findings {
				id, _, _ := strings.Cut(note.Text, ":")
				noted[id] = note.Line
			}
			if fmt.Sprint(noted) != fmt.Sprint(want) {
				t.Errorf("noted %v, want %v; notes %v", noted, want, got.Findings)
			}
		})
	}
}

func TestPermissionNote(t *testing.T) {
	got, err := sam.Read(project(t, `Transform: AWS::Serverless-2016-10-31
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}}
  P:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref F
      Principal: cloudfront.amazonaws.com
      Action: lambda:InvokeFunctionUrl
`), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const want = `P: calling a Function URL requires lambda:InvokeFunctionUrl and lambda:InvokeFunction, and no permission grants "cloudfront.amazonaws.com" the second, so AWS responds with 403`
	if len(got.Findings) != 1 || got.Findings[0] != (app.Finding{Line: 9, Text: want}) {
		t.Errorf("notes %v, want line 9: %s", got.Findings, want)
	}
}
