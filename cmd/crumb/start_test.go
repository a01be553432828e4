package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/local/localtest"
)

// startCrumb runs "crumb start" with further arguments until the test ends, and
// returns the given number of lines of its stdout.
func startCrumb(t *testing.T, lines int, args ...string) (stdout []string, stderr *localtest.Buffer) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	stderr = new(localtest.Buffer)
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"start", "--port", "0"}, args...), nil, w, stderr)
		w.Close()
	}()
	scanner := bufio.NewScanner(r)
	t.Cleanup(func() {
		cancel()
		for scanner.Scan() {
			t.Errorf("stdout has more: %s", scanner.Text())
		}
		if c := <-code; c != 0 {
			t.Errorf("crumb start ended with exit code %d", c)
		}
		if t.Failed() {
			t.Logf("stderr:\n%s", stderr)
		}
	})
	for len(stdout) < lines && scanner.Scan() {
		stdout = append(stdout, scanner.Text())
	}
	if len(stdout) < lines {
		t.Fatalf("stdout %q, want %d lines", stdout, lines)
	}
	return stdout, stderr
}

// listening returns the URL in the "Listening on" line of stdout.
func listening(t *testing.T, line string) (url string) {
	t.Helper()
	url, ok := strings.CutPrefix(line, "Listening on ")
	if url, _, _ = strings.Cut(url, " "); !ok {
		t.Fatalf("stdout has %q, want the line that begins with Listening on", line)
	}
	return url
}

// TestStart reads everything that crumb start prints and logs. The lesson's whole
// round trip is tested in e2e.
func TestStart(t *testing.T) {
	want := []string{ // in the order of the template
		"/  IndexFunction",
		"/setcookie  SetCookieFunction",
		"/getcookie  GetCookieFunction",
		"/deletecookie  DeleteCookieFunction",
		"/visits  VisitsFunction",
		"/login  LoginFunction",
		"/logout  LogoutFunction",
		"/me  MeFunction",
	}
	n := len(want)
	stdout, stderr := startCrumb(t, n+2, "--template", "../../template.yaml")
	for _, line := range stdout {
		rest, isRoute := strings.CutPrefix(line, "ANY  http://")
		if _, route, _ := strings.Cut(rest, "/"); isRoute && !slices.Contains(want, "/"+route) {
			t.Fatalf("crumb start prints a route that `want` lacks: /%s", route)
		}
	}
	url := listening(t, stdout[n])
	for i, route := range want {
		if line := "ANY  " + url + route; stdout[i] != line {
			t.Errorf("line %d of stdout is %q, want %q", i, stdout[i], line)
		}
	}
	page, ok := strings.CutPrefix(stdout[n+1], "Inspector on ")
	if stdout[n] != "Listening on "+url+" (Ctrl-C stops)" || !ok || !strings.HasPrefix(page, "http://") {
		t.Errorf("stdout ends with %q", stdout[n:])
	}
	localtest.Get(t, url+"/setcookie")
	if status, body := localtest.Get(t, page+"value?out=1&n=0"); status != 200 || !strings.HasPrefix(body, "username=Cobby; ") {
		t.Errorf("the inspector has of the first Set-Cookie line: %d %q", status, body)
	}
	token := strings.Split(strings.TrimPrefix(page, "http://"), "/")[1]
	if status, body := localtest.Get(t, strings.Replace(page, token, "", 1)); status != 404 {
		t.Errorf("without the token: %d %q", status, body)
	}
	if status, body := localtest.Get(t, url+"/visits"); status != 200 || body != "Welcome! This is your first visit." { // it needs a key ring
		t.Errorf("GET /visits = %d %q", status, body)
	}
	for _, line := range []string{"START RequestId: ", "REPORT RequestId: ", "Api: deployed, the URL begins with /prod, "} {
		if !strings.Contains(stderr.String(), line) {
			t.Errorf("stderr has no line %q", line)
		}
	}
	if text := stderr.String(); strings.Contains(text, token) || strings.Contains(text, "Cobby") {
		t.Error("the log has the token of the inspector, or a value")
	}
}

// twoAPIs is a template that does not need a compiler.
const twoAPIs = "../../internal/local/testdata/apis.yaml"

// TestStartInvoke calls a function at the URL that is printed for the AWS CLI.
func TestStartInvoke(t *testing.T) {
	_, stderr := startCrumb(t, 10, "--template", "../../template.yaml")
	const before, after = "Lambda's Invoke API on ", " (aws lambda invoke --endpoint-url)\n"
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(stderr.String(), after); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("stderr has no line with the URL: %s", stderr)
		}
	}
	_, url, _ := strings.Cut(stderr.String(), before)
	url, _, _ = strings.Cut(url, after)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/2015-03-31/functions/IndexFunction/invocations", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Log-Type", "Tail")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	log, _ := base64.StdEncoding.DecodeString(resp.Header.Get("X-Amz-Log-Result"))
	if resp.StatusCode != 200 || resp.Header.Get("X-Amz-Function-Error") == "" || !strings.HasPrefix(string(log), "START RequestId: ") { // {} is not an HTTP event
		t.Errorf("%d %v, log %q", resp.StatusCode, resp.Header, log)
	}
}

