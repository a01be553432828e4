package live

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A scrubber replaces what is an account's by placeholders of the same shape.
type scrubber struct {
	learned []replacement
	seen    map[string]int // numbers of ids
}

type replacement struct {
	pattern     *regexp.Regexp
	placeholder string
}

// account are patterns of what must not leave it. An id's number replaces the ########,
// so that one sees which id of an event is in which header of the response.
var account = []replacement{
	{regexp.MustCompile(`arn:aws[\w-]*:elasticloadbalancing:[\w:/.-]+`), "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/crumb/0123456789abcdef"},
	{regexp.MustCompile(`arn:aws[\w-]*:(?:iam|lambda|sts):[\w:/.$*-]+`), "arn:aws:iam::111122223333:role/crumb"},
	{regexp.MustCompile(`[a-z0-9]{10}\.execute-api\.[a-z0-9-]+\.amazonaws\.com`), "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"},
	{regexp.MustCompile(`[a-z0-9]{32}\.lambda-url\.[a-z0-9-]+\.on\.aws`), urlID + ".lambda-url.eu-west-1.on.aws"},
	{regexp.MustCompile(`[\w-]+\.[a-z0-9-]+\.elb\.amazonaws\.com`), "crumb-123456789.eu-west-1.elb.amazonaws.com"},
	{regexp.MustCompile(`()\b1-[0-9a-f]{8}-[0-9a-f]{24}\b`), "1-6922b1c0-0123456789abcdef########"},
	{regexp.MustCompile(`\b(Parent=)[0-9a-f]{16}\b`), "${1}0123abcd########"},
	{regexp.MustCompile(`\b(Lineage=\d+:)[0-9a-f]{8}\b`), "${1}########"},
	{regexp.MustCompile(`()\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`), "01234567-89ab-4def-8123-abcd########"},
	{regexp.MustCompile(`(^|[^\w=/+-])[\w+/-]{15}=`), "${1}Crumb-a########="},
	{regexp.MustCompile(`\b\d{12}\b`), "111122223333"},
	{regexp.MustCompile(`\b\d{1,3}(\.\d{1,3}){3}\b`), "198.51.100.7"},
	{regexp.MustCompile(`\b(?:(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:)+(?::[0-9a-f]{1,4})+)\b`), "2001:db8::7"},
	{regexp.MustCompile(`("resourceId": ?")[a-z0-9]{6}"`), `${1}a1b2c3"`},
	{regexp.MustCompile(`("deploymentId": ?")[a-z0-9]{6}"`), `${1}d1e2f3"`},
}

const (
	urlID = "abcdefghijklmnopqrstuvwxyz012345"
	other = "203.0.113." // an odd request says that it comes from there
)

// ours are the members of an event that have ids, domains and addresses in any form.
var ours = []struct{ member, placeholder string }{
	{"domainName", "api.crumb.example"}, // of AWS's own the patterns know the shape
	{"sourceIp", "198.51.100.7"},
	{"apiId", "a1b2c3d4e5"},
}

func newScrubber(token string) *scrubber {
	return &scrubber{learned: []replacement{{word(token), "Token-of-this-stack"}}}
}

// word matches a text, but not as a part of a longer id.
func word(text string) *regexp.Regexp {
	return regexp.MustCompile(`\b` + regexp.QuoteMeta(text) + `\b`)
}

// learn reads an event of the stack. What it is called by there is replaced from then on.
func (s *scrubber) learn(event string) {
	for _, o := range ours {
		for _, m := range regexp.MustCompile(`"`+o.member+`": ?"([^"]+)"`).FindAllStringSubmatch(event, -1) {
			if o.member == "domainName" {
				m[1], _, _ = strings.Cut(m[1], ":") // the port is nobody's secret
			}
			placeholder := o.placeholder
			if len(m[1]) == len(urlID) {
				placeholder = urlID
			}
			for _, a := range account {
				if a.pattern.FindString(m[1]) == m[1] {
					placeholder = a.placeholder
				}
			}
			if r := (replacement{word(m[1]), placeholder}); !slices.ContainsFunc(s.learned, func(l replacement) bool { return l.pattern.String() == r.pattern.String() }) {
				s.learned = append(s.learned, r)
			}
		}
	}
}

// scrub returns a text without what is an account's.
func (s *scrubber) scrub(text string) string {
	for _, l := range s.learned {
		text = l.pattern.ReplaceAllLiteralString(text, l.placeholder)
	}
	for _, a := range account {
		text = a.pattern.ReplaceAllStringFunc(text, func(found string) string {
			if strings.HasPrefix(found, other) {
				return found
			}
			placeholder := a.pattern.ReplaceAllString(found, a.placeholder)
			if !strings.Contains(placeholder, "########") {
				return placeholder
			}
			id := strings.TrimPrefix(found, a.pattern.FindStringSubmatch(found)[1])
			if s.seen[id] == 0 {
				s.seen[id] = len(s.seen) + 1
			}
			return strings.Replace(placeholder, "########", fmt.Sprintf("%08d", s.seen[id]), 1)
		})
	}
	return text
}

