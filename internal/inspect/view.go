package inspect

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// What the page gets of an exchange: everything but values.
type exchangeView struct {
	ID       int       `json:"id"`
	Time     time.Time `json:"time"`
	Millis   float64   `json:"millis"`
	Method   string    `json:"method"`
	URL      string    `json:"url"`
	Status   int       `json:"status"`
	Reason   string    `json:"reason"`
	Door     string    `json:"door"`
	API      string    `json:"api"`
	Function string    `json:"function"`

	In       []groupView  `json:"in"`
	Unseen   []string     `json:"unseen"` // names missing in the event
	Out      []lineView   `json:"out"`
	Changed  []memberView `json:"changed"` // lines of the response that were not sent as written
	Device   []note       `json:"device"`  // of device-bound sessions
	Problem  string       `json:"problem"`
	Warnings []string     `json:"warnings"`
	Omitted  int          `json:"omitted"` // cookies that were too long to keep
}

// A groupView is the cookies of one member of the event, or of several with the
// same cookies.
type groupView struct {
	Members []string   `json:"members"`
	Cookies []pairView `json:"cookies"`
}

type pairView struct {
	N      int    `json:"n"` // its index in the exchange
	Name   string `json:"name"`
	Octets int    `json:"octets"` // of the value
}

type lineView struct {
	N          int               `json:"n"`
	Member     string            `json:"member"` // of the response; "" for a line that the door added
	Name       string            `json:"name"`
	Attributes string            `json:"attributes"` // as written, after the first semicolon
	Verdict    useragent.Verdict `json:"verdict"`
	Deployed   string            `json:"deployed,omitempty"`
	Differs    string            `json:"differs,omitempty"`
}

type memberView struct {
	Member string `json:"member"`
	Name   string `json:"name"`
}

func (e *entry) view() exchangeView {
	return exchangeView{
		ID: e.id, Time: e.Began, Millis: float64(e.Took.Microseconds()) / 1000, Method: printable(e.Method), URL: printable(e.URL),
		Status: e.Status, Reason: http.StatusText(e.Status), Door: e.Door, API: e.API, Function: e.Function,
		In: e.in(), Unseen: e.unseen(), Out: e.out(), Changed: e.changed(), Device: e.device, Problem: printableLines(e.Problem), Warnings: e.Warnings, Omitted: e.omitted,
	}
}

// A pair is one cookie of a request.
type pair struct{ member, name, value string }

func (e *entry) pairs() []pair {
	if !e.Made {
		return headerPairs("Cookie", e.Cookie)
	}
	var list []pair
	for _, c := range e.Event {
		if c.Member == "cookies" { // one cookie each, whatever it contains
			list = append(list, cutPair(c.Member, c.Text))
		} else {
			list = append(list, headerPairs(c.Member, []string{c.Text})...)
		}
	}
	return list
}

func headerPairs(member string, lines []string) []pair {
	var list []pair
	for _, line := range lines {
		for text := range strings.SplitSeq(line, ";") {
			if text = strings.Trim(text, " \t"); text != "" {
				list = append(list, cutPair(member, text))
			}
		}
	}
	return list
}

func cutPair(member, text string) pair {
	name, value, found := strings.Cut(text, "=")
	if !found {
		name, value = "", text
	}
	return pair{member, strings.Trim(name, " \t"), strings.Trim(value, " \t")}
}

// in groups the cookies by the members of the event that carry them. Payload 1.0
// has all of them in two members.
func (e *entry) in() []groupView {
	pairs := e.pairs()
	var groups []groupView
	var texts []string
	for start, end := 0, 0; start < len(pairs); start = end {
		g, text := groupView{Members: []string{pairs[start].member}}, ""
		for ; end < len(pairs) && pairs[end].member == pairs[start].member; end++ {
			p := pairs[end]
			g.Cookies = append(g.Cookies, pairView{end, printable(p.name), len(p.value)})
			text += p.name + "=" + p.value + ";"
		}
		if same := slices.Index(texts, text); same >= 0 {
			groups[same].Members = append(groups[same].Members, g.Members...)
			continue
		}
		groups, texts = append(groups, g), append(texts, text)
	}
	return groups
}

