package cfn

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/crumb-go/crumb/internal/app"
)

// maxDepth limits how deep a template nests, far above CloudFormation's own
// limit.
const maxDepth = 100

// Parse reads a template, YAML or JSON, as it is written: no value is resolved.
// Errors are for Located.
func Parse(text []byte) (*Value, error) {
	if trimmed := bytes.TrimLeft(text, " \t\r\n\ufeff"); len(trimmed) > 0 && trimmed[0] == '{' {
		if v, err := parseJSON(text); err == nil {
			return v, nil
		} // a YAML flow mapping starts with { too
	}
	var document yaml.Node
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	if err := loader.Load(&document); err == io.EOF {
		return nil, errors.New("the file is empty")
	} else if err != nil {
		return nil, err
	}
	if err := loader.Load(new(yaml.Node)); err != io.EOF {
		return nil, errors.New("the file contains more than one YAML document")
	}
	p := parser{made: map[*yaml.Node]*Value{}}
	v, err := p.value(&document, 0)
	if err == nil {
		v.repeated = p.repeated
	}
	return v, err
}

// A parser turns YAML nodes into ours.
type parser struct {
	made     map[*yaml.Node]*Value // finished; nil while in progress
	merged   int                   // fields that merge keys have copied
	repeated []app.Finding         // keys that are there twice
}

func (p *parser) value(y *yaml.Node, depth int) (*Value, error) {
	if depth > maxDepth {
		return nil, lineError(y.Line, "nested deeper than %d levels", maxDepth)
	}
	switch y.Kind {
	case yaml.DocumentNode:
		return p.value(y.Content[0], depth)
	case yaml.AliasNode:
		v, ok := p.made[y.Alias]
		if !ok || v == nil {
			return nil, lineError(y.Line, "the alias *%s contains itself", y.Value)
		}
		return v, nil
	}
	p.made[y] = nil
	v, err := p.content(y, depth)
	if err != nil {
		return nil, err
	}
	if name, ok := shortTag(y.Tag); ok {
		v = NewMap(y.Line, Field{name, y.Line, v})
	}
	p.made[y] = v
	return v, nil
}

func (p *parser) content(y *yaml.Node, depth int) (*Value, error) {
	switch y.Kind {
	case yaml.SequenceNode:
		v := &Value{Kind: List, Line: y.Line}
		for _, c := range y.Content {
			item, err := p.value(c, depth+1)
			if err != nil {
				return nil, err
			}
			v.Items = append(v.Items, item)
		}
		return v, nil
	case yaml.MappingNode:
		return p.mapping(y, depth)
	default:
		return scalarNode(y), nil
	}
}

// mapping reads a map. The keys of a merge key (<<) follow the map's own, which
// take precedence.
func (p *parser) mapping(y *yaml.Node, depth int) (*Value, error) {
	v := builder{NewMap(y.Line), map[string]int{}}
	var sources []*Value
	for i := 0; i+1 < len(y.Content); i += 2 {
		k := y.Content[i]
		value, err := p.value(y.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		if k.Kind == yaml.AliasNode {
			k = k.Alias
		}
		switch {
		case k.Kind != yaml.ScalarNode:
			return nil, lineError(k.Line, "a key must be a string")
		case k.Value == "<<" && !isQuoted(k):
			sources = append(sources, value)
			continue
		}
		key := k.Value
		if !isQuoted(k) {
			key, _ = plainText(key)
		}
		p.repeated = append(p.repeated, v.add(Field{key, k.Line, value})...)
	}
	for _, s := range sources {
		if s.Kind != List {
			s = &Value{Items: []*Value{s}}
		}
		for _, item := range s.Items {
			if err := p.merge(v.Value, item); err != nil {
				return nil, err
			}
		}
	}
	return v.Value, nil
}

// merge copies the fields of a merge key that v does not have.
func (p *parser) merge(v, from *Value) error {
	const most = 100_000
	if from.Kind != Map {
		return lineError(from.Line, "a merge key (<<) requires a map")
	}
	if p.merged += len(from.Fields); p.merged > most {
		return lineError(from.Line, "merge keys (<<) add more than %d fields", most)
	}
	for _, f := range from.Fields {
		if v.Get(f.Key) == nil {
			v.put(f)
		}
	}
	return nil
}

func scalarNode(y *yaml.Node) *Value {
	v := &Value{Kind: Scalar, Line: y.Line, Text: y.Value}
	if isQuoted(y) {
		return v
	}
	switch y.Value {
	case "", "~", "null", "Null", "NULL":
		return &Value{Line: y.Line}
	}
	v.Text, v.Bare = plainText(y.Value)
	return v
}

// isQuoted reports whether a scalar is a string whatever it looks like.
func isQuoted(y *yaml.Node) bool {
	const styles = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle | yaml.TaggedStyle
	return y.Style&styles != 0
}

// shortTag returns the long form of a CloudFormation tag such as !GetAtt.
func shortTag(tag string) (string, bool) {
	name, ok := strings.CutPrefix(tag, "!")
	switch {
	case !ok || name == "" || strings.HasPrefix(name, "!"):
		return "", false
	case name == "Ref" || name == "Condition":
		return name, true
	}
	return "Fn::" + name, true
}

var (
	// The integers and decimals of YAML 1.1 (yaml.org/type/int.html,
	// float.html).
	yamlInt     = regexp.MustCompile(`^[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$`)
	yamlDecimal = regexp.MustCompile(`^[-+]?([0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)$`)
)

// plainText returns the text of a plain scalar as YAML 1.1 reads it, since that
// is what SAM does: yes is true, 0777 is 511 and 1.10 is 1.1. It also reports
// whether the scalar is a boolean or a number. Dates, numbers in base 60 and
// numbers with an exponent stay as written and count as strings.
func plainText(s string) (text string, bare bool) {
	if v, ok := yamlBool(s); ok {
		return strconv.FormatBool(v), true
	}
	if yamlInt.MatchString(s) {
		if i, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 0, 64); err == nil {
			return strconv.FormatInt(i, 10), true
		}
		return s, false // 08 is not octal: a string
	}
	if yamlDecimal.MatchString(s) {
		if f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64); err == nil {
			text := strconv.FormatFloat(f, 'f', -1, 64)
			if !strings.Contains(text, ".") {
				text += ".0"
			}
			return text, true
		}
	}
	return s, false
}

// yamlBool reads a boolean of YAML 1.1 (yaml.org/type/bool.html), except y and
// n, which template readers do not treat as booleans.
func yamlBool(s string) (value, ok bool) {
	switch s {
	case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return true, true
	case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return false, true
	}
	return false, false
}
