package authorizer

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

const testARN = "arn:aws:execute-api:us-east-1:123456789012:api/prod/GET/pets/7"

// allow and deny are statements about resources.
func allow(resource string) string { return statementOf("Allow", resource) }
func deny(resource string) string  { return statementOf("Deny", resource) }

func statementOf(effect, resource string) string {
	if !strings.HasPrefix(resource, "[") {
		resource = fmt.Sprintf("%q", resource)
	}
	return fmt.Sprintf(`{"Effect":%q,"Action":"execute-api:Invoke","Resource":%s}`, effect, resource)
}

func policyText(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// TestPolicies has the source of each row: R recorded on AWS, D its documentation, U
// reported by users, G guessed.
func TestPolicies(t *testing.T) {
	const arn = "arn:aws:execute-api:us-east-1:123456789012:api/prod"
	with := func(effect, more string) string {
		return `{"Effect":"` + effect + `","Action":"execute-api:Invoke","Resource":"*",` + more + `}`
	}
	condition := func(effect, text string) string { return with(effect, `"Condition":`+text) }
	rows := []struct {
		name, source string
		statements   []string
		want         string // "allow", "deny", or "": nothing matches
	}{
		{"whole", "D Inv", []string{allow(testARN)}, "allow"},
		{"list", "D Output; aws/aws-sam-cli#5072", []string{allow(`["` + arn + `/GET/x","` + testARN + `"]`)}, "allow"},
		{"another-path", "D Inv", []string{allow(arn + "/GET/pets")}, ""},
		{"another-method", "D Inv", []string{allow(arn + "/POST/pets/7")}, ""},
		{"another-stage", "D Inv", []string{allow("arn:aws:execute-api:us-east-1:123456789012:api/dev/GET/pets/7")}, ""},
		{"any-method", "D Inv", []string{allow(arn + "/*/pets/7")}, "allow"},
		{"inside-a-segment", "G IAM: a wildcard stands anywhere", []string{allow(arn + "/G*T/p?ts/*")}, "allow"},
		{"star-takes-slashes", "D IAM Resource", []string{allow(arn + "/GET/*7")}, "allow"},
		{"star-of-nothing", "D IAM Resource", []string{allow(testARN + "*")}, "allow"},
		{"one-character", "D IAM Resource", []string{allow(arn + "/GET/pets/?")}, "allow"},
		{"one-character-is-not-none", "D IAM Resource", []string{allow(testARN + "?")}, ""},
		{"ends-early", "D Inv", []string{allow("arn:aws:execute-api:*:*:*")}, "allow"},
		{"ends-early-in-api", "D Inv", []string{allow("arn:aws:execute-api:us-east-1:123456789012:api/*")}, "allow"},
		{"ends-early-in-stage", "D Inv", []string{allow(arn + "/*")}, "allow"},
		{"ends-before-the-account", "D IAM Resource: a * at the end of a part goes on; CodeGenieApp/serverless-express#551", []string{allow("arn:aws:execute-api:*")}, "allow"},
		{"star-in-a-part", "D IAM Resource: another * stays in its part", []string{allow("arn:aws:execute-api:u*2:api/prod/GET/pets/7")}, ""},
		{"plain-star", "U serverless/examples#474", []string{allow("*")}, "allow"},
		{"without-the-rest", "G", []string{allow(arn)}, ""},
		{"root-only", "U aws/chalice#403", []string{allow("arn:aws:execute-api:us-east-1:123456789012:api/prod/*/")}, ""},
		{"case", "G IAM: resources have a case", []string{allow(strings.ToUpper(testARN))}, ""},
		{"dots-are-dots", "D IAM Resource", []string{allow(strings.ReplaceAll(testARN, "pets", "p.ts"))}, ""},

		{"deny-wins", "D Inv", []string{allow("*"), deny(testARN)}, "deny"},
		{"deny-wins-before", "D Inv", []string{deny(testARN), allow("*")}, "deny"},
		{"deny-of-another", "D Inv", []string{allow("*"), deny(arn + "/GET/x")}, "allow"},
		{"no-statement", "D Inv: what is not allowed is denied", nil, ""},

		{"any-action", "D Inv", []string{`{"Effect":"Allow","Action":"execute-api:*","Resource":"*"}`}, "allow"},
		{"all-actions", "D IAM Action", []string{`{"Effect":"Allow","Action":"*","Resource":"*"}`}, "allow"},
		{"action-without-case", "D IAM Action", []string{`{"Effect":"Allow","Action":"Execute-API:invoke","Resource":"*"}`}, "allow"},
		{"action-list", "D IAM Action", []string{`{"Effect":"Allow","Action":["s3:GetObject","execute-api:Invoke"],"Resource":"*"}`}, "allow"},
		{"another-action", "D Inv", []string{`{"Effect":"Allow","Action":"execute-api:InvalidateCache","Resource":"*"}`}, ""},
		{"not-action", "G IAM NotAction", []string{`{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}`}, "allow"},
		{"not-this-action", "G IAM NotAction", []string{`{"Effect":"Allow","NotAction":"execute-api:*","Resource":"*"}`}, ""},
		{"not-resource", "U aws/aws-lambda-dotnet#2165", []string{`{"Effect":"Allow","Action":"*","NotResource":"` + arn + `/GET/x"}`}, "allow"},
		{"not-this-resource", "U aws/aws-lambda-dotnet#2165", []string{`{"Effect":"Allow","Action":"*","NotResource":["x","` + testARN + `"]}`}, ""},
		{"deny-not-resource", "D IAM NotResource", []string{allow("*"), `{"Effect":"Deny","Action":"*","NotResource":"` + arn + `/GET/x"}`}, "deny"},

		{"from-the-address", "D Use, the sample", []string{condition("Allow", `{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`)}, "allow"},
		{"from-one-of-the-addresses", "D IAM conditions", []string{condition("Allow", `{"IpAddress":{"AWS:sourceip":["10.0.0.0/8","192.0.2.7"]}}`)}, "allow"},
		{"from-another-address", "D IAM conditions", []string{condition("Allow", `{"IpAddress":{"aws:SourceIp":["10.0.0.0/8"]}}`)}, ""},
		{"not-from-the-address", "D IAM conditions", []string{condition("Allow", `{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`)}, ""},
		{"not-from-another-address", "D IAM conditions", []string{condition("Allow", `{"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","192.0.3.0/24"]}}`)}, "allow"},
		{"both-conditions", "D IAM conditions", []string{condition("Allow", `{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"},"NotIpAddress":{"aws:SourceIp":"192.0.2.7"}}`)}, ""},
		{"deny-from-the-address", "D IAM conditions", []string{allow("*"), condition("Deny", `{"IpAddress":{"aws:SourceIp":"192.0.2.7"}}`)}, "deny"},
		{"deny-from-another-address", "D IAM conditions", []string{allow("*"), condition("Deny", `{"IpAddress":{"aws:SourceIp":"192.0.3.7"}}`)}, "allow"},
		{"unknown-condition", "G the safe choice", []string{condition("Allow", `{"StringEquals":{"aws:UserAgent":"x"}}`)}, ""},
		{"unknown-condition-of-deny", "G the safe choice", []string{allow("*"), condition("Deny", `{"StringEquals":{"aws:UserAgent":"x"}}`)}, "deny"},
		{"unknown-key", "G the safe choice", []string{condition("Allow", `{"IpAddress":{"aws:VpcSourceIp":"0.0.0.0/0"}}`)}, ""},
		{"unknown-operator-of-many", "G the safe choice", []string{condition("Allow", `{"ForAnyValue:IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}`)}, ""},
		{"broken-address", "G the safe choice", []string{condition("Allow", `{"IpAddress":{"aws:SourceIp":"everywhere"}}`)}, ""},
		{"no-address", "G the safe choice", []string{condition("Allow", `{"NotIpAddress":{"aws:SourceIp":[]}}`)}, ""},
		{"no-address-of-deny", "G the safe choice", []string{allow("*"), condition("Deny", `{"IpAddress":{"aws:SourceIp":[]}}`)}, "deny"},
		{"no-condition", "D IAM conditions", []string{condition("Allow", `{}`)}, "allow"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p, err := readPolicy(policyText(row.statements...))
			if err != nil {
				t.Fatal(err)
			}
			allowed, denied, why := p.allows(&Request{ARN: testARN, PlainARN: testARN, SourceIP: "192.0.2.7"})
			if got := map[bool]string{true: "allow"}[allowed] + map[bool]string{true: "deny"}[denied]; got != row.want {
				t.Errorf("%q (%s), want %q (%s)", got, why, row.want, row.source)
			}
			if strings.HasPrefix(row.name, "unknown") && !strings.Contains(why, "condition") {
				t.Errorf("the reason %q does not name the condition", why)
			}
		})
	}
}

