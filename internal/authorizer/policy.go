package authorizer

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/shared/rawjson"
)

// A policy is the IAM policy that a Lambda authorizer returned.
type policy []statement

// A statement allows or denies what its patterns match.
type statement struct {
	deny      bool
	actions   patterns
	resources patterns
	addresses []addressTest
	unknown   string // a condition that crumb does not evaluate; "" for none
}

// patterns match as IAM's do, or with not everything else.
type patterns struct {
	not  bool
	list []*regexp.Regexp
}

func (p patterns) match(text string) bool {
	for _, re := range p.list {
		if re.MatchString(text) {
			return !p.not
		}
	}
	return p.not
}

// An addressTest is an IpAddress or NotIpAddress of aws:SourceIp.
type addressTest struct {
	not   bool
	among []netip.Prefix
}

func (t addressTest) holds(ip netip.Addr) bool {
	for _, p := range t.among {
		if p.Contains(ip) {
			return !t.not
		}
	}
	return t.not
}

// readPolicy reads a policyDocument ("IAM JSON policy reference"). What IAM would not
// take is an error.
func readPolicy(document string) (policy, error) {
	members, err := objectOf(document)
	if err != nil {
		return nil, fmt.Errorf("policyDocument: %w", err)
	}
	switch members["Version"] {
	case "", `"2012-10-17"`, `"2008-10-17"`:
	default:
		return nil, errors.New("policyDocument.Version is not 2012-10-17 or 2008-10-17")
	}
	list := members["Statement"]
	if !strings.HasPrefix(list, "[") {
		return nil, errors.New("policyDocument.Statement is not a list")
	}
	var p policy
	for text := range rawjson.Elements(list) {
		s, err := readStatement(text)
		if err != nil {
			return nil, fmt.Errorf("policyDocument.Statement[%d]: %w", len(p), err)
		}
		p = append(p, s)
	}
	return p, nil
}

