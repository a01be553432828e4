package sam

import (
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// What callers of a Function URL have to be allowed, both: of new URLs since
// October 2025, of all others since November 2026 (Lambda Developer Guide,
// "Control access to Lambda function URLs").
const (
	invokeURL = "lambda:InvokeFunctionUrl"
	invoke    = "lambda:InvokeFunction"
)

// A permission is an AWS::Lambda::Permission.
type permission struct {
	id                          string
	line                        int // of the action
	function, principal, action string
	narrowed                    [3]string // to a source's ARN, a source's account, an organization
	url                         bool      // it is for callers of a Function URL
}

// permissions notes each permission to call a Function URL that has one of the
// two actions where no other has the second. What is open to everybody gets both
// from SAM.
func (r *reader) permissions(fields []field, urls []*app.API) {
	open := map[string]bool{}
	for _, u := range urls {
		open[u.Routes[0].Function.ID] = u.Routes[0].Authorizer == ""
	}
	var all []permission
	for _, f := range fields {
		all = append(all, r.permission(f))
	}
	for _, p := range all {
		second := ""
		switch {
		case open[p.function]:
		case p.action == invokeURL:
			second = invoke
		case p.action == invoke && p.url:
			second = invokeURL
		}
		if second != "" && !allowed(all, p, second) {
			r.note(p.line, "%s: to call a Function URL takes %s and %s, and nothing lets %q do the second, so AWS responds with 403",
				p.id, p.action, second, p.principal)
		}
	}
}

func (r *reader) permission(f field) permission {
	properties := r.quietly(f.value.get("Properties"))
	text := func(name string) string { return properties.get(name).str() }
	function := strings.TrimSuffix(text("FunctionName"), ".Arn")
	if _, name, ok := strings.Cut(function, ":function:"); ok {
		function = name
	}
	if known := r.named[function]; known != nil {
		function = known.ID
	}
	line := f.line
	if action := f.value.get("Properties", "Action"); action != nil {
		line = action.line
	}
	via, _ := yamlBool(text("InvokedViaFunctionUrl"))
	return permission{
		id: f.key, line: line, function: function, principal: text("Principal"), action: text("Action"),
		narrowed: [3]string{text("SourceArn"), text("SourceAccount"), text("PrincipalOrgID")},
		url:      via || text("FunctionUrlAuthType") != "" || text("Principal") == "cloudfront.amazonaws.com",
	}
}

// allowed reports whether one of the permissions lets those that p lets in, or
// some of them, do an action too.
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
