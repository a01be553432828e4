//go:build lambda.norpc

package frontdoor

import (
	"errors"
	"net/http"
)

// startServer is not in programs that are built for Lambda: net/http's server is
// 5 % of one.
func startServer(http.Handler) error {
	return errors.New("built for Lambda only, by the tag lambda.norpc: \"crumb start\" runs it here, and without the tag it serves HTTP")
}
