package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// guarded has an authorizer of each kind, and a name in two APIs.
const guarded = `Transform: AWS::Serverless-2016-10-31
Resources:
  Web:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        Authorizers:
          Members: &members
            IdentitySource: $request.header.Authorization
            JwtConfiguration: { issuer: "https://login.example", audience: [shop, admin] }
          Own: { FunctionArn: !GetAtt Index.Arn, AuthorizerPayloadFormatVersion: "2.0", EnableSimpleResponses: true }
  Staff:
    Type: AWS::Serverless::HttpApi
    Properties: { Auth: { Authorizers: { Members: *members } } }
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Auth: { Authorizers: { Pool: { UserPoolArn: arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Ab } } }
  Index:
    Type: AWS::Serverless::Function
    Properties: { Runtime: provided.al2023, Handler: bootstrap, CodeUri: index/ }
`

// crumbToken runs "crumb token" with the template, and a cache that only the test has.
func crumbToken(t *testing.T, template string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(file, []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(name, t.TempDir())
	}
	var out, errs bytes.Buffer
	command := slices.Index(args, "token") // of a completion
	if command < 0 {
		args, command = append([]string{"token"}, args...), 0
	}
	code = run(t.Context(), slices.Insert(args, command+1, "-t", file), nil, &out, &errs)
	return out.String(), strings.ReplaceAll(errs.String(), file, "template.yaml"), code
}

func TestToken(t *testing.T) {
	oneAPI := strings.Replace(guarded, "Authorizers: { Members: *members }", "", 1)
	before, _, _ := strings.Cut(guarded, "  Staff:\n")
	_, after, _ := strings.Cut(guarded, "  Index:\n")
	alone := before + "  Index:\n" + after
	for _, row := range []struct {
		name, template string
		args           []string
		want           map[string]any // claims; nil: an error
		stderr         string
	}{
		{"by-name", oneAPI, []string{"--authorizer", "Members"}, map[string]any{"iss": "https://login.example", "aud": "shop", "sub": "local-user"}, ""},
		{"by-api", guarded, []string{"--authorizer", "Staff.Members"}, map[string]any{"iss": "https://login.example"}, ""},
		{"cognito", guarded, []string{"--authorizer", "Pool"}, map[string]any{"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab", "token_use": "id"}, ""},
		{"cognito-scopes", guarded, []string{"--authorizer", "Pool", "--scope", "a", "--scope", "b"}, map[string]any{"token_use": "access", "scope": "a b"}, ""},
		{"claims", oneAPI, []string{"--authorizer", "Members", "--claim", "n=7", "--claim", "zip=\"07\"", "--claim", "groups=[\"a\"]", "--claim", "q=a=b", "--claim", "empty="},
			map[string]any{"n": 7.0, "zip": "07", "groups": []any{"a"}, "q": "a=b", "empty": ""}, ""},
		{"rejected", oneAPI, []string{"--authorizer", "Members", "--claim", "aud=other"}, map[string]any{"aud": "other"}, "Members will reject it: the token's aud is not shop or admin\n"},
		{"expired", oneAPI, []string{"--authorizer", "Members", "--expires", "-1h"}, map[string]any{}, "Members will reject it: the token expired 1h"},
		{"several", guarded, nil, nil, "crumb: choose an authorizer: template.yaml has Web.Members, Staff.Members, Rest.Pool\n"},
		{"twice", guarded, []string{"--authorizer", "Members"}, nil, "crumb: more than one authorizer has the name Members: template.yaml has Web.Members, Staff.Members, Rest.Pool\n"},
		{"unknown", oneAPI, []string{"--authorizer", "Member"}, nil, "crumb: no JWT or Cognito authorizer has the name Member: template.yaml has Web.Members, Rest.Pool\n"},
		{"lambda", guarded, []string{"--authorizer", "Own"}, nil, "crumb: the authorizer Own is a Lambda function, which decides itself which credentials it accepts\n"},
		{"only-one-that-checks-tokens", alone, nil, map[string]any{"aud": "shop"}, ""},
		{"claim-without-value", oneAPI, []string{"--claim", "secret"}, nil, "crumb: --claim secret: a claim is name=value\n"},
		{"too-long", oneAPI, []string{"--authorizer", "Members", "--expires", "721h"}, nil, "crumb: a token lasts for 720h0m0s at most\n"},
		{"use", oneAPI, []string{"--authorizer", "Members", "--use", "refresh"}, nil, "crumb: --use is id or access\n"},
		{"argument", oneAPI, []string{"Members"}, nil, `crumb: unexpected argument "Members": --authorizer names an authorizer` + "\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			stdout, stderr, code := crumbToken(t, row.template, row.args...)
			if !strings.HasPrefix(stderr, row.stderr) || row.stderr == "" && stderr != "" || (code == 0) != (row.want != nil) {
				t.Fatalf("exit code %d, stderr %q, want %q", code, stderr, row.stderr)
			}
			if row.want == nil {
				if stdout != "" {
					t.Errorf("stdout %q", stdout)
				}
				return
			}
			parts := strings.Split(stdout, ".")
			if len(parts) != 3 || !strings.HasSuffix(stdout, "\n") || strings.Count(stdout, "\n") != 1 {
				t.Fatalf("stdout %q is not one line with a token", stdout)
			}
			text, err := base64.RawURLEncoding.DecodeString(parts[1])
			if err != nil {
				t.Fatal(err)
			}
			var claims map[string]any
			if err := json.Unmarshal(text, &claims); err != nil {
				t.Fatal(err)
			}
			for name, want := range row.want {
				got, _ := json.Marshal(claims[name])
				if want, _ := json.Marshal(want); !slices.Equal(got, want) {
					t.Errorf("%s is %s, want %s", name, got, want)
				}
			}
		})
	}
}

func TestTokenCompletion(t *testing.T) {
	stdout, _, _ := crumbToken(t, guarded, "__complete", "token", "--authorizer", "")
	if got, want := strings.Join(strings.Fields(stdout), " "), "Web.Members jwt Staff.Members jwt Pool cognito :4"; got != want {
		t.Errorf("completions %q, want %q", got, want)
	}
}
