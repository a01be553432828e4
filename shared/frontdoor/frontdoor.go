// Package frontdoor runs an http.Handler behind any AWS Lambda HTTP event.
package frontdoor

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Options are what New and Stream can be told. The zero value is good.
type Options struct {
	// Logger gets a line for each panic, lost or changed cookie, and answer that
	// is too big. nil means JSON lines on stderr, in the form that Lambda's
	// log settings understand. Each line has the requestId and the door; none has
	// the value of a cookie, a header or a panic.
	Logger *slog.Logger
}

func (o Options) logger() *slog.Logger {
	if o.Logger != nil {
		return o.Logger
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{ReplaceAttr: lambdacontext.ReplaceAttr}))
}

// Start serves h to whichever doors send events to this function. It does not
// return. Call it from main.
func Start(h http.Handler) {
	lambda.Start(New(h, Options{}))
}

// New returns h as a Lambda function. Its Invoke answers each event in the shape
// of the door that sent it and returns bytes of its own. An event that is not a
// request from one of the doors is an error that matches ErrRefused, and h does
// not run. Invoke may be called concurrently if h may.
func New(h http.Handler, o Options) lambda.Handler {
	return &function{handler: h, logger: o.logger()}
}

type function struct {
	handler http.Handler
	logger  *slog.Logger
}

func (f *function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	e, err := decode(payload)
	if err != nil {
		return nil, err
	}
	i := newInvocation(ctx, e, f.logger)
	r, err := e.request(i)
	if err != nil {
		return nil, err
	}
	return i.encode(f.serve(i, r)), nil
}

// serve runs the handler. A panic is an answer: if it ended the process, the
// next request would pay for a cold start.
func (f *function) serve(i *invocation, r *http.Request) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			i.logPanic(p)
			a = internalError()
		}
	}()
	w := newWriter(i, r)
	defer func() {
		if r.MultipartForm != nil {
			_ = r.MultipartForm.RemoveAll() // as net/http does; /tmp outlives the request
		}
	}()
	f.handler.ServeHTTP(w, r)
	return w.answer()
}

func (i *invocation) logPanic(p any) {
	i.log(slog.LevelError, "handler panicked",
		slog.String("type", fmt.Sprintf("%T", p)), slog.String("stack", string(debug.Stack())))
}

// The documented sizes of an answer, of all its JSON, in bytes.
const (
	lambdaLimit = 6<<20 + 100 // "Lambda quotas": 6 MB, buffered
	albLimit    = 1 << 20     // "Lambda functions as targets of Application Load Balancers": 1 MB
)

// headerBudget is the limit of API Gateway for a request's header values. For
// answers there is none in its documentation, which does not mean there is none.
const headerBudget = 10240

// encode gives the answer the door's shape, or another answer where the door
// would not take it: Lambda ends a process that answers with more than it takes.
func (i *invocation) encode(a answer) []byte {
	door := i.event.door
	size, biggest := headerSize(a.header)
	if size > headerBudget {
		i.log(slog.LevelError, "answer has more header bytes than API Gateway documents for requests",
			slog.Int("headerBytes", size), slog.Int("limit", headerBudget), slog.String("biggest", biggest))
	}
	if n := len(a.header[setCookie]); n > 1 && (door == ALB || door == Lattice) {
		hint := "set lambda.multi_value_headers.enabled on the target group"
		if door == Lattice {
			hint = "VPC Lattice documents one value for a header: set one cookie an answer"
		}
		i.log(slog.LevelWarn, "several cookies behind a door with one value for each header: each is sent under its own spelling of Set-Cookie",
			slog.Int("cookies", n), slog.String("hint", hint))
		if n > spellings {
			i.log(slog.LevelError, "answer refused: it has more cookies than Set-Cookie has spellings",
				slog.Int("cookies", n), slog.Int("limit", spellings))
			a = internalError()
		}
	}
	limit := lambdaLimit
	if door == ALB || door == ALBMulti {
		limit = albLimit
	}
	b := a.encode(door)
	if len(b) > limit {
		i.log(slog.LevelError, "answer refused: it is bigger than the door takes",
			slog.Int("answerBytes", len(b)), slog.Int("limit", limit),
			slog.Int("bodyBytes", len(a.body)), slog.Int("headerBytes", size), slog.String("biggestHeader", biggest))
		b = internalError().encode(door)
	}
	return b
}