// TestStartTLS also holds that --no-inspect, the old name of --inspect-port off, prints
// no inspector's URL.
func TestStartTLS(t *testing.T) {
	stdout, stderr := startCrumb(t, 3, "-t", twoAPIs, "--tls", "--no-inspect", "--no-watch")
	url := listening(t, stdout[2])
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	resp, err := client.Get(url + "/a")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if !strings.HasPrefix(url, "https://") || resp.StatusCode != 502 {
		t.Errorf("GET %s/a = %d, want https and 502: the function is not run", url, resp.StatusCode)
	}
	if names := resp.TLS.PeerCertificates[0].DNSNames; len(names) != 2 || names[0] != "localhost" {
		t.Errorf("the certificate is for %q", names)
	}
	if !strings.Contains(stderr.String(), "crumb: --no-inspect is deprecated: use --inspect-port off\n") {
		t.Errorf("stderr %s", stderr)
	}
	if lines := strings.Split(stdout[0]+" "+stdout[1], "  "); len(lines) != 5 || strings.Contains(stderr.String(), "BApi: deployed") {
		t.Errorf("stdout %q, stderr %s", stdout, stderr)
	}
}

// Ctrl-C while crumb compiles is not an error.
func TestStartStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr localtest.Buffer
	if code := run(ctx, []string{"start", "-t", "../../template.yaml", "--port", "0"}, nil, &stdout, &stderr); code != 0 || strings.Contains(stderr.String(), "crumb: ") || stdout.String() != "" {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, &stdout, &stderr)
	}
}

func TestStartRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return file
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)

	write("go.mod", "module example.com/broken\n\ngo 1.26.0\n")
	write("fn/main.go", "package main\n\nfunc main() { undefinedName() }\n")
	broken := write("template.yaml", strings.TrimSpace(`
Transform: AWS::Serverless-2016-10-31
Resources:
  Broken:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: fn/
      Handler: bootstrap
      Runtime: provided.al2023
      Events: {Get: {Type: Api, Properties: {Path: /, Method: get}}}
`))
	write("queue/main.go", "package main\n\nfunc main() {}\n")
	noHTTP := write("queue/template.yaml", "Transform: AWS::Serverless-2016-10-31\nResources: {Q: {Type: AWS::Serverless::Function, Properties: {Runtime: provided.al2023, Handler: b, Events: {E: {Type: SQS}}}}}\n")
	noRoutes := write("noroutes/template.yaml", "Transform: AWS::Serverless-2016-10-31\nResources: {T: {Type: AWS::SNS::Topic}}\n")

	config := write("samconfig.toml", "[default.global.parameters]\nport = "+port+"\n")
	high := write("high.toml", "[default.global.parameters]\nport = 70000\n")
	overrides := []string{"-t", "../../template.yaml", "--port", port, "--parameter-overrides", "A=1"}

	for _, tc := range []struct {
		name string
		path string // PATH; "" does not change it
		args []string
		want string
	}{
		{"missing-template", "", []string{"-t", filepath.Join(dir, "none.yaml")}, "none.yaml"},
		{"busy-port", "", []string{"-t", "../../template.yaml", "--port", port}, "port " + port + " is in use or reserved (needed for Api)"},
		{"port-of-config", "", []string{"-t", "../../template.yaml", "--config-file", config}, "port " + port + " is in use or reserved (needed for Api)"},
		{"port-of-config-too-high", "", []string{"--config-file", high}, "samconfig: port: a port is a number from 0 to 65535"},
		{"flag-over-config", "", []string{"-t", "../../template.yaml", "--config-file", high, "--port", port}, "port " + port + " is in use"},
		{"overrides", "", append(overrides, "B=2", "file://none.yaml"), "none.yaml"},
		{"no-quotes", "", append(overrides, "words"), `unexpected argument "words": -t names a template, and crumb run takes programs (a value of --parameter-overrides with a space needs quotes)`},
		{"port-too-high", "", []string{"--port", "70000"}, "a port is a number from 0 to 65535"},
		{"port-negative", "", []string{"--port", "-1"}, "a port is a number from 0 to 65535"},
		{"port-word", "", []string{"--port", "abc"}, "a port is a number from 0 to 65535"},
		{"last-port", "", []string{"-t", twoAPIs, "--port", "65535"}, "BApi would get port 65536, but the last is 65535"},
		{"busy-inspect-port", "", []string{"-t", "../../template.yaml", "--port", "0", "--inspect-port", port}, "pass another --inspect-port"},
		{"inspect-port-word", "", []string{"--inspect-port", "on"}, "a port is a number from 0 to 65535"},
		{"endpoint-elsewhere", "", []string{"-t", "../../template.yaml", "--aws-endpoint", "http://192.0.2.1:4566"}, `--aws-endpoint: "http://192.0.2.1:4566" is not a URL on this machine, such as http://127.0.0.1:4566`},
		{"compile-error", "", []string{"-t", broken, "--port", "0"}, filepath.FromSlash("fn/main.go:3:15: undefined: undefinedName")},
		{"no-go-toolchain", dir, []string{"-t", broken, "--port", "0"}, "no Go toolchain"},
		{"no-routes", "", []string{"-t", noRoutes, "--port", "0"}, "no function with an HTTP route"},
		{"no-http", "", []string{"-t", noHTTP, "--port", "0"}, "no function with an HTTP route; crumb invoke Q --event FILE runs one with an event"},
		{"unknown-api", "", []string{"-t", "../../template.yaml", "--port", "0", "--api", "Nope"}, `no API "Nope"`},
		{"unknown-door", "", []string{"-t", "../../template.yaml", "--port", "0", "--door", "window"}, `crumb: nothing can be served behind the door "window"; choose one of alb, `},
		{"unknown-flag", "", []string{"--prot", "1"}, "unknown flag: --prot; did you mean --port? (crumb start --help)"},
		{"unknown-flags-beginning", "", []string{"--no"}, "unknown flag: --no; did you mean --no-watch? (crumb start --help)"},
		{"unknown-letter", "", []string{"-x"}, "unknown shorthand flag: 'x' in -x (crumb start --help)"},
		{"flag-of-sam", "", []string{"--warm-containers", "EAGER"}, "unknown flag: --warm-containers; leave it out: crumb does not use containers (crumb start --help)"},
		{"letter-of-sam", "", []string{"-d", "5986"}, "in -d; use --debug-port (crumb start --help)"},
		{"argument", "", []string{"stop"}, `crumb: unexpected argument "stop": -t names a template, and crumb run takes programs`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.path != "" {
				t.Setenv("PATH", tc.path)
			}
			var stdout, stderr localtest.Buffer
			code := run(t.Context(), append([]string{"start"}, tc.args...), nil, &stdout, &stderr)
			if code != 1 {
				t.Errorf("exit code = %d, want 1", code)
			}
			lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
			if last := lines[len(lines)-1]; !strings.HasPrefix(last, "crumb: ") || !strings.Contains(last, tc.want) {
				t.Errorf("stderr = %q, want a line with %q", &stderr, tc.want)
			}
		})
	}
}

