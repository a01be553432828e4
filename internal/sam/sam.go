// Package sam reads a template of AWS SAM, of plain CloudFormation, or of both: the
// functions, the APIs in front of them, and the routes between them.
//
// It reads templates as sam and CloudFormation do, as far as possible without a
// deployed stack: Globals are merged into resources, and each property is
// resolved by package cfn when it is read. The only files it reads are the
// template and the definitions that the template includes.
package sam

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
	"github.com/crumb-go/crumb/internal/rawcfn"
)

const transform = "AWS::Serverless-2016-10-31"

// Options are what the template itself does not say. With the zero value it is
// read as by sam local without options.
type Options struct {
	// Overrides are values of parameters, pseudo parameters such as
	// AWS::StackName included. Names that the template does not have are noted.
	Overrides map[string]string

	// EnvVars are values of environment variables by function (logical id or
	// FunctionName), and by "Parameters" for all functions, in the format of
	// sam's --env-vars. As with sam, only variables that the template declares
	// are set; others are noted.
	EnvVars map[string]map[string]string

	// EnvVarsFrom is where EnvVars come from, in notes; default "--env-vars".
	EnvVarsFrom string

	// Env is like EnvVars and takes precedence over all of it.
	Env map[string]map[string]string

	Region    string // default app.DefaultRegion
	AccountID string // default app.DefaultAccountID

	// Make are the types of resources whose properties the App has in Resources. With nil
	// it has no Resources.
	Make []string

	// Known has what Ref ("") and GetAtt return of resources that are made, by logical id.
	Known map[string]map[string]string
}

// A MissingError says that there is no template.
type MissingError struct{ File string }

func (e *MissingError) Error() string {
	return e.File + " not found: run crumb in your template's folder, pass -t, or write a project with crumb init"
}

// Read reads the template in file, YAML or JSON: one of SAM, of plain CloudFormation,
// or of both.
//
// What AWS would refuse, what crumb does not emulate, and values that only a
// deployed stack has become Findings. Of what SAM and CloudFormation refuse it
// sees a part, that which decides about requests; a part that is refused is left
// out or closed. An error, a *cfn.Error, means that nothing can be made of the
// file. Without a file it is a *MissingError.
func Read(file string, o Options) (*app.App, error) {
	text, err := cfn.ReadFile(file)
	if tooLarge := (*cfn.Error)(nil); errors.Is(err, os.ErrNotExist) {
		return nil, &MissingError{file}
	} else if errors.As(err, &tooLarge) {
		return nil, err
	} else if err != nil {
		return nil, fmt.Errorf("sam: %w", err)
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("sam: %w", err)
	}
	root, err := cfn.Parse(text)
	if err != nil {
		return nil, cfn.Located(file, err)
	}
	root, imported := rawcfn.Import(path, root)
	if !cfn.HasTransform(root, transform) && !rawcfn.Serves(root) {
		return nil, &cfn.Error{File: file, Text: "not a SAM template: it has no Transform: " + transform + "; nor does it have a function or an API of plain CloudFormation"}
	}
	o.EnvVarsFrom = cmp.Or(o.EnvVarsFrom, "--env-vars")
	r := newReading(cfn.New(file, root, cfn.Options{
		Dir: filepath.Dir(path), Parameters: o.Overrides, Names: names, Generated: []string{implicitREST, implicitHTTP},
		Region: cmp.Or(o.Region, app.DefaultRegion), AccountID: cmp.Or(o.AccountID, app.DefaultAccountID), Known: o.Known, StackName: "local",
	}), path, o)
	r.Documents = append(r.Documents, imported...)
	r.sam = cfn.HasTransform(root, transform)
	r.elsewhere = rawcfn.Elsewhere(path, root)
	r.readGlobals()
	r.readResources()
	return r.result()
}

// names says what Ref and GetAtt return (Return values of each type in the CloudFormation
// template reference). The name of a table here is its logical id: see table.
var names = map[string]cfn.Name{
	"AWS::ApiGateway::Stage":   {Property: "StageName"},
	"AWS::ApiGatewayV2::Stage": {Property: "StageName"},
	"AWS::Cognito::UserPool": {Attributes: map[string]string{
		"Arn":          "arn:${AWS::Partition}:cognito-idp:${AWS::Region}:${AWS::AccountId}:userpool/${Name}",
		"ProviderName": "cognito-idp.${AWS::Region}.amazonaws.com/${Name}",
		"ProviderURL":  "https://cognito-idp.${AWS::Region}.amazonaws.com/${Name}",
		"UserPoolId":   "${Name}",
	}},
	"AWS::DynamoDB::Table":         {Property: "TableName", Logical: true},
	"AWS::DynamoDB::GlobalTable":   {Property: "TableName", Logical: true},
	"AWS::Events::EventBus":        {Property: "Name"},
	"AWS::Kinesis::Stream":         {Property: "Name"},
	"AWS::Lambda::Function":        {Property: "FunctionName", Function: true, Attributes: functionAttributes},
	"AWS::Logs::LogGroup":          {Property: "LogGroupName"},
	"AWS::S3::Bucket":              {Property: "BucketName"},
	"AWS::SSM::Parameter":          {Property: "Name"},
	"AWS::Serverless::Function":    {Property: "FunctionName", Function: true, Attributes: functionAttributes},
	"AWS::Serverless::SimpleTable": {Property: "TableName", Logical: true},
}

var functionAttributes = map[string]string{"Arn": "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${Name}"}

// A reading is the state of reading one template.
type reading struct {
	*cfn.Template
	app       *app.App
	options   Options
	sam       bool                     // the template has SAM's transform
	resources map[string][]cfn.Field   // by type, in the order of the template; those whose condition is false left out
	globals   map[string]*cfn.Value    // by section
	functions map[string]*app.Function // by logical id and FunctionName
	apis      map[string]*api          // by logical id
	unplaced  map[string]cfn.Field     // as rawcfn.Reader has them
	elsewhere map[string]cfn.Field     // as rawcfn.Elsewhere returns them
	permitted []permission             // by AWS::Lambda::Permission
	undriven  map[string]bool          // event types already noted
}

func newReading(t *cfn.Template, path string, o Options) *reading {
	return &reading{
		Template: t, app: &app.App{File: path, Secrets: t.Secrets}, options: o, resources: map[string][]cfn.Field{},
		globals: map[string]*cfn.Value{}, functions: map[string]*app.Function{}, apis: map[string]*api{}, unplaced: map[string]cfn.Field{}, undriven: map[string]bool{},
	}
}

// result returns the app that was read.
func (r *reading) result() (*app.App, error) {
	if err := r.Err(); err != nil {
		return nil, err
	}
	r.app.Findings = r.Findings
	slices.SortStableFunc(r.app.Findings, app.Finding.Compare)
	r.app.Documents = r.Documents
	return r.app, nil
}

// Find returns the template in dir by the names that sam looks for:
// template.yaml, template.yml, template.json. If none exists it returns
// dir/template.yaml, which Read will report as not found.
func Find(dir string) string {
	return cfn.Find(dir, "template.yaml", "template.yml", "template.json")
}