// next begins the numbers of ids again, for another recording.
func (s *scrubber) next() { s.seen = map[string]int{} }

func TestScrub(t *testing.T) {
	s := newScrubber("tokenTOKENtoken12345")
	s.learn(`{"domainName":"shop.example.com","sourceIp": "54.1.2.3","apiId":"zzzzzzzzzz"}`)
	tests := []struct{ name, text, want string }{
		{"token", "X-Echo-Token: tokenTOKENtoken12345", "X-Echo-Token: Token-of-this-stack"},
		{"api", "https://q1w2e3r4t5.execute-api.us-gov-west-1.amazonaws.com/live", "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/live"},
		{"api-id", `"domainPrefix":"zzzzzzzzzz"`, `"domainPrefix":"a1b2c3d4e5"`},
		{"url", "host: 0a9b8c7d6e5f4g3h2i1j0a9b8c7d6e5f.lambda-url.us-east-1.on.aws", "host: " + urlID + ".lambda-url.eu-west-1.on.aws"},
		{"load-balancer", "echo-LoadB-1ABC-99.us-east-1.elb.amazonaws.com", "crumb-123456789.eu-west-1.elb.amazonaws.com"},
		{"domain", "host: shop.example.com", "host: api.crumb.example"},
		{"ipv6", "x-forwarded-for: 2600:1f18:22::77, 2600:1f18:22:1:2:3:4:5", "x-forwarded-for: 2001:db8::7, 2001:db8::7"},
		{"time", "2026-11-27T18:09:33 27/Nov/2026:18:09:33", "2026-11-27T18:09:33 27/Nov/2026:18:09:33"},
		{"ipv4", "x-forwarded-for: 203.0.113.9, 54.1.2.3", "x-forwarded-for: 203.0.113.9, 198.51.100.7"},
		{"part-of-an-id", `"accountId":"123zzzzzzzzzz"`, `"accountId":"123zzzzzzzzzz"`},
		{"account", `"accountId":"987654321098","timeEpoch":1795379640000`, `"accountId":"111122223333","timeEpoch":1795379640000`},
		{"target-group", `"arn:aws:elasticloadbalancing:us-east-1:987654321098:targetgroup/echo-Plain-X/fedcba9876543210"`,
			`"arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/crumb/0123456789abcdef"`},
		{"user", `"userArn":"arn:aws:sts::987654321098:assumed-role/Admin/me"`, `"userArn":"arn:aws:iam::111122223333:role/crumb"`},
		{"trace", "Self=1-67890abc-aaaaaaaaaaaaaaaaaaaaaaaa;Root=1-67890abc-bbbbbbbbbbbbbbbbbbbbbbbb;Parent=aaaaaaaaaaaaaaaa;Sampled=0;Lineage=1:aaaaaaaa:0",
			"Self=1-6922b1c0-0123456789abcdef00000001;Root=1-6922b1c0-0123456789abcdef00000002;Parent=0123abcd00000003;Sampled=0;Lineage=1:00000004:0"},
		{"request-ids", "x-amzn-requestid: 9f2c1a7e-1111-4222-8333-123456789012\n" + `"requestId": "9f2c1a7e-1111-4222-8333-123456789012"`,
			"x-amzn-requestid: 01234567-89ab-4def-8123-abcd00000001\n" + `"requestId": "01234567-89ab-4def-8123-abcd00000001"`},
		{"extended-ids", `"requestId":"ATfSdF7nPHcErRA="` + "\napigw-requestid: ATfSdF7nPHcErRA=\nx: BTfSdF7nPHcE-_A=",
			`"requestId":"Crumb-a00000001="` + "\napigw-requestid: Crumb-a00000001=\nx: Crumb-a00000002="},
		{"resource", `"resourceId":"al6gqb","deploymentId": "u8k2ms"`, `"resourceId":"a1b2c3","deploymentId": "d1e2f3"`},
		{"route-key", `"resourceId":"GET /only"`, `"resourceId":"GET /only"`},
		{"cookies", "cookie: session=abc123; theme=dark; a=%C3%A9", "cookie: session=abc123; theme=dark; a=%C3%A9"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s.next()
			if got := s.scrub(test.text); got != test.want {
				t.Errorf("scrub(%q) = %q, want %q", test.text, got, test.want)
			}
			s.next()
			if again := s.scrub(test.want); again != test.want {
				t.Errorf("scrub(%q) = %q", test.want, again)
			}
		})
	}
}
