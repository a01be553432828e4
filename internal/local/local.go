// Package local is the core of "crumb start": it runs a project's functions and
// APIs on this machine, from its template and its sources. A Go test can use it
// without a crumb process:
//
//	p, err := local.Open(local.Options{Template: "template.yaml"})
//	if err != nil { … }
//	defer p.Close()
//	response, err := p.Invoke(ctx, "IndexFunction", event)
//	err = p.Listen(ctx) // its APIs, until Close
//	url := p.APIs()[0].URL
//
// Serve continues after Listen: it follows saved changes, as "crumb start" does.
package local

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// Options say which project to open, and how it runs. The zero value opens the
// template in the working directory. Its APIs listen on free ports of 127.0.0.1.
type Options struct {
	Template     string   // the template or its folder; default template.yaml, .yml or .json
	Command      string   // the command of sam whose table of a samconfig applies: StartAPI (the default) or Invoke
	ConfigFile   string   // the samconfig; default the one beside the template
	ConfigEnv    string   // its environment; default "default"
	Overrides    []string // template parameters, each like "Stage=dev Size=2"
	Sources      []string // main packages that functions are built from, each "ID=DIR", of a logical id or FunctionName
	EnvVarsFile  string   // file with environment variables, in sam's JSON format or like .env
	Region       string   // of the template and its functions; default the samconfig's, else DefaultRegion, else us-east-1
	MaxSandboxes int      // processes of one function at a time; default 32
	AWSEndpoint  string   // what serves AWS's API to functions, as reach.Endpoint takes it; not with Credentials
	LocalTables  bool     // serve the template's tables also with AWSEndpoint or Credentials
	Debug        Debug

	DefaultRegion string // where neither Region nor a samconfig names one

	// Credentials, if set, has real ones for all functions, as package account does, and
	// is called as lambda.Function says. With nil, functions get placeholders that AWS
	// rejects.
	Credentials func(context.Context) (variables map[string]string, expires time.Time, err error)

	// Packages are run in place of a template, whose options then count for nothing:
	// the folders of main packages, each behind a Function URL with all its paths, or
	// routes of one HTTP API like "/users=cmd/users" and "GET /users/{id}=cmd/user".
	// Variables of EnvVarsFile need no declaration.
	Packages []string
	Timeout  time.Duration // of the functions in Packages; default 3 s, as Lambda's
	Tables   []string      // of DynamoDB, for Packages, as dynamo.ParseTables reads them; they set LocalTables

	made made // what is at AWSEndpoint

	Parameters map[string]string            // template parameters, which win over Overrides
	EnvVars    map[string]map[string]string // as in an EnvVarsFile, over whose values they win

	Host                    string         // address to listen on; default 127.0.0.1
	Port                    int            // of the first API, the next one gets the next port; 0: free ones
	AllowHosts              []string       // host names to accept in addition to those of loopback
	Door                    frontdoor.Door // serve every route as if behind this door; "": its own
	API                     string         // serve only the API with this logical id
	TLS                     *tls.Config    // serve https, HTTP/2 where NextProtos has h2; nil: http
	InsecureSkipAuthorizers bool           // serve routes with an authorizer without running it
	ClaimsFile              string         // with it: a file with a JSON object that events get as the caller's claims or context, or one with an object for each of some authorizers, by name
	JWKS                    []string       // key sets that replace crumb's own key for tokens, as token.NewTrust takes them
	Inspect                 bool           // serve the inspector
	InspectPort             int            // its port on 127.0.0.1; 0: a free one
	Watch                   bool           // Serve follows saved changes

	// Log is crumb's own log; nil is slog.Default(). Verbose logs each event and
	// response there, with secrets masked.
	Log     *slog.Logger
	Verbose bool

	// Logs receives the output of functions and compilers, and Lambda's platform
	// logs, with Records as JSON if a function's LogFormat is JSON. It may be
	// written to concurrently. Nil discards everything.
	Logs    io.Writer
	Records bool

	// OnCompile is called while Listen or Invoke waits for compilers, with how many
	// packages are compiled so far and what the go command or make prints; with 0 and
	// "" at the end. Nil: the log says so every few seconds.
	OnCompile func(packages int, now string)

	// OnRead gets each reading of the template, including the first, when its
	// Findings are complete. OnReload is called by a Project that watches when
	// the template was read again. After an error the previous template is still
	// served, as far as possible. Both may be nil, and must not keep their
	// arguments.
	OnRead   func(*app.App)
	OnReload func(error)
}

// Commands of sam with a table in a samconfig.
const (
	StartAPI = "local_start_api"
	Invoke   = "local_invoke"
)
