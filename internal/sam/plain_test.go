package sam_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/sam"
)

// The shape of what the CDK synthesizes: code in S3, described by Metadata or a manifest
// beside the template.
const functionsOfCDK = `{
 "Resources": {
  "Items5C12978B": {
   "Type": "AWS::DynamoDB::Table",
   "Properties": {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
  },
  "List125D1B59": {
   "Type": "AWS::Lambda::Function",
   "Properties": {
    "Code": {"S3Bucket": {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"}, "S3Key": "0967.zip"},
    "Environment": {"Variables": {"TABLE": {"Ref": "Items5C12978B"}}},
    "FunctionName": "list", "Handler": "bootstrap", "Runtime": "provided.al2023", "MemorySize": 256, "Timeout": 10,
    "LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"},
    "Role": {"Fn::GetAtt": ["Role", "Arn"]}
   },
   "Metadata": {"aws:asset:path": "asset.0967", "aws:asset:property": "Code"}
  },
  "Bare": {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"S3Bucket": {"Ref": "Bucket"}, "S3Key": {"Ref": "Unset"}}, "Handler": "bootstrap", "Runtime": "provided.al2"}},
  "Local": {"Type": "AWS::Lambda::Function", "Properties": {"Code": "code", "Handler": "bootstrap", "Runtime": "provided.al2023"}},
  "Script": {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"ZipFile": "x"}, "Handler": "index.x", "Runtime": "nodejs22.x", "Layers": ["arn"]}},
  "Image": {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"ImageUri": "x"}, "PackageType": "Image"}, "Metadata": {"aws:asset:path": "asset.image", "aws:asset:property": "Code.ImageUri"}},
  "Version7": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "List125D1B59"}}},
  "Live": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Fn::GetAtt": ["List125D1B59", "Arn"]}, "FunctionVersion": {"Fn::GetAtt": ["Version7", "Version"]}, "Name": "live"}},
  "Open": {"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "NONE", "InvokeMode": "RESPONSE_STREAM", "Cors": {"AllowOrigins": ["https://a.example"], "MaxAge": 60}, "TargetFunctionArn": {"Fn::GetAtt": ["List125D1B59", "Arn"]}}},
  "Closed": {"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "AWS_IAM", "Qualifier": "live", "TargetFunctionArn": {"Ref": "Live"}}},
  "Named": {"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "NONE", "TargetFunctionArn": "local-is-not-known"}},
  "NoType": {"Type": "AWS::Lambda::Url", "Properties": {"TargetFunctionArn": {"Ref": "Local"}}},
  "Forgotten": {"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "NONE", "TargetFunctionArn": {"Ref": "Version7"}}},
  "One": {"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunctionUrl", "FunctionName": {"Ref": "List125D1B59"}, "FunctionUrlAuthType": "NONE", "Principal": "*"}},
  "Two": {"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunction", "FunctionName": {"Fn::GetAtt": ["List125D1B59", "Arn"]}, "InvokedViaFunctionUrl": true, "Principal": "*"}}
 }
}`

func readPlain(t *testing.T, text string) *app.App {
	t.Helper()
	a, err := sam.Read(project(t, text), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestPlainFunctions(t *testing.T) {
	a := readPlain(t, functionsOfCDK)
	dir := filepath.Dir(a.File)
	var got []string
	for _, f := range a.Functions {
		path, _ := filepath.Rel(dir, f.Dir)
		got = append(got, fmt.Sprintf("%s %s %s dir=%s key=%s %s|%s", f.ID, f.Name, f.Runtime, path, f.S3Key, f.NoSource, f.NotRun))
	}
	want := []string{
		"List125D1B59 list provided.al2023 dir=asset.0967 key=0967.zip its code is in S3|",
		"Bare Bare provided.al2 dir= key= its code is in S3|",
		"Local Local provided.al2023 dir=code key= |",
		"Script Script nodejs22.x dir= key= |inline code is not Go",
		"Image Image  dir= key= container images are not emulated|",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("functions:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	f := a.Functions[0]
	if f.Timeout != 10*time.Second || f.MemoryMB != 256 || f.Env["TABLE"] != "Items5C12978B" || f.LogFormat != "JSON" || f.LogLevel != "DEBUG" || f.CodeLine != 10 {
		t.Errorf("function %+v", f)
	}
	notes := notesFrom(a, 0)
	for _, want := range []string{"Script: layers are not emulated", "Script is not run: inline code is not Go"} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes %q, want %q", notes, want)
		}
	}
	for _, unwanted := range []string{"Ref Bucket", "Ref Unset", "AWS::Lambda::"} {
		if strings.Contains(notes, unwanted) {
			t.Errorf("notes %q have %q", notes, unwanted)
		}
	}
}

func TestPlainURLs(t *testing.T) {
	a := readPlain(t, functionsOfCDK)
	var got []string
	for _, u := range a.APIs {
		r := u.Routes[0]
		got = append(got, fmt.Sprintf("%s %s %s %s stream=%v cors=%v", u.ID, u.Kind, r.Function.ID, r.Authorizer, u.Stream, u.CORS != nil))
	}
	want := []string{
		"Open url List125D1B59  stream=true cors=true",
		"Closed url List125D1B59 AWS_IAM stream=false cors=false",
		"NoType url Local AWS_IAM stream=false cors=false",
		"Forgotten url List125D1B59  stream=false cors=false",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("URLs:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	notes := notesFrom(a, 0)
	for _, want := range []string{"Named: its TargetFunctionArn names no function of this template; it is not served", "NoType needs an AuthType"} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes %q, want %q", notes, want)
		}
	}
	if strings.Contains(notes, "403") {
		t.Errorf("notes of a URL with both permissions: %q", notes)
	}
	every := strings.Replace(functionsOfCDK, `"Action": "lambda:InvokeFunctionUrl"`, `"Action": "lambda:*"`, 1)
	if notes := notesFrom(readPlain(t, strings.Replace(every, `"Two": {"Type": "AWS::Lambda::Permission"`, `"Two": {"Type": "AWS::Other"`, 1)), 0); strings.Contains(notes, "403") {
		t.Errorf("notes of a URL with a permission for every action: %q", notes)
	}
	for _, permission := range []string{"One", "Two"} {
		missing := strings.Replace(functionsOfCDK, `"`+permission+`": {"Type": "AWS::Lambda::Permission"`, `"`+permission+`": {"Type": "AWS::Other"`, 1)
		if notes, want := notesFrom(readPlain(t, missing), 0), "Open: no permission of this template grants everybody lambda:InvokeFunctionUrl and lambda:InvokeFunction, so AWS responds with 403"; !strings.Contains(notes, want) {
			t.Errorf("without %s: %q, want %q", permission, notes, want)
		}
	}
}
