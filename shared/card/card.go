// Package card declares the cookies of the demo, each once. The functions that
// set, read and delete a cookie import the same declaration, so that the three
// cannot disagree.
package card

import (
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
)

// Username is the visitor's name, any UTF-8 text, kept for 30 days.
var Username = cookie.Must(cookie.New("username", cookie.Attributes{
	MaxAge:   30 * 24 * time.Hour,
	Encoding: cookie.Percent,
}))
