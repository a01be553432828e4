package devicebound_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/crumb-go/crumb/internal/dynamo"
	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/devicebound"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

// A table is one of crumb start, behind the SDK, with the operations since the last look.
type table struct {
	*dynamodb.Client
	ops []string
}

func newTable(t testing.TB) *table {
	t.Helper()
	server, err := dynamo.Start(t.Context(), dynamo.Table{Name: "Sessions", Keys: []string{"user_handle", "token_hash"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	d := new(table)
	d.Client = dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: &server.URL, HTTPClient: d,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
	return d
}

func (d *table) Do(r *http.Request) (*http.Response, error) {
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	d.ops = append(d.ops, op)
	return http.DefaultClient.Do(r)
}

// item returns the bytes of the only item as DynamoDB bills them, of names and values, and
// those of the value that binds it.
func (d *table) item(t *testing.T) (all, binding int) {
	t.Helper()
	out, err := d.Client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("Sessions")})
	if err != nil || len(out.Items) != 1 {
		t.Fatalf("%v, %v", out, err)
	}
	for name, value := range out.Items[0] {
		n := 0
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			n = len(v.Value)
		case *types.AttributeValueMemberN:
			n = len(v.Value) // never less than in DynamoDB's own form
		case *types.AttributeValueMemberB:
			n = len(v.Value)
		default:
			t.Fatalf("%s is a %T", name, v)
		}
		if name == "session_binding" {
			binding = n
		}
		all += len(name) + n
	}
	return all, binding
}

// The units of docs/scaling.md: each read is one of at most 4 KB, each write one of at most
// 1 KB, with either algorithm.
func TestUnits(t *testing.T) {
	for alg, most := range map[dbsc.Algorithm]int{dbsc.ES256: 500, dbsc.RS256: 750} {
		t.Run(string(alg), func(t *testing.T) {
			d := newTable(t)
			s := newSite(t, dynamostore.New(d.Client, "Sessions"), devicebound.Config{})
			cost := func(what, want string) {
				t.Helper()
				if got := strings.Join(d.ops, " "); got != want {
					t.Errorf("%s: %s; want %s", what, got, want)
				}
				d.ops = nil
			}
			w := answer(s, with("POST", "/login", ""))
			cost("login", "GetItem PutItem Query")
			b := newBrowser(s.mux)
			b.alg = alg
			b.jar.Set(request("/login"), w.Header().Get("Set-Cookie"))
			asked, err := dbsc.Registrations(w.Header())
			if err != nil || len(asked) != 1 {
				t.Fatal(asked, err)
			}
			b.register(t.Context(), asked[0])
			cost("registration", "GetItem UpdateItem")
			visits(t, b, "GET", "/me", 200, "1")
			cost("request", "GetItem")
			for range 3 {
				b.refresh(t.Context(), the(t, b).id)
				cost("refresh", "GetItem UpdateItem")
			}
			if all, binding := d.item(t); all > 1024 || binding > most || binding < most-60 {
				t.Errorf("the item has %d bytes, %d of them the binding; want at most 1024 and %d", all, binding, most)
			}
		})
	}
}

// BenchmarkRefresh measures by turns a Get of a session.Manager, of a bound session, and a
// refresh without the client's signature. Its ratios are in docs/scaling.md.
func BenchmarkRefresh(b *testing.B) {
	for _, tt := range []struct {
		name  string
		store func() session.Store
	}{
		{"memory", func() session.Store { return new(session.Memory) }},
		{"tables", func() session.Store { return dynamostore.New(newTable(b).Client, "Sessions") }},
	} {
		b.Run(tt.name, func(b *testing.B) {
			plain, err := session.New[visitor](tt.store(), session.Config{Cookie: idCookie})
			if err != nil {
				b.Fatal(err)
			}
			w := httptest.NewRecorder()
			if err := plain.Start(w, with("POST", "/login", ""), session.NewHandle(), visitor{}); err != nil {
				b.Fatal(err)
			}
			plainCookie, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
			s := newSite(b, tt.store(), devicebound.Config{})
			user := signedIn(b, s, dbsc.ES256)
			var took [3][]time.Duration
			clock := func(n int, do func() bool) {
				began := time.Now()
				if !do() {
					b.Fatal("not signed in")
				}
				took[n] = append(took[n], time.Since(began))
			}
			for b.Loop() {
				clock(0, func() bool { _, err := plain.Get(with("GET", "/", plainCookie)); return err == nil })
				clock(1, func() bool { _, err := s.Get(with("GET", "/", cookies(user))); return err == nil })
				bond := the(b, user)
				r := with("POST", bond.refreshURL, cookies(user), dbsc.SessionIDHeader, bond.id, dbsc.ResponseHeader, bond.device.Refresh(bond.challenge))
				var w *httptest.ResponseRecorder
				clock(2, func() bool { w = answer(s, r); return w.Code == 200 })
				user.jar.Set(request(bond.refreshURL), w.Header().Get("Set-Cookie"))
				user.keepChallenges(w.Result())
			}
			median := func(n int) float64 { slices.Sort(took[n]); return float64(took[n][len(took[n])/2]) }
			b.ReportMetric(median(0), "ns/plain-get")
			b.ReportMetric(median(1)/median(0), "get/plain-get")
			b.ReportMetric(median(2)/median(0), "refresh/plain-get")
		})
	}
}
