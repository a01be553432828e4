package sessions_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// A session survives saved changes of code and template.
func TestReload(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		must(t, err)
		return string(text)
	}
	code, template := read("counter/main.go"), read("template.yaml")
	dir := testenv.Project(t, map[string]string{"counter/main.go": code, "template.yaml": template})
	cmd := exec.Command(testenv.Build(t), "start", "--port", "0")
	cmd.Dir = dir
	u := &user{url: testenv.Start(t, cmd).URL, name: "user"}
	u.signIn(t)
	u.count(t)

	testenv.Write(t, dir, "template.yaml", strings.Replace(template, "{proxy+}", "new/{proxy+}", 1))
	testenv.Write(t, dir, "counter/main.go", strings.NewReplacer(`"/count"`, `"/new/count"`, `v.Who, " "`, `v.Who, " now "`).Replace(code))
	for deadline := time.Now().Add(5 * time.Minute); ; {
		answer, text := u.ask(t, "/new/count")
		if text == "user now 2" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("minutes after the save: %d %s", answer.StatusCode, text)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
