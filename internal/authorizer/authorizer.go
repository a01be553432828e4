// Package authorizer decides what API Gateway decides before a function runs: whether a
// request has the credentials that its route's guard wants, what the API's own
// authorizer makes of them, and what the function's event says about the caller. The
// gateway reads the request, runs the authorizer's function, and sends the response to a
// Refusal.
//
// A guard that cannot be checked here keeps its route closed.
package authorizer

import (
	"context"
	"fmt"

	"github.com/crumb-go/crumb/internal/app"
)

// Config says how the authorizers of one API run.
type Config struct {
	API *app.API

	// Closed, if set, is why nothing that is guarded may pass.
	Closed string

	// InsecureSkip lets every request pass, and takes the caller to be what Assumed says.
	InsecureSkip bool
	Assumed      Assumed

	// Claims makes the claims of a token from a JSON object, as an authorizer does that
	// accepts the token.
	Claims func(guard *app.Guard, object string) (*Claims, error)

	// Key is accepted where TakesProjectKey says so; "" is never.
	Key string

	// Verify checks the tokens of JWT and Cognito authorizers. Nil keeps their routes
	// closed.
	Verify Verifier
}

// A Verifier returns the claims of a token that the authorizer of r's guard accepts, which
// is the value of its identity source, "" for a missing one. Its errors are *Refusal, or
// local. It may be called concurrently.
type Verifier func(ctx context.Context, r *Request, token string) (*Claims, error)

// Claims are those of a token, as AWS writes them into an event.
type Claims struct {
	Object string   // JSON
	Scopes []string // of the token, where the route requires one; else nil
}

// A Request is what a guard sees of an HTTP request.
type Request struct {
	Guard    *app.Guard
	ARN      string   // of the method and path that were asked for: methodArn, routeArn
	PlainARN string   // the same in the route's spelling
	Payload  string   // "1.0" or "2.0": the event of the route's function
	SourceIP string   // of the client
	Loopback bool     // its Host is a name of loopback
	Key      string   // X-Api-Key
	Sources  []string // the values of the authorizer's Sources, "" for a missing one

	// Call runs the authorizer's function with this request's event. An error of the
	// function is a *lambda.FunctionError.
	Call func(context.Context) ([]byte, error)
}

// A Grant is what is known of the caller whose request may pass.
type Grant struct {
	Context string // JSON of requestContext.authorizer in the function's event; "" for none
	Key     string // the API key, where the guard requires one
}

// A Refusal is the error for a request that may not pass.
type Refusal struct {
	Outcome   Outcome
	Reason    string // for the log: who refuses, why, and what to send; no secrets
	Challenge string // WWW-Authenticate of the response; "" for none
	Context   string // as in a Grant, of a Lambda authorizer that has refused; "" for none
}

func (r *Refusal) Error() string { return r.Reason }

// An Outcome is a kind of refusal, which decides the response.
type Outcome int

// The outcomes.
const (
	Failed       Outcome = iota // the authorizer returned an error, ran out of time, or its response is malformed
	Unauthorized                // credentials are missing or not accepted
	Expired                     // a Cognito token has expired
	Unsigned                    // there is no signature
	Forbidden                   // nothing allows the request
	Denied                      // a statement denies it
	BadKey                      // the API key is missing or unknown
	LongARN                     // the method's ARN is too long to match
	Outcomes                    // how many there are
)

// A Runner runs the authorizers of one API. Its methods may be called concurrently.
type Runner struct {
	config Config
	cache  cache
}

// New returns a Runner, with nothing cached.
func New(c Config) *Runner { return &Runner{config: c} }

// Forget empties the cache: an authorizer's function has changed.
func (rn *Runner) Forget() { rn.cache.empty() }

// Open tells whether a guard lets every request pass.
func Open(guard *app.Guard) bool {
	return guard.Authorizer == "" && guard.Auth == app.NoAuth && !guard.APIKey
}

