package awsproxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/proxy"
)

// tunnel connects the client with a host, and reads nothing of what passes.
func (p *Proxy) tunnel(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 30*time.Second)
	defer cancel()
	far, err := p.dial(ctx, r.Host)
	if err != nil {
		p.fail(w, http.StatusBadGateway, fmt.Sprintf("crumb: tunnel to %s: %v", r.Host, err))
		return
	}
	defer far.Close()
	near, err := hijack(w)
	if err != nil {
		return
	}
	defer near.Close()
	defer context.AfterFunc(p.conns.ctx, func() { near.Close(); far.Close() })()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		passOn(far, near)
	}()
	passOn(near, far)
	<-sent
}

// passOn copies until the end, and says that it is the end.
func passOn(to, from net.Conn) {
	_, _ = io.Copy(to, from) // an error is an end too
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	} else {
		to.Close()
	}
}

// dial connects to a host and port, by the developer's own proxy if there is one.
func (p *Proxy) dial(ctx context.Context, address string) (net.Conn, error) {
	var direct net.Dialer
	by, err := p.upstream(&url.URL{Scheme: "https", Host: address})
	if err != nil {
		return nil, err
	}
	if by == nil {
		return direct.DialContext(ctx, "tcp", address)
	}
	if by.Scheme == "socks5" || by.Scheme == "socks5h" {
		socks, err := proxy.FromURL(by, &direct)
		if err != nil {
			return nil, err
		}
		return socks.(proxy.ContextDialer).DialContext(ctx, "tcp", address)
	}
	port := by.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[by.Scheme]
	}
	conn, err := direct.DialContext(ctx, "tcp", net.JoinHostPort(by.Hostname(), port))
	if err != nil {
		return nil, err
	}
	if by.Scheme == "https" {
		conn = tls.Client(conn, &tls.Config{ServerName: by.Hostname()})
	}
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Now()) })()
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address, Header: http.Header{}}
	if password, ok := by.User.Password(); ok || by.User != nil {
		request.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(by.User.Username()+":"+password)))
	}
	buffer := bufio.NewReader(conn)
	var resp *http.Response
	if err = request.Write(conn); err == nil {
		resp, err = http.ReadResponse(buffer, request)
	}
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("your proxy says %s", resp.Status)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &unread{conn, buffer}, nil
}

// unread is a connection of which some bytes are in a buffer.
type unread struct {
	net.Conn
	buffer *bufio.Reader
}

func (u *unread) Read(b []byte) (int, error) { return u.buffer.Read(b) }

func (u *unread) CloseWrite() error {
	if half, ok := u.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return u.Close()
}

// hijack takes the client's connection over, after it was told that it is connected.
func hijack(w http.ResponseWriter) (net.Conn, error) {
	conn, buffer, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Time{})
	if _, err := io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		conn.Close()
		return nil, err
	}
	return &unread{conn, buffer.Reader}, nil
}

// fail responds with a status line that has a message: it is what net/http makes an
// error of, and all that an SDK prints.
func (p *Proxy) fail(w http.ResponseWriter, status int, message string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status, message)
}

// A connListener accepts connections that are there already, until ctx ends.
type connListener struct {
	conns chan net.Conn
	ctx   context.Context
}

// pass has Accept return c.
func (l *connListener) pass(c net.Conn) {
	select {
	case l.conns <- c:
	case <-l.ctx.Done():
		c.Close()
	}
}

func (l *connListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.ctx.Done():
		return nil, net.ErrClosed
	}
}

func (l *connListener) Close() error   { return nil }
func (l *connListener) Addr() net.Addr { return &net.TCPAddr{} }
