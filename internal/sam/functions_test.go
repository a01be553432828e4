package sam_test

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/sam"
)

// lonely is a template with one function F. Its properties follow.
const lonely = `Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Parameters:
  Unset: {Type: String}
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  F:
    Type: AWS::Serverless::Function
    `

func TestFunctions(t *testing.T) {
	for _, row := range []struct{ name, function, dir, notRun, note string }{
		{"rust", "Metadata: {BuildMethod: rust-cargolambda}\n    Properties: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}", "code", "the build method rust-cargolambda is not Go's", "F is not run"},
		{"python", `Properties: {CodeUri: code, Runtime: python3.13, Handler: app.handler}`, "code", "the runtime python3.13 is not Go's", "F is not run: the runtime python3.13 is not Go's"},
		{"no-runtime", `Properties: {CodeUri: code, Handler: bootstrap}`, "code", "it has no Runtime", "F needs a Runtime, such as provided.al2023"},
		{"go", "Metadata: {BuildMethod: go1.x}\n    Properties: {CodeUri: code, Runtime: provided, Handler: bootstrap}", "code", "", ""},
		{"makefile", "Metadata: {BuildMethod: makefile}\n    Properties: {CodeUri: code, Runtime: go1.x, Handler: bootstrap}", "code", "", ""},
		{"image-uri", `Properties: {ImageUri: example.com/image}`, "", "container images are not emulated", ""},
		{"image", `Properties: {PackageType: Image, ImageUri: example.com/image}`, "", "container images are not emulated", ""},
		{"inline", `Properties: {InlineCode: "exports.x = 1", Runtime: nodejs22.x, Handler: index.handler}`, "", "inline code is not Go", "F is not run"},
		{"s3", `Properties: {CodeUri: "s3://bucket/key", Runtime: provided.al2023, Handler: bootstrap}`, "", "its code is in S3", ""},
		{"s3-map", `Properties: {CodeUri: {Bucket: b, Key: k}, Runtime: provided.al2023, Handler: bootstrap}`, "", "its code is in S3", ""},
		{"ref", `Properties: {CodeUri: !Ref Bucket, Runtime: provided.al2023, Handler: bootstrap}`, "", "its CodeUri is known only once it is deployed", "F CodeUri: Ref Bucket is known only once"},
		{"layers", `Properties: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap, Layers: [arn]}`, "code", "", "F: layers are not emulated"},
	} {
		t.Run(row.name, func(t *testing.T) {
			file := project(t, lonely+row.function)
			got, err := sam.Read(file, sam.Options{Overrides: map[string]string{"Unset": "x"}})
			if err != nil {
				t.Fatal(err)
			}
			fn := got.Functions[0]
			want := row.dir
			if want != "" {
				want = filepath.Join(filepath.Dir(file), want)
			}
			if fn.Dir != want {
				t.Errorf("Dir = %q, want %q", fn.Dir, want)
			}
			if why := cmp.Or(fn.NotRun, fn.NoSource); why != row.notRun {
				t.Errorf("NotRun or NoSource = %q, want %q", why, row.notRun)
			}
			if notes := notesFrom(got, 0); !strings.Contains(notes, row.note) || row.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, row.note)
			}
		})
	}
}

