package awsproxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// attempts counts requests.
type attempts struct {
	http.RoundTripper
	n int
}

func (a *attempts) RoundTrip(r *http.Request) (*http.Response, error) {
	a.n++
	return a.RoundTripper.RoundTrip(r)
}

// The SDK reads the error in each protocol, by the endpoint and by the proxy, and does
// not try again.
func TestNotTriedAgain(t *testing.T) {
	calls := map[string]func(context.Context, aws.Config) error{
		"DynamoDB": func(ctx context.Context, c aws.Config) error { // JSON 1.0
			_, err := dynamodb.NewFromConfig(c).ListTables(ctx, &dynamodb.ListTablesInput{})
			return err
		},
		"Secrets Manager": func(ctx context.Context, c aws.Config) error { // JSON 1.1
			_, err := secretsmanager.NewFromConfig(c).ListSecrets(ctx, &secretsmanager.ListSecretsInput{})
			return err
		},
		"STS": func(ctx context.Context, c aws.Config) error { // query
			_, err := sts.NewFromConfig(c).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
			return err
		},
		"Lambda": func(ctx context.Context, c aws.Config) error { // REST JSON
			_, err := lambda.NewFromConfig(c).Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String("f"), Payload: make([]byte, 3<<20)})
			return err
		},
	}
	for _, byProxy := range []bool{false, true} {
		p, log := start(t, nil)
		config := aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", "local")}
		count := &attempts{RoundTripper: http.DefaultTransport}
		if byProxy {
			p.Serve(Served{DynamoDB: "-"}) // opens
			count.RoundTripper = client(t, p).Transport
			delete(calls, "DynamoDB")
		} else {
			config.BaseEndpoint = &p.Refuses
		}
		config.HTTPClient = &http.Client{Transport: count}
		for service, call := range calls {
			count.n = 0
			err := call(t.Context(), config)
			refused := smithy.APIError(nil)
			if !errors.As(err, &refused) || refused.ErrorCode() != "NotServed" || !strings.HasPrefix(refused.ErrorMessage(), "crumb: nobody serves "+service+" here: ") || count.n != 1 {
				t.Errorf("%s: %d attempts, %v", service, count.n, err)
			}
			if strings.Count(log.String(), "nobody serves "+service+" here") != 1 {
				t.Errorf("%s: log %s", service, log)
			}
		}
	}
}

// The protocols of services that this module does not call.
func TestShapes(t *testing.T) {
	const header, message = "AWS4-HMAC-SHA256 Credential=local/20261128/us-east-1/", "crumb: nobody serves X here: start crumb with --aws-endpoint http://127.0.0.1:4566 (an emulator of AWS), or with --aws-credentials"
	xml := func(format string) string {
		return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + strings.ReplaceAll(format, "%s", "<Code>NotServed</Code><Message>"+message+"</Message>")
	}
	json := `{"__type":"NotServed","message":"` + message + `"}`
	for _, tc := range []struct {
		name, query string
		header      map[string]string
		title, kind string
		want        string
	}{
		{"s3", "", map[string]string{"Authorization": header + "s3/aws4_request, SignedHeaders=host"}, "S3", "application/xml", xml("<Error>%s</Error>")},
		{"s3-presigned", "?X-Amz-Credential=local%2F20261128%2Fus-east-1%2Fs3%2Faws4_request", nil, "S3", "application/xml", xml("<Error>%s</Error>")},
		{"version-4a", "", map[string]string{"Authorization": "AWS4-ECDSA-P256-SHA256 Credential=local/20261128/s3/aws4_request"}, "S3", "application/xml", xml("<Error>%s</Error>")},
		{"ec2", "", map[string]string{"Authorization": header + "ec2/aws4_request", "Content-Type": "application/x-www-form-urlencoded"}, "EC2", "application/xml", xml("<Response><Errors><Error>%s</Error></Errors></Response>")},
		{"query", "", map[string]string{"Authorization": header + "sns/aws4_request", "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}, "SNS", "text/xml", xml("<ErrorResponse><Error><Type>Sender</Type>%s</Error></ErrorResponse>")},
		{"rest-xml", "", map[string]string{"Authorization": header + "route53/aws4_request"}, "route53", "text/xml", xml("<ErrorResponse><Error><Type>Sender</Type>%s</Error></ErrorResponse>")},
		{"json", "", map[string]string{"Authorization": header + "ssm/aws4_request", "Content-Type": "application/x-amz-json-1.1"}, "SSM", "application/x-amz-json-1.1", json},
		{"rest-json", "", map[string]string{"Authorization": header + "bedrock/aws4_request"}, "bedrock", "application/json", json},
		{"unsigned", "", map[string]string{"X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp"}, "AWSCognitoIdentityProviderService", "application/json", json},
		{"unknown", "", map[string]string{"Authorization": "AWS key:signature"}, "AWS", "application/json", json},
		{"cbor", "", map[string]string{"Authorization": header + "monitoring/aws4_request", "Smithy-Protocol": "rpc-v2-cbor"}, "CloudWatch", "application/cbor",
			"\xa2y\x00\x06__typey\x00\x09NotServedy\x00\x07messagey\x00\x90" + message},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, _ := start(t, nil)
			r, err := http.NewRequestWithContext(t.Context(), "POST", p.Refuses+"/"+tc.query, strings.NewReader("x"))
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range tc.header {
				r.Header.Set(name, value)
			}
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			want := strings.ReplaceAll(tc.want, "serves X here", "serves "+tc.title+" here")
			if tc.name == "cbor" {
				want = strings.Replace(want, "\x90", string([]byte{byte(len(message) - 1 + len(tc.title))}), 1)
			}
			if resp.StatusCode != 501 || resp.Header.Get("Content-Type") != tc.kind || string(body) != want || resp.Header.Get("Smithy-Protocol") != tc.header["Smithy-Protocol"] {
				t.Errorf("%s %v\n%q\nwant %s\n%q", resp.Status, resp.Header, body, tc.kind, want)
			}
		})
	}
}
