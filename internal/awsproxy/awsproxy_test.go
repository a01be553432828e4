package awsproxy

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// start starts a proxy, with these variables in the shell, and returns its log.
func start(t *testing.T, shell map[string]string) (*Proxy, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	p, err := Start(slog.New(slog.NewTextHandler(&log, nil)), func(name string) (string, bool) { value, ok := shell[name]; return value, ok })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p, &log
}

// connect asks for a CONNECT and returns the connection and the status line.
func connect(t *testing.T, p *Proxy, target, header string) (net.Conn, *bufio.Reader, string) {
	t.Helper()
	conn, err := net.Dial("tcp", address(p))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "CONNECT %[1]s HTTP/1.1\r\nHost: %[1]s\r\n%s\r\n", target, header)
	r := bufio.NewReader(conn)
	resp, err := http.ReadResponse(r, &http.Request{Method: http.MethodConnect})
	if err != nil {
		t.Fatal(err)
	}
	return conn, r, resp.Status
}

func address(p *Proxy) string { return p.url().Host }

func (p *Proxy) url() *url.URL {
	u, _ := url.Parse(p.URL)
	return u
}

// password is a header with the proxy's own.
func password(p *Proxy) string {
	r := &http.Request{Header: http.Header{}}
	secret, _ := p.url().User.Password()
	r.SetBasicAuth("crumb", secret)
	return "Proxy-Authorization: " + r.Header.Get("Authorization") + "\r\n"
}

// An ownProxy is the developer's: behind each CONNECT is a server that sends all back.
type ownProxy struct {
	*httptest.Server
	mu   sync.Mutex
	asks []string
}

func newOwnProxy(t *testing.T) *ownProxy {
	t.Helper()
	o := &ownProxy{}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.asks = append(o.asks, r.Method+" "+r.Host+" "+r.Header.Get("Proxy-Authorization"))
		o.mu.Unlock()
		if strings.HasPrefix(r.Host, "forbidden.") {
			http.Error(w, "", http.StatusForbidden)
			return
		}
		conn, buffer, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\nfirst ")
		io.Copy(conn, buffer)
	}))
	t.Cleanup(o.Close)
	return o
}

func TestPassword(t *testing.T) {
	own := newOwnProxy(t)
	p, log := start(t, map[string]string{"HTTPS_PROXY": own.URL})
	p.Serve(Served{All: own.URL})
	for _, header := range []string{"", "Proxy-Authorization: Basic Y3J1bWI6\r\n", "Proxy-Authorization: Bearer x\r\n", "Authorization: " + strings.TrimPrefix(password(p), "Proxy-Authorization: ")} {
		for _, target := range []string{"example.com:443", "s3.us-east-1.amazonaws.com:443", "nonsense"} {
			if _, _, status := connect(t, p, target, header); status != "407 Proxy Authentication Required" {
				t.Errorf("CONNECT %s with %q: %s", target, header, status)
			}
		}
	}
	if len(own.asks) > 0 || log.Len() > 0 {
		t.Errorf("asked %q, log %s", own.asks, log)
	}
}

