package local

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/resources"
)

// made is what the reader of a template is told about resources at Options.AWSEndpoint.
type made struct {
	types   []string
	known   map[string]map[string]string
	account string
}

// readTemplate reads the template. With Options.AWSEndpoint it first makes the resources that are
// not there yet, so that Ref and GetAtt are what they return; those that were in an
// earlier reading stay.
func (p *Project) readTemplate(ctx context.Context) (reading, error) {
	o := p.options
	if o.AWSEndpoint == "" || len(o.Packages) > 0 {
		return o.read()
	}
	o.made.types = resources.Types()
	if o.LocalTables {
		o.made.types = slices.DeleteFunc(o.made.types, func(kind string) bool {
			return strings.HasPrefix(kind, "AWS::DynamoDB::") || kind == "AWS::Serverless::SimpleTable"
		})
	}
	const rounds = 10 // of resources that refer to each other
	for round := 0; ; round++ {
		if p.maker != nil {
			o.made.known, o.made.account = p.maker.Known(), p.maker.Account
		}
		read, err := o.read()
		if err != nil {
			return read, err
		}
		found := slices.DeleteFunc(slices.Clone(read.app.Resources), func(r app.Resource) bool { return !slices.Contains(o.made.types, r.Type) })
		n, err := p.makeResources(ctx, read.region, found)
		if err != nil {
			return read, fmt.Errorf("--aws-endpoint: %w", err)
		}
		if n == 0 || round == rounds {
			read.app.Findings = append(read.app.Findings, resources.Findings(read.app.Resources)...)
			return read, nil
		}
	}
}

// makeResources makes some of those that are not there, and returns how many.
func (p *Project) makeResources(ctx context.Context, region string, found []app.Resource) (n int, err error) {
	if len(found) == 0 {
		return 0, nil
	}
	if p.maker == nil {
		if p.maker, err = resources.New(ctx, p.given.AWS, region); err != nil {
			return 0, err
		}
		return 1, nil // to read again, with the account
	}
	if n, err = p.maker.Make(ctx, found, false); n == 0 && err == nil {
		n, err = p.maker.Make(ctx, found, true)
	}
	return n, err
}
