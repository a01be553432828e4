package lambdatest_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/functions/internal/lambdatest"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

func main() {
	fmt.Println("starts")
	frontdoor.Start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, os.Getenv("GREETING"), " from ", r.URL.Path)
	}))
}

func TestMain(m *testing.M) { lambdatest.Main(m, main) }

func TestInvoke(t *testing.T) {
	t.Setenv("GREETING", "hello")
	responses, printed := lambdatest.Invoke(t,
		lambdatest.Event(t, "../../../events/index/guest.http.json"), lambdatest.Event(t, "../../../events/me/nobody.http.json"))
	if !strings.Contains(responses[0], "hello from /\"") || !strings.Contains(responses[1], "hello from /me\"") || strings.Count(printed, "starts") != 1 {
		t.Errorf("%q, printed %q", responses, printed)
	}
}
