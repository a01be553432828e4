package sam

import (
	"fmt"
	"strings"

	"github.com/crumb-go/crumb/internal/cfn"
)

// ParseOverrides reads parameter values as sam's --parameter-overrides takes
// them, each text holding any number of them, separated by spaces:
//
//	Stage=prod Greeting="Hello there"
//	ParameterKey=Stage,ParameterValue=prod
//
// Quotes, single or double, keep spaces; a backslash keeps the space or the
// quote after it. The last value of a name wins. Errors tell which value is
// meant but not what it is.
func ParseOverrides(texts ...string) (map[string]string, error) {
	values := map[string]string{}
	for _, text := range texts {
		if err := parseOverrides(values, text); err != nil {
			return nil, fmt.Errorf("sam: %w", err)
		}
	}
	return values, nil
}

func parseOverrides(values map[string]string, text string) error {
	words, err := splitWords(text)
	if err != nil {
		return err
	}
	for i, word := range words {
		if pair, ok := strings.CutPrefix(word, "ParameterKey="); ok {
			word = strings.Replace(pair, ",ParameterValue=", "=", 1)
		}
		name, value, ok := strings.Cut(word, "=")
		if !ok || name == "" || strings.Contains(name, ",") {
			return fmt.Errorf("parameter override %d is neither Name=Value nor ParameterKey=Name,ParameterValue=Value", i+1)
		}
		values[name] = value
	}
	return nil
}

// splitWords splits at white space outside quotes, and takes the quotes away.
func splitWords(text string) ([]string, error) {
	var words []string
	s := wordScanner{text}
	for {
		word, ok, err := s.next()
		if err != nil || !ok {
			return words, err
		}
		words = append(words, word)
	}
}

// A wordScanner takes words from the beginning of a text.
type wordScanner struct{ rest string }

const white = " \t\r\n"

// next returns the next word, ok false at the end.
func (s *wordScanner) next() (word string, ok bool, err error) {
	if s.rest = strings.TrimLeft(s.rest, white); s.rest == "" {
		return "", false, nil
	}
	var b strings.Builder
	for s.rest != "" {
		c := s.take()
		switch {
		case strings.IndexByte(white, c) >= 0:
			return b.String(), true, nil
		case c == '\\':
			b.WriteString(s.escaped())
		case c == '"' || c == '\'':
			if err := s.quoted(c, &b); err != nil {
				return "", false, err
			}
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), true, nil
}

// quoted writes what is before the closing quote.
func (s *wordScanner) quoted(quote byte, b *strings.Builder) error {
	for s.rest != "" {
		switch c := s.take(); c {
		case quote:
			return nil
		case '\\':
			b.WriteString(s.escaped())
		default:
			b.WriteByte(c)
		}
	}
	return fmt.Errorf("the parameter overrides end within %c", quote)
}

// escaped is what a backslash and the byte after it stand for.
func (s *wordScanner) escaped() string {
	if s.rest != "" && strings.IndexByte(` "'`, s.rest[0]) >= 0 {
		return string(rune(s.take()))
	}
	if s.rest != "" {
		return `\` + string([]byte{s.take()})
	}
	return `\`
}

func (s *wordScanner) take() byte {
	c := s.rest[0]
	s.rest = s.rest[1:]
	return c
}

// ReadEnvVars reads a file of environment variables as sam's --env-vars takes
// it, for Options.EnvVars: a JSON object of objects, one for each function (its
// logical id or FunctionName) and one, "Parameters", for all. Numbers and
// booleans become their text, null the empty text.
func ReadEnvVars(file string) (map[string]map[string]string, error) {
	text, err := readFile(file)
	if err != nil {
		return nil, err
	}
	root, err := cfn.ParseJSON(text)
	if err != nil {
		return nil, cfn.Located(file, err)
	}
	if root.Kind != cfn.Map {
		return nil, &cfn.Error{File: file, Line: root.Line, Text: "must be an object with one object for each function"}
	}
	all := map[string]map[string]string{}
	for _, f := range root.Fields {
		if f.Value.Kind != cfn.Map {
			return nil, &cfn.Error{File: file, Line: f.Line, Text: fmt.Sprintf("%q must be an object of variables, not %s", f.Key, f.Value.Kind)}
		}
		variables := map[string]string{}
		for _, v := range f.Value.Fields {
			if v.Value.Kind == cfn.List || v.Value.Kind == cfn.Map {
				return nil, &cfn.Error{File: file, Line: v.Line, Text: fmt.Sprintf("%q must be a text, not %s", v.Key, v.Value.Kind)}
			}
			variables[v.Key] = v.Value.Text
		}
		all[f.Key] = variables
	}
	return all, nil
}
