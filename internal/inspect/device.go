package inspect

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/crumb-go/crumb/shared/cookie/useragent"
	"github.com/crumb-go/crumb/shared/dbsc"
)

const mostNotes = 16 // of one exchange

// A note says what one header of device-bound sessions means, without values.
type note struct {
	What string `json:"what"` // registration, challenge, proof, refresh, skipped, bound or ended
	Text string `json:"text"`
}

// Device reads the headers of device-bound sessions in a request and its response, and the
// response's body if they start or continue a session. The other fields of x are set.
func (x *Exchange) Device(request, response http.Header, body func() []byte) {
	refreshes, proves := len(request.Values(dbsc.SessionIDHeader)) > 0, len(request.Values(dbsc.ResponseHeader)) > 0
	switch {
	case refreshes && proves:
		x.note("refresh", "the browser wants a new bound cookie")
		x.note("proof", "signed with the session's key")
	case refreshes:
		x.note("refresh", "the browser wants a new bound cookie, and sends no proof yet")
	case proves:
		x.note("proof", "with the key that the browser has made")
	}
	for _, s := range dbsc.Skips(request) {
		x.note("skipped", "the browser did not refresh the bound cookie: "+s.Reason)
	}
	x.offered(response)
	if all, err := dbsc.Challenges(response); err != nil {
		x.note("challenge", "browsers ignore it: "+err.Error())
	} else if len(all) > 0 && refreshes && x.Status == http.StatusForbidden {
		x.note("challenge", "the browser signs it and asks again")
	} else if len(all) > 0 {
		x.note("challenge", "the browser signs it in its next proof")
	}
	switch {
	case x.Status == http.StatusOK && (refreshes || proves):
		x.given(body(), refreshes)
	case refreshes && x.Status/100 == 4 && x.Status != 403 && x.Status != 407, // not by 429 in the draft, but in Chromium 156
		proves && !refreshes && x.Status >= 300:
		x.note("ended", fmt.Sprintf("the browser forgets its key: the status is %d", x.Status))
	}
}

// offered reads the registrations that a response asks for.
func (x *Exchange) offered(response http.Header) {
	all, err := dbsc.Registrations(response)
	switch {
	case len(response.Values(dbsc.RegistrationHeader)) == 0:
	case err != nil:
		x.note("registration", "browsers ignore it: "+err.Error())
	case len(all) == 0:
		x.note("registration", "browsers ignore it: no member is a list of algorithms with a path")
	case !strings.HasPrefix(x.URL, "https:"):
		x.note("registration", "browsers ignore it: the URL is not https")
	default:
		for _, g := range all {
			x.note("registration", fmt.Sprintf("offered: the browser may send a key, for one of %v, to %s", g.Algorithms, g.Path))
		}
	}
}

// given reads what the server responds to a proof that it has accepted.
func (x *Exchange) given(body []byte, refreshes bool) {
	if len(body) == 0 && refreshes { // as before
		return
	}
	in, err := dbsc.ParseInstructions(body)
	if err != nil {
		x.note("ended", "the browser forgets its key: "+err.Error())
		return
	}
	for _, credential := range in.Credentials {
		text := credential.Name + " is not in the response"
		for _, c := range x.SetCookie { // the last one counts
			if c.Verdict.Outcome != useragent.Stored || c.Verdict.Cookie.Name != credential.Name {
				continue
			}
			x.bound = append(x.bound, keyOf(c.Verdict.Cookie))
			text = "a copied jar opens the session while " + credential.Name + " is good, which has no end"
			if end := c.Verdict.Cookie.Expires; !end.IsZero() {
				text = "a copied jar opens the session until " + end.Local().Format("15:04:05") + ", then only the device"
			}
		}
		x.note("bound", text)
	}
}

func (x *Exchange) note(what, text string) {
	if len(x.device) < mostNotes {
		x.device = append(x.device, note{what, printable(cut(text, 300))})
	}
}
