package sam

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxDepth bounds how deep a template nests, far above what CloudFormation
// takes.
const maxDepth = 100

// parse reads a template, YAML or JSON.
func parse(text []byte) (*node, error) {
	if trimmed := bytes.TrimLeft(text, " \t\r\n\ufeff"); len(trimmed) > 0 && trimmed[0] == '{' {
		if n, err := parseJSON(text); err == nil {
			return n, nil
		} // a YAML flow mapping starts alike
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
		return nil, errors.New("the file holds more than one YAML document")
	}
	p := parser{made: map[*yaml.Node]*node{}}
	return p.node(&document, 0)
}

// A parser turns YAML nodes into ours.
type parser struct {
	made   map[*yaml.Node]*node // finished; nil while under way
	merged int                  // fields that merge keys have copied
}

func (p *parser) node(y *yaml.Node, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, lineError(y.Line, "nested deeper than %d levels", maxDepth)
	}
	switch y.Kind {
	case yaml.DocumentNode:
		return p.node(y.Content[0], depth)
	case yaml.AliasNode:
		n, ok := p.made[y.Alias]
		if !ok || n == nil {
			return nil, lineError(y.Line, "the alias *%s refers to what it is part of", y.Value)
		}
		return n, nil
	}
	p.made[y] = nil
	n, err := p.content(y, depth)
	if err != nil {
		return nil, err
	}
	if name, ok := shortTag(y.Tag); ok {
		n = newObject(y.Line, field{key: name, line: y.Line, value: n})
	}
	p.made[y] = n
	return n, nil
}

func (p *parser) content(y *yaml.Node, depth int) (*node, error) {
	switch y.Kind {
	case yaml.SequenceNode:
		n := &node{kind: list, line: y.Line}
		for _, c := range y.Content {
			item, err := p.node(c, depth+1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
		return n, nil
	case yaml.MappingNode:
		return p.mapping(y, depth)
	default:
		return scalarNode(y), nil
	}
}

// mapping reads an object. Keys must differ; those of a merge key (<<) come
// after the object's own and give way to them.
func (p *parser) mapping(y *yaml.Node, depth int) (*node, error) {
	n := newObject(y.Line)
	lines := map[string]int{}
	var sources []*node
	for i := 0; i+1 < len(y.Content); i += 2 {
		k := y.Content[i]
		value, err := p.node(y.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		if k.Kind == yaml.AliasNode {
			k = k.Alias
		}
		switch {
		case k.Kind != yaml.ScalarNode:
			return nil, lineError(k.Line, "a key must be a text")
		case k.Value == "<<" && !isQuoted(k):
			sources = append(sources, value)
			continue
		}
		key := k.Value
		if !isQuoted(k) {
			key, _ = plainText(key)
		}
		if lines[key] != 0 {
			return nil, lineError(k.Line, "the key %q is there twice, first on line %d", key, lines[key])
		}
		lines[key] = k.Line
		n.put(field{key, k.Line, value})
	}
	for _, s := range sources {
		if s.kind != list {
			s = &node{items: []*node{s}}
		}
		for _, item := range s.items {
			if err := p.merge(n, item); err != nil {
				return nil, err
			}
		}
	}
	return n, nil
}

// merge copies the fields that a merge key brings and n has not.
func (p *parser) merge(n, from *node) error {
	const most = 100_000
	if from.kind != object {
		return lineError(from.line, "a merge key (<<) takes a map")
	}
	if p.merged += len(from.fields); p.merged > most {
		return lineError(from.line, "merge keys (<<) bring more than %d fields", most)
	}
	for _, f := range from.fields {
		if n.get(f.key) == nil {
			n.put(f)
		}
	}
	return nil
}

func scalarNode(y *yaml.Node) *node {
	n := &node{kind: scalar, line: y.Line, text: y.Value}
	if isQuoted(y) {
		return n
	}
	switch y.Value {
	case "", "~", "null", "Null", "NULL":
		return &node{line: y.Line}
	}
	n.text, n.bare = plainText(y.Value)
	return n
}

// isQuoted reports whether a scalar is text whatever it looks like.
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
