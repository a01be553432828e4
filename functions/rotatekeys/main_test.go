package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/functions/internal/demo"
	"github.com/crumb-go/crumb/functions/internal/lambdatest"
)

func TestMain(m *testing.M) { lambdatest.Main(m, main) }

// The function as Lambda runs it, with the events of the user guide: it keeps keys for as long as
// anything that the demo has sealed with them can be opened, and logs a failure as an error.
func TestFunction(t *testing.T) {
	m := startManager(t)
	const day, life = 24 * time.Hour, demo.VisitsLife
	old := ringOf(life-day, life+day, 2*life) // the second was replaced less than a life ago
	m.put("old", old, "AWSCURRENT")
	m.stages["new"], m.values["new"] = []string{"AWSPENDING"}, noValue
	var events []string
	for _, step := range append(steps, "dropSecret") {
		events = append(events, fmt.Sprintf(`{"Step": %q, "SecretId": "the-ring", "ClientRequestToken": "new"}`, step))
	}
	responses, log := lambdatest.Invoke(t, events...)
	if keys := parse(t, m.values["new"]); !slices.Equal(m.stages["new"], []string{"AWSPENDING", "AWSCURRENT"}) || len(keys) != 3 || keys[2].ID != parse(t, old)[1].ID {
		t.Errorf("stages = %v, %d keys, want a new one and two of the old\n%s", m.stages, len(keys), log)
	}
	const failure = `dropSecret: unknown step`
	if strings.Count(log, "rotation step done") != 4 || strings.Count(log, `"level":"ERROR"`) != 1 || !strings.Contains(log, failure) || !strings.Contains(responses[4], failure) {
		t.Errorf("responses %q, log\n%s\nwant 4 steps done and one error", responses, log)
	}
}
