package sam_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/sam"
)

// lonely is a template with one function F, whose properties follow.
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
		{"main", `Properties: {CodeUri: code/, Runtime: provided.al2023, Handler: bootstrap}`, "code", "", ""},
		{"dot", `Properties: {CodeUri: ./code, Runtime: provided.al2, Handler: bootstrap}`, "code", "", ""},
		{"handler-folder", `Properties: {CodeUri: outer, Runtime: provided.al2023, Handler: inner}`, "outer/inner", "", ""},
		{"handler-broken", `Properties: {CodeUri: ., Runtime: provided.al2023, Handler: broken}`, "broken", "", ""},
		{"handler-broken-beside-a-package", `Properties: {CodeUri: library, Runtime: provided.al2023, Handler: ../broken}`, "library", "the package in its CodeUri is library, not main", "F is not run"},
		{"handler-outside", `Properties: {CodeUri: empty, Runtime: provided.al2023, Handler: ../none}`, "empty", "there is no Go package in its CodeUri", "F is not run: there is no Go package in its CodeUri"},
		{"go1.x", `Properties: {CodeUri: code, Runtime: go1.x, Handler: main}`, "code", "", "F: Lambda no longer has the runtime go1.x"},
		{"go1.x-method", "Metadata: {BuildMethod: go1.x}\n    Properties: {CodeUri: code, Runtime: provided, Handler: bootstrap}", "code", "", ""},
		{"makefile", "Metadata: {BuildMethod: makefile}\n    Properties: {CodeUri: made, Runtime: provided.al2023, Handler: bootstrap}", "made", "", ""},
		{"makefile-above", "Metadata: {BuildMethod: makefile}\n    Properties: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}", "code", "", "F: there is no Makefile in its CodeUri, so go build builds it"},
		{"makefile-nowhere", "Metadata: {BuildMethod: makefile}\n    Properties: {CodeUri: empty, Runtime: provided.al2023, Handler: bootstrap}", "empty", "there is no Go package in its CodeUri", "F is not run"},
		{"rust", "Metadata: {BuildMethod: rust-cargolambda}\n    Properties: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}", "code", "the build method rust-cargolambda is not Go's", "F is not run"},
		{"python", `Properties: {CodeUri: code, Runtime: python3.13, Handler: app.handler}`, "code", "the runtime python3.13 is not Go's", "F is not run: the runtime python3.13 is not Go's"},
		{"image", `Properties: {PackageType: Image, ImageUri: example.com/image}`, ".", "container images are not emulated", "F is not run"},
		{"image-of-go", "Metadata: {DockerContext: ./code}\n    Properties: {PackageType: Image}", "code", "", "F: its image is not made and its Dockerfile not read; it runs from the main package in code"},
		{"image-built", "Metadata: {DockerContext: .}\n    Properties: {PackageType: Image}", ".", "container images are not emulated", "F is not run"},
		{"inline", `Properties: {InlineCode: "exports.x = 1", Runtime: nodejs22.x, Handler: index.handler}`, ".", "inline code is not Go", "F is not run"},
		{"s3", `Properties: {CodeUri: "s3://bucket/key", Runtime: provided.al2023, Handler: bootstrap}`, "s3:/bucket/key", "its code is in S3; crumb builds from a folder", "F is not run"},
		{"s3-map", `Properties: {CodeUri: {Bucket: b, Key: k}, Runtime: provided.al2023, Handler: bootstrap}`, ".", "its code is in S3; crumb builds from a folder", "F is not run"},
		{"zip", `Properties: {CodeUri: function.zip, Runtime: provided.al2023, Handler: bootstrap}`, "function.zip", "its CodeUri is an archive", "F is not run"},
		{"ref", `Properties: {CodeUri: !Ref Bucket, Runtime: provided.al2023, Handler: bootstrap}`, "Bucket", "its CodeUri is known only once it is deployed", "F CodeUri: Ref Bucket is known only once"},
		{"no-code-uri", `Properties: {Runtime: provided.al2023, Handler: code}`, "code", "", ""},
		{"library", `Properties: {CodeUri: library, Runtime: provided.al2023, Handler: bootstrap}`, "library", "the package in its CodeUri is library, not main", "F is not run"},
		{"broken", `Properties: {CodeUri: broken, Runtime: provided.al2023, Handler: bootstrap}`, "broken", "", ""},
		{"missing", `Properties: {CodeUri: gone, Runtime: provided.al2023, Handler: bootstrap}`, "gone", "its CodeUri gone is not a folder that exists", "F is not run"},
		{"misspelt-runtime", `Properties: {CodeUri: code, Runtime: provided.al2032, Handler: bootstrap}`, "code", "", "F: Lambda has no runtime provided.al2032"},
		{"layers", `Properties: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap, Layers: [arn]}`, "code", "", "F: layers are not emulated"},
	} {
		t.Run(row.name, func(t *testing.T) {
			file := project(t, lonely+row.function)
			got, err := sam.Read(file, sam.Options{Overrides: map[string]string{"Unset": "x"}})
			if err != nil {
				t.Fatal(err)
			}
			fn := got.Functions[0]
			if want := filepath.Join(filepath.Dir(file), filepath.FromSlash(row.dir)); fn.Dir != want {
				t.Errorf("Dir = %q, want %q", fn.Dir, want)
			}
			if fn.NotRun != row.notRun {
				t.Errorf("NotRun = %q, want %q", fn.NotRun, row.notRun)
			}
			if notes := notesFrom(got, 0); !strings.Contains(notes, row.note) || row.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, row.note)
			}
		})
	}
}

