package authorizer

import (
	"context"
	"errors"
	"regexp"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/lambda"
)

// maxARN is how long a method's ARN may be in bytes ("Output from an API Gateway Lambda
// authorizer").
const maxARN = 1600

// lambda runs a Lambda authorizer, or uses its response to an earlier request.
func (rn *Runner) lambda(ctx context.Context, r *Request) (*Grant, error) {
	d, began := r.Guard.Declared, time.Now()
	if err := missing(r); err != nil {
		return nil, err
	}
	if d.Token && d.Validation != "" {
		if whole, err := wholeOf(d.Validation); err != nil || !whole.MatchString(r.Sources[0]) {
			return nil, refuse(Unauthorized, "%s: the token does not match the validation expression %s", Name(r.Guard), d.Validation)
		}
	}
	if rn.isREST() && len(r.ARN) > maxARN {
		return nil, refuse(LongARN, "%s: the method ARN has %d bytes, limit %d", Name(r.Guard), len(r.ARN), maxARN)
	}
	key, caches := keyOf(d, r.Sources)
	var out *response
	var emptied int
	if caches {
		out, emptied = rn.cache.get(key)
	}
	from := d.Function.ID
	if out != nil {
		from += ", whose response to an earlier request of " + out.arn + " is cached for " + d.TTL.String() + ","
	} else {
		var err error
		if out, err = rn.call(ctx, r); err != nil {
			return nil, err
		}
		if caches {
			rn.cache.put(key, out, d.TTL, emptied)
		}
	}
	grant := &Grant{Context: rn.context(r, out, time.Since(began)), Key: out.key}
	allowed, denied, why := out.allows(r)
	if allowed && !denied {
		return grant, nil
	}
	refusal := refuse(Forbidden, "%s: %s does not allow %s: %s", Name(r.Guard), from, r.ARN, why)
	if denied {
		refusal = refuse(Denied, "%s: %s denies %s: %s", Name(r.Guard), from, r.ARN, why)
	}
	refusal.Context = grant.Context
	return nil, refusal
}

func (rn *Runner) isREST() bool { return rn.config.API.Kind == app.REST }

// wholeOf compiles a regular expression that must match all of a text. Nobody has
// recorded whether AWS wants all of it, so this is the safe choice.
func wholeOf(expression string) (*regexp.Regexp, error) {
	if _, err := regexp.Compile(expression); err != nil { // such as one with ")" before "("
		return nil, err
	}
	return regexp.Compile(`\A(?:` + expression + `)\z`)
}

// call runs the authorizer's function. The error message "Unauthorized" of a REST API's is
// the only one that is not a failure ("Use API Gateway Lambda authorizers").
func (rn *Runner) call(ctx context.Context, r *Request) (*response, error) {
	d := r.Guard.Declared
	payload, err := r.Call(ctx)
	var failed *lambda.FunctionError
	switch {
	case errors.As(err, &failed) && failed.Message == "Unauthorized" && rn.isREST():
		return nil, refuse(Unauthorized, "%s: %s returned the error Unauthorized", Name(r.Guard), d.Function.ID)
	case errors.As(err, &failed):
		return nil, refuse(Failed, "%s: %s failed: %s", Name(r.Guard), d.Function.ID, failed.Type)
	case err != nil:
		return nil, err
	}
	out, err := rn.read(payload, d)
	if err != nil {
		return nil, refuse(Failed, "%s: malformed response of %s: %v", Name(r.Guard), d.Function.ID, err)
	}
	out.arn = r.ARN
	return out, nil
}
