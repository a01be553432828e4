package failures

import (
	"fmt"
	"strings"
	"testing"
)

const line = `{"level":"ERROR","message":"oven","status":503,"ok":true,"none":null,"record":{"status":"timeout","ms":12.5},"ip":"10.0.0.7"}`

func TestPattern(t *testing.T) {
	for pattern, want := range map[string]bool{
		`{ $.level = "ERROR" }`:                  true,
		`{$.level="ERROR"}`:                      true,
		`{ $.level = ERROR }`:                    true,
		`{ $.level = "error" }`:                  false,
		`{ $.level = "ERR" }`:                    false,
		`{ $.level = "ERR*" }`:                   true,
		`{ $.level != "ERROR" }`:                 false,
		`{ $.level != "INFO" }`:                  true,
		`{ $.msg = "oven" }`:                     false,
		`{ $.msg != "oven" }`:                    false,
		`{ $.ip != 10.1.* }`:                     true,
		`{ $.ip = 10.0.* }`:                      true,
		`{ $.status = 503 }`:                     true,
		`{ $.status >= 500 }`:                    true,
		`{ $.status > 503 }`:                     false,
		`{ $.status <= 503 && $.status < 504 }`:  true,
		`{ $.level > 1 }`:                        false,
		`{ $.record.status = "timeout" }`:        true,
		`{ $.record.ms > 12 }`:                   true,
		`{ $.record.status.deep = "timeout" }`:   false,
		`{ $.none IS NULL }`:                     true,
		`{ $.msg IS NULL }`:                      false,
		`{ $.ok IS TRUE }`:                       true,
		`{ $.ok IS FALSE }`:                      false,
		`{ $.msg NOT EXISTS }`:                   true,
		`{ $.level NOT EXISTS }`:                 false,
		`{ $.level = "INFO" || $.status = 503 }`: true,
		`{ $.level = "INFO" && $.status = 503 }`: false,
		`{ $.level = "ERROR" || $.level = "INFO" && $.status = 1 }`:   true,
		`{ ($.level = "ERROR" || $.level = "INFO") && $.status = 1 }`: false,
	} {
		p, err := ParsePattern(pattern)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
		} else if got := p.Match(line); got != want {
			t.Errorf("%s finds it: %v, want %v", pattern, got, want)
		}
		if err == nil && p.Match(`level = "ERROR" status 503`) {
			t.Errorf("%s finds what is not JSON", pattern)
		}
	}
}

func TestPatternRefuses(t *testing.T) {
	for _, pattern := range []string{
		``, `$.level = "ERROR"`, `{ }`, `{ level = "ERROR" }`, `{ $.level }`, `{ $.level = }`, `{ $.level == "ERROR" }`, `{ $.level = "ERROR" && }`,
		`{ ($.level = "ERROR" }`, `{ $.level = "ERROR") }`, `{ $.level = "ERROR" "x" }`, `{ $.level IS 1 }`, `{ $.level NOT "ERROR" }`, `{ $.n < x }`, `{ $.a = "x }`,
	} {
		if _, err := ParsePattern(pattern); err == nil {
			t.Errorf("ParsePattern(%s) accepts it", pattern)
		}
	}
}

func TestQuery(t *testing.T) {
	lines := []string{line, strings.Replace(line, "oven", "yeast", 1), strings.Replace(line, "ERROR", "INFO", 1), "plain ERROR"}
	for query, want := range map[string]string{
		`filter level = "ERROR" | stats count() by message`:                            "map[oven:1 yeast:1]",
		`filter level = "ERROR" and message != "oven" | stats count(*) by message`:     "map[yeast:1]",
		`filter level="INFO" or message = "yeast" | stats count() by message, status`:  "map[oven 503:1 yeast 503:1]",
		`filter level = "ERROR" | filter (message = "yeast") | stats count() by level`: "map[ERROR:1]",
		`filter record.status = "timeout" | stats count() by record.status`:            "map[timeout:3]",
	} {
		q, err := ParseQuery(query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		got, err := q.Count(lines)
		if fmt.Sprint(got) != want || err != nil {
			t.Errorf("%s = %v, %v, want %s", query, got, err, want)
		}
	}
	q, err := ParseQuery(`filter level = "ERROR" | stats count() by msg`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Count(lines); err == nil {
		t.Error("grouping by a field that no line has succeeds")
	}
	for _, query := range []string{``, `stats count() by level`, `filter level = 'ERROR' | stats count() by level`, `filter level | stats count() by level`, `filter level = "ERROR"`, `filter level = "ERROR" | stats sum(x) by level`, `filter level = "ERROR" | stats count() by level | sort`} {
		if _, err := ParseQuery(query); err == nil {
			t.Errorf("ParseQuery(%s) accepts it", query)
		}
	}
}
