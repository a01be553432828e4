// Package dynamo emulates the part of Amazon DynamoDB that most programs use, in
// memory and on loopback, so that functions run their real SDK code without AWS.
// Items are lost on Close. It supports GetItem, PutItem, UpdateItem, DeleteItem, Query,
// Scan, batches and transactions, with all types of attributes, all expressions
// and secondary indexes, within DynamoDB's limits, and what programs call to make their
// tables. Other operations, and parameters older than expressions, are rejected by name.
// docs/tables.md has the details.
//
// One grammar reads all expressions (parse.go, check.go); condition.go and update.go
// evaluate them. The operations on tables are in define.go.
package dynamo

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/crumb-go/crumb/internal/app"
)

// A Table is a table's name and its key.
type Table = app.Table

// A Server is a running endpoint. Start makes one.
type Server struct {
	// URL is the value for AWS_ENDPOINT_URL_DYNAMODB. Its path is random: other
	// programs on this machine, and pages in its browsers, cannot guess it. Requests
	// whose Host is not a loopback address are rejected.
	URL string

	// Missing, if set before the first request, is called at the first one for each name
	// that no table has.
	Missing func(table string)

	http http.Server
	path string // of URL

	mu     sync.Mutex
	tables map[string]*table
	missed map[string]bool

	transactions map[string]transaction // by ClientRequestToken
}

// Start serves tables, all empty, until Close.
func Start(ctx context.Context, tables ...Table) (*Server, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("dynamo: %w", err)
	}
	path := "/" + strings.ToLower(rand.Text())
	s := &Server{URL: "http://" + l.Addr().String() + path, path: path, missed: map[string]bool{}, transactions: map[string]transaction{}}
	s.SetTables(tables...)
	s.http.Handler, s.http.ReadHeaderTimeout, s.http.IdleTimeout = http.HandlerFunc(s.serve), 10*time.Second, 2*time.Minute
	go s.http.Serve(l) // until Close
	return s, nil
}

// Close stops the server and drops all items.
func (s *Server) Close() error { return s.http.Close() }

// Reset empties all tables. It may be called concurrently with requests.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tables {
		t.items = nil
	}
	clear(s.transactions)
}

// SetTables replaces the tables, except for those that CreateTable has made. One that
// existed before with the same key keeps its items; its indexes may differ. It may be
// called concurrently with requests.
func (s *Server) SetTables(tables ...Table) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := maps.Clone(s.tables)
	maps.DeleteFunc(next, func(_ string, t *table) bool { return !t.created })
	if next == nil {
		next = map[string]*table{}
	}
	for _, t := range tables {
		next[t.Name] = newTable(t)
		if old := s.tables[t.Name]; old != nil && old.sameKey(t) {
			next[t.Name].items = old.items
		}
	}
	s.tables = next
}

// An apiError is a response that is an error of DynamoDB.
type apiError struct {
	kind, message string
	item          item // the one that did not meet a condition, if requested
	reasons       []reason
}

func (e *apiError) Error() string { return e.message }

func invalid(format string, args ...any) error {
	return &apiError{kind: "ValidationException", message: fmt.Sprintf(format, args...)}
}

func malformed(format string, args ...any) error {
	return &apiError{kind: "SerializationException", message: fmt.Sprintf(format, args...)}
}

// maxBody is DynamoDB's limit for a batch, the largest of requests.
const maxBody = 16 << 20

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	host, _, _ := net.SplitHostPort(r.Host)
	if strings.TrimSuffix(r.URL.Path, "/") != s.path || !net.ParseIP(host).IsLoopback() {
		http.NotFound(w, r)
		return
	}
	response, err := s.handle(http.MaxBytesReader(w, r.Body, maxBody), r.Header)
	status := http.StatusOK
	if e := (*apiError)(nil); errors.As(err, &e) {
		status = http.StatusBadRequest
		response = struct {
			Type    string `json:"__type"`
			Message string `json:"message"`
			Item    item   `json:",omitempty"`

			CancellationReasons []reason `json:",omitempty"`
		}{"com.amazonaws.dynamodb.v20120810#" + e.kind, e.message, e.item, e.reasons}
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(response) // it has nothing that JSON cannot hold
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amzn-Requestid", rand.Text()+rand.Text())                 // programs log it
	w.Header().Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE(body.Bytes()))) // the SDK warns without it
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // an error means that the client went away
}
