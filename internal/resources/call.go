package resources

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// A refusal is an error that the emulator responded with.
type refusal struct{ operation, code, message string }

func (e *refusal) Error() string {
	return strings.TrimSuffix(fmt.Sprintf("%s: %s: %s", e.operation, e.code, e.message), ": ")
}

// call calls an operation of one of the services whose requests are JSON.
func (m *Maker) call(ctx context.Context, service, target string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.endpoint+"/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("Content-Type", map[bool]string{true: "application/x-amz-json-1.0", false: "application/x-amz-json-1.1"}[service == "dynamodb" || service == "sqs"])
	_, operation, _ := strings.Cut(target, ".")
	response, err := m.send(r, service, operation, body)
	if err != nil {
		return err
	}
	return json.Unmarshal(response, out)
}

// query calls an operation of one of the services whose requests are forms and whose
// responses are XML.
func (m *Maker) query(ctx context.Context, service string, parameters map[string]string, out any) error {
	form := url.Values{}
	for name, value := range parameters {
		form.Set(name, value)
	}
	body := []byte(form.Encode())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.endpoint+"/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := m.send(r, service, parameters["Action"], body)
	if err != nil {
		return err
	}
	return xml.Unmarshal(response, out)
}

// send signs a request as functions do, with placeholders, and returns the response's
// body, or a *refusal.
func (m *Maker) send(r *http.Request, service, operation string, body []byte) ([]byte, error) {
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	r.Header.Set("X-Amz-Content-Sha256", hash)
	if err := v4.NewSigner().SignHTTP(r.Context(), aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local", SessionToken: "local"}, r, hash, service, m.region, time.Now()); err != nil {
		return nil, err
	}
	response, err := m.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	if response.StatusCode < 300 {
		return text, nil
	}
	var found struct {
		Type      string `json:"__type" xml:"-"`
		Message   string `json:"message" xml:"Message"`
		Code      string `json:"-" xml:"Code"`
		InCode    string `json:"-" xml:"Error>Code"`
		InMessage string `json:"-" xml:"Error>Message"`
	}
	if json.Unmarshal(text, &found) != nil {
		_ = xml.Unmarshal(text, &found) // else there is only the status
	}
	_, kind, ok := strings.Cut(found.Type, "#")
	if !ok {
		kind = found.Type
	}
	return nil, &refusal{operation, cmp.Or(kind, found.Code, found.InCode, response.Status), cmp.Or(found.Message, found.InMessage)}
}

// is reports whether an error is a refusal with one of these codes.
func is(err error, codes ...string) bool {
	refused, ok := err.(*refusal)
	return ok && slices.ContainsFunc(codes, func(code string) bool { return strings.HasSuffix(refused.code, code) })
}
