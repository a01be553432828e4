// Package samcli runs AWS's SAM CLI with a Docker image that replaces AWS's, for
// the suites that compare crumb with it.
package samcli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// A CLI is the sam command and the Docker that its functions run in.
type CLI struct {
	path  string
	dir   string // where commands run
	env   []string
	image string
}

// New finds the command, and finds or starts Docker, which is removed at the
// test's end. Without them the test skips, or fails if CI=true. Commands run in
// dir.
func New(t testing.TB, dir string) *CLI {
	t.Helper()
	c := &CLI{path: testenv.Tool(t, "sam"), dir: dir}
	c.env = append(startDocker(t), Env(t)...)
	c.image = baseImage(t, c.env)
	return c
}

// Env is an environment without credentials, telemetry or files left behind.
func Env(t testing.TB) []string {
	t.Helper()
	return []string{
		"SAM_CLI_TELEMETRY=0",
		"TMPDIR=" + t.TempDir(),
		"__SAM_CLI_APP_DIR=" + appDir(t),
		"AWS_DEFAULT_REGION=us-east-1",
		"AWS_CONFIG_FILE=" + os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}
}

// Account is an environment in which sam deploys to a mock of AWS.
func Account(t testing.TB) []string {
	t.Helper()
	return []string{
		"AWS_ENDPOINT_URL=" + testenv.Account(t),
		"AWS_ACCESS_KEY_ID=mock",
		"AWS_SECRET_ACCESS_KEY=mock",
	}
}

// appDir is a folder for what SAM keeps between runs. It says that SAM has just
// checked for a new version, so that it does not ask PyPI.
func appDir(t testing.TB) string {
	dir := t.TempDir()
	metadata := fmt.Sprintf(`{"telemetryEnabled": false, "lastVersionCheck": %d}`, time.Now().Unix())
	if err := os.WriteFile(filepath.Join(dir, "metadata.json"), []byte(metadata), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Command returns sam with arguments.
func (c *CLI) Command(args ...string) *exec.Cmd {
	cmd := exec.Command(c.path, args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), c.env...)
	return cmd
}

// Local returns "sam local" with arguments, in the image that New has created.
func (c *CLI) Local(args ...string) *exec.Cmd {
	return c.Command(append([]string{"local"}, append(args, "--invoke-image", c.image, "--skip-pull-image")...)...)
}

// Shell returns a command line that may call sam, as somebody types it. Functions
// are built without cgo: the image that New has created has no C library.
func (c *CLI) Shell(line string) *exec.Cmd {
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), c.env...)
	cmd.Env = append(cmd.Env, "CGO_ENABLED=0", "PATH="+os.Getenv("PATH")+string(filepath.ListSeparator)+filepath.Dir(c.path))
	return cmd
}

// Settings returns lines for a samconfig.toml, with which "sam local" runs in the
// image that New has created.
func (c *CLI) Settings() string {
	return fmt.Sprintf("invoke_image = [%q]\nskip_pull_image = true\n", c.image)
}

// Build builds the functions of a template into dir, lean, as docs/deploying.md says,
// and returns the built template.
func (c *CLI) Build(t testing.TB, template, dir string) string {
	t.Helper()
	cmd := c.Command("build", "--template", template, "--build-dir", dir)
	cmd.Env = append(cmd.Env, "CGO_ENABLED=0", "GOFLAGS="+os.Getenv("GOFLAGS")+" -tags=lambda.norpc -trimpath -ldflags=-s")
	Output(t, cmd)
	return filepath.Join(dir, "template.yaml")
}

// StartAPI runs "sam local start-api" of a built template until the test ends,
// and returns its URL.
func (c *CLI) StartAPI(t testing.TB, built string, args ...string) string {
	t.Helper()
	args = append([]string{"start-api", "--template", built, "--port", testenv.FreePort(t)}, args...) // it does not support port 0
	return testenv.Serve(t, c.Local(args...), "Running on ")
}

// Output runs a command and returns its stdout.
func Output(t testing.TB, cmd *exec.Cmd) string {
	t.Helper()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, out, stderr.String())
	}
	return string(out)
}
