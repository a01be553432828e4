package compare

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// A Request is sent as written, byte for byte.
type Request struct {
	Name   string // its name in the subtest and the differences
	Method string
	Target string   // "/getcookie?x=1"
	Header []string // whole lines, "Cookie: a=b", Host, Connection and Content-Length excepted
	Body   string
	Fields []string // the fields of the responses to compare; none: all
}

// An Answer is what a browser can see of a response, by field:
//
//	status              200
//	body                as it is; a Go string literal when it is not UTF-8; length and SHA-256 of over 1,000 bytes
//	cookies             the names in order
//	cookie NAME         its value; of a second cookie of this name, "cookie NAME #2"
//	cookie NAME SameSite and any other attribute, as the RFC spells it
//	content-type        and any other header, in lower case
//
// Headers of the connection are left out. Allow is sorted. Expires is in minutes
// from now, or unchanged if it is past.
type Answer map[string]string

func (a Answer) get(field string) string {
	if value, ok := a[field]; ok {
		return value
	}
	return Absent
}

// Send sends a request to a TCP address and waits at most five minutes.
func Send(t *testing.T, address string, r Request) Answer {
	t.Helper()
	answer, err := Try(address, r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.Target, err)
	}
	return answer
}

// Try is like Send, but returns an error.
func Try(address string, r Request) (Answer, error) {
	_, received, err := Exchange("http://"+address, r)
	if err != nil {
		return nil, err
	}
	return Parse(r.Method, received)
}

// Exchange sends a request to a server, "https://abc.example/prod", whose path goes
// before the request's target. It returns both messages byte for byte, the response
// with its chunks, if it has any. With an error about the response that is what there
// was of it.
func Exchange(server string, r Request) (sent, received []byte, err error) {
	u, err := url.Parse(server)
	if err != nil {
		return nil, nil, err
	}
	conn, err := dial(u)
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		return nil, nil, err
	}
	text := fmt.Sprintf("%s %s%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", r.Method, u.EscapedPath(), r.Target, u.Host)
	for _, line := range r.Header {
		text += line + "\r\n"
	}
	if r.Body != "" && !slices.Contains(r.Header, Chunked) {
		text += fmt.Sprintf("Content-Length: %d\r\n", len(r.Body))
	}
	sent = []byte(text + "\r\n" + r.Body)
	_, failed := conn.Write(sent) // a server may respond before it has read all
	var wire bytes.Buffer
	resp, err := http.ReadResponse(bufio.NewReader(io.TeeReader(conn, &wire)), &http.Request{Method: r.Method})
	if err != nil {
		return sent, wire.Bytes(), errors.Join(failed, err)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return sent, wire.Bytes(), err
}

// Chunked is the line in the Header of a request whose Body is in chunks.
const Chunked = "Transfer-Encoding: chunked"

func dial(u *url.URL) (net.Conn, error) {
	port := u.Port()
	if u.Scheme == "https" {
		return tls.Dial("tcp", net.JoinHostPort(u.Hostname(), cmp.Or(port, "443")), nil)
	}
	return net.Dial("tcp", net.JoinHostPort(u.Hostname(), cmp.Or(port, "80")))
}

// Parse reads what Exchange has received for a request with a method.
func Parse(method string, received []byte) (Answer, error) {
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(received)), &http.Request{Method: method})
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	return newAnswer(resp, string(body)), nil
}

// onTheWay lists the headers that the server or the gateway adds to any response.
var onTheWay = []string{
	"apigw-requestid", "connection", "content-length", "date", "server",
	"x-amz-apigw-id", "x-amzn-requestid", "x-amzn-trace-id",
}

func newAnswer(resp *http.Response, body string) Answer {
	if len(body) > 1000 {
		body = fmt.Sprintf("%d bytes, SHA-256 %x", len(body), sha256.Sum256([]byte(body)))
	} else if !utf8.ValidString(body) {
		body = strconv.QuoteToASCII(body)
	}
	a := Answer{"status": strconv.Itoa(resp.StatusCode), "body": body}
	for name, values := range resp.Header {
		name = strings.ToLower(name)
		if name == "set-cookie" {
			a.cookies(values)
		} else if !slices.Contains(onTheWay, name) {
			a[name] = strings.Join(values, ", ")
		}
	}
	if allow, ok := a["allow"]; ok {
		methods := strings.Split(allow, ", ")
		slices.Sort(methods)
		a["allow"] = strings.Join(methods, ", ")
	}
	return a
}

func (a Answer) cookies(lines []string) {
	var names []string
	for _, line := range lines {
		pair, attributes, _ := strings.Cut(line, ";")
		name, value, _ := strings.Cut(pair, "=")
		names = append(names, name)
		key := "cookie " + name
		if n := count(names, name); n > 1 {
			key += fmt.Sprintf(" #%d", n)
		}
		a[key] = value
		for attribute := range strings.SplitSeq(attributes, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(attribute), "=")
			if name == "Expires" {
				value = fromNow(value)
			}
			if name != "" {
				a[key+" "+name] = value
			}
		}
	}
	a["cookies"] = strings.Join(names, ", ")
}

func count(list []string, s string) int {
	n := 0
	for _, e := range list {
		if e == s {
			n++
		}
	}
	return n
}

// fromNow rounds a future time to minutes: two servers never respond in the same
// instant.
func fromNow(date string) string {
	at, err := http.ParseTime(date)
	if err != nil || time.Until(at) < 0 {
		return date
	}
	return fmt.Sprintf("in %.0f minutes", time.Until(at).Minutes())
}
