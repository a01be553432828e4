// Package invokeapi serves Invoke, the operation of Lambda's API with which functions,
// and "aws lambda invoke", run a function: synchronously, in the background, or not at
// all (DryRun). Paths, headers, errors and limits are those of the page "Invoke" in the
// Lambda API Reference. An invocation in the background that fails is logged, where AWS
// would try it twice more.
package invokeapi

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/hosts"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/wire"
)

// A Handler serves the functions of an app. All fields are required.
type Handler struct {
	Context context.Context // of invocations in the background
	Token   string          // the first segment of each path; a secret
	App     func() *app.App // the current one
	Region  func() string   // of ARNs in errors
	Invoker gateway.Invoker
	Log     *slog.Logger
}

// An apiError is a response that is an error of Lambda's API.
type apiError struct {
	status        int
	kind, message string
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if subtle.ConstantTimeCompare([]byte(token), []byte(h.Token)) != 1 {
		http.NotFound(w, r) // first of all, so that without the token nobody learns anything
		return
	}
	id := lambda.NewRequestID()
	w.Header().Set("X-Amzn-RequestId", id)
	name, ok := strings.CutPrefix(path, "2015-03-31/functions/")
	name, ok2 := strings.CutSuffix(name, "/invocations")
	var failed *apiError
	switch {
	case !hosts.Set(nil).Allow(r.Host), r.Header.Get("Origin") != "", r.Header.Get("Sec-Fetch-Site") != "":
		failed = &apiError{http.StatusForbidden, "AccessDeniedException", "requests from pages in browsers, and for a Host that is not a loopback name, are rejected"}
	case !ok, !ok2, r.Method != http.MethodPost:
		failed = &apiError{http.StatusBadRequest, "UnknownOperationException", "crumb supports Invoke only, of Lambda's API"}
	default:
		failed = h.invoke(w, r, name, id)
	}
	if failed != nil {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Amzn-ErrorType", failed.kind)
		w.WriteHeader(failed.status)
		_ = json.NewEncoder(w).Encode(map[string]string{"Type": "User", "Message": failed.message})
	}
}

func (h *Handler) invoke(w http.ResponseWriter, r *http.Request, name, id string) *apiError {
	f, failed := h.find(name, r.URL.Query().Get("Qualifier"))
	if failed != nil {
		return failed
	}
	limit, background := 6<<20, false // which is in AWS's message; the Runtime API lets wire.MaxPayload through
	switch kind := r.Header.Get("X-Amz-Invocation-Type"); kind {
	case "", "RequestResponse":
	case "Event":
		limit, background = wire.MaxAsyncPayload, true
	case "DryRun":
		w.WriteHeader(http.StatusNoContent)
		return nil
	default:
		return invalid("X-Amz-Invocation-Type must be Event, RequestResponse or DryRun, not %q", kind)
	}
	event := lambda.Invocation{RequestID: id, TraceID: r.Header.Get("X-Amzn-Trace-Id")}
	if event.Payload, failed = payload(w, r, limit); failed != nil {
		return failed
	}
	if background {
		go h.runLater(f.ID, event)
		w.WriteHeader(http.StatusAccepted)
		return nil
	}
	decoded, err := base64.StdEncoding.DecodeString(r.Header.Get("X-Amz-Client-Context"))
	if err != nil || len(decoded) > 0 && !json.Valid(decoded) {
		return &apiError{http.StatusBadRequest, "InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object."}
	}
	event.ClientContext = string(decoded)
	logged := make(chan []byte, 1)
	switch kind := r.Header.Get("X-Amz-Log-Type"); kind {
	case "", "None":
	case "Tail":
		event.Logged = func(tail []byte) { logged <- tail }
	default:
		return invalid("X-Amz-Log-Type must be None or Tail, not %q", kind)
	}
	return h.run(r.Context(), w, f.ID, event, logged)
}