func TestMalformedPolicies(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"none":               {``, "policyDocument: not a JSON object"},
		"text":               {`"{}"`, "policyDocument: not a JSON object"},
		"no-statement":       {`{}`, "Statement is not a list"},
		"lower-case":         {`{"statement":[]}`, "Statement is not a list"},
		"statement-text":     {policyText(`"x"`), "not a JSON object"},
		"no-effect":          {policyText(`{"Action":"*","Resource":"*"}`), "Effect is not Allow or Deny"},
		"effect-lower":       {policyText(`{"Effect":"allow","Action":"*","Resource":"*"}`), "Effect is not Allow or Deny"},
		"no-action":          {policyText(`{"Effect":"Allow","Resource":"*"}`), "either Action or NotAction"},
		"both-actions":       {policyText(`{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}`), "either Action or NotAction"},
		"no-resource":        {policyText(`{"Effect":"Allow","Action":"*"}`), "either Resource or NotResource"},
		"no-resources":       {policyText(`{"Effect":"Allow","Action":"*","Resource":[]}`), "Resource is not a string"},
		"null-resource":      {policyText(`{"Effect":"Allow","Action":"*","Resource":null}`), "Resource is not a string"},
		"number-in-resource": {policyText(`{"Effect":"Allow","Action":"*","Resource":["*",1]}`), "Resource is not a string"},
		"variable":           {policyText(`{"Effect":"Deny","Action":"*","Resource":"arn:aws:execute-api:*:*:api/${aws:username}"}`), "policy variable"},
		"version":            {`{"Version":"2012-10-18","Statement":[]}`, "Version is not 2012-10-17"},
		"two-effects":        {policyText(`{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}`), `"Effect" is there twice`},
		"misspelt-condition": {policyText(`{"Effect":"Allow","Action":"*","Resource":"*","condition":{"Bool":{}}}`), `"condition", which is not an element`},
		"two-conditions":     {policyText(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{},"IpAddress":{}}}`), `Condition: the member "IpAddress" is there twice`},
		"condition":          {policyText(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":null}`), "Condition: not a JSON object"},
		"operator":           {policyText(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":"x"}}`), "Condition.IpAddress: not a JSON object"},
		"long":               {policyText(allow(strings.Repeat("a", 513))), "513 bytes, limit 512"}, // D Output
		"second":             {policyText(allow("*"), `{}`), "Statement[1]"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := readPolicy(row.text); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error %v, want %q", err, row.want)
			}
		})
	}
}

