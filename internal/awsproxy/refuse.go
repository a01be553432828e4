package awsproxy

import (
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// refuse responds to a call that nobody serves.
func (p *Proxy) refuse(w http.ResponseWriter, r *http.Request) {
	p.respond(w, r, p.unserved(signedFor(r)))
}

// unserved is what a call of a service gets.
func (p *Proxy) unserved(service string) string {
	return p.warn(fmt.Sprintf("nobody serves %s here: start crumb with --aws-endpoint http://127.0.0.1:4566 (an emulator of AWS), or with --aws-credentials", title(service)))
}

// code and status are of an error that no SDK tries again: 501 is the only status of a
// server's fault that they do not, and S3's HEAD has no body to say more.
const (
	code   = "NotServed"
	status = http.StatusNotImplemented
)

// maxBody is read of a request that is refused: the SDK reads no response before it has
// written all of its body.
const maxBody = 1 << 30

// respond writes an error in the form of the protocol that r has.
func (p *Proxy) respond(w http.ResponseWriter, r *http.Request, message string) {
	if r.Header.Get("Expect") == "" { // which waits for this response
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, maxBody))
	}
	kind, service := r.Header.Get("Content-Type"), signedFor(r)
	body := []byte(nil)
	switch {
	case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		kind, body = "application/cbor", slices.Concat([]byte{0xa2}, text("__type"), text(code), text("message"), text(message))
	case service == "s3":
		kind, body = "application/xml", inXML("<Error>%s</Error>", message)
	case service == "ec2":
		kind, body = "application/xml", inXML("<Response><Errors><Error>%s</Error></Errors></Response>", message)
	case strings.HasPrefix(kind, "application/x-www-form-urlencoded"), service == "route53", service == "cloudfront":
		kind, body = "text/xml", inXML("<ErrorResponse><Error><Type>Sender</Type>%s</Error></ErrorResponse>", message)
	default:
		if !strings.HasPrefix(kind, "application/x-amz-json") {
			kind = "application/json"
		}
		w.Header().Set("X-Amzn-ErrorType", code)
		body, _ = json.Marshal(map[string]string{"__type": code, "message": message}) // strings
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(body) // an error means that the client went away
}

func inXML(format, message string) []byte {
	var escaped strings.Builder
	_ = xml.EscapeText(&escaped, []byte(message)) // a Builder does not fail
	return fmt.Appendf([]byte(xml.Header), format, "<Code>"+code+"</Code><Message>"+escaped.String()+"</Message>")
}

// text is a text string in CBOR (RFC 8949, section 3), shorter than 64 KB.
func text(s string) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0x79}, uint16(len(s))), s...)
}

var (
	// scope is the service in a signature's scope: Credential=KEY/20261127/us-east-1/s3/aws4_request,
	// without a region in version 4A.
	scope = regexp.MustCompile(`/([a-z0-9-]{1,40})/aws4_request`)

	// regional is a service's own host in a region.
	regional = regexp.MustCompile(`^([a-z0-9-]+?)(?:-fips)?\.[a-z]{2}(?:-[a-z]+)+-\d\.amazonaws\.com$`)
	region   = regexp.MustCompile(`^[a-z]{2}(?:-[a-z]+)+-\d$`)
)

// signedFor returns the service that a request calls, as its signature, else its
// operation or its host, names it.
func signedFor(r *http.Request) string {
	for _, signature := range []string{r.Header.Get("Authorization"), r.URL.Query().Get("X-Amz-Credential")} {
		if found := scope.FindStringSubmatch(signature); found != nil {
			return found[1]
		}
	}
	if target, _, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok && len(target) < 80 {
		return target
	}
	return serviceOf(strings.TrimSuffix(r.Host, ":443"))
}

// customers are hosts below amazonaws.com that are not AWS's API.
var customers = []string{"execute-api", "appsync-api", "appsync-realtime-api", "elb", "compute", "compute-1", "es", "aoss", "checkip"}

// serviceOf returns the service whose API is at a host, "" if it is not AWS's API.
func serviceOf(host string) string {
	name, ok := strings.CutSuffix(strings.ToLower(strings.TrimSuffix(host, ".")), ".amazonaws.com")
	if !ok {
		return ""
	}
	service := ""
	for label := range strings.SplitSeq(name, ".") {
		switch {
		case slices.Contains(customers, label):
			return ""
		case strings.HasPrefix(label, "s3-"): // s3-us-west-2, s3-fips, s3-accelerate
			service = "s3"
		case label != "dualstack" && !region.MatchString(label):
			service = strings.TrimSuffix(label, "-fips")
		}
	}
	return service
}

// title returns what people call a service.
func title(service string) string {
	names := map[string]string{
		"": "AWS", "dynamodb": "DynamoDB", "lambda": "Lambda", "secretsmanager": "Secrets Manager", "email": "SES", "events": "EventBridge",
		"states": "Step Functions", "logs": "CloudWatch Logs", "monitoring": "CloudWatch", "cognito-idp": "Cognito", "kinesis": "Kinesis",
	}
	if name, ok := names[service]; ok {
		return name
	}
	if len(service) <= 3 {
		return strings.ToUpper(service)
	}
	return service
}
