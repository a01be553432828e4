package reach

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
)

var update = flag.Bool("update", false, "write the table into docs/environment.md")

// given has values for each rule.
func given() Given {
	shell := map[string]string{
		"PATH": "/bin", "TZ": "Europe/Zurich", "TMPDIR": "/tmp", "TMP": "/t", "TEMP": "/t", "AWS_PROFILE": "mine", "HOME": "/home/me",
		"HTTP_PROXY": "http://p", "HTTPS_PROXY": "http://q", "NO_PROXY": "a", "http_proxy": "http://r", "https_proxy": "http://s", "no_proxy": "b",
		"SSL_CERT_FILE": "/ca.pem", "SSL_CERT_DIR": "/ca", "AWS_CA_BUNDLE": "/aws.pem",
	}
	return Given{
		Region: "eu-west-1", AWS: "http://127.0.0.1:3", DynamoDB: "http://127.0.0.1:1", Lambda: "http://127.0.0.1:2", Ring: "ring",
		Lookup: func(name string) (string, bool) { value, ok := shell[name]; return value, ok },
	}
}

func withProxy(goos string) func(*Given) {
	return func(g *Given) { g.Proxy, g.Roots, g.GOOS = "http://own", "/r.pem", goos }
}

// Each row has the variables that differ from those of every function. If two
// sources set a variable, this says which one wins.
func TestEnvironment(t *testing.T) {
	every := map[string]string{
		"PATH": "/bin", "TZ": "Europe/Zurich", "TMPDIR": "/tmp",
		"HTTP_PROXY": "http://p", "HTTPS_PROXY": "http://q", "NO_PROXY": "a", "http_proxy": "http://r", "https_proxy": "http://s", "no_proxy": "b",
		"SSL_CERT_FILE": "/ca.pem", "SSL_CERT_DIR": "/ca", "AWS_CA_BUNDLE": "/aws.pem",
		"AWS_SAM_LOCAL": "true", "LANG": "en_US.UTF-8", "GOMAXPROCS": "1", "CRUMB_LOCAL": "true",
		"_HANDLER": "main", "LAMBDA_RUNTIME_DIR": "/var/runtime",
		"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": "local",
		"AWS_LAMBDA_FUNCTION_NAME": "orders-dev", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
		"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/orders-dev",
		"LD_LIBRARY_PATH":         "/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
		"AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000", "_AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1", "_AWS_XRAY_DAEMON_PORT": "2000",
		"AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR", "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1",
		"AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:2", "AWS_ENDPOINT_URL": "http://127.0.0.1:3",
	}
	const none = "(not set)"
	type variables = map[string]string
	for _, tc := range []struct {
		name    string
		f       app.Function
		change  func(*Given)
		want    variables
		ignored []string
	}{
		{"nothing", app.Function{}, nil, nil, nil},
		{"template", app.Function{Env: variables{"TABLE": "t=1"}}, nil, variables{"TABLE": "t=1"}, nil},
		{"template-over-lambda", app.Function{Env: variables{"LANG": "C", "GOMAXPROCS": "8"}}, nil, variables{"LANG": "C", "GOMAXPROCS": "8"}, nil},
		{"template-over-shell", app.Function{Env: variables{"TZ": "UTC", "PATH": ""}}, nil, variables{"TZ": "UTC", "PATH": ""}, nil},
		{"lambda-without-shell", app.Function{}, func(g *Given) { g.Lookup = func(string) (string, bool) { return "", false } },
			variables{"TZ": ":UTC", "PATH": none, "TMPDIR": none, "HTTP_PROXY": none, "HTTPS_PROXY": none, "NO_PROXY": none,
				"http_proxy": none, "https_proxy": none, "no_proxy": none, "SSL_CERT_FILE": none, "SSL_CERT_DIR": none, "AWS_CA_BUNDLE": none}, nil},
		{"windows", app.Function{}, func(g *Given) { g.GOOS = "windows" }, variables{"TMP": "/t", "TEMP": "/t"}, nil},
		{"proxy", app.Function{}, func(g *Given) { g.Proxy = "http://own" }, variables{"HTTPS_PROXY": "http://own", "https_proxy": "http://own"}, nil},
		{"proxy-that-opens", app.Function{}, withProxy("linux"), variables{"HTTPS_PROXY": "http://own", "https_proxy": "http://own", "SSL_CERT_FILE": "/r.pem", "AWS_CA_BUNDLE": "/r.pem"}, nil},
		{"proxy-without-bundle", app.Function{}, func(g *Given) {
			withProxy("linux")(g)
			g.Lookup = func(string) (string, bool) { return "", false }
		}, variables{"HTTPS_PROXY": "http://own", "https_proxy": "http://own", "SSL_CERT_FILE": "/r.pem", "AWS_CA_BUNDLE": none,
			"TZ": ":UTC", "PATH": none, "TMPDIR": none, "HTTP_PROXY": none, "NO_PROXY": none, "http_proxy": none, "no_proxy": none, "SSL_CERT_DIR": none}, nil},
		{"proxy-on-windows", app.Function{}, withProxy("windows"), variables{"HTTPS_PROXY": "http://own", "https_proxy": "http://own", "AWS_CA_BUNDLE": "/r.pem", "TMP": "/t", "TEMP": "/t"}, nil},
		{"proxy-on-macos-without-bundle", app.Function{}, func(g *Given) {
			withProxy("darwin")(g)
			shell := g.Lookup
			g.Lookup = func(name string) (string, bool) {
				value, ok := shell(name)
				return value, ok && name != "AWS_CA_BUNDLE"
			}
		}, variables{"HTTPS_PROXY": "http://own", "https_proxy": "http://own", "SSL_CERT_FILE": "/r.pem", "AWS_CA_BUNDLE": "/r.pem"}, nil},
		{"own-proxy", app.Function{Env: variables{"HTTPS_PROXY": "http://mine"}}, withProxy("linux"), variables{"HTTPS_PROXY": "http://mine"}, nil},
		{"own-proxy-in-lower-case", app.Function{Env: variables{"https_proxy": ""}}, withProxy("linux"), variables{"https_proxy": ""}, nil},
		{"own-bundle", app.Function{Env: variables{"AWS_CA_BUNDLE": "/own.pem"}}, withProxy("linux"), variables{"AWS_CA_BUNDLE": "/own.pem"}, nil},
		{"reserved", app.Function{Env: variables{"_HANDLER": "x", "AWS_REGION": "mars-1", "AWS_ACCESS_KEY_ID": "mine", "AWS_EXECUTION_ENV": "x", "LAMBDA_TASK_ROOT": "/"}}, nil,
			nil, []string{"AWS_ACCESS_KEY_ID", "AWS_EXECUTION_ENV", "AWS_REGION", "LAMBDA_TASK_ROOT", "_HANDLER"}},
		{"crumb-over-template", app.Function{Env: variables{"CRUMB_LOCAL": ""}}, nil, nil, nil},
		{"log-format", app.Function{LogFormat: "JSON"}, nil, variables{"AWS_LAMBDA_LOG_FORMAT": "JSON"}, nil},
		{"log-level", app.Function{LogFormat: "JSON", LogLevel: "DEBUG"}, nil, variables{"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "DEBUG"}, nil},
		{"template-over-logging-config", app.Function{LogFormat: "JSON", Env: variables{"AWS_LAMBDA_LOG_FORMAT": "Text"}}, nil, variables{"AWS_LAMBDA_LOG_FORMAT": "Text"}, nil},
		{"log-format-text", app.Function{LogFormat: "Text"}, nil, nil, nil},
		{"log-group", app.Function{LogGroup: "/shop"}, nil, variables{"AWS_LAMBDA_LOG_GROUP_NAME": "/shop"}, nil},
		{"template-over-sam", app.Function{Env: variables{"AWS_SAM_LOCAL": ""}}, nil, variables{"AWS_SAM_LOCAL": ""}, nil},
		{"image", app.Function{Handler: none}, nil, variables{"_HANDLER": "bootstrap"}, nil},
		{"credentials", app.Function{Env: variables{"AWS_ACCESS_KEY_ID": "mine"}}, func(g *Given) { g.Credentials = true },
			variables{"AWS_ACCESS_KEY_ID": none, "AWS_SECRET_ACCESS_KEY": none, "AWS_SESSION_TOKEN": none}, []string{"AWS_ACCESS_KEY_ID"}},
		{"no-tables", app.Function{}, func(g *Given) { g.DynamoDB = "" }, variables{"AWS_ENDPOINT_URL_DYNAMODB": none}, nil},
		{"own-endpoint", app.Function{Env: variables{"AWS_ENDPOINT_URL_DYNAMODB": "http://own"}}, nil, variables{"AWS_ENDPOINT_URL_DYNAMODB": "http://own"}, nil},
		{"own-endpoint-of-all", app.Function{Env: variables{"AWS_ENDPOINT_URL": "http://all"}}, nil,
			variables{"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_DYNAMODB": none, "AWS_ENDPOINT_URL_LAMBDA": none}, nil},
		{"no-endpoint", app.Function{}, func(g *Given) { g.AWS = "" }, variables{"AWS_ENDPOINT_URL": none}, nil},
		{"calls-to-aws", app.Function{}, func(g *Given) { g.Lambda = "" }, variables{"AWS_ENDPOINT_URL_LAMBDA": none}, nil},
		{"own-lambda", app.Function{Env: variables{"AWS_ENDPOINT_URL_LAMBDA": "http://own"}}, nil, variables{"AWS_ENDPOINT_URL_LAMBDA": "http://own"}, nil},
		{"empty-endpoint", app.Function{Env: variables{"AWS_ENDPOINT_URL_DYNAMODB": ""}}, nil, nil, nil},
		{"empty-ring", app.Function{Env: variables{"CRUMB_KEYS": ""}}, nil, variables{"CRUMB_KEYS": "ring"}, nil},
		{"ring-for-a-secret", app.Function{Env: variables{"CRUMB_KEYS_SECRET": "s"}}, nil, variables{"CRUMB_KEYS": "ring"}, nil},
		{"ring-for-both", app.Function{Env: variables{"CRUMB_KEYS": "", "CRUMB_KEYS_SECRET": "s"}}, nil, variables{"CRUMB_KEYS": "ring"}, nil},
		{"own-ring", app.Function{Env: variables{"CRUMB_KEYS": "own", "CRUMB_KEYS_SECRET": ""}}, nil, variables{"CRUMB_KEYS": "own", "CRUMB_KEYS_SECRET": ""}, nil},
		{"ring-of-the-developer", app.Function{Env: variables{"CRUMB_KEYS": "", "CRUMB_KEYS_SECRET": "s"}},
			func(g *Given) { g.EnvVars = map[string]variables{"Other": {"CRUMB_KEYS": "mine"}} },
			variables{"CRUMB_KEYS": "", "CRUMB_KEYS_SECRET": "s"}, nil},
		{"secret-of-the-developer", app.Function{Env: variables{"CRUMB_KEYS_SECRET": "mine"}},
			func(g *Given) { g.EnvVars = map[string]variables{"Parameters": {"CRUMB_KEYS_SECRET": "mine"}} },
			variables{"CRUMB_KEYS_SECRET": "mine"}, nil},
		{"developer-without-ring", app.Function{Env: variables{"CRUMB_KEYS": ""}},
			func(g *Given) { g.EnvVars = map[string]variables{"F": {"CRUMB_KEYS": "", "TABLE": "t"}} },
			variables{"CRUMB_KEYS": "ring"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := given()
			if tc.change != nil {
				tc.change(&g)
			}
			tc.f.ID, tc.f.Name, tc.f.MemoryMB = "F", "orders-dev", 256
			tc.f.Handler = map[string]string{"": "main", none: ""}[tc.f.Handler]
			want := maps.Clone(every)
			maps.Copy(want, tc.want)
			maps.DeleteFunc(want, func(_, value string) bool { return value == none })
			got := Environment(&tc.f, g)
			if !maps.Equal(got, want) {
				t.Errorf("Environment = %q\nwant %q", got, want)
			}
			ignored := slices.DeleteFunc(slices.Sorted(maps.Keys(tc.f.Env)), func(name string) bool { return !Reserved(name) })
			if !slices.Equal(ignored, tc.ignored) {
				t.Errorf("ignored: %q, want %q", ignored, tc.ignored)
			}
		})
	}
}

// TestTable keeps the table of precedence in docs/environment.md: run it with -update.
func TestTable(t *testing.T) {
	const file, begin, end = "../../docs/environment.md", "<!-- environment -->\n", "<!-- /environment -->\n"
	doc, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := bytes.Cut(doc, []byte(begin))
	old, after, ended := bytes.Cut(rest, []byte(end))
	if !begun || !ended {
		t.Fatalf("%s: want %q with %q after it", file, begin, end)
	}
	if table := tableOfRules(t); *update {
		if err := os.WriteFile(file, slices.Concat(before, []byte(begin+table+end), after), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if string(old) != table {
		t.Errorf("%s has\n%s\nwant (go test ./internal/reach -update)\n%s", file, old, table)
	}
}

// tableOfRules finds the names that a rule sets by applying it.
func tableOfRules(t *testing.T) string {
	t.Helper()
	f := &app.Function{ID: "F", Name: "F", LogFormat: "JSON", LogLevel: "DEBUG"}
	var rows strings.Builder
	rows.WriteString("| | variables | from |\n| --- | --- | --- |\n")
	row := func(n int, names []string, from string) {
		fmt.Fprintf(&rows, "| %d | %s | %s |\n", n, strings.Join(names, ", "), from)
	}
	for i, r := range rules {
		env := map[string]string{"CRUMB_KEYS": ""}
		g := given()
		withProxy("darwin")(&g)
		r.set(env, f, g)
		maps.DeleteFunc(env, func(_, value string) bool { return value == "" })
		names := quoted(slices.Sorted(maps.Keys(env)))
		if len(names) == 0 { // what the template declares
			names = []string{"the function's own"}
		}
		row(i+1, names, r.from)
	}
	row(len(rules)+1, quoted(PerProcess), "each process: its log, its Runtime API, the folder of its program, the port of a program for the runtime go1.x")
	return rows.String()
}

func quoted(names []string) []string {
	var all []string
	for _, name := range names {
		all = append(all, "`"+name+"`")
	}
	return all
}
