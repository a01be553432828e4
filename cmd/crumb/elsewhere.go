package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// What a template of SAM or CloudFormation with functions has, also one in JSON.
var (
	hasResources = regexp.MustCompile(`(?m)^Resources:|"Resources"\s*:`)
	hasFunction  = regexp.MustCompile(`\bAWS::(Serverless|Lambda)::Function\b`)
)

// templatesBelow returns the first templates with functions below the working directory,
// by any name, as far as they are not output of a tool. It reads 10,000 names at most.
func templatesBelow() (files []string) {
	left := 10_000
	filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if left--; left < 0 || len(files) == 5 {
			return filepath.SkipAll
		}
		switch {
		case err != nil:
			return nil // an unreadable folder has none
		case d.IsDir():
			if path != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"node_modules", "vendor", "testdata", "cdk.out"}, d.Name())) {
				return filepath.SkipDir
			}
			return nil
		case !slices.Contains([]string{".yaml", ".yml", ".json", ".template"}, filepath.Ext(path)) || !d.Type().IsRegular():
			return nil
		}
		if info, err := d.Info(); err != nil || info.Size() > 1<<20 {
			return nil
		}
		if text, _ := os.ReadFile(path); hasFunction.Match(text) && hasResources.Match(text) {
			files = append(files, shellQuoted(path))
		}
		return nil
	})
	return files
}
