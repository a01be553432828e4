package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// noValue is the value of a version that does not have one yet.
const noValue = "none"

// manager is a Secrets Manager with one secret, with operations as in the API Reference.
type manager struct {
	values map[string]string   // by version id
	stages map[string][]string // by version id
	broken string              // an operation that fails
}

func startManager(t *testing.T) *manager {
	m := &manager{values: map[string]string{}, stages: map[string][]string{}}
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "SECRET")
	t.Setenv("AWS_SESSION_TOKEN", "")
	return m
}

// with returns the id of the version with a label, "" if there is none.
func (m *manager) with(stage string) string {
	for id, stages := range m.stages {
		if slices.Contains(stages, stage) {
			return id
		}
	}
	return ""
}

// give moves a label to a version, or away from all if that is "".
func (m *manager) give(stage, id string) {
	before := m.with(stage)
	for v := range m.stages {
		m.stages[v] = slices.DeleteFunc(m.stages[v], func(s string) bool { return s == stage })
	}
	if id != "" {
		m.stages[id] = append(m.stages[id], stage)
	}
	if stage == "AWSCURRENT" && before != "" {
		m.give("AWSPREVIOUS", before)
	}
}

// put stores a version as PutSecretValue does: the first one becomes current.
func (m *manager) put(id, text string, stages ...string) {
	if len(m.values) == 0 {
		stages = append(stages, "AWSCURRENT")
	}
	m.values[id] = text
	for _, s := range stages {
		m.give(s, id)
	}
}

func (m *manager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "secretsmanager.")
	var in struct {
		SecretID            string `json:"SecretId"`
		VersionID           string `json:"VersionId"`
		VersionStage        string
		ClientRequestToken  string
		SecretString        string
		VersionStages       []string
		MoveToVersionID     string `json:"MoveToVersionId"`
		RemoveFromVersionID string `json:"RemoveFromVersionId"`
	}
	fail := func(kind string) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":%q,"message":"of the fake"}`, kind)
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.SecretID != "the-ring" {
		fail("InvalidRequestException")
		return
	}
	if operation == m.broken {
		fail("AccessDeniedException")
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	switch operation {
	case "DescribeSecret":
		labelled := maps.Clone(m.stages)
		maps.DeleteFunc(labelled, func(_ string, stages []string) bool { return len(stages) == 0 })
		_ = json.NewEncoder(w).Encode(map[string]any{"VersionIdsToStages": labelled})
	case "GetSecretValue":
		id := m.with(in.VersionStage)
		text, ok := m.values[id]
		if !ok || text == noValue || in.VersionID != "" && in.VersionID != id {
			fail("ResourceNotFoundException")
			return
		}
		value := map[string]any{"VersionId": id, "SecretString": text}
		if text == "binary" {
			value = map[string]any{"VersionId": id, "SecretBinary": "AAAA"}
		}
		_ = json.NewEncoder(w).Encode(value)
	case "PutSecretValue":
		if old, ok := m.values[in.ClientRequestToken]; ok && old != noValue && old != in.SecretString {
			fail("ResourceExistsException")
			return
		}
		m.put(in.ClientRequestToken, in.SecretString, in.VersionStages...)
		fmt.Fprint(w, `{}`)
	case "UpdateSecretVersionStage":
		if m.with(in.VersionStage) != in.RemoveFromVersionID {
			fail("InvalidParameterException")
			return
		}
		m.give(in.VersionStage, in.MoveToVersionID)
		fmt.Fprint(w, `{}`)
	default:
		fail("InvalidRequestException")
	}
}
