// Package awsproxy is what functions find in place of AWS: a server on loopback that
// refuses each call of a service that nobody serves here, by name and with an error that
// no SDK tries again, and the HTTPS proxy through which SDKs too old to read
// AWS_ENDPOINT_URL meet it, or what does serve the service.
//
// The proxy passes connections to hosts that are not AWS's on, unread. It opens those to
// AWS's hosts only if something here serves them, by certificates of an authority that
// can certify nothing but names below amazonaws.com, and whose key exists in memory
// only. Functions with real credentials must not get it.
//
// Both need a random secret: the path of the server, the password of the proxy.
package awsproxy

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http/httpproxy"

	"github.com/crumb-go/crumb/internal/hosts"
)

// Served are the URLs of what serves AWS here, "" for none.
type Served struct {
	DynamoDB string // the template's tables
	Lambda   string // the project's functions
	All      string // all other services: the emulator
}

// Opens reports whether connections to AWS's hosts are opened. For functions alone they
// are not: few programs call one another.
func (s Served) Opens() bool { return s.DynamoDB != "" || s.All != "" }

// A Proxy is the server and the proxy, on one port. Start makes one.
type Proxy struct {
	URL     string // of the proxy, with its password: for HTTPS_PROXY
	Refuses string // the URL of the server that refuses: for AWS_ENDPOINT_URL

	log      *slog.Logger
	lookup   func(string) (string, bool)
	upstream func(*url.URL) (*url.URL, error) // the developer's own proxy for a URL
	secret   string
	served   atomic.Pointer[Served]
	said     sync.Map // what is in the log already
	ca       *authority

	server, opened http.Server
	conns          *connListener // of opened
	cancel         context.CancelFunc
}

// Start listens on a free port of 127.0.0.1 until Close. The variables of the shell,
// which lookup returns as os.LookupEnv does, may name the developer's own proxy and
// certificates.
func Start(log *slog.Logger, lookup func(name string) (value string, ok bool)) (*Proxy, error) {
	ca, err := newAuthority(time.Now())
	if err != nil {
		return nil, fmt.Errorf("awsproxy: %w", err)
	}
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("awsproxy: %w", err)
	}
	p := &Proxy{log: log, lookup: lookup, secret: strings.ToLower(rand.Text()), ca: ca}
	p.URL = "http://crumb:" + p.secret + "@" + l.Addr().String()
	p.Refuses = "http://" + l.Addr().String() + "/" + p.secret
	shell := func(name string) string {
		upper, _ := lookup(name)
		lower, _ := lookup(strings.ToLower(name))
		return cmp.Or(upper, lower)
	}
	p.upstream = (&httpproxy.Config{HTTPSProxy: shell("HTTPS_PROXY"), NoProxy: shell("NO_PROXY")}).ProxyFunc()
	p.served.Store(&Served{})
	ctx, cancel := context.WithCancel(context.Background())
	p.conns, p.cancel = &connListener{make(chan net.Conn), ctx}, cancel
	p.server = http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, ErrorLog: nothing}
	p.opened = http.Server{Handler: http.HandlerFunc(p.serveAWS), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, ErrorLog: nothing}
	go p.server.Serve(l) // until Close
	go p.opened.Serve(p.conns)
	return p, nil
}

// Close ends everything, tunnels too.
func (p *Proxy) Close() error {
	p.cancel()
	p.opened.Close()
	return p.server.Close()
}

// Serve replaces what serves AWS here. It may be called concurrently with requests.
func (p *Proxy) Serve(s Served) { p.served.Store(&s) }

func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect {
		p.connect(w, r)
		return
	}
	secret, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if subtle.ConstantTimeCompare([]byte(secret), []byte(p.secret)) != 1 || !hosts.Set(nil).Allow(r.Host) {
		http.NotFound(w, r)
		return
	}
	p.refuse(w, r)
}

// connect responds to CONNECT.
func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	given := &http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
	_, password, _ := given.BasicAuth()
	host, port, err := net.SplitHostPort(r.Host)
	served := *p.served.Load()
	switch service := serviceOf(host); {
	case subtle.ConstantTimeCompare([]byte(password), []byte(p.secret)) != 1:
		w.Header().Set("Proxy-Authenticate", `Basic realm="crumb"`)
		http.Error(w, "crumb: this proxy is for the functions that crumb runs", http.StatusProxyAuthRequired)
	case err != nil:
		http.Error(w, "crumb: CONNECT needs a host and a port", http.StatusBadRequest)
	case service == "" || port != "443" || service == "cognito-idp" && served.All == "": // its keys are public, and programs fetch them
		p.tunnel(w, r)
	case !served.Opens():
		p.fail(w, http.StatusNotImplemented, p.unserved(service))
	default:
		if c, err := hijack(w); err == nil {
			p.conns.pass(tls.Server(c, &tls.Config{GetCertificate: p.ca.certificate, NextProtos: []string{"http/1.1"}}))
		}
	}
}

// serveAWS responds to a request in an opened connection.
func (p *Proxy) serveAWS(w http.ResponseWriter, r *http.Request) {
	served := *p.served.Load()
	to, host := served.All, r.Host
	switch ours := regional.FindStringSubmatch(strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(r.Host, ":443"), "."))); {
	case ours != nil && ours[1] == "dynamodb" && served.DynamoDB != "":
		to, host = served.DynamoDB, ""
	case ours != nil && ours[1] == "lambda" && served.Lambda != "":
		to, host = served.Lambda, ""
	case to == "":
		p.refuse(w, r)
		return
	}
	target, err := url.Parse(to)
	if err != nil {
		p.respond(w, r, "crumb: "+err.Error())
		return
	}
	forward := httputil.ReverseProxy{
		Rewrite: func(pr *httputil.ProxyRequest) {
			pr.SetURL(target)
			pr.Out.URL.RawQuery = pr.In.URL.RawQuery // as it is signed
			if host != "" {
				pr.Out.Host = host // has the name of a bucket
			}
		},
		Transport:     forwarding,
		FlushInterval: -1,
		ErrorLog:      nothing,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil { // else the function went away
				p.respond(w, r, p.warn(fmt.Sprintf("%s does not respond: %v", target.Host, err))) // the path may be a secret
			}
		},
	}
	forward.ServeHTTP(w, r)
}

// nothing is a log for errors that mean that a client went away.
var nothing = slog.NewLogLogger(slog.DiscardHandler, 0)

// forwarding is for loopback, where no proxy is asked.
var forwarding = &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute}

// warn logs a message, once, and returns it as crumb's.
func (p *Proxy) warn(message string) string {
	if _, known := p.said.LoadOrStore(message, true); !known {
		p.log.Warn(message)
	}
	return "crumb: " + message
}
