package cfn

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/crumb-go/crumb/internal/app"
)

// ParseJSON reads JSON only, for files that are never YAML. Errors are for
// Located.
func ParseJSON(text []byte) (*Value, error) {
	v, err := parseJSON(text)
	if err == nil && v.repeated != nil {
		return nil, lineError(v.repeated[0].Line, "%s", v.repeated[0].Text)
	}
	return v, err
}

func parseJSON(text []byte) (*Value, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	// The finding about a duplicate key names both lines.
	options := []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
	p := &jsonParser{text: text, decoder: jsontext.NewDecoder(bytes.NewReader(text), options...), line: 1}
	v, err := p.value(0)
	switch {
	case err == io.EOF:
		return nil, errors.New("there is no JSON")
	case err != nil:
		return nil, err
	}
	if _, line, err := p.token(); err != io.EOF {
		return nil, lineError(line, "unexpected text after the end of the JSON value")
	}
	v.repeated = p.repeated
	return v, nil
}

type jsonParser struct {
	text    []byte
	decoder *jsontext.Decoder
	read    int // offset up to which line counts
	line    int

	repeated []app.Finding // keys that are there twice
}

// token returns the next token and the line on which it ends.
func (p *jsonParser) token() (jsontext.Token, int, error) {
	t, err := p.decoder.ReadToken()
	end := int(p.decoder.InputOffset())
	mistake := (*jsontext.SyntacticError)(nil)
	if errors.As(err, &mistake) {
		end = int(mistake.ByteOffset)
	}
	p.line += bytes.Count(p.text[p.read:end], []byte("\n"))
	p.read = end
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = lineError(p.line, "the JSON is not complete")
	case mistake != nil:
		err = lineError(p.line, "%v", mistake.Err)
	}
	return t, p.line, err
}

func (p *jsonParser) value(depth int) (*Value, error) {
	t, line, err := p.token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, lineError(line, "nested deeper than %d levels", maxDepth)
	}
	switch t.Kind() {
	case '{':
		return p.object(line, depth)
	case '[':
		return p.list(line, depth)
	case '"':
		return newText(line, t.String()), nil
	case 'n':
		return &Value{Line: line}, nil
	}
	return &Value{Kind: Scalar, Line: line, Text: t.String(), Bare: true}, nil
}

func (p *jsonParser) list(line, depth int) (*Value, error) {
	v := &Value{Kind: List, Line: line}
	for p.decoder.PeekKind() != ']' {
		item, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		v.Items = append(v.Items, item)
	}
	_, _, err := p.token()
	return v, err
}

func (p *jsonParser) object(line, depth int) (*Value, error) {
	v := builder{NewMap(line), map[string]int{}}
	for p.decoder.PeekKind() != '}' {
		t, at, err := p.token()
		if err != nil {
			return nil, err
		}
		key := t.String() // the decoder allows nothing else
		value, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		p.repeated = append(p.repeated, v.add(Field{key, at, value})...)
	}
	_, _, err := p.token()
	return v.Value, err
}

// writeJSON writes a value without calls as JSON without spaces, with its keys
// in their order. It cannot fail: a Value is well-formed.
func writeJSON(v *Value) string {
	var b bytes.Buffer
	e := jsontext.NewEncoder(&b, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true), jsontext.EscapeForJS(true))
	encode(e, v)
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

func encode(e *jsontext.Encoder, v *Value) {
	switch {
	case v.Kind == Null:
		e.WriteToken(jsontext.Null)
	case v.Kind == Scalar && v.Bare:
		e.WriteValue(jsontext.Value(v.Text))
	case v.Kind == Scalar:
		e.WriteToken(jsontext.String(v.Text))
	case v.Kind == List:
		e.WriteToken(jsontext.BeginArray)
		for _, item := range v.Items {
			encode(e, item)
		}
		e.WriteToken(jsontext.EndArray)
	default:
		e.WriteToken(jsontext.BeginObject)
		for _, f := range v.Fields {
			e.WriteToken(jsontext.String(f.Key))
			encode(e, f.Value)
		}
		e.WriteToken(jsontext.EndObject)
	}
}
