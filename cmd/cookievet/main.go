// Command cookievet finds cookies in Go source that browsers ignore, that are not
// deleted, or that are never sent: see docs/cookievet.md.
package main

import (
	"golang.org/x/tools/go/analysis/singlechecker"

	"github.com/crumb-go/crumb/internal/cookievet"
)

func main() { singlechecker.Main(cookievet.New()) }
