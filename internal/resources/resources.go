// Package resources makes the resources of a template in an emulator of AWS, by the
// services' own Create APIs: CloudFormation takes no SAM template there, and loses
// settings. One that exists already is left as it is. Nothing is ever deleted.
package resources

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
)

// A Maker makes resources. It is not safe for concurrent use.
type Maker struct {
	Account string // the one that the emulator says is ours; app.DefaultAccountID if it has no STS

	endpoint, region string
	client           http.Client
	made             map[string]app.Resource // by logical id
	known            map[string]map[string]string
}

type object = map[string]any

// A kind is a type of resource that can be made.
type kind struct {
	name   string // the property that is its name
	passed string // the other properties that are passed on

	// create makes a resource and returns what Ref ("") and GetAtt return of it.
	create func(context.Context, *Maker, string, object) (map[string]string, error)
}

var kinds = map[string]kind{
	"AWS::DynamoDB::Table":         {"TableName", "AttributeDefinitions KeySchema GlobalSecondaryIndexes LocalSecondaryIndexes BillingMode ProvisionedThroughput StreamSpecification TimeToLiveSpecification", table},
	"AWS::DynamoDB::GlobalTable":   {"TableName", "AttributeDefinitions KeySchema GlobalSecondaryIndexes LocalSecondaryIndexes StreamSpecification TimeToLiveSpecification", table},
	"AWS::S3::Bucket":              {"BucketName", "", bucket},
	"AWS::SNS::Topic":              {"TopicName", "DisplayName FifoTopic ContentBasedDeduplication", topic},
	"AWS::SQS::Queue":              {"QueueName", "DelaySeconds MaximumMessageSize MessageRetentionPeriod ReceiveMessageWaitTimeSeconds VisibilityTimeout FifoQueue ContentBasedDeduplication DeduplicationScope FifoThroughputLimit RedrivePolicy RedriveAllowPolicy", queue},
	"AWS::SSM::Parameter":          {"Name", "Type Value Description AllowedPattern", parameter},
	"AWS::SecretsManager::Secret":  {"Name", "Description SecretString GenerateSecretString", secret},
	"AWS::Serverless::SimpleTable": {"TableName", "PrimaryKey ProvisionedThroughput", simpleTable},
}

// others are types that functions call and that are not made, by how they begin.
var others = []string{
	"AWS::Cognito::UserPool", "AWS::Events::EventBus", "AWS::Kinesis::", "AWS::KinesisFirehose::", "AWS::KMS::Key",
	"AWS::SNS::Subscription", "AWS::Serverless::StateMachine", "AWS::StepFunctions::", "AWS::RDS::", "AWS::ElastiCache::",
}

// Types are those that can be made.
func Types() []string { return slices.Sorted(maps.Keys(kinds)) }

// New returns a Maker for the emulator at endpoint. The error says that it cannot be
// reached.
func New(ctx context.Context, endpoint, region string) (*Maker, error) {
	m := &Maker{Account: app.DefaultAccountID, endpoint: endpoint, region: region, client: http.Client{Timeout: 30 * time.Second, CheckRedirect: stay}, made: map[string]app.Resource{}, known: map[string]map[string]string{}}
	var identity struct {
		Account string `xml:"GetCallerIdentityResult>Account"`
	}
	err := m.query(ctx, "sts", map[string]string{"Action": "GetCallerIdentity", "Version": "2011-06-15"}, &identity)
	if refused := (*refusal)(nil); err != nil && !errors.As(err, &refused) {
		return nil, fmt.Errorf("%w (is the emulator running?)", err)
	}
	m.Account = cmp.Or(identity.Account, m.Account)
	return m, nil
}

// stay follows no redirect, which could take a secret off this machine.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Known has what Ref ("") and GetAtt return of the resources made so far, by logical id.
func (m *Maker) Known() map[string]map[string]string { return m.known }

// Make makes those of the resources that are not made yet and wait for no other one, and
// returns how many these are. With evenWaiting it makes all: a text that waits is passed
// on with its placeholder, for other properties see Findings.
func (m *Maker) Make(ctx context.Context, all []app.Resource, evenWaiting bool) (n int, err error) {
	for _, r := range all {
		if before, done := m.made[r.ID]; kinds[r.Type].create == nil || done && reflect.DeepEqual(before.Properties, r.Properties) || len(r.Waits) > 0 && !evenWaiting {
			continue
		}
		properties := object{}
		for _, name := range append(strings.Fields(kinds[r.Type].passed), kinds[r.Type].name) {
			v := r.Properties[name]
			if _, isText := v.(string); v != nil && (isText || !slices.Contains(r.Waits, name)) {
				properties[name] = v
			}
		}
		known, err := kinds[r.Type].create(ctx, m, m.nameOf(r), properties)
		if err != nil {
			return n, fmt.Errorf("%s (%s): %w", r.ID, r.Type, err)
		}
		m.made[r.ID], m.known[r.ID] = r, known
		n++
	}
	return n, nil
}

// nameOf is a resource's name: the template's, or like one that CloudFormation makes of
// the stack's name and the logical id, but the same each time.
func (m *Maker) nameOf(r app.Resource) string {
	if name := str(r.Properties[kinds[r.Type].name]); name != "" && !slices.Contains(r.Waits, kinds[r.Type].name) {
		return name
	}
	name := "local-" + r.ID
	switch {
	case r.Type == "AWS::S3::Bucket":
		return strings.ToLower(name)
	case kinds[r.Type].name == "TableName":
		return r.ID // as in crumb's own tables
	case str(r.Properties["FifoQueue"]) == "true", str(r.Properties["FifoTopic"]) == "true":
		return name + ".fifo"
	}
	return name
}

// Findings name what is not made.
func Findings(all []app.Resource) (findings []app.Finding) {
	for _, r := range all {
		add := func(format string, args ...any) {
			findings = append(findings, app.Finding{Severity: app.NotEmulated, Line: r.Line, Text: fmt.Sprintf(format, args...)})
		}
		k, can := kinds[r.Type]
		if !can && slices.ContainsFunc(others, func(start string) bool { return strings.HasPrefix(r.Type, start) }) {
			add("%s: %s is not made at --aws-endpoint", r.ID, r.Type)
		}
		var left []string
		for _, name := range slices.Sorted(maps.Keys(r.Properties)) {
			_, isText := r.Properties[name].(string)
			if name == k.name && !isText && r.Properties[name] != nil {
				findings = append(findings, app.Finding{Severity: app.Refused, Line: r.Line, Text: r.ID + ": " + name + " must be a string"})
				continue
			}
			passed, waits := name == k.name || slices.Contains(strings.Fields(k.passed), name), slices.Contains(r.Waits, name)
			if passed && waits && isText {
				add("%s: at --aws-endpoint its %s holds a placeholder", r.ID, name)
			} else if !passed || waits {
				left = append(left, name)
			}
		}
		if left != nil {
			add("%s: at --aws-endpoint it has no %s, which crumb does not pass on", r.ID, strings.Join(left, ", "))
		}
	}
	return findings
}
