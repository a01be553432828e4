// Package devicebound_test binds sessions in a real browser: Chromium, with keys in software,
// over HTTPS with a certificate that it trusts, against examples/devicebound.
package devicebound_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/crumb-go/crumb/e2e/chromium"
	"github.com/crumb-go/crumb/e2e/testenv"
)

// features let Chromium keep keys without hardware, and refresh as often as these short
// cookies need.
const features = "DeviceBoundSessions:RequireOriginTrialTokens/false/RefreshQuota/false,EnableBoundSessionCredentialsSoftwareKeysForManualTesting"

const boundCookie = "__Host-bound"

// A session is bound, refreshed while it is used, worthless to a thief who has copied the
// jar once the bound cookie has run out, and ended.
func TestBound(t *testing.T) {
	s := serve(t)
	b := s.browser(t, chromedp.Flag("enable-features", features))
	s.signIn(t, b)
	s.until(t, b, "the session is bound", func(p chromium.Page) bool { return strings.Contains(p.Text, "is bound to this device") })
	stolen := jar(t, b)
	if stolen[boundCookie] == "" {
		t.Fatal("the browser has no bound cookie")
	}
	for n, last := 0, stolen[boundCookie]; n < 5; {
		p := s.open(t, b)
		if p.Status != 200 || !strings.Contains(p.Text, "Hello, name!") || !strings.Contains(p.Text, "is bound") {
			t.Fatalf("after %d refreshes: %d %s", n, p.Status, p.Text)
		}
		if now := jar(t, b)[boundCookie]; now != "" && now != last {
			n, last = n+1, now
		}
		time.Sleep(200 * time.Millisecond)
	}
	if status := s.with(t, stolen); status == 200 {
		t.Errorf("the copied jar opens the door five refreshes later: %d", status)
	}
	s.inProfile(t, stolen)
	delete(stolen, boundCookie)
	if status := s.with(t, stolen); status == 200 { // 307 for some seconds after the registration, then 401
		t.Errorf("the copied jar without its bound cookie opens the door: %d", status)
	}
	if p := s.open(t, b); p.Status != 200 {
		t.Errorf("after the thief: %d %s", p.Status, p.Text)
	}
	left := jar(t, b)
	if _, err := b.Follow(chromedp.Click("button")); err != nil {
		t.Fatal(err)
	}
	if p := s.open(t, b); p.Status != 401 {
		t.Errorf("after the logout: %d %s", p.Status, p.Text)
	}
	if status := s.with(t, left); status != 401 {
		t.Errorf("the jar from before the logout: %d, want 401", status)
	}
}

// A browser that has spent the six signatures that Chromium allows a site in nine minutes
// says so, and the user is not signed out.
func TestQuota(t *testing.T) {
	s := serve(t)
	b := s.browser(t, chromedp.Flag("enable-features", strings.Replace(features, "/RefreshQuota/false", "", 1)))
	s.signIn(t, b)
	s.until(t, b, "the session is bound", func(p chromium.Page) bool { return strings.Contains(p.Text, "is bound to this device") })
	s.until(t, b, "the quota is spent", func(p chromium.Page) bool {
		if p.Status != 200 && p.Status != 503 {
			t.Fatalf("%d %s", p.Status, p.Text)
		}
		return p.Status == 503
	})
	if left := jar(t, b); left["__Host-id"] == "" || left[boundCookie] != "" {
		t.Errorf("the browser has %v", slices.Sorted(maps.Keys(left)))
	}
}

// A browser without keys signs in unbound.
func TestUnbound(t *testing.T) {
	s := serve(t)
	b := s.browser(t, chromedp.Flag("disable-features", "DeviceBoundSessions"))
	s.signIn(t, b)
	if p := s.open(t, b); p.Status != 200 || !strings.Contains(p.Text, "is not bound") || jar(t, b)[boundCookie] != "" {
		t.Errorf("%d %s", p.Status, p.Text)
	}
}

type site struct {
	url, home string
	client    *http.Client // trusts the certificate, follows no redirects
}