// FuzzResource holds a resource's regular expression against an evaluator that knows
// nothing of them.
func FuzzResource(f *testing.F) {
	for _, pattern := range []string{"*", testARN, "arn:aws:execute-api:*:*:*", "arn:aws:execute-api:*", "arn:*:execute-api:u*t-1:1*:api/*/GET/p?ts/*", "a?b", "?*?"} {
		f.Add(pattern, testARN)
		f.Add(pattern, "arn:aws:execute-api:us-east-1:123456789012:api/prod/GET/a:b")
	}
	f.Fuzz(func(t *testing.T, pattern, arn string) {
		if len(pattern) > 40 || len(arn) > 200 || strings.Contains(pattern, "${") {
			return
		}
		arn = strings.ToValidUTF8(arn, "-")
		pattern = strings.ToValidUTF8(pattern, "-")
		var quoted strings.Builder
		for _, c := range pattern {
			quoted.WriteString(jsonRune(c))
		}
		p, err := readPolicy(policyText(`{"Effect":"Allow","Action":"*","Resource":"` + quoted.String() + `"}`))
		if err != nil {
			t.Fatal(err)
		}
		allowed, _, _ := p.allows(&Request{ARN: arn, PlainARN: arn})
		if want := matches([]rune(pattern), []rune(arn), 0); allowed != want {
			t.Errorf("%q matches %q: %t, want %t", pattern, arn, allowed, want)
		}
	})
}