// Authorize lets a request pass, with a Grant, or returns a *Refusal. Other errors are
// those of Request.Call and the Verifier.
func (rn *Runner) Authorize(ctx context.Context, r *Request) (*Grant, error) {
	guard := r.Guard
	switch {
	case Open(guard):
		return &Grant{}, nil
	case rn.config.InsecureSkip:
		return rn.assume(r)
	}
	if why := rn.NotRun(guard); why != "" {
		return nil, refuse(closedAs(guard), "%s closes the route: %s; --insecure-skip-authorizers opens it", Name(guard), why)
	}
	grant, err := &Grant{}, error(nil)
	switch guard.Auth {
	case app.NoAuth: // but a key
	case app.Lambda:
		grant, err = rn.lambda(ctx, r)
	default:
		grant, err = rn.token(ctx, r)
	}
	if err != nil {
		return nil, err
	}
	return grant, rn.checkKey(r, grant)
}

// NotRun says why what guards a route cannot be checked here, which keeps the route
// closed; "" when it can.
func (rn *Runner) NotRun(guard *app.Guard) string {
	d := guard.Declared
	switch {
	case rn.config.Closed != "":
		return rn.config.Closed
	case guard.Auth == app.IAM:
		return "crumb does not check signatures of IAM"
	case guard.APIKey && rn.fromAuthorizer() && guard.Auth != app.Lambda:
		return "its API key has to come from a Lambda authorizer"
	case guard.APIKey && rn.keys() == "":
		return "no API key of the template is enabled"
	case guard.APIKey && guard.Auth == app.NoAuth:
		return ""
	case guard.Auth != app.Lambda && guard.Auth != app.JWT && guard.Auth != app.Cognito:
		return "crumb cannot tell what it requires"
	case d == nil:
		return "crumb cannot tell what the authorizer is"
	case d.NotRun != "":
		return d.NotRun
	case guard.Auth == app.Lambda && d.Function == nil:
		return "its function is not in the template"
	case guard.Auth == app.Lambda && d.Function.NotRun != "":
		return d.Function.ID + " is not run here: " + d.Function.NotRun
	case guard.Auth != app.Lambda && rn.config.Verify == nil:
		return "crumb does not check its tokens"
	case len(d.Sources) == 0 && (d.Token || guard.Auth != app.Lambda):
		return "it has no identity source"
	}
	if _, err := wholeOf(d.Validation); err != nil {
		return "its validation expression is not one of Go's: " + d.Validation
	}
	return ""
}

// closedAs is the outcome of what cannot be checked: that of a request without
// credentials.
func closedAs(guard *app.Guard) Outcome {
	switch {
	case guard.Auth == app.IAM:
		return Unsigned
	case guard.APIKey && guard.Auth == app.NoAuth:
		return BadKey
	}
	return Unauthorized
}

// Name names what guards a route, with its place.
func Name(guard *app.Guard) string { return fmt.Sprintf("%s (%s)", guard.Authorizer, guard.ClosedAt) }

// refuse is a *Refusal with a reason.
func refuse(o Outcome, format string, args ...any) *Refusal {
	return &Refusal{Outcome: o, Reason: fmt.Sprintf(format, args...)}
}

// missing returns the refusal of a request that lacks an identity source. API Gateway
// does not call the authorizer then.
func missing(r *Request) error {
	d := r.Guard.Declared
	for i, value := range r.Sources {
		if value == "" {
			return refuse(Unauthorized, "%s wants %s, which the request does not have: %s", Name(r.Guard), sourceName(d.Sources[i]), howToSend(d.Sources[i]))
		}
	}
	return nil
}

func sourceName(s app.IdentitySource) string {
	switch s.In {
	case app.FromHeader:
		return "the header " + s.Name
	case app.FromQuery:
		return "the query parameter " + s.Name
	case app.FromStageVariable:
		return "the stage variable " + s.Name
	}
	return "$context." + s.Name
}

func howToSend(s app.IdentitySource) string {
	switch s.In {
	case app.FromHeader:
		return fmt.Sprintf("curl -H '%s: ...'", s.Name)
	case app.FromQuery:
		return fmt.Sprintf("send ?%s=...", s.Name)
	case app.FromStageVariable:
		return "set it in the template"
	}
	return "no client can send it"
}

// token runs a JWT or Cognito authorizer.
func (rn *Runner) token(ctx context.Context, r *Request) (*Grant, error) {
	claims, err := rn.config.Verify(ctx, r, r.Sources[0])
	if err != nil {
		return nil, err
	}
	return &Grant{Context: claimsContext(r, claims)}, nil
}
