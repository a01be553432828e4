package awsproxy

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// lifetime is longer than a crumb runs.
const lifetime = 365 * 24 * time.Hour

// An authority certifies AWS's hosts, until the program ends: its key is never written.
type authority struct {
	root    *x509.Certificate
	key     *ecdsa.PrivateKey // of the root
	hostKey *ecdsa.PrivateKey

	mu    sync.Mutex
	hosts map[string]*tls.Certificate
}

func newAuthority(now time.Time) (*authority, error) {
	a := &authority{hosts: map[string]*tls.Certificate{}}
	var errs [2]error
	a.key, errs[0] = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a.hostKey, errs[1] = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	all := func(bytes int) *net.IPNet { return &net.IPNet{IP: make(net.IP, bytes), Mask: make(net.IPMask, bytes)} }
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "crumb, for AWS's hosts on this machine only"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(lifetime),
		KeyUsage:              x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,

		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         []string{"amazonaws.com"},
		ExcludedIPRanges:            []*net.IPNet{all(net.IPv4len), all(net.IPv6len)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	a.root, err = x509.ParseCertificate(der)
	return a, err
}

// certificate returns one of a host of AWS's API, and an error for any other.
func (a *authority) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	host := strings.ToLower(hello.ServerName)
	if serviceOf(host) == "" {
		return nil, fmt.Errorf("%q is not a host of AWS's API", hello.ServerName)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if made := a.hosts[host]; made != nil {
		return made, nil
	}
	template := &x509.Certificate{
		DNSNames:    []string{host},
		NotBefore:   a.root.NotBefore,
		NotAfter:    a.root.NotAfter,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.root, a.hostKey.Public(), a.key)
	if err != nil {
		return nil, err
	}
	made := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.hostKey}
	a.hosts[host] = made
	return made, nil
}

// systemRoots are where systems keep the certificates that crypto/x509 trusts.
var systemRoots = []string{
	"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cacert.pem",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem", "/usr/local/etc/ssl/cert.pem", "/etc/openssl/certs/ca-certificates.crt",
}

// WriteRoots writes a file into a folder with all certificates that functions trust: the
// system's, or those of SSL_CERT_FILE, those of AWS_CA_BUNDLE, and the proxy's. The file
// replaces the variables' own.
func (p *Proxy) WriteRoots(dir string) (file string, err error) {
	var all bytes.Buffer
	add := func(path string) error {
		text, err := os.ReadFile(path)
		all.Write(append(text, '\n'))
		return err
	}
	if own, _ := p.lookup("SSL_CERT_FILE"); own != "" {
		_ = add(own) // as crypto/x509 ignores one that is not there
	} else {
		for _, path := range systemRoots {
			if err := add(path); err == nil {
				break
			} else if !errors.Is(err, fs.ErrNotExist) {
				return "", err
			}
		}
	}
	if own, _ := p.lookup("AWS_CA_BUNDLE"); own != "" {
		if err := add(own); err != nil {
			return "", fmt.Errorf("AWS_CA_BUNDLE: %w", err)
		}
	}
	if err := pem.Encode(&all, &pem.Block{Type: "CERTIFICATE", Bytes: p.ca.root.Raw}); err != nil {
		return "", err
	}
	file = filepath.Join(dir, "roots.pem")
	return file, os.WriteFile(file, all.Bytes(), 0o600)
}
