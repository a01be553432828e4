package local

import (
	"go/build"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
)

// What is missing to debug a function is said before anything runs.
func TestFindDebugger(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	used := busy.Addr().(*net.TCPAddr).Port
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	free.Close()

	bin := t.TempDir()
	name := "dlv"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if err := os.WriteFile(filepath.Join(bin, name), nil, 0o700); err != nil {
		t.Fatal(err)
	}
	gopath := build.Default.GOPATH
	defer func() { build.Default.GOPATH = gopath }()
	build.Default.GOPATH = t.TempDir()
	one := &app.App{Functions: []*app.Function{{ID: "F", Dir: "/p/folder"}}}
	two := &app.App{Functions: append([]*app.Function{{ID: "G", Dir: "/p/g"}}, one.Functions...)}
	for _, tc := range []struct {
		name        string
		app         *app.App
		debug       Debug
		path, gobin string
		want        string // the error
	}{
		{"the-only-function", one, Debug{Port: port}, bin, "", ""},
		{"by-folder", two, Debug{Port: port, Function: "folder"}, bin, "", ""},
		{"in-gobin", one, Debug{Port: port}, "", bin, ""},
		{"which-function", two, Debug{Port: port}, bin, "", "--debug-port needs a function: choose one with --debug-function: G, F"},
		{"no-such-function", two, Debug{Port: port, Function: "Nope"}, bin, "", `--debug-function "Nope" is not a function that runs here; these do: G, F`},
		{"no-delve", one, Debug{Port: port}, "", "", "--debug-port needs Delve: go install "},
		{"port-in-use", one, Debug{Port: used}, bin, "", "is in use or reserved: stop the process using it or pass another"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Setenv("PATH", tc.path)
			t.Setenv("GOBIN", tc.gobin)
			got, err := tc.debug.find(tc.app, StartAPI)
			if tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("find: %v, want %s", err, tc.want)
			}
			if tc.want == "" && (err != nil || got.id != "F" || got.dlv != filepath.Join(bin, name)) {
				t.Errorf("find = %+v, %v, want F with %s", got, err, filepath.Join(bin, name))
			}
		})
	}
}
