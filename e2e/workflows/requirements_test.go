package workflows

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// A suite's requirements.txt is compiled from its requirements.in, has the hash
// of each package, and Dependabot updates it.
func TestRequirements(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testenv.Root(t), "e2e", "*", "requirements.*"))
	if err != nil {
		t.Fatal(err)
	}
	var suites, updated []string
	for _, file := range files {
		suite := filepath.Base(filepath.Dir(file))
		if !slices.Contains(suites, suite) {
			suites = append(suites, suite)
		}
	}
	if len(suites) == 0 {
		t.Fatal("no requirements")
	}
	for _, suite := range suites {
		updated = append(updated, "/e2e/"+suite)
		t.Run(suite, func(t *testing.T) { testRequirements(t, filepath.Join(testenv.Root(t), "e2e", suite)) })
	}
	var dependabot struct {
		Updates []struct {
			Ecosystem   string `yaml:"package-ecosystem"`
			Directories []string
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, testenv.Root(t), ".github", "dependabot.yml")), &dependabot); err != nil {
		t.Fatal(err)
	}
	for _, update := range dependabot.Updates {
		if update.Ecosystem == "pip" && !slices.Equal(update.Directories, updated) {
			t.Errorf("Dependabot updates %q, want %q", update.Directories, updated)
		}
	}
}

func testRequirements(t *testing.T, dir string) {
	compiled := map[string]string{}
	for line := range strings.SplitSeq(strings.ReplaceAll(read(t, dir, "requirements.txt"), "\\\n", ""), "\n") {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		m := regexp.MustCompile(`^([\w.-]+)==(\S+)(\s+--hash=sha256:[0-9a-f]{64})+$`).FindStringSubmatch(line)
		if m == nil {
			t.Errorf("no version or no hash: %.80s", line)
			continue
		}
		compiled[m[1]] = m[2]
	}
	for _, m := range regexp.MustCompile(`(?m)^([\w.-]+)(?:\[.*\])?(?:==(\S+))?`).FindAllStringSubmatch(read(t, dir, "requirements.in"), -1) {
		if compiled[m[1]] != m[2] || m[2] == "" {
			t.Errorf("%s is %q in requirements.in and %q in requirements.txt", m[1], m[2], compiled[m[1]])
		}
	}
}

// The repository has the hashes of what .ci/install installs from PyPI.
func TestInstall(t *testing.T) {
	script := read(t, testenv.Root(t), ".ci", "install")
	if !strings.Contains(script, "--require-hashes") {
		t.Error(".ci/install does not require hashes")
	}
	for _, command := range unhashed(script) {
		if strings.Contains(command, "pip") {
			t.Errorf(".ci/install runs %s", command)
		}
	}
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
