// Package dynamo answers the part of Amazon DynamoDB that package session and
// the demo's login use, in memory and on loopback, so that functions run their
// real SDK code on a machine without AWS. It keeps what is stored until it is
// closed, and refuses by name what it does not do:
//
//   - GetItem, PutItem, UpdateItem, DeleteItem, and Query by partition key, in
//     pages of Limit items;
//   - attributes of the types S, N and B;
//   - conditions of attribute_not_exists(a), attribute_exists(a) and a = :v,
//     a < :v, a > :v, joined by AND; updates by SET a = :v and ADD a :v.
//
// Sizes of items (400 KB) and of a query's pages (1 MB) are DynamoDB's. Nothing
// expires: DynamoDB itself takes days to remove what has.
package dynamo

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
)

// A Table is a table's name and its key.
type Table struct {
	Name string
	Keys []string // the partition key's attribute, and the sort key's if there is one
}

// A Server is a running endpoint. Start makes one.
type Server struct {
	// URL is what AWS_ENDPOINT_URL_DYNAMODB has to be. Its path is random, so that
	// other programs of this machine, and pages in its browsers, do not know it.
	URL string

	http http.Server
	path string

	mu     sync.Mutex
	tables map[string]*table
}

// Start serves tables, all empty, until Close.
func Start(ctx context.Context, tables ...Table) (*Server, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("dynamo: %w", err)
	}
	path := "/" + strings.ToLower(rand.Text())
	s := &Server{URL: "http://" + l.Addr().String() + path, path: path}
	s.SetTables(tables...)
	s.http.Handler = http.HandlerFunc(s.serve)
	go s.http.Serve(l) // it ends by Close
	return s, nil
}

// Close stops the server and forgets what it holds.
func (s *Server) Close() error { return s.http.Close() }

// SetTables makes these the tables that exist. One that was there before, with
// the same key, keeps its items.
func (s *Server) SetTables(tables ...Table) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := map[string]*table{}
	for _, t := range tables {
		if old := s.tables[t.Name]; old != nil && strings.Join(old.Keys, " ") == strings.Join(t.Keys, " ") {
			next[t.Name] = old
		} else {
			next[t.Name] = &table{Table: t, partitions: map[string]map[string]item{}}
		}
	}
	s.tables = next
}

// A failure is an answer that is an error of DynamoDB.
type failure struct {
	kind, message string
	item          item // what did not meet a condition, if that was asked for
}

func (f *failure) Error() string { return f.message }

func invalid(format string, args ...any) error {
	return &failure{kind: "ValidationException", message: fmt.Sprintf(format, args...)}
}

// maxBody is more than any item takes in JSON, where bytes are base64.
const maxBody = 1 << 20

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if strings.TrimSuffix(r.URL.Path, "/") != s.path {
		http.NotFound(w, r)
		return
	}
	answer, err := s.answer(http.MaxBytesReader(w, r.Body, maxBody), r.Header.Get("X-Amz-Target"))
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	if f := (*failure)(nil); errors.As(err, &f) {
		w.WriteHeader(http.StatusBadRequest)
		answer = errorAnswer{"com.amazonaws.dynamodb.v20120810#" + f.kind, f.message, f.item}
	}
	_ = json.NewEncoder(w).Encode(answer) // a client that has gone away is no error of ours
}

type errorAnswer struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
	Item    item   `json:",omitempty"`
}
