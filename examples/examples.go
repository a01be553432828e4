// Package examples holds the projects that "crumb init" writes. Each is a whole
// project, built and tested with the rest of this module, and runs from a clone:
//
//	crumb start -t examples/login
//
// It is for cmd/crumb only and changes as the projects do.
package examples

import "embed"

// Files has a folder for each project. devicebound is not among them: it shows packages
// that are experimental.
//
//go:embed cookie cookie/.gitignore chi chi/.gitignore login login/.gitignore
var Files embed.FS
