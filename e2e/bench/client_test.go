//go:build linux

package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"

	"github.com/crumb-go/crumb/e2e/bench/visit"
)

// A client requests one URL again and again, on one connection. It does less than
// net/http's client, whose two goroutines for each connection would be measured
// too, as they share the server's cores.
type client struct {
	address string
	request []byte
	conn    net.Conn // nil: not open
	in      *bufio.Reader
	body    []byte
}

func newClient(rawURL string) (*client, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, err
	}
	c := &client{address: u.Host, in: bufio.NewReader(nil)}
	c.request = fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\n\r\n", u.RequestURI(), u.Host, visit.Cookies)
	return c, nil
}

func (c *client) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// get sends one request. A response other than the handler's is an error.
func (c *client) get() error {
	if c.conn == nil {
		conn, err := net.Dial("tcp", c.address)
		if err != nil {
			return err
		}
		c.conn = conn
		c.in.Reset(conn)
	}
	if _, err := c.conn.Write(c.request); err != nil {
		return err
	}
	last, err := c.read()
	if last || err != nil {
		c.close()
	}
	return err
}

var (
	okLine  = []byte(" 200 ")
	cookies = [][]byte{[]byte("username=Ana;"), []byte("theme=dark;")}
	bodyEnd = []byte(" Ana dark 3f9a0c5d7b")
)

// read reads and checks a response, and reports whether the server then closes
// the connection.
func (c *client) read() (last bool, err error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return true, err
	}
	if i := bytes.IndexByte(line, ' '); i < 0 || !bytes.HasPrefix(line[i:], okLine) {
		return true, fmt.Errorf("status line %q", line)
	}
	last = !bytes.HasPrefix(line, []byte("HTTP/1.1"))
	length, set := -1, 0
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return true, err
		}
		name, value, ok := bytes.Cut(bytes.TrimSpace(line), []byte(":"))
		if len(name) == 0 {
			break
		}
		value = bytes.TrimSpace(value)
		switch {
		case !ok:
			return true, fmt.Errorf("header line %q", line)
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return true, err
			}
		case bytes.EqualFold(name, []byte("Connection")):
			last = last || bytes.EqualFold(value, []byte("close"))
		case bytes.EqualFold(name, []byte("Set-Cookie")):
			if set == len(cookies) || !bytes.HasPrefix(value, cookies[set]) {
				return true, fmt.Errorf("cookie %d is %q", set, value)
			}
			set++
		}
	}
	if length < 0 || set != len(cookies) {
		return true, errors.New("no Content-Length, or not every cookie")
	}
	c.body = append(c.body[:0], make([]byte, length)...)
	if _, err := io.ReadFull(c.in, c.body); err != nil {
		return true, err
	}
	if !bytes.HasSuffix(c.body, bodyEnd) {
		return true, fmt.Errorf("body %q", c.body)
	}
	return last, nil
}
