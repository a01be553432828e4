// Package app is the model of a serverless application: functions, APIs, the
// routes between them, tables. A template reader builds it, and everything that
// runs a project works from it. It is data: it touches no disk, and its only
// logic keeps its users in agreement.
package app

import (
	"cmp"
	"iter"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The default region and account of a project that runs on this machine, those
// of sam local.
const (
	DefaultRegion    = "us-east-1"
	DefaultAccountID = "123456789012"
)

// An App is what crumb understood of a template.
type App struct {
	File      string      // absolute path; "" without a template
	Functions []*Function // in the order of the template, those not run included
	APIs      []*API      // in the order of the template, implicit ones last, then Function URLs
	Tables    []Table     // of DynamoDB, in the order of the template
	Resources []Resource  // all of the template, if its reader was asked for them
	Documents []string    // absolute paths of the definitions and includes that the template names
	Findings  []Finding   // by line

	// Secrets removes the values of NoEcho parameters from text before it is
	// shown.
	Secrets *strings.Replacer
}

// Runnable yields the functions that crumb runs, in the order of the template.
func (a *App) Runnable() iter.Seq[*Function] {
	return func(yield func(*Function) bool) {
		for _, f := range a.Functions {
			if f.NotRun == "" && !yield(f) {
				return
			}
		}
	}
}

// A Table is one AWS::DynamoDB::Table, AWS::DynamoDB::GlobalTable or AWS::Serverless::SimpleTable.
type Table struct {
	Name    string            // TableName, else the logical id, which is what Ref returns
	Keys    []string          // the attributes of the partition key and, if there is one, the sort key
	Types   map[string]string // "S", "N" or "B", by the names of the attributes that keys and indexes use; one that is missing here can be any of them
	Indexes []Index           // secondary ones, in the order of the template, global ones first
	TTL     string            // the attribute with the time after which an item expires; "" for none
}

// TableOperations are what can be done to a project's tables.
const TableOperations = "BatchGetItem, BatchWriteItem, CreateTable, DeleteItem, DeleteTable, DescribeTable, DescribeTimeToLive, GetItem, ListTables, PutItem, Query, Scan, TransactGetItems, TransactWriteItems, UpdateItem, UpdateTimeToLive"

// A Resource is one of a template, for those who make it. Its properties are resolved:
// texts, also for numbers and truth values, []any and map[string]any.
type Resource struct {
	ID, Type   string
	Line       int
	Properties map[string]any
	Waits      []string // the properties with a value of a resource that is not made yet
}

// An Index is a secondary index of a Table.
type Index struct {
	Name       string
	Keys       []string // as those of the table
	Global     bool     // GlobalSecondaryIndexes, not LocalSecondaryIndexes
	Projection string   // "ALL", "KEYS_ONLY" or "INCLUDE"
	Attributes []string // NonKeyAttributes, for INCLUDE
}

// A Finding is a sentence about one line of the template, or of a document that it
// includes.
type Finding struct {
	Severity Severity
	File     string // absolute, that of a document; "": the template
	Line     int    // 1-based; 0: no single line
	Text     string
}

// A Severity says what a Finding means for the project.
type Severity uint8

// The severities, least first.
const (
	Note        Severity = iota // worth knowing
	NotEmulated                 // works on AWS, and not here
	Refused                     // CloudFormation, SAM or API Gateway would refuse it
)

func (s Severity) String() string { return [...]string{"note", "not-emulated", "refused"}[s] }

// Compare orders findings by line, those of the template first.
func (f Finding) Compare(g Finding) int {
	return cmp.Or(strings.Compare(f.File, g.File), f.Line-g.Line)
}

// Line writes a finding of a as "file:line: text", which terminals and editors link, or
// without a template as "crumb: text".
func (a *App) Line(f Finding) string {
	place := cmp.Or(f.File, a.File, "crumb")
	if f.Line > 0 {
		place += ":" + strconv.Itoa(f.Line)
	}
	if f.Severity == Refused {
		place += ": refused"
	}
	return place + ": " + f.Text
}

// A Function is one AWS::Serverless::Function or AWS::Lambda::Function.
type Function struct {
	ID             string
	Name           string // its FunctionName; the logical id if the template has none, or one that only a deployed stack has
	Line           int
	Dir            string // absolute: the folder of CodeUri; that of the sources once they were located; "" when its code is in no folder
	CodeLine       int    // of CodeUri, else of the function
	NoSource       string // why the template does not say what it is built from, such as code in S3; "" when Dir is that
	S3Key          string // of code in S3, as far as the template says it
	ImageLine      int    // of Metadata.DockerContext, which is Dir; 0: not an image, or one without instructions to build it
	Handler        string
	Runtime        string
	RuntimeLine    int               // of Runtime, else of the function
	BuildMethod    string            // Metadata.BuildMethod: "go1.x", "makefile" or ""
	Timeout        time.Duration     // default 3 s
	MemoryMB       int               // default 128
	Env            map[string]string // resolved, --env-vars applied
	EnvNames       []string          // those that the template declares, in its order
	LogFormat      string            // LoggingConfig: "JSON" or "Text"; "" when not set
	LogLevel       string            // LoggingConfig: ApplicationLogLevel, such as "DEBUG"; "" when not set
	SystemLogLevel string            // LoggingConfig: "WARN", …; "" when not set
	LogGroup       string            // LoggingConfig; "" when not set
	Dockerfile     string            // Metadata.Dockerfile, in Dir; of an image
	Program        string            // in Dir, the folder or archive of a package, with slashes: it runs as it is; "": it is built
	Beside         []Beside          // what is in the folder of its program, which crumb builds elsewhere
	NotRun         string            // why crumb does not run it; "" when it does
}

// A Beside is a file or folder that is beside a function's program.
type Beside struct {
	Name string // there, with slashes; ".": what the folder at Path has
	Path string // absolute; of ".", it may be an archive
}

// An API is one HTTP entrance: a REST API, an HTTP API or a Function URL.
type API struct {
	ID               string
	Line             int
	Kind             Kind
	Stage            string // "$default" for HTTP APIs without a stage
	StageVariables   map[string]string
	BinaryMediaTypes []string // "*/*" form, "~1" already resolved
	CORS             *CORS    // nil: none configured
	Edge             bool     // a REST API that is edge-optimized, neither REGIONAL nor PRIVATE
	Stream           bool     // Function URL with InvokeMode RESPONSE_STREAM
	Routes           []Route
	Mocks            []Route       // what responds without a function: MOCK integrations of a REST API, and guarded routes that are not served; CORS is not among them
	Authorizers      []*Authorizer // in the order of the template, those of its definition last
	Keys             []APIKey      // of a REST API: those that are in a usage plan of its stage, in the order of the template
	KeySource        KeySource     // of a REST API

	// Responses are what a REST API says instead of API Gateway's own words, by type of
	// gateway response.
	Responses map[string]GatewayResponse
}

// A GatewayResponse changes a response that a REST API makes by itself.
type GatewayResponse struct {
	Status      int // 0: as it is
	Headers     []GatewayHeader
	ContentType string // of Body; "": both as they are
	Body        string // with variables, as $context.error.messageString
}

// GatewayVariable matches a variable in the Body of a GatewayResponse.
var GatewayVariable = regexp.MustCompile(`\$[A-Za-z{]\w*(\.\w+)*`)

// A GatewayHeader is a header with a value, or with that of a header of the request.
type GatewayHeader struct {
	Name, Value string
	From        string // the request's header; "": Value
}

// An APIKey is a key that the template gives to the clients of a REST API.
type APIKey struct {
	ID      string // its logical id
	Line    int
	Value   string // "": AWS makes one on deployment; never shown
	Enabled bool   // AWS rejects one that is not
}

// A KeySource is where a request to a REST API has its key.
type KeySource string

// The sources of a key.
const (
	KeyInHeader       KeySource = "HEADER"     // x-api-key, the default
	KeyFromAuthorizer KeySource = "AUTHORIZER" // usageIdentifierKey of the Lambda authorizer's response
)

// A Kind is the AWS service that an API belongs to.
type Kind string

// The kinds of API.
const (
	REST Kind = "rest"
	HTTP Kind = "http"
	URL  Kind = "url"
)

// A Route sends requests of one method and path to a function.
type Route struct {
	Line     int
	Method   string // upper case, or "ANY"
	Path     string // "/users/{id}", "/{proxy+}", or "$default"
	Function *Function
	Payload  string        // "1.0" or "2.0"
	Stream   bool          // Api event with ResponseTransferMode RESPONSE_STREAM
	Timeout  time.Duration // TimeoutInMillis; 0 when not set
	Mock     *Mock         // of Mocks, which have no Function
	Guard
}

// A Mock is the response of a MOCK integration.
type Mock struct {
	Status int
	Header map[string]string // with the Content-Type
	Body   string
}

// A Guard is what a request must pass before it reaches a function. The zero value is
// an open route.
type Guard struct {
	Authorizer string // what guards the route: "AWS_IAM", an authorizer's name, "ApiKeyRequired"; the property that is unknown or refused, hence closed, such as "DefinitionUri", "Auth", "security" or "AuthorizerId"; "" when open
	ClosedAt   string // the place of what guards it, like "template.yaml:12"; "" when it is open
	Auth       Auth   // the kind of Authorizer
	APIKey     bool   // a key is required, perhaps in addition to the Authorizer
	OpenOnAWS  bool   // SAM ignores the Authorizer, so that only an APIKey guards the route there

	// Declared is what the template says about the authorizer; nil unless Auth is
	// JWT, Lambda or Cognito.
	Declared *Authorizer
	Scopes   []string // of which a token must have one; nil: none is required
}

// Auth is a kind of authorization.
type Auth string

// The kinds of authorization. A route that is closed for an unknown reason has
// UnknownAuth.
const (
	NoAuth      Auth = ""
	IAM         Auth = "iam"
	JWT         Auth = "jwt"
	Lambda      Auth = "lambda"
	Cognito     Auth = "cognito"
	UnknownAuth Auth = "unknown"
)

// CORS is a cross-origin configuration, as far as each kind of API supports it.
type CORS struct {
	AllowOrigins     []string // one for a REST API
	AllowMethods     []string // nil for a REST API: those of the path's routes and OPTIONS
	AllowHeaders     []string
	ExposeHeaders    []string
	AllowCredentials bool
	MaxAgeSeconds    int // 0: not sent
	Guard                // of a REST API's own OPTIONS response
}

// An Authorizer is one of an API's authorizers, as its template declares it.
type Authorizer struct {
	Name string // unique in the API
	Line int    // in the template, or in File
	File string // as in Finding
	Kind Auth   // Lambda, JWT or Cognito

	NotRun string // why crumb cannot run it, which keeps its routes closed; "" when it can

	// Sources are the places of the credentials, in order. A request that lacks one is
	// rejected.
	Sources []IdentitySource

	// Of a Lambda authorizer.
	Function *Function     // nil unless the template has it
	Token    bool          // a REST API's of type TOKEN, with one source, a header
	Payload  string        // of an HTTP API: "1.0" or "2.0"
	Simple   bool          // of an HTTP API: EnableSimpleResponses
	TTL      time.Duration // how long a response is kept; 0: not at all

	// Validation is the regular expression that the token of a TOKEN authorizer must
	// match, or the aud of a Cognito token; "" when there is none.
	Validation string

	// Of a JWT authorizer.
	Issuer   string
	Audience []string

	UserPools []string // ARNs, of a Cognito authorizer
}

// An IdentitySource is where an authorizer looks for a credential.
type IdentitySource struct {
	In   SourceKind
	Name string // "Authorization"; of a context, like "identity.sourceIp"
}

// A SourceKind is a part of a request.
type SourceKind string

// The parts of a request with credentials.
const (
	FromHeader        SourceKind = "header"
	FromQuery         SourceKind = "querystring"
	FromStageVariable SourceKind = "stageVariables"
	FromContext       SourceKind = "context"
)