// samLocal are the flags that sam local start-api and invoke 1.164 have.
const samLocal = `template template-file t parameter-overrides language-extensions no-language-extensions region profile
event e no-event env-vars n container-env-vars debug-port d debugger-path debug-args docker-volume-basedir v skip-pull-image
docker-network force-image-build no-memory-limit shutdown container-host container-host-interface add-host container-dns
invoke-image i runtime r tenant-id durable-execution-name mount-symlinks no-mount-symlinks log-file l layer-cache-basedir
hook-name skip-prepare-infra prepare-infra config-env config-file save-params terraform-plan-file beta-features
no-beta-features debug host port p ssl-cert-file ssl-key-file debug-function warm-containers disable-authorizer no-watch
static-dir s`

// A flag of sam's is one of crumb's, or has a hint.
func TestFlagsOfSam(t *testing.T) {
	for name := range strings.FieldsSeq(samLocal) {
		has := slices.ContainsFunc([]*cobra.Command{newStart(), newInvoke()}, func(cmd *cobra.Command) bool {
			return cmd.Flags().Lookup(name) != nil || len(name) == 1 && cmd.Flags().ShorthandLookup(name) != nil
		})
		if !has && hintForSam(name) == "" {
			t.Errorf("crumb says nothing about --%s", name)
		}
	}
}

// What a samconfig says in vain is named once, with what helps.
func TestSamconfigIsNamed(t *testing.T) {
	config := filepath.Join(t.TempDir(), "samconfig.toml")
	text := "[default.global.parameters]\nstack_name = \"shop\"\nhost = \"127.0.0.1\"\n[default.deploy.parameters]\ncapabilities = \"X\"\nparameter_overrides = \"A=s3cret\"\n" +
		"[default.local_start_api.parameters]\nport = 3999\nwarm_containers = \"EAGER\"\nparamater_overrides = \"A=s3cret\"\ndebug_function = \"F\"\n" +
		"[default.global.paramaters]\nregion = \"mars-1\"\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stderr := startCrumb(t, 3, "-t", twoAPIs, "--config-file", config, "--inspect-port", "off", "--no-watch")
	want := `crumb: ignored in the samconfig: debug_function (pass --debug-function), deploy.parameter_overrides (move them to the table global.parameters), global.paramaters (crumb does not support it), paramater_overrides (crumb does not support it), warm_containers (leave it out: crumb does not use containers)
`
	if got := stderr.String(); !strings.HasPrefix(got, want) || strings.Count(got, "samconfig") != 1 {
		t.Errorf("stderr %s\nwant %s", got, want)
	}
}

// A flag that crumb has needs no hint.
func TestSamFlags(t *testing.T) {
	for _, cmd := range []*cobra.Command{newStart(), newRun(), newInvoke()} {
		for _, f := range samFlags {
			for name := range strings.FieldsSeq(f.names) {
				if has := cmd.Flags().Lookup(name) != nil || len(name) == 1 && cmd.Flags().ShorthandLookup(name) != nil; has {
					t.Errorf("crumb %s has --%s", cmd.Name(), name)
				}
			}
		}
	}
}
