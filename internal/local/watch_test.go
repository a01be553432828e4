package local

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/poll"
	"github.com/fsnotify/fsnotify"
)

func TestWatch(t *testing.T) {
	t.Parallel()
	tr := newTree(t)
	reloads := make(chan error, 10)
	p, _ := serve(t, Options{Template: tr.dir, OnReload: func(err error) { reloads <- err }})
	url := p.APIs()[0].URL
	until(t, url+"/", "one")
	tr.write("hello/main.go", mainText(`"two"`, ""))
	until(t, url+"/", "two")

	// An editor that saves by renaming.
	tr.write("hello/main.go.new", mainText(`"three"`, ""))
	if err := os.Rename(filepath.Join(tr.dir, "hello/main.go.new"), filepath.Join(tr.dir, "hello/main.go")); err != nil {
		t.Fatal(err)
	}
	until(t, url+"/", "three")

	// A new package is noticed, and changes of it.
	tr.write("words/words.go", "package words\n\nvar Word = \"four\"\n")
	tr.write("hello/main.go", mainText("words.Word", "\t\"example.com/app/words\"\n"))
	until(t, url+"/", "four")
	tr.write("words/words.go", "package words\n\nvar Word = \"five\"\n")
	until(t, url+"/", "five")
	tr.write("words/more.go", "package words\n\nfunc init() { Word = \"six\" }\n") // a new file
	until(t, url+"/", "six")

	// A new route replaces the old one. A broken template changes nothing.
	tr.write("template.yaml", template("/moved"))
	until(t, url+"/moved", "six")
	until(t, url+"/", "Missing Authentication Token")
	if got := p.APIs()[0].Routes[0].Path; got != "/moved" {
		t.Errorf("the route is %s, want /moved", got)
	}
	tr.write("template.yaml", "Transform: [")
	var err error
	for err == nil { // a save may be seen as two changes
		err = <-reloads
	}
	if !strings.Contains(err.Error(), "template.yaml:") || !strings.HasSuffix(err.Error(), "(still serving the last valid version)") {
		t.Errorf("a broken template: %v", err)
	}
	until(t, url+"/moved", "six")
	tr.write("template.yaml", template("/again"))
	until(t, url+"/again", "six")
}

// Where the file system reports no changes, crumb finds them.
func TestWatchPolls(t *testing.T) {
	t.Parallel()
	tr := newTree(t)
	p, output := open(t, Options{Template: tr.dir, Watch: true})
	p.reports = func(string) bool { return false }
	if err := p.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- p.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		<-served
	})
	url := p.APIs()[0].URL
	until(t, url+"/", "one")
	silence := func() { // the system, which reports changes here
		waitFor(t, "hello", func() string {
			p.watcher.mu.Lock()
			defer p.watcher.mu.Unlock()
			return strings.Join(p.watcher.sources.Dirs, " ")
		})
		for _, dir := range p.watcher.files.WatchList() {
			if err := p.watcher.files.Remove(dir); err != nil {
				t.Error(err)
			}
		}
	}
	for _, change := range []struct {
		make       func()
		path, want string
	}{
		{func() { tr.write("hello/main.go", mainText(`"two"`, "")) }, "/", "two"},
		{func() { tr.write("hello/more.go", "package main\n\nfunc init() { word = \"three\" }\n") }, "/", "undefined: word"},
		{func() { tr.remove("hello/more.go") }, "/", "two"},
		{func() { tr.write("template.yaml", template("/moved")) }, "/moved", "two"},
	} {
		silence()
		change.make()
		until(t, url+change.path, change.want)
	}
	if n := strings.Count(output.String(), "looking for them every second"); n != 1 {
		t.Errorf("the log says so %d times", n)
	}
}

