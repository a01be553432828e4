// Package flask runs the lesson's Flask application beside "crumb start": a
// browser sees the same from both, except for differences.json.
package flask

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/compare"
	"github.com/crumb-go/crumb/e2e/testenv"
)

func TestLesson(t *testing.T) {
	flask := startFlask(t)
	crumb := testenv.Start(t, exec.Command(testenv.Build(t), "start", "--port", "0")).URL
	compare.Run(t, "differences.json", to(crumb), to(flask), append(routes(), cookies()...))
}

func to(url string) compare.Server {
	address := strings.TrimPrefix(url, "http://")
	return func(t *testing.T, r compare.Request) compare.Answer { return compare.Send(t, address, r) }
}

// startFlask runs app.py on a free port until the test ends, and returns its URL.
func startFlask(t *testing.T) string {
	t.Helper()
	cmd := exec.Command(testenv.Python(t, "requirements.txt"), "-m", "flask", "--app", "app", "run", "--port", "0", "--no-reload")
	return testenv.Serve(t, cmd, "Running on ")
}