// trusted makes certificates, and a home in which Chromium trusts them.
func trusted(t *testing.T) (home string, ca *x509.Certificate, cert, key string) {
	certutil := testenv.Tool(t, "certutil")
	home = t.TempDir()
	ca, cert, key = certificates(t, home)
	db := "sql:" + filepath.Join(home, ".pki", "nssdb")
	if err := os.MkdirAll(filepath.Join(home, ".pki", "nssdb"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-N", "--empty-password"}, {"-A", "-t", "C,,", "-n", "crumb", "-i", filepath.Join(home, "ca.pem")}} {
		if out, err := exec.Command(certutil, append([]string{"-d", db}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("certutil: %v\n%s", err, out)
		}
	}
	return home, ca, cert, key
}

// serve starts the example with a bound cookie of two seconds.
func serve(t *testing.T) *site {
	home, ca, cert, key := trusted(t)
	crumb := testenv.Start(t, exec.Command(testenv.Build(t), "start", "--port", "0", "--inspect-port", "off", "--template", "examples/devicebound/template.yaml",
		"--tls-cert-file", cert, "--tls-key-file", key, "--parameter-overrides", "BoundCookieSeconds=2"))
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	return &site{strings.Replace(crumb.URL, "127.0.0.1", "localhost", 1), home, &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// certificates writes a CA, and a certificate for localhost with its key.
func certificates(t *testing.T, dir string) (ca *x509.Certificate, cert, key string) {
	t.Helper()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	issue := func(template, parent *x509.Certificate, signer *ecdsa.PrivateKey) ([]byte, *ecdsa.PrivateKey) {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if signer == nil {
			signer = k
		}
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(30*24*time.Hour)
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &k.PublicKey, signer)
		if err != nil {
			t.Fatal(err)
		}
		return der, k
	}
	root := &x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	root.Subject.CommonName = "crumb e2e"
	der, rootKey := issue(root, root, nil)
	write("ca.pem", "CERTIFICATE", der)
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{"localhost"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, leafKey := issue(leaf, ca, rootKey)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(leafKey)
	if err != nil {
		t.Fatal(err)
	}
	return ca, write("leaf.pem", "CERTIFICATE", der), write("leaf.key", "PRIVATE KEY", pkcs8)
}

func (s *site) browser(t *testing.T, more ...chromedp.ExecAllocatorOption) *chromium.Browser {
	t.Helper()
	b, err := chromium.Start(t.Context(), testenv.Tool(t, "chromium"), chromium.EveryHost,
		append(more, chromedp.Env("HOME="+s.home), chromedp.Flag("ignore-certificate-errors", false))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func (s *site) signIn(t *testing.T, b *chromium.Browser) {
	t.Helper()
	if _, err := b.Open(s.url + "/login"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Follow(chromedp.SendKeys("[name=username]", "name"), chromedp.SendKeys("[name=password]", "password"), chromedp.Click("button")); err != nil {
		t.Fatal(err)
	}
}

func (s *site) open(t *testing.T, b *chromium.Browser) chromium.Page {
	t.Helper()
	p, err := b.Open(s.url + "/me")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// until opens /me until it is as wanted, or the test's time is over.
func (s *site) until(t *testing.T, b *chromium.Browser, what string, is func(chromium.Page) bool) {
	t.Helper()
	for range 100 {
		if is(s.open(t, b)) {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

// with returns the status of /me for a client with cookies.
func (s *site) with(t *testing.T, cookies map[string]string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// inProfile opens /me with stolen cookies in another profile, which can keep keys but has not
// this one. It is redirected for as long as the grace lasts, and then refused.
func (s *site) inProfile(t *testing.T, stolen map[string]string) {
	t.Helper()
	thief := s.browser(t, chromedp.Flag("enable-features", features))
	for name, value := range stolen {
		c := network.SetCookieParams{Name: name, Value: value, URL: s.url, Path: "/", Secure: new(true), HTTPOnly: new(true), SameSite: network.CookieSameSiteLax}
		if _, err := chromedp.Call(thief.Tab, network.SetCookie, c); err != nil {
			t.Fatal(err)
		}
	}
	if len(jar(t, thief)) != len(stolen) {
		t.Fatalf("the other profile has %d cookies", len(jar(t, thief)))
	}
	for range 100 {
		switch p, err := thief.Open(s.url + "/me"); {
		case err != nil && !strings.Contains(err.Error(), "ERR_TOO_MANY_REDIRECTS"):
			t.Fatal(err)
		case err == nil && p.Status == 401:
			return
		case err == nil && p.Status != 307: // the status before a redirect
			t.Fatalf("the copied jar in another profile: %d %s", p.Status, p.Text)
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Error("the copied jar in another profile is never refused")
}

func jar(t *testing.T, b *chromium.Browser) map[string]string {
	t.Helper()
	cookies, err := b.Jar()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, c := range cookies {
		all[c.Name] = c.Value
	}
	return all
}