// A definition that the template names is read again when it changes, also one that
// another template names first.
func TestWatchDefinition(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	save := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	definition := func(path string) string {
		return `{openapi: 3.0.1, info: {title: t, version: "1"}, paths: {` + path + `: {get: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:F/invocations"}}}}}`
	}
	template := func(file string) string {
		return `Transform: AWS::Serverless-2016-10-31
Resources:
  A: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionUri: ` + file + `}}
  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: "1", Handler: index.handler, Runtime: nodejs22.x}}
`
	}
	save("one.yaml", definition("/one"))
	save("two.yaml", definition("/two"))
	save("template.yaml", template("one.yaml"))
	p, _ := serve(t, Options{Template: dir})
	url := p.APIs()[0].URL
	until(t, url+"/one", "inline code is not Go")
	save("one.yaml", definition("/changed"))
	until(t, url+"/changed", "inline code is not Go")
	save("template.yaml", template("two.yaml"))
	until(t, url+"/two", "inline code is not Go")
	save("two.yaml", definition("/again"))
	until(t, url+"/again", "inline code is not Go")
}

// A save during a reload is in the next response, although the reload goes on.
func TestSavedDuringReload(t *testing.T) {
	t.Parallel()
	tr := newTree(t)
	reloading, proceed := make(chan struct{}, 10), make(chan struct{})
	release := sync.OnceFunc(func() { close(proceed) })
	p, _ := serve(t, Options{Template: tr.dir, OnReload: func(error) {
		reloading <- struct{}{}
		<-proceed
	}})
	t.Cleanup(release)
	url := p.APIs()[0].URL
	until(t, url+"/", "one")
	tr.write("template.yaml", template("/moved"))
	<-reloading
	until(t, url+"/moved", "one") // built since the template was saved
	tr.write("hello/main.go", mainText(`"two"`, ""))
	until(t, url+"/moved", "two")
	tr.write("template.yaml", template("/again"))
	release()
	until(t, url+"/again", "two")
}

