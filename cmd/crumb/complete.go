package main

import (
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/local"
)

// doorNames are the values of DOOR and --door.
var doorNames = []cobra.Completion{"rest", "http", "http1", "url", "alb", "alb-multi"}

// A completer lists completions.
type completer = func(cmd *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective)

// completeTemplate completes a flag or the first argument from the template that o
// names. If it cannot be read, there are no completions.
func completeTemplate(o *local.Options, list func(*app.App) []cobra.Completion) completer {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		a, err := local.Read(*o)
		if err != nil || len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return list(a), cobra.ShellCompDirectiveNoFileComp
	}
}

// functionIDs returns the logical ids of the functions that run, with their
// folders.
func functionIDs(template *app.App) []cobra.Completion {
	var ids []cobra.Completion
	for f := range template.Runnable() {
		ids = append(ids, cobra.CompletionWithDesc(f.ID, filepath.Base(f.Dir)))
	}
	return ids
}

// apiIDs returns the logical ids of the APIs that have a route.
func apiIDs(template *app.App) []cobra.Completion {
	var ids []cobra.Completion
	for _, api := range template.APIs {
		if len(api.Routes) > 0 {
			ids = append(ids, cobra.CompletionWithDesc(api.ID, string(api.Kind)))
		}
	}
	return ids
}

// eventNames are the values of DOOR and SOURCE of crumb event.
func eventNames() []cobra.Completion {
	names := append(slices.Clone(doorNames), "lattice")
	for _, s := range eventSources {
		names = append(names, s.name)
	}
	return names
}

// completeEvent completes DOOR or SOURCE, and METHOD.
func completeEvent(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return eventNames(), cobra.ShellCompDirectiveNoFileComp
	case 1:
		if sourceOf(args[0]) != nil {
			break
		}
		return []cobra.Completion{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}