// What is not AWS's API is passed on as it comes, by the developer's own proxy.
func TestTunnels(t *testing.T) {
	own := newOwnProxy(t)
	p, _ := start(t, map[string]string{"https_proxy": strings.Replace(own.URL, "//", "//me:pass@", 1), "NO_PROXY": "direct.invalid"})
	for _, served := range []Served{{}, {DynamoDB: own.URL}, {All: own.URL}} {
		p.Serve(served)
		own.asks = nil
		var want []string
		for _, target := range []string{
			"example.com:443", "example.com:8443", "amazonaws.com:443", "amazonaws.com.evil.example:443", "evilamazonaws.com:443", "s3.us-east-1.amazonaws.com:8443",
			"a1.execute-api.us-east-1.amazonaws.com:443", "s3.cn-north-1.amazonaws.com.cn:443", "dynamodb.us-east-1.api.aws:443", "[2001:db8::1]:443",
			"lb-1.us-east-1.elb.amazonaws.com:443", "a1.appsync-realtime-api.us-east-1.amazonaws.com:443", "cognito-idp.us-east-1.amazonaws.com:443",
		} {
			if strings.HasPrefix(target, "cognito") && served.All != "" {
				continue // an emulator's
			}
			want = append(want, "CONNECT "+target+" Basic bWU6cGFzcw==")
			conn, r, status := connect(t, p, target, password(p))
			if status != "200 Connection established" {
				t.Errorf("CONNECT %s: %s", target, status)
				continue
			}
			io.WriteString(conn, "not TLS")
			conn.(*net.TCPConn).CloseWrite()
			if got, err := io.ReadAll(r); err != nil || string(got) != "first not TLS" {
				t.Errorf("%s: %q %v", target, got, err)
			}
		}
		if !slices.Equal(own.asks, want) {
			t.Errorf("%+v: asked %q\nwant %q", served, own.asks, want)
		}
	}
	own.asks = nil
	if _, _, status := connect(t, p, "direct.invalid:443", password(p)); !strings.HasPrefix(status, "502 crumb: tunnel to direct.invalid:443: ") || len(own.asks) > 0 {
		t.Errorf("%s, asked %q", status, own.asks)
	}
	if _, _, status := connect(t, p, "forbidden.example:443", password(p)); status != "502 crumb: tunnel to forbidden.example:443: your proxy says 403 Forbidden" {
		t.Error(status)
	}
}

// Close ends tunnels that are open.
func TestClose(t *testing.T) {
	own := newOwnProxy(t)
	p, _ := start(t, map[string]string{"HTTPS_PROXY": own.URL})
	_, r, _ := connect(t, p, "example.com:443", password(p))
	if _, err := r.ReadString(' '); err != nil {
		t.Fatal(err)
	}
	p.Close()
	if _, err := r.ReadByte(); err == nil {
		t.Error("the tunnel is still there")
	}
}

// Where nothing serves AWS, no connection is opened: the status line says why.
func TestRefusesToConnect(t *testing.T) {
	for host, name := range map[string]string{
		"dynamodb.us-east-1.amazonaws.com": "DynamoDB", "streams.dynamodb.eu-west-1.amazonaws.com": "DynamoDB", "dynamodb.us-gov-west-1.amazonaws.com": "DynamoDB",
		"dynamodb-fips.us-east-1.amazonaws.com": "DynamoDB", "my.bucket.s3.us-east-1.amazonaws.com": "S3", "bucket.s3-us-west-2.amazonaws.com": "S3",
		"s3.amazonaws.com": "S3", "s3.dualstack.us-east-1.amazonaws.com": "S3", "b.s3-accelerate.dualstack.amazonaws.com": "S3", "SQS.us-east-1.amazonaws.com.": "SQS",
		"secretsmanager.us-east-1.amazonaws.com": "Secrets Manager", "iam.amazonaws.com": "IAM", "email.us-east-1.amazonaws.com": "SES", "api.ecr.us-east-1.amazonaws.com": "ECR",
		"lambda.us-east-1.amazonaws.com": "Lambda", "rekognition.us-east-1.amazonaws.com": "rekognition",
	} {
		p, log := start(t, nil)
		p.Serve(Served{Lambda: "http://127.0.0.1:1"})
		want := "nobody serves " + name + " here: start crumb with --aws-endpoint http://127.0.0.1:4566 (an emulator of AWS), or with --aws-credentials"
		for range 2 {
			if _, _, status := connect(t, p, host+":443", password(p)); status != "501 crumb: "+want {
				t.Errorf("CONNECT %s: %s", host, status)
			}
		}
		if strings.Count(log.String(), want) != 1 {
			t.Errorf("%s: log %s", host, log)
		}
	}
}