// payload reads an event; no body is the event {}.
func payload(w http.ResponseWriter, r *http.Request, limit int) ([]byte, *apiError) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(limit)))
	tooLarge := (*http.MaxBytesError)(nil)
	switch {
	case errors.As(err, &tooLarge):
		return nil, &apiError{http.StatusRequestEntityTooLarge, "RequestTooLargeException", fmt.Sprintf("Request must be smaller than %d bytes for the InvokeFunction operation", limit)}
	case err != nil:
		return nil, invalid("the request's body ends early")
	case len(body) == 0:
		return []byte("{}"), nil
	case !json.Valid(body):
		return nil, &apiError{http.StatusBadRequest, "InvalidRequestContentException", "Could not parse request body into json"}
	}
	return body, nil
}

// run responds with the result of an event, and with its log if it has a Logged.
func (h *Handler) run(ctx context.Context, w http.ResponseWriter, id string, event lambda.Invocation, logged <-chan []byte) *apiError {
	body, err := h.result(ctx, id, event)
	failed := (*lambda.FunctionError)(nil)
	switch {
	case ctx.Err() != nil: // the client went away
		return nil
	case errors.As(err, &failed):
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		body = failed.Payload
	case err != nil: // its build failed; SDKs do not try this status again
		return conflict("%s is not run: %v", id, err)
	}
	if event.Logged != nil {
		select {
		case tail := <-logged:
			w.Header().Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString(tail))
		case <-ctx.Done():
			return nil
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amz-Executed-Version", latest)
	_, _ = w.Write(body)
	return nil
}

func (h *Handler) runLater(id string, event lambda.Invocation) {
	if _, err := h.result(h.Context, id, event); err != nil && h.Context.Err() == nil {
		h.Log.Error("asynchronous invocation failed", "function", id, "error", err)
	}
}

// result runs an event and reads the whole response.
func (h *Handler) result(ctx context.Context, id string, event lambda.Invocation) ([]byte, error) {
	response, err := h.Invoker.Invoke(ctx, id, event)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}

const latest = "$LATEST"

// reference is a name, a partial or a full ARN, each with or without a qualifier.
var reference = regexp.MustCompile(`^(?:arn:aws[a-z-]*:lambda:)?(?:[a-z]{2}(?:-[a-z]+)+-\d:)?(?:\d{12}:)?(?:function:)?([\w.-]+)(?::([\w$-]+))?$`)

// find returns the function with a FunctionName or else a logical id. The region and
// the account of an ARN may be any: those here are not real.
func (h *Handler) find(name, qualifier string) (*app.Function, *apiError) {
	parts := reference.FindStringSubmatch(name)
	switch {
	case parts == nil:
		return nil, invalid("%q is neither the name nor the ARN of a function", name)
	case qualifier == "":
		qualifier = parts[2]
	case parts[2] != "" && parts[2] != qualifier:
		return nil, invalid("The derived qualifier from the function name does not match the specified qualifier.")
	}
	var found *app.Function
	for _, f := range h.App().Functions {
		if f.Name == parts[1] || f.ID == parts[1] && found == nil {
			found = f
		}
	}
	arn := fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", h.Region(), app.DefaultAccountID, parts[1])
	switch {
	case found == nil:
		return nil, &apiError{http.StatusNotFound, "ResourceNotFoundException", "Function not found: " + arn}
	case qualifier != "" && qualifier != latest:
		return nil, &apiError{http.StatusNotFound, "ResourceNotFoundException", fmt.Sprintf("Function not found: %s:%s (crumb has no versions and aliases, only %s)", arn, qualifier, latest)}
	case found.NotRun != "":
		return nil, conflict("%s is not run: %s", found.ID, found.NotRun)
	}
	return found, nil
}

func invalid(format string, args ...any) *apiError {
	return &apiError{http.StatusBadRequest, "InvalidParameterValueException", fmt.Sprintf(format, args...)}
}

// conflict is AWS's error for a function whose state lets no event in.
func conflict(format string, args ...any) *apiError {
	return &apiError{http.StatusConflict, "ResourceConflictException", fmt.Sprintf(format, args...)}
}
