package local

import (
	"os"

	"github.com/crumb-go/crumb/internal/awsproxy"
	"github.com/crumb-go/crumb/internal/gobuild"
)

// startProxy starts what functions find in place of AWS. With Options.Credentials they
// call AWS.
func (p *Project) startProxy() (err error) {
	if p.options.Credentials != nil {
		return nil
	}
	if p.proxy, err = awsproxy.Start(p.options.Log, p.given.Lookup); err != nil {
		return err
	}
	p.closers = append(p.closers, p.proxy.Close)
	p.given.Proxy = p.proxy.URL
	if p.given.AWS == "" {
		p.given.AWS = p.proxy.Refuses
	}
	return nil
}

// serveAWS has the proxy serve what is served now. Functions get the certificates that
// this needs in a file that ends with crumb.
func (p *Project) serveAWS() error {
	if p.proxy == nil {
		return nil
	}
	served := awsproxy.Served{Lambda: p.given.Lambda}
	// Where Go does not read SSL_CERT_FILE, functions get AWS_CA_BUNDLE, with which some
	// programs fail: that is for a project with tables.
	if p.given.GOOS != "darwin" && p.given.GOOS != "windows" || len(p.app().Tables) > 0 || p.options.LocalTables {
		served.DynamoDB = p.given.DynamoDB
	}
	if p.options.AWSEndpoint != "" {
		served.All = p.given.AWS
	}
	p.proxy.Serve(served)
	if !served.Opens() || p.given.Roots != "" {
		return nil
	}
	err := os.MkdirAll(p.cache, 0o700)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(p.cache, gobuild.RunPrefix)
	if err != nil {
		return err
	}
	p.closers = append(p.closers, func() error { return os.RemoveAll(dir) })
	p.given.Roots, err = p.proxy.WriteRoots(dir)
	return err
}
