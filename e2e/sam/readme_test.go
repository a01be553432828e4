package sam

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/docs"
	"github.com/crumb-go/crumb/e2e/samcli"
	"github.com/crumb-go/crumb/e2e/testenv"
)

// said is what each command of the README's section "With AWS SAM" prints, by its
// first words. Of the one that serves it is what /setcookie responds.
var said = []struct{ command, want string }{
	{"sam build && sam local start-api", "username=Cobby; Path=/; "},
	{"sam local invoke GetCookieFunction", "Found cookie! Username: Ana"},
	{"sam deploy", "Successfully created/updated stack - crumb in us-east-1"},
	{"go test ./functions/...", "ok  \tgithub.com/crumb-go/crumb/functions/getcookie"},
}

// The commands of README.md for SAM, as they stand there, in a clone. Only the
// clone's samconfig.toml has more: the port and the image of this test. sam deploy
// deploys to a mock of AWS, and its question is answered with yes.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(testenv.Root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var commands []docs.Command
	blocks, err := docs.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		if b.Word == "sam" {
			more, err := b.Commands()
			if err != nil {
				t.Fatal(err)
			}
			commands = append(commands, more...)
		}
	}
	if len(commands) != len(said) {
		t.Fatalf("README.md has %d commands for SAM, want %d", len(commands), len(said))
	}

	clone := testenv.Clone(t)
	cli, account := samcli.New(t, clone), samcli.Account(t)
	configure(t, clone, "[default.local_start_api.parameters]", cli.Settings()+"port = "+testenv.FreePort(t)+"\n")
	configure(t, clone, "[default.local_invoke.parameters]", cli.Settings())
	run := func(line string) string {
		cmd := cli.Shell(line)
		cmd.Env, cmd.Stdin = append(cmd.Env, account...), strings.NewReader("y\n")
		return samcli.Output(t, cmd)
	}
	for i, c := range commands {
		if !strings.HasPrefix(c.Text, said[i].command) {
			t.Errorf("README.md:%d has %q, want %q", c.Line, c.Text, said[i].command)
			continue
		}
		var got string
		if build, serve, both := strings.Cut(c.Text, " && "); both {
			run(build)
			url := testenv.Serve(t, cli.Shell("exec "+serve), "Running on ")
			got = setCookie(t, url+"/setcookie")
		} else {
			got = run(c.Text)
		}
		if !strings.Contains(got, said[i].want) {
			t.Errorf("README.md:%d: %s gives\n%s\nwant %q", c.Line, c.Text, got, said[i].want)
		}
	}
}

// configure adds settings to a table of a clone's samconfig.toml.
func configure(t *testing.T, clone, table, settings string) {
	t.Helper()
	file := filepath.Join(clone, "samconfig.toml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, after, ok := strings.Cut(string(text), table+"\n")
	if !ok {
		t.Fatalf("samconfig.toml has no %s", table)
	}
	testenv.Write(t, clone, "samconfig.toml", before+table+"\n"+settings+after)
}

func setCookie(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.Header.Get("Set-Cookie")
}
