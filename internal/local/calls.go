package local

import (
	"context"
	"crypto/rand"
	"net"
	"strings"

	"github.com/crumb-go/crumb/internal/invokeapi"
)

// listenForCalls opens a port for Lambda's Invoke API, whose URL functions get in their
// environment. With Options.Credentials they call AWS.
func (p *Project) listenForCalls() (err error) {
	if p.options.Credentials != nil {
		return nil
	}
	if p.calls, err = new(net.ListenConfig).Listen(context.Background(), "tcp", net.JoinHostPort(loopback, "0")); err != nil {
		return err
	}
	p.closers = append(p.closers, func() error { p.calls.Close(); return nil }) // of a server that was never started
	p.given.Lambda = "http://" + p.calls.Addr().String() + "/" + strings.ToLower(rand.Text())
	return nil
}

// serveCalls serves that API until Close. Events are the functions' own data: they are not
// logged with Options.Verbose, which masks what HTTP events have.
func (p *Project) serveCalls() {
	if p.calls == nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	log := p.options.Log
	_, token, _ := strings.Cut(strings.TrimPrefix(p.given.Lambda, "http://"), "/")
	server := newServer(&invokeapi.Handler{Context: ctx, Token: token, App: p.app, Region: p.Region, Invoker: p.pool, Log: log}, log)
	p.closers = append(p.closers, func() error { cancel(); return server.Close() })
	go p.site.serve(server, p.calls)
}

// InvokeURL returns the endpoint at which functions invoke each other, for "aws lambda
// invoke --endpoint-url" too; "" with Options.Credentials. Its path is a secret.
func (p *Project) InvokeURL() string { return p.given.Lambda }
