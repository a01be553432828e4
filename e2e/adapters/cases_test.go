package adapters_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// A row is a request with odd cookies, or a handler that sets some.
type row struct {
	name    string
	lines   []string // the request's Cookie lines
	handler http.HandlerFunc
}

// arriving are requests to the handler that echoes its cookies.
var arriving = []row{
	{"two cookies", []string{"a=1; b=2"}, echo},
	{"one name twice", []string{"a=1; a=2"}, echo},
	{"a value in quotes", []string{`theme="dark"`}, echo},
	{"a comma in a value", []string{"list=1,2"}, echo},
	{"UTF-8", []string{"name=Zoë"}, echo},
	{"Latin-1", []string{"name=Zo\xeb"}, echo},
	{"10 KB", []string{"a=" + large + "; b=" + large + "; c=" + large}, echo},
	{"two Cookie lines", []string{"a=1", "b=2"}, echo},
}

// leaving are handlers that set cookies or delete one.
var leaving = []row{
	{"two cookies", nil, set("a=1; Path=/", "b=2; Path=/")},
	{"one cookie twice", nil, set("a=1; Path=/", "a=2; Path=/")},
	{"a value in quotes", nil, set(`theme="dark, blue"; Path=/`)},
	{"folded with a comma", nil, set("a=1; Path=/, b=2; Path=/")},
	{"folded over two lines", nil, set("a=1; Path=/;\r\n HttpOnly")},
	{"UTF-8", nil, set("name=Zoë; Path=/")},
	{"Latin-1", nil, set("name=Zo\xeb; Path=/")},
	{"10 KB", nil, set("a="+large+"; Path=/", "b="+large+"; Path=/", "c="+large+"; Path=/")},
	{"a deletion", nil, func(w http.ResponseWriter, _ *http.Request) {
		deleteCookie(w)
		io.WriteString(w, "deleted")
	}},
	{"a deletion, no body", nil, func(w http.ResponseWriter, _ *http.Request) { deleteCookie(w) }},
	{"a streamed body", nil, stream},
}

// large is a value of which three cookies make 10,000 bytes.
var large = strings.Repeat("x", 3330)

func echo(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "%+q", r.Header["Cookie"])
}

func set(lines ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, line := range lines {
			w.Header().Add("Set-Cookie", line)
		}
		io.WriteString(w, "set")
	}
}

func deleteCookie(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: "a", Path: "/", Expires: time.Unix(1, 0), MaxAge: -1})
}

func stream(w http.ResponseWriter, _ *http.Request) {
	w.Header().Add("Set-Cookie", "a=1; Path=/")
	io.WriteString(w, "one, ")
	if err := http.NewResponseController(w).Flush(); err != nil {
		fmt.Fprintf(w, "%v, ", err)
	}
	io.WriteString(w, "two")
}