// FuzzPolicy holds policies of random statements against an evaluator that reads them with
// encoding/json and applies the rules one by one.
func FuzzPolicy(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed)
	}
	actions := []string{`"execute-api:Invoke"`, `"execute-api:*"`, `"s3:*"`, `["s3:Get","*"]`, `["EXECUTE-API:invoke"]`}
	resources := []string{`"*"`, `"` + testARN + `"`, `"arn:aws:execute-api:*:*:*/GET/*"`, `["x","arn:aws:execute-api:*:*:api/*/POST/*"]`, `["arn:*/pets/?"]`}
	conditions := []string{"", `,"Condition":{}`, `,"Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`, `,"Condition":{"NotIpAddress":{"aws:SourceIp":["192.0.2.7","10.0.0.0/8"]}}`,
		`,"Condition":{"Bool":{"aws:SecureTransport":"true"}}`, `,"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`}
	pick := func(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		var statements []string
		for range r.IntN(5) {
			statements = append(statements, fmt.Sprintf(`{"Effect":%q,"%sAction":%s,"%sResource":%s%s}`, pick(r, []string{"Allow", "Allow", "Deny"}),
				pick(r, []string{"", "Not"}), pick(r, actions), pick(r, []string{"", "", "Not"}), pick(r, resources), pick(r, conditions)))
		}
		text := policyText(statements...)
		p, err := readPolicy(text)
		if err != nil {
			t.Fatal(err)
		}
		allowed, denied, _ := p.allows(&Request{ARN: testARN, PlainARN: testARN, SourceIP: "192.0.2.7"})
		wantAllowed, wantDenied := evaluate(t, text)
		if denied != wantDenied || !denied && allowed != wantAllowed {
			t.Errorf("%s\nallowed %t, denied %t, want %t, %t", text, allowed, denied, wantAllowed, wantDenied)
		}
	})
}

// evaluate applies a policy of FuzzPolicy to testARN and 192.0.2.7.
func evaluate(t *testing.T, text string) (allowed, denied bool) {
	t.Helper()
	var document struct{ Statement []map[string]any }
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	anyOf := func(value any, match func(string) bool) bool {
		if one, ok := value.(string); ok {
			return match(one)
		}
		for _, v := range value.([]any) {
			if match(v.(string)) {
				return true
			}
		}
		return false
	}
	action := func(pattern string) bool {
		return matches([]rune(strings.ToLower(pattern)), []rune("execute-api:invoke"), 9)
	}
	resource := func(pattern string) bool { return matches([]rune(pattern), []rune(testARN), 0) }
	for _, s := range document.Statement {
		applies := true
		for name, value := range s {
			switch name {
			case "Action":
				applies = applies && anyOf(value, action)
			case "NotAction":
				applies = applies && !anyOf(value, action)
			case "Resource":
				applies = applies && anyOf(value, resource)
			case "NotResource":
				applies = applies && !anyOf(value, resource)
			}
		}
		condition, _ := s["Condition"].(map[string]any)
		_, secure := condition["Bool"]
		here := func(name string) bool {
			keys, ok := condition[name].(map[string]any)
			return ok && anyOf(keys["aws:SourceIp"], func(from string) bool { return strings.HasPrefix(from, "192.0.2.") })
		}
		_, among := condition["IpAddress"]
		switch {
		case !applies, among && !here("IpAddress"), here("NotIpAddress"):
		case s["Effect"] == "Deny":
			denied = true
		case !secure:
			allowed = true
		}
	}
	return allowed, denied
}

func jsonRune(c rune) string {
	if c < ' ' || c == '"' || c == '\\' {
		return fmt.Sprintf(`\u%04x`, c)
	}
	return string(c)
}

// matches tries everything. colons is how many of the pattern were passed.
func matches(pattern, text []rune, colons int) bool {
	if len(pattern) == 0 {
		return len(text) == 0
	}
	last := colons >= 5
	switch c := pattern[0]; c {
	case '*':
		open := last || len(pattern) == 1 || pattern[1] == ':'
		for i := 0; i <= len(text); i++ {
			if matches(pattern[1:], text[i:], colons) {
				return true
			}
			if i < len(text) && text[i] == ':' && !open {
				return false
			}
		}
		return false
	case '?':
		return len(text) > 0 && (last || text[0] != ':') && matches(pattern[1:], text[1:], colons)
	default:
		if c == ':' {
			colons++
		}
		return len(text) > 0 && text[0] == c && matches(pattern[1:], text[1:], colons)
	}
}