// Code in S3 is named by its key, which is what builds are compared with.
func TestS3Key(t *testing.T) {
	for properties, want := range map[string]string{
		`CodeUri: "s3://bucket/key"`: "bucket/key", `CodeUri: {Bucket: b, Key: k}`: "k", `CodeUri: {Bucket: b, Key: !ImportValue k}`: "",
	} {
		got, err := sam.Read(project(t, lonely+"Properties: {Runtime: provided.al2023, Handler: bootstrap, "+properties+"}"), sam.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if key := got.Functions[0].S3Key; key != want {
			t.Errorf("%s: %q, want %q", properties, key, want)
		}
	}
}

func TestAbsoluteCodeURI(t *testing.T) {
	dir := filepath.Join(filepath.Dir(project(t, "# code\n")), "code")
	got, err := sam.Read(project(t, lonely+fmt.Sprintf("Properties: {CodeUri: %q, Runtime: provided.al2023, Handler: bootstrap}", dir)), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if fn := got.Functions[0]; fn.Dir != dir {
		t.Errorf("Dir = %q, want %q", fn.Dir, dir)
	}
}

func TestFunctionNumbers(t *testing.T) {
	for _, row := range []struct{ name, properties, want string }{
		{"default", ``, "3s 128"},
		{"numbers", `, Timeout: 29, MemorySize: 1024`, "29s 1024"},
		{"texts", `, Timeout: "29", MemorySize: "1024"`, "29s 1024"},
		{"unknown", `, Timeout: !Ref Unset`, "3s 128"},
		{"no-value", `, Timeout: !Ref "AWS::NoValue"`, "3s 128"},
		{"zero", `, Timeout: 0`, "F Timeout must be a whole number from 1 to 900"},
		{"fraction", `, Timeout: 1.5`, "F Timeout must be a whole number from 1 to 900"},
		{"long", `, Timeout: 901`, "F Timeout must be a whole number from 1 to 900"},
		{"memory", `, MemorySize: 64`, "F MemorySize must be a whole number from 128 to 10240"},
		{"list", `, Timeout: [1]`, "F Timeout must be a whole number from 1 to 900"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := refusals(project(t, lonely+"Properties: {CodeUri: code, Runtime: provided.al2023, Handler: b"+row.properties+"}"), sam.Options{})
			answer := fmt.Sprint(err)
			if err == nil {
				answer = fmt.Sprintf("%s %d", got.Functions[0].Timeout, got.Functions[0].MemoryMB)
			}
			if !strings.HasSuffix(answer, row.want) {
				t.Errorf("Read: %s, want %s", answer, row.want)
			}
		})
	}
}

func TestGlobals(t *testing.T) {
	const template = `Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    CodeUri: code
    Runtime: provided.al2023
    Handler: bootstrap
    Timeout: 7
    MemorySize: !Ref Memory
    Environment:
      Variables: {AA: global, BB: !Ref "AWS::Region", CC: global}
    Layers: [one]
Parameters:
  Memory: {Type: Number, Default: 512}
Resources:
  Plain: {Type: AWS::Serverless::Function}
  Own:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 9
      Environment: {Variables: {AA: own, BB: !Ref "AWS::NoValue", DD: own}}
      Layers: [two]
  Ignoring:
    Type: AWS::Serverless::Function
    IgnoreGlobals: [Timeout, Environment]
  Alone:
    Type: AWS::Serverless::Function
    IgnoreGlobals: "*"
    Properties: {CodeUri: code, Runtime: go1.x, Handler: main}
  Intrinsic:
    Type: AWS::Serverless::Function
    Properties:
      Environment: !If [Never, {Variables: {}}, {Variables: {EE: own}}]
Conditions: {Never: !Equals [a, b]}
`
	got, err := sam.Read(project(t, template), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Plain provided.al2023 7s 512 map[AA:global BB:us-east-1 CC:global]",
		"Own provided.al2023 9s 512 map[AA:own CC:global DD:own]",
		"Ignoring provided.al2023 3s 512 map[]",
		"Alone go1.x 3s 128 map[]",
		"Intrinsic provided.al2023 7s 512 map[EE:own]",
	}
	if len(got.Functions) != len(want) {
		t.Fatalf("%d functions, want %d", len(got.Functions), len(want))
	}
	for i, fn := range got.Functions {
		if text := fmt.Sprintf("%s %s %s %d %v", fn.ID, fn.Runtime, fn.Timeout, fn.MemoryMB, fn.Env); text != want[i] {
			t.Errorf("function %s, want %s", text, want[i])
		}
	}
}

// TestFunctionName has FunctionName, the name that the function gets, and what Ref
// and GetAtt give others: they agree.
func TestFunctionName(t *testing.T) {
	const arn = "arn:aws:lambda:us-east-1:123456789012:function:"
	for _, row := range []struct{ name, is, want, ref, notes string }{
		{"literal", "orders-fixed", "orders-fixed", "orders-fixed", ""},
		{"parameter", "!Sub 'orders-${Stage}'", "orders-dev", "orders-dev", ""},
		{"stack", "!Join ['-', [!Ref AWS::StackName, f]]", "local-f", "local-f", ""},
		{"none", "!Ref AWS::NoValue", "F", "F", "placeholder"},
		{"placeholder", "!Sub 'orders-${Bucket}'", "F", "F", "placeholder"},
		{"itself", "!Ref F", "F", "F", "placeholder"},
		{"not-a-name", "orders dev", "F", "orders dev", "F FunctionName must be 1 to 64 letters, digits, hyphens and underscores"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := sam.Read(project(t, `Transform: AWS::Serverless-2016-10-31
Parameters: {Stage: {Type: String, Default: dev}}
Globals: {Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}}
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  F: {Type: AWS::Serverless::Function, Properties: {FunctionName: `+row.is+`}}
  G: {Type: AWS::Serverless::Function, Properties: {Environment: {Variables: {NAME: !Sub '${F}', ARN: !GetAtt F.Arn}}}}
`), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			f, g := got.Functions[0], got.Functions[1]
			if f.Name != row.want || g.Env["NAME"] != row.ref || g.Env["ARN"] != arn+row.ref {
				t.Errorf("Name %q, Ref %q, Arn %q; want %q, %q, %q", f.Name, g.Env["NAME"], g.Env["ARN"], row.want, row.ref, arn+row.ref)
			}
			notes := fmt.Sprint(got.Findings)
			if !strings.Contains(notes, row.notes) || row.notes == "" && len(got.Findings) > 0 {
				t.Errorf("notes %s, want %q in them", notes, row.notes)
			}
		})
	}
}

// TestFunctionNameOfAnother has a name that is the logical id of another function.
func TestFunctionNameOfAnother(t *testing.T) {
	got, err := sam.Read(project(t, `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap, Environment: {Variables: {AA: "1"}}}}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {FunctionName: F}}
  G: {Type: AWS::Serverless::Function, Properties: {FunctionName: F}}
  Api:
    Type: AWS::Serverless::HttpApi
    Properties: {DefinitionBody: {openapi: 3.0.1, paths: {/a: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn, payloadFormatVersion: "2.0"}}}}}}
`), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if id := got.APIs[0].Routes[0].Function.ID; id != "F" {
		t.Errorf("the route has %s, want F", id)
	}
}

func TestEnvVars(t *testing.T) {
	const template = `Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap, Environment: {Variables: {AA: "1", BB: !Ref Bucket, CC: "1"}}}
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  F: {Type: AWS::Serverless::Function}
  G: {Type: AWS::Serverless::Function, Properties: {FunctionName: !Sub "${AWS::StackName}-g"}}
  H: {Type: AWS::Serverless::Function, Properties: {FunctionName: h}}
`
	got, err := sam.Read(project(t, template), sam.Options{EnvVars: map[string]map[string]string{
		"Parameters": {"AA": "all", "BB": "all", "Z": "all", "X": "all", "AWS_ENDPOINT_URL_SQS": "all"},
		"F":          {"BB": "own", "NEW": "own"},
		"local-g":    {"CC": "named"},
		"H":          {"AA": "id"},
		"h":          {"BB": "name"},
		"Typo":       {"AA": "x"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"map[AA:all AWS_ENDPOINT_URL_SQS:all BB:own CC:1]", "map[AA:all AWS_ENDPOINT_URL_SQS:all BB:all CC:named]", "map[AA:id AWS_ENDPOINT_URL_SQS:all BB:all CC:1]",
	} {
		if text := fmt.Sprint(got.Functions[i].Env); text != want {
			t.Errorf("%s has %s, want %s", got.Functions[i].ID, text, want)
		}
	}
	want := "--env-vars has values for Typo, which is not a function of the template\n" +
		"--env-vars has X, Z for all functions, but none declares it, so it is not set\n" +
		"F: --env-vars has NEW, which the template does not declare, so it is not set"
	if notes := notesFrom(got, 0); notes != want {
		t.Errorf("notes %q, want %q", notes, want)
	}
}

func TestEnvOverEnvVars(t *testing.T) {
	const template = `Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap, Environment: {Variables: {AA: "1", BB: "1", CC: "1"}}}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {FunctionName: named}}
`
	got, err := sam.Read(project(t, template), sam.Options{
		EnvVars: map[string]map[string]string{"named": {"AA": "file", "BB": "file"}},
		Env:     map[string]map[string]string{"Parameters": {"AA": "over"}, "F": {"CC": "over"}, "Typo": {"AA": "x"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(got.Functions[0].Env), "map[AA:over BB:file CC:over]"; got != want {
		t.Errorf("Env = %s, want %s", got, want)
	}
	if notes, want := notesFrom(got, 0), "--env-vars has values for Typo, which is not a function of the template"; notes != want {
		t.Errorf("notes %q, want %q", notes, want)
	}
}

func TestNotes(t *testing.T) {
	got, err := sam.Read(project(t, `Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}
Resources:
  Nested: {Type: AWS::Serverless::Application, Properties: {Location: a.yaml}}
  Stack: {Type: AWS::CloudFormation::Stack}
  Plain: {Type: AWS::Lambda::Function}
  Rest: {Type: AWS::ApiGateway::RestApi}
  Account: {Type: AWS::ApiGateway::Account}
  Machine: {Type: AWS::Serverless::StateMachine}
  Items: {Type: AWS::Serverless::SimpleTable}
  Queue: {Type: AWS::SQS::Queue}
  Fn::ForEach::Each: [Name, [a], {}]
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Tick: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}
        Work: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}
        More: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}
        Far: {Type: Api, Properties: {Path: /far, Method: GET, RestApiId: !ImportValue far}}
        Old: {Type: Api, Properties: {Path: /old, Method: GET, RestApiId: !Ref Rest}}
        Slow: {Type: Api, Properties: {Path: /slow, Method: GET, ResponseTransferMode: RESPONSE_STREAM}}
        Two: {Type: Api, Properties: {Path: /slow, Method: PUT, ResponseTransferMode: RESPONSE_STREAM, PayloadFormatVersion: "2.0"}}
  Tells: {Type: AWS::Serverless::Function, Properties: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap, Environment: {Variables: {NN: !Length [a], JJ: !ToJsonString [a]}}}}
  Guarded: {Type: AWS::Serverless::Api, Properties: {StageName: x, Auth: {ResourcePolicy: {IpRangeWhitelist: [10.0.0.0/8]}}}}
`), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var notes []string
	for _, n := range got.Findings {
		notes = append(notes, fmt.Sprintf("%d %s", n.Line, n.Text))
	}
	want := []string{
		"5 Nested: nested applications (AWS::Serverless::Application) are not emulated",
		"6 Stack: nested applications (AWS::CloudFormation::Stack) are not emulated",
		"7 Plain needs a Code",
		"7 Plain needs a Runtime, such as provided.al2023",
		"8 Rest: no stage of this template serves it, so that API Gateway does not either until it has one; here it has the stage prod",
		"10 Machine: AWS::Serverless::StateMachine is not emulated",
		"13 Fn::ForEach::Each needs the transform AWS::LanguageExtensions",
		"18 Schedule events are not emulated",
		"19 SQS events are not emulated",
		"21 F Far: RestApiId must be a Ref to an API of this template; the route is not served",
		"22 F Old: Rest has a definition without GET /old, so API Gateway does not serve it",
		"24 F Two: SAM rejects PayloadFormatVersion on Api events, which are always 1.0; only HttpApi events support it",
		"25 Fn::Length needs the transform AWS::LanguageExtensions",
		"25 Fn::ToJsonString needs the transform AWS::LanguageExtensions",
		"26 Guarded: the resource policy is not evaluated",
	}
	if got, want := strings.Join(notes, "\n"), strings.Join(want, "\n"); got != want {
		t.Errorf("notes:\n%s\nwant:\n%s", got, want)
	}
	if routes := got.APIs[len(got.APIs)-1].Routes; len(routes) != 2 || !routes[0].Stream || routes[1].Payload != "1.0" {
		t.Errorf("routes = %+v, want one that streams and one of payload 1.0", routes)
	}
}

func TestLoggingConfig(t *testing.T) {
	got, err := sam.Read(project(t, `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: provided.al2023, Handler: bootstrap, CodeUri: code, LoggingConfig: {LogFormat: JSON}}}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {LoggingConfig: {ApplicationLogLevel: DEBUG, SystemLogLevel: WARN, LogGroup: !Ref G}}}
  N: {Type: AWS::Serverless::Function, Properties: {LoggingConfig: {LogGroup: !Ref Nameless}}}
  G: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /shop}}
  Nameless: {Type: AWS::Logs::LogGroup}
`), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if notes := notesFrom(got, 0); got.Functions[1].LogGroup != "" || notes != "" {
		t.Errorf("LogGroup %q, notes %q", got.Functions[1].LogGroup, notes)
	}
	if f := got.Functions[0]; f.LogFormat != "JSON" || f.LogLevel != "DEBUG" || f.SystemLogLevel != "WARN" || f.LogGroup != "/shop" {
		t.Errorf("LogFormat %q, LogLevel %q, SystemLogLevel %q, LogGroup %q", f.LogFormat, f.LogLevel, f.SystemLogLevel, f.LogGroup)
	}
}
