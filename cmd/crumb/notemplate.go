package main

// What crumb start says where no template is.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/local"
	"github.com/crumb-go/crumb/internal/sam"
)

// orServe adds to the error that there is no template what crumb could serve in its place.
func orServe(ctx context.Context, o local.Options, err error) error {
	missing := (*sam.MissingError)(nil)
	if !errors.As(err, &missing) || o.Template != "" {
		return err
	}
	text := missing.File + " not found"
	unread := unreadTool()
	if unread != "" {
		text += ", and crumb does not read " + unread
	}
	ways := append([]string{text}, otherTemplates()...)
	templates := len(ways) > 1
	served, others := lambdaMains(ctx)
	runs := runLines(served)
	if unread == "" && !templates && runs == "" && others == nil {
		return err
	}
	if runs != "" || !templates && others == nil {
		ways = append(ways, "to serve Go programs without a template: "+cmp.Or(runs, "crumb run PACKAGE"))
	}
	if others != nil {
		ways = append(ways, "for other events than HTTP: crumb invoke "+first(others, " or ")+" --event FILE")
	}
	return errors.New(strings.Join(ways, "; "))
}

// unreadTool returns a file of a tool that deploys functions and that crumb does not read,
// "" if there is none.
func unreadTool() string {
	for _, pattern := range []string{"*.tf", "Pulumi.yaml", "sst.config.ts"} {
		if found := here(pattern); found != nil {
			return found[0]
		}
	}
	return ""
}

// writers are tools that write templates of CloudFormation: where, from which file, and by
// which command.
var writers = []struct{ templates, source, command string }{
	{"cdk.out/*.template.json", "cdk.json", "npx cdk synth"},
	{"cdk.out/assembly-*/*.template.json", "", ""},
	{".serverless/cloudformation-template-update-stack.json", "serverless.*", "build its programs as for a deployment, npx osls@3 package"},
}

// version4 matches the configuration of the Serverless Framework that osls 3 refuses; osls 4
// refuses that of earlier versions.
var version4 = regexp.MustCompile(`frameworkVersion['"]?:[^\n\d]*4`)

// otherTemplates says how to serve what other tools write, or have written, and what lies in
// other folders.
func otherTemplates() (ways []string) {
	for _, w := range writers {
		if found := here(w.templates); found != nil {
			ways = append(ways, "to serve what another tool has written: crumb start -t "+strings.Join(found, " or -t "))
		} else if found := here(w.source); found != nil {
			command := w.command
			if config, _ := os.ReadFile(found[0]); version4.Match(config) { // only that of the Serverless Framework says it
				command = strings.Replace(command, "osls@3", "osls@4", 1)
			}
			ways = append(ways, fmt.Sprintf("to serve %s: %s, then crumb start -t %s", found[0], command, strings.Replace(w.templates, "*", "STACK", 1)))
		}
	}
	if found := templatesBelow(); found != nil {
		ways = append(ways, "to serve a template: crumb start -t "+strings.Join(found, " or -t "))
	}
	return ways
}

// here returns the files in the working directory that match a well-formed pattern, for
// a shell, without the CDK's nested stacks.
func here(pattern string) (files []string) {
	found, _ := filepath.Glob(filepath.FromSlash(pattern))
	for _, file := range found {
		if !strings.HasSuffix(file, ".nested.template.json") {
			files = append(files, shellQuoted(file))
		}
	}
	return files
}

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
