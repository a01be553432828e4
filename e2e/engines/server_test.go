package engines

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"html/template"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A step is one response of a trial, or one script: it sets its line, and leads to
// the next step. The last step has no line: it is where the Cookie header is read.
type step struct {
	url    string // without the port: "https://w.t7.s1.example/a/b"
	line   string // or several, one a row
	script bool   // document.cookie = line
	last   bool
}

// A trial sends lines to a browser and reads what comes back.
type trial struct {
	reason string // for which it was made
	page   string // the page that it is tried in, in the address bar
	steps  []step
}

// A stand serves trials on every host name of two ports. A browser that opens its
// start page goes through all trials by itself.
type stand struct {
	ports  map[string]string // by scheme
	ca     []byte            // in PEM
	trials []trial
	pages  []page

	mu     sync.Mutex
	cookie map[int]string // the Cookie header of each trial that was read
	done   chan struct{}
}

// A page is the address bar while several trials run.
type page struct {
	url    string
	trials []int
}

func newStand(t *testing.T, trials []trial) *stand {
	s := &stand{ports: map[string]string{}, trials: trials}
	last := map[string]int{}
	for n, trial := range trials {
		at, ok := last[trial.page]
		if !ok {
			at = len(s.pages)
			last[trial.page] = at
			s.pages = append(s.pages, page{url: trial.page})
		}
		s.pages[at].trials = append(s.pages[at].trials, n)
	}
	certificate, ca := newAuthority(t)
	s.ca = ca
	for _, scheme := range []string{"http", "https"} {
		server := &http.Server{Handler: http.HandlerFunc(s.serve), ErrorLog: log.New(t.Output(), scheme+": ", 0), MaxHeaderBytes: 1 << 20}
		if scheme == "https" {
			server.TLSConfig = &tls.Config{GetCertificate: certificate, NextProtos: []string{"http/1.1"}}
		}
		for n := range 40 { // addresses of this machine
			port := s.ports[scheme]
			if port == "" {
				port = "0"
			}
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.%d:%s", n+1, port))
			if err != nil {
				t.Fatal(err)
			}
			_, s.ports[scheme], _ = net.SplitHostPort(l.Addr().String())
			if scheme == "https" {
				l = tls.NewListener(l, server.TLSConfig)
			}
			go server.Serve(l)
		}
		t.Cleanup(func() { server.Close() })
	}
	return s
}

// newAuthority returns a certificate for every host, and the authority behind it.
func newAuthority(t *testing.T) (func(*tls.ClientHelloInfo) (*tls.Certificate, error), []byte) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "e2e/engines"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, root, root, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	known := map[string]*tls.Certificate{}
	certificate := func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		mu.Lock()
		defer mu.Unlock()
		name := hello.ServerName
		if c := known[name]; c != nil {
			return c, nil
		}
		leaf := &x509.Certificate{
			SerialNumber: big.NewInt(int64(len(known) + 2)), Subject: pkix.Name{CommonName: "leaf"}, DNSNames: []string{name},
			NotBefore: root.NotBefore, NotAfter: root.NotAfter, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}
		der, err := x509.CreateCertificate(rand.Reader, leaf, root, key.Public(), key)
		if err != nil {
			return nil, err
		}
		known[name] = &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
		return known[name], nil
	}
	return certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// begin forgets what was read, for the next browser.
func (s *stand) begin() (start string, done chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cookie, s.done = map[int]string{}, make(chan struct{})
	return s.pageURL(0), s.done
}

func (s *stand) pageURL(n int) string { return s.at(s.pages[n].url) + "?page=" + strconv.Itoa(n) }

// at adds the port to a URL.
func (s *stand) at(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		panic(err)
	}
	u.Host += ":" + s.ports[u.Scheme]
	return u.String()
}

func (s *stand) stepURL(n, step int) string {
	return fmt.Sprintf("%s?trial=%d&step=%d", s.at(s.trials[n].steps[step].url), n, step)
}

func (s *stand) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	number := func(key string) int {
		n, err := strconv.Atoi(r.URL.Query().Get(key))
		if err != nil {
			return -1
		}
		return n
	}
	if n := number("page"); 0 <= n && n < len(s.pages) {
		s.servePage(w, n)
	} else if n := number("trial"); 0 <= n && n < len(s.trials) {
		s.serveStep(w, r, n, number("step"))
	} else if r.URL.Path == "/done" {
		close(s.done)
	} else {
		http.NotFound(w, r) // favicon.ico
	}
}

func (s *stand) serveStep(w http.ResponseWriter, r *http.Request, n, at int) {
	step := s.trials[n].steps[at]
	if step.last {
		s.mu.Lock()
		s.cookie[n] = strings.Join(r.Header["Cookie"], "; ")
		s.mu.Unlock()
		fmt.Fprint(w, "<script>parent.postMessage(1, '*')</script>")
		return
	}
	next := s.stepURL(n, at+1)
	if step.script {
		if err := scriptPage.Execute(w, map[string]string{"Line": step.line, "Next": next}); err != nil {
			panic(err)
		}
		return
	}
	w.Header()["Set-Cookie"] = strings.Split(step.line, "\n") // net/http sends every byte but CR and LF
	w.Header().Set("Location", next)
	w.WriteHeader(http.StatusFound)
}

var scriptPage = template.Must(template.New("").Parse(`<script>document.cookie = {{.Line}}; location.replace({{.Next}})</script>`))

func (s *stand) servePage(w http.ResponseWriter, n int) {
	type view struct {
		URL   string
		Frame bool
	}
	var trials []view
	for _, t := range s.pages[n].trials {
		v := view{URL: s.stepURL(t, 0)}
		for _, step := range s.trials[t].steps {
			v.Frame = v.Frame || step.script
		}
		trials = append(trials, v)
	}
	next := s.at(s.pages[n].url) + "done"
	if n+1 < len(s.pages) {
		next = s.pageURL(n + 1)
	}
	if err := trialsPage.Execute(w, map[string]any{"Trials": trials, "Next": next}); err != nil {
		panic(err)
	}
}

// The page runs its trials side by side: each has a separate host.
var trialsPage = template.Must(template.New("").Parse(`<!doctype html><title>trials</title><body><script>
function frame(url) {
	return new Promise(done => {
		const f = document.createElement("iframe");
		addEventListener("message", e => { if (e.source === f.contentWindow) done(); });
		f.src = url;
		document.body.append(f);
	});
}
async function run(trials, next) {
	await Promise.all(trials.map(t => t.Frame ? frame(t.URL) : fetch(t.URL, {mode: "no-cors", credentials: "include"}).catch(() => {})));
	location.replace(next);
}
run({{.Trials}}, {{.Next}});
</script>`))