// elements are the members that a statement may have.
var elements = []string{"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}

func readStatement(text string) (s statement, err error) {
	members, err := objectOf(text)
	if err != nil {
		return s, err
	}
	for name := range members {
		if !slices.Contains(elements, name) {
			return s, fmt.Errorf("it has %q, which is not an element of a statement", name)
		}
	}
	switch members["Effect"] {
	case `"Allow"`:
	case `"Deny"`:
		s.deny = true
	default:
		return s, errors.New("its Effect is not Allow or Deny")
	}
	if s.actions, err = readPatterns(members, "Action", actionPattern); err != nil {
		return s, err
	}
	if s.resources, err = readPatterns(members, "Resource", resourcePattern); err != nil {
		return s, err
	}
	return s, s.readConditions(members["Condition"])
}

// maxPattern is how long a Resource may be ("Output from an API Gateway Lambda
// authorizer").
const maxPattern = 512

// readPatterns reads the member name, or the one with "Not" before it.
func readPatterns(members map[string]string, name string, expression func(string) string) (p patterns, err error) {
	text, ok := members[name]
	not, excluded := members["Not"+name]
	if ok == excluded {
		return p, fmt.Errorf("there must be either %s or Not%[1]s", name)
	}
	if p.not = excluded; excluded {
		text = not
	}
	texts, err := readTexts(text)
	if err != nil || len(texts) == 0 {
		return p, fmt.Errorf("%s is not a string or a list of strings", name)
	}
	for _, text := range texts {
		if len(text) > maxPattern {
			return p, fmt.Errorf("%s has a text of %d bytes, limit %d", name, len(text), maxPattern)
		}
		if strings.Contains(text, "${") {
			return p, fmt.Errorf("%s has a policy variable, which crumb does not evaluate", name)
		}
		re, err := regexp.Compile(expression(text))
		if err != nil {
			return p, fmt.Errorf("%s: %w", name, err)
		}
		p.list = append(p.list, re)
	}
	return p, nil
}

// readTexts reads a string or a list of strings.
func readTexts(text string) ([]string, error) {
	elements := func(yield func(string) bool) { yield(text) }
	if strings.HasPrefix(text, "[") {
		elements = rawjson.Elements(text)
	}
	var texts []string
	for e := range elements {
		if !strings.HasPrefix(e, `"`) {
			return nil, errors.New("not a string")
		}
		texts = append(texts, rawjson.Unquote(e))
	}
	return texts, nil
}

// actionPattern is the regular expression of an Action, whose case does not count.
func actionPattern(pattern string) string {
	return `(?is)\A` + wildcards(pattern, ".*", ".") + `\z`
}

// resourcePattern is the one of a Resource. Its wildcards match slashes, and a colon only
// in the last of an ARN's six parts; but "*" at the end of a part matches whatever
// follows ("IAM JSON policy elements: Resource").
func resourcePattern(pattern string) string {
	parts := strings.SplitN(pattern, ":", 6)
	for i, part := range parts {
		if i == 5 {
			parts[i] = wildcards(part, ".*", ".")
			continue
		}
		before, open := strings.CutSuffix(part, "*")
		if parts[i] = wildcards(before, "[^:]*", "[^:]"); open {
			parts[i] += ".*"
		}
	}
	return `(?s)\A` + strings.Join(parts, ":") + `\z`
}

func wildcards(pattern, any, one string) string {
	pattern = regexp.QuoteMeta(pattern)
	return strings.NewReplacer(`\*`, any, `\?`, one).Replace(pattern)
}

// readConditions reads a Condition. What it cannot evaluate is kept as unknown.
func (s *statement) readConditions(text string) error {
	if text == "" {
		return nil
	}
	operators, err := objectOf(text)
	if err != nil {
		return fmt.Errorf("its Condition: %w", err)
	}
	for operator, text := range operators {
		keys, err := objectOf(text)
		if err != nil {
			return fmt.Errorf("its Condition.%s: %w", operator, err)
		}
		for key, text := range keys {
			test, ok := readAddressTest(operator, key, text)
			if !ok {
				s.unknown = operator + " of " + key
				continue
			}
			s.addresses = append(s.addresses, test)
		}
	}
	return nil
}

func readAddressTest(operator, key, text string) (t addressTest, ok bool) {
	t.not = operator == "NotIpAddress"
	texts, err := readTexts(text)
	if err != nil || len(texts) == 0 || !t.not && operator != "IpAddress" || !strings.EqualFold(key, "aws:SourceIp") {
		return t, false
	}
	for _, text := range texts {
		if ip, err := netip.ParseAddr(text); err == nil {
			t.among = append(t.among, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return t, false
		}
		t.among = append(t.among, p)
	}
	return t, true
}

// invoke is the action that API Gateway asks a policy for.
const invoke = "execute-api:Invoke"

// allows tells whether the policy allows a client to call a method, or denies it, and
// why not. A condition that crumb does not know keeps an Allow from allowing, and a Deny
// denies all the same.
func (p policy) allows(r *Request) (allowed, denied bool, why string) {
	ip, _ := netip.ParseAddr(r.SourceIP)
	ip = ip.Unmap().WithZone("")
	why = "no statement matches"
	for _, s := range p {
		if !s.actions.match(invoke) || !s.concerns(r) {
			continue
		}
		if s.unknown != "" && !s.deny {
			why = "crumb does not evaluate the condition " + s.unknown
			continue
		}
		if !s.meets(ip) {
			continue
		}
		if s.deny && s.unknown != "" {
			return false, true, "crumb does not evaluate the condition " + s.unknown
		}
		if s.deny {
			return false, true, "a statement with Effect Deny matches"
		}
		allowed = true
	}
	return allowed, false, why
}

// concerns tells whether the statement is about the method that a request calls. Nobody
// has recorded how API Gateway writes the ARN of a path with percent-encoding or a slash at
// its end, so a Deny holds for either writing, and an Allow with NotResource for both.
func (s *statement) concerns(r *Request) bool {
	sent, plain := s.resources.match(r.ARN), s.resources.match(r.PlainARN)
	switch {
	case s.deny:
		return sent || plain
	case s.resources.not:
		return sent && plain
	}
	return sent
}

func (s *statement) meets(ip netip.Addr) bool {
	for _, test := range s.addresses {
		if !test.holds(ip) {
			return false
		}
	}
	return true
}
