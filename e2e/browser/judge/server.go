package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// A server responds over http and https with what expect has set, byte for byte.
type server struct {
	plain, secure *httptest.Server

	mu     sync.Mutex
	host   string // the one under test; Chromium also calls home
	lines  []string
	cookie string // header of the last request
}

func newServer() *server {
	s := &server{}
	s.plain = httptest.NewServer(s)
	s.secure = httptest.NewTLSServer(s)
	return s
}

// hosts returns the rules that lead Chromium here.
func (s *server) hosts() string {
	return fmt.Sprintf("MAP *:443 %s, MAP * %s", s.secure.Listener.Addr(), s.plain.Listener.Addr())
}

func (s *server) close() {
	s.plain.Close()
	s.secure.Close()
}

// expect makes the server respond to requests to host with lines.
func (s *server) expect(host string, lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.host, s.lines, s.cookie = host, lines, ""
}

func (s *server) lastCookie() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cookie
}

// ServeHTTP writes the raw response, since net/http would repair some lines.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !strings.EqualFold(r.Host, s.host) || r.URL.Path == "/favicon.ico" {
		http.NotFound(w, r)
		return
	}
	s.cookie = strings.Join(r.Header["Cookie"], "; ")
	conn, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err) // HTTP/1.1 can always be hijacked
	}
	defer conn.Close()
	fmt.Fprint(buffered, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\nConnection: close\r\n")
	for _, line := range s.lines {
		fmt.Fprintf(buffered, "Set-Cookie: %s\r\n", line)
	}
	fmt.Fprint(buffered, "\r\nok")
	_ = buffered.Flush() // the browser detects errors
}
