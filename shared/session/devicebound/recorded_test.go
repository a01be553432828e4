package devicebound_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/devicebound/script"
)

// The browser of these tests sends what Chromium does.
func TestRecorded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		site := script.New()
		b := newBrowser(site)
		b.wire = func(r *http.Request) (res *http.Response, err error) {
			defer func() {
				if p := recover(); p != nil { // broken
					err = fmt.Errorf("%v", p)
				}
			}()
			return over(site)(r)
		}
		_, err := site.Run(func(action string) {
			verb, name, _ := strings.Cut(action, " ")
			switch verb {
			case "GET", "POST":
				if _, _, err := b.visit(t.Context(), verb, name); err != nil {
					t.Errorf("%s: %v", action, err)
				}
			case "delete":
				b.jar.Set(request("/"), name+"=; Path=/; Secure; Max-Age=0")
			case "registered":
				b.background.Wait()
			}
		})
		if err != nil {
			t.Error(err)
		}
	})
}
