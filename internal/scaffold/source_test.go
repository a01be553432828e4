package scaffold

import (
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

func TestFindSource(t *testing.T) {
	dir := t.TempDir()
	const mod = "module github.com/crumb-go/crumb\n\ngo 1.26.0\n"
	write(t, dir, "clone/go.mod", mod)
	write(t, dir, "clone/docs/x.md", "")
	write(t, dir, "other/go.mod", "module github.com/crumb-go/crumb/e2e/routers\n")
	clone, other, pkg := filepath.Join(dir, "clone"), filepath.Join(dir, "other"), "github.com/crumb-go/crumb"

	built := func(m debug.Module, settings ...string) *debug.BuildInfo {
		info := &debug.BuildInfo{Main: m}
		for _, key := range settings {
			info.Settings = append(info.Settings, debug.BuildSetting{Key: key, Value: "x"})
		}
		return info
	}
	const pseudo = "v0.0.0-20261127173933-b66ea9613f01"
	for _, tc := range []struct {
		name         string
		info         *debug.BuildInfo
		builtIn, cwd string
		want         Source
	}{
		{"go-run", built(debug.Module{Version: "(devel)"}), clone, other, Source{Clone: clone}},
		{"go-install-in-the-clone", built(debug.Module{Version: pseudo + "+dirty"}, "vcs.revision"), clone, other, Source{Clone: clone}},
		{"go-install-at-a-version", built(debug.Module{Version: "v0.1.0"}), clone, clone, Source{Version: "v0.1.0"}},
		{"go-tool-with-replace", built(debug.Module{Version: "v0.0.0", Replace: &debug.Module{Path: "../clone"}}), clone, other, Source{Clone: clone}},
		{"trimpath-in-the-clone", built(debug.Module{Version: "(devel)"}), pkg, filepath.Join(clone, "docs"), Source{Clone: clone}},
		{"trimpath-elsewhere", built(debug.Module{Version: "(devel)"}), pkg, other, Source{}},
		{"clone-is-gone", built(debug.Module{Version: pseudo + "+dirty"}, "vcs.revision"), filepath.Join(dir, "gone"), other, Source{Version: pseudo}},
		{"other-module-there-now", built(debug.Module{Version: "(devel)"}), other, other, Source{}},
		{"no-info", nil, clone, other, Source{Clone: clone}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Chdir(tc.cwd)
			if got := findSource(tc.info, tc.builtIn); got != tc.want {
				t.Errorf("source %+v, want %+v", got, tc.want)
			}
		})
	}

	// These tests are built in this module.
	if got := FindSource(nil).Clone; got == "" || !strings.Contains(read(t, got, "go.mod"), "\ngo "+goVersion+"\n") {
		t.Errorf("clone %q, whose go.mod should have go %s", got, goVersion)
	}
}

func TestGoMod(t *testing.T) {
	for _, tc := range []struct {
		name   string
		source Source
		want   string // its end
	}{
		{"clone", Source{Clone: "/home/ana/crumb"}, "\nreplace github.com/crumb-go/crumb => /home/ana/crumb\n"},
		{"windows", Source{Clone: "C:/Users/ana/crumb"}, "\nreplace github.com/crumb-go/crumb => C:/Users/ana/crumb\n"},
		{"space", Source{Clone: "/home/ana/my crumb"}, "\nreplace github.com/crumb-go/crumb => \"/home/ana/my crumb\"\n"},
		{"windows-share", Source{Clone: "//server/crumb"}, "\nreplace github.com/crumb-go/crumb => \"//server/crumb\"\n"},
		{"version", Source{Version: "v0.1.0"}, "\nrequire github.com/crumb-go/crumb v0.1.0\n"},
		{"latest", Source{}, "\ntool github.com/crumb-go/crumb/cmd/crumb\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := goMod(Project{Module: "example.com/shop", Source: tc.source})
			if !strings.HasPrefix(got, "module example.com/shop\n\ngo 1.") || !strings.HasSuffix(got, tc.want) {
				t.Errorf("go.mod =\n%s\nwant at its end\n%s", got, tc.want)
			}
		})
	}
}
