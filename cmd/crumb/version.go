package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// A buildInfo says which crumb this is. Its JSON is that of crumb version --json.
type buildInfo struct {
	Version  string `json:"version"`            // of the module, "devel" if it has none
	Revision string `json:"revision,omitempty"` // of the git checkout that it was built from, 12 digits
	Modified bool   `json:"modified"`           // the checkout had changes that were not committed
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

// newBuildInfo reads what the go command has put into a program; nil is nothing.
// "go run" and "go build" without git leave out the revision.
func newBuildInfo(info *debug.BuildInfo) buildInfo {
	b := buildInfo{Version: "devel", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if info == nil {
		return b
	}
	if v := info.Main.Version; v != "(devel)" && info.Main.Replace == nil { // a replaced one is a clone
		b.Version = cmp.Or(v, b.Version)
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value[:min(len(s.Value), 12)]
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// String is one line. A version that the go command makes of a revision, such as
// v0.0.0-20261127173933-b66ea9613f01+dirty, already says it.
func (b buildInfo) String() string {
	revision := ""
	if b.Revision != "" && !strings.Contains(b.Version, b.Revision) {
		revision = " " + b.Revision
		if b.Modified && !strings.HasSuffix(b.Version, "+dirty") {
			revision += "+dirty"
		}
	}
	return fmt.Sprintf("crumb %s%s %s %s/%s", b.Version, revision, b.Go, b.OS, b.Arch)
}

func newVersion(b buildInfo) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Say which crumb this is, for reports",
		Long: `Print crumb's version, the revision that it was built from if that is known, the
version of Go that built it, and the system. "go run" does not tell a program
its revision: the version is then devel.`,
		Example: `  crumb version
  crumb version --json`,
		Args: arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(b)
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), b)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object (docs/schemas/version.json)")
	return cmd
}
