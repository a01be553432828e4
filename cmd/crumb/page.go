package main

import (
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/page"
	"github.com/crumb-go/crumb/internal/scaffold"
)

// explainPage writes the page into dir, unless that is empty, and serves it if asked to,
// until the command's context ends.
func explainPage(cmd *cobra.Command, serve bool, dir string) error {
	ctx, stop := untilOrphaned(cmd.Context())
	defer stop()
	fmt.Fprintln(cmd.ErrOrStderr(), "Compiling the page; the first time takes up to a minute")
	info, _ := debug.ReadBuildInfo()
	files, err := page.Build(ctx, scaffold.FindSource(info))
	if ctx.Err() != nil {
		return exitCode(1) // the user knows why
	}
	if err != nil {
		return err
	}
	if dir != "" {
		if err := files.Write(dir); err != nil {
			return err
		}
		fmt.Fprintf(cmd.OutOrStdout(), "Wrote the page to %s: any web server can serve it\n", dir)
	}
	if !serve {
		return nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "Listening on http://%s/ (Ctrl-C stops)\n", listener.Addr())
	server := &http.Server{Handler: files, ReadHeaderTimeout: time.Minute}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.Serve(listener); ctx.Err() == nil {
		return err
	}
	return nil
}