// Output that a shell writes beside the sources is not one: each line of it would cause a
// build, which may write another.
func TestWatchIgnoresLogs(t *testing.T) {
	tr := newTree(t)
	p, _ := open(t, Options{Template: tr.dir})
	sources, err := p.Sources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWatcher(slog.New(slog.DiscardHandler), poll.Reported, []string{filepath.Join(tr.dir, "template.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	defer w.files.Close()
	if found, err := w.add(sources); !found || err != nil {
		t.Fatalf("add: %t, %v", found, err)
	}
	tr.write("static/page.html", "")
	for _, row := range []struct {
		name           string
		op             fsnotify.Op
		config, source bool
	}{
		{"err", fsnotify.Write, false, false},
		{"hello/err.log", fsnotify.Create, false, false},
		{"hello/main.go", fsnotify.Write, false, true},
		{"hello/main.go", fsnotify.Chmod, false, false},
		{"hello/new.go", fsnotify.Create, false, true},
		{"hello", fsnotify.Remove, false, true},
		{"go.mod", fsnotify.Rename, false, true},
		{"static", fsnotify.Create, false, true}, // may be embedded, or have a package
		{"static", fsnotify.Write, false, false},
		{"static/page.html", fsnotify.Create, false, false},
		{"template.yaml", fsnotify.Write, true, false},
		{"Template.YAML", fsnotify.Write, true, false},
	} {
		config, source := w.concerns(fsnotify.Event{Name: filepath.Join(tr.dir, row.name), Op: row.op})
		if config != row.config || source != row.source {
			t.Errorf("%v of %s concerns the template: %t, sources: %t; want %t, %t", row.op, row.name, config, source, row.config, row.source)
		}
	}
}

// Variables that turn the test binary into a go command, see TestMain.
const (
	realGo  = "CRUMB_TEST_GO"   // the go command that it runs
	slowArg = "CRUMB_TEST_SLOW" // how an argument begins with which it waits
	goOnce  = "CRUMB_TEST_ONCE" // a file: once it exists, it no longer waits
)

func TestMain(m *testing.M) {
	if command := os.Getenv(realGo); command != "" {
		os.Exit(slowGo(command, os.Args[1:]))
	}
	os.Exit(m.Run())
}

func slowGo(command string, args []string) (code int) {
	for slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, os.Getenv(slowArg)) }) {
		if _, err := os.Stat(os.Getenv(goOnce)); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	cmd := exec.Command(command, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if cmd.Run() != nil {
		return 1
	}
	return 0
}

// holdGo makes go commands with an argument that begins with arg wait until
// proceed is called.
func holdGo(t *testing.T, arg string) (proceed func()) {
	t.Helper()
	command, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, filepath.Base(command)), program, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv(realGo, command)
	t.Setenv(slowArg, arg)
	t.Setenv(goOnce, filepath.Join(bin, "once"))
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	proceed = func() {
		if err := os.WriteFile(filepath.Join(bin, "once"), nil, 0o666); err != nil {
			t.Error(err)
		}
	}
	return proceed
}

// TestSavedBeforeWatched saves while crumb still determines what to watch.
func TestSavedBeforeWatched(t *testing.T) {
	proceed := holdGo(t, "-json=")
	tr := newTree(t)
	url, _ := serveTree(t, tr)
	t.Cleanup(proceed) // at its end crumb waits for its go command
	until(t, url+"/", "one")
	tr.write("hello/main.go", mainText(`"two"`, ""))
	proceed()
	until(t, url+"/", "two")
}

// A start that compiles for long says so.
func TestCompiling(t *testing.T) {
	proceed := holdGo(t, "-export")
	p, output := open(t, Options{Template: newTree(t).dir})
	listened := make(chan error, 1)
	go func() { listened <- p.Listen(t.Context()) }()
	t.Cleanup(proceed)
	waitFor(t, `msg="compiling; the first time takes a minute or more" packages=0 doing=""`, output.String)
	proceed()
	if err := <-listened; err != nil {
		t.Error(err)
	}
}

// A saved file of variables that samconfig.toml names is in the next response.
func TestWatchEnvVars(t *testing.T) {
	t.Parallel()
	tr := newTree(t)
	tr.write("template.yaml", template("/")+"      Environment: {Variables: {WORD: template}}\n")
	tr.write("samconfig.toml", "version = 0.1\n[default.global.parameters]\nenv_vars = \"events/env.json\"\n")
	tr.write("events/env.json", `{"Hello": {"WORD": "first"}}`)
	tr.write("hello/main.go", mainText(`os.Getenv("WORD")`, "\t\"os\"\n"))
	url, _ := serveTree(t, tr)
	until(t, url+"/", "first")
	tr.write("events/env.json", `{"Hello": {"WORD": "second"}}`)
	until(t, url+"/", "second")
}

// TestCheckout switches branches back and forth during requests: many files,
// including the template, are changed, added, removed and moved at once.
func TestCheckout(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	t.Parallel()
	tr := newTree(t)
	branch := func(name, folder string) {
		tr.write("template.yaml", template("/"+name))
		tr.write("hello/main.go", mainText(folder+".All", "\t\"example.com/app/"+folder+"\"\n"))
		tr.write(folder+"/all.go", "package "+folder+"\n\nvar All = \""+name+"\"\n")
		for i := range 40 {
			tr.write(fmt.Sprintf("%s/part%d.go", folder, i), "package "+folder+"\n\nfunc init() { All += \".\" }\n")
		}
		tr.git("checkout", "--quiet", "-b", name)
		tr.git("add", "--all")
		tr.git("commit", "--quiet", "--message", name)
	}
	tr.git("init", "--quiet")
	branch("one", "words")
	tr.git("rm", "--quiet", "-r", "words")
	branch("two", "terms")
	dots := strings.Repeat(".", 40)

	url, _ := serveTree(t, tr)
	until(t, url+"/two", "two"+dots)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			resp, err := http.Get(url + "/two")
			if err != nil {
				t.Errorf("a request during the checkout: %v", err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body) // otherwise each request opens a connection
			resp.Body.Close()
		}
	}()
	tr.git("checkout", "--quiet", "one")
	until(t, url+"/one", "one"+dots)
	until(t, url+"/two", "Missing Authentication Token")
	tr.git("checkout", "--quiet", "two")
	until(t, url+"/two", "two"+dots)
	until(t, url+"/one", "Missing Authentication Token")
	close(stop)
	<-stopped
}
