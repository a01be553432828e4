package main

// The programs for Lambda in and below the working directory.

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/doors"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// lambdaMains lists the programs for Lambda in and below the working directory: those for
// each door, and those that read no HTTP event.
func lambdaMains(ctx context.Context) (served map[frontdoor.Door][]string, others []string) {
	here, err := filepath.Abs(".")
	if err != nil {
		return nil, nil
	}
	programs, _ := gobuild.LambdaMains(ctx, here) // without a go command there are none
	served = map[frontdoor.Door][]string{}
	for _, p := range programs {
		rel, err := filepath.Rel(here, p.Dir)
		if err != nil {
			continue
		}
		dir := strings.TrimSuffix("./"+filepath.ToSlash(rel), "/.")
		if door, _, isHTTP := doors.Of(p); isHTTP {
			served[door] = append(served[door], dir)
		} else {
			others = append(others, dir)
		}
	}
	return served, others
}

// runLines returns the crumb run of each door, "" if there are none.
func runLines(served map[frontdoor.Door][]string) string {
	var lines []string
	for _, door := range slices.Sorted(maps.Keys(served)) {
		line := "crumb run"
		if door != "" {
			line += " --door " + string(door)
		}
		lines = append(lines, line+" "+first(served[door], " "))
	}
	return strings.Join(lines, " or ")
}

// first writes the folders of programs as a shell reads them, and of many the first.
func first(dirs []string, separator string) string {
	const most = 12
	var quoted []string
	for _, dir := range dirs[:min(most, len(dirs))] {
		quoted = append(quoted, shellQuoted(dir))
	}
	text := strings.Join(quoted, separator)
	if more := len(dirs) - most; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}
