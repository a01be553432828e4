package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
	"github.com/crumb-go/crumb/internal/sam"
)

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// A failure is the JSON for a project that cannot be read.
type failure struct {
	Schema int     `json:"schema"`
	Error  problem `json:"error"`
}

// A problem is a sentence about a line.
type problem struct {
	Severity string `json:"severity,omitempty"`
	File     string `json:"file"` // absolute; "": no file
	Line     int    `json:"line"` // 0: no single line
	Text     string `json:"text"`
}

func failureOf(err error) failure {
	p := problem{Text: err.Error()}
	located, missing, unreadable := (*cfn.Error)(nil), (*sam.MissingError)(nil), (*fs.PathError)(nil)
	switch {
	case errors.As(err, &located):
		p = problem{File: located.File, Line: located.Line, Text: located.Text}
	case errors.As(err, &missing):
		p.File = missing.File
	case errors.As(err, &unreadable):
		p.File = unreadable.Path
	}
	if file, err := filepath.Abs(p.File); err == nil && p.File != "" {
		p.File = file
	}
	return failure{1, p}
}

type (
	checkJSON struct {
		Schema    int            `json:"schema"`
		Template  string         `json:"template"`
		Functions []functionJSON `json:"functions"`
		APIs      []apiJSON      `json:"apis"`
		Findings  []problem      `json:"findings"`
	}
	functionJSON struct {
		ID             string   `json:"id"`
		Name           string   `json:"name"`
		Runtime        string   `json:"runtime"`
		Handler        string   `json:"handler"`
		TimeoutSeconds int      `json:"timeoutSeconds"`
		MemoryMB       int      `json:"memoryMB"`
		Env            []string `json:"env"`
		Source         string   `json:"source"`
		Run            bool     `json:"run"`
		Why            string   `json:"why"`
	}
	apiJSON struct {
		ID          string           `json:"id"`
		Kind        app.Kind         `json:"kind"`
		Stage       string           `json:"stage"`
		Routes      []routeJSON      `json:"routes"`
		Authorizers []authorizerJSON `json:"authorizers"`
	}
	routeJSON struct {
		Method     string   `json:"method"`
		Path       string   `json:"path"`
		Function   string   `json:"function"`
		Payload    string   `json:"payload"`
		Auth       string   `json:"auth"`
		Authorizer string   `json:"authorizer"`
		APIKey     bool     `json:"apiKey"`
		Scopes     []string `json:"scopes"`
		OpenOnAWS  bool     `json:"openOnAWS"`
	}
	authorizerJSON struct {
		Name       string       `json:"name"`
		Kind       app.Auth     `json:"kind"`
		File       string       `json:"file"`
		Line       int          `json:"line"`
		Run        bool         `json:"run"`
		Why        string       `json:"why"`
		Sources    []sourceJSON `json:"sources"`
		Function   string       `json:"function,omitempty"`
		Payload    string       `json:"payload,omitempty"`
		Simple     bool         `json:"simple,omitempty"`
		TTLSeconds *int         `json:"ttlSeconds,omitempty"` // of a Lambda authorizer
		Validation string       `json:"validation,omitempty"`
		Issuer     string       `json:"issuer,omitempty"`
		Audience   []string     `json:"audience,omitempty"`
		UserPools  []string     `json:"userPools,omitempty"`
	}
	sourceJSON struct {
		In   app.SourceKind `json:"in"`
		Name string         `json:"name"`
	}
)

func checkOf(a *app.App) checkJSON {
	c := checkJSON{1, a.File, []functionJSON{}, []apiJSON{}, []problem{}}
	for _, f := range a.Functions {
		source, err := filepath.Rel(filepath.Dir(a.File), f.Dir)
		if err != nil { // none, or on another drive
			source = f.Dir
		}
		c.Functions = append(c.Functions, functionJSON{f.ID, f.Name, f.Runtime, f.Handler, int(f.Timeout.Seconds()), f.MemoryMB,
			append([]string{}, f.EnvNames...), filepath.ToSlash(source), f.NotRun == "", f.NotRun})
	}
	for _, api := range a.APIs {
		routes := []routeJSON{}
		for _, r := range api.Routes {
			routes = append(routes, routeJSON{r.Method, r.Path, r.Function.ID, r.Payload, cmp.Or(string(r.Auth), "none"), authorizerOf(r), r.APIKey, append([]string{}, r.Scopes...), r.OpenOnAWS})
		}
		authorizers := []authorizerJSON{}
		for _, d := range api.Authorizers {
			authorizers = append(authorizers, authorizerOfCheck(a, d))
		}
		c.APIs = append(c.APIs, apiJSON{api.ID, api.Kind, api.Stage, routes, authorizers})
	}
	for _, f := range a.Findings {
		c.Findings = append(c.Findings, problem{f.Severity.String(), cmp.Or(f.File, a.File), f.Line, f.Text})
	}
	return c
}

func authorizerOfCheck(a *app.App, d *app.Authorizer) authorizerJSON {
	j := authorizerJSON{
		Name: d.Name, Kind: d.Kind, File: cmp.Or(d.File, a.File), Line: d.Line, Run: d.NotRun == "", Why: d.NotRun,
		Sources: []sourceJSON{}, Payload: d.Payload, Simple: d.Simple, Validation: d.Validation,
		Issuer: d.Issuer, Audience: d.Audience, UserPools: d.UserPools,
	}
	for _, s := range d.Sources {
		j.Sources = append(j.Sources, sourceJSON(s))
	}
	if d.Function != nil {
		j.Function = d.Function.ID
	}
	if seconds := int(d.TTL.Seconds()); d.Kind == app.Lambda {
		j.TTLSeconds = &seconds
	}
	return j
}

// authorizerOf returns what guards r, a key apart.
func authorizerOf(r app.Route) string {
	if r.Auth == app.NoAuth {
		return ""
	}
	return r.Authorizer
}
