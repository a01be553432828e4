package lambdatest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/crumb-go/crumb/functions/internal/demo"
	"github.com/crumb-go/crumb/functions/internal/lambdatest"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

func main() {
	fmt.Println("starts")
	frontdoor.Start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lambda, _ := lambdacontext.FromContext(r.Context())
		fmt.Fprint(w, os.Getenv("GREETING"), " from ", r.URL.Path, " in ", lambda.AwsRequestID, ".")
	}))
}

func TestMain(m *testing.M) { lambdatest.Main(m, main) }

func TestInvoke(t *testing.T) {
	t.Setenv("GREETING", "hello")
	responses, printed := lambdatest.Invoke(t,
		lambdatest.Event(t, "../../../events/index/guest.http.json"), lambdatest.Event(t, "../../../events/me/nobody.http.json"))
	if !strings.Contains(responses[0], `"hello from / in 1."`) || !strings.Contains(responses[1], `"hello from /me in 1."`) || strings.Count(printed, "starts") != 1 {
		t.Errorf("%q, printed %q", responses, printed)
	}
}

// The tables are those of template.yaml, for a function that reads its environment.
func TestTables(t *testing.T) {
	store, r := lambdatest.Tables(t), httptest.NewRequest("GET", "/", nil)
	w := httptest.NewRecorder()
	if err := demo.Sessions(store).Start(w, r, session.NewHandle(), demo.User{}); err != nil {
		t.Fatal(err)
	}
	r.AddCookie(w.Result().Cookies()[0])
	client := dynamostore.LambdaClient()
	if _, err := demo.Sessions(dynamostore.New(client, os.Getenv("SESSION_TABLE"))).Get(r); err != nil {
		t.Error(err)
	}
	guesses := os.Getenv("GUESS_TABLE")
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: &guesses,
		Item:      map[string]types.AttributeValue{"guess_key": &types.AttributeValueMemberB{Value: []byte{1}}},
	}); err != nil {
		t.Error(err)
	}
}
