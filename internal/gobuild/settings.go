package gobuild

import (
	"bytes"
	"context"
	"encoding/json"
	"runtime"
	"strings"
)

// Settings are variables that builds depend on, as the go command reports them: from the
// environment, from go env -w, or its defaults.
type settings map[string]string

var settingNames = []string{
	"GOFLAGS", "GO111MODULE", "GOEXPERIMENT", "GOFIPS140", "GO" + strings.ToUpper(runtime.GOARCH),
	"CGO_ENABLED", "CC", "CXX", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_FFLAGS", "CGO_LDFLAGS",
}

// readSettings asks the go command, which may run in any folder.
func readSettings(ctx context.Context, temp, dir string) (s settings, err error) {
	var out bytes.Buffer
	if err := (tool{dir: dir, temp: temp, stdout: &out}).goCommand(ctx, append([]string{"env", "-json"}, settingNames...)...); err != nil {
		return nil, err
	}
	return s, json.Unmarshal(out.Bytes(), &s)
}

// settings returns those of b, which do not change.
func (b *Builder) settings(ctx context.Context, dir string) (_ settings, err error) {
	b.asking.Lock()
	defer b.asking.Unlock()
	if b.answer == nil {
		b.answer, err = readSettings(ctx, b.cache, dir)
	}
	return b.answer, err
}

// flag returns the value of a flag in GOFLAGS, "" if it is not there.
func (s settings) flag(name string) (value string) {
	for field := range strings.FieldsSeq(s["GOFLAGS"]) {
		if v, ok := strings.CutPrefix(strings.TrimLeft(field, `'"-`), name+"="); ok {
			value = strings.TrimRight(v, `'"`)
		}
	}
	return value
}

// flagsIn returns the flags of the go command for the main package in dir: those of a
// Builder, and those of a loose program.
func (s settings) flagsIn(dir string, builder []string) ([]string, error) {
	loose, err := s.looseFlags(dir)
	return append(s.flags(builder), loose...), err
}

// flags returns those of a Builder, with the tag lambda.norpc, which excludes support
// for the runtime go1.x. Flags in GOFLAGS would be overridden: its tags are added, and
// its -ldflags win over -s.
func (s settings) flags(builder []string) []string {
	tags := "-tags=lambda.norpc"
	if more := s.flag("tags"); more != "" {
		tags += "," + more
	}
	switch {
	case len(builder) > 0:
		return append([]string{tags}, builder...)
	case s.flag("ldflags") != "":
		return []string{tags}
	}
	return []string{tags, "-ldflags=-s"} // a small program, which is linked sooner
}
