package docs_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/docs"
	"github.com/crumb-go/crumb/e2e/testenv"
)

// apart are the commands in documents that no test runs, by their first words,
// and why.
var apart = map[string]string{
	"go run ./cmd/crumb start": "README has it, with what it prints",
	"go test ./...":            ".ci/run does, and this test is a part of it",
	"url=https://abc.execute-api.us-east-1.amazonaws.com/prod": "a mock's URL answers nothing",
	"curl -c jar -b jar $url/setcookie":                        "the same; the deploy workflow sees that the cookie comes back",
	"sed 's/DEMO_USERS":                                        "a stack for minutes, with a public password",
	"sam build -t trial.yaml":                                  "the same",
	"go test ./e2e/live":                                       "rehearses itself; here it would need an account",
	"token=$(openssl":                                          "for the echo stack",
	"sam build -t e2e/live":                                    "e2e/live validates and serves this template",
	"go test ./internal/gateway":                               "e2e/live runs it on what it has recorded",
	"sam delete --stack-name crumb-trial":                      "the same as in tearing down, which is followed",
	"aws apigateway create-domain-name":                        "needs a domain and its certificate",
	"aws apigateway create-base-path-mapping":                  "the same",
	`eval "$(aws configure export-credentials`:                 "needs credentials that are somebody's",
	"crumb keys list secret:ARN":                               "moto's CloudFormation makes no secret; e2e/rotation runs it on another",
	"aws lambda update-alias":                                  "needs two versions of a function",
	"aws lambda invoke":                                        "needs the AWS CLI; internal/invokeapi is tested with an SDK",
	"aws logs filter-log-events":                               "e2e/failures evaluates its filter",
	"aws logs start-query":                                     "the same, and its query",
	"crumb start --jwks":                                       "calls an issuer on the internet; internal/token tests it with a server",
	"crumb start --debug-port":                                 "e2e/debug does, and attaches as VS Code does",
	"crumb invoke GetCookieFunction --event":                   "the same",
	"pip install":                                              "e2e/reach has MiniStack from .ci/install",
	"BIND_HOST=127.0.0.1":                                      "the same; it runs until it is stopped",
	"moto_server":                                              "the same, by hand",
	"cargo install":                                            "compiles for minutes",
	"dynoxide":                                                 "the same",
	"crumb start --aws-endpoint":                               "e2e/reach does, with crumb invoke",
	"npx cdk synth":                                            "e2e/cloudformation synthesizes without the CDK's command",
	"npx osls@3 package":                                       "e2e/cloudformation does",
	"crumb start -t cdk.out":                                   "the same",
	"crumb start -t .serverless":                               "the same",
	"go install github.com/go-delve":                           ".ci/install does",
	"go get github.com/crumb-go/crumb@latest":                  "TestPublished runs it",
}

// Every command in a document is followed, or listed above.
func TestUnfollowed(t *testing.T) {
	root := testenv.Root(t)
	var files []string
	for _, f := range followed {
		files = append(files, filepath.Join(root, f.file))
	}
	unused := maps.Clone(apart)
	for _, document := range documents(t) {
		blocks, err := docs.Parse(read(t, document))
		if err != nil {
			t.Errorf("%s:%v", document, err)
		}
		for _, b := range blocks {
			if !slices.Contains(files, document) {
				t.Errorf("%s:%d: no test follows this document", document, b.Line)
			}
			if b.Word == "sam" && document != filepath.Join(root, "README.md") {
				t.Errorf("%s:%d: e2e/sam types the blocks of README.md alone", document, b.Line)
			}
			if b.Word != "apart" {
				continue
			}
			commands, err := b.Commands()
			if err != nil {
				t.Errorf("%s:%v", document, err)
			}
			for _, c := range commands {
				named := func(start string) bool { return strings.HasPrefix(c.Text, start) }
				if !slices.ContainsFunc(slices.Collect(maps.Keys(apart)), named) {
					t.Errorf("%s:%d: no test runs %q, without a reason", document, c.Line, c.Text)
				}
				maps.DeleteFunc(unused, func(start, _ string) bool { return named(start) })
			}
		}
	}
	for start := range unused {
		t.Errorf("%q is not in any document", start)
	}
}