// Public projects that build by themselves name the result in CodeUri: the
// binaries of a Makefile, or an archive, that are not there in a fresh clone.
func TestSourceElsewhere(t *testing.T) {
	for _, row := range []struct{ name, files, properties, dir, note string }{
		{"handler-names-it", "doc.go=doc service/api/main.go=main service/worker/main.go=main", "Handler: api, Runtime: go1.x", "service/api", "F: the package in its CodeUri is doc, not main; it runs from the main package in service/api"},
		{"code-uri-names-it", "cmd/list/main.go=main cmd/put/main.go=main", "Handler: bootstrap, CodeUri: bin/put/", "cmd/put", "F: its CodeUri bin/put is not a folder that exists; it runs from the main package in cmd/put"},
		{"archive-names-it", "cmd/list/main.go=main cmd/put/main.go=main", "Handler: bootstrap, CodeUri: ./dist/put.zip", "cmd/put", "F: its CodeUri is an archive; it runs from the main package in cmd/put"},
		{"folder-of-archive-names-it", "cmd/list/main.go=main cmd/put/main.go=main", "Handler: bootstrap, CodeUri: build/put/bootstrap.zip", "cmd/put", "its CodeUri is an archive"},
		{"beside-the-archive", "list/main.go=main put/main.go=main", "Handler: bootstrap, CodeUri: put/out.zip", "put", "its CodeUri is an archive"},
		{"below-the-package", "list/main.go=main put/main.go=main", "Handler: bootstrap, CodeUri: put/dist", "put", "its CodeUri put/dist is not a folder that exists"},
		{"the-only-one", "go.mod=x main.go=main", "Handler: api, CodeUri: bin/", ".", "it runs from the main package in ."},
		{"a-module-of-its-own", "lambdas/gin/go.mod=x lambdas/gin/main.go=main", "Handler: main", "lambdas/gin", "it runs from the main package in lambdas/gin"},
		{"two-of-a-name", "a/put/main.go=main b/put/main.go=main", "Handler: bootstrap, CodeUri: bin/put", "", "F is not run: its CodeUri bin/put is not a folder that exists"},
		{"no-name-of-the-machine", "cmd/tmp/main.go=main cmd/put/main.go=main", "Handler: bootstrap, CodeUri: bin", "", "F is not run"},
		{"no-name-fits", "cmd/list/main.go=main cmd/put/main.go=main", "Handler: bootstrap, CodeUri: bin", "", "F is not run: its CodeUri bin is not a folder that exists"},
		{"vendored", "vendor/put/main.go=main", "Handler: bootstrap, CodeUri: bin/put", "", "F is not run"},
		{"test-data", "testdata/put/main.go=main", "Handler: bootstrap, CodeUri: bin/put", "", "F is not run"},
		{"of-npm", "node_modules/put/main.go=main", "Handler: bootstrap, CodeUri: bin/put", "", "F is not run"},
		{"hidden", ".git/put/main.go=main", "Handler: bootstrap, CodeUri: bin/put", "", "F is not run"},
		{"underscored", "_old/put/main.go=main", "Handler: bootstrap, CodeUri: bin/put", "", "F is not run"},
		{"one-is-the-projects-own", "vendor/put/main.go=main _old/put/main.go=main cmd/put/main.go=main", "Handler: bootstrap, CodeUri: bin/put", "cmd/put", "it runs from the main package in cmd/put"},
		{"makefile-above", "functions/put/main.go=main Makefile=x", "Handler: bootstrap, CodeUri: functions/put/", "functions/put", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "_app") // a name that is skipped within a project
			write := func(name, text string) {
				path := filepath.Join(dir, filepath.FromSlash(name))
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			for _, file := range strings.Fields(row.files) {
				name, pkg, _ := strings.Cut(file, "=")
				write(name, "package "+pkg+"\n")
			}
			write("template.yaml", "Transform: AWS::Serverless-2016-10-31\nGlobals: {Function: {Runtime: provided.al2023}}\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {"+row.properties+"}\n")
			got, err := sam.Read(filepath.Join(dir, "template.yaml"), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			fn := got.Functions[0]
			if want := filepath.Join(dir, filepath.FromSlash(row.dir)); (fn.NotRun != "") != (row.dir == "") || row.dir != "" && fn.Dir != want {
				t.Errorf("Dir = %q, NotRun = %q, want %q", fn.Dir, fn.NotRun, row.dir)
			}
			if notes := notesFrom(got, 0); !strings.Contains(notes, row.note) {
				t.Errorf("notes %q, want %q", notes, row.note)
			}
		})
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
			got, err := sam.Read(project(t, lonely+"Properties: {CodeUri: code, Runtime: provided.al2023, Handler: b"+row.properties+"}"), sam.Options{})
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
      Variables: {A: global, B: !Ref "AWS::Region", C: global}
    Layers: [one]
Parameters:
  Memory: {Type: Number, Default: 512}
Resources:
  Plain: {Type: AWS::Serverless::Function}
  Own:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 9
      Environment: {Variables: {A: own, B: !Ref "AWS::NoValue", D: own}}
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
      Environment: !If [Never, {Variables: {}}, {Variables: {E: own}}]
Conditions: {Never: !Equals [a, b]}
`
	got, err := sam.Read(project(t, template), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Plain provided.al2023 7s 512 map[A:global B:us-east-1 C:global]",
		"Own provided.al2023 9s 512 map[A:own C:global D:own]",
		"Ignoring provided.al2023 3s 512 map[]",
		"Alone go1.x 3s 128 map[]",
		"Intrinsic provided.al2023 7s 512 map[E:own]",
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

func TestEnvVars(t *testing.T) {
	const template = `Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap, Environment: {Variables: {A: "1", B: !Ref Bucket, C: "1"}}}
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  F: {Type: AWS::Serverless::Function}
  G: {Type: AWS::Serverless::Function, Properties: {FunctionName: !Sub "${AWS::StackName}-g"}}
  H: {Type: AWS::Serverless::Function, Properties: {FunctionName: h}}
`
	got, err := sam.Read(project(t, template), sam.Options{EnvVars: map[string]map[string]string{
		"Parameters": {"A": "all", "B": "all", "Z": "all"},
		"F":          {"B": "own", "NEW": "own"},
		"local-g":    {"C": "named"},
		"H":          {"A": "id"},
		"h":          {"B": "name"},
		"Typo":       {"A": "x"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"map[A:all B:own C:1]", "map[A:all B:all C:named]", "map[A:id B:all C:1]"} {
		if text := fmt.Sprint(got.Functions[i].Env); text != want {
			t.Errorf("%s has %s, want %s", got.Functions[i].ID, text, want)
		}
	}
	want := "--env-vars has values for Typo, which is no function of the template\n" +
		"F: --env-vars has NEW, which the template does not declare, so it is not set"
	if notes := notesFrom(got, 0); notes != want {
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
  Tells: {Type: AWS::Serverless::Function, Properties: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap, Environment: {Variables: {N: !Length [a], J: !ToJsonString [a]}}}}
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
		"7 Plain: AWS::Lambda::Function is not emulated",
		"8 Rest: AWS::ApiGateway::RestApi is not emulated",
		"10 Machine: AWS::Serverless::StateMachine is not emulated",
		"13 Fn::ForEach::Each needs the transform AWS::LanguageExtensions",
		"18 events of type Schedule are not driven locally",
		"19 events of type SQS are not driven locally",
		"21 F Far: RestApiId names an API outside this template; the route is not served",
		"22 F Old: the API Rest does not exist or is not a serverless one; the route is not served",
		"24 F Two: SAM refuses PayloadFormatVersion at an event of type Api, which is always 1.0; HttpApi takes it",
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
  F: {Type: AWS::Serverless::Function, Properties: {LoggingConfig: {ApplicationLogLevel: DEBUG, SystemLogLevel: WARN}}}
`), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if f := got.Functions[0]; f.LogFormat != "JSON" || f.LogLevel != "DEBUG" || f.SystemLogLevel != "WARN" {
		t.Errorf("LogFormat %q, LogLevel %q, SystemLogLevel %q", f.LogFormat, f.LogLevel, f.SystemLogLevel)
	}
}

