package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/docs"
	"github.com/crumb-go/crumb/e2e/samcli"
	"github.com/crumb-go/crumb/e2e/testenv"
)

// followed are the documents with something to follow, and what the reader has.
var followed = []struct{ name, file, dir string }{
	{"lesson", "docs/lesson.md", "clone"},
	{"deploying", "docs/deploying.md", "clone with crumb"},
	{"migrating", "docs/migrating.md", "clone"},
	{"readme", "README.md", "clone"},
	{"demo", "docs/demo.md", "clone with crumb"},
	{"packages", "docs/packages.md", "clone with crumb"},
	{"contributing", "CONTRIBUTING.md", "clone"},
	{"vanish", "docs/cookies-that-vanish.md", "clone with crumb"},
	{"engines", "docs/engines.md", "clone with crumb"},
	{"local", "docs/local.md", "clone with crumb"},
	{"checking", "docs/checking.md", "clone with crumb"},
	{"environment", "docs/environment.md", "clone"},
	{"aws", "docs/aws.md", "clone"},
	{"tokens", "docs/tokens.md", "clone with crumb"},
	{"authorizers", "docs/authorizers.md", "clone with crumb"},
	{"why-403", "docs/why-403.md", "clone with crumb"},
	{"testing", "docs/testing.md", "clone"},
	{"run", "docs/run.md", "clone with crumb"},
	{"cloudformation", "docs/cloudformation.md", "clone with crumb"},
	{"starting", "docs/starting.md", "clone"},
	{"editors", "docs/editors.md", "clone with crumb"},
	{"cookievet", "docs/cookievet.md", "clone"},
}

func TestDocuments(t *testing.T) {
	testenv.Long(t, "what the documents say is typed, two minutes")
	repository, dir := newRepository(t), t.TempDir()
	account := newAccount(t)
	for _, tc := range followed {
		t.Run(tc.name, func(t *testing.T) {
			r := newReader(t, repository, dir)
			r.Cloud = account
			git(t, r.Dir, "clone", "-q", repository, "crumb")
			r.Dir = filepath.Join(r.Dir, "crumb")
			if tc.dir == "clone with crumb" {
				install(t, r)
			}
			if err := r.Follow(t.Context(), read(t, filepath.Join(testenv.Root(t), tc.file))); err != nil {
				t.Errorf("%s:%v", tc.file, err)
			}
		})
	}
}

func install(t *testing.T, r *docs.Reader) {
	t.Helper()
	cmd := exec.Command("go", "install", "./cmd/crumb")
	cmd.Dir, cmd.Env = r.Dir, r.Env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}

// newAccount returns what commands for an AWS account need: the SAM CLI and a
// mock of AWS. If these are not installed, and CI is not true, it is nil.
func newAccount(t *testing.T) []string {
	t.Helper()
	var sam string
	t.Run("account", func(t *testing.T) { // may skip, without skipping the documents
		testenv.Python(t, "../cloud/requirements.txt")
		sam = testenv.Tool(t, "sam")
	})
	if sam == "" {
		return nil
	}
	return slices.Concat(samcli.Env(t), samcli.Account(t), []string{
		"PATH=" + os.Getenv("PATH") + string(filepath.ListSeparator) + filepath.Dir(sam),
	})
}

// newReader returns a reader in an empty dir, with a repository in place of the
// public one. The reader's path is that of the previous reader, so that the go
// command has less to compile.
func newReader(t *testing.T, repository, dir string) *docs.Reader {
	t.Helper()
	if runtime.GOOS == "windows" {
		testenv.Missing(t, "the documents' commands are for a shell")
	}
	for _, tool := range []string{"sh", "git", "curl"} {
		testenv.Tool(t, tool)
	}
	if err := os.RemoveAll(filepath.Join(dir, "reader")); err != nil {
		t.Fatal(err)
	}
	// Without a terminal curl shows its progress.
	testenv.Write(t, dir, "home/.curlrc", "no-progress-meter\n")
	testenv.Write(t, dir, "reader/.here", "")
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal("go env GOCACHE: ", err)
	}
	r := &docs.Reader{
		Dir: filepath.Join(dir, "reader"),
		Env: append(os.Environ(),
			"CURL_HOME="+filepath.Join(dir, "home"),
			"GOBIN="+filepath.Join(dir, "bin"),
			"PATH="+filepath.Join(dir, "bin")+string(filepath.ListSeparator)+os.Getenv("PATH"),
			"GOCACHE="+strings.TrimSpace(string(cache)),
			"XDG_CACHE_HOME="+filepath.Join(dir, "cache"),
			"GIT_CONFIG_COUNT=1",
			"GIT_CONFIG_KEY_0=url."+repository+".insteadOf",
			"GIT_CONFIG_VALUE_0=https://github.com/crumb-go/crumb",
		),
	}
	t.Cleanup(r.Close)
	return r
}

// newRepository returns a git repository of this module in its current state,
// including uncommitted changes.
func newRepository(t *testing.T) string {
	t.Helper()
	dir := testenv.Clone(t)
	git(t, dir, "init", "-q")
	git(t, dir, "add", "--all")
	git(t, dir, "-c", "user.name=Crumb", "-c", "user.email=crumb@example.com", "commit", "-q", "-m", "now")
	return dir
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", cmd, err)
	}
	return string(out)
}
