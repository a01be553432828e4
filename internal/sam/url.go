package sam

import (
	"slices"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
)

// functionURL reads a FunctionUrlConfig; it returns nil if there is none.
func (r *reading) functionURL(fn *app.Function, p cfn.Property) *app.API {
	if p.IsNull() {
		return nil
	}
	line := p.Value.Line
	route := app.Route{Line: line, Method: "ANY", Path: "$default", Function: fn, Payload: "2.0"}
	auth, age := p.At("AuthType"), p.Value.Get("Cors", "MaxAge")
	if !age.IsNull() && !age.IsCall() && !age.Bare {
		r.Refuse(age.Line, "%s Cors MaxAge must be a number, without quotes", p.Where)
	}
	hidden := p.Value.Get("Fn::Transform")
	switch kind := auth.Text(""); {
	case hidden != nil:
		r.NotEmulated(hidden.Line, mayGuard, p.Where)
		route.Guard = app.Guard{Authorizer: "AuthType", ClosedAt: r.placeOf(denial{by: "AuthType", line: hidden.Line}), Auth: app.UnknownAuth}
	case kind == "NONE" && !auth.Resolve().Placeholder:
	case kind == "":
		r.Refuse(line, "%s needs an AuthType", p.Where)
		fallthrough
	default:
		closed := denial{by: "AWS_IAM", line: auth.Line(line)}
		route.Guard = app.Guard{Authorizer: closed.by, ClosedAt: r.placeOf(closed), Auth: app.IAM}
	}
	return &app.API{
		ID:     fn.ID + "Url",
		Line:   line,
		Kind:   app.URL,
		Stage:  "$default",
		CORS:   listCORS(p.At("Cors")),
		Stream: p.At("InvokeMode").Text("BUFFERED") == "RESPONSE_STREAM",
		Routes: []app.Route{route},
	}
}

// url reads an AWS::Lambda::Url. Its callers need the template's permissions, which SAM
// adds where the AuthType is NONE.
func (r *reading) url(f cfn.Field) {
	p := r.Property(f.Key, f.Value.Get("Properties")).Open()
	if p.IsNull() {
		p.Value = cfn.NewMap(f.Line)
	}
	target := r.Resolve("", p.Value.Get("TargetFunctionArn"))
	fn := r.functionOf(target.Text)
	if fn == nil {
		r.NotEmulated(p.At("TargetFunctionArn").Line(f.Line), "%s: its TargetFunctionArn names no function of this template; it is not served", f.Key)
		return
	}
	url := r.functionURL(fn, p)
	url.ID, url.Line = f.Key, f.Line
	narrow := func(p permission) bool { return p.principal != "*" || p.narrowed != [3]string{} }
	open, everybody := slices.DeleteFunc(slices.Clone(r.permitted), narrow), permission{function: fn.ID, principal: "*"}
	if url.Routes[0].Authorizer == "" && !(allowed(open, everybody, invokeURL) && allowed(open, everybody, invoke)) {
		r.Note(url.Routes[0].Line, "%s: no permission of this template grants everybody %s and %s, so AWS responds with 403", f.Key, invokeURL, invoke)
	}
	r.app.APIs = append(r.app.APIs, url)
}

// Callers of a Function URL need both permissions: for new URLs since October
// 2025, for all others from November 2026 (Lambda Developer Guide, "Control
// access to Lambda function URLs").
const (
	invokeURL = "lambda:InvokeFunctionUrl"
	invoke    = "lambda:InvokeFunction"
)

// A permission is an AWS::Lambda::Permission.
type permission struct {
	id                          string
	line                        int // of the action
	function, principal, action string
	narrowed                    [3]string // to a source ARN, a source account, an organization
	url                         bool      // for callers of a Function URL
}

// permissions notes each permission to call a Function URL that has only one of
// the two actions if no other has the second. For URLs open to everybody SAM adds
// both.
func (r *reading) permissions(urls []*app.API) {
	open := map[string]bool{}
	for _, u := range urls {
		open[u.Routes[0].Function.ID] = u.Routes[0].Authorizer == ""
	}
	for _, p := range r.permitted {
		second := ""
		switch {
		case open[p.function]:
		case p.action == invokeURL:
			second = invoke
		case p.action == invoke && p.url:
			second = invokeURL
		}
		if second != "" && !allowed(r.permitted, p, second) {
			r.Note(p.line, "%s: calling a Function URL requires %s and %s, and no permission grants %q the second, so AWS responds with 403",
				p.id, p.action, second, p.principal)
		}
	}
}

const gatewayPrincipal = "apigateway.amazonaws.com"

// mayCall reports whether a permission lets API Gateway call a function.
func (r *reading) mayCall(fn *app.Function) bool {
	return allowed(r.permitted, permission{function: fn.ID, principal: gatewayPrincipal, action: invoke}, invoke)
}

func (r *reading) permission(f cfn.Field) permission {
	properties := r.Resolve("", f.Value.Get("Properties"))
	text := func(name string) string { return properties.Get(name).Str() }
	function := text("FunctionName")
	if known := r.functionOf(function); known != nil {
		function = known.ID
	}
	line := f.Line
	if action := f.Value.Get("Properties", "Action"); action != nil {
		line = action.Line
	}
	via, _ := properties.Get("InvokedViaFunctionUrl").Bool()
	return permission{
		id: f.Key, line: line, function: function, principal: text("Principal"), action: text("Action"),
		narrowed: [3]string{text("SourceArn"), text("SourceAccount"), text("PrincipalOrgID")},
		url:      via || text("FunctionUrlAuthType") != "" || text("Principal") == "cloudfront.amazonaws.com",
	}
}

// allowed reports whether one of the permissions grants an action to the callers
// that p admits, or to some of them.
func allowed(all []permission, p permission, action string) bool {
	for _, q := range all {
		does := q.action == action || q.action == "lambda:*" || q.action == "*"
		same := q.function == p.function && (q.principal == p.principal || q.principal == "*" || p.principal == "*")
		for i, narrow := range q.narrowed {
			same = same && (narrow == p.narrowed[i] || narrow == "" || p.narrowed[i] == "")
		}
		if does && same {
			return true
		}
	}
	return false
}