// unseen returns the names of cookies that the door removed from the request.
func (e *entry) unseen() []string {
	if !e.Made {
		return nil
	}
	seen := map[string]int{}
	for _, p := range e.pairs() {
		seen[p.name]++
	}
	var lost []string
	for _, p := range headerPairs("", e.Cookie) {
		// The event has other bytes for what is not UTF-8.
		if seen[p.name]--; seen[p.name] < 0 && utf8.ValidString(p.name) {
			lost = append(lost, printable(p.name))
		}
	}
	return lost
}

func (e *entry) out() []lineView {
	response := slices.Clone(e.Response)
	var list []lineView
	for n, c := range e.SetCookie {
		v := lineView{N: n, Name: printable(c.Verdict.Cookie.Name), Attributes: attributes(c.Line), Verdict: c.Verdict, Differs: c.Differs}
		if i := slices.IndexFunc(response, func(a gateway.CookieSource) bool { return a.Text == c.Line }); i >= 0 {
			v.Member = response[i].Member
			response = slices.Delete(response, i, i+1)
		}
		if c.Deployed != nil {
			v.Deployed = fmt.Sprintf("At AWS, behind the stage %s, the browser does not send this cookie back: %s", e.Stage, c.Deployed)
		}
		list = append(list, v)
	}
	return list
}

// changed returns the lines of the response that are not among those sent.
func (e *entry) changed() []memberView {
	var list []memberView
	went := map[string]int{}
	for _, c := range e.SetCookie {
		went[c.Line]++
	}
	for _, a := range e.Response {
		if went[a.Text]--; went[a.Text] < 0 {
			list = append(list, memberView{a.Member, printable(cookie.LineName(a.Text))})
		}
	}
	return list
}

// What the page gets of a cookie in the jar.
type cookieView struct {
	Key       string     `json:"key"`
	Name      string     `json:"name"`
	Octets    int        `json:"octets"`
	Domain    string     `json:"domain"`
	HostOnly  bool       `json:"host_only"`
	Path      string     `json:"path"`
	Expires   *time.Time `json:"expires"`
	Secure    bool       `json:"secure"`
	HTTPOnly  bool       `json:"http_only"`
	SameSite  string     `json:"same_site"`
	Partition string     `json:"partition"`
	Bound     bool       `json:"bound"` // to the device, with the session beside it
}

var sameSite = map[http.SameSite]string{
	http.SameSiteStrictMode: "Strict", http.SameSiteLaxMode: "Lax", http.SameSiteNoneMode: "None",
}

// jarView returns what the page gets of the jar, and a digest of the values,
// which the page does not get.
func (i *Inspector) jarView() (list []cookieView, values [sha256.Size]byte) {
	list = []cookieView{}
	digest := sha256.New()
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, c := range i.jar.All() {
		fmt.Fprintf(digest, "%q", c.Value)
		v := cookieView{
			Key: keyOf(c), Name: printable(c.Name), Octets: len(c.Value), Domain: printable(c.Domain), HostOnly: c.HostOnly,
			Path: printable(maskedPath(c.Path)), Secure: c.Secure, HTTPOnly: c.HTTPOnly, SameSite: sameSite[c.SameSite], Partition: c.Partition,
		}
		if !c.Expires.IsZero() {
			v.Expires = &c.Expires
		}
		v.Bound = i.bound[v.Key]
		list = append(list, v)
	}
	return list, [sha256.Size]byte(digest.Sum(nil))
}

// keyOf returns a key made from what identifies a cookie to a browser.
func keyOf(c useragent.Cookie) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %t %q %q", c.Name, c.Domain, c.HostOnly, c.Path, c.Partition))
	return hex.EncodeToString(sum[:8])
}
