package sam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// parseJSON reads a template written in JSON. YAML readers take most JSON, but
// not tabs or surrogate pairs.
func parseJSON(text []byte) (*node, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	p := jsonParser{text: text, decoder: json.NewDecoder(bytes.NewReader(text)), line: 1}
	p.decoder.UseNumber()
	n, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := p.decoder.Token(); err != io.EOF {
		return nil, errors.New("more after the end of the JSON value")
	}
	return n, nil
}

type jsonParser struct {
	text    []byte
	decoder *json.Decoder
	read    int // how far line counts
	line    int
}

func (p *jsonParser) token() (json.Token, int, error) {
	t, err := p.decoder.Token()
	end := int(p.decoder.InputOffset())
	p.line += bytes.Count(p.text[p.read:end], []byte("\n"))
	p.read = end
	if err != nil {
		err = lineError(p.line, "%v", err)
	}
	return t, p.line, err
}

func (p *jsonParser) value(depth int) (*node, error) {
	t, line, err := p.token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, lineError(line, "nested deeper than %d levels", maxDepth)
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return p.object(line, depth)
		}
		return p.list(line, depth)
	case string:
		return &node{kind: scalar, line: line, text: t}, nil
	case json.Number:
		return &node{kind: scalar, line: line, text: t.String(), bare: true}, nil
	case bool:
		return &node{kind: scalar, line: line, text: fmt.Sprint(t), bare: true}, nil
	}
	return &node{line: line}, nil
}

func (p *jsonParser) list(line, depth int) (*node, error) {
	n := &node{kind: list, line: line}
	for p.decoder.More() {
		item, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, item)
	}
	_, _, err := p.token()
	return n, err
}

func (p *jsonParser) object(line, depth int) (*node, error) {
	n := newObject(line)
	lines := map[string]int{}
	for p.decoder.More() {
		t, at, err := p.token()
		if err != nil {
			return nil, err
		}
		key := t.(string) // the decoder allows no other
		value, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if lines[key] != 0 {
			return nil, lineError(at, "the key %q is there twice, first on line %d", key, lines[key])
		}
		lines[key] = at
		n.put(field{key, at, value})
	}
	_, _, err := p.token()
	return n, err
}
