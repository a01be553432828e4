package awsproxy

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Even with the authority's key nobody can certify hosts that are not below amazonaws.com.
func TestNameConstraint(t *testing.T) {
	a, err := newAuthority(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(a.root)
	for name, ok := range map[string]bool{
		"s3.us-east-1.amazonaws.com": true, "example.com": false, "amazonaws.com.example": false, "evilamazonaws.com": false,
		"s3.cn-north-1.amazonaws.com.cn": false, "localhost": false, "127.0.0.1": false, "::1": false,
	} {
		template := &x509.Certificate{NotAfter: a.root.NotAfter, DNSNames: []string{name}}
		if ip := net.ParseIP(name); ip != nil {
			template.DNSNames, template.IPAddresses = nil, []net.IP{ip}
		}
		der, err := x509.CreateCertificate(rand.Reader, template, a.root, a.hostKey.Public(), a.key)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: name}); (err == nil) != ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !a.root.PermittedDNSDomainsCritical {
		t.Error("clients may ignore the constraint")
	}
}

func TestCertificate(t *testing.T) {
	a, err := newAuthority(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for name, ok := range map[string]bool{"S3.us-east-1.amazonaws.com": true, "": false, "example.com": false, "a.execute-api.us-east-1.amazonaws.com": false} {
		first, err := a.certificate(&tls.ClientHelloInfo{ServerName: name})
		again, _ := a.certificate(&tls.ClientHelloInfo{ServerName: name})
		if (err == nil) != ok || first != again {
			t.Errorf("%q: %v %v %v", name, first, again, err)
		}
	}
}

// The file has certificates only: no key is ever written.
func TestWriteRoots(t *testing.T) {
	dir, given := t.TempDir(), t.TempDir()
	other, err := newAuthority(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"system.pem", "sdk.pem"} {
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: other.root.Raw})
		if err := os.WriteFile(filepath.Join(given, name), bytes.TrimSpace(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, _ := start(t, map[string]string{"SSL_CERT_FILE": filepath.Join(given, "system.pem"), "AWS_CA_BUNDLE": filepath.Join(given, "sdk.pem")})
	if _, err := p.ca.certificate(&tls.ClientHelloInfo{ServerName: "s3.amazonaws.com"}); err != nil {
		t.Fatal(err)
	}
	file, err := p.WriteRoots(dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got [][]byte
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			t.Errorf("the file has a %s", block.Type)
		}
		got = append(got, block.Bytes)
	}
	if len(got) != 3 || !bytes.Equal(got[0], other.root.Raw) || !bytes.Equal(got[2], p.ca.root.Raw) {
		t.Errorf("%d certificates", len(got))
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v %v", entries, err)
	}

	p, _ = start(t, map[string]string{"AWS_CA_BUNDLE": filepath.Join(given, "none.pem")})
	if _, err := p.WriteRoots(dir); err == nil || !strings.HasPrefix(err.Error(), "AWS_CA_BUNDLE: ") {
		t.Error(err)
	}
}
