package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/sam"
	"github.com/crumb-go/crumb/internal/sandbox"
)

// A project is a SAM template whose functions can run.
type project struct {
	template *sam.Template
	builder  *sandbox.Builder
	pool     *sandbox.Pool
}

// projectFlags are the flags of every command that runs functions. They are
// named as sam names its own.
type projectFlags struct {
	template     string
	region       string
	maxSandboxes int
}

func (f *projectFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.template, "template", "t", "", "the SAM template (default template.yaml or template.yml)")
	flags.StringVar(&f.region, "region", "", "region that functions see (default us-east-1)")
	flags.IntVar(&f.maxSandboxes, "max-sandboxes", 0, "processes of one function at a time (default 32)")
}

// read reads the template as the flags say.
func (f *projectFlags) read() (*sam.Template, error) {
	return sam.Read(f.templateFile(), sam.Options{Region: f.region})
}

func (f *projectFlags) templateFile() string {
	if f.template != "" {
		return f.template
	}
	for _, file := range []string{"template.yml", "template.json"} {
		if _, err := os.Stat("template.yaml"); err == nil {
			break
		}
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	return "template.yaml"
}

// newProject makes the functions of template ready. What they log goes to logs.
func newProject(template *sam.Template, f projectFlags, logs io.Writer) (*project, error) {
	cache, err := sandbox.CacheDir(filepath.Dir(template.File))
	if err != nil {
		return nil, err
	}
	p := &project{template: template, builder: sandbox.NewBuilder(cache)}
	p.pool, err = sandbox.New(sandbox.Config{
		Functions:    p.functions(),
		Logs:         logs,
		Region:       f.region,
		MaxSandboxes: f.maxSandboxes,
	})
	return p, err
}

func (p *project) functions() []sandbox.Function {
	var functions []sandbox.Function
	for _, f := range p.template.Functions {
		if f.NotRun != "" {
			continue
		}
		functions = append(functions, sandbox.Function{
			Name:     f.ID,
			Handler:  f.Handler,
			Timeout:  f.Timeout,
			MemoryMB: f.MemoryMB,
			Env:      f.Env,
			Build:    func(ctx context.Context) (string, error) { return p.builder.Build(ctx, f.Dir) },
		})
	}
	return functions
}

// dirs are the folders of the functions that run.
func (p *project) dirs() []string {
	var dirs []string
	for _, f := range p.template.Functions {
		if f.NotRun == "" {
			dirs = append(dirs, f.Dir)
		}
	}
	return dirs
}

func (p *project) close() error {
	return errors.Join(p.builder.Close(), p.pool.Close())
}