// client is of a function: it has the proxy, and trusts the file of WriteRoots only.
func client(t *testing.T, p *Proxy) *http.Client {
	t.Helper()
	file, err := p.WriteRoots(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	transport := &http.Transport{Proxy: http.ProxyURL(p.url()), TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// says is a server that says its name, and what it was asked.
func says(t *testing.T, name string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s%s %s %s", name, r.Method, r.Host, r.RequestURI, body, r.Header.Get("X-Forwarded-For"))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestOpens(t *testing.T) {
	emulator, tables, lambda := says(t, "emulator")+"/base", says(t, "tables")+"/secret", says(t, "lambda")+"/secret"
	const dynamodb, s3 = "https://dynamodb.us-east-1.amazonaws.com/", "https://my-bucket.s3.us-east-1.amazonaws.com/a%2Fb//c?x=1;y"
	for _, tc := range []struct {
		served    Served
		url, want string // with the host of the server that responds left out
	}{
		{Served{DynamoDB: tables}, dynamodb, "tables POST /secret/ body "},
		{Served{DynamoDB: tables, All: emulator}, dynamodb, "tables POST /secret/ body "},
		{Served{All: emulator}, dynamodb, "emulator POST dynamodb.us-east-1.amazonaws.com/base/ body "},
		{Served{All: emulator}, s3, "emulator POST my-bucket.s3.us-east-1.amazonaws.com/base/a%2Fb//c?x=1;y body "},
		{Served{All: emulator}, "https://cognito-idp.us-east-1.amazonaws.com/pool/jwks", "emulator POST cognito-idp.us-east-1.amazonaws.com/base/pool/jwks body "},
		{Served{DynamoDB: tables, Lambda: lambda}, "https://lambda.us-east-1.amazonaws.com/2015-03-31/x", "lambda POST /secret/2015-03-31/x body "},
		{Served{DynamoDB: tables, All: emulator}, "https://DynamoDB.us-east-1.amazonaws.com./", "tables POST /secret/ body "},
		{Served{DynamoDB: tables}, "https://dynamodb.s3.amazonaws.com/", "nobody serves S3 here"}, // a bucket
		{Served{DynamoDB: tables}, "https://streams.dynamodb.us-east-1.amazonaws.com/", "nobody serves DynamoDB here"},
		{Served{DynamoDB: tables}, s3, "nobody serves S3 here"},
		{Served{All: "http://127.0.0.1:1/secret"}, s3, "<Message>crumb: 127.0.0.1:1 does not respond: dial tcp 127.0.0.1:1: connect"},
	} {
		p, _ := start(t, nil)
		p.Serve(tc.served)
		resp, err := client(t, p).Post(tc.url, "text/plain", strings.NewReader("body"))
		if err != nil {
			t.Errorf("%s: %v", tc.url, err)
			continue
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		text := string(body)
		for _, own := range []string{tables, lambda} {
			u, _ := url.Parse(own)
			text = strings.ReplaceAll(text, u.Host, "")
		}
		if !strings.Contains(text, tc.want) {
			t.Errorf("%s with %+v = %s %s\nwant %s", tc.url, tc.served, resp.Status, text, tc.want)
		}
	}
}

// The server refuses on its own path only, and only for names of this machine.
func TestRefuses(t *testing.T) {
	p, log := start(t, nil)
	secret := strings.TrimPrefix(p.Refuses, "http://"+address(p))
	for _, tc := range []struct {
		path, host string
		want       int
	}{
		{secret, "", 501}, {secret + "/bucket/key", "localhost", 501},
		{"/", "", 404}, {"/wrong/bucket", "", 404}, {secret + "x", "", 404}, {secret, "evil.example", 404},
	} {
		r, _ := http.NewRequest("GET", "http://"+address(p)+tc.path, nil)
		r.Host = tc.host
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tc.want {
			t.Errorf("%s of %q: %s, want %d", tc.path, tc.host, resp.Status, tc.want)
		}
	}
	if strings.Contains(log.String(), secret[1:]) {
		t.Error("the log has the path")
	}
}
