package sessions_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/crumb-go/crumb/e2e/testenv"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

var measure = flag.Bool("measure", false, "take the measurements, about half a minute")

// TestMeasure prints what sessions cost, compared with the same without them.
// Each pair is measured alternately:
//
//	go test ./e2e/sessions -v -run Measure -measure
func TestMeasure(t *testing.T) {
	if !*measure {
		t.Skip("measurements are taken with -measure")
	}
	local := connect(t, startTable(t))
	t.Log("\n| on | operation | plain SDK, operations/s | p99 | store, operations/s | p99 | store : plain | allocations |\n| --- | --- | --: | --: | --: | --: | --: | --: |\n" +
		operations(t, "crumb's endpoint", local, 4000) +
		operations(t, "moto", startMoto(t), 400))
	t.Log("\n| warm, one client, ms | p50 | p99 |\n| --- | --: | --: |\n" + throughCrumb(t))
	t.Log("\n| packages' init, ms | median |\n| --- | --: |\n" + inits(t))
}

// operations measures the store beside calls of the SDK that do the same work.
func operations(t *testing.T, on string, client *dynamodb.Client, n int) string {
	store := dynamostore.New(client, table)
	ctx := context.Background()
	name, key := aws.String(table), session.Key{User: session.NewHandle()}
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	number := func(at time.Time) types.AttributeValue {
		return &types.AttributeValueMemberN{Value: strconv.FormatInt(at.Unix(), 10)}
	}
	now := time.Now()
	rec := session.Record{Data: []byte(`{"name":"Ana"}`), Version: "a", Expires: now.Add(time.Hour), Ends: now.Add(2 * time.Hour)}
	must(t, store.Create(ctx, key, rec))
	itemKey := func() map[string]types.AttributeValue {
		return map[string]types.AttributeValue{
			"user_handle": &types.AttributeValueMemberB{Value: key.User[:]},
			"token_hash":  &types.AttributeValueMemberB{Value: key.ID[:]},
		}
	}
	var b strings.Builder
	for _, op := range []struct {
		name         string
		plain, store func() error
	}{
		{"read", func() error {
			_, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: name, Key: itemKey(), ConsistentRead: aws.Bool(true)})
			return err
		}, func() error {
			_, err := store.Get(ctx, key)
			return err
		}},
		{"conditional write", func() error {
			_, err := client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
				TableName: name, Key: itemKey(),
				UpdateExpression:    aws.String("SET session_data = :data, session_version = :new, expires_at = :expires"),
				ConditionExpression: aws.String("session_version = :old AND expires_at > :now"),
				ExpressionAttributeValues: map[string]types.AttributeValue{
					":data": text(string(rec.Data)), ":new": text(rec.Version), ":old": text(rec.Version),
					":expires": number(rec.Expires), ":now": number(time.Now()),
				},
				ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
			})
			return err
		}, func() error {
			return store.Replace(ctx, key, rec, rec.Version)
		}},
	} {
		plain, stored := byTurns(t, n, op.plain, op.store)
		allocations := func(f func() error) float64 { return testing.AllocsPerRun(50, func() { must(t, f()) }) }
		fmt.Fprintf(&b, "| %s | %s | %.0f | %v | %.0f | %v | %.3f | %.0f : %.0f |\n", on, op.name,
			plain.perSecond(), plain.at(99), stored.perSecond(), stored.at(99), plain.perSecond()/stored.perSecond(),
			allocations(op.store), allocations(op.plain))
	}
	return b.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// times are how long each of many runs took.
type times []time.Duration

// perSecond uses the median, so that pauses of the machine do not count.
func (d times) perSecond() float64 { return float64(time.Second) / float64(d.at(50)) }

func (d times) at(percent int) time.Duration {
	slices.Sort(d)
	return d[(len(d)-1)*percent/100].Round(time.Microsecond)
}

// byTurns runs two things n times each, alternately.
func byTurns(t *testing.T, n int, one, other func() error) (a, b times) {
	t.Helper()
	run := func(f func() error) time.Duration {
		begin := time.Now()
		must(t, f())
		return time.Since(begin)
	}
	for i := range n + n/10 {
		x, y := run(one), run(other)
		if i >= n/10 { // warm
			a, b = append(a, x), append(b, y)
		}
	}
	return a, b
}

// throughCrumb measures the demo's routes with and without a session.
func throughCrumb(t *testing.T) string {
	crumb := testenv.Start(t, exec.Command(testenv.Build(t), "start", "--port", "0", "--no-watch"))
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Post(crumb.URL+"/login", "application/x-www-form-urlencoded", strings.NewReader("username=name&password=password"))
	must(t, err)
	answer.Body.Close()
	cookie, _, _ := strings.Cut(answer.Header.Get("Set-Cookie"), ";")
	get := func(path string) func() error {
		return func() error {
			r, err := http.NewRequestWithContext(t.Context(), "GET", crumb.URL+path, nil)
			must(t, err)
			r.Header.Set("Cookie", cookie)
			answer, err := client.Do(r)
			if err == nil && answer.StatusCode != http.StatusOK {
				err = fmt.Errorf("%s: status %d", path, answer.StatusCode)
			}
			if err == nil {
				err = answer.Body.Close()
			}
			return err
		}
	}
	index, me := byTurns(t, 1000, get("/"), get("/me"))
	return fmt.Sprintf("| / | %v | %v |\n| /me | %v | %v |\n", index.at(50), index.at(99), me.at(50), me.at(99))
}

var initClock = regexp.MustCompile(`(?m)^init \S+ @\S+ ms, (\S+) ms clock`)

// inits measures how long the packages of functions take to initialize.
func inits(t *testing.T) string {
	dir := t.TempDir()
	names := []string{"index", "me", "login", "logout"}
	for _, name := range names {
		cmd := exec.Command("go", "build", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", filepath.Join(dir, name), "./functions/"+name)
		cmd.Dir = testenv.Root(t)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	spent := map[string][]float64{}
	for range 21 {
		for _, name := range names {
			cmd := exec.Command(filepath.Join(dir, name)) // ends at once outside Lambda
			cmd.Env = []string{"GODEBUG=inittrace=1", "AWS_REGION=eu-west-1", "SESSION_TABLE=" + table}
			out, _ := cmd.CombinedOutput()
			sum := 0.0
			for _, m := range initClock.FindAllSubmatch(out, -1) {
				ms, err := strconv.ParseFloat(string(m[1]), 64)
				must(t, err)
				sum += ms
			}
			if sum == 0 {
				t.Fatalf("no init times in %s", out)
			}
			spent[name] = append(spent[name], sum)
		}
	}
	var b strings.Builder
	for _, name := range names {
		slices.Sort(spent[name])
		fmt.Fprintf(&b, "| %s | %.2f |\n", name, spent[name][len(spent[name])/2])
	}
	return b.String()
}
