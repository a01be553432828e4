package main_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// In a project that does not use Crumb, the mistake of each kind is found, by go vet and
// by cookievet itself, and nothing else.
func TestPlantedMistakes(t *testing.T) {
	tool := filepath.Join(t.TempDir(), "cookievet.exe")
	if out, err := exec.Command("go", "build", "-o", tool, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	want := planted(t)
	for _, row := range []struct {
		name    string
		command []string
		exit    int
		want    []string
	}{
		{"vet", []string{"go", "vet", "-vettool=" + tool, "-httponly", "./..."}, 1, want},
		{"alone", []string{tool, "-httponly", "./..."}, 3, want},
		{"default", []string{tool, "./..."}, 3, slices.DeleteFunc(slices.Clone(want), func(s string) bool { return strings.HasSuffix(s, " httponly") })},
		{"some", []string{tool, "-samesite=false", "-prefix=false", "-deletion=false", "-late=false", "-value=false", "-lambda=false", "./..."}, 3,
			slices.DeleteFunc(slices.Clone(want), func(s string) bool { return !strings.HasSuffix(s, " maxage") })},
	} {
		t.Run(row.name, func(t *testing.T) {
			cmd := exec.Command(row.command[0], row.command[1:]...)
			cmd.Dir = filepath.Join("testdata", "shop")
			out, _ := cmd.CombinedOutput()
			if got := cmd.ProcessState.ExitCode(); got != row.exit {
				t.Errorf("exit code %d, want %d\n%s", got, row.exit, out)
			}
			var got []string
			for _, m := range regexp.MustCompile(`shop\.go:(\d+):\d+: .*\[(\w+)\]`).FindAllStringSubmatch(string(out), -1) {
				got = append(got, m[1]+" "+m[2])
			}
			slices.Sort(got)
			if !slices.Equal(got, row.want) {
				t.Errorf("found %q, want %q\n%s", got, row.want, out)
			}
		})
	}
}

// planted returns the line and the kind of each mistake in the project.
func planted(t *testing.T) (out []string) {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("testdata", "shop", "shop.go"))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range bytes.Split(source, []byte("\n")) {
		if _, kind, ok := bytes.Cut(line, []byte("// planted: ")); ok {
			out = append(out, strconv.Itoa(i+1)+" "+string(kind))
		}
	}
	if len(out) != 8 {
		t.Fatalf("%d planted mistakes, want one of each of 8 kinds", len(out))
	}
	slices.Sort(out)
	return out
}
