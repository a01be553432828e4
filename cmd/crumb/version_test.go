package main

import (
	"bytes"
	"encoding/json"
	"runtime"
	"runtime/debug"
	"testing"
)

func TestBuildInfo(t *testing.T) {
	const revision = "b66ea9613f01c6d7a1f5c2b0f6b1e0d9c8b7a695"
	built := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: version}, Settings: settings}
	}
	at := debug.BuildSetting{Key: "vcs.revision", Value: revision}
	modified := func(v string) debug.BuildSetting { return debug.BuildSetting{Key: "vcs.modified", Value: v} }
	for _, tc := range []struct {
		name string
		info *debug.BuildInfo
		want string // between "crumb " and the version of Go
	}{
		{"none", nil, "devel"},
		{"no-version", built(""), "devel"},
		{"go-run", built("(devel)"), "devel"},
		{"go-install", built("v0.1.0"), "v0.1.0"},
		{"go-tool-with-replace", &debug.BuildInfo{Main: debug.Module{Version: "v0.0.0", Replace: &debug.Module{Path: "../crumb"}}}, "devel"},
		{"checkout", built("(devel)", at, modified("false")), "devel b66ea9613f01"},
		{"changed-checkout", built("(devel)", at, modified("true")), "devel b66ea9613f01+dirty"},
		{"tag", built("v0.1.0", at, modified("false")), "v0.1.0 b66ea9613f01"},
		{"changed-tag", built("v0.1.0+dirty", at, modified("true")), "v0.1.0+dirty b66ea9613f01"},
		{"pseudo-version", built("v0.0.0-20261127173933-b66ea9613f01+dirty", at, modified("true")), "v0.0.0-20261127173933-b66ea9613f01+dirty"},
		{"short-revision", built("(devel)", debug.BuildSetting{Key: "vcs.revision", Value: "12"}), "devel 12"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			want := "crumb " + tc.want + " " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
			if got := newBuildInfo(tc.info).String(); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	output := func(args ...string) string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, nil, &stdout, &stderr); code != 0 || stderr.Len() > 0 {
			t.Fatalf("crumb %q: exit code %d, stderr %s", args, code, &stderr)
		}
		return stdout.String()
	}
	info, _ := debug.ReadBuildInfo()
	want := newBuildInfo(info)
	if got := output("version"); got != want.String()+"\n" {
		t.Errorf("crumb version prints %q, want %q", got, want)
	}
	if got := output("--version"); got != want.String()+"\n" {
		t.Errorf("crumb --version prints %q, want %q", got, want)
	}
	var got buildInfo
	if err := json.Unmarshal([]byte(output("version", "--json")), &got); err != nil || got != want {
		t.Errorf("crumb version --json has %+v, want %+v, %v", got, want, err)
	}
}
