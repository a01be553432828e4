package local

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
)

// TestCopied reads Dockerfiles whose context has data/a.csv, data/b.csv, pages/x.html and
// main.go.
func TestCopied(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"another-stage", "FROM golang AS build\nCOPY . /src\nFROM scratch\nCOPY --from=build /src/data/a.csv .\n", "a.csv=data/a.csv"},
		{"program", "FROM golang AS build\nFROM scratch\nCOPY --from=build /src/main ./main\n", ""},
		{"task-root", "FROM x\nCOPY data/a.csv ${LAMBDA_TASK_ROOT}\nADD data/b.csv $LAMBDA_TASK_ROOT/other.csv\n", "a.csv=data/a.csv other.csv=data/b.csv"},
		{"var-task", "FROM x\nCOPY pages /var/task/html/\n", "html=pages"},
		{"workdir", "FROM x\nWORKDIR /app\nCOPY data/a.csv /app/in/\nCOPY data/b.csv /elsewhere/\n", "in/a.csv=data/a.csv"},
		{"relative-workdir", "FROM x\nWORKDIR in\nCOPY data/a.csv .\n", "a.csv=data/a.csv"},
		{"several", "FROM x\ncopy --chmod=0644 \\\n  data/a.csv data/b.csv \\\n  ./\n", "a.csv=data/a.csv b.csv=data/b.csv"},
		{"glob", "FROM x\nCOPY data/*.csv ./in\n", "in/a.csv=data/a.csv in/b.csv=data/b.csv"},
		{"json", "FROM x\nCOPY [\"data/a.csv\", \"./\"]\n", "a.csv=data/a.csv"},
		{"all", "FROM x\nCOPY . .\n", ".=."},
		{"a-folder-as-a-whole", "FROM x\nCOPY pages .\n", ".=pages"},
		{"crlf", "FROM x\r\nCOPY data/a.csv \\\r\n .\r\n", "a.csv=data/a.csv"},
		{"outside", "FROM x\nCOPY ../secret .\nCOPY --from=build /../data/a.csv ../x\n", ""},
		{"not-there", "FROM x\nCOPY src/data/a.csv .\n", ""},
		{"of-an-extension", "FROM x\nCOPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:1 /lambda-adapter /opt/extensions/lambda-adapter\n", ""},
		{"comments", "# COPY data/a.csv .\nCOPY\n\n", ""},
		{"no-dockerfile", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			tr := newTree(t)
			for _, name := range []string{"data/a.csv", "data/b.csv", "pages/x.html", "main.go"} {
				tr.write(name, name)
			}
			if row.text != "" {
				tr.write("docker/Dockerfile", row.text)
			}
			var got []string
			for _, f := range copied(tr.dir, "docker/Dockerfile") {
				from, err := filepath.Rel(tr.dir, f.Path)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, fmt.Sprint(f.Name, "=", filepath.ToSlash(from)))
			}
			if got := strings.Join(got, " "); got != row.want {
				t.Errorf("copied %q, want %q", got, row.want)
			}
		})
	}
}

// TestShow holds that a function sees files as they are now, and none that are gone.
func TestShow(t *testing.T) {
	tr := newTree(t)
	tr.write("build/config.yml", "one")
	tr.write("build/bootstrap", "a program for Lambda")
	tr.write("build/.hidden", "")
	tr.write("build/pages/x.html", "x")
	tr.write("data/a.csv", "a")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bootstrap"), []byte("the program"), 0o700); err != nil {
		t.Fatal(err)
	}
	files := []app.Beside{{Name: ".", Path: filepath.Join(tr.dir, "build")}, {Name: "in/a.csv", Path: filepath.Join(tr.dir, "data", "a.csv")}, {Name: "b", Path: filepath.Join(tr.dir, "none")}}
	holds := func(files []app.Beside, want string) {
		t.Helper()
		for range 2 { // as for a second event
			if err := show(files, dir); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, name := range []string{".hidden", "bootstrap", "config.yml", "in/a.csv", "pages/x.html"} {
			if text, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
				got = append(got, name+"="+string(text))
			}
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("the folder has %q, want %q", got, want)
		}
	}
	holds(files, "bootstrap=the program config.yml=one in/a.csv=a pages/x.html=x")
	if _, err := os.Readlink(filepath.Join(dir, "config.yml")); err != nil {
		return // copies, which Windows makes without a privilege, do not follow changes
	}
	tr.write("build/config.yml", "two")
	if err := os.RemoveAll(filepath.Join(tr.dir, "build", "pages")); err != nil {
		t.Fatal(err)
	}
	holds(files, "bootstrap=the program config.yml=two in/a.csv=a")
	tr.write("dist/config.yml", "three")
	files[0].Path = filepath.Join(tr.dir, "dist")
	holds(files, "bootstrap=the program config.yml=three in/a.csv=a")
}
