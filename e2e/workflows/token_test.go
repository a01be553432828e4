package workflows

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// trusted are the actions that a job may use if it can get a token for a role.
var trusted = []string{"actions/checkout", "actions/download-artifact", "aws-actions/configure-aws-credentials"}

// Each step of a job with "id-token: write" can get the token that AWS exchanges
// for the role. So such a job must not compile anything, or install anything
// whose hash is not in the repository.
func TestJobsWithTokens(t *testing.T) {
	jobs := 0
	for file, w := range workflows(t) {
		for name, j := range w.Jobs {
			if !hasToken(w, j) {
				continue
			}
			jobs++
			if j.Uses != "" && !strings.HasPrefix(j.Uses, "./") {
				t.Errorf("%s %s passes its token to %s", file, name, j.Uses)
			}
			for _, s := range j.Steps {
				if action, _, _ := strings.Cut(s.Uses, "@"); s.Uses != "" && !slices.Contains(trusted, action) {
					t.Errorf("%s %s uses %s", file, name, s.Uses)
				}
				for _, command := range unhashed(s.Run) {
					t.Errorf("%s %s can get a token and runs %q", file, name, command)
				}
			}
		}
	}
	if jobs < 3 { // two callers and the called one
		t.Errorf("%d jobs have a token", jobs)
	}
}

// hasToken reports whether a job may get a token. Without permissions it has
// those of the caller of its workflow.
func hasToken(w workflow, j job) bool {
	permissions := j.Permissions
	if permissions == nil {
		permissions = w.Permissions
	}
	switch p := permissions.(type) {
	case nil:
		return true
	case map[string]any:
		return p["id-token"] == "write"
	default:
		return p == "write-all"
	}
}

// Actions are pinned by commit, since tags can be moved.
func TestActions(t *testing.T) {
	pinned := regexp.MustCompile(`^(\./|[\w.-]+/[\w./-]+@[0-9a-f]{40}$)`)
	for file, w := range workflows(t) {
		for name, j := range w.Jobs {
			uses := []string{j.Uses}
			for _, s := range j.Steps {
				uses = append(uses, s.Uses)
			}
			for _, action := range uses {
				if action != "" && !pinned.MatchString(action) {
					t.Errorf("%s %s uses %s", file, name, action)
				}
			}
		}
	}
}

// installers are programs that download and run third-party code; those of Go
// compile it.
var installers = strings.Fields(`apk apt apt-get brew bun bundle cargo composer conda deno dnf easy_install gem go
	gradle make mvn npm npx pip pip3 pipx pnpm poetry sam-build snap uv uvx yarn yum`)

// unhashed returns the commands of a script that install or compile something
// whose hash is not in the repository.
func unhashed(script string) []string {
	script = strings.NewReplacer("\\\n", " ", `"`, "", "'", "", "$(", "\n", ")", "\n", "`", "\n").Replace(script)
	var found []string
	for _, command := range regexp.MustCompile(`[\n;|&]+`).Split(script, -1) {
		words := strings.Fields(command)
		for len(words) > 0 && (strings.Contains(words[0], "=") || slices.Contains([]string{"sudo", "env", "exec", "again", "if", "then", "else", "do", "!", "{", "time"}, words[0])) {
			words = words[1:]
		}
		if len(words) == 0 {
			continue
		}
		program, args := path.Base(words[0]), words[1:]
		if strings.HasPrefix(program, "python") && len(args) > 1 && args[0] == "-m" {
			program, args = args[1], args[2:]
		}
		if program == "sam" && len(args) > 0 && args[0] == "build" {
			program = "sam-build"
		}
		hashed := program == "npm" && slices.Contains(args, "ci") ||
			strings.HasPrefix(program, "pip") && (slices.Contains(args, "--require-hashes") || slices.Contains(args, "check"))
		shell := slices.Contains([]string{"sh", "bash", "source", "."}, program) || strings.Contains(words[0], ".ci/")
		if !hashed && (shell || slices.Contains(installers, program)) {
			found = append(found, strings.Join(words, " "))
		}
	}
	return found
}

func TestUnhashed(t *testing.T) {
	for name, tc := range map[string]struct {
		script string
		want   string // with " + " between
	}{
		"deploy":        {`sam deploy --config-env "$CONFIG_ENV"`, ""},
		"aws":           {`url=$(aws cloudformation describe-stacks --stack-name "$STACK")`, ""},
		"curl":          {"curl --fail -c jar \"$url/setcookie\" | grep Cobby", ""},
		"pip-hashed":    {"python3 -m venv v\nv/bin/pip install --require-hashes -r e2e/sam/requirements.txt", ""},
		"pip-check":     {"pip check", ""},
		"npm-ci":        {"npm ci", ""},
		"pip":           {"pip install aws-sam-cli==1.170.0", "pip install aws-sam-cli==1.170.0"},
		"pip-of-a-venv": {`"$RUNNER_TEMP/sam/bin/pip" install -q -r x.txt`, "$RUNNER_TEMP/sam/bin/pip install -q -r x.txt"},
		"pip-as-module": {"python3 -m pip install x", "python3 -m pip install x"},
		"pip-continued": {"pip install \\\n  x", "pip install x"},
		"pipx":          {"pipx run cowsay", "pipx run cowsay"},
		"uv":            {"cd x && uvx cowsay; uv pip install x", "uvx cowsay + uv pip install x"},
		"npm-install":   {"sudo npm install -g esbuild", "npm install -g esbuild"},
		"npx":           {"npx cowsay", "npx cowsay"},
		"go-install":    {"GOBIN=/x go install example.com/x@latest", "go install example.com/x@latest"},
		"go-run":        {"VERSION=$(go run example.com/x@v1)", "go run example.com/x@v1"},
		"sam-build":     {"sam build --config-env default", "sam build --config-env default"},
		"own-script":    {".ci/install", ".ci/install"},
		"shell":         {"curl -L https://example.com/x | sudo sh", "sh"},
		"apt":           {"sudo apt-get update && sudo apt-get install -y jq", "apt-get update + apt-get install -y jq"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(unhashed(tc.script), " + "); got != tc.want {
				t.Errorf("unhashed(%q) = %q, want %q", tc.script, got, tc.want)
			}
		})
	}
}