// A CodeUri may be a link, or lead through one; links above the template stay.
func TestLinkedCodeUri(t *testing.T) {
	for _, row := range []struct{ name, uri, want string }{
		{"link", "linked", "outer/inner"},
		{"through-a-link", "away/inner", "outer/inner"},
		{"no-link", "code", "code"},
	} {
		t.Run(row.name, func(t *testing.T) {
			file := project(t, oneFunction+"CodeUri: "+row.uri+"} # links into outer\n")
			dir := filepath.Dir(file)
			for link, target := range map[string]string{"linked": "outer/inner", "away": "outer"} {
				if err := os.Symlink(filepath.FromSlash(target), filepath.Join(dir, link)); err != nil {
					if os.Getenv("CI") == "true" {
						t.Fatal(err)
					}
					t.Skip(err) // Windows wants a right for it
				}
			}
			above := filepath.Join(t.TempDir(), "above")
			if err := os.Symlink(dir, above); err != nil {
				t.Fatal(err)
			}
			for _, dir := range []string{dir, above} {
				got, err := sam.Read(filepath.Join(dir, "template.yaml"), sam.Options{})
				if err != nil {
					t.Fatal(err)
				}
				want := filepath.Join(dir, filepath.FromSlash(row.want))
				if f := got.Functions[0]; !sameFile(f.Dir, want) || row.name == "no-link" && f.Dir != want || filepath.Base(f.Dir) != filepath.Base(want) {
					t.Errorf("Dir = %q, want %q", f.Dir, want)
				}
			}
		})
	}
}

const oneFunction = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {Runtime: provided.al2023, Handler: bootstrap, "

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}
