package failures

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// The templates' metric of failures counts what the document's filter finds.
func TestMetricFilters(t *testing.T) {
	for _, template := range []string{"template.yaml", "template-http.yaml"} {
		filters := map[string]string{} // pattern by log group
		for _, m := range regexp.MustCompile(`LogGroupName: !Ref (\w+)\n +FilterPattern: '(.*)'`).FindAllStringSubmatch(read(t, template), -1) {
			filters[m[1]] = m[2]
		}
		if want := documented(t, "--filter-pattern"); filters["FunctionLogs"] != want {
			t.Errorf("%s counts %q, docs/deploying.md says %q", template, filters["FunctionLogs"], want)
		}
		testThrottle(t, template, filters["ApiLogs"])
	}
}

// Requests rejected by API Gateway are counted, but not those rejected by a
// function. In an access log a variable without a value is "-".
func testThrottle(t *testing.T, template, filter string) {
	pattern, err := ParsePattern(filter)
	if err != nil {
		t.Fatalf("%s: %v", template, err)
	}
	format := regexp.MustCompile(`Format: '(.*)'`).FindStringSubmatch(read(t, template))
	if format == nil || !json.Valid([]byte(format[1])) {
		t.Fatalf("%s has no access log of JSON", template)
	}
	for _, tc := range []struct {
		name, status, lambda string
		want                 bool
	}{
		{"throttled", "429", "-", true},
		{"guesses", "429", requestID, false},
		{"success", "200", requestID, false},
		{"forbidden", "403", "-", false},
	} {
		line := strings.NewReplacer("$context.status", tc.status, "$context.awsEndpointRequestId", tc.lambda).Replace(format[1])
		if got := pattern.Match(line); got != tc.want {
			t.Errorf("%s, %s: the filter finds %s: %v, want %v", template, tc.name, line, got, tc.want)
		}
	}
}
